# SPDX-License-Identifier: AGPL-3.0-or-later
"""Members' data as administrators look after them: which files the staff took along, whom an incident concerns, and which
servers have not forgotten whoever is gone. The last is told to the person, too, by a link that needs no account.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from node import privacy
from node.kernel import clock
from node.kernel.db import long_read
from node.kernel.errors import Invalid, NotAllowed
from node.kernel.i18n import marked
from node.kernel.site import Site
from node.members import Member
from node.privacy import Erasure, Incident, Seen, Taken, wording
from web import SERVICES, auth, csrf, params
from web.pages import convert
from web.pages.data_views import (
    AskedView,
    DataView,
    ErasedView,
    ErasureView,
    FileView,
    TouchedRow,
    TouchedView,
)
from web.pages.frames import fault, fault_status, file_of, respond
from web.pages.paging import asked as asked_page
from web.pages.paging import neighbours
from web.pages.views import Fault
from web.params import Params

PAGE: Final = "/staff/data"
TAKEN: Final = {
    Taken.ROSTER: marked("Roster"),
    Taken.DUES: marked("Dues of members"),
    Taken.VOTERS: marked("Who may vote"),
    Taken.ATTENDEES: marked("Who comes to an event"),
    Taken.FIGURES: marked("Figures"),
    Taken.TOUCHED: marked("Whom an incident concerns"),
}
KINDS: Final[Mapping[str, str]] = {
    Incident.EXPORT: marked("A file of the staff got lost (its number, above)"),
    Incident.TOKEN: marked("The token of an app was stolen (its number, or the token)"),
    Incident.STAFF: marked("Somebody else used an account of the staff (its username)"),
    Incident.PARTNER: marked("Somebody broke into another server (its domain)"),
    Incident.TIME: marked("It is known when, and no more"),
}
_ERASURES: Final = 50


async def _admin(request: web.Request) -> Member:
    member = await auth.visiting_member(request)
    if not member.is_admin:
        raise NotAllowed(marked("This page is for administrators."))
    return member


async def show(request: web.Request) -> web.Response:
    """Files, erasures, and the question."""
    await _admin(request)
    return await respond(request, await _page(request, AskedView(), ()))


async def _page(request: web.Request, question: AskedView, faults: tuple[Fault, ...]) -> DataView:
    services = request.app[SERVICES]
    page = asked_page(request)

    def read(conn: Connection) -> DataView:
        found = privacy.staff_exports_before(conn, before=page.max_id, limit=page.limit)
        _, older = neighbours(PAGE, [one.id for one in found], page)
        return DataView(
            files=tuple(
                FileView(
                    id=one.id,
                    what=TAKEN[one.what],
                    rows=one.row_count,
                    at=one.at,
                    person=convert.person(services.db.site, one.by) if one.by is not None else None,
                )
                for one in found
            ),
            newer=PAGE if page.max_id else "",
            older=older,
            erasures=tuple(_erasure(one) for one in privacy.last_erasures(conn, limit=_ERASURES)),
            kinds=KINDS,
            asked=question,
            faults=faults,
        )

    return await services.db.read(long_read(read))


def _erasure(one: Erasure) -> ErasureView:
    return ErasureView(
        number=one.actor_id, at=one.at, told=one.told, asking=tuple(one.asking), silent=tuple(one.silent)
    )


async def touched(request: web.Request) -> web.Response:
    """Whom an incident concerns. Each of them sees that somebody looked."""
    await csrf.check(request)
    staff = await _admin(request)
    given = await params.read(request)
    question = _asked(given)
    services = request.app[SERVICES]
    try:
        view, numbers = await services.db.read(_touched, services.db.site, question)
    except Invalid as refusal:
        view_again = await _page(request, question, fault(refusal))
        return await respond(request, view_again, status=fault_status(refusal))
    await services.db.write(privacy.looked_through, staff.id, numbers, Seen.RECORD)
    return await respond(request, view)


@long_read
def _touched(conn: Connection, site: Site, question: AskedView) -> tuple[TouchedView, list[int]]:
    found = privacy.find(conn, *_understood(question))
    rows = tuple(
        TouchedRow(person=convert.person(site, one.member.actor), why=tuple(wording.WHY[reason] for reason in one.why))
        for one in found
    )
    return TouchedView(asked=question, rows=rows), [one.member.id for one in found]


async def touched_csv(request: web.Request) -> web.Response:
    """The same with addresses, to write to them. It is one more file that the staff takes along."""
    await csrf.check(request)
    staff = await _admin(request)
    given = await params.read(request)
    services = request.app[SERVICES]
    found = await services.db.read(privacy.find, *_understood(_asked(given)))
    numbers = [one.member.id for one in found]
    await services.db.write(privacy.note_export, staff.id, Taken.TOUCHED, numbers, rows=len(numbers))
    return file_of(wording.as_csv(found, staff.locale), "members.csv")


def _asked(given: Params) -> AskedView:
    return AskedView(**{name: given.text(name) or "" for name in ("kind", "which", "since", "until")})


def _understood(question: AskedView) -> tuple[Incident, str, datetime | None, datetime | None]:
    """Raises Invalid."""
    if question.kind not in set(Incident):
        raise Invalid(marked("Please choose one of these."), field="kind")
    since, until = _day(question.since, "since"), _day(question.until, "until")
    # The last day belongs to the time.
    end = until + timedelta(days=1) if until is not None else None
    return Incident(question.kind), question.which, since, end


def _day(text: str, field: str) -> datetime | None:
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    except ValueError:
        raise Invalid(marked("Please give the day as 2026-11-25."), field=field) from None


async def erased(request: web.Request) -> web.Response:
    """What became of the copies, for whoever has left."""
    services = request.app[SERVICES]
    token = request.match_info["token"]
    found = await services.db.read(privacy.by_link, services.db.site, token, clock.now())
    response = await respond(request, ErasedView(erasure=_erasure(found)))
    # The address is the person's: it is told to no other page.
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
