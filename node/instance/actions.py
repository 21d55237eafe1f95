# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writing what the association says, and answering its announcements.

Topics of the bus: `announcement` (what happened to one) and `instance.changed` (rules or texts).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, insert, select, update

from node import emojis
from node.emojis import CustomEmoji
from node.instance import queries, rules
from node.instance.queries import Announcement
from node.instance.rules import TextKind
from node.instance.tables import (
    announcement_dismissals,
    announcement_reactions,
    announcements,
    instance_rules,
    instance_texts,
)
from node.kernel import queue
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import NotFound
from node.kernel.ids import new_id
from node.kernel.text import clean, clean_line

PUBLISH: Final = "instance.publish_announcement"
"""The task that tells open streams of an announcement whose time has come."""

ANNOUNCED: Final = "announcement"
CHANGED: Final = "instance.changed"


@dataclass(frozen=True, slots=True)
class AnnouncementWritten:
    """An announcement is new, or says something else."""

    announcement_id: int


@dataclass(frozen=True, slots=True)
class AnnouncementAnswered:
    """So many answer an announcement with this emoji now; `emoji` is one of the node's own."""

    announcement_id: int
    name: str
    count: int
    emoji: CustomEmoji | None = None


@dataclass(frozen=True, slots=True)
class AnnouncementRemoved:
    """An announcement is gone."""

    announcement_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What an announcement says, in which language, and of when; and when it comes out, if that is not now.

    What is out stays out: `publish_at` then says nothing.
    """

    text: str
    language: str | None = None
    publish_at: datetime | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    all_day: bool = False


def add_rule(tx: Tx, roles: Collection[str], text: str, hint: str = "") -> int:
    """A further rule, after the others. Raises NotAllowed, Invalid."""
    rules.check_admin(roles)
    words = rules.check_text(clean_line(text, rules.MAX_RULE + 1), rules.MAX_RULE)
    last = tx.conn.execute(select(func.max(instance_rules.c.position))).scalar_one()
    number = new_id(tx.now)
    tx.conn.execute(
        insert(instance_rules),
        {"id": number, "position": (last or 0) + 1, "text": words, "hint": clean_line(hint, rules.MAX_RULE)},
    )
    _tell_changed(tx)
    return number


def change_rule(tx: Tx, roles: Collection[str], rule_id: int, text: str, hint: str = "") -> None:
    """Word a rule anew. Raises NotAllowed, NotFound, Invalid."""
    rules.check_admin(roles)
    words = rules.check_text(clean_line(text, rules.MAX_RULE + 1), rules.MAX_RULE)
    _of_rule(tx, rule_id, {"text": words, "hint": clean_line(hint, rules.MAX_RULE)})


def remove_rule(tx: Tx, roles: Collection[str], rule_id: int) -> None:
    """Take a rule back; reports go on naming it. Raises NotAllowed, NotFound."""
    rules.check_admin(roles)
    _of_rule(tx, rule_id, {"removed_at": tx.now})


def _of_rule(tx: Tx, rule_id: int, values: dict[str, object]) -> None:
    holds = instance_rules.c.removed_at.is_(None)
    if (
        tx.conn.execute(update(instance_rules).where(instance_rules.c.id == rule_id, holds).values(values)).rowcount
        == 0
    ):
        raise NotFound
    _tell_changed(tx)


def write_text(tx: Tx, roles: Collection[str], kind: TextKind, source: str, day: str = "") -> None:
    """A text as it holds from a day on, in place of what was written for that day. Raises NotAllowed, Invalid."""
    rules.check_admin(roles)
    words = rules.check_text(clean(source, rules.MAX_TEXT + 1), rules.MAX_TEXT)
    first = rules.check_day(day, tx.now.date())
    tx.conn.execute(delete(instance_texts).where(instance_texts.c.kind == kind, instance_texts.c.day == first))
    tx.conn.execute(insert(instance_texts), {"kind": kind, "day": first, "source": words, "updated_at": tx.now})
    _tell_changed(tx)


def announce(tx: Tx, roles: Collection[str], wording: Wording) -> int:
    """Announce something to every member, now or later. Raises NotAllowed, Invalid."""
    values = _checked(roles, wording)
    number = new_id(tx.now)
    comes_out = max(tx.now, wording.publish_at or tx.now)
    tx.conn.execute(insert(announcements), {"id": number, **values, "published_at": comes_out, "updated_at": tx.now})
    _tell_in_time(tx, number, comes_out)
    return number


def change(tx: Tx, roles: Collection[str], number: int, wording: Wording) -> None:
    """Say something else, or say it at another time, if it is not out yet. Raises NotAllowed, NotFound, Invalid."""
    values = {**_checked(roles, wording), "updated_at": tx.now}
    before = _published_at(tx, number)
    comes_out = before if before <= tx.now else max(tx.now, wording.publish_at or tx.now)
    values["published_at"] = comes_out
    tx.conn.execute(update(announcements).where(announcements.c.id == number).values(values))
    _tell_in_time(tx, number, comes_out)


def publish(tx: Tx, number: int, task_id: int) -> None:
    """What the task does. One that was put off, or is gone, is left alone."""
    comes_out = tx.conn.execute(select(announcements.c.published_at).where(announcements.c.id == number)).scalar()
    if comes_out is not None and comes_out <= tx.now:
        _tell(tx, AnnouncementWritten(number))
    queue.complete(tx, task_id)


def _published_at(tx: Tx, number: int) -> datetime:
    found: datetime | None = tx.conn.execute(
        select(announcements.c.published_at).where(announcements.c.id == number)
    ).scalar()
    if found is None:
        raise NotFound
    return found


def _tell_in_time(tx: Tx, number: int, comes_out: datetime) -> None:
    if comes_out <= tx.now:
        _tell(tx, AnnouncementWritten(number))
        return
    # One row for each time: it may be put off, and brought forward again.
    once = f"{PUBLISH}:{number}:{comes_out:%Y%m%d%H%M%S}"
    queue.enqueue(tx, PUBLISH, {"announcement": number}, run_at=comes_out, once=once)


def end(tx: Tx, roles: Collection[str], number: int) -> None:
    """Show it no more from now on. Raises NotAllowed, NotFound."""
    rules.check_admin(roles)
    values = {"ends_at": tx.now, "all_day": False, "updated_at": tx.now}
    if tx.conn.execute(update(announcements).where(announcements.c.id == number).values(values)).rowcount == 0:
        raise NotFound
    _tell(tx, AnnouncementRemoved(number))


def remove(tx: Tx, roles: Collection[str], number: int) -> None:
    """Take it away, with all answers. Raises NotAllowed, NotFound."""
    rules.check_admin(roles)
    if tx.conn.execute(delete(announcements).where(announcements.c.id == number)).rowcount == 0:
        raise NotFound
    _tell(tx, AnnouncementRemoved(number))


def dismiss(tx: Tx, member_id: int, number: int) -> None:
    """The member has read it. Twice changes nothing. Raises NotFound."""
    _out(tx, number, member_id)
    tx.conn.execute(
        insert_or_ignore(tx.conn, announcement_dismissals), {"announcement_id": number, "member_id": member_id}
    )


def react(tx: Tx, member_id: int, number: int, name: str) -> None:
    """Answer with an emoji, or the word of one of the node's own. Twice changes nothing. Raises NotFound, Invalid."""
    found = _out(tx, number, member_id)
    own = _own(tx, name)
    rules.check_reaction(name, [one.name for one in found.reactions], is_own=own is not None)
    done = tx.conn.execute(
        insert_or_ignore(tx.conn, announcement_reactions),
        {"announcement_id": number, "name": name, "member_id": member_id, "created_at": tx.now},
    )
    if done.rowcount:
        _tell_count(tx, found, name, member_id)


def take_back(tx: Tx, member_id: int, number: int, name: str) -> None:
    """Take that back. Raises NotFound."""
    found = _out(tx, number, member_id)
    table = announcement_reactions
    done = tx.conn.execute(
        delete(table).where(table.c.announcement_id == number, table.c.name == name, table.c.member_id == member_id)
    )
    if done.rowcount == 0:
        raise NotFound
    _tell_count(tx, found, name, member_id)


def _out(tx: Tx, number: int, member_id: int) -> Announcement:
    """An announcement that members can see. Raises NotFound."""
    found = queries.get(tx.conn, number, member_id)
    if found.published_at > tx.now:
        raise NotFound
    return found


def _checked(roles: Collection[str], wording: Wording) -> dict[str, object]:
    rules.check_admin(roles)
    rules.check_times(wording.starts_at, wording.ends_at, wording.publish_at)
    return {
        "text": rules.check_text(clean(wording.text, rules.MAX_ANNOUNCEMENT + 1), rules.MAX_ANNOUNCEMENT),
        "starts_at": wording.starts_at,
        "ends_at": wording.ends_at,
        "all_day": wording.all_day,
        "language": rules.check_language(wording.language),
    }


def _tell_count(tx: Tx, found: Announcement, name: str, member_id: int) -> None:
    after = queries.get(tx.conn, found.id, member_id)
    count = next((one.count for one in after.reactions if one.name == name), 0)
    _tell(tx, AnnouncementAnswered(found.id, name, count, _own(tx, name)))


def _own(tx: Tx, name: str) -> CustomEmoji | None:
    emoji = emojis.by_shortcode(tx.conn, name) if name.isascii() else None
    return emoji if emoji is not None and not emoji.disabled else None


def _tell(tx: Tx, news: object) -> None:
    bus = tx.bus
    tx.after_commit(lambda: bus.publish(ANNOUNCED, news))


def _tell_changed(tx: Tx) -> None:
    bus = tx.bus
    tx.after_commit(lambda: bus.publish(CHANGED))
