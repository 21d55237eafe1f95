# SPDX-License-Identifier: AGPL-3.0-or-later
"""Contacts on the pages: asking somebody, answering, who they are, what one gives and notes, and ways to others."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date
from typing import Final, TypeVar
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy import Connection

from node import actors, contacts, relationships
from node.actors import Actor, ActorId
from node.contacts import AcceptFrom, Choices, ContactData, Grant, LinkVisibility, PathTo, cards
from node.kernel import clock
from node.kernel.db import Tx
from node.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from node.kernel.i18n import marked
from node.kernel.paging import Page
from node.kernel.site import Site
from node.members import Member
from web import SERVICES, auth, params
from web.auth import Handler
from web.pages import convert
from web.pages.contact_views import (
    ContactAskView,
    ContactSettingsView,
    ContactsView,
    ContactView,
    ContactWaysView,
    GrantView,
    RequestView,
    TagView,
)
from web.pages.frames import acting, done, fault, fault_status, respond
from web.pages.paging import LENGTH, asked, neighbours
from web.pages.views import Place, StepView, WaysView

_GRANTS: Final = {
    Grant.EMAIL: marked("Your e-mail address"),
    Grant.PHONE: marked("Your phone number"),
    Grant.ADDRESS: marked("Your postal address"),
    Grant.BIRTHDAY: marked("Your birthday"),
}
_GIVEN: Final = {
    Grant.EMAIL: marked("E-mail address"),
    Grant.PHONE: marked("Phone number"),
    Grant.ADDRESS: marked("Postal address"),
    Grant.BIRTHDAY: marked("Birthday"),
}
_LINKS: Final = {
    LinkVisibility.CONTACTS: marked("Yes, and my contacts read my name"),
    LinkVisibility.SCHOOL: marked("Yes, and others may read my class year"),
    LinkVisibility.NOBODY: marked("No, and my contacts lead to nobody"),
}
_PATHS: Final = {
    PathTo.SCHOOL: marked("All members"),
    PathTo.CLASS: marked("My class"),
    PathTo.NOBODY: marked("Nobody"),
}
_ASKERS: Final = {
    AcceptFrom.SCHOOL: marked("All members"),
    AcceptFrom.CLASS: marked("My class"),
    AcceptFrom.NOBODY: marked("Nobody"),
}
_Choice = TypeVar("_Choice", LinkVisibility, PathTo, AcceptFrom)


async def show(request: web.Request) -> web.Response:
    """One's contacts."""
    member = await auth.visiting_member(request)
    services = request.app[SERVICES]
    tag = request.query.get("tag", "")[:100]
    by_day = request.query.get("order") == "heard"
    pages = _by_day(request) if by_day else asked(request)
    view = await services.db.read(_contacts, services.db.site, member, pages, tag)
    return await respond(request, view, Place.PEOPLE)


def _by_day(request: web.Request) -> int:
    """The number of the page in the order of days, in which a contact's number says nothing; the first one is 0."""
    text = request.query.get("page", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def _contacts(conn: Connection, site: Site, member: Member, page: Page | int, tag: str) -> ContactsView:
    now = clock.now()
    which = (contacts.has_tag(member.id, tag),) if tag else ()
    chosen = {"tag": tag} if tag else {}
    if isinstance(page, Page):
        found = contacts.of(conn, member.id, page, *which)
        newer, older = neighbours("/contacts", [number for number, _ in found], page, **chosen)
        other_order = _address({**chosen, "order": "heard"})
    else:
        found = contacts.longest_unheard(conn, member.id, *which, limit=LENGTH, offset=page * LENGTH)
        newer = _address({**chosen, "order": "heard", "page": page - 1}) if page else ""
        older = _address({**chosen, "order": "heard", "page": page + 1}) if len(found) == LENGTH else ""
        other_order = _address(chosen)
    numbers = [number for number, _ in found]
    tagged = contacts.tags_on(conn, member.id, numbers)
    heard = contacts.heard_on(conn, member.id, numbers)
    return ContactsView(
        tagged=tuple(tagged.get(number, ()) for number in numbers),
        tags=tuple(
            TagView(name=name, count=count, path=_address({"tag": name}))
            for name, count in contacts.tags_of(conn, member.id)
        ),
        tag=tag,
        heard=tuple(heard.get(number) for number in numbers),
        by_day=not isinstance(page, Page),
        other_order=other_order,
        grants=_grant_views(contacts.data(conn, member.id), ()),
        waiting=tuple(_request(site, one) for one in contacts.waiting(conn, member.id, now)),
        asked=tuple(_request(site, one) for one in contacts.asked(conn, member.id, now)),
        people=convert.people(conn, site, [person for _, person in found], member.id),
        count=contacts.count(conn, member.id),
        newer=newer,
        older=older,
    )


def _address(chosen: Mapping[str, object]) -> str:
    return f"/contacts?{urlencode(chosen)}" if chosen else "/contacts"


def _request(site: Site, one: contacts.Request) -> RequestView:
    return RequestView(
        person=convert.person(site, one.person), asked_at=one.asked_at, message=one.message, how_met=one.how_met
    )


async def form(request: web.Request) -> web.Response:
    """The form to ask somebody."""
    member = await auth.visiting_member(request)
    services = request.app[SERVICES]
    view = await services.db.read(_form, services.db.site, member.id, _number(request))
    return await respond(request, view, Place.PEOPLE)


def _form(conn: Connection, site: Site, viewer: ActorId, number: int) -> ContactAskView:
    other = actors.get(conn, number)
    hidden = relationships.is_blocked_between(conn, viewer, other.id)
    if other.id == viewer or not other.is_local or not other.is_active or hidden:
        raise NotFound
    return ContactAskView(person=convert.person(site, other), grants=_grant_views(contacts.data(conn, viewer), ()))


async def ask(request: web.Request) -> web.StreamResponse:
    """Ask somebody."""
    actor = await acting(request)
    services = request.app[SERVICES]
    given = await params.read(request)
    message, how_met = given.text("message") or "", given.text("how_met") or ""
    grants = _ticked(given)

    def write(tx: Tx) -> tuple[Actor, contacts.State]:
        target = actors.get(tx.conn, _number(request))
        return target, contacts.ask(tx, actor, target, message=message, how_met=how_met, grants=grants)

    try:
        target, state = await services.db.write(write)
    except (Invalid, Conflict, NotAllowed, TooMany) as refusal:
        view = await services.db.read(_form, services.db.site, actor.id, _number(request))
        ticked = tuple(replace(one, ticked=one.field in grants) for one in view.grants)
        view = replace(view, message=message, how_met=how_met, grants=ticked, faults=fault(refusal))
        return await respond(request, view, Place.PEOPLE, status=fault_status(refusal))
    return done(f"/@{target.acct}", "in-contact" if state is contacts.State.CONFIRMED else "contact-asked")


async def accept(request: web.Request) -> web.StreamResponse:
    """Say yes."""
    actor = await acting(request)
    given = await params.read(request)
    follow, grants = given.flag("follow"), _ticked(given)

    def write(tx: Tx) -> None:
        contacts.accept(tx, actor, actors.get(tx.conn, _number(request)), follow=follow, grants=grants)

    await request.app[SERVICES].db.write(write)
    return done("/contacts", "in-contact")


def answering(act: Callable[[Tx, Actor, Actor], None], what: str) -> Handler:
    """Say no, take back, or end."""

    async def handle(request: web.Request) -> web.StreamResponse:
        actor = await acting(request)

        def write(tx: Tx) -> None:
            act(tx, actor, actors.get(tx.conn, _number(request)))

        await request.app[SERVICES].db.write(write)
        return done("/contacts", what)

    return handle


async def one(request: web.Request) -> web.Response:
    """A contact, and what is between the two."""
    member = await auth.visiting_member(request)
    services = request.app[SERVICES]
    view = await services.db.read(_one, services.db.site, member, _number(request))
    return await respond(request, view, Place.PEOPLE)


def _one(conn: Connection, site: Site, member: Member, number: int) -> ContactView:
    side, other = contacts.side(conn, member.id, number), _there(conn, number)
    given = contacts.granted(conn, member.id, [number]).get(number, {})
    return ContactView(
        person=convert.person(site, other),
        given=tuple((_GIVEN[grant], value) for grant, value in given.items()),
        grants=_grant_views(contacts.data(conn, member.id), side.grants),
        note=side.note,
        tags=", ".join(side.tags),
        last_contact=side.last_contact.isoformat() if side.last_contact else "",
        muted=side.muted,
    )


def _there(conn: Connection, number: int) -> Actor:
    """A contact, unless they have hidden their account meanwhile. Raises NotFound."""
    other = actors.get(conn, number)
    if other.is_hidden:
        raise NotFound
    return other


def _grant_views(data: ContactData, ticked: Collection[Grant]) -> tuple[GrantView, ...]:
    empty = {
        Grant.EMAIL: False,
        Grant.PHONE: not data.phone,
        Grant.ADDRESS: not data.address,
        Grant.BIRTHDAY: not data.birthday,
    }
    return tuple(
        GrantView(field=grant.value, label=label, ticked=grant in ticked, is_empty=empty[grant])
        for grant, label in _GRANTS.items()
    )


def _ticked(given: params.Params) -> list[Grant]:
    return [grant for grant in Grant if given.flag(grant.value)]


async def give(request: web.Request) -> web.StreamResponse:
    """Let a contact have what is ticked, and nothing else."""
    actor = await acting(request)
    grants = _ticked(await params.read(request))
    await request.app[SERVICES].db.write(contacts.give, actor, _number(request), grants)
    return done(f"/contacts/{_number(request)}", "saved")


async def keep(request: web.Request) -> web.StreamResponse:
    """Keep a note, tags and the day of the last contact."""
    actor = await acting(request)
    services = request.app[SERVICES]
    given = await params.read(request)
    note, tags = given.text("note") or "", given.text("tags") or ""
    heard = (given.text("last_contact") or "").strip()
    number = _number(request)

    def write(tx: Tx) -> None:
        day = _day(heard) if heard else None
        contacts.keep_note(tx, actor, number, note=note, tags=tags.split(","), last_contact=day)

    try:
        await services.db.write(write)
    except Invalid as refusal:
        member = await auth.visiting_member(request)
        view = await services.db.read(_one, services.db.site, member, number)
        view = replace(view, note=note, tags=tags, last_contact=heard, faults=fault(refusal))
        return await respond(request, view, Place.PEOPLE, status=fault_status(refusal))
    return done(f"/contacts/{number}", "saved")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(marked("Please give a day, such as 2026-11-25."), field="last_contact") from None


def muting(*, on: bool) -> Handler:
    """Be told nothing of what a contact does, or again."""

    async def handle(request: web.Request) -> web.StreamResponse:
        actor = await acting(request)
        await request.app[SERVICES].db.write(contacts.mute, actor, _number(request), on=on)
        return done(f"/contacts/{_number(request)}", "saved")

    return handle


async def card(request: web.Request) -> web.Response:
    """A contact as a vCard, with what they let one have."""
    member = await auth.visiting_member(request)
    services = request.app[SERVICES]
    name, text = await services.db.read(_card, services.db.site, member.id, _number(request))
    headers = {"Content-Disposition": f'attachment; filename="{name}.vcf"', "Cache-Control": "no-store"}
    return web.Response(text=text, content_type="text/vcard", charset="utf-8", headers=headers)


def _card(conn: Connection, site: Site, reader: ActorId, number: int) -> tuple[str, str]:
    contacts.side(conn, reader, number)
    person = _there(conn, number)
    given = contacts.granted(conn, reader, [number]).get(number, {})
    return person.username, cards.card(person, site.profile_url(person.username), given)


async def ways(request: web.Request) -> web.Response:
    """How one is connected to somebody."""
    member = await auth.visiting_member(request)
    services = request.app[SERVICES]
    person = await services.db.read(_form, services.db.site, member.id, _number(request))
    found = await way_to(request, member, _number(request))
    return await respond(request, ContactWaysView(person=person.person, ways=found), Place.PEOPLE)


async def way_to(request: web.Request, member: Member, number: int) -> WaysView:
    """The shortest ways from a member to somebody, for a page."""
    services = request.app[SERVICES]
    target = await services.db.read(actors.get, number)
    found = await services.db.read(contacts.ways, member.actor, target)
    return WaysView(
        between=found.between,
        steps=tuple(
            StepView(person=convert.person(services.db.site, step.person), then_class=step.then_class)
            for step in found.first_steps
        ),
    )


async def settings(request: web.Request) -> web.Response:
    """What one can give to contacts, and how far one is shown as a link."""
    member = await auth.visiting_member(request)
    data, chosen = await request.app[SERVICES].db.read(_settings, member.id)
    return await respond(request, _settings_view(data, chosen), Place.ME)


def _settings(conn: Connection, member: ActorId) -> tuple[ContactData, Choices]:
    return contacts.data(conn, member), contacts.choices(conn, member)


def _settings_view(data: ContactData, chosen: Choices) -> ContactSettingsView:
    return ContactSettingsView(
        phone=data.phone,
        address=data.address,
        birthday=data.birthday,
        link_visibility=chosen.link_visibility,
        link_choices=tuple((value.value, words) for value, words in _LINKS.items()),
        show_path_to_me=chosen.show_path_to_me,
        path_choices=tuple((value.value, words) for value, words in _PATHS.items()),
        accept_from=chosen.accept_from,
        accept_choices=tuple((value.value, words) for value, words in _ASKERS.items()),
    )


async def save_settings(request: web.Request) -> web.StreamResponse:
    """Keep what one can give to contacts, and what one chose."""
    actor = await acting(request)
    given = await params.read(request)
    data = ContactData(
        phone=given.text("phone") or "",
        address=given.text("address") or "",
        birthday=given.text("birthday") or "",
    )
    chosen = Choices(
        link_visibility=_chosen(LinkVisibility, given.text("link_visibility")),
        show_path_to_me=_chosen(PathTo, given.text("show_path_to_me")),
        accept_from=_chosen(AcceptFrom, given.text("accept_from")),
    )

    def write(tx: Tx) -> None:
        contacts.keep_data(tx, actor, phone=data.phone, address=data.address, birthday=data.birthday)
        contacts.choose(tx, actor, chosen)

    try:
        await request.app[SERVICES].db.write(write)
    except Invalid as refusal:
        view = replace(_settings_view(data, chosen), faults=fault(refusal))
        return await respond(request, view, Place.ME, status=fault_status(refusal))
    return done("/settings/contacts", "saved")


def _chosen(choices: type[_Choice], value: str | None) -> _Choice:
    """One of the choices of the form; what is none of them is no form of ours."""
    try:
        return choices(value or "")
    except ValueError:
        raise Invalid(marked("This is none of the choices.")) from None


def _number(request: web.Request) -> int:
    return int(request.match_info["actor_id"])
