# SPDX-License-Identifier: AGPL-3.0-or-later
"""The page of those who run the association: what waits for them, the way to each of their pages, and how it stands."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from node import dues, members, moderation, roster
from node.access import figures as access_figures
from node.events import figures as event_figures
from node.kernel import clock
from node.kernel.db import long_read
from node.kernel.i18n import marked
from node.members import Member
from node.members import figures as member_figures
from node.members.figures import rough
from node.moderation import deaths, tips
from node.roster import figures as roster_figures
from node.roster import proposals
from web import SERVICES, auth
from web.pages.dashboard_views import ClassFigureView, DashboardView, FigureView, WaysView, WayView
from web.pages.frames import respond

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
    return await respond(request, await request.app[SERVICES].db.read(_view, member))


@long_read
def _view(conn: Connection, member: Member) -> DashboardView:
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
    if READERS & member.roles:
        known = roster_figures.known(conn)
        if known.all:
            figures += [
                _people(marked("Graduates in the roster"), known.all),
                _people(marked("Graduates in the roster who are alive, as far as is known"), known.living),
                _people(marked("Graduates in the roster who are members"), known.claimed),
            ]
        classes = tuple(_class(year, count) for year, count in member_figures.by_class(conn))
    return DashboardView(ways=_ways(member.roles, work(conn, member)), figures=tuple(figures), classes=classes)


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


def _class(year: int, number: int) -> ClassFigureView:
    shown = rough(number)
    return ClassFigureView(year=year, number=shown.number, few=shown.few)
