# SPDX-License-Identifier: AGPL-3.0-or-later
"""Newcomers and the roster: whom it is sure of, whom it leaves to people, and that it tells nobody who is in it."""

from datetime import date

import pytest

from node import members, roster
from node.kernel import clock
from node.kernel.errors import Conflict, NotAllowed, NotFound
from node.roster import Claim, Doubt
from node.roster.claims import judge
from node.roster.comparing import Content, Entry, person_of
from node.roster.deciding import judge_newcomer
from tests.support.builders import a_member, keys

HEAD = "matricule;nom;nom de naissance;prenom;promo;ddn;mail;decede\n"
ROWS = (
    "7;MARTIN;DÉMO;Ana;1998;01/02/1975;ana@old.example;\n"
    "8;Durand;;Bo;2001;;bo@x.example;\n"
    ";Durand;;Bob;2001;;;\n"
    "9;Petit;;Cy;2003;03/04/1980;;x\n"
)


@pytest.fixture
def known(db):
    """A roster of four."""
    sheet = roster.open_sheet((HEAD + ROWS).encode(), roster.Options())
    preview = roster.preview(sheet, [], roster.Mode.BOTH, clock.now().date())
    number = db.write_now(roster.begin, {"admin"}, None, "roster.csv", roster.Options(), None)
    db.write_now(roster.start, {"admin"}, number)
    db.write_now(roster.apply_step, number, preview.to_write)
    db.write_now(roster.finish, number)
    return {entry.content.given_name: entry for entry in db.read_now(roster.everybody)}


def newcomer(db, said, *, email="new@mail.example", username="nina"):
    """Somebody who has signed up, made a claim, and proved their address."""

    def write(tx):
        new = members.NewMember(
            username=username, email=email, password_hash="x", display_name="Nina", class_year=said.class_year
        )
        member = members.sign_up(tx, new, keys(), members.Entry(confirmed=False, approved=False))
        if said:
            roster.claim(tx, member.id, said)
        members.confirm(tx, member)
        return member.id

    return db.write_now(write)


ANA = Claim(given_name="Ana", family_name="Démo", class_year=1998, birth_date=date(1975, 2, 1))


def test_somebody_of_whom_the_roster_is_sure_is_let_in(db, known):
    number = newcomer(db, ANA)

    db.write_now(judge_newcomer, number)

    member = db.read_now(members.get, number)
    assert member.is_active
    assert member.actor.class_year == 1998
    assert db.read_now(roster.entry_of, number) == known["Ana"].id
    assert db.read_now(roster.claim_of, number) is None


def test_the_class_of_the_roster_counts_where_somebody_was_a_year_wrong(db, known):
    number = newcomer(db, Claim(given_name="Ana", family_name="Martin", class_year=1999), email="ana@old.example")

    db.write_now(judge_newcomer, number)

    assert db.read_now(members.get, number).actor.class_year == 1998


@pytest.mark.parametrize(
    ("said", "email", "doubts", "names"),
    [
        (Claim(given_name="Ana", family_name="Demo", class_year=1998), "n@x.example", set(), ["Ana"]),
        (
            Claim(given_name="Ana", family_name="Démo", class_year=1998, birth_date=date(1975, 2, 2)),
            "ana@old.example",
            {Doubt.BIRTH},
            ["Ana"],
        ),
        (
            Claim(given_name="Cy", family_name="Petit", class_year=2003, birth_date=date(1980, 4, 3)),
            "n@x.example",
            {Doubt.DECEASED},
            ["Cy"],
        ),
        (Claim(given_name="B", family_name="Durand", class_year=2001), "n@x.example", {Doubt.SEVERAL}, ["Bo", "Bob"]),
        (
            Claim(given_name="Bo", family_name="Durand", class_year=2001, student_number="77"),
            "bo@x.example",
            {Doubt.NUMBER},
            ["Bo"],
        ),
        (Claim(given_name="Zoe", family_name="Autre", class_year=1998), "n@x.example", set(), []),
        (Claim(), "ana@old.example", set(), []),
    ],
    ids=["not enough", "birth", "deceased", "several", "number", "nobody", "no claim"],
)
def test_whoever_is_not_sure_waits_for_people(db, known, said, email, doubts, names):
    number = newcomer(db, said, email=email)

    judgement = db.read_now(roster.judgement_of, db.read_now(members.get, number))
    db.write_now(judge_newcomer, number)

    assert judgement.doubts == doubts
    assert [match.entry.content.given_name for match in judgement.matches] == names
    assert db.read_now(members.get, number).standing is members.Standing.PENDING


def test_nobody_becomes_somebody_who_is_a_member_already(db, known):
    first = newcomer(db, ANA)
    db.write_now(judge_newcomer, first)
    second = newcomer(db, ANA, email="other@mail.example", username="other")

    judgement = db.read_now(roster.judgement_of, db.read_now(members.get, second))
    db.write_now(judge_newcomer, second)

    assert judgement.doubts == {Doubt.CLAIMED}
    assert db.read_now(members.get, second).standing is members.Standing.PENDING
    with pytest.raises(Conflict):
        db.write_now(roster.let_in, a_member(db, roles=("secretary",)), second, known["Ana"].id)
    assert db.read_now(roster.case_of, second).state is roster.State.REVIEW


def test_people_decide_with_or_without_an_entry(db, known):
    secretary, admin = a_member(db, roles=("secretary",)), a_member(db, roles=("admin",))
    one, two = newcomer(db, ANA), newcomer(db, Claim(class_year=2003), email="b@x.example", username="two")

    db.write_now(roster.let_in, secretary, one, known["Bo"].id)
    db.write_now(roster.let_in, admin, two)

    assert db.read_now(members.get, one).actor.class_year == 2001
    assert db.read_now(members.get, two).is_active
    assert db.read_now(roster.entry_of, two) is None
    assert db.read_now(roster.case_of, two).method is roster.Method.DECISION
    for number, entry in ((one, None), (two, None)):
        with pytest.raises(NotFound):
            db.write_now(roster.let_in, admin, number, entry)
    three = newcomer(db, Claim(), email="c@x.example", username="three")
    with pytest.raises(NotFound):
        db.write_now(roster.let_in, admin, three, 12345)
    for roles in (("member",), ("moderator",), ("treasurer", "board"), ("delegate",)):
        with pytest.raises(NotAllowed):
            db.write_now(roster.let_in, a_member(db, roles=roles), three)


def test_whoever_is_turned_away_or_leaves_frees_their_entry(db, known):
    stays = newcomer(db, ANA)
    db.write_now(judge_newcomer, stays)
    db.write_now(roster.forget_member, stays)
    again = newcomer(db, ANA, email="again@mail.example", username="again")
    db.write_now(judge_newcomer, again)
    assert db.read_now(roster.entry_of, again) == known["Ana"].id

    away = newcomer(db, Claim(given_name="B", family_name="Durand"), email="b@x.example", username="away")
    db.write_now(lambda tx: members.turn_away(tx, members.get(tx.conn, away)))
    assert db.read_now(roster.claim_of, away) is None
    db.write_now(judge_newcomer, away)


def test_an_address_is_compared_as_it_is_written(db, known):
    number = newcomer(db, Claim(given_name="Ana", family_name="Martin", class_year=1998), email="ana_@old.example")

    judgement = db.read_now(roster.judgement_of, db.read_now(members.get, number))

    assert judgement.matches[0].points < 80


def test_a_claim_says_what_is_wrong_with_it():
    today = date(2026, 11, 25)
    assert roster.check_claim(Claim(given_name=" Ana\n", family_name="D"), today).given_name == "Ana"
    for born in (date(2027, 1, 1), date(1850, 1, 1)):
        with pytest.raises(Exception, match="date of birth"):
            roster.check_claim(Claim(family_name="D", birth_date=born), today)


def test_more_that_agrees_never_makes_it_less_sure():
    entry = Entry(1, Content(family_name="Démo", given_name="Ana", birth_date=date(1975, 2, 1), details={}))
    bare = Entry(1, Content(family_name="Démo", given_name="Ana", details={}))

    assert judge(person_of(entry.content), [entry], ()).matches[0].points > 40
    assert judge(person_of(bare.content), [bare], ()).matches == ()
