# SPDX-License-Identifier: AGPL-3.0-or-later
"""Corrections of the roster: who proposes what, who decides, and what an entry says then."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from node import roster
from node.kernel import audit, clock
from node.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from node.roster import proposals
from node.roster.proposals import ENDS, Field, State, Verb, after
from node.roster.tables import roster_addresses, roster_proposals
from tests.roster.test_missing import known, taken_for  # noqa: F401  # known is a fixture
from tests.support.builders import a_member


@pytest.fixture
def delegate(db):
    return a_member(db, "dele", roles=("member", "delegate"), class_year=1998)


@pytest.fixture
def secretary(db):
    return a_member(db, "sec", roles=("member", "secretary"))


def content(db, number):
    return next(one.content for one in db.read_now(roster.everybody) if one.id == number)


@pytest.mark.parametrize("verb", Verb)
@pytest.mark.parametrize("state", State)
def test_what_leads_where(state, verb):
    if state in (State.OPEN, ENDS[verb]):
        assert after(state, verb) is ENDS[verb]
    else:
        with pytest.raises(Conflict):
            after(state, verb)


def test_a_delegate_sees_their_own_class_alone(db, known, delegate):  # noqa: F811
    taken_for(db, a_member(db, "bo"), known["Bo"])

    found = db.read_now(proposals.class_list, delegate)

    assert [(one.entry.content.given_name, one.is_here) for one in found] == [
        ("Ana", False),
        ("Bo", True),
        ("Ed", False),
        ("Cy", False),
    ]
    with pytest.raises(NotFound):
        db.write_now(proposals.propose, delegate, known["Di"], Field.GIVEN_NAME, "Diana", "I know her.")
    for roles, year in ((("member",), 1998), (("member", "delegate"), None), (("member", "moderator"), 1998)):
        one = a_member(db, roles=roles, class_year=year)
        with pytest.raises(NotAllowed):
            db.read_now(proposals.class_list, one)
        with pytest.raises(NotAllowed):
            db.write_now(proposals.propose, one, known["Bo"], Field.GIVEN_NAME, "Beau", "I know him.")


@pytest.mark.parametrize(
    ("field", "value", "change"),
    [
        (Field.GIVEN_NAME, " Beau ", {"given_name": "Beau"}),
        (Field.FAMILY_NAME, "Durant", {"family_name": "Durant"}),
        (Field.BIRTH_FAMILY_NAME, "Petit", {"birth_family_name": "Petit"}),
        (Field.EMAIL, "Bo@mail.example", {"emails": ("Bo@mail.example",)}),
        (Field.DECEASED, "", {"deceased": True}),
        (Field.CLASS_YEAR, "1999", {"educations": 1999}),
        (Field.PROGRAMME, "Chimie", {"educations": "Chimie"}),
    ],
)
def test_what_is_accepted_stands_in_the_entry(db, known, delegate, secretary, field, value, change):  # noqa: F811
    before = content(db, known["Bo"])
    number = db.write_now(proposals.propose, delegate, known["Bo"], field, value, "We still meet.")
    assert content(db, known["Bo"]) == before
    assert [(one.id, entry.id) for one, entry in db.read_now(proposals.waiting)] == [(number, known["Bo"])]
    with pytest.raises(NotAllowed):
        db.write_now(proposals.accept, delegate, number)

    for _ in range(2):
        db.write_now(proposals.accept, secretary, number)

    if "educations" in change:
        [education] = before.educations
        said = change["educations"]
        part = {"class_year": said} if isinstance(said, int) else {"programme": said}
        change = {"educations": (replace(education, **part),)}
    assert content(db, known["Bo"]) == replace(before, **change)
    assert db.read_now(proposals.open_count) == 0
    assert [one.state for one, _ in db.read_now(proposals.mine, delegate)] == [State.ACCEPTED]
    verbs = [(one.verb, one.actor_id, one.after) for one in db.read_now(audit.about, number)]
    assert verbs == [("roster.accept", secretary.id, "accepted"), ("roster.propose", delegate.id, "open")]
    addresses = db.read_now(lambda conn: conn.execute(select(roster_addresses.c.address)).scalars().all())
    assert addresses == (["bo@mail.example"] if field is Field.EMAIL else [])
    with pytest.raises(Conflict):
        db.write_now(proposals.refuse, secretary, number)


def test_what_is_refused_or_has_changed_meanwhile_changes_nothing(db, known, delegate, secretary):  # noqa: F811
    one, two, three = (
        db.write_now(proposals.propose, delegate, known["Bo"], Field.GIVEN_NAME, name, "He says so.")
        for name in ("Beau", "Bob", "Bojan")
    )
    db.write_now(proposals.refuse, secretary, one)
    db.write_now(proposals.accept, secretary, two)
    with pytest.raises(Conflict):
        db.write_now(proposals.accept, secretary, three)

    assert content(db, known["Bo"]).given_name == "Bob"
    assert [number.id for number, _ in db.read_now(proposals.waiting)] == [three]
    with pytest.raises(NotFound):
        db.write_now(proposals.accept, secretary, 1)
    past = clock.now() - timedelta(days=31)
    db.write_now(
        lambda tx: tx.conn.execute(
            update(roster_proposals).where(roster_proposals.c.decided_at.is_not(None)).values(decided_at=past)
        )
    )
    db.write_now(proposals.sweep)
    assert [one.id for one, _ in db.read_now(proposals.mine, delegate)] == [three]
    db.write_now(roster.forget_member, delegate.id)
    assert db.read_now(proposals.open_count) == 0


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        (Field.GIVEN_NAME, "Bo", "It is so already."),
        (Field.GIVEN_NAME, " ", "Empty."),
        (Field.CLASS_YEAR, "soon", "No year."),
        (Field.CLASS_YEAR, "1", "No class."),
        (Field.EMAIL, "nobody", "No address."),
        (Field.FAMILY_NAME, "Durant", " "),
        (Field.FAMILY_NAME, "Durant", "x" * 501),
    ],
)
def test_what_says_nothing_is_refused(db, known, delegate, monkeypatch, field, value, reason):  # noqa: F811
    with pytest.raises(Invalid):
        db.write_now(proposals.propose, delegate, known["Bo"], field, value, reason)
    monkeypatch.setattr(proposals, "MOST", 0)
    with pytest.raises(TooMany):
        db.write_now(proposals.propose, delegate, known["Bo"], Field.GIVEN_NAME, "Beau", "He says so.")
