# SPDX-License-Identifier: AGPL-3.0-or-later
"""Changing one's profile, and the life of what one seeks and offers."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select, update

from node import actors, mail, members
from node.actors import Reach
from node.kernel import audit
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import Conflict, Invalid, NotFound
from node.kernel.i18n import marked
from node.kernel.ids import new_id
from node.kernel.text import clean
from node.profiles import ladder, letters, links, queries, rules
from node.profiles.queries import Entry
from node.profiles.rules import Ask, Details, Facts, FederationMode, Kind, Label, Listing, State, Verb
from node.profiles.tables import profile_entries, profile_thanks, profiles
from node.relationships import reach

_LETTERS = 200


@dataclass(frozen=True, slots=True)
class ProfileChanged:
    """Somebody's profile says something else, or to others, than before; for whoever keeps something made of it."""

    actor_id: int


@dataclass(frozen=True, slots=True)
class Thanked:
    """Somebody found what they sought, and thanks others for it, who are to hear of it."""

    by: int
    entry_id: int
    text: str
    story: str
    people: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AskRemoved:
    """The staff took away what somebody sought or offered; they are told why."""

    owner: int
    entry_id: int
    text: str
    reason: str


def write(tx: Tx, actor_id: int, facts: Facts, levels: Mapping[str, int], *, version: int | None = None) -> None:
    """Say what stands once, each with its level; a level that is not given stays.

    Raises Invalid; Conflict if it was said anew since `version`, where one is given.
    """
    said = rules.checked(facts)
    _lock(tx, actor_id)
    known = queries.own(tx.conn, actor_id, tx.now).version
    rules.check_version(version, known)
    values: dict[str, Any] = asdict(said) | {
        "languages": [list(pair) for pair in said.languages],
        "other_names": list(said.other_names),
        "version": known + 1,
    }
    for name, level in levels.items():
        if name not in rules.FIELDS:
            raise Invalid(marked("Please choose who may see this."), field=name)
        values[f"{name}_level"] = rules.check_level(level)
    _store(tx, actor_id, values)


def answer(
    tx: Tx, actor_id: int, *, listed_to: Listing | None = None, federation_mode: FederationMode | None = None
) -> None:
    """Say up to whom one is listed, and how far the profile may go. What is not given stays as it is.

    Raises Invalid for what those who are not of age cannot choose.
    """
    before = queries.own(tx.conn, actor_id, tx.now)
    young = bool(members.minors_of(tx.conn, [actor_id], tx.now.date()))
    rules.check_answer(listed_to, federation_mode, is_minor=young)
    given = {"listed_to": listed_to, "federation_mode": federation_mode}
    _store(tx, actor_id, {name: value for name, value in given.items() if value is not None})
    for verb, was, becomes in (
        ("list", before.listed_to, listed_to),
        ("open_profile", before.federation_mode, federation_mode),
    ):
        if becomes is not None and becomes is not was:
            audit.write(tx, verb, actor_id, by=actor_id, before=was or "", after=becomes)
    if federation_mode is not None:
        reach.change(tx, actors.get(tx.conn, actor_id), Reach(federation_mode))


def add(
    tx: Tx,
    actor_id: int,
    kind: Kind,
    details: Details,
    level: int,
    *,
    valid_until: datetime | None = None,
    draft: bool = False,
) -> int:
    """Put an entry at the end of its kind; what is sought or offered is published at once unless it is a `draft`.

    Raises Invalid, Conflict (as many as may be; a skill that stands there already) and TooMany.
    """
    said = rules.check(kind, details, tx.now)
    rules.check_level(level)
    _lock(tx, actor_id)
    rows = _of_kind(tx, actor_id, kind)
    if len(rows) >= rules.MOST[kind]:
        raise Conflict(marked("There are as many of these as there may be. Please remove one first."))
    _check_new(said, rows)
    values: dict[str, Any] = {}
    if kind.ends:
        values = {"state": State.DRAFT, "valid_until": rules.check_end(valid_until, tx.now)}
        if not draft:
            _check_publishes(tx, actor_id, kind)
            values |= {"state": State.OPEN, "published_at": tx.now}
            audit.write(tx, "ask", actor_id, by=actor_id, before=State.DRAFT, after=State.OPEN)
    number = new_id(tx.now)
    tx.conn.execute(
        profile_entries.insert().values(
            id=number,
            actor_id=actor_id,
            kind=kind,
            details=rules.to_json(said),
            level=level,
            position=max((one.position for one in rows), default=0) + 1,
            created_at=tx.now,
            updated_at=tx.now,
            **values,
        )
    )
    tx.tell(ProfileChanged(actor_id))
    return number


def change(
    tx: Tx,
    actor_id: int,
    entry_id: int,
    details: Details,
    level: int,
    *,
    valid_until: datetime | None = None,
    version: int | None = None,
) -> None:
    """Say an entry anew. A new end counts for what is not over.

    Raises NotFound, Invalid; Conflict if it was said anew since `version`, where one is given.
    """
    before = _entry(tx, actor_id, entry_id)
    rules.check_version(version, before.version)
    said = rules.check(before.kind, details, tx.now)
    rules.check_level(level)
    _check_new(said, [one for one in _of_kind(tx, actor_id, before.kind) if one.id != entry_id])
    values: dict[str, Any] = {"details": rules.to_json(said), "level": level, "updated_at": tx.now}
    values["version"] = before.version + 1
    if valid_until is not None and before.state in (State.DRAFT, State.OPEN, State.PAUSED):
        values |= {"valid_until": rules.check_end(valid_until, tx.now), "told_at": None}
    _update(tx, before, values)
    tx.tell(ProfileChanged(actor_id))


def act(tx: Tx, actor_id: int, entry_id: int, verb: Verb) -> State:
    """Publish, pause, resume, fulfil or renew what one seeks or offers; what is so already stays so.

    Raises NotFound, Conflict for what does not go from here, TooMany where a limit is reached.
    """
    before = _entry(tx, actor_id, entry_id)
    if before.state is None or verb is Verb.EXPIRE:
        raise Conflict(marked("This cannot be done as it stands now."))
    then = rules.after(before.state, verb)
    goes_on = verb is Verb.RENEW and rules.ends_soon(before.state, before.valid_until, tx.now)
    if then is before.state and not goes_on:
        return then
    values: dict[str, Any] = {"state": then, "updated_at": tx.now}
    if verb is Verb.PUBLISH:
        _check_publishes(tx, actor_id, before.kind)
        values["published_at"] = tx.now
        if before.valid_until is not None and before.valid_until <= tx.now:
            values["valid_until"] = tx.now + rules.LASTS
    elif verb is Verb.RESUME:
        rules.check_opens(before.kind, _open_count(tx, actor_id, before.kind))
    elif verb is Verb.RENEW:
        rules.check_renewals(before.renewals)
        if not goes_on:
            rules.check_opens(before.kind, _open_count(tx, actor_id, before.kind))
        values |= {"valid_until": tx.now + rules.LASTS, "renewals": before.renewals + 1, "told_at": None}
    _update(tx, before, values)
    audit.write(tx, "ask", actor_id, by=actor_id, before=before.state, after=then)
    tx.tell(ProfileChanged(actor_id))
    return then


def fulfil(tx: Tx, actor_id: int, entry_id: int, *, thanks_to: Collection[str] = (), story: str = "") -> State:
    """Say that something is found, and by whom and how, if one likes; those who are thanked hear of it.

    `thanks_to` are names of members here. Raises NotFound, Conflict, and Invalid for who is none or cannot be thanked.
    """
    said = rules.check_story(story)
    people = _thanked(tx, actor_id, thanks_to)
    before = _entry(tx, actor_id, entry_id)
    if before.state is State.FULFILLED:
        return before.state
    then = act(tx, actor_id, entry_id, Verb.FULFIL)
    _update(tx, before, {"story": said})
    if people and isinstance(before.details, Ask):
        tx.conn.execute(profile_thanks.insert(), [{"entry_id": before.id, "person_id": number} for number in people])
        tx.tell(Thanked(actor_id, before.id, before.details.text, said, people))
    return then


def _thanked(tx: Tx, actor_id: int, names: Collection[str]) -> tuple[int, ...]:
    """The numbers of those members; whoever there is a block with is as little there as whoever is no member."""
    wanted = dict.fromkeys(name.strip().removeprefix("@").casefold() for name in names if name.strip().strip("@"))
    if len(wanted) > rules.MAX_THANKED:
        raise Invalid(marked("Please thank ten people at most."), field="thanks_to")
    found = {name: one for (name, _), one in actors.by_handles(tx.conn, [(name, "") for name in wanted]).items()}
    here = {one.id for one in members.by_numbers(tx.conn, [one.id for one in found.values()]) if one.is_active}
    distances = ladder.distances(tx.conn, actor_id, here)
    people = []
    for name in wanted:
        one = found.get(name)
        if one is None or not 0 < distances.get(one.id, ladder.STRANGER) < ladder.STRANGER:
            raise Invalid(marked("Please name members of this network, by the name after the @."), field="thanks_to")
        people.append(int(one.id))
    return tuple(people)


def take_away(tx: Tx, staff_id: int, entry_id: int, reason: str) -> int:
    """Have the staff take away what somebody seeks or offers; whose it was. The owner is told why.

    Raises NotFound, and Invalid without a reason. Who may do it is for the caller to know.
    """
    said = clean(reason, audit.MAX_REASON)
    if not said:
        raise Invalid(marked("Please say why."), field="reason")
    row = tx.conn.execute(select(profile_entries).where(profile_entries.c.id == entry_id)).one_or_none()
    if row is None:
        raise NotFound
    entry = queries.entry_of(row, tx.now)
    if not isinstance(entry.details, Ask) or entry.state in (None, State.DRAFT):
        raise NotFound
    _remove(tx, row.actor_id, entry.id)
    audit.write(tx, "ask", row.actor_id, by=staff_id, before=entry.state or "", after="removed", reason=said)
    tx.tell(AskRemoved(row.actor_id, entry.id, entry.details.text, said))
    return int(row.actor_id)


def move_up(tx: Tx, actor_id: int, entry_id: int) -> None:
    """Put an entry before the one that stands above it. Raises NotFound."""
    entry = _entry(tx, actor_id, entry_id)
    rows = _of_kind(tx, actor_id, entry.kind)
    order = [one.id for one in rows]
    at = order.index(entry_id)
    if at > 0:
        order[at - 1], order[at] = order[at], order[at - 1]
        for position, (number, row) in enumerate(zip(order, rows, strict=True), 1):
            if number != row.id or row.position != position:
                tx.conn.execute(update(profile_entries).where(profile_entries.c.id == number).values(position=position))
        tx.tell(ProfileChanged(actor_id))


def remove(tx: Tx, actor_id: int, entry_id: int) -> None:
    """Take an entry away, whatever its state. Raises NotFound."""
    entry = _entry(tx, actor_id, entry_id)
    _remove(tx, actor_id, entry.id)
    if entry.state is not None:
        audit.write(tx, "ask", actor_id, by=actor_id, before=entry.state, after="removed")


def _remove(tx: Tx, actor_id: int, entry_id: int) -> None:
    tx.conn.execute(delete(profile_thanks).where(profile_thanks.c.entry_id == entry_id))
    tx.conn.execute(delete(profile_entries).where(profile_entries.c.id == entry_id))
    tx.tell(ProfileChanged(actor_id))


def forget_actor(tx: Tx, actor_id: int) -> None:
    """Somebody is gone, and with them what they said of themselves and that others thanked them."""
    theirs = select(profile_entries.c.id).where(profile_entries.c.actor_id == actor_id)
    tx.conn.execute(
        delete(profile_thanks).where(or_(profile_thanks.c.person_id == actor_id, profile_thanks.c.entry_id.in_(theirs)))
    )
    tx.conn.execute(delete(profile_entries).where(profile_entries.c.actor_id == actor_id))
    tx.conn.execute(delete(profiles).where(profiles.c.actor_id == actor_id))
    tx.tell(ProfileChanged(actor_id))


def sweep(tx: Tx) -> None:
    """End what has run out. Readers know it before: the state is read with the moment."""
    over = (
        profile_entries.c.kind.in_((Kind.SEEK, Kind.OFFER)),
        profile_entries.c.state.in_((State.OPEN, State.PAUSED)),
        profile_entries.c.valid_until <= tx.now,
    )
    ended = tx.conn.execute(
        select(profile_entries.c.id, profile_entries.c.actor_id, profile_entries.c.state).where(*over).limit(1000)
    ).all()
    if ended:
        tx.conn.execute(
            update(profile_entries)
            .where(profile_entries.c.id.in_([row.id for row in ended]))
            .values(state=State.EXPIRED, updated_at=tx.now)
        )
    for row in ended:
        audit.write(tx, "ask", row.actor_id, before=row.state, after=State.EXPIRED)
    for actor_id in sorted({row.actor_id for row in ended}):
        tx.tell(ProfileChanged(actor_id))


def remind(tx: Tx) -> None:
    """Tell members a week before of what runs out, each once, with a link to renew it or to say that it is found."""
    ending = (
        select(profile_entries)
        .where(
            profile_entries.c.kind.in_((Kind.SEEK, Kind.OFFER)),
            profile_entries.c.state.in_((State.OPEN, State.PAUSED)),
            profile_entries.c.valid_until > tx.now,
            profile_entries.c.valid_until <= tx.now + rules.TOLD_BEFORE,
            profile_entries.c.told_at.is_(None),
        )
        .order_by(profile_entries.c.id)
        .limit(_LETTERS)
    )
    rows = tx.conn.execute(ending).all()
    people = {one.id: one for one in members.by_numbers(tx.conn, sorted({row.actor_id for row in rows}))}
    for row in rows:
        entry, member = queries.entry_of(row, tx.now), people.get(row.actor_id)
        if member is None or not member.is_active or not isinstance(entry.details, Ask) or entry.valid_until is None:
            continue
        link = links.address(tx.site, entry.id, tx.now + rules.LINK_LASTS)
        letter = letters.runs_out(tx.site, member.locale, entry.details.text, entry.valid_until, link)
        mail.post(tx, member.email, letter, about=mail.About.ASK, member=member.id)
    if rows:
        tx.conn.execute(
            update(profile_entries).where(profile_entries.c.id.in_([row.id for row in rows])).values(told_at=tx.now)
        )


def by_link(tx: Tx, token: str, verb: Verb) -> State:
    """Renew what runs out, or say that it is found, by the link of the letter. Raises NotFound for a link that is not
    ours, too old, or about what is there no more."""
    found = links.entry(tx.conn, tx.site, token, tx.now)
    return act(tx, found.actor_id, found.entry.id, verb)


def _store(tx: Tx, actor_id: int, values: Mapping[str, Any]) -> None:
    tx.conn.execute(insert_or_ignore(tx.conn, profiles), _nothing(tx, actor_id))
    tx.conn.execute(update(profiles).where(profiles.c.actor_id == actor_id).values(updated_at=tx.now, **values))
    tx.tell(ProfileChanged(actor_id))


def _nothing(tx: Tx, actor_id: int) -> dict[str, Any]:
    """The row of somebody who has said nothing yet."""
    return {"actor_id": actor_id, "languages": [], "other_names": [], "updated_at": tx.now}


def _lock(tx: Tx, actor_id: int) -> None:
    """One change of a member's entries at a time, so that two of them do not pass a limit together."""
    tx.conn.execute(insert_or_ignore(tx.conn, profiles), _nothing(tx, actor_id))
    tx.conn.execute(update(profiles).where(profiles.c.actor_id == actor_id).values(updated_at=tx.now))


def _entry(tx: Tx, actor_id: int, entry_id: int) -> Entry:
    _lock(tx, actor_id)
    return queries.entry(tx.conn, actor_id, entry_id, tx.now)


def _of_kind(tx: Tx, actor_id: int, kind: Kind) -> list[Entry]:
    rows = tx.conn.execute(
        select(profile_entries)
        .where(profile_entries.c.actor_id == actor_id, profile_entries.c.kind == kind)
        .order_by(profile_entries.c.position, profile_entries.c.id)
    )
    return [queries.entry_of(row, tx.now) for row in rows]


def _check_new(said: Details, others: list[Entry]) -> None:
    if isinstance(said, Label) and any(
        isinstance(one.details, Label) and rules.same_label(one.details.label, said.label) for one in others
    ):
        raise Invalid(marked("This stands there already."), field="label")


def _check_publishes(tx: Tx, actor_id: int, kind: Kind) -> None:
    rules.check_opens(kind, _open_count(tx, actor_id, kind))
    # By what was done and not by what is left: what was taken away since was published as well.
    today = audit.count(
        tx.conn, actor_id, "ask", before=State.DRAFT, after=State.OPEN, since=tx.now - timedelta(days=1)
    )
    rules.check_published(today)


def _open_count(tx: Tx, actor_id: int, kind: Kind) -> int:
    return tx.conn.execute(
        select(func.count())
        .select_from(profile_entries)
        .where(
            profile_entries.c.actor_id == actor_id,
            profile_entries.c.kind == kind,
            profile_entries.c.state == State.OPEN,
            or_(profile_entries.c.valid_until.is_(None), profile_entries.c.valid_until > tx.now),
        )
    ).scalar_one()


def _update(tx: Tx, entry: Entry, values: Mapping[str, Any]) -> None:
    tx.conn.execute(update(profile_entries).where(profile_entries.c.id == entry.id).values(**values))
