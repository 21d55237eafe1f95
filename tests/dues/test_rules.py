# SPDX-License-Identifier: AGPL-3.0-or-later
"""How long dues hold, how somebody stands on a day, and what may become of a payment."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.dues import rules
from node.dues.rules import (
    FOR_LIFE,
    Ending,
    Paid,
    PaymentState,
    Period,
    Price,
    Status,
    Step,
    Terms,
    Verb,
    after,
    covered,
    months_later,
    paying,
    status_on,
)
from node.kernel.errors import Conflict, Invalid, NotAllowed

ROLLING = Terms(amount=3000)
YEAR = Terms(amount=3000, period=Period.YEAR, begins_month=9, begins_day=1, rolls_month=6, rolls_day=1)
PLAIN_YEAR = Terms(amount=3000, period=Period.YEAR)

TABLE = {
    (PaymentState.ANNOUNCED, Verb.CONFIRM): PaymentState.CONFIRMED,
    (PaymentState.ANNOUNCED, Verb.REJECT): PaymentState.REJECTED,
    (PaymentState.ANNOUNCED, Verb.EXPIRE): PaymentState.REJECTED,
    (PaymentState.CONFIRMED, Verb.REFUND): PaymentState.REFUNDED,
    (PaymentState.CONFIRMED, Verb.CANCEL): PaymentState.CANCELLED,
    # Said twice: nothing more happens.
    (PaymentState.CONFIRMED, Verb.CONFIRM): PaymentState.CONFIRMED,
    (PaymentState.REJECTED, Verb.REJECT): PaymentState.REJECTED,
    (PaymentState.REJECTED, Verb.EXPIRE): PaymentState.REJECTED,
    (PaymentState.REFUNDED, Verb.REFUND): PaymentState.REFUNDED,
    (PaymentState.CANCELLED, Verb.CANCEL): PaymentState.CANCELLED,
}


def on(text):
    return date.fromisoformat(text)


def until(terms, *payments):
    return covered(terms, [Paid(amount, on(day), terms.amount) for amount, day in payments]).until


@pytest.mark.parametrize("verb", Verb)
@pytest.mark.parametrize("state", PaymentState)
def test_what_leads_where(state, verb):
    if (state, verb) in TABLE:
        assert after(state, verb) is TABLE[state, verb]
    else:
        with pytest.raises(Conflict):
            after(state, verb)


@pytest.mark.parametrize(
    ("paid", "expected"),
    [
        ([(3000, "2026-01-10")], "2027-01-09"),
        # Before the end it is added to it, after the end it counts from the day of paying.
        ([(3000, "2026-01-10"), (3000, "2026-12-24")], "2028-01-09"),
        ([(3000, "2026-01-10"), (3000, "2027-03-01")], "2028-02-29"),
        ([(6000, "2026-01-10")], "2028-01-09"),
        ([(1000, "2026-01-10")], None),
        ([(1000, "2026-01-10"), (2000, "2026-02-10")], "2027-02-09"),
        ([(4500, "2026-01-10"), (1500, "2026-05-01")], "2028-01-09"),
        # Recorded late: the day of the older payment takes nothing away.
        ([(3000, "2026-03-01"), (3000, "2026-01-01")], "2028-02-29"),
    ],
)
def test_rolling_months(paid, expected):
    assert until(ROLLING, *paid) == (on(expected) if expected else None)


@pytest.mark.parametrize(
    ("terms", "paid", "expected"),
    [
        (PLAIN_YEAR, [(3000, "2026-11-25")], "2026-12-31"),
        (PLAIN_YEAR, [(3000, "2026-11-25"), (3000, "2026-12-01")], "2027-12-31"),
        (YEAR, [(3000, "2026-05-31")], "2026-08-31"),
        (YEAR, [(3000, "2026-06-01")], "2027-08-31"),
        (YEAR, [(3000, "2026-09-01")], "2027-08-31"),
        # Paid for already: the next one, and not the one after it.
        (YEAR, [(3000, "2026-01-01"), (3000, "2026-06-10")], "2027-08-31"),
        (YEAR, [(6000, "2026-06-01")], "2028-08-31"),
        (YEAR, [(1500, "2026-05-31"), (1500, "2026-06-01")], "2027-08-31"),
    ],
)
def test_the_associations_year(terms, paid, expected):
    assert until(terms, *paid) == on(expected)


def test_for_life_and_once():
    assert until(Terms(amount=30000, period=Period.LIFE), (10000, "2026-01-01"), (20000, "2026-02-01")) == FOR_LIFE
    assert until(Terms(amount=1000, period=Period.ONCE), (1000, "2026-01-01")) is None


def test_who_gives_more_of_a_free_amount_buys_no_more_time():
    free = Terms(amount=1000, price=Price.FREE)
    assert until(free, (50000, "2026-01-10")) == on("2027-01-09")
    assert until(free, (400, "2026-01-10")) is None


def test_a_sliding_price_rises_with_the_age_of_the_class():
    sliding = Terms(amount=3000, price=Price.SLIDING, steps=(Step(2, 1000), Step(5, 2000)))
    rules.check_terms(sliding)
    paid = {year: sliding.price_for(year, on("2026-11-25")) for year in (2028, 2026, 2024, 2023, 2021, 2020, None)}
    assert paid == {2028: 1000, 2026: 1000, 2024: 1000, 2023: 2000, 2021: 2000, 2020: 3000, None: 3000}
    # Two years at once, and a part at another price than the rest.
    assert covered(sliding, [Paid(2000, on("2026-01-10"), 1000)]).until == on("2028-01-09")
    assert covered(sliding, [Paid(500, on("2026-01-10"), 1000), Paid(1000, on("2026-03-01"), 2000)]).until == on(
        "2027-02-28"
    )


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [("2026-01-31", 1, "2026-02-28"), ("2028-01-31", 1, "2028-02-29"), ("2026-12-15", 12, "2027-12-15")],
)
def test_months_end_where_the_month_ends(start, months, expected):
    assert months_later(on(start), months) == on(expected)


terms_of_any_kind = st.builds(
    Terms,
    price=st.sampled_from(Price),
    amount=st.integers(100, 10000),
    period=st.sampled_from(Period),
    months=st.integers(1, 36),
    begins_month=st.integers(1, 12),
    begins_day=st.integers(1, 28),
    rolls_month=st.none() | st.integers(1, 12),
    rolls_day=st.integers(1, 28),
)
payments_of_any_kind = st.lists(
    st.builds(
        Paid,
        amount=st.integers(1, 30000),
        paid_on=st.dates(date(2020, 1, 1), date(2035, 12, 31)),
        price=st.integers(100, 10000),
    ),
    max_size=8,
)


@given(terms_of_any_kind, payments_of_any_kind)
def test_one_more_payment_never_takes_a_day_away(terms, payments):
    cover = rules.NOTHING
    for payment in payments:
        more = paying(terms, cover, payment)
        assert (more.until or date.min) >= (cover.until or date.min)
        assert 0 <= more.rest < 1
        if more.until != cover.until:
            assert more.covers_from is not None
            assert more.covers_from <= more.until
            assert cover.until is None or more.covers_from > cover.until or more.until == FOR_LIFE
        cover = more
    assert cover == covered(terms, payments)


@given(st.integers(1, 8), st.dates(date(2020, 1, 1), date(2035, 12, 31)))
def test_parts_come_to_the_same_as_the_whole(parts, day):
    whole = covered(ROLLING, [Paid(3000, day, 3000)])
    assert covered(ROLLING, [Paid(1, day, parts) for _ in range(parts)]) == whole
    assert whole.rest == Fraction(0)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-01-01", Status.CURRENT),
        ("2026-11-30", Status.CURRENT),
        ("2026-12-01", Status.DUE_SOON),
        ("2026-12-31", Status.DUE_SOON),
        ("2027-01-01", Status.GRACE),
        ("2027-03-01", Status.GRACE),
        ("2027-03-02", Status.LAPSED),
        ("2029-03-01", Status.LAPSED),
        ("2029-03-02", Status.DORMANT),
    ],
)
def test_how_somebody_stands_on_a_day(day, expected):
    assert status_on(on(day), paid_until=on("2026-12-31")) is expected


def test_who_need_not_pay_and_who_is_a_member_no_more():
    day = on("2026-06-01")
    assert status_on(day, paid_until=None) is Status.NEVER
    assert status_on(day, paid_until=None, exempt=True) is Status.EXEMPT
    assert status_on(day, paid_until=None, exempt=True, exempt_until=day) is Status.EXEMPT
    assert status_on(day, paid_until=None, exempt=True, exempt_until=day - timedelta(days=1)) is Status.NEVER
    assert status_on(day, paid_until=FOR_LIFE, ended=Ending.RESIGNED) is Status.ENDED
    assert status_on(day, paid_until=FOR_LIFE, ended=Ending.DECEASED) is Status.DECEASED
    assert status_on(FOR_LIFE, paid_until=FOR_LIFE) is Status.DUE_SOON


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (Terms(amount=0), "amount"),
        (Terms(amount=100, months=0), "months"),
        (Terms(amount=100, grace_days=-1), "grace_days"),
        (Terms(amount=100, period=Period.YEAR, begins_month=2, begins_day=29), "begins"),
        (Terms(amount=100, period=Period.YEAR, rolls_month=13, rolls_day=1), "rolls"),
        (Terms(amount=100, price=Price.SLIDING), "steps"),
        (Terms(amount=100, steps=(Step(2, 50),)), "steps"),
        (Terms(amount=100, price=Price.SLIDING, steps=(Step(2, 50), Step(2, 60))), "steps"),
        (Terms(amount=100, price=Price.SLIDING, steps=(Step(2, 50), Step(5, 40))), "steps"),
        (Terms(amount=100, price=Price.SLIDING, steps=(Step(2, 200),)), "steps"),
        (Terms(amount=100, price=Price.SLIDING, steps=(Step(2, 0),)), "steps"),
    ],
)
def test_terms_that_say_nothing_are_refused(terms, field):
    with pytest.raises(Invalid) as refusal:
        rules.check_terms(terms)
    assert refusal.value.field == field


def test_amounts_and_days_have_bounds():
    today = on("2026-11-25")
    for amount in (0, -1, 10 * 3000 + 1, rules.MAX_AMOUNT + 1):
        with pytest.raises(Invalid) as refusal:
            rules.check_amount(ROLLING, amount, 3000)
        assert (refusal.value.field, refusal.value.code) == ("amount", "E_AMOUNT")
    rules.check_amount(ROLLING, 30000, 3000)
    rules.check_amount(Terms(amount=100, price=Price.FREE), 500000, 100)
    for day in ("2026-11-26", "2020-01-01"):
        with pytest.raises(Invalid):
            rules.check_day(on(day), today)
    rules.check_day(today, today)


def test_dues_are_for_their_keepers():
    for roles in ({"treasurer"}, {"member", "admin"}):
        rules.check_keeper(roles)
    for roles in (set(), {"member", "secretary"}, {"moderator", "board"}):
        with pytest.raises(NotAllowed):
            rules.check_keeper(roles)


def test_everybody_has_a_word_of_their_own_for_transfers():
    words = {rules.reference_of(number) for number in range(500)}
    assert len(words) == 500
    assert rules.reference_of(7) == rules.reference_of(7)
    assert all(len(word) == 9 and word.isascii() and not set("OI01") & set(word) for word in words)
