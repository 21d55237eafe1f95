# SPDX-License-Identifier: AGPL-3.0-or-later
"""Invented content for the pages of contacts."""

from typing import Final

from web.pages.contact_views import (
    ContactAskView,
    ContactSettingsView,
    ContactsView,
    ContactView,
    ContactWaysView,
    GrantView,
    RequestView,
    TagView,
)
from web.pages.samples import INES, MARGUERITE, NOW, SAM
from web.pages.views import Fault, StepView, View, WaysView

_GRANTS: Final = (
    GrantView(field="email", label="Your e-mail address", ticked=True),
    GrantView(field="phone", label="Your phone number"),
    GrantView(field="address", label="Your postal address", is_empty=True),
)

CONTACT_SAMPLES: Final[dict[str, View]] = {
    "contacts": ContactsView(
        waiting=(RequestView(person=INES, asked_at=NOW, message="Do you remember the choir?", how_met="Choir"),),
        asked=(RequestView(person=SAM, asked_at=NOW),),
        people=(MARGUERITE,),
        tagged=(("Choir",),),
        heard=(NOW.date(),),
        other_order="/contacts?order=heard",
        tags=(TagView(name="Choir", count=1, path="/contacts?tag=Choir"),),
        grants=_GRANTS,
        count=1,
    ),
    "contacts-tag": ContactsView(tag="Rowing", tags=(TagView(name="Choir", count=1, path="/contacts?tag=Choir"),)),
    "contact": ContactView(
        person=MARGUERITE,
        given=(("E-mail address", "marguerite@mail.example"), ("Postal address", "1 Quay Road\nHarbour")),
        grants=_GRANTS,
        note="Sings alto",
        tags="Choir, Lyon",
        last_contact="2026-05-01",
        muted=True,
        faults=(Fault(message="At most ten tags.", field="tags"),),
    ),
    "contact-none-given": ContactView(person=SAM, grants=_GRANTS),
    "contact-ways": ContactWaysView(
        person=SAM,
        ways=WaysView(between=2, steps=(StepView(person=INES, then_class=1982), StepView(person=MARGUERITE))),
    ),
    "contact-ways-one": ContactWaysView(person=SAM, ways=WaysView(between=1, steps=(StepView(person=INES),))),
    "contact-ways-none": ContactWaysView(person=SAM, ways=WaysView()),
    "contact-settings": ContactSettingsView(
        phone="+33 1 23",
        address="1 Quay Road\nHarbour",
        birthday="14 March",
        link_visibility="contacts",
        link_choices=(
            ("contacts", "Yes, and my contacts read my name"),
            ("nobody", "No, and my contacts lead to nobody"),
        ),
        show_path_to_me="school",
        accept_from="class",
        accept_choices=(("school", "All members"), ("class", "My class")),
        path_choices=(("school", "All members"), ("nobody", "Nobody")),
        faults=(Fault(message="This is too long.", field="phone"),),
    ),
    "contacts-none": ContactsView(),
    "contacts-by-day": ContactsView(
        people=(MARGUERITE,), tagged=((),), heard=(None,), by_day=True, other_order="/contacts"
    ),
    "contact-ask": ContactAskView(
        person=INES,
        message="Hello",
        grants=_GRANTS,
        faults=(Fault(message="Please write at most 500 characters.", field="message"),),
    ),
}
