# SPDX-License-Identifier: AGPL-3.0-or-later
"""`alumnode trends`: what many talk about on this node, and what of it is not to be shown."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.cli.context import Failed, command, opened

if TYPE_CHECKING:
    from node.trends import Kind

_KINDS = click.Choice(["tag", "link", "status"])


@click.group()
def trends() -> None:
    """What many talk about here, and what of it is hidden."""


@trends.command("list")
@command
def show_all(config: Path | None) -> None:
    """List what trends, most first, and what is hidden."""
    from node import trends as found

    with opened(config) as (_, db):
        for kind in found.Kind:
            for one in db.read_now(found.trending, kind):
                click.echo(f"{kind:8} {one.accounts:4} accounts  {one.ref}  {one.display}")
        for kind, ref, display in db.read_now(found.hidden):
            click.echo(f"{kind:8}         hidden  {ref}  {display}")


@trends.command("hide")
@click.argument("kind", type=_KINDS)
@click.argument("ref")
@command
def hide(config: Path | None, *, kind: str, ref: str) -> None:
    """Show something no more; REF is what `list` says of it (a hashtag, the key of a page, the number of a post)."""
    from node import trends as found
    from node.kernel.errors import NotFound

    with opened(config) as (_, db):
        try:
            db.write_now(found.hide, *_named(kind, ref))
        except NotFound:
            raise Failed("Nothing that trends is called so; `alumnode trends list` shows what does.") from None


@trends.command("show")
@click.argument("kind", type=_KINDS)
@click.argument("ref")
@command
def show(config: Path | None, *, kind: str, ref: str) -> None:
    """Show again what was hidden, when it trends."""
    from node import trends as found
    from node.kernel.errors import NotFound

    with opened(config) as (_, db):
        try:
            db.write_now(found.show, *_named(kind, ref))
        except NotFound:
            raise Failed("Nothing that is hidden is called so; `alumnode trends list` shows what is.") from None


def _named(kind: str, ref: str) -> "tuple[Kind, str]":
    from node.kernel.text import fold_hashtag
    from node.trends import Kind

    return Kind(kind), fold_hashtag(ref.removeprefix("#")) if kind == "tag" else ref
