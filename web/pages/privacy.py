# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a member agreed to and who looked at their data, the copy that they may take along, and the public register.

The copy is given to its owner alone: with their session, and with the password or a passkey of the last quarter of an hour.
"""

from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from node import instance, privacy
from node.instance import TextKind
from node.kernel import audit, clock
from node.kernel.errors import NotFound, TooMany
from node.kernel.i18n import marked
from node.kernel.site import Site
from node.members import Member
from node.privacy import Purpose, Seen, register
from web import SERVICES, auth
from web.frames import locale_of
from web.pages import convert
from web.pages.frames import done, fault, fault_status, respond
from web.pages.privacy_views import (
    ChangeView,
    ConsentView,
    ExportView,
    LookView,
    PrivacyView,
    ProcessingView,
    RegisterView,
)
from web.pages.security import check_proved, sending, visiting
from web.pages.views import Place

PAGE: Final = "/settings/export"
PURPOSES: Final = {
    Purpose.DIRECTORY: marked("To be listed in the directory"),
    Purpose.PARTNERS: marked("To be known to partner schools"),
    Purpose.PUBLIC: marked("To be known to everybody, on other networks too"),
    Purpose.SEARCH: marked("To be found by the searches of other networks"),
}
LOOKS: Final = {
    Seen.RECORD: marked("Your account"),
    Seen.SIGN_UP: marked("What you gave when you signed up"),
    Seen.DUES: marked("Your dues"),
    Seen.ROSTER: marked("Your entry in the roster"),
    Seen.FILE: marked("A file with members' data, yours among them, was taken along"),
}
CHANGES: Final = {
    "confirm": marked("You confirmed your e-mail address"),
    "approve": marked("The association let you in"),
    "suspend": marked("Your account was suspended"),
    "lift": marked("Your account was given back to you"),
    "change_password": marked("Your password was changed"),
    "change_email": marked("Your e-mail address was changed"),
    "schedule_deletion": marked("You asked for the account to be deleted"),
    "deactivate": marked("You hid your account"),
    "reactivate": marked("You showed your account again"),
    "cancel_deletion": marked("The account was kept after all"),
    "roles": marked("Your tasks in the association were changed"),
    "verification": marked("The association looked at who you are"),
    "dues": marked("Something about your dues was changed"),
    "export": marked("You asked for a copy of your data"),
    "staff_export": marked("You took a file with members' data along"),
    "list": marked("You said who finds you in the list of people"),
    "open_profile": marked("You said how far your profile goes"),
    "member": marked("Your class was changed"),
    "sanction": marked("The association decided something about you"),
    "report": marked("A report was looked into"),
    "roster": marked("The association's list of graduates was corrected"),
    "invitation": marked("An invitation was made, used or taken back"),
    "figures": marked("Figures of the association were taken along"),
    "death": marked("Somebody wrote or decided that you have died"),
    "memorial_wishes": marked("You said what becomes of your account after your death"),
    "delete": marked("The account was deleted"),
    "ask": marked("Something that you seek or offer was published, ended or the like"),
    "too_many": marked("You searched for people, or opened profiles, more often than is allowed"),
}
_OTHER: Final = marked("Something else was changed")


async def show(request: web.Request) -> web.Response:
    """The page."""
    member = await auth.visiting_member(request)
    services = request.app[SERVICES]
    return await respond(request, await services.db.read(_privacy, services.db.site, member), Place.ME)


def _privacy(conn: Connection, site: Site, member: Member) -> PrivacyView:
    return PrivacyView(
        consents=tuple(
            ConsentView(
                what=PURPOSES[one.purpose], since=one.given_at, until=one.withdrawn_at, version=one.text_version
            )
            for one in privacy.of(conn, member.id)
        ),
        looks=tuple(
            LookView(
                what=LOOKS[one.what],
                at=one.at,
                person=convert.person(site, one.viewer) if one.viewer is not None else None,
            )
            for one in privacy.looks(conn, member.id, clock.now())
        ),
        changes=tuple(
            ChangeView(what=CHANGES.get(one.verb.partition(".")[0], _OTHER), at=one.at)
            for one in audit.about(conn, member.id)
        ),
    )


async def show_export(request: web.Request) -> web.Response:
    """The copy that there is, or the button to ask for one."""
    member = await auth.visiting_member(request)
    view = await request.app[SERVICES].db.read(_export, member, None)
    return await respond(request, view, Place.ME)


def _export(conn: Connection, member: Member, refusal: TooMany | None) -> ExportView:
    found = privacy.exports_of(conn, member.id)
    faults = fault(refusal) if refusal is not None else ()
    if not found:
        return ExportView(faults=faults)
    one = found[0]
    return ExportView(
        asked_at=one.asked_at,
        link=f"{PAGE}/{one.id}.zip" if one.ready_at is not None else "",
        size=one.size or 0,
        ends_at=one.ends_at,
        may_ask=privacy.may_ask_again(one.asked_at, clock.now()),
        faults=faults,
    )


async def ask_export(request: web.Request) -> web.StreamResponse:
    """Have one made, once the member has proved who they are."""
    visitor = await sending(request)
    await check_proved(visitor, PAGE)
    services = request.app[SERVICES]
    try:
        await services.db.write(privacy.ask_export, visitor.member)
    except TooMany as refusal:
        view = await services.db.read(_export, visitor.member, refusal)
        return await respond(request, view, Place.ME, status=fault_status(refusal))
    return done(PAGE, "copy-asked")


async def download(request: web.Request) -> web.StreamResponse:
    """The file, for its owner."""
    visitor = await visiting(request)
    services = request.app[SERVICES]
    export = await services.db.read(privacy.export, int(request.match_info["number"]))
    if export.member_id != visitor.member.id or export.ready_at is None:
        raise NotFound
    await check_proved(visitor, PAGE)
    path = services.exporter.path(export.file)
    if path is None:
        raise NotFound
    day = export.asked_at.date().isoformat()
    name = f"{services.db.site.domain.partition(':')[0]}-{visitor.member.actor.username}-{day}.zip"
    answer = web.FileResponse(
        path,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )
    answer.content_type = "application/zip"
    return answer


async def show_register(request: web.Request) -> web.Response:
    """What the association does with personal data, for anybody (GDPR, article 30)."""
    services = request.app[SERVICES]
    visitor = await auth.visitor(request)
    written = await services.db.read(instance.written, clock.now().date())
    view = RegisterView(
        association=services.db.site.name,
        contact_email=services.settings.contact_email,
        rows=tuple(
            ProcessingView(what=row.what, data=row.data, why=row.why, who=row.who, kept=row.kept)
            for row in register.rows(services.settings, locale_of(request, visitor.member if visitor else None))
        ),
        has_policy=TextKind.PRIVACY in written,
    )
    return await respond(request, view)
