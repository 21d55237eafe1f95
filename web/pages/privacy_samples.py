# SPDX-License-Identifier: AGPL-3.0-or-later
"""Invented content for the pages on data protection."""

from datetime import timedelta
from typing import Final

from web.pages.data_staff import KINDS
from web.pages.data_views import (
    AskedView,
    DataView,
    ErasedView,
    ErasureView,
    FileView,
    TouchedRow,
    TouchedView,
)
from web.pages.privacy_views import (
    ChangeView,
    ConsentView,
    ExportView,
    LookView,
    PrivacyView,
    ProcessingView,
    RegisterView,
)
from web.pages.samples import INES, NOW
from web.pages.views import Fault, View

_GONE: Final = ErasureView(
    number=7, at=NOW, told=12, asking=("slow.example",), silent=("never.example", "gone.example")
)

PRIVACY_SAMPLES: Final[dict[str, View]] = {
    "privacy": PrivacyView(
        consents=(
            ConsentView(what="To be listed in the directory", since=NOW, version="2026-01-02"),
            ConsentView(what="To be known to partner schools", since=NOW, until=NOW + timedelta(days=3)),
        ),
        looks=(LookView(what="Your account", at=NOW, person=INES), LookView(what="Your dues", at=NOW)),
        changes=(ChangeView(what="The association let you in", at=NOW),),
    ),
    "privacy-none": PrivacyView(),
    "privacy-export": ExportView(
        asked_at=NOW, link="/settings/export/7.zip", size=12_345_678, ends_at=NOW + timedelta(days=7), may_ask=False
    ),
    "privacy-export-none": ExportView(),
    "privacy-export-waits": ExportView(
        asked_at=NOW, may_ask=False, faults=(Fault(message="You can ask for a copy once a day."),)
    ),
    "privacy-register": RegisterView(
        association="Harbour Academy Alumni",
        contact_email="board@harbour.example",
        rows=(
            ProcessingView(
                what="Accounts",
                data="Name",
                why="The contract of membership",
                who="Staff",
                kept="As long as the account",
            ),
        ),
        has_policy=True,
    ),
    "data": DataView(
        files=(
            FileView(id=3, what="Dues of members", rows=250, at=NOW, person=INES),
            FileView(id=2, what="Roster", rows=9, at=NOW),
        ),
        older="/staff/data?before=2",
        erasures=(_GONE, ErasureView(number=5, at=NOW, told=3)),
        kinds=KINDS,
        asked=AskedView(kind="token", which="12", since="2026-11-01"),
        faults=(Fault(message="Nothing of this kind is known. Please look at what you wrote.", field="which"),),
    ),
    "data-none": DataView(kinds=KINDS),
    "touched": TouchedView(
        asked=AskedView(kind="export", which="3"), rows=(TouchedRow(person=INES, why=("a file held their data",)),)
    ),
    "touched-none": TouchedView(asked=AskedView(kind="partner", which="quays.example")),
    "erased": ErasedView(erasure=_GONE),
}
