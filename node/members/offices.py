# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who has a part in running the association: giving the roles of `rules.ROLES`, and taking them.

Everybody is a `member`, which is neither given nor taken; at least one administrator stays.
"""

from collections.abc import Collection

from sqlalchemy import update

from node.actors import ActorId
from node.kernel import audit
from node.kernel.db import Tx
from node.kernel.errors import Conflict, NotAllowed
from node.kernel.i18n import marked
from node.members import queries, rules
from node.members.tables import members
from node.members.types import Member


def change_roles(
    tx: Tx, member: Member, *, give: Collection[str] = (), take: Collection[str] = (), by: ActorId | None = None
) -> Member:
    """Let a member do more, or less; without `by` it was a command.

    Raises Invalid for a role that there is none of, Conflict for the only administrator.
    """
    rules.check_roles((*give, *take))
    roles = rules.check_roles(tuple((set(member.roles) | set(give)) - set(take) | {"member"}))
    if "admin" in member.roles and "admin" not in roles:
        queries.check_may_leave(tx.conn, member)
    if set(roles) == set(member.roles):
        return member
    tx.conn.execute(update(members).where(members.c.actor_id == member.id).values(roles=list(roles)))
    audit.write(tx, "roles", member.id, by=by, before=_named(member.roles), after=_named(roles))
    bus, number = tx.bus, member.id
    tx.after_commit(lambda: bus.publish("member.changed", number))
    return queries.get(tx.conn, member.id)


def set_roles(tx: Tx, admin: Member, member_id: int, roles: Collection[str]) -> Member:
    """What an administrator ticked: the member holds these roles, and no others.

    Raises NotAllowed for whoever is no administrator, NotFound, Conflict for somebody who is not let in (they can only
    lose roles) and for the only administrator, Invalid.
    """
    if not queries.get(tx.conn, admin.id).is_admin:  # as it is now: another may have taken it a moment ago
        raise NotAllowed(marked("Only an administrator does this."))
    member = queries.get(tx.conn, member_id)
    give, take = set(roles) - member.roles, member.roles - set(roles)
    if give and not member.is_active:
        raise Conflict(marked("This person is not let in yet."))
    return change_roles(tx, member, give=sorted(give), take=sorted(take), by=admin.id)


def _named(roles: Collection[str]) -> str:
    """What an audit says of them: all but that they are a member."""
    return " ".join(role for role in rules.ROLES if role in roles and role != "member")[:64]
