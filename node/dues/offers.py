# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whom something to pay is for, when it is offered, and what comes with it. Pure.

Some of it can be worked out from the class year; the rest a member declares, and the treasurer believes it or not. What
the treasurer writes down themselves is for whomever they say.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from node.dues.rules import Period, Price, Terms
from node.kernel.errors import Conflict, Invalid
from node.kernel.i18n import marked
from node.kernel.text import clean_line

MAX_BENEFITS: Final = 10
MAX_BENEFIT: Final = 200


class Audience(StrEnum):
    """For whom a plan is. `young`: for some years after one's class year; `honorary`: the association alone says who."""

    EVERYBODY = "everybody"
    STUDENT = "student"
    YOUNG = "young"
    JOB_SEEKER = "job_seeker"
    COUPLE = "couple"
    RETIRED = "retired"
    HONORARY = "honorary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What is said of a plan beside its price. `young_years` is for `young`; the days are the first and the last.

    A `gift` is given without anything in return: it buys no time, and has receipts of its own (see `gifts`).
    """

    for_whom: str = ""
    audience: Audience = Audience.EVERYBODY
    young_years: int = 2
    benefits: tuple[str, ...] = ()
    active_from: date | None = None
    active_to: date | None = None
    gift: bool = False

    def is_on(self, day: date) -> bool:
        """Whether it is offered on a day."""
        return (self.active_from is None or self.active_from <= day) and (
            self.active_to is None or day <= self.active_to
        )


EVERYBODY: Final = Offer()


def checked(offer: Offer, terms: Terms) -> Offer:
    """The same, tidied. Raises Invalid."""
    if not 1 <= offer.young_years <= 20:
        raise Invalid(marked("Please give a number of years from 1 to 20."), field="young_years")
    if offer.active_from is not None and offer.active_to is not None and offer.active_to < offer.active_from:
        raise Invalid(marked("The last day is before the first."), field="active_to")
    benefits = tuple(line for text in offer.benefits if (line := clean_line(text, MAX_BENEFIT)))
    if len(benefits) > MAX_BENEFITS:
        raise Invalid(marked("Please write at most ten lines."), field="benefits")
    if offer.gift and benefits:
        raise Invalid(marked("Nothing comes with a gift: then it would be none."), field="benefits")
    if offer.gift and (terms.period is not Period.ONCE or terms.price is not Price.FREE):
        raise Invalid(marked("A gift is paid once, and as everybody likes."), field="period")
    if offer.gift and offer.audience is not Audience.EVERYBODY:
        raise Invalid(marked("A gift is for everybody to give."), field="audience")
    return replace(offer, for_whom=clean_line(offer.for_whom, 300), benefits=benefits)


def fits(offer: Offer, class_year: int | None, day: date) -> bool | None:
    """Whether a plan is for somebody of this class, as far as that can be known; None where they have to say so."""
    match offer.audience:
        case Audience.EVERYBODY | Audience.COUPLE:
            return True
        case Audience.YOUNG if class_year is not None:
            return day.year - class_year <= offer.young_years
        case Audience.STUDENT if class_year is not None and class_year > day.year:
            return True
        case Audience.HONORARY:
            return False
        case _:
            return None


def check_fits(offer: Offer, class_year: int | None, day: date, *, declared: bool, partnered: bool) -> None:
    """Whether a member may say that they have paid this.

    Raises:
        Conflict: it is not offered on that day.
        Invalid: it is not for them, or they have not said that it is, or a couple is none yet.
    """
    if not offer.is_on(day):
        raise Conflict(marked("This can no longer be paid."))
    fit = fits(offer, class_year, day)
    if fit is False:
        raise Invalid(
            marked("This is not for your class, or not for you to choose. Please ask the treasurer."), field="plan"
        )
    if fit is None and not declared:
        raise Invalid(marked("Please say that this is for somebody like you."), field="declared")
    check_couple(offer, partnered=partnered)


def check_couple(offer: Offer, *, partnered: bool) -> None:
    """Raises Invalid for a couple's plan where the other has not agreed yet."""
    if offer.audience is Audience.COUPLE and not partnered:
        raise Invalid(marked("A couple pays this: first both have to say that they pay together."), field="plan")
