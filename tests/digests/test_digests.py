# SPDX-License-Identifier: AGPL-3.0-or-later
"""Digests: what stands in them, that nothing stands in two, and that nobody reads there what they may not see."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from activitypub.addressing import Visibility
from node import contacts, digests, events, mail, members, posts, profiles, relationships
from node.actors.tables import actors
from node.digests import Frequency, actions
from node.digests.letters import digest
from node.digests.tables import digests as table
from node.kernel import clock, queue
from node.kernel.queue import Task
from node.mail import About
from node.members.tables import members as members_table
from node.posts import Draft
from node.profiles import Listing
from tests.support import letters
from tests.support.builders import a_member, an_event_draft


@pytest.fixture
def db(db):
    """Of a node that sends letters."""
    db.site = replace(db.site, has_mail=True)
    return db


@pytest.fixture
def ana(db):
    """A member whose digest is due, of things since yesterday."""
    member = a_member(db, "ana", class_year=1998)
    make_due(db, member)
    return member


def make_due(db, member):
    db.write_now(digests.plan)
    now = clock.now()
    values = {"next_at": now, "seen_until": now - timedelta(days=1)}
    db.write_now(lambda tx: tx.conn.execute(update(table).where(table.c.member_id == member.id).values(values)))


async def sent(db):
    """Run what is planned; the digests that were posted, as (address, letter)."""
    before = len(letters.in_queue(db))
    db.write_now(digests.plan)
    for row in db.read_now(queue.listing, queue.Chosen(name=digests.SEND)):
        if row.run_at <= clock.now():
            task = Task(row.id, row.queue, row.name, row.lane, row.payload, 1)
            if not await digests.Sender(db).run(task):
                db.write_now(queue.complete, row.id)
    return letters.in_queue(db)[before:]


def titles(letter):
    return {section["title"]: [item["text"] for item in section["items"]] for section in letter["sections"]}


def post(db, author, text, *, to=Visibility.PUBLIC, answers=None):
    return db.write_now(posts.publish, author.actor, Draft(text=text, visibility=to, in_reply_to_id=answers))


async def test_what_is_new_comes_in_one_letter(db, ana):
    bo, cy = a_member(db, "bo", class_year=1998), a_member(db, "cy", class_year=1999)
    for one in (bo, cy):
        db.write_now(profiles.answer, one.id, listed_to=Listing.SCHOOL)
        db.write_now(members.announce, one, wished=True)
    db.write_now(contacts.ask, bo.actor, ana.actor, message="The choir!")
    event = db.write_now(events.publish, bo.actor, an_event_draft())
    db.write_now(relationships.follow, ana.actor, cy.actor)
    number = post(db, cy, "Who was in the rowing club?")
    post(db, bo, "I was.", answers=number)

    [(to, letter)] = (await sent(db))[-1:]

    assert to == "ana@mail.example"
    found = titles(letter)
    assert found["Waiting for you"] == ["Bo would like to be a contact of yours."]
    assert found["New events"] == ["Summer dinner"]
    assert f"/events/{event}" in str(letter["sections"])
    assert found["New in your class"] == ["Bo"]
    assert found["Much discussed"] == ["Cy: Who was in the rowing club?"]
    assert letter["unsubscribe"] == mail.unsubscribe_link(db.site, ana.id, About.DIGEST)


async def test_classmates_hear_of_a_newcomer_who_wished_it(db, ana):
    bo = a_member(db, "bo", class_year=1998, listed="class")
    assert await sent(db) == []

    def wish(member, *, wished):
        db.write_now(lambda tx: members.announce(tx, members.get(tx.conn, member.id), wished=wished))
        make_due(db, ana)

    wish(bo, wished=True)
    wish(bo, wished=False)
    assert await sent(db) == []
    wish(bo, wished=True)
    when = db.read_now(members.get, bo.id).announced_at
    wish(bo, wished=True)
    assert db.read_now(members.get, bo.id).announced_at == when

    [(_, letter)] = await sent(db)

    assert titles(letter) == {"New in your class": ["Bo"]}
    long_here = a_member(db, "cy", class_year=1998, listed="class")
    past = clock.now() - timedelta(days=91)
    db.write_now(lambda tx: tx.conn.execute(update(members_table).values(approved_at=past)))
    wish(long_here, wished=True)
    assert db.read_now(members.get, long_here.id).announced_at is None


async def test_nothing_stands_in_two_and_nothing_new_is_not_sent(db, ana):
    bo = a_member(db, "bo")
    db.write_now(contacts.ask, bo.actor, ana.actor)
    assert len(await sent(db)) == 1

    assert await sent(db) == []
    now = clock.now()
    db.write_now(lambda tx: tx.conn.execute(update(table).values(next_at=now)))
    assert await sent(db) == []


async def test_a_task_that_runs_twice_writes_once(db, ana):
    db.write_now(contacts.ask, a_member(db, "bo").actor, ana.actor)
    before = len(letters.in_queue(db))
    task = Task(1, "work", digests.SEND, "", {"member": ana.id}, 1)

    assert await digests.Sender(db).run(task)
    assert not await digests.Sender(db).run(task)

    assert len(letters.in_queue(db)) == before + 1


async def test_nobody_reads_what_they_may_not_see(db, ana):
    bo, cy = a_member(db, "bo", class_year=1998), a_member(db, "cy", class_year=1998)
    db.write_now(profiles.answer, cy.id, listed_to=Listing.SCHOOL)
    for one in (bo, cy):
        db.write_now(members.announce, one, wished=True)
    db.write_now(relationships.follow, ana.actor, bo.actor)
    hidden = post(db, bo, "For one alone @cy", to=Visibility.DIRECT)
    post(db, cy, "Yes", to=Visibility.DIRECT, answers=hidden)
    shown = post(db, bo, "For all")
    post(db, cy, "Yes", answers=shown)
    db.write_now(relationships.block, cy.actor, ana.actor)

    [(_, letter)] = await sent(db)

    # Bo has not said that they may be found, Cy wants nothing to do with Ana.
    assert titles(letter) == {"Much discussed": ["Bo: For all"]}


async def test_what_is_taken_back_before_it_is_sent_is_not_in_it(db, ana):
    bo = a_member(db, "bo")
    db.write_now(relationships.follow, ana.actor, bo.actor)
    number = post(db, bo, "Forget this")
    post(db, a_member(db, "cy"), "What?", answers=number)
    db.write_now(contacts.ask, bo.actor, ana.actor)
    db.write_now(contacts.withdraw, bo.actor, ana.actor)
    db.write_now(posts.delete_post, bo.actor, number)

    assert await sent(db) == []


async def test_text_behind_a_warning_stays_there(db, ana):
    bo = a_member(db, "bo")
    db.write_now(relationships.follow, ana.actor, bo.actor)
    number = db.write_now(posts.publish, bo.actor, Draft(text="The butler", spoiler_text="How it ends"))
    post(db, bo, "Indeed", answers=number)

    [(_, letter)] = await sent(db)

    assert titles(letter) == {"Much discussed": ["Bo: How it ends"]}
    assert "butler" not in str(letter)


async def test_there_are_at_most_twenty_five_things(db, ana):
    for number in range(30):
        db.write_now(contacts.ask, a_member(db, f"bo{number}").actor, ana.actor)
    before = len(letters.in_queue(db))

    [(_, letter)] = (await sent(db))[-1:]

    assert len(letters.in_queue(db)) == before + 1
    assert sum(len(found) for found in titles(letter).values()) == digests.MOST


async def test_a_member_chooses_how_often_or_never(db, ana):
    db.write_now(contacts.ask, a_member(db, "bo").actor, ana.actor)
    assert db.read_now(digests.frequency_of, ana.id) is Frequency.WEEKLY
    db.write_now(digests.decline, ana, About.DIGEST)

    assert await sent(db) == []
    assert db.read_now(digests.frequency_of, ana.id) is Frequency.NONE
    db.write_now(digests.choose, ana, Frequency.DAILY)
    [row] = db.read_now(lambda conn: conn.execute(table.select().where(table.c.member_id == ana.id)).all())
    assert clock.now() < row.next_at <= clock.now() + timedelta(days=1)


async def test_who_chooses_anew_while_it_is_written_gets_none(db, ana):
    db.write_now(contacts.ask, a_member(db, "bo").actor, ana.actor)
    before = len(letters.in_queue(db))
    found = db.read_now(digests.gather, ana.id, clock.now())
    db.write_now(digests.choose, ana, Frequency.NONE)

    db.write_now(actions.finish, ana, found.due, found.until, digest(db.site, found), 1)

    assert len(letters.in_queue(db)) == before
    assert db.read_now(digests.frequency_of, ana.id) is Frequency.NONE


async def test_other_kinds_are_declined_alike(db, ana):
    db.write_now(digests.decline, ana, About.CONTACT)

    assert not db.read_now(mail.wants, ana.id, About.CONTACT)
    assert db.read_now(digests.frequency_of, ana.id) is Frequency.WEEKLY


async def test_who_is_gone_or_shut_out_gets_none(db, ana):
    db.write_now(contacts.ask, a_member(db, "bo").actor, ana.actor)
    before = len(letters.in_queue(db))
    db.write_now(members.shut_out, ana.id, out=True)
    assert await sent(db) == []
    db.write_now(digests.forget_member, ana.id)

    assert db.read_now(digests.gather, ana.id, clock.now()) is None
    assert len(letters.in_queue(db)) == before


def test_a_node_without_mail_plans_nothing(db):
    db.site = replace(db.site, has_mail=False)
    ana = a_member(db, "ana")
    db.write_now(digests.plan)

    assert db.read_now(digests.gather, ana.id, clock.now()) is None


def test_a_french_member_reads_french(db):
    ana = a_member(db, "ana")
    found = digests.Digest(member=replace(ana, locale="fr"), due=clock.now(), until=clock.now(), missing=3)

    letter = digest(db.site, found)

    assert letter.subject.startswith("Du nouveau")
    assert letter.paragraphs == (
        "3 camarades de votre promotion ne sont pas encore ici. Savez-vous où ils sont\u00a0?",
    )
    assert not found.is_new


def test_the_staff_sees_whom_no_letter_reaches(db, ana):
    a_member(db, "bo")
    assert db.read_now(digests.unreachable, db.site) == []
    db.write_now(mail.note, "Ana@mail.example", mail.Refusal.FOR_GOOD)

    assert [one.username for one in db.read_now(digests.unreachable, db.site)] == ["ana"]


async def test_who_has_died_gets_no_letter_and_is_not_proposed(db, ana):
    bo = a_member(db, "bo", class_year=1998)
    db.write_now(contacts.ask, bo.actor, ana.actor)
    before = len(letters.in_queue(db))
    died = update(actors).where(actors.c.id == ana.id).values(memorial=True)
    db.write_now(lambda tx: tx.conn.execute(died))

    assert await sent(db) == []
    db.write_now(mail.post, ana.email, mail.Letter(subject="Hello", paragraphs=()), member=ana.id)
    assert len(letters.in_queue(db)) == before
    make_due(db, bo)
    assert await sent(db) == []
