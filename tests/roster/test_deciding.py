# SPDX-License-Identifier: AGPL-3.0-or-later
"""Decisions about newcomers: a question, an answer, a refusal, one appeal, silence, delegates, and taking it back."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from node import members, moderation, roster
from node.kernel import audit
from node.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from node.moderation import Sanction
from node.roster import Method, State
from node.roster.deciding import judge_newcomer
from node.roster.tables import verifications
from tests.roster.test_claims import ANA, known  # noqa: F401  # a fixture
from tests.roster.test_claims import newcomer as claiming
from tests.roster.test_summaries import summarise
from tests.roster.test_vouching import newcomer, seasoned, vouch
from tests.support import letters
from tests.support.builders import a_member


@pytest.fixture(autouse=True)
def _with_letters(db):
    db.site = replace(db.site, has_mail=True)


@pytest.fixture
def secretary(db):
    return a_member(db, roles=("secretary",), class_year=1970)


def state_of(db, number):
    return db.read_now(roster.case_of, number).state


def earlier(db, days):
    db.write_now(lambda tx: tx.conn.execute(update(verifications).values(since=tx.now - timedelta(days=days))))


def written_to(db, address):
    return [letter for to, letter in letters.in_queue(db) if to == address]


def test_a_question_is_answered_and_then_decided(db, secretary):
    number = newcomer(db)
    db.write_now(roster.ask_more, secretary, number, " Which programme? ")
    assert state_of(db, number) is State.INFO_NEEDED
    question = written_to(db, "nina@new.example")[-1]
    assert "Which programme?" in question["paragraphs"]
    assert "/sign-up/answer/" in question["link"]
    for act, extra in ((roster.let_in, ()), (roster.refuse, ("No.",))):
        with pytest.raises(Conflict):
            db.write_now(act, secretary, number, *extra)

    db.write_now(roster.answer, db.read_now(members.get, number), "Chemistry.")

    case = db.read_now(roster.case_of, number)
    assert (case.state, case.reason, case.answer) == (State.REVIEW, "Which programme?", "Chemistry.")
    summarise(db)
    assert written_to(db, secretary.email)[-1]["subject"] == "1 person would like to join"
    db.write_now(roster.let_in, secretary, number)
    assert db.read_now(members.get, number).is_active
    with pytest.raises(Conflict):
        db.write_now(roster.answer, db.read_now(members.get, number), "More.")


def test_whoever_is_refused_reads_why_and_appeals_once(db, secretary):
    number = newcomer(db)
    db.write_now(roster.refuse, secretary, number, "Nobody knows you.")
    db.write_now(roster.refuse, secretary, number, "Twice is harmless.")
    member = db.read_now(members.get, number)
    assert "Nobody knows you." in written_to(db, "nina@new.example")[-1]["paragraphs"]
    assert member.standing is members.Standing.PENDING
    assert db.read_now(roster.waiting, secretary) == []

    db.write_now(roster.answer, member, "I had another name.")
    assert [one.id for one, _ in db.read_now(roster.waiting, secretary)] == [number]
    db.write_now(roster.refuse, secretary, number, "Still nobody.")
    with pytest.raises(Conflict):
        db.write_now(roster.answer, member, "Please!")


def test_silence_lapses_and_the_forgotten_are_gone_after_ninety_days(db, secretary):
    number, other = newcomer(db), newcomer(db, "other")
    db.write_now(roster.ask_more, secretary, number, "Who are you?")
    db.write_now(roster.refuse, secretary, other, "No.")
    earlier(db, 29)
    db.write_now(roster.lapse)
    assert state_of(db, number) is State.INFO_NEEDED
    earlier(db, 31)
    db.write_now(roster.lapse)
    assert state_of(db, number) is State.LAPSED
    assert "did not answer" in written_to(db, "nina@new.example")[-1]["paragraphs"][0]

    db.write_now(roster.answer, db.read_now(members.get, number), "I was ill.")
    earlier(db, 91)
    db.write_now(roster.lapse)

    assert state_of(db, number) is State.REVIEW
    with pytest.raises(NotFound):
        db.read_now(members.get, other)


def test_a_delegate_decides_about_their_own_class_alone(db, known):  # noqa: F811  # the fixture
    delegate = a_member(db, roles=("member", "delegate"), class_year=1998)
    mine, theirs = newcomer(db, "mine"), newcomer(db, "theirs", class_year=2001)
    claims_it = claiming(db, roster.Claim(given_name="B", family_name="Durand", class_year=2001))

    assert [one.id for one, _ in db.read_now(roster.waiting, delegate)] == [mine]
    assert db.read_now(roster.waiting_count, delegate) == 1
    for number in (theirs, claims_it):
        with pytest.raises(NotFound):
            db.write_now(roster.let_in, delegate, number)
        with pytest.raises(NotFound):
            db.write_now(roster.refuse, delegate, number, "No.")
    with pytest.raises(NotFound):
        db.write_now(roster.let_in, delegate, mine, known["Bo"].id)
    with pytest.raises(NotAllowed):
        db.write_now(roster.turn_away, delegate, mine)
    db.write_now(roster.let_in, delegate, mine, known["Ana"].id)
    assert db.read_now(roster.entry_of, mine) == known["Ana"].id
    with pytest.raises(NotAllowed):
        db.read_now(roster.check_class_year, delegate.actor, 2001)


def test_a_delegate_hears_of_their_own_class_alone(db):
    ours = a_member(db, roles=("delegate",), class_year=1998)
    others = a_member(db, roles=("delegate",), class_year=2001)
    newcomer(db)
    summarise(db)

    assert len(written_to(db, ours.email)) == 1
    assert written_to(db, others.email) == []


@pytest.mark.parametrize("roles", [("member",), ("moderator",), ("treasurer", "board"), ("delegate",)])
def test_nobody_else_decides(db, roles):
    number, one = newcomer(db), a_member(db, roles=roles)

    for act, extra in ((roster.let_in, ()), (roster.refuse, ("No.",)), (roster.ask_more, ("?",))):
        with pytest.raises(NotAllowed):
            db.write_now(act, one, number, *extra)
    with pytest.raises(NotAllowed):
        db.read_now(roster.waiting, one)
    with pytest.raises(NotAllowed):
        db.write_now(roster.turn_away, one, number)


@pytest.mark.parametrize("words", ["", "  ", "x" * 501])
def test_a_reason_is_given_and_short(db, secretary, words):
    number = newcomer(db)

    for act in (roster.refuse, roster.ask_more):
        with pytest.raises(Invalid):
            db.write_now(act, secretary, number, words)


def test_an_address_of_the_school_speaks_for_a_newcomer(db, known):  # noqa: F811  # the fixture
    said = roster.Claim(given_name="Ana", family_name="Demo", class_year=1998)
    without = claiming(db, said, email="a@mail.example", username="without")
    member = db.read_now(members.get, without)
    before = db.read_now(roster.judgement_of, member, ("alumni.example",)).matches[0].points
    number = claiming(db, said, email="ana@Alumni.example")

    judgement = db.read_now(roster.judgement_of, db.read_now(members.get, number), ("alumni.example",))
    db.write_now(judge_newcomer, number, ("alumni.example",))

    assert judgement.matches[0].points == before + 40
    assert db.read_now(members.get, number).is_active
    assert db.read_now(roster.case_of, number).method is Method.ROSTER


def test_the_roster_is_asked_about_all_of_them_at_once(db, known):  # noqa: F811  # the fixture
    people = [
        claiming(db, ANA, username="ana"),
        claiming(db, roster.Claim(family_name="Durand", class_year=2001), username="bo", email="b@x.example"),
    ]
    newcomers = [
        (member, db.read_now(roster.claim_of, member.id)) for member in db.read_now(members.by_numbers, people)
    ]

    found = db.read_now(roster.judgements, newcomers)

    assert found == {member.id: db.read_now(roster.judgement_of, member) for member, _ in newcomers}
    assert [match.entry.id for match in found[people[0]].matches] == [known["Ana"].id]


def test_who_they_were_can_be_said_later_and_once(db, known):  # noqa: F811  # the fixture
    number = newcomer(db)
    member = db.read_now(members.get, number)
    assert state_of(db, number) is State.OPEN
    with pytest.raises(Invalid):
        db.write_now(roster.claim_later, member, roster.Claim(given_name="Ana"))
    db.write_now(roster.claim_later, member, ANA)
    with pytest.raises(Conflict):
        db.write_now(roster.claim_later, member, ANA)

    db.write_now(judge_newcomer, number, known=True)

    assert db.read_now(roster.entry_of, number) == known["Ana"].id


def test_revoking_frees_the_entry_suspends_and_tells_the_vouchers(db, known):  # noqa: F811  # the fixture
    admin = a_member(db, roles=("admin",))
    number = newcomer(db)
    voucher, second = seasoned(db), seasoned(db)
    vouch(db, voucher, number)
    vouch(db, second, number)
    in_roster = claiming(db, ANA, username="ana")
    db.write_now(judge_newcomer, in_roster)
    for who in (a_member(db, roles=("secretary",)), a_member(db)):
        with pytest.raises(NotAllowed):
            db.write_now(roster.revoke, who, number, "No.")
    with pytest.raises(NotAllowed):
        db.write_now(roster.revoke, admin, admin.id, "No.")

    for one in (number, in_roster):
        db.write_now(roster.revoke, admin, one, "It was somebody else.")
        assert state_of(db, one) is State.REVOKED
        assert db.read_now(members.get, one).standing is members.Standing.DISABLED
    assert db.read_now(roster.entry_of, in_roster) is None
    for who in (voucher, second):
        assert written_to(db, who.email)[-1]["subject"] == "Somebody for whom you vouched"
    assert "It was somebody else." not in str(written_to(db, voucher.email))
    assert [one.member_id for one in db.read_now(roster.vouched_for_by, voucher.id)] == [number]
    invited = a_member(db)
    assert db.read_now(roster.standing_of, invited).method is Method.INVITATION
    db.write_now(roster.revoke, admin, invited.id, "No.")
    assert state_of(db, invited.id) is State.REVOKED
    with pytest.raises(Conflict):
        db.write_now(roster.revoke, admin, newcomer(db, "waits"), "No.")


def test_whoever_is_let_in_again_after_a_revocation_is_verified_by_that(db):
    admin, moderator = (a_member(db, roles=("member", role)) for role in ("admin", "moderator"))
    number = newcomer(db)
    db.write_now(roster.let_in, admin, number)
    db.write_now(roster.revoke, admin, number, "It was somebody else.")
    actor = db.read_now(members.get, number).actor
    assert db.read_now(roster.is_revoked, number)
    with pytest.raises(NotAllowed):
        db.write_now(moderation.lift, moderator, actor, Sanction.SUSPEND)
    assert not db.read_now(members.get, number).is_active

    db.write_now(moderation.lift, admin, actor, Sanction.SUSPEND)

    case = db.read_now(roster.case_of, number)
    assert db.read_now(members.get, number).is_active
    assert (case.state, case.method, case.decided_by) == (State.VERIFIED, Method.DECISION, admin.id)
    verbs = [one.verb for one in db.read_now(audit.about, number) if one.verb.startswith("verification.")][:3]
    assert verbs == ["verification.approve", "verification.to_review", "verification.anew"]
    db.write_now(roster.revoke, admin, number, "It was somebody else after all.")
    db.write_now(moderation.lift, None, db.read_now(members.get, number).actor, Sanction.SUSPEND)
    assert db.read_now(roster.case_of, number).decided_by is None
