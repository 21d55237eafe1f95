# SPDX-License-Identifier: AGPL-3.0-or-later
"""An account of somebody else is deleted by two administrators, where there are two."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from node import actors, moderation
from node.kernel import clock
from node.kernel.errors import NotAllowed, NotFound
from node.moderation import Sanction, deaths, seconding
from node.moderation.tables import proposed_deletions
from tests.support.builders import a_member
from tests.support.letters import in_queue


@pytest.fixture
def chief(db):
    return a_member(db, "chief", roles=("member", "admin"))


@pytest.fixture
def second(db):
    return a_member(db, "second", roles=("member", "admin"))


@pytest.fixture
def ben(db):
    member = a_member(db, "ben")
    db.write_now(moderation.decide, None, member.actor, Sanction.SUSPEND, "Spam")
    return member


def deletes(db, staff, member):
    return db.write_now(lambda tx: moderation.delete_for_good(tx, staff, actors.get(tx.conn, member.id)))


def is_gone(db, member):
    return db.read_now(actors.find, member.id).deleted_at is not None


def test_one_proposes_and_another_agrees(db, chief, second, ben):
    db.site = replace(db.site, has_mail=True)
    before = len(in_queue(db))

    assert not deletes(db, chief, ben)
    assert not deletes(db, chief, ben)
    assert not is_gone(db, ben)
    [(to, letter)] = in_queue(db)[before:]
    assert (to, letter["link"].endswith(f"/staff/people/{ben.id}")) == (second.email, True)

    assert deletes(db, second, ben)
    assert is_gone(db, ben)
    assert [one.action for one in db.read_now(moderation.done_about, ben.id)] == ["suspend", "propose", "delete"]


def test_alone_or_where_the_host_does_not_want_it_one_is_enough(db, chief, ben):
    assert deletes(db, chief, ben)

    other = a_member(db, "other", roles=("member", "admin"))
    olga = a_member(db, "olga")
    db.write_now(moderation.decide, None, olga.actor, Sanction.SUSPEND, "Spam")
    db.site = replace(db.site, two_admins=False)
    assert deletes(db, other, olga)


def test_the_command_line_needs_nobody(db, chief, second, ben):
    assert deletes(db, None, ben)


def test_whom_it_is_about_is_no_second_one(db, chief, second):
    db.write_now(lambda tx: moderation.decide(tx, chief, second.actor, Sanction.SUSPEND, "Spam"))
    assert deletes(db, chief, second)


def test_a_proposal_is_withdrawn_and_ends_by_itself(db, chief, second, ben):
    deletes(db, chief, ben)
    with pytest.raises(NotAllowed):
        db.write_now(seconding.withdraw, ben, ben.actor)
    db.write_now(seconding.withdraw, second, ben.actor)
    with pytest.raises(NotFound):
        db.write_now(seconding.withdraw, second, ben.actor)

    assert not deletes(db, second, ben)
    late = clock.now() - seconding.LASTS - timedelta(minutes=1)
    db.write_now(lambda tx: tx.conn.execute(update(proposed_deletions).values(proposed_at=late)))
    assert not deletes(db, chief, ben)
    assert deletes(db, second, ben)


def test_a_memorial_is_purged_by_two(db, chief, second):
    ada = a_member(db, "ada")
    db.write_now(deaths.confirm, chief, ada.actor, "The family wrote.")

    def purge(staff):
        return db.write_now(lambda tx: deaths.purge(tx, staff, actors.get(tx.conn, ada.id), "Her sister asks."))

    assert not purge(chief)
    assert purge(second)
    assert is_gone(db, ada)


async def test_two_who_propose_it_at_the_same_moment_are_both_answered(db, chief, second, ben):
    def propose(tx, staff):
        moderation.delete_for_good(tx, staff, actors.get(tx.conn, ben.id))

    await asyncio.gather(db.write(propose, chief), db.write(propose, second))

    for staff in (chief, second):
        if not is_gone(db, ben):
            deletes(db, staff, ben)
    assert is_gone(db, ben)
