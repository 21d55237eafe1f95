# SPDX-License-Identifier: AGPL-3.0-or-later
"""The domains that the association has nothing to do with, and the list of them as other servers write it.

A block ends every follow between this node and the domain, of which members are told, and hides its people (`severing`).
The file is Mastodon's:
`#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate`. Only `suspend` is a block here; of the other
severities this node has none, and lines with them are counted and passed over. Reasons are for the administrators of this
node alone and are not written out.
"""

import csv
import io
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from activitypub.errors import Malformed
from activitypub.origin import normalise_host
from node.federation import hosts
from node.kernel.db import Tx
from node.kernel.errors import Invalid
from node.kernel.text import clean
from node.members import Member
from node.moderation import severing
from node.moderation.actions import note

COLUMNS: Final = ("#domain", "#severity", "#reject_media", "#reject_reports", "#public_comment", "#obfuscate")
MAX_FILE: Final = 2 * 1024 * 1024
MAX_LINES: Final = 20_000
_BLOCKS: Final = frozenset({"", "suspend"})


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the lines of a file. `passed_over`: another severity, or no domain."""

    blocked: int
    known: int
    passed_over: int


def block(tx: Tx, staff: Member | None, domain: str, reason: str = "") -> bool:
    """Have nothing more to do with a domain and all below it; False if that was so. Raises Invalid.

    Without `staff` it is the command line.
    """
    name = _named(tx, domain)
    if name in hosts.all_blocked(tx.conn):
        return False
    _block(tx, staff, name, reason)
    severing.with_domain(tx, name)
    return True


def unblock(tx: Tx, staff: Member | None, domain: str) -> bool:
    """Talk to a domain again; False if it was not blocked. The follows do not come back."""
    found = hosts.unblock(tx, domain.strip())
    if found:
        severing.show_again(tx, domain.strip().lower())
        note(tx, staff, "unblock", domain=domain.strip().lower())
    return found


def export(conn: Connection) -> str:
    """Every blocked domain, as a file."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for name in hosts.all_blocked(conn):
        writer.writerow((name, "suspend", "true", "true", "", "false"))
    return out.getvalue()


def take(tx: Tx, staff: Member | None, text: str) -> Imported:
    """Block what a file names. Raises Invalid for what is no such file, and then nothing of it is blocked."""
    if len(text) > MAX_FILE:
        raise Invalid("This file is too long.", field="file")
    known = set(hosts.all_blocked(tx.conn))
    blocked = old = passed_over = 0
    for domain, severity, comment in _lines(text):
        try:
            name = _named(tx, domain)
        except Invalid:
            name = ""
        if not name or severity not in _BLOCKS:
            passed_over += 1
        elif name in known:
            old += 1
        else:
            known.add(name)
            _block(tx, staff, name, comment)
            severing.with_domain(tx, name, later=True)
            blocked += 1
    return Imported(blocked, old, passed_over)


def _lines(text: str) -> list[tuple[str, str, str]]:
    """(domain, severity, comment) of each line. A file without a head is a list of domains, one a line."""
    try:
        rows = [row for row in csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True) if any(row)]
    except csv.Error:
        raise Invalid("This file cannot be read. Please send a list of domains as CSV.", field="file") from None
    if not rows or len(rows) > MAX_LINES:
        raise Invalid("This file cannot be read. Please send a list of domains as CSV.", field="file")
    names = [name.strip().lower().lstrip("#") for name in rows[0]]
    if "domain" not in names:
        if max(len(row) for row in rows) > 1:
            raise Invalid("This file cannot be read. Please send a list of domains as CSV.", field="file")
        return [(row[0], "", "") for row in rows]
    at: dict[str, int] = {name: names.index(name) for name in ("domain", "severity", "public_comment") if name in names}

    def cell(row: list[str], name: str) -> str:
        place = at.get(name)
        return row[place].strip() if place is not None and place < len(row) else ""

    return [(cell(row, "domain"), cell(row, "severity").lower(), cell(row, "public_comment")) for row in rows[1:]]


def _block(tx: Tx, staff: Member | None, name: str, reason: str) -> None:
    hosts.block(tx, name, clean(reason, 500))
    note(tx, staff, "block", domain=name)


def _named(tx: Tx, domain: str) -> str:
    """The one spelling of a domain. Raises Invalid for what is none, and for this node's own and those above it."""
    try:
        name = normalise_host(domain.strip())
    except Malformed:
        name = ""
    if "." not in name:
        raise Invalid("Please give a domain alone, such as example.org.", field="domain")
    own = (tx.site.domain, tx.site.base_url.partition("://")[2])
    if any(name in hosts.domains_of(host) for host in own):
        raise Invalid("This is the domain of this network.", field="domain")
    return name
