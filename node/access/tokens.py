# SPDX-License-Identifier: AGPL-3.0-or-later
"""Bearer tokens: opaque, 256 random bits behind a mark that secret scanners know, kept as SHA-256.

They do not expire, as apps of this API expect; a member ends them one by one, all at once, or by a new password.
What is revoked is told on the bus as `token.revoked` (a token's digest, or a member's number), so that caches and open
streams end; and it is written down for the other processes of this node (`revocations`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, insert, select, update

from node import members
from node.access.revocations import tell
from node.access.secrets import digest
from node.access.tables import apps, tokens
from node.actors import ActorId
from node.kernel import ids
from node.kernel.db import Tx
from node.kernel.errors import NotFound
from node.members import Member

PREFIX: Final = "alm_"
# `used_at` is for the member's list of apps; a day is fine enough for that.
_USE_NOTED_EVERY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A token at the only moment when it is known."""

    secret: str
    scopes: tuple[str, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who stands behind a token: an application, and the member it acts for, if any."""

    token_id: int
    token_hash: str
    app_id: int
    app_name: str
    app_website: str | None
    scopes: frozenset[str]
    member: Member | None
    noted_at: datetime | None

    def use_is_worth_noting(self, now: datetime) -> bool:
        """Whether the list of apps would show too old a use."""
        return self.noted_at is None or now - self.noted_at > _USE_NOTED_EVERY


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """A line of a member's list of apps."""

    id: int
    app_name: str
    app_website: str | None
    scopes: tuple[str, ...]
    created_at: datetime
    used_at: datetime | None


_FIND = (
    select(
        tokens.c.id,
        tokens.c.app_id,
        tokens.c.member_id,
        tokens.c.scopes,
        tokens.c.used_at,
        apps.c.name,
        apps.c.website,
    )
    .join_from(tokens, apps, tokens.c.app_id == apps.c.id)
    .where(tokens.c.token_hash == bindparam("token_hash"), tokens.c.revoked_at.is_(None))
)


def issue_token(
    tx: Tx,
    *,
    app_id: int,
    member_id: ActorId | None,
    scopes: Sequence[str],
    code_hash: str | None = None,
    secret: str | None = None,
) -> NewToken:
    """A new token; without a member it is the application's own. `secret` is for test set-ups that fix it."""
    secret = secret or PREFIX + ids.secret()
    tx.conn.execute(
        insert(tokens),
        {
            "id": ids.new_id(tx.now),
            "token_hash": digest(secret),
            "app_id": app_id,
            "member_id": member_id,
            "scopes": " ".join(scopes),
            "code_hash": code_hash,
            "created_at": tx.now,
        },
    )
    return NewToken(secret=secret, scopes=tuple(scopes), created_at=tx.now)


def find_token(conn: Connection, token_hash: str) -> Caller | None:
    """Who stands behind the token with this digest; None if there is no such token, or if it was revoked."""
    row = conn.execute(_FIND, {"token_hash": token_hash}).one_or_none()
    if row is None:
        return None
    member = None
    if row.member_id is not None:
        try:
            member = members.get(conn, row.member_id)
        except NotFound:
            return None
    return Caller(
        token_id=row.id,
        token_hash=token_hash,
        app_id=row.app_id,
        app_name=row.name,
        app_website=row.website,
        scopes=frozenset(row.scopes.split()),
        member=member,
        noted_at=row.used_at,
    )


def note_use(tx: Tx, token_id: int) -> None:
    """The token was used now."""
    tx.conn.execute(update(tokens).where(tokens.c.id == token_id).values(used_at=tx.now))


def tokens_of(conn: Connection, member_id: ActorId) -> list[Granted]:
    """The apps that may act for a member, newest first."""
    rows = conn.execute(
        select(tokens.c.id, apps.c.name, apps.c.website, tokens.c.scopes, tokens.c.created_at, tokens.c.used_at)
        .join_from(tokens, apps, tokens.c.app_id == apps.c.id)
        .where(tokens.c.member_id == member_id, tokens.c.revoked_at.is_(None))
        .order_by(tokens.c.id.desc())
    )
    return [
        Granted(
            id=row.id,
            app_name=row.name,
            app_website=row.website,
            scopes=tuple(row.scopes.split()),
            created_at=row.created_at,
            used_at=row.used_at,
        )
        for row in rows
    ]


def revoke(tx: Tx, app_id: int, secret: str) -> bool:
    """End a token of this application (RFC 7009). False if it belongs to another; an unknown one is none of ours: True."""
    hashed = digest(secret)
    owner = tx.conn.execute(select(tokens.c.app_id).where(tokens.c.token_hash == hashed)).scalar_one_or_none()
    if owner is None:
        return True
    if owner != app_id:
        return False
    _end(tx, [hashed])
    return True


def revoke_by_number(tx: Tx, member_id: ActorId, token_id: int) -> None:
    """End one of a member's own tokens. Raises NotFound."""
    hashed = tx.conn.execute(
        select(tokens.c.token_hash).where(
            tokens.c.id == token_id, tokens.c.member_id == member_id, tokens.c.revoked_at.is_(None)
        )
    ).scalar_one_or_none()
    if hashed is None:
        raise NotFound
    _end(tx, [hashed])


def revoke_of_code(tx: Tx, code_hash: str) -> None:
    """End what a code was exchanged for."""
    _end(tx, tx.conn.execute(select(tokens.c.token_hash).where(tokens.c.code_hash == code_hash)).scalars().all())


def revoke_of_member(tx: Tx, member_id: ActorId) -> None:
    """End every token of a member: a new password, a suspension."""
    tx.conn.execute(
        update(tokens).where(tokens.c.member_id == member_id, tokens.c.revoked_at.is_(None)).values(revoked_at=tx.now)
    )
    tell(tx, member_id)


def interrupt(tx: Tx, member_id: ActorId) -> None:
    """End the open streams of a member's apps, whose tokens stay and open nothing until the member is active again."""
    tell(tx, member_id)


def _end(tx: Tx, hashes: Sequence[str]) -> None:
    if not hashes:
        return
    tx.conn.execute(
        update(tokens).where(tokens.c.token_hash.in_(hashes), tokens.c.revoked_at.is_(None)).values(revoked_at=tx.now)
    )
    for hashed in hashes:
        tell(tx, hashed)
