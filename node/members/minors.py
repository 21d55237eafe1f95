# SPDX-License-Identifier: AGPL-3.0-or-later
"""Members who are not of age yet: what of them may be shown, and who may write to them, is less.

A date of birth is asked of newcomers where the association takes people under 18, and is not kept: what stays, of those
under 18 alone, is the day on which they come of age, and that goes on this day. On it everything ends by itself.
"""

from collections.abc import Collection
from datetime import date
from typing import Final

from sqlalchemy import BindParameter, ColumnElement, Connection, Date, exists, select, update

from node.actors import ActorWritten
from node.kernel.db import Tx
from node.kernel.errors import Invalid
from node.kernel.i18n import marked
from node.members.tables import members
from node.members.types import Member

OF_AGE: Final = 18
_OLDEST: Final = 120

# An alias, so that a query which names the table itself is not taken for the one meant here.
_minor = members.alias("minor_member")


def age_on(born: date, day: date) -> int:
    """How many years old somebody is on a day."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def comes_of_age(born: date) -> date:
    """The 18th birthday; whoever was born on a 29th of February has it on the 1st of March."""
    try:
        return born.replace(year=born.year + OF_AGE)
    except ValueError:
        return date(born.year + OF_AGE, 3, 1)


def check_born(born: date | None, minimum: int, today: date) -> date | None:
    """The day on which somebody comes of age; None for whoever is. Raises Invalid for whoever is too young, or whom a
    day has been given that is none."""
    if born is None:
        raise Invalid(marked("Please say when you were born."), field="birth_date")
    age = age_on(born, today)
    if not 0 <= age <= _OLDEST:
        raise Invalid(marked("Please look at the date of birth again."), field="birth_date")
    if age < minimum:
        raise Invalid(marked("You are too young to join this network."), field="birth_date").coded("E_UNDER_AGE")
    return comes_of_age(born) if age < OF_AGE else None


def is_minor(member: Member, today: date) -> bool:
    """Whether somebody is not of age yet."""
    return member.adult_on is not None and member.adult_on > today


def minors_of(conn: Connection, actor_ids: Collection[int], today: date) -> frozenset[int]:
    """Those of them who are not of age. One statement, none for nobody."""
    numbers = list(actor_ids)
    if not numbers:
        return frozenset()
    found = select(members.c.actor_id).where(members.c.actor_id.in_(numbers), members.c.adult_on > today)
    return frozenset(conn.execute(found).scalars())


def minor(person: ColumnElement[int], today: date | BindParameter[date]) -> ColumnElement[bool]:
    """The clause: whether the person whose number is in this column is not of age."""
    day = today if isinstance(today, BindParameter) else BindParameter(None, today, Date)
    return exists(select(_minor.c.actor_id).where(_minor.c.actor_id == person, _minor.c.adult_on > day))


def set_adult_on(tx: Tx, member_id: int, adult_on: date | None) -> None:
    """Keep in mind when somebody comes of age; None for whoever is."""
    tx.conn.execute(update(members).where(members.c.actor_id == member_id).values(adult_on=adult_on))
    tx.tell(ActorWritten(member_id))


def let_grow_up(tx: Tx, today: date) -> None:
    """Forget the day of those who have come of age: what is made of their profile is made anew."""
    grown = select(members.c.actor_id).where(members.c.adult_on <= today)
    for number in tx.conn.execute(grown).scalars().all():
        set_adult_on(tx, number, None)
