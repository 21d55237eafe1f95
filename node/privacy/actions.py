# SPDX-License-Identifier: AGPL-3.0-or-later
"""Agreeing and taking it back, noting who looked, asking for a copy of one's data."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sqlalchemy import ColumnElement, delete, insert, or_, select, update

from node import actors, instance, mail, members, profiles
from node.actors import ActorId, ActorType
from node.instance import TextKind
from node.kernel import audit, queue
from node.kernel.db import Tx
from node.kernel.errors import NotFound, TooMany
from node.kernel.i18n import marked
from node.kernel.ids import new_id, secret
from node.members import Member
from node.privacy import erasures, letters, queries
from node.privacy.rules import KEPT_ACCESS, KEPT_EXPORT, Purpose, Seen, may_ask_again
from node.privacy.tables import (
    access_log,
    consents,
    departures,
    exports,
    staff_export_people,
    staff_exports,
)
from node.profiles import FederationMode, Listing

MAKE: Final = "privacy.make_export"
REMOVE: Final = "privacy.remove_exports"


def give(tx: Tx, person_id: int, purpose: Purpose, *, how: str) -> None:
    """Somebody agrees, under the privacy policy of today. Agreeing twice is harmless."""
    if tx.conn.execute(select(consents.c.id).where(*_open(person_id, purpose)).limit(1)).first() is not None:
        return
    try:
        version = instance.text_on(tx.conn, TextKind.PRIVACY, tx.now.date()).day
    except NotFound:
        version = None
    tx.conn.execute(
        insert(consents),
        {
            "id": new_id(tx.now),
            "person_id": person_id,
            "purpose": purpose,
            "text_version": str(version or ""),
            "how": how,
            "given_at": tx.now,
        },
    )


def withdraw(tx: Tx, person_id: int, purpose: Purpose) -> None:
    """They take it back. That they had agreed stays, for who must show it. Twice is harmless."""
    tx.conn.execute(update(consents).where(*_open(person_id, purpose)).values(withdrawn_at=tx.now))


def settle(tx: Tx, person_id: int, wanted: Mapping[Purpose, bool], *, how: str) -> None:
    """What somebody's settings say now, as consents given and taken back."""
    given = set(
        tx.conn.execute(
            select(consents.c.purpose).where(consents.c.person_id == person_id, consents.c.withdrawn_at.is_(None))
        ).scalars()
    )
    for purpose, agreed in wanted.items():
        if agreed and purpose not in given:
            give(tx, person_id, purpose, how=how)
        elif not agreed and purpose in given:
            withdraw(tx, person_id, purpose)


def settle_settings(tx: Tx, actor_id: int) -> None:
    """What a member's settings allow now, as consents: a choice of theirs is given and taken back where it is made."""
    actor = actors.by_ids(tx.conn, [actor_id]).get(ActorId(actor_id))
    if actor is None or not actor.is_local or actor.type is not ActorType.PERSON:
        return
    own = profiles.own(tx.conn, actor.id, tx.now)
    mode, listed = own.federation_mode, own.listed_to
    wanted = {
        Purpose.DIRECTORY: listed not in (None, Listing.NOBODY),
        Purpose.PARTNERS: mode in (FederationMode.PARTNERS, FederationMode.OPEN),
        Purpose.PUBLIC: mode is FederationMode.OPEN,
        Purpose.SEARCH: actor.indexable,
    }
    settle(tx, actor.id, wanted, how="settings")


def looked(tx: Tx, viewer_id: int, subject_id: int, what: Seen) -> None:
    """Somebody of the staff opened the data of another."""
    looked_through(tx, viewer_id, [subject_id], what)


def looked_through(tx: Tx, viewer_id: int, subject_ids: Collection[int], what: Seen) -> None:
    """Somebody of the staff opened a list of others' data; looking again within the hour is one look, at oneself none."""
    hour = tx.now.replace(minute=0, second=0, microsecond=0)
    wanted = set(subject_ids) - {viewer_id}
    if not wanted:
        return
    again = select(access_log.c.subject_id).where(
        access_log.c.viewer_id == viewer_id,
        access_log.c.subject_id.in_(wanted),
        access_log.c.what == what,
        access_log.c.at >= hour,
    )
    new = sorted(wanted - set(tx.conn.execute(again).scalars()))
    if new:
        common = {"viewer_id": viewer_id, "what": what, "at": tx.now}
        tx.conn.execute(insert(access_log), [{"id": new_id(tx.now), "subject_id": one, **common} for one in new])


def ask_export(tx: Tx, member: Member) -> None:
    """Have a copy of somebody's data made; it takes the place of the one before. Raises TooMany within a day."""
    before = queries.exports_of(tx.conn, member.id)
    if before and not may_ask_again(before[0].asked_at, tx.now):
        raise TooMany(marked("You can ask for a copy once a day."), retry_after=3600)
    _drop(tx, [one.file for one in before])
    number = new_id(tx.now)
    name = f"{secret()[:32]}.zip"
    tx.conn.execute(insert(exports), {"id": number, "member_id": member.id, "file": name, "asked_at": tx.now})
    audit.write(tx, "export", member.id, by=member.id)
    queue.enqueue(tx, MAKE, {"export": number})


def export_made(tx: Tx, export_id: int, size: int) -> bool:
    """The file is there: say so by mail. False if nobody wants it any more."""
    found = tx.conn.execute(update(exports).where(exports.c.id == export_id).values(size=size, ready_at=tx.now))
    if found.rowcount == 0:
        return False
    member = members.get(tx.conn, queries.export(tx.conn, export_id).member_id)
    mail.post(tx, member.email, letters.export_ready(tx.site, member.locale), member=member.id)
    return True


def forget_actor(tx: Tx, actor_id: int) -> None:
    """Somebody is gone: what they agreed to, who looked at it, and their copies. The audit keeps their number."""
    tx.conn.execute(delete(consents).where(consents.c.person_id == actor_id))
    tx.conn.execute(
        delete(access_log).where(or_(access_log.c.subject_id == actor_id, access_log.c.viewer_id == actor_id))
    )
    tx.conn.execute(delete(departures).where(departures.c.member_id == actor_id))
    tx.conn.execute(delete(staff_export_people).where(staff_export_people.c.person_id == actor_id))
    tx.conn.execute(update(staff_exports).where(staff_exports.c.by_id == actor_id).values(by_id=None))
    _drop(tx, [one.file for one in queries.exports_of(tx.conn, actor_id)])
    audit.forget_reasons(tx, actor_id)


def sweep(tx: Tx) -> None:
    """Forget looks and files of the staff that are a year old, and copies that were there for a week; keep who is silent."""
    tx.conn.execute(delete(access_log).where(access_log.c.at <= tx.now - KEPT_ACCESS))
    audit.sweep(tx)
    erasures.note_silent(tx)
    old = select(staff_exports.c.id).where(staff_exports.c.at <= tx.now - KEPT_ACCESS)
    tx.conn.execute(delete(staff_export_people).where(staff_export_people.c.export_id.in_(old)))
    tx.conn.execute(delete(staff_exports).where(staff_exports.c.at <= tx.now - KEPT_ACCESS))
    ended = select(exports.c.file).where(exports.c.asked_at <= tx.now - KEPT_EXPORT)
    _drop(tx, tx.conn.execute(ended).scalars().all())


def _drop(tx: Tx, files: Sequence[str]) -> None:
    if files:
        tx.conn.execute(delete(exports).where(exports.c.file.in_(files)))
        queue.enqueue(tx, REMOVE, {"files": list(files)})


def _open(person_id: int, purpose: Purpose) -> tuple[ColumnElement[bool], ...]:
    return consents.c.person_id == person_id, consents.c.purpose == purpose, consents.c.withdrawn_at.is_(None)
