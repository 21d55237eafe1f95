# SPDX-License-Identifier: AGPL-3.0-or-later
"""`alumnode directory`: what members are found by, made anew."""

from pathlib import Path

import click

from node.cli.context import command, opened


@click.group("directory")
def directory() -> None:
    """The directory in which members find each other."""


@directory.command("rebuild")
@command
def rebuild(config: Path | None) -> None:
    """Make what members are found by anew, some at a time. The node may run meanwhile."""
    from node import directory as slice_

    done, last = 0, 0
    with opened(config) as (_, db):
        while numbers := db.read_now(slice_.next_after, last):
            db.write_now(slice_.refresh, numbers)
            done, last = done + len(numbers), numbers[-1]
    click.echo(f"{done} members are found by what they say now.")
