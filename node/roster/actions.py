# SPDX-License-Identifier: AGPL-3.0-or-later
"""Bringing a roster in, in steps of 500 people, and taking it back.

A step is one transaction that only ever does what is left to do: an import that is cut off goes on where it stopped,
because those who are in by then compare as unchanged.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import delete, insert, select, update

from node.actors import ActorId
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import Conflict
from node.kernel.i18n import marked
from node.kernel.ids import new_id
from node.kernel.text import clean_line
from node.roster import queries, rules
from node.roster.candidates import Candidate, Education, Reading, read_people
from node.roster.comparing import Content, Decision, Entry, Mode, Verdict, compare, nobody
from node.roster.reading import Sheet, read
from node.roster.rules import ImportState
from node.roster.tables import (
    roster_addresses,
    roster_changes,
    roster_educations,
    roster_entries,
    roster_imports,
)

STEP: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a file is to be read, where the caller says more than can be guessed. `mapping`: header to target."""

    mode: Mode = Mode.BOTH
    encoding: str | None = None
    separator: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SaidDeceased:
    """Told when a file says that somebody has died who is a member."""

    member_id: ActorId


def options_of(plain: Mapping[str, Any]) -> Options:
    """The options as they stand in a row."""
    return Options(**{**plain, "mode": Mode(plain["mode"])})


def open_sheet(data: bytes, options: Options) -> Sheet:
    """The file as a table. Raises Invalid."""
    return read(data, encoding=options.encoding, separator=options.separator, mapping=options.mapping)


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do, before anything is written."""

    sheet: Sheet
    reading: Reading
    decisions: Sequence[Decision]
    entries: Sequence[Entry]

    @property
    def counts(self) -> dict[str, int]:
        """People by verdict, rows refused, and those of the roster whom the file does not name."""
        counts = dict.fromkeys((*Verdict, "refused", "missing"), 0)
        for decision in self.decisions:
            counts[decision.verdict] += 1
        named = {decision.entry.id for decision in self.decisions if decision.entry is not None}
        named.update(rival for decision in self.decisions for rival in decision.rivals)
        counts["refused"] = len(self.reading.refused)
        counts["missing"] = sum(entry.id not in named for entry in self.entries)
        return {str(name): number for name, number in counts.items()}

    @property
    def to_write(self) -> Sequence[Decision]:
        """What applying it writes."""
        return [d for d in self.decisions if d.verdict in (Verdict.CREATED, Verdict.CHANGED)]


def preview(
    sheet: Sheet,
    entries: Sequence[Entry],
    mode: Mode,
    today: date,
    objects: Callable[[Candidate], bool] = nobody,
) -> Preview:
    """Read the file and compare it. Takes some seconds for 100,000 rows; call it off the loop. Raises Invalid.

    `objects` tells who is not to be brought in, as `objections.objectors` knows it.
    """
    reading = read_people(sheet, today)
    return Preview(sheet, reading, compare(reading.candidates, entries, mode, objects), entries)


def look(
    data: bytes, options: Options, entries: Sequence[Entry], today: date, objects: Callable[[Candidate], bool]
) -> Preview:
    """`open_sheet` and `preview` in one."""
    return preview(open_sheet(data, options), entries, options.mode, today, objects)


def begin(tx: Tx, roles: Collection[str], actor_id: int | None, name: str, options: Options, data: bytes | None) -> int:
    """Put a file down to be looked at and then applied; `data` None for a caller that has it at hand. Raises NotAllowed."""
    rules.check_keeper(roles)
    number = new_id(tx.now)
    tx.conn.execute(
        insert(roster_imports),
        {
            "id": number,
            "actor_id": actor_id,
            "name": clean_line(name, 255) or "roster.csv",
            "options": asdict(options),
            "state": ImportState.READY,
            "file": data,
            "done": 0,
            "counts": {},
            "created_at": tx.now,
        },
    )
    return number


def set_options(tx: Tx, roles: Collection[str], number: int, options: Options) -> None:
    """Say anew how a file is to be read. Raises NotAllowed, NotFound, Conflict."""
    rules.check_keeper(roles)
    if queries.get_import(tx.conn, number).state is not ImportState.READY:
        raise Conflict(marked("This import has been made already."))
    tx.conn.execute(update(roster_imports).where(roster_imports.c.id == number).values(options=asdict(options)))


def discard(tx: Tx, roles: Collection[str], number: int) -> None:
    """Forget a file that was not applied. Raises NotAllowed, NotFound, Conflict."""
    rules.check_keeper(roles)
    if queries.get_import(tx.conn, number).state is not ImportState.READY:
        raise Conflict(marked("This import has been made already."))
    tx.conn.execute(delete(roster_imports).where(roster_imports.c.id == number))


def start(tx: Tx, roles: Collection[str], number: int) -> None:
    """Say yes to an import; its steps follow. One that was cut off goes on. Raises NotAllowed, NotFound, Conflict."""
    rules.check_keeper(roles)
    found = queries.get_import(tx.conn, number)
    rules.check_may_apply(found.state)
    tx.conn.execute(update(roster_imports).where(roster_imports.c.id == number).values(state=ImportState.APPLYING))


def note_counts(tx: Tx, number: int, counts: Mapping[str, int]) -> None:
    """Keep what the import found; of one that goes on after it was cut off, what it found at first."""
    if not queries.get_import(tx.conn, number).counts:
        tx.conn.execute(update(roster_imports).where(roster_imports.c.id == number).values(counts=dict(counts)))


def hold(tx: Tx, number: int) -> None:
    """Wait for another yes."""
    tx.conn.execute(
        update(roster_imports)
        .where(roster_imports.c.id == number, roster_imports.c.state == ImportState.APPLYING)
        .values(state=ImportState.READY)
    )


def apply_step(tx: Tx, number: int, decisions: Sequence[Decision]) -> None:
    """Write these people, at most `STEP` of them. What each entry was before is kept for undoing.

    An entry that was changed meanwhile is left alone: the next comparison sees it anew.
    """
    if queries.get_import(tx.conn, number).state is not ImportState.APPLYING:
        raise Conflict(marked("This import has been made already."))
    changed = [d for d in decisions if d.entry is not None]
    now = queries.entries(tx.conn, [d.entry.id for d in changed if d.entry is not None])
    changed = [d for d in changed if d.entry is not None and now.get(d.entry.id) == d.entry]
    created = [(new_id(tx.now), d.content) for d in decisions if d.entry is None]
    rows = [
        {"id": entry_id, **_values(content), "created_at": tx.now, "updated_at": tx.now}
        for entry_id, content in created
    ]
    if rows:
        tx.conn.execute(insert(roster_entries), rows)
    for decision in changed:
        assert decision.entry is not None
        _write(tx, decision.entry.id, decision.content)
    _write_beside(tx, [*created, *((d.entry.id, d.content) for d in changed if d.entry is not None)])
    _tell_of_deaths(
        tx, [d.entry.id for d in changed if d.entry and d.content.deceased and not d.entry.content.deceased]
    )
    kept: list[dict[str, object]] = [
        {"import_id": number, "entry_id": entry_id, "before": None} for entry_id, _ in created
    ]
    kept += [
        {"import_id": number, "entry_id": d.entry.id, "before": _plain(d.entry.content)} for d in changed if d.entry
    ]
    if kept:
        # The first state counts where a step is done again.
        tx.conn.execute(insert_or_ignore(tx.conn, roster_changes), kept)
    tx.conn.execute(
        update(roster_imports)
        .where(roster_imports.c.id == number)
        .values(done=roster_imports.c.done + len(created) + len(changed))
    )


def _tell_of_deaths(tx: Tx, entry_ids: Sequence[int]) -> None:
    """A file can be wrong about somebody who is a member: it decides nothing."""
    if entry_ids:
        claimed = select(roster_entries.c.claimed_by).where(
            roster_entries.c.id.in_(entry_ids), roster_entries.c.claimed_by.is_not(None)
        )
        for member_id in tx.conn.execute(claimed).scalars().all():
            tx.tell(SaidDeceased(member_id))


def finish(tx: Tx, number: int) -> None:
    """All is written: the file is not needed any more."""
    tx.conn.execute(
        update(roster_imports)
        .where(roster_imports.c.id == number, roster_imports.c.state == ImportState.APPLYING)
        .values(state=ImportState.APPLIED, file=None, finished_at=tx.now)
    )


def start_undo(tx: Tx, roles: Collection[str], number: int) -> None:
    """Take an import back; its steps follow. Raises NotAllowed, NotFound, Conflict with the reason."""
    rules.check_keeper(roles)
    found = queries.get_import(tx.conn, number)
    rules.check_may_undo(found.state, found.finished_at, queries.changed_since(tx.conn, number), tx.now)
    tx.conn.execute(
        update(roster_imports).where(roster_imports.c.id == number).values(state=ImportState.UNDOING, file=None)
    )


def undo_step(tx: Tx, number: int) -> int:
    """Give up to `STEP` entries back what they said before the import; those it made go. Returns how many are left."""
    rows = tx.conn.execute(
        select(roster_changes)
        .where(roster_changes.c.import_id == number)
        .order_by(roster_changes.c.entry_id)
        .limit(STEP)
    ).all()
    made = [row.entry_id for row in rows if row.before is None]
    if made:
        for table in (roster_educations, roster_addresses):
            tx.conn.execute(delete(table).where(table.c.entry_id.in_(made)))
        tx.conn.execute(delete(roster_entries).where(roster_entries.c.id.in_(made)))
    back = [(row.entry_id, _content(row.before)) for row in rows if row.before is not None]
    for entry_id, content in back:
        _write(tx, entry_id, content)
    _write_beside(tx, back)
    tx.conn.execute(
        delete(roster_changes).where(
            roster_changes.c.import_id == number, roster_changes.c.entry_id.in_([row.entry_id for row in rows])
        )
    )
    left = queries.to_undo(tx.conn, number)
    if not left:
        tx.conn.execute(
            update(roster_imports)
            .where(roster_imports.c.id == number, roster_imports.c.state == ImportState.UNDOING)
            .values(state=ImportState.UNDONE)
        )
    return left


def forget_old(tx: Tx) -> None:
    """Drop files that nobody confirmed, and what entries were before imports that cannot be undone any more."""
    tx.conn.execute(
        delete(roster_imports).where(
            roster_imports.c.state == ImportState.READY, roster_imports.c.created_at < tx.now - rules.WAITS
        )
    )
    old = select(roster_imports.c.id).where(
        roster_imports.c.state == ImportState.APPLIED, roster_imports.c.finished_at < tx.now - rules.UNDO
    )
    tx.conn.execute(delete(roster_changes).where(roster_changes.c.import_id.in_(old)))


def steps(decisions: Sequence[Decision]) -> Iterator[Sequence[Decision]]:
    """What is to be written, in parts for `apply_step`."""
    for begin_at in range(0, len(decisions), STEP):
        yield decisions[begin_at : begin_at + STEP]


def write_entry(tx: Tx, entry_id: int, content: Content) -> None:
    """Have one entry say this."""
    _write(tx, entry_id, content)
    _write_beside(tx, [(entry_id, content)])


def _write(tx: Tx, entry_id: int, content: Content) -> None:
    tx.conn.execute(
        update(roster_entries).where(roster_entries.c.id == entry_id).values(**_values(content), updated_at=tx.now)
    )


def _write_beside(tx: Tx, contents: Sequence[tuple[int, Content]]) -> None:
    """What stands in tables of their own: where somebody studied, and their addresses."""
    if not contents:
        return
    numbers = [number for number, _ in contents]
    for table in (roster_educations, roster_addresses):
        tx.conn.execute(delete(table).where(table.c.entry_id.in_(numbers)))
    addresses = [
        {"entry_id": number, "address": address}
        for number, content in contents
        for address in sorted({address.casefold()[:254] for address in content.emails})
    ]
    if addresses:
        tx.conn.execute(insert(roster_addresses), addresses)
    rows = [
        {"entry_id": number, "position": position, **asdict(education)}
        for number, content in contents
        for position, education in enumerate(content.educations)
    ]
    if rows:
        tx.conn.execute(insert(roster_educations), rows)


def _values(content: Content) -> dict[str, Any]:
    return {
        "source_id": content.source_id,
        "family_name": content.family_name,
        "birth_family_name": content.birth_family_name,
        "given_name": content.given_name,
        "other_names": list(content.other_names),
        "names_key": content.names_key[:255],
        "birth_date": content.birth_date,
        "emails": list(content.emails),
        "deceased": content.deceased,
        "deceased_on": content.deceased_on,
        "details": dict(content.details),
    }


def _plain(content: Content) -> dict[str, Any]:
    """An entry as JSON, for `_content`."""
    values = _values(content)
    for name in ("birth_date", "deceased_on"):
        day: date | None = values[name]
        values[name] = day.isoformat() if day is not None else None
    values["educations"] = [asdict(education) for education in content.educations]
    return values


def _content(plain: Mapping[str, Any]) -> Content:
    def day(name: str) -> date | None:
        return date.fromisoformat(plain[name]) if plain[name] else None

    return Content(
        source_id=plain["source_id"],
        family_name=plain["family_name"],
        birth_family_name=plain["birth_family_name"],
        given_name=plain["given_name"],
        other_names=tuple(plain["other_names"]),
        birth_date=day("birth_date"),
        emails=tuple(plain["emails"]),
        deceased=plain["deceased"],
        deceased_on=day("deceased_on"),
        educations=tuple(Education(**education) for education in plain["educations"]),
        details=plain["details"],
    )
