# SPDX-License-Identifier: AGPL-3.0-or-later
"""Signing up without an invitation, where the association allows it.

Whether an address has an account already is told by a letter to that address alone; the page says the same either way.
"""

import asyncio
from datetime import date, timedelta

from aiohttp import web

from node import access, actors, members, roster, schools
from node.access import Limit
from node.kernel import clock
from node.kernel.db import Tx
from node.kernel.errors import Invalid, NotFound, Refused
from node.members import Entry, NewMember
from node.members.rules import check_class_year
from web import SERVICES, csrf, params
from web.frames import locale_of
from web.limits import client_address, neighbourhood
from web.pages.frames import done, fault, fault_status, respond
from web.pages.views import Place, SignUpView

_MAX_REASON = 2000
CLAIM = ("given_name", "family_name", "class_year", "birth_date", "student_number")
_FIELDS = ("name", "username", "email", "password", "reason", "school", *CLAIM)


async def show(request: web.Request) -> web.Response:
    """The form."""
    needs_reason = _needs_reason(request)
    names = await request.app[SERVICES].db.read(schools.names)
    view = SignUpView(needs_reason=needs_reason, schools=tuple(names), minimum_age=minimum_age(request))
    return await respond(request, view, Place.ME)


async def sign_up(request: web.Request) -> web.StreamResponse:
    """Take the form, and send the letter that proves the address."""
    await csrf.check(request)
    needs_reason = _needs_reason(request)
    given = await params.read(request)
    typed = {name: given.text(name) or "" for name in _FIELDS}
    try:
        await _write(request, typed, needs_reason=needs_reason, to_classmates=given.flag("to_classmates"))
    except Refused as refusal:
        view = SignUpView(
            schools=tuple(await request.app[SERVICES].db.read(schools.names)),
            school=typed["school"],
            name=typed["name"],
            username=typed["username"],
            email=typed["email"],
            reason=typed["reason"],
            given_name=typed["given_name"],
            family_name=typed["family_name"],
            class_year=typed["class_year"],
            birth_date=typed["birth_date"],
            student_number=typed["student_number"],
            to_classmates=given.flag("to_classmates"),
            needs_reason=needs_reason,
            minimum_age=minimum_age(request),
            faults=fault(refusal),
        )
        return await respond(request, view, Place.ME, status=fault_status(refusal))
    return done("/login", "signed-up")


async def _write(request: web.Request, typed: dict[str, str], *, needs_reason: bool, to_classmates: bool) -> None:
    services = request.app[SERVICES]
    settings = services.settings
    if not typed["name"].strip():
        raise Invalid("Please say how you are called.", field="name")
    members.check_username(typed["username"])
    email = members.check_email(typed["email"])
    members.check_new_password(typed["password"], about=(typed["username"], email, typed["name"]))
    if needs_reason and not typed["reason"].strip():
        raise Invalid("Please tell the association who you are.", field="reason")
    claim = claim_in(typed) if needs_reason else roster.Claim()
    half_an_hour = timedelta(minutes=30)
    where = neighbourhood(client_address(request))
    limits = [Limit(f"sign-up:{where}", 5, half_an_hour), Limit(f"mail:{email.casefold()[:200]}", 5, half_an_hour)]
    await access.check(services.db, limits)
    new = NewMember(
        username=typed["username"],
        email=email,
        password_hash=await services.passwords.hash(typed["password"]),
        display_name=typed["name"],
        locale=locale_of(request, None),
        timezone=settings.timezone,
        class_year=claim.class_year,
        adult_on=adult_on(request, typed["birth_date"]),
    )
    keys = await asyncio.to_thread(actors.make_keys)
    entry = Entry(
        confirmed=settings.testing,
        approved=settings.testing or not settings.registrations.need_approval,
        reason=typed["reason"].strip()[:_MAX_REASON],
    )

    def write(tx: Tx) -> None:
        if members.exists_email(tx.conn, email):
            access.ask_reset(tx, email)
            return
        member = members.sign_up(tx, new, keys, entry, school=schools.chosen(tx.conn, typed["school"]))
        if claim:
            roster.claim(tx, member.id, claim)
        if needs_reason:
            roster.open_case(tx, member.id, to_classmates=to_classmates)
        if not entry.confirmed:
            access.ask_confirmation(tx, member)

    await services.db.write(write)


def minimum_age(request: web.Request) -> int:
    """How old one has to be at least; 0 where nobody is asked, and everybody says that they are of age."""
    return request.app[SERVICES].settings.registrations.minimum_age


def adult_on(request: web.Request, born: str) -> date | None:
    """When a newcomer comes of age; None for whoever is. Raises Invalid for whoever is too young or does not say."""
    minimum = minimum_age(request)
    if not minimum:
        return None
    return members.check_born(_day(born), minimum, clock.now().date())


def _day(born: str) -> date | None:
    try:
        return date.fromisoformat(born.strip()) if born.strip() else None
    except ValueError:
        raise Invalid("Please look at the date of birth again.", field="birth_date") from None


def claim_in(typed: dict[str, str]) -> roster.Claim:
    """Who they say they were at school. Raises Invalid for a year or a date that is none."""
    year = typed["class_year"].strip()
    now = clock.now()
    if year and not (year.isdecimal() and year.isascii()):
        raise Invalid("Please give the class as a year of four digits.", field="class_year")
    birth_date = _day(typed["birth_date"])
    claim = roster.Claim(
        given_name=typed["given_name"],
        family_name=typed["family_name"],
        class_year=check_class_year(int(year) if year else None, now),
        birth_date=birth_date,
        student_number=typed["student_number"],
    )
    return roster.check_claim(claim, now.date())


def _needs_reason(request: web.Request) -> bool:
    """Whether the association wants to know who asks. Raises NotFound where nobody signs up without an invitation."""
    registrations = request.app[SERVICES].settings.registrations
    if not registrations.are_open:
        raise NotFound("One becomes a member here by an invitation from the association.")
    return registrations.need_approval
