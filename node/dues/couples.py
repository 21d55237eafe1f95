# SPDX-License-Identifier: AGPL-3.0-or-later
"""Two members who pay together: one payment of a couple's plan counts for both, and each stands with dues of their own.

    none ──ask (one)──> asked ──agree (the other)──> agreed ──end (either)──> none
                          └──decline (the other), end (the one)──> none

Only a contact can be asked, so that no stranger asks anybody. What was paid while they paid together stays paid for both.
Whoever has died is nobody's couple any more on any page; it is over for good only once the other asks or agrees anew, so
that a death that was said by mistake is taken back with nothing lost.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, exists, insert, or_, select, update
from sqlalchemy.engine import Connection, Row

from node import actors, contacts, members, notices
from node.actors import Actor, ActorId
from node.actors.tables import actors as people
from node.dues.tables import dues_couples
from node.kernel import audit
from node.kernel.db import Tx
from node.kernel.errors import Conflict, NotFound
from node.kernel.i18n import marked, translator


@dataclass(frozen=True, slots=True, kw_only=True)
class Couple:
    """With whom somebody pays together (`partner`), whom they have asked, and who asks them."""

    partner: Actor | None = None
    asked: Actor | None = None
    asking: tuple[Actor, ...] = ()


def of(conn: Connection, person_id: int) -> Couple:
    """How it stands for one member. Two statements at most."""
    rows = conn.execute(
        select(dues_couples)
        .where(or_(dues_couples.c.person_id == person_id, dues_couples.c.partner_id == person_id))
        .order_by(dues_couples.c.asked_at, dues_couples.c.person_id)
    ).all()
    if not rows:
        return Couple()
    others = actors.by_ids(conn, {_other(row, person_id) for row in rows})
    here = [(row, others[_other(row, person_id)]) for row in rows]
    return Couple(
        partner=next((who for row, who in here if row.agreed_at is not None and not who.memorial), None),
        asked=next((who for row, who in here if row.agreed_at is None and row.person_id == person_id), None),
        asking=tuple(
            who for row, who in here if row.agreed_at is None and row.person_id != person_id and not who.memorial
        ),
    )


def partner_of(conn: Connection, person_id: int) -> ActorId | None:
    """With whom somebody pays together, where both have said so."""
    row = conn.execute(select(dues_couples).where(*_agreed(person_id), ~_has_died())).first()
    return ActorId(_other(row, person_id)) if row is not None else None


def ask(tx: Tx, person: Actor, partner: Actor) -> None:
    """Ask a contact to pay together. Asked again, nothing more happens; asked of another, the first is asked no more.

    Raises:
        NotFound: they are no contact.
        Conflict: one of the two pays together with somebody already.
    """
    pair = contacts.between(tx.conn, person.id, [partner.id], tx.now).get(partner.id, contacts.NONE)
    if pair.state is not contacts.State.CONFIRMED:
        raise NotFound
    if partner_of(tx.conn, person.id) is not None:
        raise Conflict(marked("You pay together with somebody already."))
    _free_widowed(tx, person.id)
    before = of(tx.conn, person.id)
    if partner.id in {who.id for who in before.asking}:
        agree(tx, partner.id, person.id)
        return
    if before.asked is not None and before.asked.id == partner.id:
        return
    if before.asked is not None:
        end(tx, person.id)
    tx.conn.execute(
        insert(dues_couples), {"person_id": person.id, "partner_id": partner.id, "asked_at": tx.now, "agreed_at": None}
    )
    audit.write(tx, "dues.couple", person.id, by=person.id, before="none", after="asked")
    _ = translator(members.locale_of(tx.conn, partner.id) or "en").gettext
    notices.tell(
        tx,
        partner,
        about=_about(person.id),
        text=_("%(name)s asks whether you two pay your dues together.") % {"name": person.name},
        link=f"{tx.site.base_url}/dues",
    )


def agree(tx: Tx, person_id: ActorId, partner_id: ActorId) -> None:
    """`partner_id` says yes to `person_id`; agreed to already, nothing more happens.

    Raises:
        NotFound: nobody of that number asks them.
        Conflict: one of the two pays together with somebody else by now.
    """
    both = (person_id, partner_id)
    for one in both:
        _free_widowed(tx, one)
    # Whoever agrees about one of the two at the same moment waits here.
    lock = select(dues_couples).where(or_(dues_couples.c.person_id.in_(both), dues_couples.c.partner_id.in_(both)))
    if tx.conn.dialect.name != "sqlite":
        lock = lock.order_by(dues_couples.c.person_id).with_for_update()
    rows = tx.conn.execute(lock).all()
    mine = next((row for row in rows if row.person_id == person_id and row.partner_id == partner_id), None)
    if mine is None:
        raise NotFound
    if mine.agreed_at is not None:
        return
    if any(row.agreed_at is not None for row in rows):
        raise Conflict(marked("One of you two pays together with somebody already."))
    tx.conn.execute(update(dues_couples).where(dues_couples.c.person_id == person_id).values(agreed_at=tx.now))
    audit.write(tx, "dues.couple", person_id, by=partner_id, before="asked", after="agreed")
    notices.close(tx, _about(person_id))


def decline(tx: Tx, person_id: ActorId, partner_id: ActorId) -> None:
    """`partner_id` says no to `person_id`; said of nothing, nothing happens."""
    _drop(
        tx,
        partner_id,
        dues_couples.c.person_id == person_id,
        dues_couples.c.partner_id == partner_id,
        dues_couples.c.agreed_at.is_(None),
    )


def end(tx: Tx, person_id: ActorId) -> None:
    """Somebody pays together no more, or asks no more. What is paid stays paid, for both."""
    _drop(tx, person_id, or_(dues_couples.c.person_id == person_id, _taken(person_id)))


def forget_member(tx: Tx, person_id: int) -> None:
    """Somebody is gone, and is nobody's couple."""
    _drop(tx, None, or_(dues_couples.c.person_id == person_id, dues_couples.c.partner_id == person_id))


def _drop(tx: Tx, by: ActorId | None, *which: ColumnElement[bool]) -> None:
    for row in tx.conn.execute(delete(dues_couples).where(*which).returning(*dues_couples.c)).all():
        before = "asked" if row.agreed_at is None else "agreed"
        audit.write(tx, "dues.couple", row.person_id, by=by, before=before, after="none")
        notices.close(tx, _about(row.person_id))


def _free_widowed(tx: Tx, person_id: int) -> None:
    """End what bound somebody to one who has died."""
    _drop(tx, None, *_agreed(person_id), _has_died())


def _has_died() -> ColumnElement[bool]:
    """Whether one of the two has died."""
    return exists().where(
        people.c.id.in_((dues_couples.c.person_id, dues_couples.c.partner_id)), people.c.memorial.is_(True)
    )


def _about(person_id: int) -> str:
    return f"dues-couple:{person_id}"


def _agreed(person_id: int) -> tuple[ColumnElement[bool], ...]:
    either = or_(dues_couples.c.person_id == person_id, dues_couples.c.partner_id == person_id)
    return (either, dues_couples.c.agreed_at.is_not(None))


def _taken(person_id: int) -> ColumnElement[bool]:
    return (dues_couples.c.partner_id == person_id) & dues_couples.c.agreed_at.is_not(None)


def _other(row: Row[tuple[object, ...]], person_id: int) -> int:
    return int(row.partner_id if row.person_id == person_id else row.person_id)
