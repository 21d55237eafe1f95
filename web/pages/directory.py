# SPDX-License-Identifier: AGPL-3.0-or-later
"""The directory on the pages: the people of this node, looked for by words and filters, and who may find oneself."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy import Connection

from node import directory, profiles, schools
from node.directory import Distance, Facet, Kind, Wanted, Watchable
from node.kernel import clock, i18n
from node.kernel.db import long_read
from node.kernel.figures import rough
from node.kernel.folding import fold
from node.kernel.i18n import marked
from node.kernel.site import Site
from node.members import Member
from node.profiles import Listing
from web import SERVICES, auth, limits, params
from web.frames import locale_of
from web.limits import Limit
from web.pages import convert
from web.pages.cv_section import CATEGORIES
from web.pages.directory_views import FacetGroupView, FacetView, PeopleView, WatchView
from web.pages.frames import acting, done, respond
from web.pages.views import Place
from web.pages.watches import school_meant
from web.params import Params

MAX_QUERY: Final = 200
_YEAR: Final = timedelta(days=365)
_TITLES: Final = {
    Kind.SCHOOL: marked("School"),
    Kind.PROGRAMME: marked("Programme"),
    Kind.CAMPUS: marked("Campus"),
    Kind.CITY: marked("City"),
    Kind.COUNTRY: marked("Country"),
    Kind.EMPLOYER: marked("Employer"),
    Kind.SECTOR: marked("Sector"),
    Kind.SKILL: marked("Skill"),
    Kind.LANGUAGE: marked("Language"),
    Kind.SEEK: marked("They seek"),
    Kind.OFFER: marked("They offer"),
}
_CATEGORIES: Final = (Kind.SEEK, Kind.OFFER)


async def people(request: web.Request) -> web.Response:
    """The members of this node whom the visitor may find; for members."""
    member = await auth.visiting_member(request)
    given = params.query(request)
    wanted = _wanted(given, member)
    if not wanted.is_open:
        await limits.count_member(request, Limit.SEARCH, member.id)
    services = request.app[SERVICES]
    locale = locale_of(request, member)
    view = await services.db.read(_people, services.db.site, member, wanted, _page(given), locale)
    within = _whole(given.text("within"), 2)
    if within is not None and member.actor.class_year is not None:
        view = replace(view, within=within, class_year=None, class_to=None)
    return await respond(request, view, Place.PEOPLE)


async def listed(request: web.Request) -> web.StreamResponse:
    """Say who may find oneself."""
    actor = await acting(request)
    chosen = (await params.read(request)).text("listed_to") or ""
    if chosen in set(Listing):
        await request.app[SERVICES].db.write(profiles.answer, actor.id, listed_to=Listing(chosen))
        return done("/people", "saved")
    return done("/people")


def _wanted(given: Params, member: Member) -> Wanted:
    since, until = _whole(given.text("class_year"), 4), _whole(given.text("class_to"), 4)
    within, own = _whole(given.text("within"), 2), member.actor.class_year
    if within is not None and own is not None:
        since, until = own - within, own + within
    elif since is not None and until is None:
        until = since
    distance = given.text("distance") or ""
    texts = {kind.value: _line(given, kind) for kind in directory.FILTERS if kind not in _CATEGORIES}
    # Countries and languages are kept by their codes, which nobody has to know.
    for kind, code_of in ((Kind.COUNTRY, i18n.country_code), (Kind.LANGUAGE, i18n.language_code)):
        texts[kind] = texts[kind] and (code_of(texts[kind]) or texts[kind])
    return Wanted(
        words=_line(given, "q"),
        class_from=since,
        class_to=until,
        seek=_category(given, "seek"),
        offer=_category(given, "offer"),
        distance=Distance(distance) if distance in set(Distance) else None,
        active_since=_a_year_ago() if given.flag("active") else None,
        **texts,
    )


def _a_year_ago() -> datetime:
    # To the day, so that the next page goes on where this one ends.
    return clock.now().replace(hour=0, minute=0, second=0, microsecond=0) - _YEAR


@long_read
def _people(conn: Connection, site: Site, member: Member, wanted: Wanted, page: int, locale: str) -> PeopleView:
    found = directory.search(conn, member.actor, wanted, page)
    asked = _asked(wanted)
    years = directory.class_years(conn, member.actor)
    latest_first = sorted(years.items(), reverse=True)
    own = profiles.own(conn, member.id, clock.now())
    names = schools.names(conn)
    return PeopleView(
        people=convert.people(conn, site, found.people, member.id),
        count=directory.count(conn, member.actor) if wanted.is_open else found.count,
        years=tuple((year, rough(number).number) for year, number in latest_first),
        query=wanted.words,
        class_year=wanted.class_from,
        class_to=wanted.class_to if wanted.class_to != wanted.class_from else None,
        values={kind.value: _shown(kind, getattr(wanted, kind), locale) for kind in directory.FILTERS},
        distance=wanted.distance or "",
        active=wanted.active_since is not None,
        schools=tuple(names) if len(names) > 1 else (),
        has_class=member.actor.class_year is not None,
        categories=tuple(CATEGORIES.items()),
        is_open=wanted.is_open,
        asks=own.listed_to is None,
        too_many=found.too_many and not wanted.is_open,
        similar=found.similar,
        # That all are of the one school says nothing.
        groups=_groups([one for one in found.facets if one.kind is not Kind.SCHOOL or len(names) > 1], asked, locale),
        watches=_watches(conn, member, wanted, names),
        newer=_address(asked, page=page - 1) if page > 1 else "",
        more=_address(asked, page=page + 1) if page < directory.PAGES and page * directory.PAGE < found.count else "",
    )


def _shown(kind: Kind, value: str, locale: str) -> str:
    """A value as it is read."""
    if not value:
        return ""
    match kind:
        case Kind.COUNTRY:
            return i18n.country_name(value, locale)
        case Kind.LANGUAGE:
            return i18n.language_name(value, locale)
        case _:
            return value


def _watches(conn: Connection, member: Member, wanted: Wanted, names: Sequence[str]) -> tuple[WatchView, ...]:
    """What of that which is looked for can be followed."""
    asked: list[tuple[Watchable, str, str]] = [
        (kind, value, value)
        for kind, value in ((Watchable.CITY, wanted.city), (Watchable.SKILL, wanted.skill))
        if value
    ]
    if wanted.class_from is not None and wanted.class_from == wanted.class_to:
        school = school_meant(wanted.school, member, names)
        label = f"{wanted.class_from} {school}".strip() if len(names) > 1 else str(wanted.class_from)
        asked.append((Watchable.CLASS, f"{wanted.class_from} {school}".strip(), label))
    if not asked:
        return ()
    known = {(one.kind, fold(one.label)): one.id for one in directory.watches(conn, member.id)}
    return tuple(
        WatchView(kind=kind, value=value, label=label, id=known.get((kind, fold(value))))
        for kind, value, label in asked
    )


def _groups(facets: Sequence[Facet], asked: dict[str, object], locale: str) -> tuple[FacetGroupView, ...]:
    by_kind: dict[Kind, list[FacetView]] = {}
    for facet in facets:
        is_category = facet.kind in _CATEGORIES
        shown = _shown(facet.kind, facet.label, locale)
        by_kind.setdefault(facet.kind, []).append(
            FacetView(
                label=CATEGORIES.get(facet.label, facet.label) if is_category else shown,
                count=facet.count,
                path=_address(asked | {facet.kind.value: facet.label}),
                word=is_category,
            )
        )
    return tuple(
        FacetGroupView(title=title, facets=tuple(by_kind[kind])) for kind, title in _TITLES.items() if kind in by_kind
    )


def _asked(wanted: Wanted) -> dict[str, object]:
    """What is looked for, as it stands in an address."""
    return {
        "q": wanted.words,
        "class_year": wanted.class_from,
        "class_to": wanted.class_to if wanted.class_to != wanted.class_from else None,
        "distance": wanted.distance,
        "active": "1" if wanted.active_since is not None else "",
    } | {kind.value: getattr(wanted, kind) for kind in directory.FILTERS}


def _address(asked: dict[str, object], *, page: int = 1) -> str:
    given = asked | {"page": page if page > 1 else None}
    return f"/people?{urlencode({name: value for name, value in given.items() if value})}"


def _page(given: Params) -> int:
    return min(max(_whole(given.text("page"), 2) or 1, 1), directory.PAGES)


def _line(given: Params, name: str) -> str:
    return " ".join((given.text(name) or "").split())[:MAX_QUERY]


def _category(given: Params, name: str) -> str:
    text = given.text(name) or ""
    return text if text in CATEGORIES else ""


def _whole(text: str | None, digits: int) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= digits else None
