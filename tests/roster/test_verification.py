# SPDX-License-Identifier: AGPL-3.0-or-later
"""The states of a verification: every verb from every state, what time and the second try do."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.kernel.errors import Conflict
from node.roster.verification import SETTLED, SILENCE, State, Verb, Verification, after

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
# One line per state: verb->state; what is not here is refused and changes nothing.
TABLE = """
open: auto_match->verified; to_review->review; vouch->open,verified
review: vouch->review,verified; approve->verified; refuse->refused; ask_more->info_needed
info_needed: answer->review; silence->lapsed
refused: appeal->review
lapsed: appeal->review
verified: revoke->revoked
"""
LEADS = {
    (State(state), Verb(verb)): [State(target) for target in targets.split(",")]
    for line in TABLE.strip().splitlines()
    for state, rest in [line.split(": ")]
    for verb, targets in [step.split("->") for step in rest.split("; ")]
}


@pytest.mark.parametrize("verb", Verb)
@pytest.mark.parametrize("state", State)
def test_what_leads_where(state, verb):
    before = Verification(state=state, since=NOW - SILENCE)
    targets = LEADS.get((state, verb))
    if (state, verb) in SETTLED:
        assert targets is None
        assert after(before, verb, NOW) is before
    elif targets is None:
        with pytest.raises(Conflict):
            after(before, verb, NOW)
    else:
        assert after(before, verb, NOW).state is targets[0]
        assert after(before, verb, NOW, enough=True).state is targets[-1]


def test_silence_takes_thirty_days():
    asked = Verification(state=State.INFO_NEEDED, since=NOW)

    with pytest.raises(Conflict):
        after(asked, Verb.SILENCE, NOW + SILENCE - timedelta(seconds=1))
    assert after(asked, Verb.SILENCE, NOW + SILENCE).state is State.LAPSED


@given(st.lists(st.sampled_from(list(Verb)), max_size=25))
def test_whatever_happens_one_appeal_is_all_and_time_says_since_when(verbs):
    stands, appeals = Verification(state=State.OPEN, since=NOW), 0
    now = NOW
    for verb in verbs:
        now += SILENCE
        try:
            then = after(stands, verb, now)
        except Conflict:
            continue
        appeals += verb is Verb.APPEAL
        assert then is stands or (then.since == now and then.state is not stands.state)
        stands = then
    assert appeals <= 1
    assert stands.appealed == (appeals == 1)
