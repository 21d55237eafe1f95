# SPDX-License-Identifier: AGPL-3.0-or-later
"""What mail servers said of addresses, and to which of them nothing is sent any more."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from node.kernel.db import Tx, insert_or_ignore
from node.kernel.site import Site
from node.mail import rules
from node.mail.rules import Refusal
from node.mail.tables import lost_addresses, mail_refusals

KEEP: Final = timedelta(days=365)
_FEW: Final = 100
"""Below so many addresses they are asked for by name."""


@dataclass(frozen=True, slots=True)
class AddressLost:
    """Told when a letter has come back from an address to which nothing is sent any more."""

    address: str


def address_hash(site: Site, address: str) -> str:
    """What stands in the tables for an address."""
    return site.sign("mail address", address.strip().casefold())


def note(tx: Tx, address: str, kind: Refusal) -> None:
    """A mail server has refused this address; after enough of that nothing is sent there."""
    hashed = address_hash(tx.site, address)
    tx.conn.execute(insert(mail_refusals), {"address_hash": hashed, "kind": kind, "created_at": tx.now})
    rows = tx.conn.execute(
        select(mail_refusals.c.kind, mail_refusals.c.created_at)
        .where(mail_refusals.c.address_hash == hashed)
        .order_by(mail_refusals.c.created_at.desc())
        .limit(rules.PASSING_REFUSALS)
    )
    if rules.is_lost([(Refusal(row.kind), row.created_at) for row in rows], tx.now):
        tx.conn.execute(insert_or_ignore(tx.conn, lost_addresses), {"address_hash": hashed, "since": tx.now})
        tx.tell(AddressLost(address))


def is_lost(conn: Connection, site: Site, address: str) -> bool:
    """Whether letters to this address come back."""
    return bool(lost(conn, site, [address]))


def lost(conn: Connection, site: Site, addresses: Iterable[str]) -> set[str]:
    """Those of the addresses from which letters come back. One statement."""
    hashes = {address_hash(site, address): address for address in addresses}
    statement = select(lost_addresses.c.address_hash)
    if len(hashes) <= _FEW:
        statement = statement.where(lost_addresses.c.address_hash.in_(hashes))
    return {hashes[found] for found in conn.execute(statement).scalars() if found in hashes}


def works_again(tx: Tx, address: str) -> None:
    """Whoever reads this address says that letters arrive there; what was said of it before counts no more."""
    hashed = address_hash(tx.site, address)
    tx.conn.execute(delete(lost_addresses).where(lost_addresses.c.address_hash == hashed))
    tx.conn.execute(delete(mail_refusals).where(mail_refusals.c.address_hash == hashed))


def sweep(tx: Tx) -> None:
    """Forget what was refused a year ago, and try those addresses again."""
    tx.conn.execute(delete(mail_refusals).where(mail_refusals.c.created_at < tx.now - KEEP))
    tx.conn.execute(delete(lost_addresses).where(lost_addresses.c.since < tx.now - KEEP))
