# SPDX-License-Identifier: AGPL-3.0-or-later
"""The link of a letter about something that runs out: good for a time, for that one thing, and without a login.

Nothing is kept for it: its number, its end and a keyed digest of the two are the address.
"""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from node.kernel.errors import NotFound
from node.kernel.site import Site
from node.profiles import queries
from node.profiles.queries import Entry
from node.profiles.tables import profile_entries


@dataclass(frozen=True, slots=True)
class Linked:
    """What a link is about, and whose it is."""

    actor_id: int
    entry: Entry


def address(site: Site, entry_id: int, until: datetime) -> str:
    """The address that goes into the letter."""
    end = int(until.timestamp())
    return f"{site.base_url}/asks/{entry_id}.{end}.{_signed(site, entry_id, end)}"


def entry(conn: Connection, site: Site, token: str, now: datetime) -> Linked:
    """What the end of such an address is about. Raises NotFound if we did not make it, or it is too old."""
    number, _, rest = token.partition(".")
    end, _, signature = rest.partition(".")
    if not all(part.isascii() and part.isdigit() and len(part) < 20 for part in (number, end)):
        raise NotFound
    expected = _signed(site, int(number), int(end))
    if not hmac.compare_digest(signature.encode(errors="replace"), expected.encode()):
        raise NotFound
    if datetime.fromtimestamp(int(end), UTC) <= now:
        raise NotFound
    row = conn.execute(select(profile_entries).where(profile_entries.c.id == int(number))).one_or_none()
    if row is None:
        raise NotFound
    return Linked(row.actor_id, queries.entry_of(row, now))


def _signed(site: Site, entry_id: int, end: int) -> str:
    return site.sign("profiles.entry", f"{entry_id}.{end}")
