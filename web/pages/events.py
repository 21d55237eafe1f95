# SPDX-License-Identifier: AGPL-3.0-or-later
"""Events: what comes, one event with its answers, and the organiser's forms."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from activitypub.addressing import Visibility
from node import actors, events, posts, privacy
from node.actors import Actor, ActorId
from node.events import Event, EventDraft, State, guests
from node.kernel import clock
from node.kernel.db import Tx
from node.kernel.errors import Invalid, NotAllowed, NotFound, Refused
from node.kernel.i18n import marked
from node.kernel.site import Site
from node.members import Member
from node.relationships import Circle
from node.relationships.filters import Context
from web import SERVICES, auth, params
from web.auth import Handler
from web.federation.negotiation import VARY, wants_activity
from web.pages import convert
from web.pages.frames import acting, done, fault, fault_status, file_of, respond, way_back
from web.pages.home import audiences
from web.pages.settings import zones
from web.pages.views import (
    ConfirmView,
    EventFormView,
    EventPageView,
    EventsView,
    EventValues,
    Fault,
    Place,
)
from web.params import Params

SPEAKERS: Final = frozenset({"admin", "secretary", "event_manager"})
_ALL: Final = 100_000
_TYPED: Final = (
    "title",
    "text",
    "start_date",
    "start_time",
    "end_date",
    "end_time",
    "zone",
    "place",
    "street",
    "postcode",
    "city",
    "country",
    "online_url",
    "capacity",
)
_FORM_NAMES: Final = {"start": "start_time", "end": "end_time", "timezone": "zone"}


def upcoming(*, past: bool) -> Handler:
    """A handler for the events to come, or those that are over."""

    async def handle(request: web.Request) -> web.Response:
        services = request.app[SERVICES]
        visitor = await auth.visitor(request)
        viewer = visitor.member.id if visitor is not None else None
        view = await services.db.read(_upcoming, services.db.site, viewer, past)
        return await respond(request, view, Place.EVENTS)

    return handle


def _upcoming(conn: Connection, site: Site, viewer: ActorId | None, past: bool) -> EventsView:
    found = events.upcoming(conn, viewer, clock.now(), past=past)
    return EventsView(events=convert.event_list(conn, site, found, viewer), past=past, may_create=viewer is not None)


async def show(request: web.Request) -> web.Response:
    """An event. Other servers are led to the document itself."""
    services = request.app[SERVICES]
    post_id = int(request.match_info["post_id"])
    if wants_activity(request):
        post = await services.db.read(posts.visible, post_id, None)
        if not post.local:
            raise NotFound
        raise web.HTTPFound(post.uri, headers={"Vary": VARY})
    visitor = await auth.visitor(request)
    viewer = visitor.member.id if visitor is not None else None
    view = await services.db.read(_event, services.db.site, post_id, viewer)
    return await respond(request, view, Place.EVENTS)


def _event(conn: Connection, site: Site, post_id: int, viewer: ActorId | None) -> EventPageView:
    event = events.get(conn, post_id, viewer)
    shown = convert.event_list(conn, site, [event], viewer)
    if not shown:
        raise NotFound
    mine = events.participation(conn, post_id, viewer) if viewer is not None else None
    # Who goes is told to those who go themselves, and to the organiser.
    may_see = shown[0].mine or (mine is not None and mine.state is State.GOING)
    around = posts.thread(conn, post_id, viewer)
    return EventPageView(
        event=shown[0],
        attendees=convert.people(
            conn, site, events.attendees(conn, post_id, viewer=None if shown[0].mine else viewer), viewer
        )
        if may_see
        else (),
        replies=convert.post_list(conn, site, around.descendants, viewer, Context.THREAD),
    )


async def guests_csv(request: web.Request) -> web.Response:
    """Who comes, as a table for the door: for the organiser. It is written down who took it along. Raises NotFound."""
    member = await auth.visiting_member(request)
    post_id = int(request.match_info["post_id"])
    db = request.app[SERVICES].db

    def read(conn: Connection) -> Sequence[Actor]:
        _own_event(conn, post_id, member)
        return events.attendees(conn, post_id, limit=_ALL)

    people = await db.read(read)
    ours = [one.id for one in people if one.is_local]
    await db.write(privacy.note_export, member.id, privacy.Taken.ATTENDEES, ours, rows=len(people))
    return file_of(guests.as_csv(people, member.locale), f"guests-{post_id}.csv")


async def going(request: web.Request) -> web.StreamResponse:
    """Say that one comes."""
    actor = await acting(request)
    given = await params.read(request)
    post_id = int(request.match_info["post_id"])
    answer = await request.app[SERVICES].db.write(events.join, actor, post_id)
    what = "going" if answer.state is State.GOING else "asked"
    return done(way_back(given.text("next"), f"/events/{post_id}"), what)


async def not_going(request: web.Request) -> web.StreamResponse:
    """Say that one does not come after all."""
    actor = await acting(request)
    given = await params.read(request)
    post_id = int(request.match_info["post_id"])
    await request.app[SERVICES].db.write(events.leave, actor, post_id)
    return done(way_back(given.text("next"), f"/events/{post_id}"), "not-going")


async def new(request: web.Request) -> web.Response:
    """The form of a new event."""
    member = await auth.visiting_member(request)
    zone = request.app[SERVICES].settings.timezone
    return await respond(request, await _form(request, member, EventValues(zone=zone)), Place.EVENTS)


async def _form(
    request: web.Request, member: Member, values: EventValues, faults: tuple[Fault, ...] = ()
) -> EventFormView:
    """The form of a new event, with the readers whom the member may choose."""
    readers = await request.app[SERVICES].db.read(audiences, member)
    return EventFormView(
        values=values,
        audiences=tuple(one for one in readers if one is not Visibility.DIRECT),
        zones=zones(),
        may_speak_for_association=_may_speak(member),
        faults=faults,
    )


def _may_speak(member: Member) -> bool:
    return bool(member.roles & SPEAKERS)


async def publish(request: web.Request) -> web.StreamResponse:
    """Publish an event, in one's own name or the association's."""
    actor = await acting(request)
    member = await auth.visiting_member(request)
    given = await params.read(request)
    as_association = given.flag("as_association")

    def write(tx: Tx) -> int:
        if as_association and not _may_speak(member):
            raise NotAllowed("Only the association's staff can publish events in its name.")
        organiser = actors.association(tx.conn) if as_association else actor
        return events.publish(tx, organiser, _draft(given), locale=member.locale)

    try:
        post_id = await request.app[SERVICES].db.write(write)
    except Refused as refusal:
        view = await _form(request, member, _values(given), fault(refusal, _FORM_NAMES))
        return await respond(request, view, Place.EVENTS, status=fault_status(refusal))
    return done(f"/events/{post_id}", "published")


async def edit(request: web.Request) -> web.Response:
    """The form of an event that is changed."""
    member = await auth.visiting_member(request)
    post_id = int(request.match_info["post_id"])
    values = await request.app[SERVICES].db.read(_editable, post_id, member)
    return await respond(request, EventFormView(values=values, zones=zones(), event_id=post_id), Place.EVENTS)


def _editable(conn: Connection, post_id: int, member: Member) -> EventValues:
    _organiser(conn, post_id, member)
    event = events.get(conn, post_id, member.id)
    post = posts.visible(conn, post_id, member.id)
    start_date, _, start_time = event.start_local.partition("T")
    end_date, _, end_time = (event.end_local or "").partition("T")
    return EventValues(
        title=event.title,
        text=post.source,
        start_date=start_date,
        start_time=start_time[:5],
        end_date=end_date,
        end_time=end_time[:5],
        zone=event.timezone,
        place=event.place_name,
        street=event.street,
        postcode=event.postcode,
        city=event.city,
        country=event.country,
        online_url=event.online_url or "",
        capacity=str(event.capacity or ""),
        readers=post.circle or post.visibility,
    )


def _organiser(conn: Connection, post_id: int, member: Member) -> Actor:
    """In whose name a member may change an event: their own, or the association's. Raises NotFound."""
    post = posts.visible(conn, post_id, member.id)
    if post.author_id == member.id:
        return member.actor
    association = actors.association(conn)
    if post.author_id == association.id and _may_speak(member):
        return association
    raise NotFound


async def save(request: web.Request) -> web.StreamResponse:
    """Change an event, and tell everybody who has it."""
    await acting(request)
    member = await auth.visiting_member(request)
    given = await params.read(request)
    post_id = int(request.match_info["post_id"])

    def write(tx: Tx) -> None:
        events.change(tx, _organiser(tx.conn, post_id, member), post_id, _draft(given))

    try:
        await request.app[SERVICES].db.write(write)
    except NotFound:
        raise
    except Refused as refusal:
        view = EventFormView(values=_values(given), zones=zones(), event_id=post_id, faults=fault(refusal, _FORM_NAMES))
        return await respond(request, view, Place.EVENTS, status=fault_status(refusal))
    return done(f"/events/{post_id}", "saved")


async def confirm_cancel(request: web.Request) -> web.Response:
    """Ask before an event is cancelled."""
    member = await auth.visiting_member(request)
    post_id = int(request.match_info["post_id"])
    event = await request.app[SERVICES].db.read(_own_event, post_id, member)
    view = ConfirmView(
        title=marked("Cancel this event?"),
        text=marked("It stays visible, marked as cancelled, and everybody who has it is told."),
        button=marked("Cancel the event"),
        action=f"/events/{post_id}/cancel",
        back=f"/events/{post_id}",
        subject=event.title,
    )
    return await respond(request, view, Place.EVENTS)


def _own_event(conn: Connection, post_id: int, member: Member) -> Event:
    _organiser(conn, post_id, member)
    return events.get(conn, post_id, member.id)


async def cancel(request: web.Request) -> web.StreamResponse:
    """Cancel an event."""
    await acting(request)
    member = await auth.visiting_member(request)
    post_id = int(request.match_info["post_id"])

    def write(tx: Tx) -> None:
        events.cancel_event(tx, _organiser(tx.conn, post_id, member), post_id)

    await request.app[SERVICES].db.write(write)
    return done(f"/events/{post_id}", "cancelled")


def _values(given: Params) -> EventValues:
    """What was typed, to be shown again."""
    return EventValues(
        **{name: given.text(name) or "" for name in _TYPED},
        readers=_readers(given),
        as_association=given.flag("as_association"),
    )


def _readers(given: Params) -> Visibility | Circle:
    name = given.text("visibility")
    if name in set(Circle):
        return Circle(name)
    return Visibility(name) if name in set(Visibility) else Visibility.PUBLIC


def _draft(given: Params) -> EventDraft:
    """The form as an event. Raises Invalid for what cannot be read."""
    values = _values(given)
    capacity: int | None = None
    if values.capacity.strip():
        if not (values.capacity.strip().isascii() and values.capacity.strip().isdigit() and len(values.capacity) < 8):
            raise Invalid("The number of seats must be at least 1; leave it empty for no limit.", field="capacity")
        capacity = int(values.capacity)
    start = None
    if values.start_date.strip() and values.start_time.strip():
        start = _moment(values.start_date, values.start_time, "start_date")
    if start is None:
        raise Invalid("Please say when the event begins.", field="start_date")
    return EventDraft(
        title=values.title,
        text=values.text,
        start=start,
        end=_moment(values.end_date or (values.start_date if values.end_time else ""), values.end_time, "end_date"),
        timezone=values.zone or "UTC",
        place=values.place,
        street=values.street,
        postcode=values.postcode,
        city=values.city,
        country=values.country,
        online_url=values.online_url,
        capacity=capacity,
        visibility=Visibility.PRIVATE if isinstance(values.readers, Circle) else values.readers,
        circle=values.readers if isinstance(values.readers, Circle) else None,
    )


def _moment(date: str, time: str, field: str) -> datetime | None:
    """A wall-clock time from the two inputs of a form; None if both are empty."""
    if not date.strip() and not time.strip():
        return None
    try:
        return datetime.strptime(f"{date.strip()} {time.strip()[:5]}", "%Y-%m-%d %H:%M")  # noqa: DTZ007  # wall clock
    except ValueError:
        raise Invalid("Please give the day as 2027-03-12 and the time as 19:00.", field=field) from None
