# SPDX-License-Identifier: AGPL-3.0-or-later
"""Invented content for the pages on which administrators write what the association says, and say who does what."""

from datetime import date, timedelta
from typing import Final

from node.kernel.html import render_plain
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
from web.pages.role_views import HolderView, RolesView, RoleView
from web.pages.roles import ROLES
from web.pages.samples import CLAIRE, NOW
from web.pages.views import Fault, View

_NOTHING: Final = Fault(message="Please write something.", field="text")
_LATE: Final = Fault(message="The end must come after the beginning.", field="ends")
_VALUES: Final = AnnouncementValues(
    text="The archive opens.",
    starts="2027-03-12T19:00",
    ends="2027-03-11T19:00",
    publish="2027-03-01T08:00",
    language="en",
)
_LANGUAGES: Final = (("en", "English"), ("fr", "Français"))

_CLAIRE: Final = HolderView(person=CLAIRE, roles=(ROLES["delegate"][0], ROLES["admin"][0]), lacks_class=True)
_TICKS: Final = tuple(
    RoleView(word=word, name=name, meaning=meaning, held=word == "admin") for word, (name, meaning) in ROLES.items()
)

STAFF_SAMPLES: Final[dict[str, View]] = {
    "roles": RolesView(holders=(_CLAIRE,), query="claire", chosen=_CLAIRE, ticks=_TICKS),
    "roles-nobody": RolesView(
        holders=(), query="nobody", faults=(Fault(message="Nobody here has this username.", field="who"),)
    ),
    "association": AssociationView(
        rules=2,
        announcements=1,
        texts=(("privacy", "Privacy policy", date(2026, 9, 1)), ("terms", "Terms of use", None)),
    ),
    "association-rules": RulesView(
        rules=(
            RuleLineView(id=1, text="Be kind.", hint="As in class."),
            RuleLineView(id=2, text="", faults=(Fault(message="Please write something.", field="text-2"),)),
        ),
    ),
    "association-rules-none": RulesView(rules=(), faults=(_NOTHING,)),
    "association-text": AssociationTextView(
        kind="privacy",
        title="Privacy policy",
        text="We keep *little*.",
        day="2026-12-01",
        versions=(
            VersionView(day=date(2026, 12, 1), state="It is to come", content=render_plain("We keep little.")),
            VersionView(day=date(2026, 9, 1), state="It holds now", content=render_plain("We keep your name.")),
        ),
        faults=(Fault(message="This day is past.", field="day"),),
    ),
    "association-text-first": AssociationTextView(kind="terms", title="Terms of use"),
    "announcements": AnnouncementsView(
        languages=_LANGUAGES,
        announcements=(
            AnnouncementLineView(
                id=3,
                content=render_plain("Les élections ont lieu en mars."),
                published_at=NOW + timedelta(days=5),
                to_come=True,
                language="fr",
            ),
            AnnouncementLineView(
                id=2,
                content=render_plain("The archive is open on Saturday."),
                published_at=NOW - timedelta(hours=2),
                starts_at=NOW + timedelta(days=2),
                ends_at=NOW + timedelta(days=2, hours=3),
                reactions=(("🎉", 12),),
            ),
            AnnouncementLineView(
                id=1,
                content=render_plain("Elections this week."),
                published_at=NOW - timedelta(days=20),
                starts_at=date(2026, 10, 1),
                ends_at=date(2026, 10, 7),
                days=True,
                over=True,
            ),
        ),
        values=_VALUES,
        faults=(_LATE,),
    ),
    "announcements-none": AnnouncementsView(announcements=()),
    "announcement-edit": AnnouncementEditView(
        id=2, to_come=True, languages=_LANGUAGES, values=_VALUES, faults=(_LATE,)
    ),
}
