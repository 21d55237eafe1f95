# SPDX-License-Identifier: AGPL-3.0-or-later
"""Decisions of the staff: who may decide about whom, what is written to them, and what becomes of their one answer."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from node import access, actors, members, moderation, notifications, relationships
from node.access.tables import mail_links
from node.kernel import clock
from node.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from node.kernel.paging import Page
from node.members import Entry, NewMember
from node.moderation import Sanction, rules
from node.moderation.tables import reports, sanctions, staff_actions
from tests.support.builders import a_member, a_remote_actor, an_actor, keys
from tests.support.letters import in_queue as letters

NOW = clock.now()


@pytest.fixture
def posting(db):
    """A node that sends letters."""
    db.site = replace(db.site, has_mail=True)
    return db


@pytest.fixture
def mora(db):
    return a_member(db, "mora", roles=("member", "moderator"))


@pytest.fixture
def chief(db):
    return a_member(db, "chief", roles=("member", "admin"))


@pytest.fixture
def ben(db):
    return a_member(db, "ben")


def decide(db, staff, target, kind=Sanction.WARN, reason="Too loud", **more):
    return db.write_now(moderation.decide, staff, db.read_now(actors.get, target.id), kind, reason, **more)


# -- who may ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("staff", "target", "allowed"),
    [
        ({"member"}, (), False),
        ({"secretary"}, (), False),
        ({"moderator"}, (), True),
        ({"moderator"}, ("moderator",), False),
        ({"moderator"}, ("member", "admin"), False),
        ({"admin"}, ("admin",), True),
        ({"admin"}, ("moderator",), True),
    ],
)
def test_the_staff_decides_about_members_and_administrators_about_the_staff(staff, target, allowed):
    if allowed:
        rules.check_may_decide(1, staff, 2, target)
        with pytest.raises(NotAllowed):
            rules.check_may_decide(1, staff, 1, target)
    else:
        with pytest.raises(NotAllowed):
            rules.check_may_decide(1, staff, 2, target)


@pytest.mark.parametrize(
    ("roles", "decided_by", "others", "allowed"),
    [
        ({"moderator"}, 9, True, False),
        ({"admin"}, 9, True, True),
        ({"admin"}, None, True, True),
        ({"admin"}, 1, True, False),
        # Somebody has to.
        ({"admin"}, 1, False, True),
    ],
)
def test_an_appeal_is_for_an_administrator_who_did_not_decide(roles, decided_by, others, allowed):
    if allowed:
        rules.check_may_answer(1, roles, decided_by, others=others)
    else:
        with pytest.raises(NotAllowed):
            rules.check_may_answer(1, roles, decided_by, others=others)


@pytest.mark.parametrize(
    ("words", "days", "ended", "appealed", "refusal"),
    [
        ("It was not me", 30, None, None, None),
        ("It was not me", 30.1, None, None, Conflict),
        ("It was not me", 1, NOW, None, Conflict),
        ("It was not me", 1, None, NOW, Conflict),
        ("  ", 1, None, None, Invalid),
        ("x" * 2001, 1, None, None, Invalid),
    ],
)
def test_there_is_one_appeal_within_thirty_days(words, days, ended, appealed, refusal):
    facts = {"decided_at": NOW - timedelta(days=days), "ended_at": ended, "appealed_at": appealed, "now": NOW}
    if refusal is None:
        rules.check_appeal(words, **facts)
    else:
        with pytest.raises(refusal):
            rules.check_appeal(words, **facts)


# -- what happens -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["", "  ", "x" * 2001])
def test_a_decision_needs_a_reason_of_some_length(db, mora, ben, reason):
    with pytest.raises(Invalid):
        decide(db, mora, ben, reason=reason)

    assert db.read_now(moderation.decisions_about, ben.id) == []


def test_a_member_reads_why_in_a_letter_and_can_answer_by_its_link(posting, mora, chief, ben):
    decide(posting, mora, ben, Sanction.SUSPEND, "Spam")

    [(to, letter)] = letters(posting)
    assert to == ben.email
    assert "Spam" in letter["paragraphs"]
    assert "mora" not in str(letter)
    token = letter["link"].rpartition("/appeal/")[2]
    member = posting.read_now(access.find_link, access.Purpose.APPEAL, token).member
    [one] = posting.read_now(moderation.decisions_about, ben.id)
    posting.write_now(moderation.appeal, member, one.id, "It was not me")
    assert [to for to, _ in letters(posting)][1:] == [chief.email]
    posting.write_now(moderation.answer, chief, one.id, granted=True)
    assert letters(posting)[-1][0] == ben.email
    assert posting.read_now(members.get, ben.id).is_active


def test_a_refused_appeal_is_told_by_letter_and_changes_nothing(posting, mora, chief, ben):
    made = decide(posting, mora, ben, Sanction.LIMIT)
    posting.write_now(moderation.appeal, ben, made.id, "I was quiet")

    posting.write_now(moderation.answer, chief, made.id, granted=False)

    assert "The decision holds." in letters(posting)[-1][1]["paragraphs"][0]
    assert posting.read_now(actors.get, ben.id).limited_at is not None
    with pytest.raises(Conflict):
        posting.write_now(moderation.answer, chief, made.id, granted=True)
    with pytest.raises(Conflict):
        posting.write_now(moderation.appeal, ben, made.id, "Once more")


def test_a_warning_that_is_taken_back_leaves_the_others(db, mora, chief, ben):
    first, second = decide(db, mora, ben), decide(db, mora, ben)
    db.write_now(moderation.appeal, ben, first.id, "No")

    db.write_now(moderation.answer, chief, first.id, granted=True)

    found = {one.id: one for one in db.read_now(moderation.decisions_about, ben.id)}
    assert found[first.id].ended_at is not None
    assert found[second.id].ended_at is None


def test_an_old_appeal_ends_no_newer_decision(db, mora, chief, ben):
    first = decide(db, mora, ben, Sanction.LIMIT)
    db.write_now(moderation.appeal, ben, first.id, "No")
    db.write_now(moderation.lift, mora, db.read_now(actors.get, ben.id), Sanction.LIMIT)
    decide(db, mora, ben, Sanction.LIMIT)

    with pytest.raises(Conflict):
        db.write_now(moderation.answer, chief, first.id, granted=True)

    assert db.read_now(actors.get, ben.id).limited_at is not None
    assert db.read_now(moderation.appeals_count) == 0


def test_nobody_appeals_for_somebody_else(db, mora, ben):
    made = decide(db, mora, ben)

    with pytest.raises(NotFound):
        db.write_now(moderation.appeal, a_member(db, "eve"), made.id, "No")


def test_what_is_decided_twice_is_refused_and_a_suspension_may_follow_a_limit(db, mora, ben):
    decide(db, mora, ben, Sanction.LIMIT)
    with pytest.raises(Conflict):
        decide(db, mora, ben, Sanction.LIMIT)
    decide(db, mora, ben, Sanction.SUSPEND)
    with pytest.raises(Conflict):
        decide(db, mora, ben, Sanction.SUSPEND)

    db.write_now(moderation.lift, mora, db.read_now(actors.get, ben.id), Sanction.SUSPEND)

    found = db.read_now(actors.get, ben.id)
    assert (found.is_active, found.limited_at is not None) == (True, True)
    assert db.read_now(moderation.in_force, ben.id, Sanction.SUSPEND) is None
    assert db.read_now(moderation.in_force, ben.id, Sanction.LIMIT) is not None
    with pytest.raises(Conflict):
        db.write_now(moderation.lift, mora, found, Sanction.WARN)


def test_whoever_is_not_let_in_yet_is_turned_away_instead(db, mora):
    new = NewMember(username="pat", email="pat@mail.example", password_hash="")
    pat = db.write_now(members.add_member, new, keys(), entry=Entry(approved=False))

    with pytest.raises(Conflict):
        decide(db, mora, pat, Sanction.SUSPEND)


def test_what_was_done_is_noted_without_the_reason(db, mora, ben):
    zoe = a_remote_actor(db, "zoe")
    db.write_now(moderation.report, ben.actor, zoe.id, comment="Look")
    [case] = db.read_now(moderation.cases, Page(), resolved=False)

    decide(db, mora, zoe, Sanction.SUSPEND, "A secret reason", report_id=case.report.id)

    rows = db.read_now(lambda conn: conn.execute(select(staff_actions)).all())
    assert [(row.action, row.actor_id, row.target_id, row.report_id) for row in rows] == [
        ("suspend", mora.id, zoe.id, case.report.id)
    ]
    assert "secret" not in str(rows)
    assert db.read_now(lambda conn: conn.execute(select(reports.c.id)).all())


def test_somebody_elsewhere_gets_no_letter_and_no_notification(posting, mora):
    zoe = a_remote_actor(posting, "zoe")

    decide(posting, mora, zoe, Sanction.WARN)

    assert letters(posting) == []
    assert posting.read_now(notifications.page, zoe.id, Page()) == []


def test_an_account_that_goes_takes_decisions_and_appeals_with_it(db, mora, ben):
    made = decide(db, mora, ben)
    db.write_now(moderation.appeal, ben, made.id, "quicksilver")

    db.write_now(relationships.delete_account, ben)

    assert db.read_now(lambda conn: conn.execute(select(sanctions)).all()) == []


def test_who_is_under_a_sanction_is_listed_and_newcomers_are_not(db, mora, ben):
    new = NewMember(username="pat", email="pat@mail.example", password_hash="")
    db.write_now(members.add_member, new, keys(), entry=Entry(approved=False))
    eve = an_actor(db, "eve")
    decide(db, mora, ben, Sanction.SUSPEND)
    decide(db, mora, eve, Sanction.LIMIT)

    suspended, limited = db.read_now(moderation.under_sanction)

    assert ([one.id for one in suspended], [one.id for one in limited]) == ([ben.id], [eve.id])


def test_the_link_of_the_letter_outlives_a_login_and_ends_after_thirty_days(posting, mora, ben):
    decide(posting, mora, ben, Sanction.SUSPEND)
    token = letters(posting)[0][1]["link"].rpartition("/")[2]
    posting.write_now(access.appeal_link, ben)
    assert posting.read_now(access.find_link, access.Purpose.APPEAL, token).member.id == ben.id

    posting.write_now(
        lambda tx: tx.conn.execute(update(mail_links).values(created_at=tx.now - timedelta(days=30, minutes=1)))
    )

    with pytest.raises(NotFound):
        posting.read_now(access.find_link, access.Purpose.APPEAL, token)
