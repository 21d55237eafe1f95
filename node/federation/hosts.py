# SPDX-License-Identifier: AGPL-3.0-or-later
"""What we know of other servers: the signatures they take, whether they answer, and which we do not talk to."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, delete, select, update

from node.federation.tables import blocked_domains, hosts
from node.kernel.db import Tx, insert_or_ignore


def blocked(conn: Connection, host: str) -> bool:
    """Whether `host` or a domain above it is blocked. A port does not matter."""
    name = host.partition(":")[0].lower()
    labels = name.split(".")
    candidates = [".".join(labels[index:]) for index in range(len(labels))]
    found = conn.execute(select(blocked_domains.c.domain).where(blocked_domains.c.domain.in_(candidates)).limit(1))
    return found.first() is not None


def block(tx: Tx, domain: str, reason: str = "") -> None:
    """Have nothing more to do with a domain and all below it."""
    tx.conn.execute(
        insert_or_ignore(tx.conn, blocked_domains),
        {"domain": domain.lower(), "reason": reason[:500], "created_at": tx.now},
    )


def unblock(tx: Tx, domain: str) -> bool:
    """Talk to a domain again; False if it was not blocked."""
    return tx.conn.execute(delete(blocked_domains).where(blocked_domains.c.domain == domain.lower())).rowcount > 0


def all_blocked(conn: Connection) -> Sequence[str]:
    """Every blocked domain, by name."""
    return conn.execute(select(blocked_domains.c.domain).order_by(blocked_domains.c.domain)).scalars().all()


def signature_of(conn: Connection, host: str) -> str | None:
    """The family of signatures that the host took last (`cavage` or `rfc9421`), if it is known."""
    value: str | None = conn.execute(select(hosts.c.signature).where(hosts.c.domain == host)).scalar()
    return value


def succeeded(tx: Tx, host: str, *, signature: str | None) -> None:
    """The host took what we sent, signed in that way."""
    values: dict[str, object] = {"last_success_at": tx.now, "failures": 0, "last_error": None}
    if signature is not None:
        values.update(signature=signature, signature_learnt_at=tx.now)
    _set(tx, host, values)


def failed(tx: Tx, host: str, error: str) -> None:
    """The host did not take what we sent."""
    _set(tx, host, {"last_failure_at": tx.now, "failures": hosts.c.failures + 1, "last_error": error[:500]})


def _set(tx: Tx, host: str, values: dict[str, object]) -> None:
    changed = tx.conn.execute(update(hosts).where(hosts.c.domain == host).values(**values))
    if changed.rowcount == 0:
        tx.conn.execute(insert_or_ignore(tx.conn, hosts), {"domain": host, "first_seen_at": tx.now})
        tx.conn.execute(update(hosts).where(hosts.c.domain == host).values(**values))


def peers(conn: Connection) -> Sequence[str]:
    """Every server that we have had to do with, without the blocked ones."""
    refused: Collection[str] = set(all_blocked(conn))
    return [
        name for name in conn.execute(select(hosts.c.domain).order_by(hosts.c.domain)).scalars() if name not in refused
    ]
