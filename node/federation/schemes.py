# SPDX-License-Identifier: AGPL-3.0-or-later
"""Double knocking: which form of signature each server takes, found out by trying and remembered.

An unknown host gets draft-cavage first and RFC 9421 if it says no; what it took is kept for 30 days, in memory and in its
row. Sources: SWICG, ActivityPub and HTTP Signatures, section 4; RFC 9421.
"""

from collections import OrderedDict
from typing import Final

from activitypub.signatures.check import Scheme
from node.federation import hosts
from node.kernel import clock
from node.kernel.db import Database

_KEPT_HOSTS: Final = 10_000


class Schemes:
    """What is known of the forms that hosts take. One for the node: fetches and deliveries learn from each other."""

    def __init__(self, db: Database) -> None:
        """Nothing is read before it is asked for."""
        self._db = db
        self._kept: OrderedDict[str, Scheme] = OrderedDict()

    async def of(self, host: str) -> Scheme | None:
        """The form that a host took last; None if that is not known."""
        scheme = self._kept.get(host)
        if scheme is None and (stored := await self._db.read(hosts.signature_of, host, clock.now())) is not None:
            scheme = Scheme(stored)
            self._keep(host, scheme)
        return scheme

    async def learn(self, host: str, scheme: Scheme) -> None:
        """Remember that the host took this form."""
        self._keep(host, scheme)
        await self._db.write(hosts.succeeded, host, signature=scheme)

    def _keep(self, host: str, scheme: Scheme) -> None:
        self._kept[host] = scheme
        if len(self._kept) > _KEPT_HOSTS:
            self._kept.popitem(last=False)


def other(scheme: Scheme | None) -> Scheme:
    """What to try when a host says no to `scheme`, or to the form that an unknown host gets."""
    return Scheme.CAVAGE if scheme is Scheme.RFC9421 else Scheme.RFC9421
