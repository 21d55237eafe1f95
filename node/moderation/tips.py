# SPDX-License-Identifier: AGPL-3.0-or-later
"""What somebody without an account here, most likely of the family, tells about a member who has died.

Nothing is looked up: whether there is such a member is for the secretary to see, and the answer is always the same. What
was told is deleted once it has been dealt with, or after a year.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select

from node import members
from node.kernel.db import Tx
from node.kernel.errors import Invalid, NotFound
from node.kernel.i18n import marked
from node.kernel.ids import new_id
from node.kernel.text import clean, clean_line
from node.members import Member
from node.moderation.actions import note
from node.moderation.deaths import State, check_decider, tell_deciders
from node.moderation.tables import death_tips, deaths

MAX_NAME: Final = 120
MAX_SOURCE: Final = 500
KEPT: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    """A row of `death_tips`."""

    id: int
    name: str
    source: str
    email: str
    told_at: datetime


def tell(tx: Tx, *, name: str, source: str, email: str) -> None:
    """Write it down for the secretary. Raises Invalid."""
    who = clean_line(name, MAX_NAME + 1)
    if not who:
        raise Invalid(marked("Please say who has died."), field="name")
    if len(who) > MAX_NAME:
        raise Invalid(marked("This is too long."), field="name")
    if not source.strip():
        raise Invalid(marked("Please say how this is known."), field="source")
    if len(source) > MAX_SOURCE:
        raise Invalid(marked("Please write at most 500 characters."), field="source")
    address = members.check_email(email)
    tx.conn.execute(
        insert(death_tips),
        {
            "id": new_id(tx.now),
            "name": who,
            "source": clean(source, MAX_SOURCE),
            "email": address,
            "told_at": tx.now,
        },
    )
    tell_deciders(tx)


def waiting(conn: Connection, *, limit: int = 200) -> Sequence[Tip]:
    """What waits for the secretary, the oldest first."""
    rows = conn.execute(select(death_tips).order_by(death_tips.c.id).limit(limit))
    return [Tip(**row._mapping) for row in rows]


def waiting_count(conn: Connection) -> int:
    """How many wait."""
    return conn.execute(select(func.count()).select_from(death_tips)).scalar_one()


def work_count(conn: Connection) -> int:
    """The same with the members of whom it is said by others; one statement."""
    said = select(func.count()).select_from(deaths).where(deaths.c.state == State.REPORTED).scalar_subquery()
    told = select(func.count()).select_from(death_tips).scalar_subquery()
    found: int = conn.execute(select(said + told)).scalar_one()
    return found


def settle(tx: Tx, staff: Member, number: int) -> None:
    """It has been dealt with, and is deleted. Raises NotAllowed, NotFound."""
    check_decider(staff.roles)
    if tx.conn.execute(delete(death_tips).where(death_tips.c.id == number)).rowcount == 0:
        raise NotFound
    note(tx, staff, "tip")


def sweep(tx: Tx) -> None:
    """Forget what nobody has dealt with within a year."""
    tx.conn.execute(delete(death_tips).where(death_tips.c.told_at < tx.now - KEPT))
