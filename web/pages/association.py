# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the association says, written by administrators: rules, texts with their versions, announcements."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web
from sqlalchemy import Connection

from node import instance
from node.actors import ActorId
from node.instance import Announcement, TextKind, Wording
from node.kernel import clock, i18n
from node.kernel.db import Tx
from node.kernel.errors import Invalid
from node.kernel.i18n import marked
from node.members import Member
from web import SERVICES, auth, csrf, params
from web.auth import Handler
from web.frames import zone_of
from web.pages.association_views import (
    AnnouncementEditView,
    AnnouncementLineView,
    AnnouncementsView,
    AnnouncementValues,
    AssociationTextView,
    AssociationView,
    RuleLineView,
    RulesView,
    VersionView,
)
from web.pages.frames import done, fault, fault_status, respond
from web.pages.views import ConfirmView
from web.params import Params

TITLES: Final = {
    TextKind.DESCRIPTION: marked("Description at length"),
    TextKind.PRIVACY: marked("Privacy policy"),
    TextKind.TERMS: marked("Terms of use"),
}
LANGUAGES: Final = tuple(i18n.SUPPORTED.items())
_NOW, _LATER, _BEFORE = marked("It holds now"), marked("It is to come"), marked("It held before")


async def _admin(request: web.Request) -> Member:
    """The administrator who looks. Raises NotAllowed for anybody else."""
    member = await auth.visiting_member(request)
    instance.check_admin(member.roles)
    return member


async def _admin_acting(request: web.Request) -> Member:
    """The administrator who sends this form."""
    await csrf.check(request)
    return await _admin(request)


def _number(request: web.Request) -> int:
    return int(request.match_info["number"])


async def show(request: web.Request) -> web.Response:
    """All of it in short."""
    member = await _admin(request)
    return await respond(request, await request.app[SERVICES].db.read(_all, member.id))


def _all(conn: Connection, viewer: ActorId) -> AssociationView:
    now = clock.now()
    held = instance.written(conn, now.date())
    return AssociationView(
        rules=len(instance.all_rules(conn)),
        announcements=len(instance.current(conn, viewer, now, dismissed=True)),
        texts=tuple(
            (str(kind), title, instance.text_on(conn, kind, now.date()).day if kind in held else None)
            for kind, title in TITLES.items()
        ),
    )


# -- rules ------------------------------------------------------------------------------------------------------------


async def rules(request: web.Request) -> web.Response:
    """The rules, each to be worded anew."""
    await _admin(request)
    return await respond(request, await request.app[SERVICES].db.read(_rules))


def _rules(conn: Connection) -> RulesView:
    found = instance.all_rules(conn)
    return RulesView(rules=tuple(RuleLineView(id=one.id, text=one.text, hint=one.hint) for one in found))


async def add_rule(request: web.Request) -> web.StreamResponse:
    """A further rule."""
    member = await _admin_acting(request)
    given = await params.read(request)
    text, hint = given.text("text") or "", given.text("hint") or ""
    db = request.app[SERVICES].db
    try:
        await db.write(instance.add_rule, member.roles, text, hint)
    except Invalid as refusal:
        view = replace(await db.read(_rules), text=text, hint=hint, faults=fault(refusal))
        return await respond(request, view, status=fault_status(refusal))
    return done("/staff/rules", "saved")


async def change_rule(request: web.Request) -> web.StreamResponse:
    """Word a rule anew."""
    member = await _admin_acting(request)
    given = await params.read(request)
    text, hint = given.text("text") or "", given.text("hint") or ""
    db = request.app[SERVICES].db
    number = _number(request)
    try:
        await db.write(instance.change_rule, member.roles, number, text, hint)
    except Invalid as refusal:
        view = await db.read(_rules)
        typed = RuleLineView(
            id=number, text=text, hint=hint, faults=fault(refusal, {"text": f"text-{number}", "hint": f"hint-{number}"})
        )
        view = replace(view, rules=tuple(typed if one.id == number else one for one in view.rules))
        return await respond(request, view, status=fault_status(refusal))
    return done("/staff/rules", "saved")


async def remove_rule(request: web.Request) -> web.StreamResponse:
    """Take a rule back."""
    member = await _admin_acting(request)
    await request.app[SERVICES].db.write(instance.remove_rule, member.roles, _number(request))
    return done("/staff/rules", "saved")


# -- texts ------------------------------------------------------------------------------------------------------------


async def text(request: web.Request) -> web.Response:
    """One of the texts, to be written anew."""
    await _admin(request)
    view = await request.app[SERVICES].db.read(_text, TextKind(request.match_info["kind"]), clock.now().date())
    return await respond(request, view)


def _text(conn: Connection, kind: TextKind, today: date) -> AssociationTextView:
    found = instance.versions(conn, kind)
    holding = max((one.day for one in found if one.day <= today), default=None)
    return AssociationTextView(
        kind=str(kind),
        title=TITLES[kind],
        text=found[-1].source if found else "",
        day=max(found[-1].day, today).isoformat() if found else today.isoformat(),
        versions=tuple(
            VersionView(
                day=one.day,
                state=_NOW if one.day == holding else (_LATER if one.day > today else _BEFORE),
                content=one.content,
            )
            for one in reversed(found)
        ),
    )


async def write_text(request: web.Request) -> web.StreamResponse:
    """Write it as it is to hold from a day on."""
    member = await _admin_acting(request)
    kind = TextKind(request.match_info["kind"])
    given = await params.read(request)
    source, day = given.text("text") or "", (given.text("day") or "").strip()
    db = request.app[SERVICES].db
    try:
        await db.write(instance.write_text, member.roles, kind, source, day)
    except Invalid as refusal:
        view = replace(await db.read(_text, kind, clock.now().date()), text=source, day=day, faults=fault(refusal))
        return await respond(request, view, status=fault_status(refusal))
    return done(f"/staff/texts/{kind}", "saved")


# -- announcements ----------------------------------------------------------------------------------------------------


async def announcements(request: web.Request) -> web.Response:
    """Every announcement, and the form of a new one."""
    member = await _admin(request)
    return await respond(request, await request.app[SERVICES].db.read(_announcements, member.id))


def _announcements(conn: Connection, viewer: ActorId) -> AnnouncementsView:
    now = clock.now()
    shown = {one.id for one in instance.current(conn, viewer, now, dismissed=True)}
    return AnnouncementsView(
        languages=LANGUAGES,
        announcements=tuple(
            AnnouncementLineView(
                id=one.id,
                content=one.content,
                published_at=one.published_at,
                starts_at=_shown(one, one.starts_at),
                ends_at=_shown(one, one.ends_at),
                days=one.all_day,
                over=one.id not in shown and one.published_at <= now,
                to_come=one.published_at > now,
                language=one.language or "",
                reactions=tuple((answer.name, answer.count) for answer in one.reactions),
            )
            for one in reversed(instance.every(conn, viewer))
        ),
    )


def _shown(found: Announcement, moment: datetime | None) -> date | None:
    """A moment, or the day alone where the hours do not matter: that is the same on every clock."""
    return moment.astimezone(UTC).date() if moment is not None and found.all_day else moment


async def announce(request: web.Request) -> web.StreamResponse:
    """Announce something to every member."""
    member = await _admin_acting(request)
    given = await params.read(request)
    db = request.app[SERVICES].db
    try:
        await db.write(instance.announce, member.roles, _wording(request, member, given))
    except Invalid as refusal:
        view = replace(await db.read(_announcements, member.id), values=_values(given), faults=fault(refusal))
        return await respond(request, view, status=fault_status(refusal))
    return done("/staff/announcements", "saved")


async def announcement(request: web.Request) -> web.Response:
    """The form of one that there is."""
    member = await _admin(request)
    found = await request.app[SERVICES].db.read(instance.get, _number(request), member.id)
    return await respond(request, _edited(found, _kept(request, member, found)))


def _edited(found: Announcement, values: AnnouncementValues) -> AnnouncementEditView:
    to_come = found.published_at > clock.now()
    return AnnouncementEditView(id=found.id, to_come=to_come, languages=LANGUAGES, values=values)


async def change_announcement(request: web.Request) -> web.StreamResponse:
    """Say something else."""
    member = await _admin_acting(request)
    given = await params.read(request)
    number = _number(request)
    db = request.app[SERVICES].db
    try:
        wording = _wording(request, member, given)
        await db.write(instance.change, member.roles, number, wording)
    except Invalid as refusal:
        found = await db.read(instance.get, number, member.id)
        view = replace(_edited(found, _values(given)), faults=fault(refusal))
        return await respond(request, view, status=fault_status(refusal))
    return done("/staff/announcements", "saved")


async def confirm_remove(request: web.Request) -> web.Response:
    """Ask before an announcement is deleted."""
    member = await _admin(request)
    found = await request.app[SERVICES].db.read(instance.get, _number(request), member.id)
    view = ConfirmView(
        title=marked("Delete this announcement?"),
        text=marked("Members find it nowhere any more, nor how they answered it."),
        button=marked("Delete"),
        action=f"/staff/announcements/{found.id}/remove",
        back="/staff/announcements",
        subject=found.text,
    )
    return await respond(request, view)


def of_announcement(act: Callable[[Tx, frozenset[str], int], None]) -> Handler:
    """A handler for one of the buttons beside an announcement."""

    async def handle(request: web.Request) -> web.StreamResponse:
        member = await _admin_acting(request)
        await request.app[SERVICES].db.write(act, member.roles, _number(request))
        return done("/staff/announcements", "saved")

    return handle


def _wording(request: web.Request, member: Member, given: Params) -> Wording:
    """What the form says, its times on the administrator's own clock. Raises Invalid."""
    zone = zone_of(request.app[SERVICES].settings, member)
    all_day = given.flag("all_day")
    return Wording(
        text=given.text("text") or "",
        starts_at=_moment(given, "starts", zone, all_day=all_day),
        ends_at=_moment(given, "ends", zone, all_day=all_day),
        all_day=all_day,
        publish_at=_moment(given, "publish", zone, all_day=False),
        language=given.text("language") or None,
    )


def _moment(given: Params, name: str, zone: ZoneInfo, *, all_day: bool) -> datetime | None:
    """A day is the same everywhere, so it is kept as midnight in UTC, as apps expect it."""
    written = (given.text(name) or "").strip()
    if not written:
        return None
    try:
        said = datetime.fromisoformat(written)
        if all_day:
            return datetime.combine(said.date(), time.min, UTC)
        return said.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid("This is no date and time. An example is 2027-03-12 19:00.", field=name) from None


def _values(given: Params) -> AnnouncementValues:
    return AnnouncementValues(
        text=given.text("text") or "",
        starts=given.text("starts") or "",
        ends=given.text("ends") or "",
        all_day=given.flag("all_day"),
        publish=given.text("publish") or "",
        language=given.text("language") or "",
    )


def _kept(request: web.Request, member: Member, found: Announcement) -> AnnouncementValues:
    own = zone_of(request.app[SERVICES].settings, member)
    zone = UTC if found.all_day else own
    return AnnouncementValues(
        text=found.text,
        starts=_written(found.starts_at, zone),
        ends=_written(found.ends_at, zone),
        all_day=found.all_day,
        publish=_written(found.published_at, own),
        language=found.language or "",
    )


def _written(moment: datetime | None, zone: tzinfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M") if moment is not None else ""
