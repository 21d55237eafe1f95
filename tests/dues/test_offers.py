# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whom something to pay is for, and when it is offered."""

from datetime import date, timedelta

import pytest

from node.dues import offers
from node.dues.offers import Audience, Offer, fits
from node.dues.rules import Period, Price, Terms
from node.kernel.errors import Conflict, Invalid

TODAY = date(2026, 11, 25)
GIFT = Terms(amount=100, price=Price.FREE, period=Period.ONCE)


@pytest.mark.parametrize(
    ("audience", "class_year", "expected"),
    [
        (Audience.EVERYBODY, None, True),
        (Audience.COUPLE, 1998, True),
        (Audience.YOUNG, 2027, True),
        (Audience.YOUNG, 2024, True),
        (Audience.YOUNG, 2023, False),
        (Audience.YOUNG, None, None),
        (Audience.STUDENT, 2027, True),
        (Audience.STUDENT, 2026, None),
        (Audience.STUDENT, None, None),
        (Audience.JOB_SEEKER, 1998, None),
        (Audience.RETIRED, 2025, None),
        (Audience.HONORARY, 1998, False),
    ],
)
def test_whom_a_plan_is_for(audience, class_year, expected):
    offer = Offer(audience=audience)
    assert fits(offer, class_year, TODAY) is expected
    for declared in (False, True):
        if expected or (expected is None and declared):
            offers.check_fits(offer, class_year, TODAY, declared=declared, partnered=True)
        else:
            with pytest.raises(Invalid) as refusal:
                offers.check_fits(offer, class_year, TODAY, declared=declared, partnered=True)
            assert refusal.value.field == ("plan" if expected is False else "declared")


def test_a_couple_pays_once_both_have_said_so():
    with pytest.raises(Invalid):
        offers.check_fits(Offer(audience=Audience.COUPLE), 1998, TODAY, declared=False, partnered=False)


def test_a_plan_is_offered_from_its_first_to_its_last_day():
    offer = Offer(active_from=TODAY, active_to=TODAY)
    offers.check_fits(offer, None, TODAY, declared=False, partnered=False)
    for day in (TODAY - timedelta(days=1), TODAY + timedelta(days=1)):
        with pytest.raises(Conflict):
            offers.check_fits(offer, None, day, declared=False, partnered=False)


@pytest.mark.parametrize(
    ("offer", "terms", "field"),
    [
        (Offer(young_years=0), GIFT, "young_years"),
        (Offer(active_from=TODAY, active_to=TODAY - timedelta(days=1)), GIFT, "active_to"),
        (Offer(benefits=("x",) * 11), GIFT, "benefits"),
        (Offer(gift=True, benefits=("A magazine",)), GIFT, "benefits"),
        (Offer(gift=True), Terms(amount=100), "period"),
        (Offer(gift=True, audience=Audience.RETIRED), GIFT, "audience"),
    ],
)
def test_an_offer_that_makes_no_sense_is_refused(offer, terms, field):
    with pytest.raises(Invalid) as refusal:
        offers.checked(offer, terms)
    assert refusal.value.field == field


def test_an_offer_is_tidied():
    said = offers.checked(Offer(for_whom=" The  young ", benefits=(" A magazine ", "")), Terms(amount=100))
    assert (said.for_whom, said.benefits) == ("The young", ("A magazine",))
