# SPDX-License-Identifier: AGPL-3.0-or-later
"""Vouching: who may, how many it takes, and who sees what."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from node import members, roster
from node.actors.tables import actors as actors_table
from node.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from node.members.tables import members as members_table
from node.roster import Case, Method, Needed, State
from node.roster.tables import verifications, vouches
from node.roster.verification import Verification
from node.roster.vouching import check_may_vouch, is_enough
from tests.support.builders import a_member, keys

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
NEEDED = Needed(2, 3)


def newcomer(db, username="nina", *, class_year=1998, to_classmates=True):
    """Somebody who has proved their address, and waits."""

    def write(tx):
        new = members.NewMember(
            username=username,
            email=f"{username}@new.example",
            password_hash="x",
            display_name=username.capitalize(),
            class_year=class_year,
        )
        member = members.sign_up(tx, new, keys(), members.Entry(confirmed=False, approved=False))
        roster.open_case(tx, member.id, to_classmates=to_classmates)
        members.confirm(tx, member)
        return member.id

    return db.write_now(write)


def seasoned(db, class_year=1998, **values):
    """A member who has been here for long."""
    member = a_member(db, class_year=class_year, **values)
    db.write_now(
        lambda tx: tx.conn.execute(
            update(members_table)
            .where(members_table.c.actor_id == member.id)
            .values(approved_at=tx.now - timedelta(days=31))
        )
    )
    return db.read_now(members.get, member.id)


def code_of(db, number):
    return db.read_now(roster.case_of, number).code


def vouch(db, by, number, how="classmate", text="", needed=NEEDED):
    return db.write_now(roster.vouch, by, code_of(db, number), how, text, needed)


@pytest.mark.parametrize(
    ("state", "method", "days", "year", "refusal"),
    [
        (State.VERIFIED, Method.ROSTER, 30, 0, None),
        (State.VERIFIED, Method.ROSTER, 29, 0, NotAllowed),
        (State.VERIFIED, Method.VOUCHING, 89, 0, NotAllowed),
        (State.VERIFIED, Method.VOUCHING, 90, 0, None),
        (State.VERIFIED, Method.INVITATION, 31, 9, None),
        (State.VERIFIED, Method.INVITATION, 31, 10, TooMany),
        (State.REVOKED, Method.ROSTER, 400, 0, NotAllowed),
    ],
)
def test_who_may_vouch(state, method, days, year, refusal):
    case = Case(member_id=1, stands=Verification(state=state, since=NOW - timedelta(days=days)), method=method)
    if refusal is None:
        check_may_vouch(case, year, NOW)
    else:
        with pytest.raises(refusal):
            check_may_vouch(case, year, NOW)


@pytest.mark.parametrize(
    ("of_class", "of_school", "enough"), [(1, 1, False), (2, 2, True), (0, 2, False), (0, 3, True), (1, 3, True)]
)
def test_two_of_the_class_or_three_of_the_school_are_enough(of_class, of_school, enough):
    assert is_enough(of_class, of_school, NEEDED) is enough


def test_two_classmates_let_a_newcomer_in(db):
    number = newcomer(db)
    one, two = seasoned(db), seasoned(db)
    [seen] = db.read_now(roster.newcomers, one)
    assert (seen.name, seen.class_year, seen.vouched) == ("Nina", 1998, False)

    assert vouch(db, one, number, text="She sat behind me.") is not State.VERIFIED
    assert vouch(db, one, number) is not State.VERIFIED
    assert db.read_now(members.get, number).standing is members.Standing.PENDING
    assert db.read_now(roster.newcomers, one)[0].vouched
    code = code_of(db, number)
    assert vouch(db, two, number) is State.VERIFIED

    assert db.read_now(members.get, number).is_active
    case = db.read_now(roster.case_of, number)
    assert case.method is Method.VOUCHING
    assert db.read_now(roster.newcomers, two) == []
    with pytest.raises(NotFound):
        db.write_now(roster.vouch, seasoned(db), code, "other", "", NEEDED)
    given = db.read_now(roster.vouches_for, [number])[number]
    assert [(one.by_id, one.text) for one in given] == [(one.id, "She sat behind me."), (two.id, "")]


def test_others_of_the_school_count_too_but_it_takes_three(db):
    number = newcomer(db)
    for year in (2001, None):
        assert vouch(db, seasoned(db, year), number, "club") is not State.VERIFIED

    assert vouch(db, seasoned(db), number) is State.VERIFIED


def test_whoever_is_gone_or_revoked_counts_no_more(db):
    number = newcomer(db)
    one = seasoned(db)
    vouch(db, one, number)
    db.write_now(roster.revoke, a_member(db, roles=("admin",)), one.id, "Not who they said.")

    assert vouch(db, seasoned(db), number) is not State.VERIFIED
    with pytest.raises(NotAllowed):
        vouch(db, db.read_now(members.get, one.id), newcomer(db, "other"))


def test_only_classmates_see_who_waits_and_only_whom_they_may(db):
    newcomer(db, "shown")
    newcomer(db, "shy", to_classmates=False)
    newcomer(db, "later", class_year=2001)

    assert [one.name for one in db.read_now(roster.newcomers, seasoned(db))] == ["Shown"]
    assert [one.name for one in db.read_now(roster.newcomers, seasoned(db, 2001))] == ["Later"]
    assert db.read_now(roster.newcomers, seasoned(db, None)) == []


def test_what_is_said_fits_the_form(db):
    number, one = newcomer(db), seasoned(db)
    for how, text in (("friend", ""), ("", ""), ("club", "x" * 201)):
        with pytest.raises(Invalid):
            vouch(db, one, number, how, text)
    with pytest.raises(NotFound):
        db.write_now(roster.vouch, one, "nothing", "club", "", NEEDED)
    with pytest.raises(NotAllowed):
        vouch(db, a_member(db), number)
    with pytest.raises(Conflict):
        vouch(db, db.read_now(members.get, number), number)


def test_ten_a_year(db):
    one = seasoned(db)

    def earlier(tx, days):
        tx.conn.execute(update(vouches).values(created_at=tx.now - timedelta(days=days)))

    numbers = [newcomer(db, f"n{count:02}") for count in range(11)]
    for number in numbers[:10]:
        vouch(db, one, number)
    with pytest.raises(TooMany):
        vouch(db, one, numbers[10])
    assert vouch(db, one, numbers[0]) is not None
    db.write_now(earlier, 366)
    vouch(db, one, numbers[10])


def test_nobody_vouches_while_an_answer_is_awaited(db):
    number = newcomer(db)
    code = code_of(db, number)
    db.write_now(roster.ask_more, a_member(db, roles=("secretary",)), number, "Which programme?")

    assert db.read_now(roster.newcomers, seasoned(db)) == []
    with pytest.raises(NotFound):
        db.write_now(roster.vouch, seasoned(db), code, "club", "", NEEDED)


def test_the_words_of_a_voucher_go_with_them_and_the_chain_stays(db):
    number, one = newcomer(db), seasoned(db)
    vouch(db, one, number, text="My own words")
    db.write_now(roster.forget_member, one.id)

    [left] = db.read_now(roster.vouches_for, [number])[number]
    assert (left.by_id, left.text) == (one.id, "")
    db.write_now(roster.forget_member, number)
    assert db.read_now(roster.vouches_for, [number]) == {}
    assert db.read_now(lambda conn: conn.execute(verifications.select()).all()) == []


def test_the_same_year_at_another_school_is_another_class(db):
    number, voucher = newcomer(db), seasoned(db)
    elsewhere = seasoned(db)
    db.write_now(
        lambda tx: tx.conn.execute(
            update(actors_table).where(actors_table.c.id == elsewhere.id).values(school="Mill School")
        )
    )
    elsewhere = db.read_now(members.get, elsewhere.id)

    assert [one.member_id for one in db.read_now(roster.newcomers, voucher)] == [number]
    assert db.read_now(roster.newcomers, elsewhere) == []
    vouch(db, voucher, number)
    assert vouch(db, elsewhere, number) is not State.VERIFIED
    assert [one.same_class for one in db.read_now(roster.vouches_for, [number])[number]] == [True, False]
