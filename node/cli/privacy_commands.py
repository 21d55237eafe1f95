# SPDX-License-Identifier: AGPL-3.0-or-later
"""`alumnode privacy`: whom an incident concerns."""

from datetime import UTC, datetime
from pathlib import Path

import click

from node.cli.context import Failed, command, opened


@click.group("privacy")
def privacy() -> None:
    """Data protection."""


@privacy.command("touched")
@click.option(
    "--export", "export_id", metavar="NUMBER", help="A file that the staff took along; /staff/data lists them."
)
@click.option("--token", metavar="TOKEN", help="The token of an app, or its number.")
@click.option("--staff", metavar="USERNAME", help="An account of the staff that somebody else used.")
@click.option("--partner", metavar="DOMAIN", help="Another server.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), help="From then on, in UTC.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), help="Before then, in UTC.")
@command
def touched(
    config: Path | None,
    export_id: str | None,
    token: str | None,
    staff: str | None,
    partner: str | None,
    since: datetime | None,
    until: datetime | None,
) -> None:
    """Print, as CSV, the members whom an incident concerns, with their addresses and why.

    Without a file, token, account or server: whose data the staff saw or took along within the time.
    """
    from node import privacy as slice_
    from node.privacy import Incident, Taken, wording

    given = [
        (kind, said)
        for kind, said in (
            (Incident.EXPORT, export_id),
            (Incident.TOKEN, token),
            (Incident.STAFF, staff),
            (Incident.PARTNER, partner),
        )
        if said is not None
    ]
    if len(given) > 1 or not (given or since or until):
        raise Failed("Please give one of --export, --token, --staff and --partner, or a time.")
    kind, which = given[0] if given else (Incident.TIME, "")
    with opened(config) as (settings, db):
        times = [moment.replace(tzinfo=UTC) if moment is not None else None for moment in (since, until)]
        found = db.read_now(slice_.find, kind, which, *times)
        people = [one.member.id for one in found]
        db.write_now(slice_.note_export, None, Taken.TOUCHED, people, rows=len(people))
        # The mark at its beginning is for spreadsheets; a terminal would show it.
        click.echo(wording.as_csv(found, settings.locale).decode("utf-8-sig"), nl=False)
