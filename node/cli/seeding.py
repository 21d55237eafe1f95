# SPDX-License-Identifier: AGPL-3.0-or-later
"""`alumnode test-seed`: accounts, apps and tokens with given names and secrets, for other people's client suites.

Only where the setting `testing` is on, which no public domain can have: nothing of it is checked as it is for people.
"""

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection

from node import access, actors, members
from node.access import App
from node.actors import ActorId, NewKeys, ProfileChange
from node.cli.context import Failed
from node.kernel.config import Settings
from node.kernel.db import Database, Tx
from node.kernel.errors import NotFound
from node.members import Member, NewMember
from node.members.passwords import hash_now
from node.profiles import Listing, answer
from node.relationships import profiles

ADMIN: Final = ActorId(1)
"""Suites ask for the administrator under this number."""
_ALL: Final = "read write follow push"
_ROLES: Final = {"owner": "admin", "admin": "admin", "moderator": "moderator"}


def seed(settings: Settings, db: Database, file: Path) -> str:
    """Make what the file lists; what was made, as JSON. Raises Failed if it cannot be read, and Refused."""
    wanted = _read(file)
    people: dict[str, Member] = {}
    apps: dict[str, App] = {}
    made: dict[str, list[dict[str, object]]] = {"accounts": [], "apps": [], "tokens": []}
    for item in wanted["accounts"]:
        member = _account(settings, db, item)
        people[member.actor.username.casefold()] = member
        made["accounts"].append(
            {"id": str(member.id), "username": member.actor.username, "email": member.email, "uri": member.actor.uri}
        )
    for item in wanted["apps"]:
        app, secret = db.write_now(partial(_app, item=item))
        apps[app.name] = apps[app.client_id] = app
        made["apps"].append(
            {"id": str(app.id), "name": app.name, "client_id": app.client_id, "client_secret": secret}
            | {"redirect_uris": list(app.redirect_uris), "scopes": " ".join(app.scopes)}
        )
    for item in wanted["tokens"]:
        made["tokens"].append(db.write_now(partial(_token, item=item, people=people, apps=apps)))
    return json.dumps(made, indent=2)


def _read(file: Path) -> dict[str, list[dict[str, Any]]]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Failed(f"The file {file} cannot be read: {error}.") from None
    result = {}
    for name in ("accounts", "apps", "tokens"):
        items = found.get(name, []) if isinstance(found, dict) else None
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise Failed(f"In the file {file} {name} must be a list of objects.")
        result[name] = items
    for item in result["accounts"]:
        if not item.get("username") or not item.get("email"):
            raise Failed(f"In the file {file} an account lacks its username or email.")
    return result


def _account(settings: Settings, db: Database, item: Mapping[str, Any]) -> Member:
    role = _ROLES.get(str(item.get("role") or "").casefold())
    locale = str(item.get("locale") or settings.locale).partition("-")[0]
    new = NewMember(
        username=str(item["username"]),
        email=str(item["email"]),
        password_hash=hash_now(str(item["password"])) if item.get("password") else "",
        locale=locale if locale in ("en", "fr") else settings.locale,
        timezone=settings.timezone,
        roles=("member", role) if role else ("member",),
    )
    return db.write_now(partial(_add, new=new, keys=actors.make_keys(), item=item, settings=settings))


def _add(tx: Tx, *, new: NewMember, keys: NewKeys, item: Mapping[str, Any], settings: Settings) -> Member:
    is_first = "admin" in new.roles and actors.find(tx.conn, ADMIN) is None
    member = members.add_member(
        tx, new, keys, school=settings.school or settings.name, number=ADMIN if is_first else None, any_name=True
    )
    change = ProfileChange(
        locked=_truth(item, "locked"), discoverable=_truth(item, "discoverable"), indexable=_truth(item, "indexable")
    )
    answer(tx, member.id, listed_to=Listing.SCHOOL)
    if change != ProfileChange():
        profiles.update_profile(tx, member.actor, change)
    return members.get(tx.conn, member.id)


def _truth(item: Mapping[str, Any], name: str) -> bool | None:
    return bool(item[name]) if name in item else None


def _app(tx: Tx, *, item: Mapping[str, Any]) -> tuple[App, str]:
    uris = item.get("redirect_uris") or [access.OUT_OF_BAND]
    return access.register_app(
        tx,
        name=str(item.get("name") or "Test"),
        redirect_uris=uris.split() if isinstance(uris, str) else [str(uri) for uri in uris],
        scopes=_scopes(item.get("scopes")),
        website=None,
        client_id=item.get("client_id"),
        secret=item.get("client_secret"),
    )


def _token(
    tx: Tx, *, item: Mapping[str, Any], people: Mapping[str, Member], apps: Mapping[str, App]
) -> dict[str, object]:
    name = item.get("app")
    if name:
        app = apps.get(str(name)) or access.find_app(tx.conn, str(name))
        if app is None:
            raise NotFound(f"There is no app called {name}.")
    else:
        app, _ = _app(tx, item={"scopes": item.get("scopes")})
    account = item.get("account")
    member = _member(tx.conn, str(account), people) if account else None
    issued = access.issue_token(
        tx,
        app_id=app.id,
        member_id=member.id if member else None,
        scopes=access.parse(_scopes(item.get("scopes"))),
        secret=item.get("token"),
    )
    return {"token": issued.secret, "account": account, "app": app.name, "scopes": " ".join(issued.scopes)}


def _member(conn: Connection, username: str, people: Mapping[str, Member]) -> Member:
    found = people.get(username.casefold()) or members.by_login(conn, username)
    if found is None:
        raise NotFound(f"There is no member called {username}.")
    return found


def _scopes(given: object) -> str:
    return " ".join(map(str, given)) if isinstance(given, list) else str(given or _ALL)
