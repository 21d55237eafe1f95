# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reporting somebody, and the staff's list of what was reported."""

from collections.abc import Callable
from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from node import actors, instance, moderation, posts
from node.actors import ActorId
from node.kernel.db import Tx
from node.kernel.errors import Invalid, NotFound, TooMany
from node.kernel.i18n import marked
from node.kernel.paging import Page
from node.kernel.site import Site
from node.members import Member
from node.moderation import Case, Category, ReportState
from web import SERVICES, auth, params
from web.auth import Handler
from web.pages import convert
from web.pages.frames import acting, done, fault, fault_status, respond, staff_acting, visiting_staff
from web.pages.paging import asked, neighbours
from web.pages.views import CaseView, PostView, ReportFormView, ReportsView
from web.params import Params

RECENT: Final = 5
"""Posts of somebody that are offered to be reported with them."""

CATEGORIES: Final = {
    Category.SPAM: marked("Spam"),
    Category.LEGAL: marked("Against the law"),
    Category.VIOLATION: marked("Against the rules"),
    Category.OTHER: marked("Other"),
}
STATES: Final = {
    ReportState.OPEN: marked("Open"),
    ReportState.IN_HAND: marked("In hand"),
    ReportState.DISMISSED: marked("Dismissed"),
    ReportState.ACTED: marked("Something was decided"),
    ReportState.APPEALED: marked("There is an appeal"),
    ReportState.CLOSED: marked("Closed, after an appeal"),
}


async def show(request: web.Request) -> web.Response:
    """The form for reporting somebody."""
    member = await auth.visiting_member(request)
    services = request.app[SERVICES]
    view = await services.db.read(
        _form, services.db.site, member.id, int(request.match_info["actor_id"]), params.query(request)
    )
    return await respond(request, view)


def _form(
    conn: Connection,
    site: Site,
    viewer: ActorId,
    target_id: int,
    given: Params,
    refusal: Invalid | TooMany | None = None,
) -> ReportFormView:
    target = actors.get(conn, target_id)
    if target.id == viewer:
        raise NotFound
    post_id = given.integer("post")
    meant = [post_id] if post_id is not None else []
    recent = posts.of_author(conn, target.id, viewer, Page(limit=RECENT), exclude_boosts=True)
    ticked = set(given.integers("posts"))
    shown = convert.post_list(conn, site, list(dict.fromkeys([*meant, *recent])), viewer)
    of_target = [post for post in shown if post.author.id == target.id]
    chosen = set(given.integers("rules"))
    return ReportFormView(
        person=convert.people(conn, site, [target], viewer)[0],
        post=next((post for post in of_target if post.id == post_id), None),
        others=tuple((post, post.id in ticked) for post in of_target if post.id != post_id),
        categories=tuple(
            (str(one), words, one is moderation.category_of(given.text("category")))
            for one, words in CATEGORIES.items()
        ),
        rules=tuple((rule.id, rule.text, rule.id in chosen) for rule in instance.all_rules(conn)),
        comment=given.text("comment") or "",
        forward=given.flag("forward"),
        faults=fault(refusal) if refusal is not None else (),
    )


async def send(request: web.Request) -> web.StreamResponse:
    """Take the report; what cannot be used comes back with all that was typed."""
    actor = await acting(request)
    given = await params.read(request)
    services = request.app[SERVICES]
    target_id, post_id = int(request.match_info["actor_id"]), given.integer("post")

    def write(tx: Tx) -> str:
        moderation.report(
            tx,
            actor,
            target_id,
            post_ids=[*([post_id] if post_id is not None else []), *given.integers("posts")],
            rule_ids=given.integers("rules"),
            comment=given.text("comment") or "",
            category=moderation.category_of(given.text("category")),
            forward=given.flag("forward"),
        )
        return actors.get(tx.conn, target_id).acct

    try:
        acct = await services.db.write(write)
    except (Invalid, TooMany) as refusal:
        view = await services.db.read(_form, services.db.site, actor.id, target_id, given, refusal)
        return await respond(request, view, status=fault_status(refusal))
    return done(f"/@{acct}", "reported")


async def index(request: web.Request) -> web.Response:
    """What was reported, for moderators."""
    member = await visiting_staff(request)
    services = request.app[SERVICES]
    resolved = request.query.get("resolved") == "1"
    view = await services.db.read(_cases, services.db.site, member.id, asked(request), resolved)
    return await respond(request, view)


def _cases(conn: Connection, site: Site, viewer: ActorId, page: Page, resolved: bool) -> ReportsView:
    found = moderation.cases(conn, page, resolved=resolved)
    numbers = [number for case in found for number in case.post_ids]
    shown = {post.id: post for post in convert.post_list(conn, site, numbers, viewer)}
    kept = {"resolved": "1"} if resolved else {}
    rules = instance.rules_by_ids(conn, {number for case in found for number in case.report.rule_ids})
    newer, older = neighbours("/staff/reports", [case.report.id for case in found], page, **kept)
    return ReportsView(
        cases=tuple(
            _case(
                site,
                case,
                tuple(shown[number] for number in case.post_ids if number in shown),
                tuple(rules[number].text for number in case.report.rule_ids if number in rules),
            )
            for case in found
        ),
        resolved=resolved,
        waiting=moderation.open_count(conn),
        newer=newer,
        older=older,
    )


def _case(site: Site, case: Case, shown: tuple[PostView, ...], rules: tuple[str, ...]) -> CaseView:
    report = case.report
    return CaseView(
        id=report.id,
        target=convert.person(site, case.target),
        reporter=convert.person(site, case.reporter) if case.reporter is not None else None,
        created_at=report.created_at,
        comment=report.comment,
        category=CATEGORIES[report.category],
        rules=rules,
        posts=shown,
        missing=len(report.posts) - len(shown),
        forwarded=report.forwarded,
        state=STATES[report.state],
        is_open=report.state is ReportState.OPEN,
        resolver=convert.person(site, case.resolver) if case.resolver is not None else None,
        resolved_at=report.resolved_at,
    )


def handling(act: Callable[[Tx, Member, int], None]) -> Handler:
    """A handler for one of the buttons beside a report."""

    async def handle(request: web.Request) -> web.StreamResponse:
        member = await staff_acting(request)
        await request.app[SERVICES].db.write(act, member, int(request.match_info["number"]))
        return done("/staff/reports", "saved")

    return handle
