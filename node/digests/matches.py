# SPDX-License-Identifier: AGPL-3.0-or-later
"""What others seek that a member can give, and offer that a member seeks. Only the reader is told: nobody learns that
something of theirs stood in a letter.

What somebody seeks meets the reader by a hashtag of what the reader offers, or by a skill of theirs; what somebody offers
meets by a hashtag of what the reader seeks.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, and_, or_, select

from node import contacts, profiles
from node.actors import Actor, by_ids
from node.actors.tables import actors
from node.digests import rules
from node.kernel.text import fold_hashtag
from node.members.tables import members
from node.profiles import Ask, Entry, Kind, Label, State
from node.profiles.tables import profile_entries
from node.relationships.hiding import is_unwanted, is_withheld
from node.relationships.visibility import not_blocked

_LATEST: Final = 2000
_PEOPLE: Final = 100


@dataclass(frozen=True, slots=True)
class Match:
    """Something that somebody seeks or offers (`kind`), as the reader may see it."""

    person: Actor
    kind: Kind
    ask: Ask


def new_matches(conn: Connection, member_id: int, since: datetime, now: datetime) -> Sequence[Match]:
    """What was published since then and meets the member, the latest first. Nobody stands in it whom the member may not
    find, and nothing that is not for them. A fixed number of statements."""
    own = profiles.own(conn, member_id, now)
    seeks, offers = _words(own.entries, Kind.SEEK), _words(own.entries, Kind.OFFER)
    skilled = {
        _word(one.details.label) for one in own.entries if one.kind is Kind.SKILL and isinstance(one.details, Label)
    }
    wanted = {Kind.SEEK: offers | skilled, Kind.OFFER: seeks}
    kinds = [kind for kind, words in wanted.items() if words]
    if not kinds:
        return []
    found = [
        (number, owner)
        for number, owner, kind, tags in _published(conn, kinds, member_id, since, now)
        if not wanted[kind].isdisjoint(map(_word, tags))
    ]
    owners = list(dict.fromkeys(owner for _, owner in found))[:_PEOPLE]
    if not owners:
        return []
    seen = profiles.get_many(conn, owners, member_id, now)
    entries = {entry.id: entry for profile in seen.values() for entry in profile.entries}
    people = by_ids(conn, owners)
    return [
        Match(people[owner], entries[number].kind, ask)
        for number, owner in found
        if number in entries and owner in people and people[owner].is_active
        # What the reader is shown is what counts, not what the first look found.
        if isinstance(ask := entries[number].details, Ask)
    ][: rules.MOST]


def _published(
    conn: Connection, kinds: Collection[Kind], member_id: int, since: datetime, now: datetime
) -> Iterator[tuple[int, int, Kind, Sequence[str]]]:
    """Number, owner, kind and hashtags of what was published since then by those whom the member may find."""
    entry = profile_entries.c
    rows = conn.execute(
        select(entry.id, entry.actor_id, entry.kind, entry.details)
        .join(members, members.c.actor_id == entry.actor_id)
        .join(actors, actors.c.id == entry.actor_id)
        .where(
            entry.kind.in_(kinds),
            entry.state == State.OPEN,
            and_(entry.published_at > since, or_(entry.valid_until.is_(None), entry.valid_until > now)),
            entry.actor_id != member_id,
            members.c.suspended_at.is_(None),
            actors.c.memorial.is_(False),
            profiles.is_listed(entry.actor_id, member_id),
            not_blocked(entry.actor_id, member_id),
            ~is_withheld(entry.actor_id, member_id),
            ~contacts.is_muted(member_id, entry.actor_id),
            ~is_unwanted(entry.actor_id, member_id, now),
        )
        .order_by(entry.published_at.desc(), entry.id.desc())
        .limit(_LATEST)
    )
    for row in rows:
        yield row.id, row.actor_id, Kind(row.kind), row.details.get("tags") or ()


def _words(entries: Collection[Entry], kind: Kind) -> set[str]:
    """The hashtags of what the member seeks or offers at the moment."""
    return {
        _word(tag)
        for one in entries
        if one.kind is kind and one.state is State.OPEN and isinstance(one.details, Ask)
        for tag in one.details.tags
    }


def _word(text: str) -> str:
    """A skill may be of several words, of which a hashtag makes one."""
    return fold_hashtag("".join(text.split()))
