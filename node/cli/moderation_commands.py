# SPDX-License-Identifier: AGPL-3.0-or-later
"""`alumnode account`, `alumnode domain` and the suspension of members: what the staff does on its pages, too.

Here it is nobody of the staff who decides: whoever may run commands runs the node.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from node.cli.context import Failed, command, opened

if TYPE_CHECKING:
    from node.actors import Actor
    from node.kernel.db import Tx
    from node.moderation import Sanction

_REASON = click.option("--reason", required=True, help="Why, in words for the person, who reads them.")


# -- accounts ---------------------------------------------------------------------------------------------------------


@click.group()
def account() -> None:
    """People, here and elsewhere, by their handles."""


@account.command("warn")
@click.argument("handle")
@_REASON
@command
def warn(config: Path | None, *, handle: str, reason: str) -> None:
    """Tell a member that something must not happen again."""
    _decide(config, handle, "warn", reason)


@account.command("limit")
@click.argument("handle")
@_REASON
@command
def limit(config: Path | None, *, handle: str, reason: str) -> None:
    """Keep what somebody posts out of the lists of everybody's posts, but for their followers."""
    _decide(config, handle, "limit", reason)


@account.command("unlimit")
@click.argument("handle")
@command
def unlimit(config: Path | None, *, handle: str) -> None:
    """Take a limit back."""
    _lift(config, handle, "limit")


@account.command("suspend")
@click.argument("handle")
@_REASON
@command
def suspend(config: Path | None, *, handle: str, reason: str) -> None:
    """Shut somebody out: every door is closed, and nothing of theirs is shown. It can be taken back."""
    _decide(config, handle, "suspend", reason)


@account.command("unsuspend")
@click.argument("handle")
@command
def unsuspend(config: Path | None, *, handle: str) -> None:
    """Take a suspension back."""
    _lift(config, handle, "suspend")


@account.command("show")
@click.argument("handle")
@command
def show(config: Path | None, *, handle: str) -> None:
    """Show what was decided about somebody, the latest first."""
    from node import moderation

    with opened(config) as (_, db):

        def read(tx: "Tx") -> list[moderation.Decision]:
            return moderation.decisions_about(tx.conn, _actor(tx, handle).id)

        for one in db.write_now(read):
            state = f"taken back {one.ended_at:%Y-%m-%d}" if one.ended_at else "holds"
            appeal = ", appeal waits" if one.waits else ""
            click.echo(f"{one.created_at:%Y-%m-%d}  {one.kind:8}{state}{appeal}")


@account.command("delete")
@click.argument("handle")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@command
def delete(config: Path | None, *, handle: str, yes: bool) -> None:
    """Delete the account of somebody who is suspended, for good."""
    from node import moderation

    with opened(config) as (_, db):
        if not yes:
            click.confirm(f"This cannot be taken back. Delete {handle}?", abort=True)
        db.write_now(lambda tx: moderation.delete_for_good(tx, None, _actor(tx, handle)))


@click.command("suspend")
@click.argument("username")
@_REASON
@command
def suspend_member(config: Path | None, *, username: str, reason: str) -> None:
    """Shut a member out, by username or e-mail address. Browsers and apps are logged out at once."""
    _decide(config, username, "suspend", reason, member=True)


@click.command("unsuspend")
@click.argument("username")
@command
def unsuspend_member(config: Path | None, *, username: str) -> None:
    """Let a member in again."""
    _lift(config, username, "suspend", member=True)


def _decide(config: Path | None, handle: str, kind: str, reason: str, *, member: bool = False) -> None:
    from node import moderation

    def decide(tx: "Tx", target: "Actor", wanted: "Sanction") -> None:
        moderation.decide(tx, None, target, wanted, reason)

    _about(config, handle, kind, decide, member=member)


def _lift(config: Path | None, handle: str, kind: str, *, member: bool = False) -> None:
    from node import moderation

    def lift(tx: "Tx", target: "Actor", wanted: "Sanction") -> None:
        moderation.lift(tx, None, target, wanted)

    _about(config, handle, kind, lift, member=member)


def _about(
    config: Path | None,
    handle: str,
    kind: str,
    act: "Callable[[Tx, Actor, Sanction], None]",
    *,
    member: bool,
) -> None:
    from node.moderation import Sanction

    find = _member if member else _actor
    with opened(config) as (_, db):
        db.write_now(lambda tx: act(tx, find(tx, handle), Sanction(kind)))


def _actor(tx: "Tx", handle: str) -> "Actor":
    from node import actors

    name, _, host = handle.strip().removeprefix("@").partition("@")
    found = actors.by_handle(tx.conn, name, "" if host.lower() == tx.site.domain else host)
    if found is None or found.deleted_at is not None:
        raise Failed(f"Nobody called {handle} is known here.")
    return found


def _member(tx: "Tx", login: str) -> "Actor":
    from node import members

    found = members.by_login(tx.conn, login)
    if found is None:
        raise Failed(f"There is no member called {login}.")
    return found.actor


# -- domains ----------------------------------------------------------------------------------------------------------


@click.group()
def domain() -> None:
    """Domains that this node has nothing to do with."""


@domain.command("block")
@click.argument("name")
@click.option("--reason", default="", help="For the administrators of this node.")
@command
def block(config: Path | None, *, name: str, reason: str) -> None:
    """Refuse whatever comes from a domain and all below it, send nothing there, and end every follow with it."""
    from node.moderation import domains

    with opened(config) as (_, db):
        db.write_now(domains.block, None, _host(name), reason)


@domain.command("unblock")
@click.argument("name")
@command
def unblock(config: Path | None, *, name: str) -> None:
    """Talk to a domain again. The follows do not come back."""
    from node.moderation import domains

    with opened(config) as (_, db):
        if not db.write_now(domains.unblock, None, _host(name)):
            raise Failed(f"{name} is not blocked.")


@domain.command("list")
@command
def show_all(config: Path | None) -> None:
    """List the blocked domains."""
    from node.federation import hosts

    with opened(config) as (_, db):
        for name in db.read_now(hosts.all_blocked):
            click.echo(name)


@domain.command("export")
@command
def export(config: Path | None) -> None:
    """Write the blocked domains as CSV, as Mastodon does, without the reasons."""
    from node.moderation import domains

    with opened(config) as (_, db):
        click.echo(db.read_now(domains.export), nl=False)


@domain.command("import")
@click.argument("file", type=click.File(encoding="utf-8-sig"))
@command
def take(config: Path | None, *, file: TextIO) -> None:
    """Block every domain that a CSV file of Mastodon's suspends, or a plain list of domains; `-` is standard input."""
    from node.moderation import domains

    try:
        text = file.read()
    except UnicodeDecodeError:
        raise Failed("This file is no text.") from None
    with opened(config) as (_, db):
        done = db.write_now(domains.take, None, text)
    click.echo(f"{done.blocked} blocked, {done.known} blocked before, {done.passed_over} passed over.")


def _host(name: str) -> str:
    host = name.strip().lower().rstrip(".")
    if not host or any(char in host for char in "/@: ") or "." not in host:
        raise click.UsageError("Please give a domain alone, such as example.org.")
    return host
