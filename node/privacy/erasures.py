# SPDX-License-Identifier: AGPL-3.0-or-later
"""What became of the copies: which servers were asked to forget a member who is gone, and which have not said yes.

Nobody can force another server. What can be done is to ask all, to try for weeks, to keep the names of those that did not
take the request beside the tombstone, and to let the person read them: by a link in the last letter, without an account.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, select, true

from node.actors.tables import actors
from node.kernel import queue
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import NotFound
from node.kernel.i18n import marked
from node.kernel.site import Site
from node.privacy.rules import ASKED_FOR, TOLD_FOR
from node.privacy.tables import erasure_hosts, erasures

_GONE = marked("This page is there for thirty days after the deletion.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """Somebody is gone: `told` servers were asked, `asking` have not answered yet, `silent` were given up."""

    actor_id: int
    at: datetime
    told: int
    asking: Sequence[str] = ()
    silent: Sequence[str] = ()


def note_erasure(tx: Tx, actor_id: int, uri: str) -> None:
    """A member's deletion has just been sent to every server that may know them."""
    told = len(queue.lanes_of(tx.conn, queue.DELIVERY, {_sequence(uri): tx.now})[_sequence(uri)])
    tx.conn.execute(insert_or_ignore(tx.conn, erasures), {"actor_id": actor_id, "told": told, "at": tx.now})


def note_silent(tx: Tx) -> None:
    """Keep the names of those servers to which the news could not be brought; the rows of the queue go after a month."""
    which = erasures.c.at > tx.now - ASKED_FOR
    numbers, lanes_of = _lanes(tx.conn, which)
    for uri, lanes in lanes_of.items():
        for host, given_up in sorted(lanes.items()):
            if given_up:
                tx.conn.execute(
                    insert_or_ignore(tx.conn, erasure_hosts),
                    {"actor_id": numbers[uri], "host": host, "since": tx.now},
                )


def last_erasures(conn: Connection, *, limit: int = 50) -> Sequence[Erasure]:
    """Who is gone, the latest first. Four statements."""
    return _with_hosts(conn, true(), limit)


def erasure_link(site: Site, actor_id: int, now: datetime) -> str:
    """Where somebody who has just gone reads what became of the copies. It opens nothing else."""
    until = int((now + TOLD_FOR).timestamp())
    return f"{site.base_url}/deleted/{actor_id}.{until}.{_signed(site, actor_id, until)}"


def by_link(conn: Connection, site: Site, token: str, now: datetime) -> Erasure:
    """The erasure of the end of such an address. Raises NotFound for one that is not ours, and after thirty days."""
    number, _, rest = token.partition(".")
    until, _, signature = rest.partition(".")
    if not all(part.isascii() and part.isdigit() and len(part) < 20 for part in (number, until)):
        raise NotFound(_GONE)
    expected = _signed(site, int(number), int(until))
    if not hmac.compare_digest(signature.encode(errors="replace"), expected.encode()):
        raise NotFound(_GONE)
    if datetime.fromtimestamp(int(until), UTC) < now:
        raise NotFound(_GONE)
    found = _with_hosts(conn, erasures.c.actor_id == int(number), 1)
    if not found:
        raise NotFound(_GONE)
    return found[0]


def _with_hosts(conn: Connection, which: ColumnElement[bool], limit: int) -> Sequence[Erasure]:
    rows = conn.execute(
        select(erasures).where(which).order_by(erasures.c.at.desc(), erasures.c.actor_id).limit(limit)
    ).all()
    if not rows:
        return []
    some = erasures.c.actor_id.in_([row.actor_id for row in rows])
    silent: dict[int, set[str]] = {row.actor_id: set() for row in rows}
    asking: dict[int, set[str]] = {row.actor_id: set() for row in rows}
    for kept in conn.execute(select(erasure_hosts).where(erasure_hosts.c.actor_id.in_(silent))):
        silent[kept.actor_id].add(kept.host)
    numbers, lanes_of = _lanes(conn, some)
    for uri, lanes in lanes_of.items():
        for host, given_up in lanes.items():
            (silent if given_up else asking)[numbers[uri]].add(host)
    return [
        Erasure(
            actor_id=row.actor_id,
            at=row.at,
            told=row.told,
            # Whoever is asked again, because somebody of the staff wished it, has not been given up.
            silent=sorted(silent[row.actor_id] - asking[row.actor_id]),
            asking=sorted(asking[row.actor_id]),
        )
        for row in rows
    ]


def _lanes(conn: Connection, which: ColumnElement[bool]) -> tuple[dict[str, int], dict[str, dict[str, bool]]]:
    """Who is gone by the sequence of the news of it, and to which hosts it has not been brought."""
    statement = select(actors.c.id, actors.c.uri, erasures.c.at).join(erasures, erasures.c.actor_id == actors.c.id)
    rows = conn.execute(statement.where(which)).all()
    since = {_sequence(row.uri): row.at for row in rows}
    return {_sequence(row.uri): row.id for row in rows}, queue.lanes_of(conn, queue.DELIVERY, since)


def _sequence(uri: str) -> str:
    return uri[:255]


def _signed(site: Site, actor_id: int, until: int) -> str:
    return site.sign("erasure", f"{actor_id}:{until}")
