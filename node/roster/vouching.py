# SPDX-License-Identifier: AGPL-3.0-or-later
"""Members who vouch for a newcomer: two of the same class, or three of the school, let them in (the numbers are
settings).

Whoever vouches has been verified for 30 days, not within the last 90 by vouching alone, and vouches ten times a year.
What was said is seen by those who decide and by the newcomer. It stays: revoking somebody shows whom they vouched for.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Select, func, select

from node import members
from node.actors import ActorId
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from node.kernel.i18n import marked
from node.kernel.text import clean_line
from node.members import Member
from node.members.tables import members as members_table
from node.roster import deciding, verification
from node.roster.deciding import Case
from node.roster.tables import verifications, vouches
from node.roster.verification import Method, State

SEASONED: Final = timedelta(days=30)
OWN_WAY: Final = timedelta(days=90)
"""How long whoever came by vouching alone vouches for nobody."""
YEAR: Final = timedelta(days=365)
PER_YEAR: Final = 10
MAX_TEXT: Final = 200
_SHOWN: Final = 200


class HowKnown(StrEnum):
    """How a voucher knows a newcomer."""

    CLASSMATE = "classmate"
    PROGRAMME = "programme"
    CLUB = "club"
    COLLEAGUE = "colleague"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Needed:
    """How many vouches let somebody in: of their class, or of anybody here."""

    of_class: int = 2
    of_school: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """What members see of somebody who waits."""

    member_id: int
    name: str
    class_year: int | None
    code: str
    vouched: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouch:
    """What somebody said of a newcomer."""

    member_id: int
    by_id: int
    how_known: HowKnown
    text: str
    same_class: bool
    created_at: datetime


def check_may_vouch(case: Case, this_year: int, now: datetime) -> None:
    """Raises NotAllowed for whoever came too short a time ago, TooMany after ten vouches a year. Pure."""
    if case.state is not State.VERIFIED or case.stands.since + SEASONED > now:
        raise NotAllowed(marked("You can vouch for others once you have been here for 30 days."))
    if case.method is Method.VOUCHING and case.stands.since + OWN_WAY > now:
        raise NotAllowed(marked("Others vouched for you: you can do so yourself 90 days after you came."))
    if this_year >= PER_YEAR:
        raise TooMany(marked("You can vouch for ten people a year."), retry_after=86_400).coded("E_VOUCH_LIMIT")


def is_enough(of_class: int, of_school: int, needed: Needed) -> bool:
    """Whether so many vouches, of the same class and in all, let somebody in. Pure."""
    return of_class >= needed.of_class or of_school >= needed.of_school


def newcomers(conn: Connection, member: Member) -> Sequence[Newcomer]:
    """Those who wait, say that they are of the member's class, and want their classmates to see it."""
    if member.actor.class_year is None:
        return []
    showing = _waiting().where(verifications.c.to_classmates.is_(True))
    statement = deciding.of_class(showing, member.actor.class_year, member.actor.school)
    rows = conn.execute(statement.order_by(verifications.c.member_id).limit(_SHOWN)).all()
    own = set(
        conn.execute(
            select(vouches.c.member_id).where(
                vouches.c.by_id == member.id, vouches.c.member_id.in_([row.member_id for row in rows])
            )
        ).scalars()
    )
    codes = {row.member_id: row.code for row in rows}
    return [
        Newcomer(
            member_id=one.id,
            name=one.actor.name,
            class_year=member.actor.class_year,
            code=codes[one.id],
            vouched=one.id in own,
        )
        for one in members.by_numbers(conn, list(codes))
    ]


def by_code(conn: Connection, member: Member, code: str) -> Newcomer:
    """The newcomer who gave this address to a member. Raises NotFound also once they are let in."""
    row = conn.execute(_waiting().where(verifications.c.code == code)).one_or_none()
    if row is None:
        raise NotFound
    newcomer = members.get(conn, row.member_id)
    own = select(vouches.c.member_id).where(vouches.c.by_id == member.id, vouches.c.member_id == newcomer.id)
    return Newcomer(
        member_id=newcomer.id,
        name=newcomer.actor.name,
        class_year=deciding.class_of(conn, newcomer),
        code=code,
        vouched=conn.execute(own).first() is not None,
    )


def vouch(tx: Tx, member: Member, code: str, how_known: str, text: str, needed: Needed) -> State:
    """Say that a newcomer is who they say. Twice is harmless.

    Raises NotFound (nobody who waits), NotAllowed, TooMany, Invalid, Conflict for oneself or while an answer is awaited.
    """
    newcomer = by_code(tx.conn, member, code)
    if newcomer.member_id == member.id:
        raise Conflict(marked("Nobody vouches for themselves.")).coded("E_VOUCH_SELF")
    if how_known not in set(HowKnown):
        raise Invalid(marked("Please say how you know each other."), field="how_known")
    said = clean_line(text, MAX_TEXT + 1)
    if len(said) > MAX_TEXT:
        raise Invalid(marked("Please write at most 200 characters."), field="text")
    case = deciding.lock(tx, newcomer.member_id)
    if newcomer.vouched:
        return case.state
    check_may_vouch(deciding.standing_of(tx.conn, member), _this_year(tx, member), tx.now)
    tx.conn.execute(
        insert_or_ignore(tx.conn, vouches),
        {
            "member_id": newcomer.member_id,
            "by_id": member.id,
            "how_known": HowKnown(how_known),
            "text": said,
            "same_class": newcomer.class_year is not None
            and newcomer.class_year == member.actor.class_year
            and deciding.is_same_school(members.get(tx.conn, ActorId(newcomer.member_id)), member),
            "created_at": tx.now,
        },
    )
    given = vouches_for(tx.conn, [newcomer.member_id]).get(newcomer.member_id, [])
    vouchers = {one.id for one in members.by_numbers(tx.conn, [one.by_id for one in given]) if one.is_active}
    counted = [one for one in given if one.by_id in vouchers]
    enough = is_enough(sum(one.same_class for one in counted), len(counted), needed)
    return deciding.store_vouched(tx, ActorId(newcomer.member_id), enough=enough)


def vouches_for(conn: Connection, member_ids: Collection[int]) -> dict[int, list[Vouch]]:
    """What was said of each of them, the first first; one statement."""
    rows = conn.execute(
        select(vouches).where(vouches.c.member_id.in_(member_ids)).order_by(vouches.c.created_at, vouches.c.by_id)
    )
    found: dict[int, list[Vouch]] = {}
    for row in rows:
        found.setdefault(row.member_id, []).append(_vouch(row))
    return found


def vouched_for_by(conn: Connection, member_id: ActorId) -> Sequence[Vouch]:
    """Whom somebody vouched for, the latest first."""
    rows = conn.execute(select(vouches).where(vouches.c.by_id == member_id).order_by(vouches.c.created_at.desc()))
    return [_vouch(row) for row in rows]


def _waiting() -> Select[Any]:
    return (
        select(verifications.c.member_id, verifications.c.code)
        .join(members_table, members_table.c.actor_id == verifications.c.member_id)
        .where(
            verifications.c.state.in_(verification.VOUCHABLE),
            members_table.c.approved_at.is_(None),
            members_table.c.confirmed_at.is_not(None),
        )
    )


def _this_year(tx: Tx, member: Member) -> int:
    return tx.conn.execute(
        select(func.count())
        .select_from(vouches)
        .where(vouches.c.by_id == member.id, vouches.c.created_at > tx.now - YEAR)
    ).scalar_one()


def _vouch(row: Any) -> Vouch:
    return Vouch(
        member_id=row.member_id,
        by_id=row.by_id,
        how_known=HowKnown(row.how_known),
        text=row.text,
        same_class=row.same_class,
        created_at=row.created_at,
    )
