# SPDX-License-Identifier: AGPL-3.0-or-later
"""`alumnode roster`: bringing in the files in which an association keeps its graduates, and looking at the result.

What a file means and what may be done stands in `node.roster`; here it is asked, told and counted.
"""

import csv
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from node.cli.context import Failed, command, opened

if TYPE_CHECKING:
    from node.kernel.db import Database
    from node.roster import Options, Preview

# Whoever may run commands here runs the node.
_AS_ADMIN: Final = frozenset({"admin"})
_SHOWN: Final = 10
_SEPARATORS: Final = {"semicolon": ";", "comma": ",", "tab": "\t", "bar": "|"}


@click.group()
def roster() -> None:
    """The graduates whom the association knows of, with or without an account."""


@roster.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--map", "mapping", multiple=True, metavar="HEADER=MEANING", help="Say what a column is; empty to ignore it."
)
@click.option("--encoding", help="utf-8, windows-1252, latin-1, utf-16 or macintosh, if the guess is wrong.")
@click.option(
    "--separator", type=click.Choice(sorted(_SEPARATORS)), help="What stands between columns, if the guess is wrong."
)
@click.option(
    "--mode",
    type=click.Choice(["both", "create", "update"]),
    default="both",
    show_default=True,
    help="Only new people, only known ones, or both.",
)
@click.option(
    "--report", type=click.Path(dir_okay=False, path_type=Path), help="Write what becomes of each row to this CSV file."
)
@click.option("--dry-run", is_flag=True, help="Show what would be done, and stop.")
@click.option("--yes", is_flag=True, help="Do not ask before writing.")
@command
def bring_in(
    config: Path | None,
    *,
    file: Path,
    mapping: tuple[str, ...],
    encoding: str | None,
    separator: str | None,
    mode: str,
    report: Path | None,
    dry_run: bool,
    yes: bool,
) -> None:
    """Bring in FILE, a table of graduates (CSV). First it is shown what would change; nothing is written before a yes.

    If it is cut off, run it again: it goes on with what is left.
    """
    from node import roster as slice_
    from node.kernel import clock

    if file.stat().st_size > slice_.MAX_BYTES:
        raise Failed("This file is larger than 20 MB. Please split it.")
    options = slice_.Options(
        mode=slice_.Mode(mode),
        encoding=encoding,
        separator=_SEPARATORS[separator] if separator else None,
        mapping=_mapping(mapping),
    )
    with opened(config) as (_, db):
        sheet = slice_.open_sheet(file.read_bytes(), options)
        objects = db.read_now(slice_.objectors, db.site)
        preview = slice_.preview(sheet, db.read_now(slice_.everybody), options.mode, clock.now().date(), objects)
        for line in _told(preview):
            click.echo(line)
        if report is not None:
            _write_report(report, preview)
        if dry_run or not preview.to_write:
            return
        if not yes:
            click.confirm("Write this to the roster?", abort=True)
        number = _apply(db, file.name, options, preview)
        click.echo(f"Import {number} is in. `alumnode roster undo {number}` takes it back within 30 days.")


@roster.command("undo")
@click.argument("number", type=int)
@command
def undo(config: Path | None, *, number: int) -> None:
    """Take import NUMBER back: people it brought go, people it changed are as before."""
    from node import roster as slice_

    with opened(config) as (_, db):
        total = db.read_now(slice_.to_undo, number)
        db.write_now(slice_.start_undo, _AS_ADMIN, number)
        left = total
        with click.progressbar(length=total, label="Undoing", file=sys.stderr) as bar:
            while left:
                before, left = left, db.write_now(slice_.undo_step, number)
                bar.update(before - left)
        # An import that changed nothing is undone by one empty step.
        if not total:
            db.write_now(slice_.undo_step, number)
        click.echo(f"Import {number} is undone.")


@roster.command("imports")
@command
def list_imports(config: Path | None) -> None:
    """List the imports, the newest first."""
    from node import roster as slice_

    with opened(config) as (_, db):
        for item in db.read_now(slice_.imports):
            counts = "  ".join(f"{number} {name}" for name, number in item.counts.items() if number)
            click.echo(f"{item.id}  {item.created_at:%Y-%m-%d %H:%M}  {item.state:8}  {item.name}  {counts}".rstrip())


@roster.command("find")
@click.argument("words")
@command
def find(config: Path | None, *, words: str) -> None:
    """Show people of the roster whose name begins with WORDS, or who have this student number."""
    from node import roster as slice_

    with opened(config) as (_, db):
        for entry in db.read_now(slice_.find, words):
            who = entry.content
            classes = ", ".join(slice_.classes_of(who))
            died = "deceased" if who.deceased else ""
            born = f"(born {who.birth_family_name})" if who.birth_family_name else ""
            parts = (
                str(entry.id),
                f"{who.given_name} {who.family_name} {born}".strip(),
                classes,
                *who.emails[:1],
                died,
            )
            click.echo("  ".join(part for part in parts if part))


@roster.command("leave-alone")
@click.argument("number", type=int)
@click.option("--undo", "taken_back", is_flag=True, help="They do not mind any more.")
@command
def leave_alone(config: Path | None, *, number: int, taken_back: bool) -> None:
    """Name entry NUMBER (see `find`) to no classmate, and let nobody invite them: they asked for it."""
    from node import roster as slice_

    with opened(config) as (_, db):
        db.write_now(slice_.set_objected, number, objected=not taken_back)


def _apply(db: "Database", name: str, options: "Options", preview: "Preview") -> int:
    from node import roster as slice_

    number = db.write_now(slice_.begin, _AS_ADMIN, None, name, options, None)
    db.write_now(slice_.start, _AS_ADMIN, number)
    db.write_now(slice_.note_counts, number, preview.counts)
    with click.progressbar(length=len(preview.to_write), label="Writing", file=sys.stderr) as bar:
        for step in slice_.steps(preview.to_write):
            db.write_now(slice_.apply_step, number, step)
            bar.update(len(step))
    db.write_now(slice_.finish, number)
    return number


def _mapping(given: Sequence[str]) -> dict[str, str]:
    from node.roster import Target

    mapping: dict[str, str] = {}
    for text in given:
        header, equals, meaning = text.rpartition("=")
        if not equals or not header:
            raise click.UsageError(f"--map {text}: please write HEADER=MEANING.")
        if meaning and meaning not in list(Target):
            raise click.UsageError(f"--map {text}: a column can be {', '.join(Target)}.")
        mapping[header] = meaning
    return mapping


def _told(preview: "Preview") -> Iterator[str]:
    from node import roster as slice_

    sheet = preview.sheet
    between = next(name for name, sign in _SEPARATORS.items() if sign == sheet.separator)
    yield f"Read as {sheet.encoding}, columns separated by {between}, header in line {sheet.header_line}."
    words = slice_.sample(sheet)
    if words:
        yield f"Letters to check: {' · '.join(words)}"
    yield "Columns: " + ", ".join(f"{column.header} = {column.target}" for column in sheet.known)
    if sheet.ignored:
        yield "Ignored columns: " + ", ".join(sheet.ignored)
    for name, number in preview.counts.items():
        if number:
            yield f"{number:8} {name}"
    yield from _some("Refused", [f"line {item.line}: {item.text}" for item in preview.reading.refused])
    yield from _some(
        "To look at",
        [
            f"line {item.line}: {f'{item.column}: ' if item.column else ''}{item.text}"
            for item in preview.reading.remarks
        ],
    )
    yield from _some(
        "Perhaps one person, kept apart", [f"lines {', '.join(map(str, lines))}" for lines in preview.reading.homonyms]
    )
    yield from _some(
        "Might be somebody already known, left out",
        [f"line {decision.candidate.lines[0]}" for decision in preview.decisions if decision.rivals],
    )


def _some(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f"{title}:"
        yield from (f"  {line}" for line in lines[:_SHOWN])
    if len(lines) > _SHOWN:
        yield f"  and {len(lines) - _SHOWN} more; --report FILE lists all"


def _write_report(path: Path, preview: "Preview") -> None:
    from node.kernel.text import plain_cell

    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(("lines", "verdict", "field", "old", "new"))
        for item in preview.reading.refused:
            writer.writerow((item.line, "refused", "", "", plain_cell(item.text)))
        for item in preview.reading.remarks:
            writer.writerow((item.line, "look", plain_cell(item.column), "", plain_cell(item.text)))
        for decision in preview.decisions:
            lines = " ".join(map(str, decision.candidate.lines))
            if decision.rivals:
                writer.writerow((lines, decision.verdict, "", "", " ".join(map(str, decision.rivals))))
            for name, old, new in decision.changes() if not decision.rivals else ():
                writer.writerow((lines, decision.verdict, name, plain_cell(old), plain_cell(new)))
