# SPDX-License-Identifier: AGPL-3.0-or-later
"""What may stand on a profile, and every step that something sought or offered may take or not take."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from node.kernel.errors import Conflict, Invalid, TooMany
from node.profiles import rules
from node.profiles.rules import Ask, Career, Education, Facts, FederationMode, Kind, Label, Listing, State, Verb

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)

TABLE = """
draft: publish->open
open: pause->paused; fulfil->fulfilled; expire->expired
paused: resume->open; fulfil->fulfilled; expire->expired
expired: renew->open; fulfil->fulfilled
fulfilled:
"""
STEPS = {
    (State(state), Verb(step.split("->")[0].strip())): State(step.split("->")[1].strip())
    for state, steps in (line.split(":") for line in TABLE.strip().splitlines())
    for step in steps.split(";")
    if step.strip()
}
ALREADY = {
    (State.OPEN, Verb.PUBLISH),
    (State.OPEN, Verb.RESUME),
    (State.OPEN, Verb.RENEW),
    (State.PAUSED, Verb.PAUSE),
    (State.FULFILLED, Verb.FULFIL),
    (State.EXPIRED, Verb.EXPIRE),
}


@pytest.mark.parametrize(("state", "verb"), list(itertools.product(State, Verb)))
def test_every_step_goes_where_the_table_says_or_nowhere(state, verb):
    if (state, verb) in STEPS:
        assert rules.after(state, verb) is STEPS[state, verb]
    elif (state, verb) in ALREADY:
        assert rules.after(state, verb) is state
    else:
        with pytest.raises(Conflict):
            rules.after(state, verb)


def test_what_has_run_out_is_over_before_the_clock_is_heard():
    for state, then in ((State.OPEN, State.EXPIRED), (State.PAUSED, State.EXPIRED), (State.FULFILLED, State.FULFILLED)):
        assert rules.state_at(state, NOW, NOW) is then
        assert rules.state_at(state, NOW + timedelta(seconds=1), NOW) is state


def test_an_end_is_within_half_a_year():
    assert rules.check_end(None, NOW) == NOW + timedelta(days=90)
    assert rules.check_end(NOW + timedelta(days=180), NOW) == NOW + timedelta(days=180)
    for wrong in (NOW, NOW - timedelta(days=1), NOW + timedelta(days=181)):
        with pytest.raises(Invalid):
            rules.check_end(wrong, NOW)


def test_the_limits_are_those_of_the_rules():
    rules.check_opens(Kind.SEEK, 4)
    rules.check_opens(Kind.OFFER, 9)
    rules.check_published(2)
    rules.check_renewals(3)
    for refused in (
        lambda: rules.check_opens(Kind.SEEK, 5),
        lambda: rules.check_opens(Kind.OFFER, 10),
        lambda: rules.check_published(3),
        lambda: rules.check_renewals(4),
    ):
        with pytest.raises(TooMany):
            refused()


@pytest.mark.parametrize(
    ("kind", "details", "field"),
    [
        (Kind.EDUCATION, Education(school=" "), "school"),
        (Kind.EDUCATION, Education(school="x" * 121), "school"),
        (Kind.EDUCATION, Education(school="A", class_year=1899), "class_year"),
        (Kind.EDUCATION, Education(school="A", class_year=NOW.year + 9), "class_year"),
        (Kind.EDUCATION, Education(school="A", entry_year=2004, exit_year=2001), "exit_year"),
        (Kind.EDUCATION, Education(school="A", degree="wizardry"), "degree"),
        (Kind.EDUCATION, Education(school="A", status="dean"), "status"),
        (Kind.CAREER, Career(employer=""), "employer"),
        (Kind.CAREER, Career(employer="A", since="2019"), "since"),
        (Kind.CAREER, Career(employer="A", since="2019-13"), "since"),
        (Kind.CAREER, Career(employer="A", since="2019-03", until="2019-02"), "until"),
        (Kind.CAREER, Career(employer="A", country="France"), "country"),
        (Kind.CAREER, Career(employer="A", description="x" * 601), "description"),
        (Kind.SKILL, Label(label=""), "label"),
        (Kind.INTEREST, Label(label="x" * 41), "label"),
        (Kind.SEEK, Ask(text="Too short"), "text"),
        (Kind.OFFER, Ask(text="x" * 201), "text"),
        (Kind.OFFER, Ask(text="x" * 20, category="anything"), "category"),
        (Kind.OFFER, Ask(text="x" * 20, tags=("a", "b", "c", "d", "e", "f")), "tags"),
        (Kind.OFFER, Ask(text="x" * 20, tags=("two words",)), "tags"),
    ],
)
def test_what_cannot_stand_there_is_refused_with_its_field(kind, details, field):
    with pytest.raises(Invalid) as refusal:
        rules.check(kind, details, NOW)
    assert refusal.value.field == field


def test_an_entry_is_tidied_and_comes_back_as_it_was_kept():
    for kind, said, kept in (
        (Kind.EDUCATION, Education(school=" École  des Quais "), Education(school="École des Quais")),
        (Kind.CAREER, Career(employer="Quays", country="fr"), Career(employer="Quays", country="FR")),
        (Kind.SKILL, Label(label="Rust\u202e"), Label(label="Rust")),
        (
            Kind.SEEK,
            Ask(text="A flat in Lyon", tags=("#Lyon", "lyon", " ")),
            Ask(text="A flat in Lyon", tags=("lyon",)),
        ),
    ):
        checked = rules.check(kind, said, NOW)
        assert checked == kept
        assert rules.from_json(kind, rules.to_json(checked) | {"of a later version": 1}) == kept


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        (Facts(given_name="x" * 61), "given_name"),
        (Facts(headline="x" * 121), "headline"),
        (Facts(country="FRA"), "country"),
        (Facts(languages=(("French", "native"),)), "languages"),
        (Facts(languages=(("fr", "well"),)), "languages"),
        (Facts(languages=(("fr", "native"), ("fr", "basic"))), "languages"),
        (Facts(languages=tuple((f"a{letter}", "basic") for letter in "abcdefghi")), "languages"),
    ],
)
def test_facts_have_their_limits(facts, field):
    with pytest.raises(Invalid) as refusal:
        rules.checked(facts)
    assert refusal.value.field == field


def test_the_mode_is_a_cap_and_no_answer_is_partners():
    for level in range(6):
        assert rules.effective(level, None) == min(level, 4)
        assert rules.effective(level, FederationMode.LOCAL) == min(level, 3)
        assert rules.effective(level, FederationMode.PARTNERS) == min(level, 4)
        assert rules.effective(level, FederationMode.OPEN) == level
    assert [listing.level for listing in Listing] == [1, 2, 3, 4]
    for wrong in (None, -1, 6):
        with pytest.raises(Invalid):
            rules.check_level(wrong)
