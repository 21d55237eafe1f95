# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the owner of a site wants programs to leave alone (RFC 9309): asked once a day for each site, and obeyed."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser
from weakref import WeakValueDictionary

from node.federation.client import Client, FetchFailed
from node.kernel import clock

NAME: Final = "Alumnode"
MAX_BYTES: Final = 500 * 1024
"""What a program must at least read of the file (RFC 9309, 2.5)."""
FRESH_FOR: Final = timedelta(days=1)
MOST: Final = 500


@dataclass(frozen=True, slots=True)
class _Wishes:
    """What one site says; `rules` is None where it says nothing."""

    rules: RobotFileParser | None
    asked_at: datetime


class Robots:
    """The wishes of the sites that were asked last."""

    def __init__(self, client: Client) -> None:
        """They are asked through `client`."""
        self._client = client
        self._sites: OrderedDict[str, _Wishes] = OrderedDict()
        # So that many links to one site ask it once.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def check(self, url: str) -> None:
        """Raises FetchFailed for a page that programs are to leave alone, and where the site cannot be asked."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        async with self._locks.setdefault(site, asyncio.Lock()):
            wishes = self._sites.get(site)
            if wishes is None or wishes.asked_at + FRESH_FOR <= clock.now():
                wishes = self._sites[site] = _Wishes(await self._ask(site), clock.now())
            self._sites.move_to_end(site)
        while len(self._sites) > MOST:
            self._sites.popitem(last=False)
        if wishes.rules is not None and not wishes.rules.can_fetch(NAME, url):
            raise FetchFailed("the site asks programs to leave it alone", retryable=False)

    async def _ask(self, site: str) -> RobotFileParser | None:
        try:
            answer = await self._client.get(
                f"{site}/robots.txt", accept="text/plain", limit=MAX_BYTES, same_origin_redirects=False, cut=True
            )
        except FetchFailed as error:
            # No such file: everything is open. A site that is down is left alone (RFC 9309, 2.3.1.3 and 2.3.1.4).
            if error.status is not None and 400 <= error.status < 500:
                return None
            raise
        rules = RobotFileParser()
        rules.parse(answer.body.decode(errors="replace").splitlines())
        return rules
