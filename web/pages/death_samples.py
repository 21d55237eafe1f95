# SPDX-License-Identifier: AGPL-3.0-or-later
"""Invented content for the pages about members who have died."""

from datetime import timedelta
from typing import Final

from web.pages.death_views import (
    DeathLineView,
    DeathReportView,
    DeathsView,
    DeathTipView,
    DeathView,
    ToldView,
    WishesView,
)
from web.pages.samples import INES, MARGUERITE, NOW, SAM
from web.pages.views import Fault, View

DEATH_SAMPLES: Final[dict[str, View]] = {
    "death-report": DeathReportView(
        person=MARGUERITE, faults=(Fault(message="Please say how this is known.", field="source"),)
    ),
    "deaths": DeathsView(
        told=(
            ToldView(
                id=7,
                name="Ada Winter, 1998",
                source="I am her sister.",
                email="ines@mail.example",
                when=NOW,
                search="/people?q=Ada+Winter",
            ),
        ),
        waiting=(DeathLineView(person=MARGUERITE, when=NOW, source="Her sister wrote to the office."),),
        remembered=(DeathLineView(person=SAM, when=NOW),),
    ),
    "deaths-none": DeathsView(),
    "death": DeathView(
        person=MARGUERITE,
        reported=True,
        source="Her sister wrote to the office.",
        reporter=INES,
        reported_at=NOW,
        faults=(Fault(message="Please say how this is known.", field="reason"),),
    ),
    "death-memorial": DeathView(
        person=MARGUERITE,
        memorial=True,
        until=NOW + timedelta(days=80),
        reported_at=NOW,
        reason="The family wrote.",
        decided_by=INES,
        decided_at=NOW,
    ),
    "death-memorial-wished": DeathView(
        person=MARGUERITE,
        memorial=True,
        until=NOW + timedelta(days=80),
        reported_at=NOW,
        decided_at=NOW,
        wish="They wished the account to be deleted: it is hidden from everybody until then.",
        wished="My sister knows.",
        removal=NOW + timedelta(days=80),
        may_purge=True,
    ),
    "memorial-wishes": WishesView(
        wish="hand",
        faults=(Fault(message="Please say whom the association is to speak with.", field="words"),),
    ),
    "memorial-report": DeathTipView(
        name="Ada Winter", faults=(Fault(message="Please say how this is known.", field="source"),)
    ),
    "death-memorial-old": DeathView(person=MARGUERITE, memorial=True, reported_at=NOW, decided_at=NOW),
    "death-nothing-said": DeathView(person=SAM),
}
