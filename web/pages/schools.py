# SPDX-License-Identifier: AGPL-3.0-or-later
"""The schools of this node, for everybody, and the pages on which administrators say what they are."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from node import schools
from node.kernel.db import Tx
from node.kernel.errors import Refused
from node.kernel.site import Site
from node.schools import Programme, School, SchoolDraft
from web import SERVICES, auth, csrf, params
from web.errors import json_response, wants_json
from web.frames import locale_of
from web.pages.cv_section import DEGREES
from web.pages.frames import done, fault, fault_status, respond
from web.pages.school_views import ProgrammeView, SchoolEditView, SchoolLineView, SchoolsView, SchoolView
from web.params import Params

_FIELDS: Final = ("name", "short_name", "aliases", "city", "country", "website", "same_as")


async def index(request: web.Request) -> web.Response:
    """The schools that this node serves."""
    visitor = await auth.visitor(request)
    member = visitor.member if visitor is not None else None
    view = await request.app[SERVICES].db.read(_all, locale_of(request, member), member is not None and member.is_admin)
    return await respond(request, view)


async def show(request: web.Request) -> web.Response:
    """One of them; as a document of schema.org's terms for whoever asks for JSON."""
    if wants_json(request):
        services = request.app[SERVICES]
        school = await services.db.read(schools.by_slug, request.match_info["slug"])
        return json_response(_document(services.db.site, school), headers={"Access-Control-Allow-Origin": "*"})
    visitor = await auth.visitor(request)
    member = visitor.member if visitor is not None else None
    slug, may_edit = request.match_info["slug"], member is not None and member.is_admin
    view = await request.app[SERVICES].db.read(_one, slug, locale_of(request, member), may_edit)
    return await respond(request, view)


async def add(request: web.Request) -> web.StreamResponse:
    """A further school, by its name; the rest is asked on its page."""
    await _check(request)
    name = (await params.read(request)).text("name") or ""
    db = request.app[SERVICES].db
    try:
        made = await db.write(schools.add, SchoolDraft(name=name))
    except Refused as refusal:
        view = replace(await db.read(_all, "en", True), name=name, faults=fault(refusal))
        return await respond(request, view, status=fault_status(refusal))
    return done(f"/staff/schools/{made.id}", "saved")


async def edit(request: web.Request) -> web.Response:
    """A school as a form."""
    schools.check_admin((await auth.visiting_member(request)).roles)
    return await respond(request, await request.app[SERVICES].db.read(_edited, _number(request)))


async def change(request: web.Request) -> web.StreamResponse:
    """Say something else of a school."""
    await _check(request)
    given = await params.read(request)
    typed = {name: given.text(name) or "" for name in _FIELDS}
    number, db = _number(request), request.app[SERVICES].db
    draft = SchoolDraft(
        name=typed["name"],
        short_name=typed["short_name"],
        aliases=tuple(typed["aliases"].splitlines()),
        city=typed["city"],
        country=typed["country"],
        website=typed["website"],
        same_as=tuple(typed["same_as"].splitlines()),
    )
    try:
        await db.write(schools.change, number, draft)
    except Refused as refusal:
        view = replace(
            await db.read(_edited, number),
            name=typed["name"],
            short_name=typed["short_name"],
            aliases=typed["aliases"],
            city=typed["city"],
            country=typed["country"],
            website=typed["website"],
            same_as=typed["same_as"],
            faults=fault(refusal),
        )
        return await respond(request, view, status=fault_status(refusal))
    return done(f"/staff/schools/{number}", "saved")


async def remove(request: web.Request) -> web.StreamResponse:
    """Take a school away that nobody is of."""
    await _check(request)
    number, db = _number(request), request.app[SERVICES].db
    try:
        await db.write(schools.remove, number)
    except Refused as refusal:
        view = replace(await db.read(_edited, number), faults=fault(refusal))
        return await respond(request, view, status=fault_status(refusal))
    return done("/schools", "saved")


async def add_programme(request: web.Request) -> web.StreamResponse:
    """Something more to study."""
    return await _programme(request, 0, schools.add_programme)


async def change_programme(request: web.Request) -> web.StreamResponse:
    """Say something else of what can be studied."""
    return await _programme(request, int(request.match_info["programme"]), schools.change_programme)


async def remove_programme(request: web.Request) -> web.StreamResponse:
    """Take it off the list."""
    await _check(request)
    number = _number(request)
    await request.app[SERVICES].db.write(schools.remove_programme, number, int(request.match_info["programme"]))
    return done(f"/staff/schools/{number}", "saved")


async def _programme(
    request: web.Request, programme_id: int, write: Callable[[Tx, Programme], object]
) -> web.StreamResponse:
    await _check(request)
    given = await params.read(request)
    number, db = _number(request), request.app[SERVICES].db
    typed = ProgrammeView(
        id=programme_id,
        name=given.text("name") or "",
        aliases=given.text("aliases") or "",
        key=given.text("degree") or "other",
        first_year=given.text("first_year") or "",
        last_year=given.text("last_year") or "",
    )
    try:
        await db.write(
            write,
            Programme(
                id=programme_id,
                school_id=number,
                name=typed.name,
                aliases=tuple(typed.aliases.splitlines()),
                degree=typed.key,
                first_year=_year(given, "first_year"),
                last_year=_year(given, "last_year"),
            ),
        )
    except Refused as refusal:
        view = await db.read(_edited, number)
        ids = {name: f"{name}-{programme_id}" for name in ("name", "degree", "first_year", "last_year")}
        typed = replace(typed, faults=fault(refusal, ids))
        if programme_id:
            shown = tuple(typed if one.id == programme_id else one for one in view.programmes)
            view = replace(view, programmes=shown)
        else:
            view = replace(view, fresh=typed)
        return await respond(request, view, status=fault_status(refusal))
    return done(f"/staff/schools/{number}", "saved")


async def _check(request: web.Request) -> None:
    await csrf.check(request)
    schools.check_admin((await auth.visiting_member(request)).roles)


def _number(request: web.Request) -> int:
    return int(request.match_info["number"])


def _year(given: Params, name: str) -> int | None:
    """The year of that field. What is no number becomes one that the rules refuse."""
    text = (given.text(name) or "").strip()
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else 0


def _all(conn: Connection, locale: str, may_edit: bool) -> SchoolsView:
    return SchoolsView(schools=tuple(_line(one, locale) for one in schools.all_of(conn)), may_edit=may_edit)


def _one(conn: Connection, slug: str, locale: str, may_edit: bool) -> SchoolView:
    school = schools.by_slug(conn, slug)
    return SchoolView(
        school=_line(school, locale),
        short_name=school.short_name,
        aliases=school.aliases,
        website=school.website,
        same_as=school.same_as,
        programmes=_programmes(conn, school.id),
        may_edit=may_edit,
    )


def _edited(conn: Connection, number: int) -> SchoolEditView:
    school = schools.find(conn, number)
    return SchoolEditView(
        school=_line(school, "en"),
        name=school.name,
        short_name=school.short_name,
        aliases="\n".join(school.aliases),
        city=school.city,
        country=school.country,
        website=school.website,
        same_as="\n".join(school.same_as),
        programmes=_programmes(conn, number),
        degrees=tuple(DEGREES.items()),
    )


def _programmes(conn: Connection, school_id: int) -> tuple[ProgrammeView, ...]:
    return tuple(
        ProgrammeView(
            id=one.id,
            name=one.name,
            aliases="\n".join(one.aliases),
            key=one.degree,
            degree=DEGREES[one.degree],
            first_year=str(one.first_year or ""),
            last_year=str(one.last_year or ""),
        )
        for one in schools.programmes(conn, school_id)
    )


def _document(site: Site, school: School) -> dict[str, object]:
    """The school for programs, under its lasting address."""
    place = {"addressLocality": school.city, "addressCountry": school.country}
    told: dict[str, object] = {
        "name": school.name,
        "alternateName": [name for name in (school.short_name, *school.aliases) if name],
        "url": school.website,
        "address": {"@type": "PostalAddress", **{key: text for key, text in place.items() if text}}
        if any(place.values())
        else "",
        "sameAs": list(school.same_as),
    }
    return {
        "@context": "https://schema.org",
        "@type": "EducationalOrganization",
        "@id": f"{site.base_url}/schools/{school.slug}",
        **{key: what for key, what in told.items() if what},
    }


def _line(school: School, locale: str) -> SchoolLineView:
    country = ""
    if school.country:
        from babel import Locale  # seldom needed, and large

        country = Locale.parse(locale).territories.get(school.country, "")
    place = ", ".join(part for part in (school.city, country) if part)
    return SchoolLineView(id=school.id, slug=school.slug, name=school.name, place=place)
