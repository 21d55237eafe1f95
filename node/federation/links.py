# SPDX-License-Identifier: AGPL-3.0-or-later
"""Checking the links of profiles: a page is somebody's own if it links back to their profile with `rel="me"`.

A task, after the commit, over the guarded client; a page that is down leaves things as they were. Of somebody elsewhere
links are checked only while a member here follows them, so that nobody can make us fetch for them.
"""

import logging
import re
from collections.abc import Iterator
from html import unescape
from typing import Final

from node import actors
from node.actors import Actor, ProfileField
from node.federation import hosts
from node.federation.client import Client, FetchFailed
from node.federation.outbox import host_of
from node.kernel import queue
from node.kernel.db import Database, Tx
from node.kernel.queue import Task

_log = logging.getLogger(__name__)
CHECK: Final = "federation.check_links"
MAX_LINKS: Final = 4
MAX_PAGE: Final = 1024 * 1024
_SECONDS: Final = 15.0
# The value of a line that is one link and nothing else, as `node.kernel.html` writes it.
_LONE_LINK: Final = re.compile(r'(?:<p>)?<a href="(https?://[^"]+)"[^>]*>(?:(?!</?a\b).)*</a>(?:</p>)?', re.DOTALL)
# A tag longer than this is not looked at: each match is bounded, whatever the page holds.
_TAG: Final = re.compile(r"<(?:a|link)\s([^<>]{1,2000})>", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(r"""([a-z-]{1,20})\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)


def ask(tx: Tx, actor: Actor) -> None:
    """Have the links of a profile checked that are not yet. Asked twice before it is done, it is done once."""
    if any(field.verified_at is None and link_of(field) for field in actor.fields):
        queue.enqueue(tx, CHECK, {"actor": actor.id}, once=f"{CHECK}:{actor.id}")


def link_of(field: ProfileField) -> str | None:
    """The address that a line of a profile is, if it is one and nothing else."""
    found = _LONE_LINK.fullmatch(field.value.strip())
    return unescape(found[1]) if found else None


def links_back(page: str, profiles: tuple[str, ...]) -> bool:
    """Whether an HTML page has a link or an anchor with `rel="me"` to one of these addresses."""
    return any(address in profiles for address in _own_addresses(page))


def _own_addresses(page: str) -> Iterator[str]:
    for tag in _TAG.finditer(page):
        said: dict[str, str] = {}
        for name, double, single, bare in _ATTRIBUTE.findall(tag[1]):
            said.setdefault(name.lower(), unescape(double or single or bare).strip())
        if "me" in said.get("rel", "").lower().split() and "href" in said:
            yield said["href"]


class LinkChecker:
    """The task that checks the links of one profile."""

    def __init__(self, db: Database, client: Client) -> None:
        """Pages are read through `client` only."""
        self._db = db
        self._client = client

    async def run(self, task: Task) -> None:
        """Read each page that is not checked yet, and note those that link back."""
        actor = await self._db.read(actors.find, int(str(task.payload["actor"])))
        if actor is None or not actor.is_active:
            return
        wanted = [(field, url) for field in actor.fields if field.verified_at is None and (url := link_of(field))]
        proved = [field.value for field, url in wanted[:MAX_LINKS] if await self._is_theirs(url, actor)]
        if proved:
            await self._db.write(actors.mark_verified, actor.id, proved)

    async def _is_theirs(self, url: str, actor: Actor) -> bool:
        site = self._db.site
        if site.is_local(f"{url}/") or not (url.startswith("https://") or site.allow_http):
            return False
        if await self._db.read(hosts.blocked, host_of(url)):
            return False
        try:
            answer = await self._client.get(
                url, accept="text/html", limit=MAX_PAGE, total=_SECONDS, same_origin_redirects=False
            )
        except FetchFailed as error:
            _log.info("a link of %s cannot be checked: %s", actor.uri, error)
            return False
        if answer.content_type not in ("text/html", "application/xhtml+xml"):
            return False
        return links_back(answer.body.decode("utf-8", errors="replace"), (actor.url, actor.uri))
