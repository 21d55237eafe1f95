# SPDX-License-Identifier: AGPL-3.0-or-later
"""The page of those who run the association: what waits for them, the way to each of their pages, and how it stands."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web
from sqlalchemy import Connection

from node import dues, members, moderation, privacy, roster
from node.access import figures as access_figures
from node.events import figures as event_figures
from node.kernel import clock
from node.kernel.db import long_read
from node.kernel.errors import NotAllowed
from node.kernel.figures import Rough, rough, told, told_of_all
from node.kernel.i18n import marked, translator
from node.kernel.sheets import sheet
from node.members import Member
from node.members import figures as member_figures
from node.moderation import deaths, tips
from node.roster import figures as roster_figures
from node.roster import proposals
from web import SERVICES, auth
from web.frames import locale_of
from web.pages.dashboard_views import (
    ClassFigureView,
    DashboardView,
    FigureView,
    MonthFigureView,
    WaysView,
    WayView,
)
from web.pages.frames import file_of, respond

LATELY: Final = timedelta(days=30)
A_YEAR: Final = timedelta(days=365)
READERS: Final = frozenset({"board", "secretary", "admin"})
"""Who reads figures of classes and of the roster."""
_ADMIN: Final = frozenset({"admin"})
_STAFF: Final = frozenset(moderation.STAFF)


@dataclass(frozen=True, slots=True)
class Way:
    """A page of the staff, and who may open it."""

    path: str
    label: str
    roles: Collection[str]


WAYS: Final = (
    (
        marked("Members"),
        (
            Way("/staff/sign-ups", marked("Who would like to join"), roster.DECIDERS | {roster.DELEGATE}),
            Way("/staff/invitations", marked("Invitations"), roster.KEEPERS),
            Way("/staff/roster", marked("Roster"), roster.KEEPERS | {roster.DELEGATE}),
            Way("/staff/roster/corrections", marked("Corrections of the roster"), roster.KEEPERS),
            Way("/staff/dues", marked("Dues of members"), dues.KEEPERS),
            Way("/staff/dues/bank", marked("A file of the bank"), dues.KEEPERS),
            Way("/staff/dues/plans", marked("What can be paid, and receipts"), dues.KEEPERS),
            Way("/staff/dues/roll", marked("Who may vote on a day"), dues.KEEPERS),
            Way("/staff/deaths", marked("Members who have died"), deaths.DECIDERS),
            Way("/staff/roles", marked("Roles"), _ADMIN),
        ),
    ),
    (
        marked("Keeping the peace"),
        (
            Way("/staff/reports", marked("Reports"), _STAFF),
            Way("/staff/appeals", marked("Appeals"), _STAFF),
            Way("/staff/people", marked("Limited and suspended"), _STAFF),
            Way("/staff/log", marked("What the staff did"), _STAFF),
            Way("/staff/trends", marked("Trends"), _STAFF),
            Way("/staff/emojis", marked("Emoji"), _STAFF),
        ),
    ),
    (
        marked("What the association says"),
        (
            Way("/staff/association", marked("Its pages"), _ADMIN),
            Way("/staff/announcements", marked("Announcements"), _ADMIN),
            Way("/staff/rules", marked("Rules"), _ADMIN),
            Way("/schools", marked("Schools"), _ADMIN),
        ),
    ),
    (
        marked("The node"),
        (
            Way("/staff/queue", marked("Queue and servers"), _ADMIN),
            Way("/staff/domains", marked("Blocked domains"), _ADMIN),
            Way("/staff/data", marked("Members' data"), _ADMIN),
        ),
    ),
)


# How much waits on a page, for somebody who may open it.
_WORK: Final[Mapping[str, Callable[[Connection, Member], int]]] = {
    "/staff/sign-ups": roster.waiting_count,
    "/staff/roster/corrections": lambda conn, _: proposals.open_count(conn),
    "/staff/deaths": lambda conn, _: tips.work_count(conn),
    "/staff/dues": lambda conn, _: dues.announced_count(conn),
    "/staff/reports": lambda conn, _: moderation.open_count(conn),
    "/staff/appeals": lambda conn, _: moderation.appeals_count(conn),
}


async def show(request: web.Request) -> web.Response:
    """The page."""
    member = await auth.visiting_member(request)
    members.check_office(member.roles)
    services = request.app[SERVICES]
    return await respond(request, await services.db.read(_view, member, services.settings.timezone))


async def export(request: web.Request) -> web.Response:
    """The same figures as a table, for those who read all of them; that somebody took it along is kept in mind."""
    member = await auth.visiting_member(request)
    if READERS.isdisjoint(member.roles):
        raise NotAllowed(marked("This page is for those who run the association."))
    services = request.app[SERVICES]
    view = await services.db.read(_view, member, services.settings.timezone)
    lines = len(view.figures) + len(view.months) + len(view.classes)
    await services.db.write(privacy.note_export, member.id, privacy.Taken.FIGURES, (), rows=lines)
    _ = translator(locale_of(request, member)).gettext
    rows = [(_("How it stands"), _(one.name), _shown(one.number, few=one.few)) for one in view.figures]
    rows += [(_("Who joined"), f"{one.month:%Y-%m}", _shown(one.number, few=one.few)) for one in view.months]
    rows += [(_("Members by class"), str(one.year), _shown(one.number, few=one.few)) for one in view.classes]
    return file_of(sheet((), rows), f"figures-{clock.now().date()}.csv")


def _shown(number: int, *, few: bool) -> str:
    return str(Rough(number, few=few))


@long_read
def _view(conn: Connection, member: Member, zone: str) -> DashboardView:
    """As many statements however many there are."""
    now = clock.now()
    standings = member_figures.standings(conn)
    lately, in_a_year = access_figures.active(conn, now - LATELY, now - A_YEAR)
    coming = event_figures.coming(conn, now)
    figures = [
        _people(marked("Members"), standings.members),
        _people(marked("Members who came in the last 30 days"), lately),
        _people(marked("Members who came in the last year"), in_a_year),
        FigureView(name=marked("Events to come"), number=coming.events),
        FigureView(name=marked("Seats of these events"), number=coming.seats),
        _people(marked("People who are going"), coming.taken),
    ]
    classes: tuple[ClassFigureView, ...] = ()
    months: tuple[MonthFigureView, ...] = ()
    if READERS & member.roles:
        figures.append(_people(marked("Members whom the association has verified"), roster_figures.verified(conn)))
        known = roster_figures.known(conn)
        if known.all:
            figures += [
                _people(marked("Graduates in the roster"), known.all),
                _people(marked("Graduates in the roster who are alive, as far as is known"), known.living),
                _people(marked("Graduates in the roster who are members"), known.claimed),
            ]
        by_class = told(dict(member_figures.by_class(conn)))
        classes = tuple(ClassFigureView(year=year, number=n.number, few=n.few) for year, n in by_class.items())
        months = _months(conn, now.astimezone(ZoneInfo(zone)))
    return DashboardView(
        ways=_ways(member.roles, work(conn, member)),
        figures=tuple(figures),
        classes=classes,
        months=months,
        may_export=bool(READERS & member.roles),
    )


def _months(conn: Connection, now: datetime) -> tuple[MonthFigureView, ...]:
    """The last twelve months, this one last, by the association's calendar."""
    this = now.year * 12 + now.month - 1
    beginnings = [datetime(n // 12, n % 12 + 1, 1, tzinfo=now.tzinfo) for n in range(this - 11, this + 2)]
    counts = told_of_all(member_figures.monthly(conn, [one.astimezone(UTC) for one in beginnings]))
    return tuple(
        MonthFigureView(month=month.date(), number=one.number, few=one.few)
        for month, one in zip(beginnings, counts, strict=False)
    )


def work(conn: Connection, member: Member) -> Mapping[str, int]:
    """How much waits on each page that somebody may open: a statement a page, and none for other members."""
    mine = {way.path for _, ways in WAYS for way in ways if not member.roles.isdisjoint(way.roles)}
    return {path: count(conn, member) for path, count in _WORK.items() if path in mine}


def _ways(roles: Collection[str], waiting: Mapping[str, int]) -> tuple[WaysView, ...]:
    groups = (
        WaysView(
            title=title,
            ways=tuple(
                WayView(path=way.path, label=way.label, waiting=waiting.get(way.path, 0))
                for way in ways
                if not set(way.roles).isdisjoint(roles)
            ),
        )
        for title, ways in WAYS
    )
    return tuple(group for group in groups if group.ways)


def _people(name: str, number: int) -> FigureView:
    shown = rough(number)
    return FigureView(name=name, number=shown.number, few=shown.few)
