# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reading reports and decisions. Only the staff is shown reports; the one who is reported never learns by whom."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, func, select

from node import actors, posts
from node.actors import Actor, ActorId
from node.actors.tables import actors as actors_table
from node.kernel import paging
from node.kernel.db import long_read
from node.kernel.errors import NotFound
from node.kernel.paging import Page
from node.moderation.rules import Category, ReportState, Sanction
from node.moderation.tables import reports, sanctions, staff_actions


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A row of `reports`. `posts` are ids on the wire; `host` is empty for a report by a member."""

    id: int
    uri: str
    reporter_id: ActorId | None
    host: str
    target_id: ActorId
    posts: tuple[str, ...]
    rule_ids: tuple[int, ...]
    category: Category
    comment: str
    forwarded: bool
    created_at: datetime
    state: ReportState
    taken_by: ActorId | None
    resolved_at: datetime | None
    resolved_by: ActorId | None


@dataclass(frozen=True, slots=True)
class Case:
    """A report with whom and what it is about, as the staff sees it. `resolver` has it in hand, or has dealt with it;
    `post_ids` are those that are still here."""

    report: Report
    target: Actor
    reporter: Actor | None
    resolver: Actor | None
    post_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StaffAction:
    """Who did what about a report, an account or a domain, and when."""

    actor_id: ActorId | None
    action: str
    report_id: int | None
    created_at: datetime
    target_id: ActorId | None = None
    domain: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A row of `sanctions`. `text` is read by whom it is about; `staff_id` is not told to them."""

    id: int
    target_id: ActorId
    kind: Sanction
    staff_id: ActorId | None
    report_id: int | None
    text: str
    created_at: datetime
    ended_at: datetime | None
    appeal: str | None
    appealed_at: datetime | None
    answered_at: datetime | None
    answered_by: ActorId | None
    granted: bool | None

    @property
    def waits(self) -> bool:
        """Whether an appeal waits for an answer."""
        return self.appealed_at is not None and self.answered_at is None


def get(conn: Connection, report_id: int) -> Report:
    """The report with this number; raises NotFound."""
    row = conn.execute(select(reports).where(reports.c.id == report_id)).one_or_none()
    if row is None:
        raise NotFound
    return _report(row)


def cases(conn: Connection, page: Page, *, resolved: bool) -> list[Case]:
    """Open reports, or resolved ones, newest first: three statements a page."""
    wanted = select(reports).where(reports.c.resolved_at.is_not(None) if resolved else reports.c.resolved_at.is_(None))
    return _cases(conn, [_report(row) for row in paging.read(conn, wanted, reports.c.id, page)])


def cases_by_ids(conn: Connection, report_ids: Collection[int]) -> dict[int, Case]:
    """Those of the reports that are here, by number: for the notifications that tell the staff of them."""
    if not report_ids:
        return {}
    rows = conn.execute(select(reports).where(reports.c.id.in_(set(report_ids))))
    return {case.report.id: case for case in _cases(conn, [_report(row) for row in rows])}


def _cases(conn: Connection, found: Sequence[Report]) -> list[Case]:
    people = actors.by_ids(
        conn,
        {
            number
            for report in found
            for number in (report.target_id, report.reporter_id, report.resolved_by or report.taken_by)
            if number is not None
        },
    )
    held = posts.ids_by_uris(conn, [uri for report in found for uri in report.posts])
    return [
        Case(
            report,
            people[report.target_id],
            people.get(report.reporter_id) if report.reporter_id is not None else None,
            people.get(report.resolved_by or report.taken_by or 0),
            tuple(held[uri] for uri in report.posts if uri in held),
        )
        for report in found
    ]


def open_count(conn: Connection) -> int:
    """How many reports wait for the staff."""
    return conn.execute(select(func.count()).select_from(reports).where(reports.c.resolved_at.is_(None))).scalar_one()


def history(conn: Connection, report_id: int) -> Sequence[StaffAction]:
    """What the staff did about a report, oldest first."""
    return _actions(conn, staff_actions.c.report_id == report_id)


def done_about(conn: Connection, target_id: int) -> Sequence[StaffAction]:
    """What the staff did about an account, oldest first."""
    return _actions(conn, staff_actions.c.target_id == target_id)


def done_about_domain(conn: Connection, domain: str) -> Sequence[StaffAction]:
    """What the staff did about a domain, oldest first."""
    return _actions(conn, staff_actions.c.domain == domain)


def log(conn: Connection, page: Page) -> list[tuple[int, StaffAction]]:
    """What the staff did, newest first, each with the number of the row."""
    return [(row.id, _action(row)) for row in paging.read(conn, select(staff_actions), staff_actions.c.id, page)]


def _action(row: Row[*tuple[Any, ...]]) -> StaffAction:
    return StaffAction(row.actor_id, row.action, row.report_id, row.created_at, row.target_id, row.domain)


def _actions(conn: Connection, which: ColumnElement[bool]) -> Sequence[StaffAction]:
    rows = conn.execute(select(staff_actions).where(which).order_by(staff_actions.c.id))
    return [_action(row) for row in rows]


def decision(conn: Connection, number: int) -> Decision:
    """The decision with this number; raises NotFound."""
    row = conn.execute(select(sanctions).where(sanctions.c.id == number)).one_or_none()
    if row is None:
        raise NotFound
    return _decision(row)


def decisions_about(conn: Connection, target_id: int, *, limit: int = 40) -> list[Decision]:
    """What was decided about somebody, newest first."""
    rows = conn.execute(
        select(sanctions).where(sanctions.c.target_id == target_id).order_by(sanctions.c.id.desc()).limit(limit)
    )
    return [_decision(row) for row in rows]


def in_force(conn: Connection, target_id: int, kind: Sanction) -> Decision | None:
    """The decision of that kind about somebody that holds now; None if there is none."""
    found = decisions_about(conn, target_id)
    return next((one for one in found if one.kind is kind and one.ended_at is None), None)


@long_read
def under_sanction(conn: Connection, *, limit: int = 200) -> tuple[list[Actor], list[Actor]]:
    """(who is suspended by this node, who is limited), the latest first. Whoever is not let in yet is neither."""

    def found(column: Column[Any], *clauses: ColumnElement[bool]) -> list[Actor]:
        statement = select(actors_table).where(column.is_not(None), actors_table.c.deleted_at.is_(None), *clauses)
        return list(actors.queries.read_statement(conn, statement.order_by(column.desc()).limit(limit)))

    suspended = found(actors_table.c.suspended_at, actors_table.c.suspended_elsewhere.is_(False))
    return [one for one in suspended if not one.is_hidden], found(actors_table.c.limited_at)


def find_report(conn: Connection, report_id: int, target: Actor) -> int:
    """The number of a report about somebody; raises NotFound where it is about somebody else."""
    if get(conn, report_id).target_id != target.id:
        raise NotFound
    return report_id


def appeals(conn: Connection, page: Page) -> list[tuple[Decision, Actor]]:
    """The decisions against which somebody has appealed and waits, newest first, with whom they are about."""
    wanted = select(sanctions).where(sanctions.c.appealed_at.is_not(None), sanctions.c.answered_at.is_(None))
    found = [_decision(row) for row in paging.read(conn, wanted, sanctions.c.id, page)]
    people = actors.by_ids(conn, {one.target_id for one in found})
    return [(one, people[one.target_id]) for one in found]


def appeals_count(conn: Connection) -> int:
    """How many appeals wait."""
    return conn.execute(
        select(func.count())
        .select_from(sanctions)
        .where(sanctions.c.appealed_at.is_not(None), sanctions.c.answered_at.is_(None))
    ).scalar_one()


def _decision(row: Row[*tuple[object, ...]]) -> Decision:
    values = dict(row._mapping)
    values["kind"] = Sanction(values["kind"])
    return Decision(**values)


def made_since(conn: Connection, reporter_id: int, moment: datetime) -> int:
    """How many reports somebody made after a moment."""
    return _count(conn, reports.c.reporter_id == reporter_id, reports.c.created_at > moment)


def from_host_since(conn: Connection, host: str, moment: datetime) -> int:
    """How many reports a server sent after a moment."""
    return _count(conn, reports.c.host == host, reports.c.created_at > moment)


def _count(conn: Connection, *clauses: ColumnElement[bool]) -> int:
    return conn.execute(select(func.count()).select_from(reports).where(*clauses)).scalar_one()


def _report(row: Row[*tuple[object, ...]]) -> Report:
    values = dict(row._mapping)
    values["posts"] = tuple(values["posts"])
    values["rule_ids"] = tuple(values["rule_ids"])
    values["category"] = Category(values["category"])
    values["state"] = ReportState(values["state"])
    return Report(**values)
