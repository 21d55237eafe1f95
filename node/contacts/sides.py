# SPDX-License-Identifier: AGPL-3.0-or-later
"""What one side of a contact keeps and gives: grants, a note, tags, a day and a mute. All of it ends with the contact.

A grant lets the other side read one thing of the giver's: the e-mail address of the login, or what the giver wrote down
for contacts (`contact_data`). The thing itself is looked up when it is read, so that a correction is read at once. Who
asks may promise grants, which count once both are contacts. All else is read by the one who wrote it, and by nobody
else, whatever their role.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from node.actors import Actor, ActorId
from node.contacts import rules
from node.contacts.queries import find
from node.contacts.rules import Grant, State
from node.contacts.tables import contact_data, contact_sides, contact_tags, contacts
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import Invalid, NotFound
from node.kernel.i18n import marked
from node.kernel.text import clean, clean_line
from node.members.tables import members

_NO_DATA: Final = {"phone": "", "address": "", "birthday": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What a member keeps of a contact of theirs, and gives them. `muted`: they are told nothing of what the other does.

    `last_contact` is the day on which they last heard of each other, as they wrote it down.
    """

    contact_id: int
    grants: frozenset[Grant] = frozenset()
    note: str = ""
    tags: tuple[str, ...] = ()
    muted: bool = False
    last_contact: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactData:
    """What a member can give to contacts beside the e-mail address; empty where they wrote nothing."""

    phone: str = ""
    address: str = ""
    birthday: str = ""


def side(conn: Connection, owner: ActorId, other: int) -> Side:
    """What `owner` keeps of the other and gives them. Raises NotFound for whoever is no contact."""
    row = _confirmed(conn, owner, other)
    kept = conn.execute(
        select(contact_sides).where(contact_sides.c.contact_id == row.id, contact_sides.c.owner_id == owner)
    ).one_or_none()
    tags = tags_on(conn, owner, [row.id]).get(row.id, ())
    if kept is None:
        return Side(contact_id=row.id, tags=tags)
    return Side(
        contact_id=row.id,
        grants=_grants(kept.grants),
        note=kept.note,
        tags=tags,
        muted=kept.muted,
        last_contact=kept.last_contact,
    )


def granted(conn: Connection, reader: ActorId, others: Collection[int]) -> Mapping[int, Mapping[Grant, str]]:
    """What each of the others lets `reader` have, without what is empty. One statement."""
    if not others:
        return {}
    other = case((contacts.c.low_id == reader, contacts.c.high_id), else_=contacts.c.low_id)
    rows = conn.execute(
        select(contact_sides.c.owner_id, contact_sides.c.grants, members.c.email, *contact_data.c)
        .join(contacts, contacts.c.id == contact_sides.c.contact_id)
        .join(members, members.c.actor_id == contact_sides.c.owner_id)
        .outerjoin(contact_data, contact_data.c.member_id == contact_sides.c.owner_id)
        .where(
            or_(contacts.c.low_id == reader, contacts.c.high_id == reader),
            contacts.c.state == State.CONFIRMED,
            contact_sides.c.owner_id == other,
            contact_sides.c.owner_id.in_(others),
        )
    )
    found: dict[int, Mapping[Grant, str]] = {}
    for row in rows:
        given = _grants(row.grants)
        # In the order in which they are shown, whatever was ticked first.
        values = {grant: getattr(row, grant.value) or "" for grant in Grant if grant in given}
        found[row.owner_id] = {grant: value for grant, value in values.items() if value}
    return found


def give(tx: Tx, owner: Actor, other: int, grants: Collection[Grant]) -> None:
    """Let a contact have these things of `owner`, and no others. Raises NotFound."""
    _keep(tx, owner, other, grants=sorted(set(grants)))


def promise(tx: Tx, owner: Actor, contact_id: int, grants: Collection[Grant]) -> None:
    """Let somebody whom `owner` asks have these things once both are contacts."""
    _make(tx, contact_id, owner)
    _set(tx, contact_id, owner, grants=sorted(set(grants)))


def mute(tx: Tx, owner: Actor, other: int, *, on: bool) -> None:
    """Tell `owner` nothing of what a contact does from now on, or again; the other learns nothing. Raises NotFound."""
    _keep(tx, owner, other, muted=on)


def is_muted(owner: int | ColumnElement[int], other: int | ColumnElement[int]) -> ColumnElement[bool]:
    """The clause: `other` is a contact of `owner`, who wants to be told nothing of what they do."""
    return exists(
        select(contact_sides.c.contact_id)
        .join(contacts, contacts.c.id == contact_sides.c.contact_id)
        .where(
            contact_sides.c.owner_id == owner,
            contact_sides.c.muted.is_(True),
            contacts.c.state == State.CONFIRMED,
            or_(
                and_(contacts.c.low_id == owner, contacts.c.high_id == other),
                and_(contacts.c.high_id == owner, contacts.c.low_id == other),
            ),
        )
    )


def keep_note(
    tx: Tx, owner: Actor, other: int, *, note: str, tags: Sequence[str], last_contact: date | None = None
) -> None:
    """Keep a note, tags and the day of the last contact, in place of those before. Raises NotFound, Invalid."""
    # Where the sun rises first it is a day later than by UTC.
    if last_contact is not None and last_contact > tx.now.date() + timedelta(days=1):
        raise Invalid(marked("This day has not come yet."), field="last_contact")
    text = clean(note, rules.MAX_NOTE + 1)
    if len(text) > rules.MAX_NOTE:
        raise Invalid(marked("Please write at most 2,000 characters."), field="note")
    named: dict[str, str] = {}
    for tag in tags:
        name = clean_line(tag, rules.MAX_TAG + 1)
        if len(name) > rules.MAX_TAG:
            raise Invalid(marked("A tag has at most 40 characters."), field="tags")
        if name:
            named.setdefault(_key(name), name)
    if len(named) > rules.MAX_TAGS:
        raise Invalid(marked("At most ten tags."), field="tags")
    row = _keep(tx, owner, other, note=text, last_contact=last_contact)
    tx.conn.execute(
        delete(contact_tags).where(contact_tags.c.contact_id == row.id, contact_tags.c.owner_id == owner.id)
    )
    if named:
        tx.conn.execute(
            insert(contact_tags),
            [
                {"contact_id": row.id, "owner_id": owner.id, "name_key": key, "name": name}
                for key, name in named.items()
            ],
        )


def tags_on(conn: Connection, owner: ActorId, contact_ids: Collection[int]) -> Mapping[int, tuple[str, ...]]:
    """The tags that `owner` put on these contacts, by the number of the contact. One statement."""
    if not contact_ids:
        return {}
    rows = conn.execute(
        select(contact_tags.c.contact_id, contact_tags.c.name)
        .where(contact_tags.c.owner_id == owner, contact_tags.c.contact_id.in_(contact_ids))
        .order_by(contact_tags.c.name_key)
    )
    found: dict[int, tuple[str, ...]] = {}
    for row in rows:
        found[row.contact_id] = (*found.get(row.contact_id, ()), row.name)
    return found


def heard_on(conn: Connection, owner: ActorId, contact_ids: Collection[int]) -> Mapping[int, date]:
    """The days that `owner` wrote down of these contacts, by the number of the contact. One statement."""
    if not contact_ids:
        return {}
    rows = conn.execute(
        select(contact_sides.c.contact_id, contact_sides.c.last_contact).where(
            contact_sides.c.owner_id == owner,
            contact_sides.c.contact_id.in_(contact_ids),
            contact_sides.c.last_contact.is_not(None),
        )
    )
    return {row.contact_id: row.last_contact for row in rows}


def tags_of(conn: Connection, owner: ActorId) -> Sequence[tuple[str, int]]:
    """All the tags that `owner` uses, each with how many contacts have it."""
    rows = conn.execute(
        select(func.min(contact_tags.c.name).label("name"), func.count().label("contacts"))
        .where(contact_tags.c.owner_id == owner)
        .group_by(contact_tags.c.name_key)
        .order_by(contact_tags.c.name_key)
    )
    return [(row.name, row.contacts) for row in rows]


def has_tag(owner: ActorId, tag: str) -> ColumnElement[bool]:
    """The clause for a query of contacts: those on which `owner` put this tag."""
    return contacts.c.id.in_(
        select(contact_tags.c.contact_id).where(
            contact_tags.c.owner_id == owner, contact_tags.c.name_key == _key(clean_line(tag, rules.MAX_TAG))
        )
    )


def data(conn: Connection, owner: ActorId) -> ContactData:
    """What a member wrote down for contacts; for themselves."""
    row = conn.execute(select(contact_data).where(contact_data.c.member_id == owner)).one_or_none()
    if row is None:
        return ContactData()
    return ContactData(phone=row.phone, address=row.address, birthday=row.birthday)


def keep_data(tx: Tx, owner: Actor, *, phone: str, address: str, birthday: str) -> None:
    """Write down what contacts can be given, in place of what was there. Raises Invalid."""
    values = {
        "phone": clean_line(phone, rules.MAX_PHONE + 1),
        "address": clean(address, rules.MAX_ADDRESS + 1),
        "birthday": clean_line(birthday, rules.MAX_BIRTHDAY + 1),
    }
    for field, most in (
        ("phone", rules.MAX_PHONE),
        ("address", rules.MAX_ADDRESS),
        ("birthday", rules.MAX_BIRTHDAY),
    ):
        if len(values[field]) > most:
            raise Invalid(marked("This is too long."), field=field)
    tx.conn.execute(insert_or_ignore(tx.conn, contact_data), {"member_id": owner.id, **_NO_DATA})
    tx.conn.execute(update(contact_data).where(contact_data.c.member_id == owner.id).values(**values))


def forget_owner(tx: Tx, owner: int) -> None:
    """Somebody is gone: what they kept of others and had to give."""
    tx.conn.execute(delete(contact_sides).where(contact_sides.c.owner_id == owner))
    tx.conn.execute(delete(contact_tags).where(contact_tags.c.owner_id == owner))
    tx.conn.execute(delete(contact_data).where(contact_data.c.member_id == owner))


def _keep(tx: Tx, owner: Actor, other: int, **values: object) -> Row[Any]:
    row = _confirmed(tx.conn, owner.id, other)
    _make(tx, row.id, owner)
    _set(tx, row.id, owner, **values)
    return row


def _make(tx: Tx, contact_id: int, owner: Actor) -> None:
    tx.conn.execute(
        insert_or_ignore(tx.conn, contact_sides),
        {"contact_id": contact_id, "owner_id": owner.id, "grants": [], "note": "", "muted": False},
    )


def _set(tx: Tx, contact_id: int, owner: Actor, **values: object) -> None:
    tx.conn.execute(
        update(contact_sides)
        .where(contact_sides.c.contact_id == contact_id, contact_sides.c.owner_id == owner.id)
        .values(**values)
    )


def _confirmed(conn: Connection, owner: int, other: int) -> Row[Any]:
    row = find(conn, owner, other)
    if row is None or row.state != State.CONFIRMED:
        raise NotFound
    return row


def _grants(stored: Collection[str]) -> frozenset[Grant]:
    return frozenset(Grant(value) for value in stored)


def _key(name: str) -> str:
    return name.casefold()[: rules.MAX_TAG]
