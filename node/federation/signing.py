# SPDX-License-Identifier: AGPL-3.0-or-later
"""Signing what we send, with the private keys of our own actors kept ready in memory (bounded)."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from urllib.parse import urlsplit

from activitypub.signatures import cavage, rfc9421
from activitypub.signatures.check import Scheme
from activitypub.signatures.keys import SigningKey
from activitypub.signatures.message import Request
from node import actors
from node.kernel import clock
from node.kernel.db import Database

_KEPT = 1024


class Signer:
    """Makes signature headers for local actors. RSA signing runs in two threads (it lets go of the interpreter)."""

    def __init__(self, db: Database) -> None:
        """Keys are read from `db` when they are first needed."""
        self._db = db
        self._keys: OrderedDict[tuple[int, bool], SigningKey] = OrderedDict()
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="sign")

    async def key(self, actor_id: int, *, former: bool = False) -> SigningKey:
        """The RSA key of a local actor; the one before it, if it is still kept, with `former`. Raises NotFound."""
        kept = self._keys.get((actor_id, former))
        if kept is not None:
            self._keys.move_to_end((actor_id, former))
            return kept
        before = await self._db.read(actors.former_key, self._db.site, actor_id) if former else None
        key = before if before is not None else await self._db.read(actors.signing_key, self._db.site, actor_id)
        self._keys[actor_id, former] = key
        if len(self._keys) > _KEPT:
            self._keys.popitem(last=False)
        return key

    def forget(self, actor_id: int) -> None:
        """Read an actor's keys anew when they are next needed: they have been changed."""
        self._keys.pop((actor_id, False), None)
        self._keys.pop((actor_id, True), None)

    async def headers(
        self,
        actor_id: int,
        scheme: Scheme,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes = b"",
        *,
        former_key: bool = False,
    ) -> dict[str, str]:
        """What to add to a request so that it is signed by `actor_id`; `headers` are those that it has already."""
        key = await self.key(actor_id, former=former_key)
        parts = urlsplit(url)
        request = Request(
            method=method,
            target=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
            scheme=parts.scheme,
            authority=parts.netloc,
            headers=tuple(headers.items()),
            body=body,
        )
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _sign, scheme, request, key, clock.now())

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _sign(scheme: Scheme, request: Request, key: SigningKey, now: datetime) -> dict[str, str]:
    if scheme is Scheme.RFC9421:
        return rfc9421.sign(request, key, now)
    return cavage.sign(request, key, now)
