# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the staff decides about somebody, here or elsewhere, and how it is taken back.

    warn       a word, and nothing else
    limit      their posts stay out of the lists of everybody's posts, but for their followers
    suspend    every door is closed, and nothing of theirs is shown; taken back, all is as before

Somebody of this node is told what was decided and why, and can answer once within thirty days (`appeal`); an administrator
who did not decide says yes, which takes it back, or no. Of somebody elsewhere the follows end, and do not come back.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, insert, update

from node import access, actors, mail, media, members, notifications, relationships
from node.actors import Actor, ActorType
from node.kernel import audit
from node.kernel.db import Tx
from node.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from node.kernel.i18n import marked
from node.kernel.ids import new_id
from node.kernel.text import clean
from node.members import Member
from node.moderation import deaths, handling, letters, queries, rules, seconding, severing
from node.moderation.actions import note
from node.moderation.queries import Decision
from node.moderation.rules import ReportVerb, Sanction
from node.moderation.tables import sanctions
from node.notifications import Kind
from node.relationships.profiles import tell_changed

# What Mastodon's AccountWarning calls them.
_ACTIONS = {Sanction.WARN: "none", Sanction.LIMIT: "silence", Sanction.SUSPEND: "suspend"}


@dataclass(frozen=True, slots=True)
class SuspensionLifted:
    """Told when a member is suspended no more; without `by` it was a command. A reaction may still refuse it."""

    member: Member
    by: Member | None


def decide(
    tx: Tx, staff: Member | None, target: Actor, kind: Sanction, reason: str, *, report_id: int | None = None
) -> Decision:
    """Warn, limit or suspend somebody. Without `staff` it is the command line, which may all.

    Raises NotAllowed, Invalid (no reason), NotFound (gone), Conflict (it is so already, or they are not let in yet).
    """
    member = _member(tx.conn, target)
    _check(staff, target, member)
    rules.check_reason(reason)
    if kind is not Sanction.WARN and _is_so(target, kind):
        raise Conflict("This has been decided already.")
    if kind is Sanction.SUSPEND and member is not None:
        members.check_may_leave(tx.conn, member)
    number = new_id(tx.now)
    tx.conn.execute(
        insert(sanctions),
        {
            "id": number,
            "target_id": target.id,
            "kind": kind,
            "staff_id": staff.id if staff is not None else None,
            "report_id": report_id,
            "text": clean(reason, rules.MAX_REASON),
            "created_at": tx.now,
        },
    )
    note(tx, staff, kind, report_id=report_id, target_id=target.id)
    _audit(tx, kind, target.id, staff.id if staff is not None else None, after="decided")
    made = queries.decision(tx.conn, number)
    if member is not None:
        # Before the door is closed: whoever is shut out is told nothing any more.
        notifications.notify(tx, target, Kind.WARNING, target, details=_details(made), event=number)
    _put_in_force(tx, target, member, kind)
    if member is not None:
        link = access.appeal_link(tx, member)
        mail.post(tx, member.email, letters.decided(tx.site, member.locale, kind, made.text, link), member=member.id)
    return made


def lift(tx: Tx, staff: Member | None, target: Actor, kind: Sanction) -> None:
    """Take a limit or a suspension back. Raises NotAllowed, and Conflict if there is none by this node."""
    member = _member(tx.conn, target)
    _check(staff, target, member)
    if kind is Sanction.WARN or not _is_so(target, kind):
        raise Conflict("There is nothing to take back.")
    if kind is Sanction.SUSPEND and deaths.hides(tx.conn, target.id):
        raise Conflict(marked("This account is hidden because its owner, who has died, wished it deleted."))
    note(tx, staff, f"un{kind}", target_id=target.id)
    _audit(tx, kind, target.id, staff.id if staff is not None else None, before="decided", after="lifted")
    _end(tx, target, member, kind)
    _tell_lifted(tx, staff, member, kind)


def delete_for_good(tx: Tx, staff: Member | None, target: Actor) -> bool:
    """Delete the account of somebody who is suspended: for a member as if they had done so themselves, for somebody
    elsewhere what is kept of them here. Whether it is done: it may need another administrator (`seconding`).

    Raises NotAllowed (administrators alone), Conflict (not suspended)."""
    member = _member(tx.conn, target)
    _check(staff, target, member)
    if staff is not None and not staff.is_admin:
        raise NotAllowed("This page is for administrators.")
    if not _is_so(target, Sanction.SUSPEND):
        raise Conflict("Please suspend the account first.")
    if not seconding.agreed(tx, staff, target):
        return False
    note(tx, staff, "delete", target_id=target.id)
    if member is not None:
        relationships.delete_account(tx, member)
    else:
        relationships.remove_gone(tx, target)
    return True


def appeal(tx: Tx, member: Member, number: int, words: str) -> None:
    """Somebody says that what was decided about them is wrong. Raises NotFound, Conflict, Invalid."""
    found = queries.decision(tx.conn, number)
    if found.target_id != member.id:
        raise NotFound
    rules.check_appeal(
        words, decided_at=found.created_at, ended_at=found.ended_at, appealed_at=found.appealed_at, now=tx.now
    )
    made = tx.conn.execute(
        update(sanctions)
        .where(sanctions.c.id == number, sanctions.c.appealed_at.is_(None))
        .values(appeal=clean(words, rules.MAX_APPEAL), appealed_at=tx.now)
    )
    if made.rowcount == 0:  # at the same moment
        raise Conflict("You have written about this decision already.")
    _correct(tx, member, number)
    _audit(tx, found.kind, member.id, member.id, before="decided", after="appealed")
    handling.follow(tx, found.report_id, ReportVerb.APPEAL, by=member.id)
    for person in members.with_role(tx.conn, "admin"):
        if person.is_active and person.id != member.id:
            letter = letters.appealed(tx.site, person.locale, member.actor.name)
            mail.post(tx, person.email, letter, about=mail.About.STAFF, member=person.id)


def answer(tx: Tx, staff: Member, number: int, *, granted: bool) -> None:
    """An administrator says yes or no to an appeal. Raises NotAllowed, and Conflict if none waits."""
    found = queries.decision(tx.conn, number)
    others = any(one.is_active and one.id != staff.id for one in members.with_role(tx.conn, "admin"))
    rules.check_may_answer(staff.id, staff.roles, found.staff_id, others=others)
    if staff.id == found.target_id:
        raise NotAllowed("You cannot decide about yourself.")
    taken = tx.conn.execute(
        update(sanctions)
        .where(sanctions.c.id == number, sanctions.c.appealed_at.is_not(None), sanctions.c.answered_at.is_(None))
        .values(answered_at=tx.now, answered_by=staff.id, granted=granted)
    )
    if taken.rowcount == 0:
        raise Conflict("This appeal has been answered.")
    note(tx, staff, "grant" if granted else "refuse", target_id=found.target_id)
    _audit(tx, found.kind, found.target_id, staff.id, before="appealed", after="overturned" if granted else "upheld")
    handling.follow(tx, found.report_id, ReportVerb.OVERTURN if granted else ReportVerb.UPHOLD, by=staff.id)
    target = actors.get(tx.conn, found.target_id)
    member = _member(tx.conn, target)
    if granted:
        _end(tx, target, member, found.kind, number=number)
        _tell_lifted(tx, staff, member, found.kind)
    elif member is not None:
        mail.post(tx, member.email, letters.refused(tx.site, member.locale), member=member.id)
    if member is not None:
        _correct(tx, member, number)


def _audit(tx: Tx, kind: Sanction, target_id: int, by: int | None, *, before: str = "", after: str) -> None:
    """Numbers and words of ours: the reason stays with the decision."""
    audit.write(tx, f"sanction.{kind}", target_id, by=by, before=before, after=after)


def may_decide(conn: Connection, staff: Member, target: Actor) -> bool:
    """Whether somebody of the staff may decide about somebody at all: for the page that offers it."""
    try:
        _check(staff, target, _member(conn, target))
    except Refused:
        return False
    return True


def _member(conn: Connection, target: Actor) -> Member | None:
    """Somebody of this node as a member; raises NotAllowed for what is no person of its own."""
    if target.deleted_at is not None:
        raise NotFound
    if not target.is_local:
        return None
    if target.type is not ActorType.PERSON:
        raise NotAllowed("This account belongs to the association.")
    member = members.get(conn, target.id)
    if member.confirmed_at is None or member.approved_at is None:
        raise Conflict("This person is not let in yet.")
    if target.away_since is not None:
        raise Conflict(marked("This member has hidden their account. Nothing of it is shown."))
    return member


def _check(staff: Member | None, target: Actor, member: Member | None) -> None:
    if staff is not None:
        rules.check_may_decide(staff.id, staff.roles, target.id, member.roles if member is not None else ())


def _is_so(target: Actor, kind: Sanction) -> bool:
    if kind is Sanction.LIMIT:
        return target.limited_at is not None
    return target.suspended_at is not None and not target.suspended_elsewhere


def _put_in_force(tx: Tx, target: Actor, member: Member | None, kind: Sanction) -> None:
    if kind is Sanction.LIMIT:
        actors.limit(tx, target, on=True)
    if kind is not Sanction.SUSPEND:
        return
    after = actors.suspend(tx, target)
    if member is None:
        severing.with_actor(tx, after)
        return
    members.shut_out(tx, member.id, out=True)
    media.follow_suspension(tx, member.id)
    access.revoke_sessions(tx, member.id)
    access.revoke_of_member(tx, member.id)
    tell_changed(tx, after)


def _end(tx: Tx, target: Actor, member: Member | None, kind: Sanction, *, number: int | None = None) -> None:
    """Take back what holds; a warning is one of its own (`number`), of the others all of the kind end together."""
    open_ones = update(sanctions).where(
        sanctions.c.target_id == target.id, sanctions.c.kind == kind, sanctions.c.ended_at.is_(None)
    )
    if kind is Sanction.WARN:
        open_ones = open_ones.where(sanctions.c.id == number)
    tx.conn.execute(open_ones.values(ended_at=tx.now))
    _grant_waiting(tx, target, member, kind)
    if kind is Sanction.LIMIT:
        actors.limit(tx, target, on=False)
    elif kind is Sanction.SUSPEND:
        after = actors.unsuspend(tx, target)
        if member is not None:
            # Nobody logs in to a memorial.
            members.shut_out(tx, member.id, out=after.memorial)
            media.follow_suspension(tx, member.id)
            tell_changed(tx, after)
        else:
            severing.hide_if_blocked(tx, after)
    if member is not None:
        mail.post(tx, member.email, letters.taken_back(tx.site, member.locale, kind), member=member.id)


def _tell_lifted(tx: Tx, staff: Member | None, member: Member | None, kind: Sanction) -> None:
    if kind is Sanction.SUSPEND and member is not None:
        tx.tell(SuspensionLifted(member, staff))


def _grant_waiting(tx: Tx, target: Actor, member: Member | None, kind: Sanction) -> None:
    """What was taken back needs no answer any more: an answer that came later would end a newer decision."""
    waiting = tx.conn.execute(
        update(sanctions)
        .where(
            sanctions.c.target_id == target.id,
            sanctions.c.kind == kind,
            sanctions.c.ended_at.is_not(None),
            sanctions.c.appealed_at.is_not(None),
            sanctions.c.answered_at.is_(None),
        )
        .values(answered_at=tx.now, granted=True)
        .returning(sanctions.c.id)
    ).all()
    for row in waiting:
        if member is not None:
            _correct(tx, member, row.id)


def _details(made: Decision) -> dict[str, object]:
    """Mastodon's AccountWarning, but for what the notification knows itself."""
    state = "pending"
    if made.answered_at is not None:
        state = "approved" if made.granted else "rejected"
    return {
        "id": str(made.id),
        "action": _ACTIONS[made.kind],
        "text": made.text,
        "appeal": {"text": made.appeal, "state": state} if made.appealed_at is not None else None,
    }


def _correct(tx: Tx, member: Member, number: int) -> None:
    notifications.correct(tx, member.actor, Kind.WARNING, number, _details(queries.decision(tx.conn, number)))
