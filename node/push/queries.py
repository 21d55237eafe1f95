# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reading subscriptions. One whose token is revoked is not there, whoever revoked it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, Row, bindparam, select

from node.access.tables import tokens
from node.actors import ActorId
from node.kernel.errors import NotFound
from node.push.rules import Audience
from node.push.tables import push_subscriptions

_LIVE = (
    select(push_subscriptions)
    .join(tokens, tokens.c.id == push_subscriptions.c.token_id)
    .where(tokens.c.revoked_at.is_(None))
)
_OF_TOKEN = _LIVE.where(push_subscriptions.c.token_id == bindparam("token_id"))
_OF_MEMBER = _LIVE.where(push_subscriptions.c.member_id == bindparam("member_id"))
_BY_ID = _LIVE.where(push_subscriptions.c.id == bindparam("id"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A row of `push_subscriptions`."""

    id: int
    token_id: int
    member_id: ActorId
    sealed_token: bytes = field(repr=False)
    endpoint: str
    p256dh: bytes = field(repr=False)
    auth: bytes = field(repr=False)
    standard: bool
    alerts: frozenset[str]
    policy: Audience


def of_token(conn: Connection, token_id: int) -> Subscription:
    """The subscription of an app; raises NotFound."""
    row = conn.execute(_OF_TOKEN, {"token_id": token_id}).one_or_none()
    if row is None:
        raise NotFound
    return _subscription(row)


def of_member(conn: Connection, member_id: int) -> Sequence[Subscription]:
    """Every device that a member wants to be told on."""
    return [_subscription(row) for row in conn.execute(_OF_MEMBER, {"member_id": member_id})]


def find(conn: Connection, subscription_id: int) -> Subscription | None:
    """The subscription with this number."""
    row = conn.execute(_BY_ID, {"id": subscription_id}).one_or_none()
    return None if row is None else _subscription(row)


def _subscription(row: Row[*tuple[object, ...]]) -> Subscription:
    values = dict(row._mapping)
    del values["created_at"]
    values["alerts"] = frozenset(row.alerts)
    values["policy"] = Audience(row.policy)
    return Subscription(**values)
