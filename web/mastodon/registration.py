# SPDX-License-Identifier: AGPL-3.0-or-later
"""Signing up through an app, and proving one's address. Source: Mastodon's documentation, methods/accounts and emails."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from node import access, actors, members, schools
from node.access import Limit as Attempts
from node.kernel import clock, i18n
from node.kernel.db import Tx
from node.kernel.errors import Invalid, NotAllowed
from node.members import Entry, NewMember
from node.members.rules import MAX_PASSWORD, MIN_PASSWORD
from web import SERVICES, auth, params
from web.errors import NotSignedIn
from web.limits import client_address, is_loopback, neighbourhood
from web.mastodon import entities
from web.mastodon.answers import db, json
from web.params import Params

_NAMES: Final = {
    "username": "Username",
    "email": "Email",
    "password": "Password",
    "agreement": "Agreement",
    "reason": "Reason",
    "date_of_birth": "Date of birth",
}
_MAX_REASON: Final = 2000


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field, with the name that apps know it by."""

    field: str
    error: str
    description: str


async def create(request: web.Request) -> web.Response:
    """Sign up. The token opens little until the address is confirmed; where `testing` is on it opens all at once."""
    caller = auth.caller(request)
    if caller is None:
        raise NotSignedIn
    services = request.app[SERVICES]
    settings = services.settings
    if not settings.registrations.are_open:
        raise NotAllowed
    given = await params.read(request)
    faults = [*_form_faults(given, settings.registrations.minimum_age, needs_reason=_needs_reason(request))]
    faults += await db(request).read(_taken, given, {fault.field for fault in faults})
    if faults:
        return _refused(faults)
    if not is_loopback(request):
        half_an_hour = timedelta(minutes=30)
        where = neighbourhood(client_address(request))
        await access.check(services.db, [Attempts(f"sign-up:{where}", 5, half_an_hour)])
    locale = (given.text("locale") or "").partition("-")[0].lower()
    new = NewMember(
        username=given.text("username") or "",
        email=given.text("email") or "",
        password_hash=await services.passwords.hash(given.text("password") or ""),
        locale=locale if locale in i18n.SUPPORTED else settings.locale,
        timezone=settings.timezone,
    )
    if settings.registrations.minimum_age:
        born = date.fromisoformat((given.text("date_of_birth") or "").strip())
        adult_on = members.check_born(born, settings.registrations.minimum_age, clock.now().date())
        new = replace(new, adult_on=adult_on)
    keys = await asyncio.to_thread(actors.make_keys)
    entry = Entry(
        confirmed=settings.testing,
        approved=settings.testing or not settings.registrations.need_approval,
        reason=(given.text("reason") or "").strip()[:_MAX_REASON],
        app_id=caller.app_id,
    )

    def write(tx: Tx) -> access.NewToken:
        member = members.sign_up(tx, new, keys, entry, school=schools.chosen(tx.conn))
        if not entry.confirmed:
            access.ask_confirmation(tx, member)
        scopes = [scope for scope in access.KNOWN if scope in caller.scopes]
        return access.issue_token(tx, app_id=caller.app_id, member_id=member.id, scopes=scopes)

    try:
        token = await services.db.write(write)
    except Invalid as error:  # somebody else took it a moment ago
        return _refused([Fault(error.field or "username", "ERR_TAKEN", "has already been taken")])
    return json(entities.token(token))


async def resend(request: web.Request) -> web.Response:
    """Send the confirmation once more, to another address if one is given."""
    caller = auth.caller(request)
    member = auth.member(request)
    assert caller is not None
    if member.confirmed_at is not None:
        raise NotAllowed("This method is only available while the e-mail is awaiting confirmation")
    if member.signed_up_with != caller.app_id:
        raise NotAllowed("This method is only available to the application the user originally signed-up with")
    given = await params.read(request)
    email = given.text("email") or ""
    if email:
        _check("email", email, members.check_email)
    services = request.app[SERVICES]
    hour = timedelta(hours=1)
    await access.check(
        services.db,
        [
            Attempts(f"mail:{(email or member.email).casefold()[:200]}", 5, hour),
            Attempts(f"mail-of:{member.id}", 5, hour),
        ],
    )

    def write(tx: Tx) -> None:
        found = members.get(tx.conn, member.id)
        if email:
            members.change_email(tx, found, members.check_email(email))
        access.ask_confirmation(tx, members.get(tx.conn, member.id))

    await services.db.write(write)
    return json({})


async def check_confirmation(request: web.Request) -> web.Response:
    """Whether the address is confirmed."""
    member = await db(request).read(members.get, auth.member(request).id)
    return json(member.confirmed_at is not None)


def _needs_reason(request: web.Request) -> bool:
    return request.app[SERVICES].settings.registrations.need_approval


def _form_faults(given: Params, minimum_age: int, *, needs_reason: bool) -> Iterable[Fault]:
    username, email, password = (given.text(name) or "" for name in ("username", "email", "password"))
    if not username.strip():
        yield Fault("username", "ERR_BLANK", "can't be blank")
    elif (refused := _refusal(username, members.check_username)) is not None:
        reserved = "reserved" in refused
        yield Fault(
            "username",
            "ERR_RESERVED" if reserved else "ERR_INVALID",
            "is reserved" if reserved else "must be 2 to 30 letters, numbers and underscores",
        )
    if not email.strip():
        yield Fault("email", "ERR_BLANK", "can't be blank")
    elif _refusal(email, members.check_email) is not None:
        yield Fault("email", "ERR_INVALID", "is invalid")
    if not password:
        yield Fault("password", "ERR_BLANK", "can't be blank")
    elif len(password) < MIN_PASSWORD:
        yield Fault("password", "ERR_TOO_SHORT", f"is too short (minimum is {MIN_PASSWORD} characters)")
    elif len(password) > MAX_PASSWORD:
        yield Fault("password", "ERR_TOO_LONG", f"is too long (maximum is {MAX_PASSWORD} characters)")
    elif _refusal(password, lambda typed: members.check_new_password(typed, about=(username, email))) is not None:
        yield Fault("password", "ERR_INVALID", "is too easy to guess")
    if not given.flag("agreement"):
        yield Fault("agreement", "ERR_ACCEPTED", "must be accepted")
    if needs_reason and not (given.text("reason") or "").strip():
        yield Fault("reason", "ERR_BLANK", "can't be blank")
    if minimum_age:
        yield from _age_faults(given.text("date_of_birth") or "", minimum_age)


def _age_faults(text: str, minimum_age: int) -> Iterable[Fault]:
    if not text.strip():
        yield Fault("date_of_birth", "ERR_BLANK", "can't be blank")
        return
    try:
        born = date.fromisoformat(text.strip())
    except ValueError:
        yield Fault("date_of_birth", "ERR_INVALID", "is invalid")
        return
    try:
        members.check_born(born, minimum_age, clock.now().date())
    except Invalid:
        yield Fault("date_of_birth", "ERR_BELOW_LIMIT", "is below the age limit")


def _taken(conn: Connection, given: Params, faulty: set[str]) -> list[Fault]:
    found = []
    username = (given.text("username") or "").strip().removeprefix("@")
    if "username" not in faulty and (
        members.is_retired(conn, username) or actors.by_handle(conn, username) is not None
    ):
        found.append(Fault("username", "ERR_TAKEN", "has already been taken"))
    if "email" not in faulty and members.exists_email(conn, given.text("email") or ""):
        found.append(Fault("email", "ERR_TAKEN", "has already been taken"))
    return found


def _refusal(text: str, check: Callable[[str], object]) -> str | None:
    try:
        check(text)
    except Invalid as error:
        return error.message
    return None


def _check(field: str, text: str, check: Callable[[str], object]) -> None:
    if _refusal(text, check) is not None:
        raise Invalid(f"Validation failed: {_NAMES[field]} is invalid", field=field)


def _refused(faults: Iterable[Fault]) -> web.Response:
    details: dict[str, list[dict[str, str]]] = {}
    said, listed = [], list(faults)
    for fault in listed:
        details.setdefault(fault.field, []).append({"error": fault.error, "description": fault.description})
        said.append(f"{_NAMES[fault.field]} {fault.description}")
    named = {"error_code": "E_UNDER_AGE"} if any(one.error == "ERR_BELOW_LIMIT" for one in listed) else {}
    return json({"error": f"Validation failed: {', '.join(said)}", **named, "details": details}, status=422)
