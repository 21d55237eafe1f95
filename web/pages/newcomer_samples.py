# SPDX-License-Identifier: AGPL-3.0-or-later
"""Invented content for the pages of newcomers."""

from typing import Final

from web.pages.newcomer_views import (
    NewcomersView,
    SignUpStandingView,
    VerificationView,
    VouchedView,
    VouchFormView,
    WaitingView,
    WelcomeView,
)
from web.pages.samples import INES, MARGUERITE, NOW, SAM
from web.pages.views import Fault, View, VouchView

_VOUCH: Final = VouchView(
    by="Marguerite", how="We were in the same class", text="She sat behind me for three years.", same_class=True
)
_WAITING: Final = WaitingView(name="Inês Duarte", class_year=2004, path="/people/newcomers/abc")
_ACTION: Final = "/sign-up/answer/abc"

NEWCOMER_SAMPLES: Final[dict[str, View]] = {
    "sign-up-standing": SignUpStandingView(
        name="Inês Duarte",
        action=_ACTION,
        state="open",
        may_claim=True,
        may_delete=True,
        vouching=True,
        link="https://alumni.example/people/newcomers/abc",
        vouches=(_VOUCH,),
    ),
    "sign-up-standing-asked": SignUpStandingView(
        name="Inês Duarte",
        action=_ACTION,
        state="info_needed",
        said="Which programme were you in?",
        may_answer=True,
        may_delete=True,
        faults=(Fault(message="Please write something.", field="words"),),
    ),
    "sign-up-standing-refused": SignUpStandingView(
        name="Inês Duarte",
        action=_ACTION,
        state="refused",
        said="Nobody of this name was at the school.",
        answer="I had another name in those days.",
        may_appeal=True,
        may_delete=True,
    ),
    "sign-up-standing-in": SignUpStandingView(name="Inês Duarte", action=_ACTION, state="verified"),
    "newcomers": NewcomersView(
        people=(_WAITING, WaitingView(name="Sam", class_year=2004, path="/people/newcomers/def", vouched=True)),
        class_year=2004,
    ),
    "newcomers-none": NewcomersView(people=()),
    "vouch": VouchFormView(
        newcomer=_WAITING,
        ways=(("classmate", "We were in the same class"), ("other", "Otherwise")),
        how_known="other",
        faults=(Fault(message="Please write at most 200 characters.", field="text"),),
    ),
    "verification": VerificationView(
        person=INES,
        state="Verified",
        how="because others vouched for them",
        since=NOW,
        by=MARGUERITE,
        vouches=(_VOUCH,),
        vouched_for=(VouchedView(person=SAM, when=NOW),),
        may_revoke=True,
        may_give_roles=True,
    ),
    "welcome": WelcomeView(
        may_tell=True,
        tell=True,
        name="Inês",
        listings=(
            ("nobody", "Nobody but my contacts", "You stand in no list, and no search finds you."),
            ("class", "My class", "Those of your class see your name and class in the list."),
        ),
        modes=(("open", "Anyone on the Fediverse", "No line of your profile leaves this network."),),
        mode="open",
        faults=(Fault(message="Please tick that you want your profile to be for anyone.", field="sure"),),
    ),
}
