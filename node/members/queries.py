# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reading members and invitations."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, String, bindparam, cast, func, select

from activitypub.addressing import Visibility
from node.actors import Actor, by_handle, by_ids
from node.kernel.errors import Conflict, NotFound
from node.members.tables import invitations, members, retired_usernames
from node.members.types import Invitation, InvitationState, Member

_BY_ID = select(members).where(members.c.actor_id == bindparam("actor_id"))
_LOCALE = select(members.c.locale).where(members.c.actor_id == bindparam("actor_id"))
_BY_EMAIL = select(members).where(members.c.email_key == bindparam("email_key"))
# As JSON writes the roles of nearly everybody, and of the association's own account.
_NO_OFFICE = ('["member"]', "[]")


def get(conn: Connection, actor_id: int) -> Member:
    """The member with this number; raises NotFound, also for an actor without a login."""
    row = conn.execute(_BY_ID, {"actor_id": actor_id}).one_or_none()
    if row is None:
        raise NotFound
    return _member(conn, row)


def locale_of(conn: Connection, actor_id: int) -> str | None:
    """The language that a member chose; None for an actor without a login."""
    locale: str | None = conn.execute(_LOCALE, {"actor_id": actor_id}).scalar()
    return locale


def by_numbers(conn: Connection, member_ids: Sequence[int]) -> list[Member]:
    """The members with these numbers, in that order; two statements."""
    rows = {row.actor_id: row for row in conn.execute(select(members).where(members.c.actor_id.in_(member_ids)))}
    known = by_ids(conn, member_ids)
    return [_made(rows[number], known[number]) for number in member_ids if number in rows and number in known]


def by_email(conn: Connection, email: str) -> Member | None:
    """The member with this e-mail address, whatever the case of the letters."""
    row = conn.execute(_BY_EMAIL, {"email_key": email.strip().casefold()}).one_or_none()
    return None if row is None else _member(conn, row)


def by_login(conn: Connection, login: str) -> Member | None:
    """The member with this e-mail address or username, whatever the case of the letters."""
    name = login.strip()
    row = conn.execute(_BY_EMAIL, {"email_key": name.casefold()}).one_or_none()
    if row is None:
        actor = by_handle(conn, name.removeprefix("@"))
        if actor is None:
            return None
        row = conn.execute(_BY_ID, {"actor_id": actor.id}).one_or_none()
    return None if row is None else _member(conn, row)


def exists_email(conn: Connection, email: str) -> bool:
    """Whether somebody here has this address."""
    return conn.execute(_BY_EMAIL, {"email_key": email.strip().casefold()}).first() is not None


def is_retired(conn: Connection, username: str) -> bool:
    """Whether somebody had this name once."""
    return (
        conn.execute(
            select(retired_usernames.c.username_key).where(retired_usernames.c.username_key == username.casefold())
        ).first()
        is not None
    )


def holders(conn: Connection) -> Sequence[Member]:
    """Everybody who holds a role beyond that of a member, in the order in which they came; three statements."""
    rows = conn.execute(
        select(members.c.actor_id)
        .where(cast(members.c.roles, String).not_in(_NO_OFFICE))
        .order_by(members.c.created_at, members.c.actor_id)
    ).scalars()
    return [one for one in by_numbers(conn, rows.all()) if one.roles - {"member"}]


def with_role(conn: Connection, role: str) -> Sequence[Member]:
    """Every member who holds a role beyond that of a member; three statements."""
    return [one for one in holders(conn) if role in one.roles]


def check_may_leave(conn: Connection, member: Member) -> None:
    """Raises Conflict for the only administrator: nobody could look after the node."""
    if member.is_admin and not any(one.is_active and one.id != member.id for one in with_role(conn, "admin")):
        raise Conflict("You are the only administrator. Please make somebody else one first.")


def count(conn: Connection) -> int:
    """How many members there are."""
    return conn.execute(select(func.count()).select_from(members)).scalar_one()


def digest(token: str) -> str:
    """What is kept of the secret of an invitation."""
    return hashlib.sha256(token.encode()).hexdigest()


def invitation(conn: Connection, token: str) -> Invitation:
    """The invitation of a link; raises NotFound."""
    row = conn.execute(select(invitations).where(invitations.c.token_hash == digest(token))).one_or_none()
    if row is None:
        raise NotFound("This invitation is not known. Please check the link, or ask the association for a new one.")
    return made_invitation(row)


def made_invitation(row: Row[Any]) -> Invitation:
    """A row as the rest of the node sees it: without the secret."""
    values = dict(row._mapping)
    del values["token_hash"]
    values["state"] = InvitationState(values["state"])
    return Invitation(**values)


def _member(conn: Connection, row: Row[tuple[object, ...]]) -> Member:
    actor_id = row._mapping["actor_id"]
    return _made(row, by_ids(conn, [actor_id])[actor_id])


def _made(row: Row[tuple[object, ...]], actor: Actor) -> Member:
    values = dict(row._mapping)
    del values["actor_id"]
    for name in ("email_key", "invited_by"):
        del values[name]
    values["roles"] = frozenset(values["roles"])
    values["default_visibility"] = Visibility(values["default_visibility"])
    if values["confirmed_at"] is None or values["approved_at"] is None:
        actor = replace(actor, suspended_at=None)
    return Member(actor=actor, **values)
