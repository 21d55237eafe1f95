# SPDX-License-Identifier: AGPL-3.0-or-later
"""Invented content for the pages of contacts."""

from typing import Final

from web.pages.contact_views import ContactAskView, ContactsView, RequestView
from web.pages.samples import INES, MARGUERITE, NOW, SAM
from web.pages.views import Fault, View

CONTACT_SAMPLES: Final[dict[str, View]] = {
    "contacts": ContactsView(
        waiting=(RequestView(person=INES, asked_at=NOW, message="Do you remember the choir?", how_met="Choir"),),
        asked=(RequestView(person=SAM, asked_at=NOW),),
        people=(MARGUERITE,),
        count=1,
    ),
    "contacts-none": ContactsView(),
    "contact-ask": ContactAskView(
        person=INES, message="Hello", faults=(Fault(message="Please write at most 500 characters.", field="message"),)
    ),
}
