# SPDX-License-Identifier: AGPL-3.0-or-later
"""Invented content for the pages of the roster."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from node.members import InvitationState
from node.roster import ImportState, proposals
from node.roster.proposals import Field
from web.pages.invitation_views import InvitationsView, InvitationView
from web.pages.invitations import STATES as INVITATION_STATES
from web.pages.proposal_views import ClassmateView, CorrectionsView, CorrectionView, ProposalView, RosterClassView
from web.pages.proposals import FIELDS as CORRECTED
from web.pages.proposals import STATES as PROPOSAL_STATES
from web.pages.roster import FIGURES, MODES, SEPARATORS, STATES, TARGETS
from web.pages.roster_views import (
    ChangeView,
    ColumnView,
    FiguresView,
    GraduateView,
    ImportView,
    MissingPageView,
    MissingView,
    RemarkView,
    RosterImportView,
    RosterView,
)
from web.pages.samples import CLAIRE, NOW
from web.pages.views import Fault, View

_READY = ImportView(
    id=7, name="Classes of 1990 to 2020", state="ready", state_word=STATES[ImportState.READY], created_at=NOW
)
_DONE = ImportView(
    id=6,
    name="roster.csv",
    state="applied",
    state_word=STATES[ImportState.APPLIED],
    created_at=NOW - timedelta(days=2),
    done=1200,
    to_write=1200,
    figures=(FiguresView(name=FIGURES["created"], number=1200),),
    may_undo=True,
)
_HALF = ImportView(
    id=5,
    name="dues.csv",
    state="applying",
    state_word=STATES[ImportState.APPLYING],
    created_at=NOW,
    done=500,
    to_write=1200,
)
_COLUMNS = (
    ColumnView(index=0, header="Nom", target="family_name"),
    ColumnView(index=1, header="Promo", target="class_year"),
    ColumnView(index=2, header="Rang", target=""),
)
_ASKS = RosterImportView(
    item=_READY,
    columns=_COLUMNS,
    targets=tuple((str(target), label) for target, label in TARGETS.items()),
    encodings=("utf-8", "windows-1252"),
    separators=SEPARATORS,
    modes=MODES,
    faults=(Fault(message="The file has no column of that name.", field="mapping"),),
)

_SENT = InvitationView(
    id=9,
    whom="Anne de La Tour · anne@example.org",
    state=INVITATION_STATES[InvitationState.OPENED],
    since=NOW,
    created_at=NOW - timedelta(days=2),
    expires_at=NOW + timedelta(days=28),
    by=CLAIRE,
    class_year=1998,
    school="Mill School",
    may_revoke=True,
)

_ANNE = ClassmateView(id=1, name="Anne de La Tour", birth_name="Martin", classes=("1998 Chimie", "2001"))
_PROPOSAL = ProposalView(
    id=4,
    whom="Anne de La Tour",
    field=CORRECTED[Field.FAMILY_NAME],
    before="Tour",
    value="de La Tour",
    reason="She told me so.",
    state=PROPOSAL_STATES[proposals.State.OPEN],
    when=NOW,
    by=CLAIRE,
)

ROSTER_SAMPLES: Final[dict[str, View]] = {
    "roster-class": RosterClassView(
        year=1998,
        people=(_ANNE, replace(_ANNE, id=2, deceased=True), replace(_ANNE, id=3, is_here=True, birth_name="")),
        proposals=(_PROPOSAL,),
    ),
    "roster-class-empty": RosterClassView(year=1998, people=()),
    "correction": CorrectionView(
        person=_ANNE,
        fields=tuple((str(field), label) for field, label in CORRECTED.items()),
        field="class_year",
        value="98",
        reason="",
        faults=(Fault(message="Please give the class as a year of four digits.", field="value"),),
    ),
    "corrections": CorrectionsView(
        proposals=(_PROPOSAL, replace(_PROPOSAL, id=5, field=CORRECTED[Field.DECEASED], before="", value=""))
    ),
    "corrections-none": CorrectionsView(
        proposals=(), faults=(Fault(message="This has been decided otherwise meanwhile.", field=""),)
    ),
    "invitations": InvitationsView(
        invitations=(
            _SENT,
            replace(_SENT, id=8, whom="", uses=3, max_uses=50, state=INVITATION_STATES[InvitationState.SENT]),
            replace(_SENT, id=7, may_revoke=False, state=INVITATION_STATES[InvitationState.BOUNCED]),
        ),
        older="/staff/invitations?before=7",
        schools=("École des Tilleuls", "Mill School"),
        email="anne",
        class_year="98",
        school="Mill School",
        faults=(Fault(message="Please give an e-mail address, such as name@example.org.", field="email"),),
    ),
    "invitations-none": InvitationsView(invitations=(), has_mail=False),
    "roster": RosterView(
        count=1200,
        query="tou",
        found=(
            GraduateView(
                id=1,
                name="Anne de La Tour",
                birth_name="Martin",
                classes=("1998 Chimie", "2001"),
                email="anne@example.org",
                deceased=True,
            ),
            GraduateView(id=2, name="Bo Durand", classes=("1998",), email="bo@example.org"),
        ),
        imports=(_READY, _DONE),
    ),
    "roster-empty": RosterView(count=0, query="nobody", faults=(Fault(message="Please choose a file.", field="file"),)),
    "missing": MissingPageView(
        in_roster=True,
        people=(
            MissingView(id=1, name="Anne de La Tour", class_year=1998),
            MissingView(id=2, name="Bo Durand", class_year=1998, invited=True),
            MissingView(id=3, name="Li Moreau", class_year=1998, invited=True, mine=True),
        ),
        chosen=MissingView(id=1, name="Anne de La Tour", class_year=1998),
        email="anne",
        faults=(Fault(message="Please give an e-mail address, such as name@example.org.", field="email"),),
    ),
    "missing-none": MissingPageView(in_roster=True, unreachable=("Anne de La Tour", "Bo Durand")),
    "missing-unknown": MissingPageView(in_roster=False),
    "missing-off": MissingPageView(in_roster=False, is_off=True),
    "roster-import": replace(
        _ASKS,
        faults=(),
        encoding="windows-1252",
        separator="semicolon",
        words=("Éloïse", "Créteil"),
        figures=(FiguresView(name=FIGURES["created"], number=12), FiguresView(name=FIGURES["refused"], number=1)),
        remarks=(
            RemarkView(lines=(4,), text="There is no name in this row."),
            RemarkView(lines=(5, 9), text="This is no year.", column="Promo"),
        ),
        changes=(ChangeView(name="Ana Demo", lines=(7,), changes=(("Town", "Lyon", "Paris"), ("Job", "", "Smith"))),),
        more=3,
    ),
    "roster-import-asks": _ASKS,
    "roster-import-running": RosterImportView(item=_HALF),
    "roster-import-done": RosterImportView(item=_DONE),
}
