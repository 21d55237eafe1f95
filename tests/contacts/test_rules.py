# SPDX-License-Identifier: AGPL-3.0-or-later
"""The states of a contact: every verb from every state, by either side, and what time does."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.contacts.rules import AGAIN, ENDS, NONE, Standing, State, Verb, after
from node.kernel.errors import Conflict

A, B = 1, 2
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
LONG = timedelta(days=1)


def stands(state, asker=A, ago=LONG):
    return NONE if state is State.NONE else Standing(state, asker, NOW - ago)


# (state, verb, by the one who asked) -> state; what is not here is refused and changes nothing.
TABLE = {
    (State.NONE, Verb.ASK, True): State.REQUESTED,
    (State.NONE, Verb.ASK, False): State.REQUESTED,
    (State.NONE, Verb.WITHDRAW, True): State.NONE,
    (State.NONE, Verb.WITHDRAW, False): State.NONE,
    (State.NONE, Verb.REMOVE, True): State.NONE,
    (State.NONE, Verb.REMOVE, False): State.NONE,
    (State.REQUESTED, Verb.ASK, True): State.REQUESTED,
    (State.REQUESTED, Verb.ASK, False): State.CONFIRMED,
    (State.REQUESTED, Verb.ACCEPT, False): State.CONFIRMED,
    (State.REQUESTED, Verb.DECLINE, False): State.DECLINED,
    (State.REQUESTED, Verb.WITHDRAW, True): State.NONE,
    (State.DECLINED, Verb.ASK, True): State.DECLINED,
    (State.DECLINED, Verb.ASK, False): State.REQUESTED,
    (State.DECLINED, Verb.DECLINE, False): State.DECLINED,
    (State.DECLINED, Verb.WITHDRAW, True): State.DECLINED,
    (State.CONFIRMED, Verb.ASK, True): State.CONFIRMED,
    (State.CONFIRMED, Verb.ASK, False): State.CONFIRMED,
    (State.CONFIRMED, Verb.ACCEPT, True): State.CONFIRMED,
    (State.CONFIRMED, Verb.ACCEPT, False): State.CONFIRMED,
    (State.CONFIRMED, Verb.REMOVE, True): State.NONE,
    (State.CONFIRMED, Verb.REMOVE, False): State.NONE,
}


@pytest.mark.parametrize("by_asker", [True, False], ids=["asker", "asked"])
@pytest.mark.parametrize("verb", Verb)
@pytest.mark.parametrize("state", State)
def test_what_leads_where(state, verb, by_asker):
    who = A if by_asker else B
    expected = TABLE.get((state, verb, by_asker))
    if expected is None:
        with pytest.raises(Conflict):
            after(stands(state), verb, who, NOW)
    else:
        assert after(stands(state), verb, who, NOW).state is expected


def test_whoever_asks_after_declining_is_the_one_who_asks():
    assert after(stands(State.DECLINED), Verb.ASK, B, NOW) == Standing(State.REQUESTED, B, NOW)


@given(
    st.lists(
        st.tuples(st.sampled_from(list(Verb)), st.sampled_from([timedelta(), LONG, ENDS, AGAIN - LONG, AGAIN])),
        max_size=8,
    ),
)
def test_a_refusal_looks_like_no_answer_whatever_the_one_who_asked_does(steps):
    """Until 180 days after asking; then a refusal that was taken back and asked anew goes on being heard by nobody."""
    now = NOW
    open_ = after(NONE, Verb.ASK, A, now)
    refused = after(open_, Verb.DECLINE, B, now)
    for verb, wait in steps:
        now += wait
        outcomes = []
        for standing in (open_, refused):
            try:
                then, said = after(standing, verb, A, now), ""
            except Conflict as refusal:
                then, said = standing, refusal.message
            outcomes.append((then, said))
        (open_, heard), (refused, heard_too) = outcomes
        assert heard == heard_too
        assert open_.seen_by(A, now) == refused.seen_by(A, now)


def test_the_one_who_declined_sees_that_and_the_other_does_not():
    refused = stands(State.DECLINED)

    assert refused.seen_by(B, NOW).state is State.DECLINED
    assert refused.seen_by(A, NOW).state is State.REQUESTED
    taken_back = after(refused, Verb.WITHDRAW, A, NOW)
    assert taken_back.seen_by(A, NOW).state is State.NONE
    again = after(taken_back, Verb.ASK, A, NOW)
    assert (again.state, again.seen_by(A, NOW).state) == (State.DECLINED, State.REQUESTED)


@pytest.mark.parametrize("state", [State.REQUESTED, State.DECLINED])
def test_what_was_asked_ends_after_ninety_days_and_half_a_year_later_may_be_asked_again(state):
    over = stands(state, ago=ENDS)
    assert over.seen_by(A, NOW) == over.seen_by(B, NOW) == NONE
    assert after(over, Verb.ASK, B, NOW) == Standing(State.REQUESTED, B, NOW)
    for verb in (Verb.ACCEPT, Verb.DECLINE):
        with pytest.raises(Conflict):
            after(over, verb, B, NOW)
    with pytest.raises(Conflict):
        after(stands(state, ago=AGAIN - LONG), Verb.ASK, A, NOW)
    assert after(stands(state, ago=AGAIN), Verb.ASK, A, NOW) == Standing(State.REQUESTED, A, NOW)


@given(st.lists(st.tuples(st.sampled_from(list(Verb)), st.sampled_from([A, B])), max_size=30))
def test_a_contact_needs_both(steps):
    standing, willing = NONE, {A: False, B: False}
    for verb, who in steps:
        try:
            then = after(standing, verb, who, NOW)
        except Conflict:
            continue
        if verb in (Verb.ASK, Verb.ACCEPT):
            willing[who] = True
        elif then != standing:
            willing = dict.fromkeys(willing, False) if then.state is State.NONE else {**willing, who: False}
        standing = then
        if standing.state is State.CONFIRMED:
            assert all(willing.values())
