# SPDX-License-Identifier: AGPL-3.0-or-later
"""Asking somebody to be a contact, answering, and ending it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from node import mail, members, relationships
from node.actors import Actor, ActorType
from node.contacts import choices, letters, queries, rules, sides
from node.contacts.rules import NONE, Grant, State, Verb
from node.contacts.tables import contacts
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refused, TooMany
from node.kernel.i18n import marked
from node.kernel.ids import new_id
from node.kernel.text import clean, clean_line


@dataclass(frozen=True, slots=True)
class ContactAsked:
    """Told to the slices above: a member asks another to be a contact."""

    contact_id: int
    asker: Actor
    asked: Actor
    message: str


@dataclass(frozen=True, slots=True)
class ContactMade:
    """Told to the slices above: `accepted_by` has said yes to `asker`, and both are contacts."""

    contact_id: int
    asker: Actor
    accepted_by: Actor


@dataclass(frozen=True, slots=True)
class ContactClosed:
    """Told to the slices above: of these, nothing waits for an answer any more, or they are contacts no more."""

    contact_ids: tuple[int, ...]


def ask(
    tx: Tx, actor: Actor, target: Actor, *, message: str = "", how_met: str = "", grants: Collection[Grant] = ()
) -> State:
    """Ask a member of this node to be a contact. Whoever has asked oneself becomes one at once.

    `grants` are what the other may have of `actor` from the moment on at which both are contacts, and not before.

    Raises NotFound for whoever is not a member here, or of whom a block parts them; Invalid (oneself, a message too
    long), NotAllowed (they take no requests, or not from this class), TooMany, Conflict (asked half a year ago or less, too
    many contacts).
    """
    text, met = clean(message, rules.MAX_MESSAGE + 1), clean_line(how_met, rules.MAX_HOW_MET)
    if actor.id == target.id:
        raise Invalid(marked("You need not ask yourself."))
    if len(text) > rules.MAX_MESSAGE:
        raise Invalid(marked("Please write at most 500 characters."), field="message")
    _check_reachable(tx, actor, target)
    row = _lock(tx, actor.id, target.id)
    before = queries.standing_of(row)
    then = rules.after(before, Verb.ASK, actor.id, tx.now)
    if then == before:
        return then.seen_by(actor.id, tx.now).state
    if then.state is State.CONFIRMED:
        _confirm(tx, row.id, actor, target)
        if grants:
            sides.give(tx, actor, target.id, grants)
        return then.state
    if not choices.may_ask(tx.conn, actor, target):
        raise NotAllowed(marked("This member does not take your requests at the moment."))
    _check_limits(tx, actor)
    if then.state is State.DECLINED:
        _store(tx, row, then)
        return then.seen_by(actor.id, tx.now).state
    _forget_pair(tx, actor.id, target.id)
    low, high = sorted((actor.id, target.id))
    number = new_id(tx.now)
    made = tx.conn.execute(
        insert_or_ignore(tx.conn, contacts),
        {
            "id": number,
            "low_id": low,
            "high_id": high,
            "state": then.state,
            "requested_by": actor.id,
            "withdrawn": False,
            "message": text,
            "how_met": met,
            "asked_at": tx.now,
        },
    )
    if made.rowcount == 0:  # they asked at the same moment
        return ask(tx, actor, target, message=message, how_met=how_met, grants=grants)
    if grants:
        sides.promise(tx, actor, number, grants)
    person = members.get(tx.conn, target.id)
    letter = letters.asked(tx.site, person.locale, actor.name, text)
    mail.post(tx, person.email, letter, about=mail.About.CONTACT, member=person.id)
    tx.tell(ContactAsked(number, actor, target, text))
    return then.state


def accept(tx: Tx, actor: Actor, other: Actor, *, follow: bool = False, grants: Collection[Grant] = ()) -> None:
    """Say yes, and give the other side `grants`; with `follow` both follow each other from then on.

    Of somebody who is a contact already nothing changes. Raises NotFound, Conflict.
    """
    _check_reachable(tx, actor, other)
    row = _lock(tx, actor.id, other.id)
    before = queries.standing_of(row)
    then = rules.after(before, Verb.ACCEPT, actor.id, tx.now)
    if then == before:
        return
    _confirm(tx, row.id, actor, other)
    if grants:
        sides.give(tx, actor, other.id, grants)
    if follow:
        for one, two in ((actor, other), (other, actor)):
            relationships.follow(tx, one, two)


def decline(tx: Tx, actor: Actor, other: Actor) -> None:
    """Say no; the other side is not told. Raises Conflict where nobody asked."""
    _change(tx, Verb.DECLINE, actor, other)


def withdraw(tx: Tx, actor: Actor, other: Actor) -> None:
    """Take back what one has asked. Raises Conflict for a contact."""
    _change(tx, Verb.WITHDRAW, actor, other)


def remove(tx: Tx, actor: Actor, other: Actor) -> None:
    """End a contact; follows stay, and nobody is told. Raises Conflict for whoever is none."""
    _change(tx, Verb.REMOVE, actor, other)


def forget_pair(tx: Tx, one: Actor, other: Actor) -> None:
    """After a block nothing is left between the two."""
    _forget_pair(tx, one.id, other.id)


def forget_actor(tx: Tx, actor_id: int) -> None:
    """Somebody is gone, and with them all that they asked and were asked, noted and gave."""
    _forget(tx, or_(contacts.c.low_id == actor_id, contacts.c.high_id == actor_id))
    sides.forget_owner(tx, actor_id)
    choices.forget_owner(tx, actor_id)


def sweep(tx: Tx) -> None:
    """Forget what was asked so long ago that it can be asked again."""
    tx.conn.execute(
        delete(contacts).where(contacts.c.state != State.CONFIRMED, contacts.c.asked_at <= tx.now - rules.AGAIN)
    )


def _change(tx: Tx, verb: Verb, actor: Actor, other: Actor) -> None:
    row = _lock(tx, actor.id, other.id)
    before = queries.standing_of(row)
    then = rules.after(before, verb, actor.id, tx.now)
    if then == NONE:
        _forget_pair(tx, actor.id, other.id)
    elif then != before:
        _store(tx, row, then)
        tx.tell(ContactClosed((row.id,)))


def _store(tx: Tx, row: Any, standing: rules.Standing) -> None:
    tx.conn.execute(
        update(contacts)
        .where(contacts.c.id == row.id)
        .values(state=standing.state, asked_at=standing.asked_at, withdrawn=standing.withdrawn)
    )


def _confirm(tx: Tx, contact_id: int, actor: Actor, other: Actor) -> None:
    """Both have said yes. The one who asked first hears of it; what they wrote has done its work."""
    for one in (actor, other):
        if queries.count(tx.conn, one.id) >= rules.MAX_CONTACTS:
            raise Conflict(marked("One of you has five thousand contacts already."))
    low, high = sorted((actor.id, other.id))
    tx.conn.execute(
        update(contacts)
        .where(contacts.c.low_id == low, contacts.c.high_id == high)
        .values(state=State.CONFIRMED, confirmed_at=tx.now, message="")
    )
    person = members.get(tx.conn, other.id)
    letter = letters.accepted(tx.site, person.locale, actor.name, actor.username)
    mail.post(tx, person.email, letter, about=mail.About.CONTACT, member=person.id)
    tx.tell(ContactMade(contact_id, other, actor))


def _check_reachable(tx: Tx, actor: Actor, target: Actor) -> None:
    """Raises NotFound, the same for somebody who is not here, is no member, or wants nothing to do with the other."""
    if (
        not target.is_local
        or target.type is not ActorType.PERSON
        or relationships.is_blocked_between(tx.conn, actor.id, target.id)
    ):
        raise NotFound
    try:
        is_member = members.get(tx.conn, target.id).is_active
    except Refused:
        raise NotFound from None
    if not is_member:
        raise NotFound


def _check_limits(tx: Tx, actor: Actor) -> None:
    mine = (contacts.c.requested_by == actor.id, contacts.c.withdrawn.is_(False))
    pending = (
        select(func.count())
        .select_from(contacts)
        .where(*mine, contacts.c.state != State.CONFIRMED, contacts.c.asked_at > tx.now - rules.ENDS)
    )
    if tx.conn.execute(pending).scalar_one() >= rules.MAX_PENDING:
        raise TooMany(marked("Two hundred people have not answered you yet. Please wait for some of them."))
    today = select(func.count()).select_from(contacts).where(*mine, contacts.c.asked_at > tx.now - timedelta(days=1))
    if tx.conn.execute(today).scalar_one() >= rules.PER_DAY:
        raise TooMany(marked("You can ask thirty people a day."), retry_after=3600)


def _lock(tx: Tx, one: int, other: int) -> Any:
    """The row of the pair, which nobody else changes until we are done (SQLite has one writer anyhow)."""
    low, high = sorted((one, other))
    statement = select(contacts).where(contacts.c.low_id == low, contacts.c.high_id == high)
    if tx.conn.dialect.name != "sqlite":
        statement = statement.with_for_update()
    return tx.conn.execute(statement).one_or_none()


def _forget_pair(tx: Tx, one: int, other: int) -> None:
    low, high = sorted((one, other))
    _forget(tx, contacts.c.low_id == low, contacts.c.high_id == high)


def _forget(tx: Tx, *which: ColumnElement[bool]) -> None:
    """Each side's notes, tags and grants go with the row."""
    gone = tx.conn.execute(delete(contacts).where(*which).returning(contacts.c.id)).scalars().all()
    if gone:
        tx.tell(ContactClosed(tuple(gone)))
