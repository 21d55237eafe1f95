# SPDX-License-Identifier: AGPL-3.0-or-later
"""A member's own profile and preferences, and who is logged in as them."""

from zoneinfo import ZoneInfo, available_timezones

from aiohttp import web
from sqlalchemy import Connection

from activitypub.addressing import Visibility
from node import access, members, relationships, roster
from node.actors import Actor, Picture, ProfileChange
from node.kernel import i18n
from node.kernel.db import Tx
from node.kernel.errors import Invalid, NotAllowed, Refused
from node.members import Member, Preferences
from node.posts import QuotePolicy
from web import SERVICES, auth, params
from web.auth import Visitor
from web.pages.frames import acting, done, fault, fault_status, respond
from web.pages.views import AccessView, AppView, EditProfileView, Fault, Place, SessionView
from web.params import Params

FIELDS = 4


def zones() -> tuple[str, ...]:
    """The time zones to choose from: those that are places."""
    return (
        "UTC",
        *sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix/"))),
    )


async def show(request: web.Request) -> web.Response:
    """The form of one's profile."""
    member = await auth.visiting_member(request)
    return await respond(request, _form(member), Place.ME)


def _form(member: Member) -> EditProfileView:
    actor = member.actor
    return EditProfileView(
        name=actor.display_name,
        about=actor.summary_source,
        class_year=str(actor.class_year or ""),
        fields=tuple((field.name, field.source) for field in actor.fields[:FIELDS]),
        locked=actor.locked,
        discoverable=actor.discoverable,
        indexable=actor.indexable,
        hide_collections=actor.hide_collections,
        show_featured=actor.show_featured,
        show_media=actor.show_media,
        show_media_replies=actor.show_media_replies,
        has_avatar=actor.avatar is not None,
        has_header=actor.header is not None,
        visibility=member.default_visibility,
        quote_policy=QuotePolicy(member.default_quote_policy),
        locale=member.locale,
        locales=tuple(i18n.SUPPORTED.items()),
        zone=member.timezone,
        zones=zones(),
    )


async def save(request: web.Request) -> web.StreamResponse:
    """Take the form; what cannot be used comes back with all that was typed."""
    actor = await acting(request)
    given = await params.read(request)
    services = request.app[SERVICES]
    try:
        change = ProfileChange(
            display_name=_name(given),
            summary=given.text("about") or "",
            class_year=_year(given),
            fields=_fields(given),
            locked=given.flag("locked"),
            discoverable=given.flag("discoverable"),
            indexable=given.flag("indexable"),
            hide_collections=given.flag("hide_collections"),
            show_featured=given.flag("show_featured"),
            show_media=given.flag("show_media"),
            show_media_replies=given.flag("show_media_replies"),
            removed=[name for name in ("avatar", "header") if given.flag(f"remove_{name}")],
            avatar=await _picture(request, given, "avatar"),
            header=await _picture(request, given, "header"),
        )
        await services.db.write(_save, actor, change, _preferences(given))
    except Refused as refusal:
        view = EditProfileView(
            name=given.text("name") or "",
            about=given.text("about") or "",
            class_year=given.text("class_year") or "",
            fields=tuple(_fields(given)),
            locked=given.flag("locked"),
            discoverable=given.flag("discoverable"),
            indexable=given.flag("indexable"),
            hide_collections=given.flag("hide_collections"),
            show_featured=given.flag("show_featured"),
            show_media=given.flag("show_media"),
            show_media_replies=given.flag("show_media_replies"),
            has_avatar=actor.avatar is not None,
            has_header=actor.header is not None,
            visibility=_visibility(given) or Visibility.PUBLIC,
            quote_policy=_quote_policy(given) or QuotePolicy.PUBLIC,
            locale=given.text("locale") or "",
            locales=tuple(i18n.SUPPORTED.items()),
            zone=given.text("zone") or "",
            zones=zones(),
            faults=fault(refusal, {"file": "avatar"}),
        )
        return await respond(request, view, Place.ME, status=fault_status(refusal))
    return done(f"/@{actor.username}", "saved")


def _save(tx: Tx, actor: Actor, change: ProfileChange, preferences: Preferences) -> None:
    roster.check_class_year(tx.conn, actor, change.class_year)
    relationships.update_profile(tx, actor, change)
    members.set_preferences(tx, actor.id, preferences)


def _name(given: Params) -> str:
    name = (given.text("name") or "").strip()
    if not name:
        raise Invalid("Please say how you are called.", field="name")
    return name


def _year(given: Params) -> int | None:
    text = (given.text("class_year") or "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise Invalid("Please give the class as a year of four digits.", field="class_year")
    return int(text)


def _fields(given: Params) -> list[tuple[str, str]]:
    pairs = [(given.text(f"field_name_{n}") or "", given.text(f"field_value_{n}") or "") for n in range(1, FIELDS + 1)]
    return [(name, value) for name, value in pairs if name.strip() or value.strip()]


def _preferences(given: Params) -> Preferences:
    zone, locale = given.text("zone"), given.text("locale")
    if zone and zone not in available_timezones():
        raise Invalid("This time zone is not known. An example is Europe/Paris.", field="zone")
    if zone:
        ZoneInfo(zone)
    return Preferences(
        locale=locale if locale in i18n.SUPPORTED else None,
        timezone=zone or None,
        default_visibility=_visibility(given),
        default_quote_policy=_quote_policy(given),
    )


def _visibility(given: Params) -> Visibility | None:
    name = given.text("visibility")
    return Visibility(name) if name in set(Visibility) else None


def _quote_policy(given: Params) -> QuotePolicy | None:
    name = given.text("quote_policy")
    return QuotePolicy(name) if name in set(QuotePolicy) else None


async def _picture(request: web.Request, given: Params, name: str) -> Picture | None:
    upload = given.upload(name)
    if upload is None or not upload.data:
        return None
    uploads = request.app[SERVICES].uploads
    try:
        return await (uploads.avatar if name == "avatar" else uploads.header)(upload.data)
    except Invalid as refusal:
        raise Invalid(refusal.message, field=name) from None


async def show_access(request: web.Request) -> web.Response:
    """Who is logged in as the member: browsers and apps."""
    await auth.visiting_member(request)
    visitor = await auth.visitor(request)
    assert visitor is not None
    view = await request.app[SERVICES].db.read(_access, visitor, ())
    return await respond(request, view, Place.ME)


def _access(conn: Connection, visitor: Visitor, faults: tuple[Fault, ...]) -> AccessView:
    return AccessView(
        faults=faults,
        sessions=tuple(
            SessionView(
                id=session.id,
                name=session.user_agent,
                last_seen=session.seen_at,
                is_this=session.id == visitor.session.id,
            )
            for session in access.sessions_of(conn, visitor.member.id)
        ),
        apps=tuple(
            AppView(
                id=token.id,
                name=token.app_name,
                scopes=token.scopes,
                since=token.created_at,
                last_used=token.used_at,
            )
            for token in access.tokens_of(conn, visitor.member.id)
        ),
    )


async def end_session(request: web.Request) -> web.StreamResponse:
    """Log out one browser."""
    actor = await acting(request)
    await request.app[SERVICES].db.write(access.revoke_session, actor.id, int(request.match_info["number"]))
    return done("/settings/access", "ended")


async def end_app(request: web.Request) -> web.StreamResponse:
    """Take an app's access away."""
    actor = await acting(request)
    await request.app[SERVICES].db.write(access.revoke_by_number, actor.id, int(request.match_info["number"]))
    return done("/settings/access", "ended")


async def change_password(request: web.Request) -> web.StreamResponse:
    """Take a new password, proved by the old one; whoever else is logged in as the member is logged out."""
    await acting(request)
    visitor = await auth.visitor(request)
    assert visitor is not None
    given = await params.read(request)
    services = request.app[SERVICES]
    actor, new = visitor.member.actor, given.text("password") or ""
    try:
        try:
            await auth.prove(request, visitor.member, given.text("current") or "")
        except NotAllowed:
            raise Invalid("This is not your password.", field="current") from None
        members.check_new_password(new, about=(actor.username, actor.display_name, visitor.member.email))
        hashed = await services.passwords.hash(new)
    except Refused as refusal:
        view = await services.db.read(_access, visitor, fault(refusal))
        return await respond(request, view, Place.ME, status=fault_status(refusal))

    def write(tx: Tx) -> None:
        members.change_password(tx, actor.id, hashed)
        access.revoke_sessions(tx, actor.id, but=visitor.session.id)
        access.revoke_of_member(tx, actor.id)

    await services.db.write(write)
    return done("/settings/access", "password")
