# SPDX-License-Identifier: AGPL-3.0-or-later
"""The key by which push services know this node (VAPID, RFC 8292): made at first need and kept for good."""

import base64
from dataclasses import dataclass

from sqlalchemy import Connection, select

from node.kernel.db import Database, Tx, insert_or_ignore
from node.push.tables import push_keys

_ONLY = 1


@dataclass(frozen=True, slots=True)
class ServerKey:
    """The private key in PEM, encrypted under the node's key, and the public point as apps are given it."""

    sealed: bytes
    public: str


async def server_key(db: Database) -> ServerKey:
    """The node's key."""
    found = await db.read(_find)
    return found if found is not None else await db.write(_make)


def _find(conn: Connection) -> ServerKey | None:
    row = conn.execute(select(push_keys).where(push_keys.c.id == _ONLY)).one_or_none()
    return None if row is None else ServerKey(row.sealed, row.public)


def _make(tx: Tx) -> ServerKey:
    # Late: a node that nobody has subscribed at needs none of this.
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    point = key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    tx.conn.execute(
        insert_or_ignore(tx.conn, push_keys),
        {"id": _ONLY, "sealed": tx.site.seal(pem), "public": base64.urlsafe_b64encode(point).decode()},
    )
    found = _find(tx.conn)
    assert found is not None
    return found
