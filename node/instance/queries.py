# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reading what the association says."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from activitypub.emojis import is_unicode
from node.emojis import CustomEmoji, by_words, words_in
from node.instance.rules import TextKind
from node.instance.tables import (
    announcement_dismissals,
    announcement_reactions,
    announcements,
    instance_rules,
    instance_texts,
)
from node.kernel import html
from node.kernel.errors import NotFound
from node.kernel.html import Html

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the association."""

    id: int
    text: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A text as it holds from a day on, and the day of the one that came after it, if one did."""

    kind: TextKind
    day: date
    source: str
    updated_at: datetime
    succeeded_by: date | None = None

    @property
    def content(self) -> Html:
        """As HTML: Markdown that may hold no HTML of its own, and the sanitiser after it."""
        from markdown_it import MarkdownIt

        return html.sanitise(MarkdownIt("commonmark", {"html": False}).render(self.source).strip())


@dataclass(frozen=True, slots=True)
class Reaction:
    """How many answered an announcement with this emoji, and whether the viewer did. `emoji` is one of the node's own."""

    name: str
    count: int
    mine: bool
    emoji: CustomEmoji | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """An announcement, as one member sees it. `emojis` are those that its text names.

    With `all_day` the times are midnights, and the last day is part of it.
    """

    id: int
    text: str
    starts_at: datetime | None
    ends_at: datetime | None
    all_day: bool
    language: str | None
    published_at: datetime
    updated_at: datetime
    dismissed: bool
    reactions: tuple[Reaction, ...]
    emojis: tuple[CustomEmoji, ...] = ()

    @property
    def content(self) -> Html:
        """As HTML."""
        return html.render_plain(self.text)


def rules(conn: Connection) -> list[Rule]:
    """The rules that hold, in their order."""
    rows = conn.execute(
        select(instance_rules)
        .where(instance_rules.c.removed_at.is_(None))
        .order_by(instance_rules.c.position, instance_rules.c.id)
    )
    return [Rule(row.id, row.text, row.hint) for row in rows]


def rules_by_ids(conn: Connection, rule_ids: Collection[int]) -> dict[int, Rule]:
    """Those of the rules that are or were there, by number."""
    if not rule_ids:
        return {}
    rows = conn.execute(
        select(instance_rules).where(instance_rules.c.id.in_(set(rule_ids))).order_by(instance_rules.c.position)
    )
    return {row.id: Rule(row.id, row.text, row.hint) for row in rows}


def versions(conn: Connection, kind: TextKind) -> list[Version]:
    """Every version of a text, the oldest first."""
    rows = conn.execute(
        select(instance_texts).where(instance_texts.c.kind == kind).order_by(instance_texts.c.day)
    ).all()
    after = [date.fromisoformat(row.day) for row in rows[1:]]
    return [
        Version(
            kind=kind,
            day=date.fromisoformat(row.day),
            source=row.source,
            updated_at=row.updated_at,
            succeeded_by=after[index] if index < len(after) else None,
        )
        for index, row in enumerate(rows)
    ]


def text_on(conn: Connection, kind: TextKind, today: date) -> Version:
    """The text that holds today, or the first that is to come. Raises NotFound where none is written."""
    found = versions(conn, kind)
    if not found:
        raise NotFound
    return next((one for one in reversed(found) if one.day <= today), found[0])


def text_of_day(conn: Connection, kind: TextKind, day: str) -> Version:
    """The version that began to hold on this day. Raises NotFound."""
    found = next((one for one in versions(conn, kind) if one.day.isoformat() == day), None)
    if found is None:
        raise NotFound
    return found


def written(conn: Connection, today: date) -> frozenset[TextKind]:
    """The texts that hold today."""
    rows = conn.execute(select(instance_texts.c.kind).where(instance_texts.c.day <= today.isoformat()).distinct())
    return frozenset(TextKind(kind) for kind in rows.scalars())


def current(conn: Connection, member_id: int, now: datetime, *, dismissed: bool = False) -> list[Announcement]:
    """The announcements that are out and not over, oldest first; with `dismissed` also those that the member put away."""
    wanted = announcements.c.published_at <= now
    wanted &= or_(
        announcements.c.ends_at.is_(None),
        and_(announcements.c.all_day.is_(False), announcements.c.ends_at > now),
        and_(announcements.c.all_day.is_(True), announcements.c.ends_at > now - _DAY),
    )
    found = _announcements(conn, member_id, wanted)
    return [one for one in found if dismissed or not one.dismissed]


def every(conn: Connection, member_id: int) -> list[Announcement]:
    """All announcements there ever were, oldest first: for those who write them."""
    return _announcements(conn, member_id, announcements.c.id > 0)


def get(conn: Connection, number: int, member_id: int) -> Announcement:
    """One of them; raises NotFound."""
    found = _announcements(conn, member_id, announcements.c.id == number)
    if not found:
        raise NotFound
    return found[0]


def _announcements(conn: Connection, member_id: int, wanted: ColumnElement[bool]) -> list[Announcement]:
    away = announcement_dismissals
    rows = conn.execute(
        select(announcements, away.c.member_id.label("dismissed"))
        .outerjoin(away, and_(away.c.announcement_id == announcements.c.id, away.c.member_id == member_id))
        .where(wanted)
        .order_by(announcements.c.id)
    ).all()
    answered = _reactions(conn, [row.id for row in rows], member_id)
    named = {row.id: words_in(row.text) for row in rows}
    words = {word for found in named.values() for word in found}
    words.update(one.name for found in answered.values() for one in found if one.name.isascii())
    usable = {word: emoji for word, emoji in by_words(conn, words).items() if not emoji.disabled}
    return [
        Announcement(
            id=row.id,
            text=row.text,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            all_day=row.all_day,
            language=row.language,
            published_at=row.published_at,
            updated_at=row.updated_at,
            dismissed=row.dismissed is not None,
            reactions=tuple(
                replace(one, emoji=usable.get(one.name))
                for one in answered.get(row.id, ())
                # The word of an emoji that is gone says nothing; a digit in a box is no word.
                if one.name in usable or is_unicode(one.name)
            ),
            emojis=tuple(usable[word] for word in named[row.id] if word in usable),
        )
        for row in rows
    ]


def _reactions(conn: Connection, numbers: Sequence[int], member_id: int) -> dict[int, list[Reaction]]:
    if not numbers:
        return {}
    table = announcement_reactions
    mine = func.max(case((table.c.member_id == member_id, 1), else_=0))
    rows = conn.execute(
        select(table.c.announcement_id, table.c.name, func.count().label("people"), mine.label("mine"))
        .where(table.c.announcement_id.in_(numbers))
        .group_by(table.c.announcement_id, table.c.name)
        .order_by(func.min(table.c.created_at), table.c.name)
    )
    found: dict[int, list[Reaction]] = defaultdict(list)
    for row in rows:
        found[row.announcement_id].append(Reaction(row.name, row.people, bool(row.mine)))
    return found
