# SPDX-License-Identifier: AGPL-3.0-or-later
"""That a member has died: anybody may say so, the secretary or an administrator decides, and for 90 days it can be undone.

    (nothing) ──report──> reported ──confirm──> memorial ──undo (90 days)──> undone
                             │                     └─────────purge─────────> the account is deleted
                             └──────reject────> rejected

Purged is what its heirs ask to have deleted, by an administrator, and whatever its owner wished to be deleted, by the clock
after the 90 days; until then nobody is shown it.

A memorial is shown as it was, with the word that it is one. Nobody acts for it any more: logged out everywhere, apps' keys
revoked, no login, no letter, no notification; it is suggested to nobody. What others hold of it (contacts, posts, follows)
stays, so that a wrong report leaves no trace but that its owner has to log in anew.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from node import access, actors, mail, media, members, relationships
from node.actors import Actor, ActorId, ActorType
from node.kernel import audit
from node.kernel.db import Tx
from node.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from node.kernel.i18n import marked
from node.kernel.ids import new_id
from node.kernel.text import clean
from node.members import Member
from node.moderation import letters, seconding, wishes
from node.moderation.actions import note
from node.moderation.tables import deaths
from node.relationships.profiles import tell_changed

REVERSIBLE: Final = timedelta(days=90)
MAX_WORDS: Final = 500
PER_DAY: Final = 5
DECIDERS: Final = frozenset({"secretary", "admin"})


class State(StrEnum):
    """How far the association is."""

    REPORTED = "reported"
    MEMORIAL = "memorial"
    REJECTED = "rejected"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Remembered:
    """Told when an account has become a memorial: what would go on for its owner by itself ends."""

    actor: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """A row of `deaths`. The reporter is told to those who decide alone."""

    id: int
    member_id: ActorId
    state: State
    source: str
    reported_by: ActorId | None
    reported_at: datetime
    decided_by: ActorId | None
    decided_at: datetime | None
    reason: str
    hidden: bool
    removal_at: datetime | None

    def may_be_undone(self, now: datetime) -> bool:
        """Whether the account can be opened again."""
        return self.state is State.MEMORIAL and self.decided_at is not None and now - self.decided_at <= REVERSIBLE


def check_decider(roles: Collection[str]) -> None:
    """Raises NotAllowed for whoever does not decide about it."""
    if DECIDERS.isdisjoint(roles):
        raise NotAllowed(marked("Only the association's secretary and administrators decide about this."))


def report(tx: Tx, reporter: Actor | None, target: Actor, source: str) -> None:
    """Somebody says that a member has died, and how they know; without `reporter` it was a roster.

    What is known already changes nothing, and nobody is told that it was. Raises NotFound (no member), Invalid, TooMany.
    """
    _check_member(tx.conn, target)
    if reporter is not None and target.is_hidden:
        raise NotFound
    if reporter is not None and reporter.id == target.id:
        raise Invalid(marked("You cannot report this of yourself."), field="source")
    words = _words(source, "source")
    if reporter is not None:
        lately = select(func.count()).where(
            deaths.c.reported_by == reporter.id, deaths.c.reported_at > tx.now - timedelta(days=1)
        )
        if tx.conn.execute(lately).scalar_one() >= PER_DAY:
            raise TooMany(marked("You have reported this of several people today. Please write to the association."))
    if target.memorial or _open(tx.conn, target.id) is not None:
        return
    _add(tx, target, State.REPORTED, source=words, reported_by=reporter.id if reporter is not None else None)
    # A file of the roster may name many: one letter says that they wait.
    if reporter is not None or waiting_count(tx.conn) == 1:
        tell_deciders(tx, but=reporter)


def tell_deciders(tx: Tx, *, but: Actor | None = None) -> None:
    """A letter that something waits, without a name: to the secretary, or where there is none to the administrators."""
    for role in ("secretary", "admin"):
        people = [one for one in members.with_role(tx.conn, role) if one.is_active]
        for person in people:
            if but is None or person.id != but.id:
                letter = letters.death_said(tx.site, person.locale)
                mail.post(tx, person.email, letter, about=mail.About.STAFF, member=person.id)
        if people:
            return


def confirm(tx: Tx, staff: Member | None, target: Actor, reason: str) -> None:
    """Make the account a memorial, whether somebody reported it or not. Without `staff` it is the command line.

    Raises NotAllowed, NotFound, Invalid, Conflict (it is one; the only administrator).
    """
    member = _decidable(tx, staff, target)
    words = _words(reason, "reason")
    if target.memorial:
        raise Conflict(marked("This account is a memorial already."))
    members.check_may_leave(tx.conn, member)
    found = _open(tx.conn, target.id)
    number = found.id if found is not None else _add(tx, target, State.REPORTED, source="", reported_by=None)
    said = wishes.of(tx.conn, target.id)
    leaves = said is not None and said.wish is wishes.Wish.DELETE
    hidden = leaves and target.suspended_at is None
    _settle(tx, staff, number, State.MEMORIAL, words, hidden=hidden, removal_at=tx.now + REVERSIBLE if leaves else None)
    note(tx, staff, "memorial", target_id=target.id)
    _audit(tx, staff, target, after="memorial")
    actors.touch(tx, target.id, memorial=True, updated_at=tx.now)
    if hidden:
        actors.suspend(tx, target)
        media.follow_suspension(tx, member.id)
    members.shut_out(tx, member.id, out=True)
    access.revoke_sessions(tx, member.id)
    access.revoke_of_member(tx, member.id)
    after = actors.get(tx.conn, target.id)
    tx.tell(Remembered(after))
    tell_changed(tx, after)


def reject(tx: Tx, staff: Member | None, target: Actor, reason: str) -> None:
    """They are alive, or it cannot be known: nothing changes for them. Raises NotAllowed, NotFound, Invalid, Conflict."""
    _decidable(tx, staff, target)
    words = _words(reason, "reason")
    found = _open(tx.conn, target.id)
    if found is None:
        raise Conflict(marked("Nobody says so at present."))
    _settle(tx, staff, found.id, State.REJECTED, words)
    note(tx, staff, "alive", target_id=target.id)


def undo(tx: Tx, staff: Member | None, target: Actor, reason: str) -> None:
    """It was wrong: the account is its owner's again. Raises NotAllowed, NotFound, Invalid, Conflict (none, or too late)."""
    member = _decidable(tx, staff, target)
    words = _words(reason, "reason")
    found = latest(tx.conn, target.id)
    if not target.memorial or found is None or found.state is not State.MEMORIAL:
        raise Conflict(marked("This account is no memorial."))
    if not found.may_be_undone(tx.now):
        raise Conflict(marked("This was decided more than 90 days ago and cannot be undone any more."))
    _settle(tx, staff, found.id, State.UNDONE, words)
    note(tx, staff, "unmemorial", target_id=target.id)
    _audit(tx, staff, target, before="memorial")
    actors.touch(tx, target.id, memorial=False, updated_at=tx.now)
    if found.hidden:
        actors.unsuspend(tx, target)
        media.follow_suspension(tx, member.id)
    # Whom the staff had suspended stays so.
    is_away = target.away_since is not None
    if is_away:
        # What they had hidden themselves is theirs again, and open.
        actors.show(tx, target)
        media.follow_suspension(tx, member.id)
    members.shut_out(tx, member.id, out=target.suspended_at is not None and not found.hidden and not is_away)
    tell_changed(tx, actors.get(tx.conn, target.id))


def purge(tx: Tx, staff: Member | None, target: Actor, reason: str) -> bool:
    """Delete a memorial because those who inherit ask for it; an administrator has made sure who they are. Whether it is
    done: it may need another administrator (`seconding`).

    Raises NotAllowed, NotFound, Invalid, Conflict (it is none).
    """
    if staff is not None and not staff.is_admin:
        raise NotAllowed("This page is for administrators.")
    member = _decidable(tx, staff, target)
    _words(reason, "reason")
    if not target.memorial:
        raise Conflict(marked("This account is no memorial."))
    if not seconding.agreed(tx, staff, target):
        return False
    note(tx, staff, "purge", target_id=target.id)
    _audit(tx, staff, target, before="memorial", after="deleted")
    relationships.delete_account(tx, member)
    return True


def due_removals(conn: Connection, now: datetime, *, limit: int = 20) -> Sequence[int]:
    """Whose account is to be deleted now, because they wished it."""
    waits = select(deaths.c.member_id).where(deaths.c.state == State.MEMORIAL, deaths.c.removal_at <= now)
    return conn.execute(waits.order_by(deaths.c.removal_at).limit(limit)).scalars().all()


def remove_as_wished(tx: Tx, member_id: int) -> None:
    """Delete the account of somebody who has died and wished it, once that can be undone no more."""
    found = latest(tx.conn, member_id)
    # Undone at this moment, or deleted by another hand.
    if found is None or found.state is not State.MEMORIAL or found.removal_at is None or found.removal_at > tx.now:
        return
    target = actors.get(tx.conn, member_id)
    _audit(tx, None, target, before="memorial", after="deleted")
    relationships.delete_account(tx, members.get(tx.conn, member_id))


def hides(conn: Connection, member_id: int) -> bool:
    """Whether an account is shown to nobody because its owner, who has died, wished it deleted."""
    found = latest(conn, member_id)
    return found is not None and found.state is State.MEMORIAL and found.hidden


def latest(conn: Connection, member_id: int) -> Death | None:
    """What was last said or decided about a member."""
    row = conn.execute(
        select(deaths).where(deaths.c.member_id == member_id).order_by(deaths.c.id.desc()).limit(1)
    ).one_or_none()
    return None if row is None else _death(row)


def waiting(conn: Connection, *, limit: int = 200) -> Sequence[Death]:
    """What waits for a decision, the oldest first."""
    rows = conn.execute(select(deaths).where(deaths.c.state == State.REPORTED).order_by(deaths.c.id).limit(limit))
    return [_death(row) for row in rows]


def remembered(conn: Connection, *, limit: int = 200) -> Sequence[Death]:
    """The memorials, the latest first."""
    rows = conn.execute(
        select(deaths).where(deaths.c.state == State.MEMORIAL).order_by(deaths.c.id.desc()).limit(limit)
    )
    return [_death(row) for row in rows]


def waiting_count(conn: Connection) -> int:
    """How many wait for a decision."""
    return conn.execute(select(func.count()).select_from(deaths).where(deaths.c.state == State.REPORTED)).scalar_one()


def forget_actor(tx: Tx, actor_id: ActorId) -> None:
    """Somebody's account is gone: what was said of them goes, and that it was they who said something of others."""
    wishes.forget_actor(tx, actor_id)
    seconding.forget_actor(tx, actor_id)
    tx.conn.execute(delete(deaths).where(deaths.c.member_id == actor_id))
    for column in (deaths.c.reported_by, deaths.c.decided_by):
        tx.conn.execute(update(deaths).where(column == actor_id).values({column: None}))


def _check_member(conn: Connection, target: Actor) -> Member:
    if not target.is_local or target.type is not ActorType.PERSON or target.deleted_at is not None:
        raise NotFound
    # Also one who has hidden themselves; not one who was never let in.
    if target.is_hidden and target.away_since is None:
        raise NotFound
    return members.get(conn, target.id)


def _decidable(tx: Tx, staff: Member | None, target: Actor) -> Member:
    if staff is not None:
        check_decider(staff.roles)
        if staff.id == target.id:
            raise NotAllowed(marked("You cannot decide about yourself."))
    return _check_member(tx.conn, target)


def _words(said: str, field: str) -> str:
    if not said.strip():
        raise Invalid(marked("Please say how this is known."), field=field)
    if len(said) > MAX_WORDS:
        raise Invalid(marked("Please write at most 500 characters."), field=field)
    return clean(said, MAX_WORDS)


def _open(conn: Connection, member_id: int) -> Death | None:
    row = conn.execute(select(deaths).where(deaths.c.member_id == member_id, deaths.c.state == State.REPORTED)).first()
    return None if row is None else _death(row)


def _add(tx: Tx, target: Actor, state: State, *, source: str, reported_by: ActorId | None) -> int:
    number = new_id(tx.now)
    tx.conn.execute(
        insert(deaths),
        {
            "id": number,
            "member_id": target.id,
            "state": state,
            "source": source,
            "reported_by": reported_by,
            "reported_at": tx.now,
            "reason": "",
        },
    )
    return number


def _settle(tx: Tx, staff: Member | None, number: int, state: State, reason: str, **more: object) -> None:
    tx.conn.execute(
        update(deaths)
        .where(deaths.c.id == number)
        .values(
            state=state, reason=reason, decided_at=tx.now, decided_by=staff.id if staff is not None else None, **more
        )
    )


def _audit(tx: Tx, staff: Member | None, target: Actor, *, before: str = "", after: str = "") -> None:
    """The reason is personal, and stays with the decision."""
    audit.write(tx, "death", target.id, by=staff.id if staff is not None else None, before=before, after=after)


def _death(row: Row[Any]) -> Death:
    return Death(**{**row._mapping, "state": State(row.state)})
