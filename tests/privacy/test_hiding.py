# SPDX-License-Identifier: AGPL-3.0-or-later
"""Hiding an account and coming back: who sees it, what waits, and what goes on for nobody."""

from dataclasses import replace

import pytest

from node import access, actors, contacts, directory, members, moderation, notifications, posts, privacy
from node.directory import Wanted
from node.kernel import audit
from node.kernel.errors import Conflict, NotFound
from node.kernel.paging import Page
from node.mail import About
from node.mail.post import kept_back
from node.members import Standing
from node.moderation import Sanction, deaths
from node.notifications import Kind
from tests.support.builders import a_member, a_post
from tests.support.outgoing import said


@pytest.fixture
def ana(db):
    return a_member(db, "ana", class_year=1998, listed="school")


@pytest.fixture
def bo(db):
    return a_member(db, "bo", class_year=1998, listed="school")


def now_of(db, member):
    return db.read_now(members.get, member.id)


def test_nobody_is_shown_a_hidden_account_and_all_is_back_when_it_comes_back(db, ana, bo):
    number = a_post(db, ana.actor, "Hello")
    db.write_now(contacts.ask, ana.actor, bo.actor)
    db.write_now(contacts.accept, bo.actor, ana.actor)

    def shown():
        def read(conn):
            try:
                post_shown = posts.view(conn, number, bo.id) is not None
            except NotFound:
                post_shown = False
            known = [one.username for _, one in contacts.of(conn, bo.id, Page())]
            found = [one.username for one in directory.search(conn, bo.actor, Wanted(words="ana")).people]
            return post_shown, known, found

        return db.read_now(read)

    before = shown()
    assert before == (True, ["ana"], ["ana"])
    db.write_now(privacy.deactivate, ana)
    db.write_now(privacy.deactivate, now_of(db, ana))

    assert shown() == (False, [], [])
    hidden = now_of(db, ana)
    assert (hidden.standing, hidden.is_active, hidden.actor.is_hidden) == (Standing.DEACTIVATED, False, True)
    db.write_now(notifications.notify, hidden.actor, Kind.FOLLOW, bo.actor)
    told = [one.type for one in db.read_now(notifications.page, ana.id, Page())]
    assert Kind.FOLLOW not in told
    db.write_now(privacy.reactivate, hidden)
    db.write_now(privacy.reactivate, now_of(db, ana))
    assert (shown(), now_of(db, ana).standing) == (before, Standing.ACTIVE)
    assert [one.verb for one in db.read_now(audit.about, ana.id)][:2] == ["reactivate", "deactivate"]


def test_other_servers_are_told_what_can_be_taken_back_and_never_of_a_deletion(db, ana):
    db.write_now(privacy.deactivate, ana)
    db.write_now(privacy.reactivate, now_of(db, ana))

    told = [(one["type"], one["object"].get("suspended")) for one in said(db)]
    assert told == [("Update", True), ("Update", None)]


def test_sessions_end_and_tokens_wait(db, ana):
    db.write_now(access.create_session, ana.id, "A browser")
    ended = []
    db.bus.subscribe(access.REVOKED, ended.append)
    db.write_now(privacy.deactivate, ana)

    assert db.read_now(access.sessions_of, ana.id) == []
    assert ended == [ana.id]


@pytest.mark.parametrize("about", About)
def test_only_letters_that_open_the_account_are_written(db, ana, about):
    site = replace(db.site, has_mail=True)
    db.write_now(privacy.deactivate, ana)

    why = db.read_now(kept_back, site, ana.email, about=about, member=ana.id)

    assert (why is None) is (about in (About.SECURITY, About.VERIFICATION))


def test_the_staff_learns_nothing_and_decides_nothing_but_a_death(db, ana, bo):
    db.write_now(privacy.deactivate, ana)
    hidden = now_of(db, ana).actor
    for act in (
        lambda tx: moderation.decide(tx, None, hidden, Sanction.SUSPEND, "Spam"),
        lambda tx: moderation.lift(tx, None, hidden, Sanction.SUSPEND),
        lambda tx: moderation.delete_for_good(tx, None, hidden),
    ):
        with pytest.raises(Conflict):
            db.write_now(act)
    with pytest.raises(NotFound):
        db.write_now(deaths.report, bo.actor, hidden, "I heard so.")

    db.write_now(deaths.confirm, None, hidden, "Her sister wrote.")
    after = now_of(db, ana)
    assert (after.actor.memorial, after.actor.is_hidden, after.standing) == (True, True, Standing.DISABLED)
    db.write_now(deaths.undo, None, after.actor, "It was somebody else.")
    assert now_of(db, ana).standing is Standing.ACTIVE
    assert db.read_now(actors.get, ana.id).is_active


def test_who_comes_back_keeps_what_was_to_be_deleted(db, ana):
    db.write_now(privacy.deactivate, ana)
    due = db.write_now(privacy.schedule_deletion, now_of(db, ana))
    db.write_now(privacy.reactivate, now_of(db, ana))

    db.write_now(lambda tx: privacy.depart(replace(tx, now=due), ana.id))
    assert now_of(db, ana).is_active


def test_the_only_administrator_stays(db):
    boss = a_member(db, "boss", roles=("member", "admin"))
    with pytest.raises(Conflict):
        db.write_now(privacy.deactivate, boss)
    assert now_of(db, boss).is_active
