# SPDX-License-Identifier: AGPL-3.0-or-later
"""Letters about single things: only what a member wants, has not looked at, and may see; and private words stay here."""

from dataclasses import replace

import pytest

from activitypub.addressing import Visibility
from node import digests, events, mail, posts, relationships, timelines
from node.kernel import queue
from node.kernel.paging import Page
from node.kernel.queue import Task
from node.mail import About
from node.notifications import Kind
from node.notifications.queries import page
from node.posts import Draft
from tests.support import letters
from tests.support.builders import a_member, an_event_draft


@pytest.fixture
def db(db):
    """Of a node that sends letters."""
    db.site = replace(db.site, has_mail=True)
    return db


@pytest.fixture
def ana(db):
    return a_member(db, "ana")


@pytest.fixture
def bo(db):
    return a_member(db, "bo")


def planned(db):
    rows = db.read_now(queue.listing, queue.Chosen(name=digests.TELL))
    return [Task(row.id, row.queue, row.name, row.lane, row.payload, 1) for row in rows]


async def told(db):
    """Run what is planned; the letters, as (address, subject, what each item says below its title)."""
    before = len(letters.in_queue(db))
    for task in planned(db):
        assert await digests.Teller(db).run(task)
    return [
        (to, letter["subject"], [item["detail"] for section in letter["sections"] for item in section["items"]])
        for to, letter in letters.in_queue(db)[before:]
    ]


def post(db, author, text, to=Visibility.PUBLIC):
    return db.write_now(posts.publish, author.actor, Draft(text=text, visibility=to))


async def test_a_direct_post_makes_a_letter_without_its_words(db, ana, bo):
    post(db, bo, "@ana The secret", Visibility.DIRECT)
    post(db, bo, "@ana In the open")

    assert await told(db) == [("ana@mail.example", "Bo has written to you", [""])]
    assert planned(db) == []


async def test_who_wants_it_hears_of_the_rest_too_a_letter_for_each_kind(db, ana, bo):
    everything = dict.fromkeys((About.MENTION, About.FOLLOW, About.FAVOURITE), True)
    db.write_now(mail.choose, ana.id, everything)
    number = post(db, ana, "Hello")
    for person in (bo, a_member(db, "cy")):
        db.write_now(posts.favourite, person.actor, number)
    db.write_now(relationships.follow, bo.actor, ana.actor)
    post(db, bo, "@ana In the open")

    assert len(planned(db)) == 1
    assert sorted(await told(db)) == [
        ("ana@mail.example", "Bo follows you now", [""]),
        ("ana@mail.example", "Bo mentioned you", ["@ana In the open"]),
        ("ana@mail.example", "Cy likes your post, and 1 more", ["Hello", "Hello"]),
    ]


async def test_what_was_looked_at_or_taken_away_is_in_no_letter(db, ana, bo):
    first = post(db, bo, "@ana One", Visibility.DIRECT)
    db.write_now(posts.delete_post, bo.actor, first)
    post(db, bo, "@ana Two", Visibility.DIRECT)
    [newest] = db.read_now(page, ana.id, Page(limit=1))
    db.write_now(timelines.set_marker, ana.id, "notifications", newest.id)
    assert await told(db) == []

    post(db, bo, "@ana Three", Visibility.DIRECT)
    db.write_now(relationships.block, ana.actor, bo.actor)
    assert await told(db) == []


async def test_what_comes_while_letters_are_written_is_in_the_next(db, ana, bo):
    from node.digests import news

    post(db, bo, "@ana One", Visibility.DIRECT)
    [task] = planned(db)
    found = db.read_now(news.gather_news, ana.id, 0)
    post(db, bo, "@ana Two", Visibility.DIRECT)
    db.write_now(news.write_down, found, task.id)

    [(_, subject, items)] = await told(db)
    assert (subject, len(items)) == ("Bo has written to you", 1)


async def test_a_changed_event_is_told_to_those_who_go(db, ana, bo):
    number = db.write_now(events.publish, bo.actor, an_event_draft())
    db.write_now(events.join, ana.actor, number)
    db.write_now(events.change, bo.actor, number, an_event_draft(place="The boathouse"))

    found = [one for one in await told(db) if one[0] == "ana@mail.example"]

    [(_, subject, [detail])] = found
    assert subject == "Bo has changed an event that you go to"
    assert "The boathouse" in detail


async def test_what_the_association_tells_has_letters_of_its_own(db, ana):
    from node import actors

    association = db.read_now(actors.association)
    db.write_now(posts.publish, association, Draft(text="@ana Hello", visibility=Visibility.DIRECT))

    assert await told(db) == []


async def test_who_declines_all_costs_no_task(db, ana, bo):
    db.write_now(mail.choose, ana.id, mail.QUIET)
    post(db, bo, "@ana One", Visibility.DIRECT)
    db.write_now(relationships.follow, bo.actor, ana.actor)

    assert planned(db) == []
    assert [one.type for one in db.read_now(page, ana.id, Page())] == [Kind.FOLLOW, Kind.MENTION]


async def test_whoever_is_gone_or_has_no_login_gets_none(db, ana):
    from node.digests import news

    assert db.read_now(news.gather_news, 12345, 0) is None
    assert await digests.Teller(db).run(Task(1, "work", digests.TELL, "", {"member": 12345, "after": 0}, 1))
