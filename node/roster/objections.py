# SPDX-License-Identifier: AGPL-3.0-or-later
"""Those of the roster whom nobody writes to: the dead, and whoever does not want it.

Whoever wants out of the roster altogether leaves it. So that the next file does not bring them back, keyed hashes of their
names, classes and birth date stay. A file that gives no birth date, or an entry that had none, is compared without it: of
two namesakes of one class the objection of one then counts for both, until the secretary adds a birth date.
"""

from collections.abc import Callable, Iterator
from itertools import product

from sqlalchemy import Connection, delete, func, or_, select

from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import NotFound
from node.kernel.folding import name_key
from node.kernel.site import Site
from node.members.tables import invitations
from node.roster import queries
from node.roster.candidates import Candidate
from node.roster.comparing import Content, nobody, person_of
from node.roster.tables import (
    roster_addresses,
    roster_changes,
    roster_educations,
    roster_entries,
    roster_invitations,
    roster_objections,
)

_SETTLED = or_(roster_entries.c.deceased.is_(True), roster_entries.c.objected.is_(True))
_ANY_DAY = "any"
_NO_DAY = "none"


def may_invite(conn: Connection, address: str) -> bool:
    """Whether an invitation may go to this address: it is that of nobody who has died or objected, and no invitation to
    such a person was sent there."""
    key = address.strip().casefold()
    known = (
        select(roster_entries.c.id)
        .join(roster_addresses, roster_addresses.c.entry_id == roster_entries.c.id)
        .where(roster_addresses.c.address == key, _SETTLED)
    )
    invited = (
        select(roster_entries.c.id)
        .join(roster_invitations, roster_invitations.c.entry_id == roster_entries.c.id)
        .join(invitations, invitations.c.id == roster_invitations.c.invitation_id)
        .where(func.lower(invitations.c.email) == key, _SETTLED)
    )
    return conn.execute(known.limit(1)).first() is None and conn.execute(invited.limit(1)).first() is None


def leave(tx: Tx, entry_id: int) -> None:
    """Somebody wants out of the roster: their entry goes, with what imports kept of it. Raises NotFound."""
    keep(tx, entry_id, objected=True)
    for table in (roster_educations, roster_addresses, roster_changes, roster_invitations):
        tx.conn.execute(delete(table).where(table.c.entry_id == entry_id))
    tx.conn.execute(delete(roster_entries).where(roster_entries.c.id == entry_id))


def keep(tx: Tx, entry_id: int, *, objected: bool) -> None:
    """Keep in mind, without a name, that the person of an entry objects; or no more. Raises NotFound."""
    entry = queries.entries(tx.conn, [entry_id]).get(entry_id)
    if entry is None:
        raise NotFound
    hashes = set(_kept(tx.site, entry.content))
    if objected:
        for one in sorted(hashes):
            tx.conn.execute(insert_or_ignore(tx.conn, roster_objections), {"person_hash": one, "created_at": tx.now})
    else:
        tx.conn.execute(delete(roster_objections).where(roster_objections.c.person_hash.in_(hashes)))


def objectors(conn: Connection, site: Site) -> Callable[[Candidate], bool]:
    """Whether a person of a file is one who objected; what is known of them is read once."""
    known = frozenset(conn.execute(select(roster_objections.c.person_hash)).scalars())
    if not known:
        return nobody
    return lambda candidate: not known.isdisjoint(_looked_up(site, candidate))


def _kept(site: Site, content: Content) -> Iterator[str]:
    day = content.birth_date.isoformat() if content.birth_date is not None else _NO_DAY
    return _hashes(site, content, (day, _ANY_DAY))


def _looked_up(site: Site, candidate: Candidate) -> Iterator[str]:
    days = (candidate.birth_date.isoformat(), _NO_DAY) if candidate.birth_date is not None else (_ANY_DAY,)
    return _hashes(site, candidate, days)


def _hashes(site: Site, source: Content | Candidate, days: tuple[str, ...]) -> Iterator[str]:
    person = person_of(source)
    years = {education.class_year for education in person.educations} or {None}
    given = name_key(person.given_name)
    for family, year, day in product(sorted(person.family_keys), sorted(years, key=str), days):
        yield site.sign("objection", f"{family}\0{given}\0{year or ''}\0{day}")
