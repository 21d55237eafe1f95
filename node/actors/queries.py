# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reading actors and their keys."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import Connection, Row, Select, bindparam, func, or_, select

from activitypub.signatures.keys import Algorithm, SigningKey, VerifyingKey, from_multibase, from_pem, load_private
from node.actors.tables import actor_keys, actors
from node.actors.types import Actor, ActorType, from_row
from node.kernel.among import among
from node.kernel.errors import NotFound
from node.kernel.site import Site

FORMER: Final = "~"
"""Stands in the stored name of a key that is no longer the actor's, before the moment when it was replaced."""

_BY_ID = select(actors).where(actors.c.id == bindparam("id"))
_SUSPENDED = select(actors.c.suspended_at).where(actors.c.id == bindparam("id"))
_BY_IDS = select(actors).where(among(actors.c.id))
_VERSIONS = select(actors.c.id, actors.c.version).where(among(actors.c.id, "ids"))
_BY_URI = select(actors).where(actors.c.uri == bindparam("uri"))
_BY_HANDLE = select(actors).where(
    actors.c.username_key == bindparam("username_key"), actors.c.domain == bindparam("domain")
)
_KEYS = select(actor_keys).where(actor_keys.c.actor_id == bindparam("actor_id"))
_KEY_WITH_OWNER = (
    select(actor_keys.c.uri.label("key_uri"), actor_keys.c.algorithm, actor_keys.c.public, actors.c.uri.label("owner"))
    .join_from(actor_keys, actors, actor_keys.c.actor_id == actors.c.id)
    .where(actor_keys.c.uri == bindparam("uri"))
)
_SIGNING = (
    select(actor_keys.c.uri, actor_keys.c.private, actor_keys.c.algorithm)
    .where(actor_keys.c.actor_id == bindparam("actor_id"), actor_keys.c.algorithm == bindparam("algorithm"))
    .where(actor_keys.c.private.is_not(None))
    .order_by(actor_keys.c.created_at.desc())
    .limit(1)
)


def find(conn: Connection, actor_id: int) -> Actor | None:
    """The actor with this number, deleted ones too, or None."""
    row = conn.execute(_BY_ID, {"id": actor_id}).one_or_none()
    return None if row is None else from_row(row)


def get(conn: Connection, actor_id: int) -> Actor:
    """The actor with this number who is not deleted; raises NotFound."""
    actor = find(conn, actor_id)
    if actor is None or actor.deleted_at is not None:
        raise NotFound
    return actor


def suspended_since(conn: Connection, actor_id: int) -> datetime | None:
    """Since when an actor is suspended; None for one who is not."""
    since: datetime | None = conn.execute(_SUSPENDED, {"id": actor_id}).scalar()
    return since


def by_ids(conn: Connection, actor_ids: Collection[int]) -> dict[int, Actor]:
    """Those of the actors that exist, by number, in one statement."""
    if not actor_ids:
        return {}
    rows = conn.execute(_BY_IDS, {"ids": list(set(actor_ids))})
    return {row.id: from_row(row) for row in rows}


def versions(conn: Connection, actor_ids: Collection[int]) -> dict[int, int]:
    """The present version of each of the actors that exist: whether what was made of them still holds."""
    if not actor_ids:
        return {}
    return {row.id: row.version for row in conn.execute(_VERSIONS, {"ids": list(set(actor_ids))})}


def by_uri(conn: Connection, uri: str) -> Actor | None:
    """The actor with this id on the wire, deleted ones too, or None."""
    row = conn.execute(_BY_URI, {"uri": uri}).one_or_none()
    return None if row is None else from_row(row)


def by_uris(conn: Connection, uris: Collection[str]) -> dict[str, Actor]:
    """Those of the actors that we know, by id on the wire, in one statement."""
    if not uris:
        return {}
    rows = conn.execute(select(actors).where(actors.c.uri.in_(set(uris))))
    return {row.uri: from_row(row) for row in rows}


def by_inbox(conn: Connection, inbox: str, *, shared: bool = False, limit: int = 100) -> Sequence[Actor]:
    """The remote actors, not deleted, whose own inbox this is, or whose shared one."""
    column = actors.c.shared_inbox if shared else actors.c.inbox
    statement = select(actors).where(column == inbox, actors.c.domain != "", actors.c.deleted_at.is_(None))
    return [from_row(row) for row in conn.execute(statement.order_by(actors.c.id).limit(limit))]


def by_handle(conn: Connection, username: str, domain: str = "") -> Actor | None:
    """The actor called `username` at `domain` (empty: here), whatever the case of the letters, or None."""
    row = conn.execute(_BY_HANDLE, {"username_key": username.casefold(), "domain": domain.lower()}).one_or_none()
    return None if row is None else from_row(row)


def by_handles(conn: Connection, handles: Collection[tuple[str, str]]) -> dict[tuple[str, str], Actor]:
    """Those of the (case-folded username, domain) pairs that we know, in one statement."""
    if not handles:
        return {}
    clauses = [(actors.c.username_key == name) & (actors.c.domain == domain) for name, domain in set(handles)]
    rows = conn.execute(select(actors).where(or_(*clauses), actors.c.deleted_at.is_(None)))
    return {(row.username_key, row.domain): from_row(row) for row in rows}


def _the_local(conn: Connection, kind: ActorType) -> Actor:
    row = conn.execute(
        select(actors).where(actors.c.domain == "", actors.c.type == kind).order_by(actors.c.id).limit(1)
    ).one_or_none()
    if row is None:
        raise NotFound("This node has not been set up yet; `alumnode init` does it.")
    return from_row(row)


def node_actor(conn: Connection) -> Actor:
    """The node's own actor, which signs its fetches."""
    return _the_local(conn, ActorType.APPLICATION)


def association(conn: Connection) -> Actor:
    """The association's actor, which publishes news and events and stands for the node among partners."""
    return _the_local(conn, ActorType.ORGANIZATION)


def search(conn: Connection, words: str, *, limit: int = 20, offset: int = 0) -> Sequence[Actor]:
    """Known actors whose handle or display name begins with or holds `words`, this node's first."""
    statement = search_statement(words)
    return [] if statement is None else read_statement(conn, statement.limit(limit).offset(offset))


def read_statement(conn: Connection, statement: Select[*tuple[object, ...]]) -> Sequence[Actor]:
    """The actors that a statement over `actors` finds: for slices above, which narrow it by what they know."""
    return [from_row(cast(Row[Any], row)) for row in conn.execute(statement)]


def search_statement(words: str) -> Select[*tuple[object, ...]] | None:
    """The statement behind `search`; None for words that name nobody."""
    name = words.strip().removeprefix("@").casefold()
    name, _, host = name.partition("@")
    if not name:
        return None
    part = f"%{_like(name)}%"
    statement = select(actors).where(
        or_(actors.c.username_key.like(part, escape="\\"), func.lower(actors.c.display_name).like(part, escape="\\")),
        actors.c.type != ActorType.APPLICATION,
        actors.c.deleted_at.is_(None),
        actors.c.suspended_at.is_(None),
    )
    if host:
        statement = statement.where(actors.c.domain.like(f"{_like(host)}%", escape="\\"))
    return statement.order_by(actors.c.domain != "", actors.c.username_key != name, actors.c.username_key)


def all_local(conn: Connection) -> Sequence[Actor]:
    """Every actor of this node who is not deleted, the node's own and the association's among them."""
    rows = conn.execute(
        select(actors).where(actors.c.domain == "", actors.c.deleted_at.is_(None)).order_by(actors.c.id)
    )
    return [from_row(row) for row in rows]


def local_count(conn: Connection) -> int:
    """How many members this node has, who are let in and not shut out."""
    return conn.execute(
        select(func.count())
        .select_from(actors)
        .where(
            actors.c.domain == "",
            actors.c.type == ActorType.PERSON,
            actors.c.deleted_at.is_(None),
            actors.c.suspended_at.is_(None),
        )
    ).scalar_one()


def every_inbox(conn: Connection) -> Sequence[str]:
    """One inbox of each server that we know, or each of its people's where it has no shared one."""
    return (
        conn.execute(
            select(func.coalesce(actors.c.shared_inbox, actors.c.inbox))
            .where(actors.c.domain != "", actors.c.deleted_at.is_(None))
            .distinct()
        )
        .scalars()
        .all()
    )


def public_key(conn: Connection, key_uri: str) -> VerifyingKey | None:
    """The stored key with this id, with its owner's id, or None."""
    row = conn.execute(_KEY_WITH_OWNER, {"uri": key_uri}).one_or_none()
    if row is None:
        return None
    if row.algorithm == Algorithm.ED25519:
        return from_multibase(row.public, key_id=row.key_uri, owner=row.owner)
    return from_pem(row.public, key_id=row.key_uri, owner=row.owner)


def public_keys(conn: Connection, actor_id: int) -> dict[Algorithm, tuple[str, str]]:
    """A local actor's newest key of each kind: (key id, PEM or Multikey)."""
    rows = conn.execute(_KEYS.order_by(actor_keys.c.created_at), {"actor_id": actor_id})
    return {Algorithm(row.algorithm): (row.uri, row.public) for row in rows}


def signing_key(conn: Connection, site: Site, actor_id: int, algorithm: Algorithm = Algorithm.RSA) -> SigningKey:
    """A local actor's private key. Raises NotFound for an actor that has none, ValueError if the node's secret changed."""
    row = conn.execute(_SIGNING, {"actor_id": actor_id, "algorithm": algorithm}).one_or_none()
    if row is None:
        raise NotFound("This account has no key to sign with.")
    return load_private(site.unseal(row.private), key_id=row.uri, algorithm=algorithm)


def former_key(conn: Connection, site: Site, actor_id: int) -> SigningKey | None:
    """The RSA key that a local actor had before the present one, under its name of then; None if it is not kept."""
    row = conn.execute(_SIGNING.offset(1), {"actor_id": actor_id, "algorithm": Algorithm.RSA}).one_or_none()
    if row is None:
        return None
    return load_private(site.unseal(row.private), key_id=row.uri.partition(FORMER)[0], algorithm=Algorithm.RSA)


def _like(text: str) -> str:
    """`text` with LIKE's own signs made harmless."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
