# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a member decided about people they may not know."""

from dataclasses import asdict, fields, replace

from sqlalchemy import Connection, bindparam, insert, select, update

from node.actors import ActorId
from node.kernel.db import Tx
from node.notifications.tables import notification_policies
from node.notifications.types import Policy, Verdict

_FIND = select(notification_policies).where(notification_policies.c.owner_id == bindparam("owner_id"))


def policy_of(conn: Connection, owner_id: int) -> Policy:
    """What holds for a member."""
    return _found(conn, owner_id) or Policy()


def set_policy(tx: Tx, /, owner_id: ActorId, **changes: Verdict | bool) -> Policy:
    """Change some of the rules, named as the fields of `Policy`; what was told before stays as it was."""
    before = _found(tx.conn, owner_id)
    after = replace(before or Policy(), **changes)  # type: ignore[arg-type]  # named as the fields are
    if before is None:
        tx.conn.execute(insert(notification_policies), {"owner_id": owner_id, **asdict(after)})
    elif after != before:
        tx.conn.execute(
            update(notification_policies).where(notification_policies.c.owner_id == owner_id).values(asdict(after))
        )
    return after


def _found(conn: Connection, owner_id: int) -> Policy | None:
    row = conn.execute(_FIND, {"owner_id": owner_id}).one_or_none()
    if row is None:
        return None
    rules = {field.name: Verdict(row._mapping[field.name]) for field in fields(Policy) if field.name != "push_private"}
    return Policy(**rules, push_private=row.push_private)
