# SPDX-License-Identifier: AGPL-3.0-or-later
"""How a report lives, from the moment at which it is made (see `rules.report_after`), and what its reporter hears of it.

Whoever reported learns that the staff has looked, and whether something was decided: never what, nor by whom.
"""

from datetime import timedelta
from typing import Final

from sqlalchemy import update

from node import actors, members, notices
from node.kernel import audit
from node.kernel.db import Tx
from node.kernel.i18n import marked, translator
from node.members import Member
from node.moderation import queries, rules
from node.moderation.actions import note
from node.moderation.queries import Report
from node.moderation.rules import ReportState, ReportVerb
from node.moderation.tables import reports

SAID_FOR: Final = timedelta(days=30)
_RESULTS: Final = {
    ReportState.DISMISSED: marked(
        "The moderators have looked at what you reported about %(person)s, and saw no reason to decide something."
    ),
    ReportState.ACTED: marked(
        "The moderators have looked at what you reported about %(person)s, and decided something. "
        "What it is they tell nobody but those whom it is about."
    ),
}


def take(tx: Tx, staff: Member, report_id: int) -> None:
    """Say that one looks after a report. Raises NotAllowed, NotFound, Conflict (it is dealt with)."""
    _by_staff(tx, staff, report_id, ReportVerb.TAKE)


def dismiss(tx: Tx, staff: Member, report_id: int) -> None:
    """See no reason to decide something. Raises NotAllowed, NotFound, Conflict (something was decided)."""
    _by_staff(tx, staff, report_id, ReportVerb.DISMISS)


def act(tx: Tx, staff: Member, report_id: int) -> None:
    """Something was decided about whom it names; whoever decides at once has it in hand by that.

    Raises NotAllowed, NotFound, Conflict (it was dismissed).
    """
    if queries.get(tx.conn, report_id).state is ReportState.OPEN:
        take(tx, staff, report_id)
    _by_staff(tx, staff, report_id, ReportVerb.ACT)


def follow(tx: Tx, report_id: int | None, verb: ReportVerb, *, by: int) -> None:
    """What becomes of the decision that answered a report: an appeal, and its answer. A report may have led to several
    decisions; what does not go from its state leaves it as it is."""
    if report_id is None:
        return
    found = queries.get(tx.conn, report_id)
    if rules.goes(found.state, verb):
        _move(tx, found, verb, by)


def _by_staff(tx: Tx, staff: Member, report_id: int, verb: ReportVerb) -> None:
    rules.check_staff(staff.roles)
    found = queries.get(tx.conn, report_id)
    if rules.report_after(found.state, verb) is found.state:
        return
    _move(tx, found, verb, staff.id)
    note(tx, staff, verb, report_id=report_id)


def _move(tx: Tx, found: Report, verb: ReportVerb, by: int) -> None:
    after = rules.report_after(found.state, verb)
    values: dict[str, object] = {"state": after}
    if verb is ReportVerb.TAKE:
        values["taken_by"] = by
    elif after in _RESULTS:
        values |= {"resolved_at": tx.now, "resolved_by": by}
    tx.conn.execute(update(reports).where(reports.c.id == found.id).values(**values))
    audit.write(tx, f"report.{verb}", found.id, by=by, before=found.state, after=after)
    if after in _RESULTS:
        _tell(tx, found, after)


def _tell(tx: Tx, found: Report, after: ReportState) -> None:
    reporter = actors.find(tx.conn, found.reporter_id) if found.reporter_id is not None and not found.host else None
    target = actors.find(tx.conn, found.target_id)
    if reporter is None or target is None:
        return
    _ = translator(members.locale_of(tx.conn, reporter.id) or "en").gettext
    text = _(_RESULTS[after]) % {"person": f"@{target.acct}"}
    link = f"{tx.site.base_url}/about"
    notices.tell(tx, reporter, about=f"report:{found.id}", text=text, link=link, until=tx.now + SAID_FOR)
