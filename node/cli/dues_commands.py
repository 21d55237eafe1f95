# SPDX-License-Identifier: AGPL-3.0-or-later
"""`alumnode dues`: how members stand, payments written down or taken from a bank's file, and the accountant's table.

What dues are stands in `node.dues`; here it is asked, told and counted. Amounts are typed and shown in the currency of
the plan, as "30" or "30.50".
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import click

from node.cli.context import Failed, command, opened

if TYPE_CHECKING:
    from node.dues import Plan, Standing
    from node.dues.bank import Proposal
    from node.kernel.config import Settings
    from node.kernel.db import Database, Tx

# Whoever may run commands here runs the node.
_AS_ADMIN: Final = frozenset({"admin"})
_STATUSES: Final = ("never", "exempt", "current", "due_soon", "grace", "lapsed", "dormant", "ended", "deceased")
_METHODS: Final = ("transfer", "cheque", "cash", "card", "platform")
_SHOWN: Final = 20


@click.group()
def dues() -> None:
    """What members pay to the association, and the receipts for it."""


@dues.command("list")
@click.option("--status", type=click.Choice(_STATUSES), help="Only those who stand so.")
@click.option("--format", "form", type=click.Choice(["text", "csv", "json"]), default="text", show_default=True)
@command
def list_standings(config: Path | None, *, status: str | None, form: str) -> None:
    """List how members stand today, by username."""
    from node import dues as slice_
    from node.dues import exporting

    with opened(config) as (settings, db):
        found = [
            who for who in db.read_now(slice_.everybody, _today(settings)) if status is None or who.status == status
        ]
        if form == "csv":
            click.echo(exporting.standings_as_csv(found, settings.locale), nl=False)
        elif form == "json":
            click.echo(json.dumps([_as_json(who) for who in found], ensure_ascii=False, indent=2))
        else:
            for who in found:
                until = f"until {who.paid_until}" if who.paid_until is not None else ""
                parts = (f"{who.username:20}", f"{who.status:9}", until, who.plan.name if who.plan else "")
                click.echo("  ".join(part for part in parts if part).rstrip())


@dues.command("plans")
@command
def list_plans(config: Path | None) -> None:
    """List what can be paid, with the numbers that `record` asks for."""
    from node import dues as slice_
    from node.dues import wording

    with opened(config) as (_, db):
        for plan in db.read_now(slice_.plans, closed=True):
            amount = f"{wording.plain(plan.terms.amount, plan.currency)} {plan.currency}"
            marks = [str(plan.terms.price), str(plan.terms.period), str(plan.offer.audience)]
            marks += ["gift"] if plan.offer.gift else []
            marks += ["closed"] if plan.closed else []
            click.echo(f"{plan.id}  {plan.name}  {amount}  {' '.join(marks)}")


@dues.command("record")
@click.argument("username")
@click.argument("plan", type=int)
@click.argument("amount")
@click.option("--method", type=click.Choice(_METHODS), required=True, help="How it was paid.")
@click.option("--on", "paid_on", help="The day on which it was paid, such as 2026-11-25; today if it is not given.")
@click.option("--reference", default="", help="What the transfer says, or the number of the cheque.")
@command
def record(
    config: Path | None, *, username: str, plan: int, amount: str, method: str, paid_on: str | None, reference: str
) -> None:
    """Write down that USERNAME has paid AMOUNT for the plan of that number (see `plans`). A receipt comes of it."""
    from node import dues as slice_
    from node.dues import wording

    with opened(config) as (settings, db):
        today = _today(settings)
        found = _plan(db.read_now(slice_.plans, closed=True), plan)
        money = slice_.Money(
            plan_id=found.id,
            amount=wording.parsed(amount, found.currency),
            method=slice_.Method(method),
            paid_on=_day(paid_on) if paid_on is not None else today,
            reference=reference,
        )

        def write(tx: "Tx") -> int:
            from node import members

            who = members.by_login(tx.conn, username)
            if who is None:
                raise Failed(f"There is no member {username}.")
            return slice_.record(tx, _AS_ADMIN, None, who.id, money, today)

        payment = db.read_now(slice_.payment, db.write_now(write))
        until = f", paid until {payment.covers_to}" if payment.covers_to is not None else ""
        click.echo(f"Receipt {payment.receipts[0].number}{until}.")


@dues.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by-name", is_flag=True, help="Count also lines that were matched by the name alone.")
@click.option("--dry-run", is_flag=True, help="Show what would be counted, and stop.")
@click.option("--yes", is_flag=True, help="Do not ask before counting.")
@command
def bring_in(config: Path | None, *, file: Path, by_name: bool, dry_run: bool, yes: bool) -> None:
    """Count the payments in FILE, a bank's or a platform's table (CSV). First it is shown what would be counted.

    Lines are matched by the word for transfers, then by e-mail address, then by name. A line is counted once, however often
    the file is given: if it is cut off, run it again.
    """
    from node import dues as slice_
    from node.dues import bank

    if file.stat().st_size > bank.MAX_BYTES:
        raise Failed("This file is larger than 2 MB. Please split it.")
    with opened(config) as (settings, db):
        today = _today(settings)
        currency = db.read_now(slice_.association).currency
        lines = bank.read(file.read_bytes(), currency)
        taken = db.read_now(slice_.taken_lines, [line.key for line in lines])
        plans = [plan for plan in db.read_now(slice_.plans) if plan.currency == currency]
        found = bank.proposals(lines, db.read_now(slice_.everybody, today), plans, taken)
        chosen = [one for one in found if _is_sure(one, by_name=by_name)]
        for told in _told(found, chosen, len(lines) - len(found), currency):
            click.echo(told)
        if dry_run or not chosen:
            return
        if not yes:
            click.confirm(f"Count these {len(chosen)} payments?", abort=True)
        refused = _take(db, chosen, today)
        for line, why in refused:
            click.echo(f"{line}: {why}", err=True)
        click.echo(f"{len(chosen) - len(refused)} payments are counted.")


@dues.command("export")
@click.argument("year", type=click.IntRange(2000, 9999))
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--locale", type=click.Choice(["en", "fr"]), help="The language of the table; the node's if not given.")
@command
def export(config: Path | None, *, year: int, file: Path, locale: str | None) -> None:
    """Write the payments of YEAR into FILE, a table (CSV) for the accountant."""
    from node import dues as slice_
    from node import privacy
    from node.dues import exporting

    with opened(config) as (settings, db):
        payments = db.read_now(slice_.paid_between, date(year, 1, 1), date(year, 12, 31))
        file.write_bytes(exporting.as_csv(payments, locale or settings.locale))
        people = {one.person_id for one in payments}
        db.write_now(privacy.note_export, None, privacy.Taken.DUES, people, rows=len(payments))
        click.echo(f"{len(payments)} payments are in {file}.")


@dues.command("remind")
@click.option("--dry-run", is_flag=True, help="Say who would be reminded, and stop.")
@command
def remind(config: Path | None, *, dry_run: bool) -> None:
    """Send the reminders of today now, as the node does each hour. Nobody gets one twice.

    A dry run names the first 200.
    """
    from node import dues as slice_

    with opened(config) as (settings, db):
        today = _today(settings)
        chosen = db.read_now(slice_.to_remind, today)
        if dry_run:
            names = {who.person_id: who.username for who in db.read_now(slice_.everybody, today)}
            for person, step in chosen:
                click.echo(f"{names[person]}  {step:+d} days")
            return
        sent = 0
        while chosen and (now := db.write_now(slice_.remind, chosen, today)):
            sent += now
            chosen = db.read_now(slice_.to_remind, today)
        click.echo(f"{sent} members are reminded.")


def _take(db: "Database", chosen: Sequence["Proposal"], today: date) -> list[tuple[str, str]]:
    """Count them one by one; the lines that cannot be counted, and why."""
    from node import dues as slice_
    from node.kernel.errors import Refused

    refused = []
    with click.progressbar(chosen, label="Counting", file=sys.stderr) as bar:
        for one in bar:
            assert one.who is not None
            assert one.plan is not None
            money = slice_.Money(
                plan_id=one.plan.id,
                amount=one.line.amount,
                method=slice_.Method.TRANSFER,
                paid_on=one.line.day,
                reference=one.line.text,
                bank_line=one.line.key,
            )
            try:
                db.write_now(slice_.take, _AS_ADMIN, None, one.who.person_id, money, today)
            except Refused as refusal:
                refused.append((f"{one.line.day} {one.who.username}", refusal.message))
    return refused


def _is_sure(one: "Proposal", *, by_name: bool) -> bool:
    from node.dues.bank import Match

    sure = {Match.REFERENCE, Match.EMAIL} | ({Match.NAME} if by_name else set())
    return one.match in sure and one.plan is not None


def _told(found: Sequence["Proposal"], chosen: Sequence["Proposal"], before: int, currency: str) -> Iterator[str]:
    from node.dues import wording

    counts = Counter(str(one.match) for one in found)
    yield f"{before:8} counted before"
    yield from (f"{number:8} matched by {match}" for match, number in counts.items() if match != "nobody")
    yield f"{counts['nobody']:8} of nobody known"
    keys = {one.line.key for one in chosen}
    for title, lines in (
        ("To count", chosen),
        ("Left out", [one for one in found if one.line.key not in keys]),
    ):
        if lines:
            yield f"{title}:"
        for one in lines[:_SHOWN]:
            amount = f"{wording.plain(one.line.amount, currency)} {currency}"
            who = one.who.username if one.who is not None else "?"
            yield f"  {one.line.day}  {amount}  {who}  {one.plan.name if one.plan is not None else '?'}  ({one.match})"
        if len(lines) > _SHOWN:
            yield f"  and {len(lines) - _SHOWN} more"


def _as_json(who: "Standing") -> dict[str, object]:
    return {
        "username": who.username,
        "name": who.name,
        "class_year": who.class_year,
        "email": who.email,
        "status": who.status,
        "paid_until": who.paid_until.isoformat() if who.paid_until is not None else None,
        "plan": who.plan.name if who.plan is not None else None,
    }


def _plan(plans: Sequence["Plan"], number: int) -> "Plan":
    found = next((plan for plan in plans if plan.id == number), None)
    if found is None:
        raise Failed(f"There is no plan {number}: see `alumnode dues plans`.")
    return found


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"--on {text}: please write a day as 2026-11-25.") from None


def _today(settings: "Settings") -> date:
    from node.kernel import clock

    return clock.now().astimezone(ZoneInfo(settings.timezone)).date()
