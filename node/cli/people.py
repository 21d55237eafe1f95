# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the commands do about people: members, invitations, tokens. Plain functions, used by the demo as well."""

import secrets
from collections.abc import Iterable

from node import access, actors, members, schools
from node.actors import NewKeys
from node.kernel.config import Settings
from node.kernel.db import Database, Tx
from node.kernel.errors import NotFound
from node.members import Member, NewMember
from node.members.passwords import hash_now

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def new_password() -> str:
    """A password that can be read out over the telephone: four groups of four, 79 bits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


def add_member(
    settings: Settings,
    db: Database,
    username: str,
    email: str,
    password: str,
    *,
    display_name: str = "",
    class_year: int | None = None,
    school: str | None = None,
    roles: Iterable[str] = (),
    keys: NewKeys | None = None,
) -> Member:
    """A new member with a login. `keys` may be given by whoever makes many at once. Raises Refused."""
    members.check_new_password(password, about=(username, email))
    new = NewMember(
        username=username,
        email=email,
        password_hash=hash_now(password),
        display_name=display_name,
        class_year=class_year,
        locale=settings.locale,
        timezone=settings.timezone,
        roles=tuple(dict.fromkeys(("member", *roles))),
    )
    made = keys or actors.make_keys()

    def write(tx: Tx) -> Member:
        return members.add_member(tx, new, made, school=schools.chosen(tx.conn, school))

    return db.write_now(write)


def invite(
    settings: Settings,
    db: Database,
    *,
    class_year: int | None = None,
    school: str | None = None,
    uses: int = 1,
    email: str | None = None,
) -> str:
    """The link of a new invitation. Raises Invalid."""
    token, _ = db.write_now(members.create_invitation, class_year=class_year, school=school, max_uses=uses, email=email)
    return f"{settings.base_url}/invite/{token}"


def create_token(db: Database, username: str, scopes: str, *, value: str | None = None) -> str:
    """A token for an app that acts for this member, or for the association. Raises NotFound, Invalid."""
    parsed = access.parse(scopes)

    def issue(tx: Tx) -> str:
        member = members.by_login(tx.conn, username)
        if member is None:
            raise NotFound(f"There is no member called {username}.")
        app, _ = access.register_app(
            tx,
            name="Command line",
            redirect_uris=(access.OUT_OF_BAND,),
            scopes=" ".join(parsed),
            website=None,
        )
        return access.issue_token(tx, app_id=app.id, member_id=member.id, scopes=parsed, secret=value).secret

    return db.write_now(issue)
