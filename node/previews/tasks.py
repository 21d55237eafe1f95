# SPDX-License-Identifier: AGPL-3.0-or-later
"""The task that reads a page: over the guarded client, once for all posts that lead to it (OUT-11).

Only the head is looked at, its picture is drawn anew by the caged worker and kept small, and nobody else's HTML is ever
shown. Whoever the page names as its author (`fediverse:creator`) is believed if their profile names the page's domain
(`attributionDomains`), as in Mastodon since 4.3.
"""

import asyncio
import logging
from datetime import datetime
from typing import Final

import orjson

from node.actors import ActorId
from node.federation import hosts
from node.federation.client import MEDIA_TIME, Client, FetchFailed
from node.federation.resolve import Resolver
from node.kernel import clock
from node.kernel.db import Database
from node.kernel.errors import Invalid, Overloaded
from node.kernel.queue import Task
from node.kernel.worker import RetryLater
from node.media.service import Uploads
from node.previews import actions, pages, queries, rules
from node.previews.pages import PageFacts
from node.previews.robots import Robots
from node.previews.rules import State
from node.previews.types import Found, NothingFound, Preview

_log = logging.getLogger(__name__)
MAX_PAGE: Final = 1 << 20
MAX_OEMBED: Final = 64 << 10
MAX_PICTURE: Final = 8 << 20
_PAGES: Final = frozenset({"text/html", "application/xhtml+xml"})
_PICTURES: Final = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
_JSON: Final = frozenset({"application/json", "application/json+oembed", "text/json", "text/javascript"})


class Previewer:
    """Reads pages for their cards."""

    def __init__(self, db: Database, client: Client, resolver: Resolver, uploads: Uploads) -> None:
        """Everything is fetched through `client`; authors are looked up by `resolver`, pictures made by `uploads`."""
        self._db = db
        self._client = client
        self._resolver = resolver
        self._uploads = uploads
        self._robots = Robots(client)
        # Members' own pictures wait in the same line, so we stand in it with one at a time.
        self._one_picture = asyncio.Semaphore(1)

    async def run(self, task: Task) -> bool | None:
        """Read one page, and show what it says with the posts that lead there."""
        preview = await self._db.read(queries.find, int(str(task.payload["preview"])))
        if preview is None or (preview.state is not State.WAITING and not _is_stale(preview)):
            return None
        try:
            found: Found | NothingFound = await self._read(preview)
        except FetchFailed as error:
            _log.info("the page %s cannot be read: %s", preview.url, error)
            found = NothingFound(error.reason, error.retryable)
        try:
            await self._db.write(actions.settle, preview.id, found, task.id)
        except BaseException:
            if isinstance(found, Found) and found.file is not None:
                await self._uploads.discard(found.file)
            raise
        return True

    async def _read(self, preview: Preview) -> Found | NothingFound:
        await self._check(preview.url)
        await self._robots.check(preview.url)
        answer = await self._client.get(
            preview.url,
            accept="text/html, application/xhtml+xml;q=0.9",
            limit=MAX_PAGE,
            same_origin_redirects=False,
            kinds=_PAGES,
            cut=True,
        )
        await self._check(answer.url)
        content_type = answer.headers.get("Content-Type", "")
        facts = await asyncio.to_thread(pages.read, answer.body, content_type, answer.url)
        if facts.oembed and not (facts.title and facts.picture):
            facts = await self._completed(facts, answer.url)
        if not facts.title:
            return NothingFound("the page has no title", retryable=False)
        author = await self._author(facts, rules.host_of(answer.url))
        card: dict[str, object] = {
            "url": preview.url,
            "type": "link",
            "title": facts.title,
            "description": facts.description,
            "author_name": facts.author_name,
            "author_url": facts.author_url,
            "provider_name": facts.provider,
            "language": facts.language,
            "published_at": _iso(facts.published_at),
        }
        if not facts.picture:
            return Found(card=card, author_id=author)
        card["image_description"] = facts.picture_description
        if preview.file is not None and preview.picture_url == facts.picture:
            return Found(card=card, picture_url=facts.picture, author_id=author)
        picture = await self._picture(facts.picture)
        if picture is None:
            return Found(card={**card, "image_description": ""}, author_id=author)
        return Found(card={**card, **picture}, file=str(picture["file"]), picture_url=facts.picture, author_id=author)

    async def _check(self, url: str) -> None:
        """Raises FetchFailed for a page of ours, or of a domain that the node does not talk to."""
        if self._db.site.is_local(f"{url}/"):
            raise FetchFailed("it is a page of this node", retryable=False)
        if await self._db.read(hosts.blocked, rules.host_of(url)):
            raise FetchFailed("the domain is blocked here", retryable=False)

    async def _completed(self, facts: PageFacts, url: str) -> PageFacts:
        """What oEmbed adds to a page that says little; a fault there takes nothing away. Source: oembed.com, 4."""
        try:
            await self._check(facts.oembed)
            answer = await self._client.get(
                facts.oembed, accept="application/json", limit=MAX_OEMBED, same_origin_redirects=False, kinds=_JSON
            )
            said = orjson.loads(answer.body)
        except (FetchFailed, orjson.JSONDecodeError) as error:
            _log.debug("no oEmbed at %s: %s", facts.oembed, error)
            return facts
        return pages.with_oembed(facts, said, url) if isinstance(said, dict) else facts

    async def _author(self, facts: PageFacts, host: str) -> ActorId | None:
        """Who wrote the page, if they agree to be named by pages of this host."""
        if not facts.creator:
            return None
        actor = await self._resolver.actor_by_handle(facts.creator)
        if actor is None or not actor.is_active or not rules.is_of(host, actor.attribution_domains):
            return None
        return actor.id

    async def _picture(self, url: str) -> dict[str, object] | None:
        """The picture in our store, as members of a card; None if it is none that we can show."""
        try:
            await self._check(url)
            answer = await self._client.get(
                url, accept="image/*", limit=MAX_PICTURE, total=MEDIA_TIME, same_origin_redirects=False, kinds=_PICTURES
            )
            async with self._one_picture:
                kept = await self._uploads.small(answer.body)
        except (FetchFailed, Invalid) as error:
            _log.info("the picture %s cannot be shown: %s", url, error)
            return None
        except Overloaded:
            raise RetryLater("too many pictures wait") from None
        return kept


def _is_stale(preview: Preview) -> bool:
    return preview.fetched_at is None or preview.fetched_at + rules.FRESH_FOR <= clock.now()


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
