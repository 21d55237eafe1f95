# SPDX-License-Identifier: AGPL-3.0-or-later
"""What somebody's profile says to somebody. `get` and `get_many` are the doors: what they leave out, nobody is shown."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, bindparam, case, func, select

from node.kernel.clock import Moment
from node.kernel.errors import NotFound
from node.members.tables import members
from node.profiles import ladder, rules
from node.profiles.ladder import Level, shown
from node.profiles.rules import FIELDS, Details, Facts, FederationMode, Kind, Listing, State
from node.profiles.tables import profile_entries, profiles
from node.relationships.visibility import not_blocked

_MOST_LABELS: Final = 200
_NEXT_END: Final = select(func.min(profile_entries.c.valid_until)).where(
    profile_entries.c.valid_until > bindparam("after", type_=Moment)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something that stands on a profile several times. `level` is as the member chose it."""

    id: int
    kind: Kind
    details: Details
    level: Level
    position: int
    state: State | None = None
    valid_until: datetime | None = None
    renewals: int = 0
    story: str = ""
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a profile says to one reader: nothing in it is hidden from them."""

    facts: Facts
    entries: tuple[Entry, ...] = ()

    def of(self, kind: Kind) -> tuple[Entry, ...]:
        """The entries of one kind, in the member's order."""
        return tuple(entry for entry in self.entries if entry.kind is kind)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return self.facts.is_empty and not self.entries


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """All of a profile, with the levels as chosen: for the member, and for what is built of it (never for a reader)."""

    facts: Facts
    levels: Mapping[str, Level]
    listed_to: Listing | None
    federation_mode: FederationMode | None
    entries: tuple[Entry, ...] = ()
    is_minor: bool = False
    version: int = 1

    def level_of(self, level: int) -> int:
        """The level that counts, under the mode and for who is not of age."""
        return rules.effective(level, self.federation_mode, is_minor=self.is_minor)

    def at(self, distance: int) -> Profile:
        """What a reader at this distance is shown."""
        seen = [name for name in FIELDS if shown(self.level_of(self.levels[name]), distance)]
        return Profile(
            facts=self.facts.only(seen),
            entries=tuple(
                entry
                for entry in self.entries
                if shown(self.level_of(entry.level), distance)
                and (entry.state in (None, State.OPEN) or distance == Level.ME)
            ),
        )


NOTHING: Final = Own(
    facts=Facts(),
    levels={name: Level(level) for name, level in rules.DEFAULT_LEVELS.items()},
    listed_to=None,
    federation_mode=None,
)


def get(conn: Connection, subject_id: int, viewer_id: int | None, now: datetime) -> Profile:
    """What somebody's profile says to `viewer_id` (None is a stranger). At most three statements."""
    return get_many(conn, [subject_id], viewer_id, now)[subject_id]


def get_many(
    conn: Connection, subject_ids: Collection[int], viewer_id: int | None, now: datetime
) -> dict[int, Profile]:
    """The same for several. At most three statements, however many they are."""
    found = everything(conn, subject_ids, now)
    distances = ladder.distances(conn, viewer_id, subject_ids)
    return {number: found[number].at(distances[number]) for number in subject_ids}


def next_end(conn: Connection, after: datetime) -> datetime | None:
    """When the next seek or offer is over, whoever's it is; None while there is none."""
    found: datetime | None = conn.execute(_NEXT_END, {"after": after}).scalar_one()
    return found


def own(conn: Connection, actor_id: int, now: datetime) -> Own:
    """All of one's own profile."""
    return everything(conn, [actor_id], now)[actor_id]


def unanswered(conn: Connection, actor_id: int) -> bool:
    """Whether somebody has not said yet who may find them, or how far their profile goes."""
    row = conn.execute(
        select(profiles.c.listed_to, profiles.c.federation_mode).where(profiles.c.actor_id == actor_id)
    ).one_or_none()
    return row is None or row.listed_to is None or row.federation_mode is None


def everything(conn: Connection, actor_ids: Collection[int], now: datetime) -> dict[int, Own]:
    """All of several profiles, whoever may see it: for indexes and exports. Two statements."""
    numbers = list(actor_ids)
    if not numbers:
        return {}
    with_age = select(profiles, members.c.adult_on).outerjoin(members, members.c.actor_id == profiles.c.actor_id)
    rows = {row.actor_id: row for row in conn.execute(with_age.where(profiles.c.actor_id.in_(numbers)))}
    entries: dict[int, list[Entry]] = {}
    ordered = (
        select(profile_entries)
        .where(profile_entries.c.actor_id.in_(numbers))
        .order_by(profile_entries.c.actor_id, profile_entries.c.position, profile_entries.c.id)
    )
    for row in conn.execute(ordered):
        entries.setdefault(row.actor_id, []).append(entry_of(row, now))
    today = now.date()
    return {number: _own(rows.get(number), tuple(entries.get(number, ())), today) for number in numbers}


def entry(conn: Connection, actor_id: int, entry_id: int, now: datetime) -> Entry:
    """An entry of one's own; raises NotFound for anybody else's."""
    row = conn.execute(
        select(profile_entries).where(profile_entries.c.id == entry_id, profile_entries.c.actor_id == actor_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return entry_of(row, now)


def asked(conn: Connection, entry_id: int, viewer_id: int, now: datetime) -> tuple[int, Entry]:
    """Whose open ask this is, and the ask, as far as `viewer_id` sees it. Raises NotFound."""
    owner = conn.execute(select(profile_entries.c.actor_id).where(profile_entries.c.id == entry_id)).scalar()
    if owner is None:
        raise NotFound
    for found in get(conn, owner, viewer_id, now).entries:
        if found.id == entry_id and found.state is State.OPEN:
            return int(owner), found
    raise NotFound


def labels(conn: Connection, viewer_id: int, kind: Kind) -> Sequence[str]:
    """Words that several members have for skills or interests, the most frequent first: to choose from, so that one thing
    has one name. Only of those who are listed to the school at least and show the word to it, as any member sees them."""
    word = profile_entries.c.details["label"].as_string()
    statement = (
        select(word)
        .join(profiles, profiles.c.actor_id == profile_entries.c.actor_id)
        .where(
            profile_entries.c.kind == kind,
            profile_entries.c.level >= Level.SCHOOL,
            profiles.c.listed_to.in_((Listing.SCHOOL, Listing.PARTNERS)),
            not_blocked(profile_entries.c.actor_id, viewer_id),
        )
        .group_by(word)
        .having(func.count() > 1)
        .order_by(func.count().desc(), word)
        .limit(_MOST_LABELS)
    )
    return [str(found) for found in conn.execute(statement).scalars()]


def is_listed(person: ColumnElement[int], viewer_id: int | None) -> ColumnElement[bool]:
    """The clause for a query of people: those who are listed to `viewer_id`. Contacts find each other whatever was said."""
    words = {listing.value: listing.level for listing in Listing}
    level = (
        select(case(words, value=profiles.c.listed_to, else_=Listing.NOBODY.level))
        .where(profiles.c.actor_id == person)
        .scalar_subquery()
    )
    return func.coalesce(level, Listing.NOBODY.level) >= ladder.distance_to(person, viewer_id)


def entry_of(row: Row[Any], now: datetime) -> Entry:
    """What is stored, as it stands at this moment."""
    kind = Kind(row.kind)
    return Entry(
        id=row.id,
        kind=kind,
        details=rules.from_json(kind, row.details),
        level=Level(row.level),
        position=row.position,
        state=None if row.state is None else rules.state_at(State(row.state), row.valid_until, now),
        valid_until=row.valid_until,
        renewals=row.renewals,
        story=row.story,
        version=row.version,
    )


def _own(row: Row[Any] | None, entries: tuple[Entry, ...], today: date) -> Own:
    if row is None:
        return Own(facts=NOTHING.facts, levels=NOTHING.levels, listed_to=None, federation_mode=None, entries=entries)
    stored: dict[str, Any] = dict(row._mapping)
    texts: Sequence[str] = (
        "given_name",
        "family_name",
        "birth_family_name",
        "name_pronunciation",
        "pronouns",
        "headline",
        "city",
        "country",
    )
    return Own(
        facts=Facts(
            **{name: stored[name] for name in texts},
            other_names=tuple(stored["other_names"]),
            languages=tuple((tag, fluency) for tag, fluency in stored["languages"]),
        ),
        levels={name: Level(stored[f"{name}_level"]) for name in FIELDS},
        listed_to=None if row.listed_to is None else Listing(row.listed_to),
        federation_mode=None if row.federation_mode is None else FederationMode(row.federation_mode),
        entries=entries,
        is_minor=row.adult_on is not None and row.adult_on > today,
        version=row.version,
    )
