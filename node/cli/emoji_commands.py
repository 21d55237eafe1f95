# SPDX-License-Identifier: AGPL-3.0-or-later
"""`alumnode emoji`: the association's own emoji. A running node shows what was changed within a second."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.cli.context import Failed, command, opened

if TYPE_CHECKING:
    from node.cli.emojis import Outcome
    from node.emojis import CustomEmoji
    from node.kernel.db import Database


@click.group()
def emoji() -> None:
    """The association's own emoji."""


@emoji.command("add")
@click.argument("shortcode")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--category", default="", help="Under which heading apps offer it.")
@click.option("--hidden", is_flag=True, help="Do not offer it; whoever knows the word can use it.")
@click.option("--replace", is_flag=True, help="Where there is one of this name, give it this picture.")
@command
def add(config: Path | None, *, shortcode: str, file: Path, category: str, hidden: bool, replace: bool) -> None:
    """Add the picture FILE (PNG, GIF or WebP, up to 256 KB) as :SHORTCODE:."""
    from node.cli import emojis

    with opened(config) as (settings, db):
        wanted = emojis.Wanted(shortcode, file, category=category, visible_in_picker=not hidden)
        emojis.add_one(settings, db, wanted, replace=replace)


@emoji.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--category", default="", help="One for all of them, instead of the names of the folders in FOLDER.")
@click.option("--replace", is_flag=True, help="Give those that are there already the new pictures.")
@command
def bring_in(config: Path | None, *, folder: Path, category: str, replace: bool) -> None:
    """Add every picture in FOLDER under the name of its file; those that are there already are left as they are."""
    from node.cli import emojis

    wanted = emojis.found_in(folder, category)
    outcomes: list[Outcome] = []
    with (
        opened(config) as (settings, db),
        click.progressbar(length=len(wanted), label="Emoji", show_pos=True) as bar,
    ):

        def tell(outcome: "Outcome") -> None:
            outcomes.append(outcome)
            bar.update(1)

        emojis.add_all(settings, db, wanted, replace=replace, tell=tell)
    known = sum(outcome.is_known for outcome in outcomes)
    refused = [outcome for outcome in outcomes if outcome.refusal and not outcome.is_known]
    click.echo(f"{len(outcomes) - known - len(refused)} added, {known} there already, {len(refused)} refused.")
    for outcome in refused:
        click.echo(f"{outcome.wanted.file.relative_to(folder)}: {outcome.refusal}", err=True)
    if refused:
        raise SystemExit(1)


@emoji.command("list")
@command
def show(config: Path | None) -> None:
    """List them: the word, whether it is offered, the size in bytes, the category."""
    from node import emojis
    from node.cli.emojis import line

    with opened(config) as (_, db):
        for found in db.read_now(emojis.every):
            click.echo(line(found))


@emoji.command("change")
@click.argument("shortcode")
@click.option("--category", help="Another heading; empty for none.")
@click.option("--offer/--no-offer", "offered", default=None, help="Whether apps offer it.")
@click.option("--on/--off", "shown", default=None, help="Whether it is shown at all, also in what was written before.")
@command
def change(
    config: Path | None, *, shortcode: str, category: str | None, offered: bool | None, shown: bool | None
) -> None:
    """Change where an emoji is offered, and whether it is shown."""
    from node import emojis
    from node.cli.emojis import AS_ADMIN

    disabled = None if shown is None else not shown
    with opened(config) as (_, db):
        found = _found(db, shortcode)
        db.write_now(emojis.change, AS_ADMIN, found.id, category=category, visible_in_picker=offered, disabled=disabled)


@emoji.command("remove")
@click.argument("shortcode")
@command
def remove(config: Path | None, *, shortcode: str) -> None:
    """Take an emoji away. What was written keeps the word."""
    from node import emojis
    from node.cli.emojis import AS_ADMIN

    with opened(config) as (_, db):
        db.write_now(emojis.remove, AS_ADMIN, _found(db, shortcode).id)


def _found(db: "Database", shortcode: str) -> "CustomEmoji":
    from node import emojis

    found = db.read_now(emojis.by_shortcode, emojis.check_shortcode(shortcode))
    if found is None:
        raise Failed(f"There is no emoji called {shortcode}.")
    return found
