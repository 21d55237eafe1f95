# SPDX-License-Identifier: AGPL-3.0-or-later
"""Invented content for the pages about decisions of the staff, appeals and blocked domains."""

from datetime import timedelta
from typing import Final

from node.moderation import Sanction
from web.pages.moderation import DONE, ENDED, HOLDS, WAITS, WHAT
from web.pages.moderation_views import (
    AppealsView,
    AppealView,
    DecisionView,
    DomainsView,
    LogLineView,
    LogView,
    StaffPeopleView,
    StaffPersonView,
    StandingView,
)
from web.pages.samples import CLAIRE, NOW, PEOPLE, SAM
from web.pages.views import Fault, View

_WARNED: Final = DecisionView(
    id=1,
    what=WHAT[Sanction.WARN],
    reason="The same advertisement under every post.",
    when=NOW - timedelta(days=20),
    outcome=ENDED,
    by=CLAIRE,
)
_LIMITED: Final = DecisionView(
    id=2,
    what=WHAT[Sanction.LIMIT],
    reason="Again, after a warning.",
    when=NOW - timedelta(days=2),
    outcome=HOLDS,
    may_appeal=True,
    by=CLAIRE,
)
_ANSWERED: Final = DecisionView(
    id=3,
    what=WHAT[Sanction.SUSPEND],
    reason="Advertising, for the third time.",
    when=NOW - timedelta(hours=5),
    outcome=WAITS,
    appeal="It was not me: somebody had my password, and it is changed now.",
    by=CLAIRE,
)
_EMPTY: Final = Fault(message="Please say why.", field="reason")

MODERATION_SAMPLES: Final[dict[str, View]] = {
    "standing": StandingView(decisions=(_ANSWERED, _LIMITED, _WARNED), action="/appeal/abc", suspended=True),
    "standing-faulty": StandingView(
        decisions=(_LIMITED,),
        action="/settings/standing",
        words="x",
        faults=(Fault(message="You can write up to 2000 characters."),),
    ),
    "standing-empty": StandingView(decisions=(), action="/settings/standing"),
    "staff-person": StaffPersonView(
        person=SAM,
        decisions=(_ANSWERED, _LIMITED, _WARNED),
        limited=True,
        suspended=True,
        revoked=True,
        decides_who_joins=True,
        may_delete=True,
        report="7",
        faults=(_EMPTY,),
    ),
    "staff-person-revoked": StaffPersonView(person=SAM, suspended=True, revoked=True),
    "staff-person-new": StaffPersonView(person=PEOPLE[1], may_give_roles=True),
    "staff-person-elsewhere": StaffPersonView(person=SAM, suspended_elsewhere=True, may_decide=False),
    "staff-people": StaffPeopleView(suspended=(SAM,), limited=(), unreachable=(CLAIRE,), greedy=(SAM,)),
    "appeals": AppealsView(appeals=(AppealView(decision=_ANSWERED, person=SAM),), waiting=1),
    "appeals-empty": AppealsView(appeals=(), may_answer=False),
    "staff-log": LogView(
        lines=(
            LogLineView(when=NOW, what=DONE["suspend"], by=CLAIRE, about=SAM),
            LogLineView(when=NOW - timedelta(days=1), what=DONE["block"], domain="spam.example"),
        ),
        older="/staff/log?max_id=1",
    ),
    "staff-log-empty": LogView(lines=()),
    "staff-log-broken": LogView(lines=(), broken=12, broken_at=NOW),
    "staff-log-cut": LogView(lines=(), broken=13),
    "domains": DomainsView(
        domains=(("spam.example", "sells diplomas"), ("loud.example", "")),
        domain="no domain",
        taken=(12, 3, 1),
        faults=(
            Fault(message="Please give a domain alone, such as example.org.", field="domain"),
            Fault(message="Please choose a file.", field="file"),
        ),
    ),
    "domains-empty": DomainsView(),
}
