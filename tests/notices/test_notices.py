# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the association tells one member: seen by them alone, sent nowhere, and gone with its matter."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from node import actors, contacts, notices, notifications
from node.actors.tables import actors as actors_table
from node.contacts import State
from node.federation.tables import activities
from node.kernel import clock, queue
from node.kernel.paging import Page
from node.notices.tables import notices as table
from node.notifications import Kind
from node.posts import conversations
from node.posts.tables import mentions, posts
from node.relationships.visibility import visible_posts
from tests.support.builders import a_member, a_remote_actor


@pytest.fixture
def ana(db):
    """A member."""
    return a_member(db, "ana").actor


@pytest.fixture
def bo(db):
    """Another one."""
    return a_member(db, "bo").actor


def told(db, member):
    """The texts of the association's that a member can read, oldest first."""

    def read(conn):
        mine = visible_posts(posts, mentions, member.id)
        return (
            conn.execute(
                select(posts.c.source)
                .where(posts.c.author_id == actors.association(conn).id, posts.c.visibility == "direct", mine)
                .order_by(posts.c.id)
            )
            .scalars()
            .all()
        )

    return db.read_now(read)


def tell(db, member, **more):
    db.write_now(notices.tell, member, about="dues:1", text="Thank you.", link="https://alumni.example/dues", **more)


def test_one_member_reads_it_and_nobody_else(db, ana, bo):
    tell(db, ana)

    assert told(db, ana) == ["Thank you.\n\nhttps://alumni.example/dues"]
    assert told(db, bo) == []
    [conversation] = db.read_now(conversations.page, ana.id, Page())
    assert conversation.unread
    assert conversation.people == (db.read_now(actors.association).id,)


def test_no_other_server_hears_of_it(db, ana):
    def sent(conn):
        return (
            conn.execute(select(func.count()).select_from(activities)).scalar_one(),
            conn.execute(select(queue.tasks.c.name)).scalars().all(),
        )

    a_remote_actor(db)
    before = db.read_now(sent)
    tell(db, ana)
    db.write_now(notices.close, "dues:1")

    assert db.read_now(sent) == before


def test_the_same_matter_is_told_once_and_each_can_be_told_of_it(db, ana, bo):
    for member in (ana, ana, bo):
        tell(db, member)
    assert (len(told(db, ana)), len(told(db, bo))) == (1, 1)

    db.write_now(notices.close, "dues:1", member=bo)
    assert (len(told(db, ana)), len(told(db, bo))) == (1, 0)
    db.write_now(notices.close, "dues:2")
    db.write_now(notices.close, "dues:1")
    assert told(db, ana) == []
    assert db.read_now(actors.association).statuses_count == 0
    assert db.read_now(conversations.page, ana.id, Page()) == []


def test_what_is_told_for_a_time_goes_by_itself(db, ana, bo):
    tell(db, ana, until=clock.now() + timedelta(days=1))
    tell(db, bo)
    db.write_now(notices.sweep)
    assert len(told(db, ana)) == 1
    past = clock.now() - timedelta(days=1)
    db.write_now(lambda tx: tx.conn.execute(update(table).where(table.c.until.is_not(None)).values(until=past)))
    db.write_now(notices.sweep)

    assert (told(db, ana), len(told(db, bo))) == ([], 1)


def test_only_members_are_told(db, ana):
    for other in (a_remote_actor(db), db.read_now(actors.association)):
        tell(db, other)
    db.write_now(notices.forget_member, ana.id)

    assert db.read_now(lambda conn: conn.execute(select(func.count()).select_from(table)).scalar_one()) == 0


@pytest.mark.parametrize("answer", ["accept", "decline", "withdraw", "ask back", "leave"])
def test_a_request_is_told_until_it_is_answered(db, ana, bo, answer):
    db.write_now(contacts.ask, ana, bo, message="The choir!")
    [text] = told(db, bo)
    assert "Ana (@ana) would like to be a contact of yours.\n\nThe choir!" in text
    assert text.endswith("/contacts")
    assert told(db, ana) == []

    match answer:
        case "accept":
            db.write_now(contacts.accept, bo, ana)
        case "decline":
            db.write_now(contacts.decline, bo, ana)
        case "withdraw":
            db.write_now(contacts.withdraw, ana, bo)
        case "ask back":
            assert db.write_now(contacts.ask, bo, ana) is State.CONFIRMED
        case _:
            db.write_now(contacts.forget_actor, ana.id)

    assert told(db, bo) == []
    heard = told(db, ana)
    if answer in ("accept", "ask back"):
        assert len(heard) == 1
        assert "Bo (@bo) is a contact of yours now" in heard[0]
        db.write_now(contacts.remove, bo, ana)
    assert told(db, ana) == []


def test_who_is_asked_in_vain_again_is_told_nothing(db, ana, bo):
    db.write_now(contacts.ask, ana, bo)
    db.write_now(contacts.decline, bo, ana)
    db.write_now(contacts.withdraw, ana, bo)
    db.write_now(contacts.ask, ana, bo)

    assert (told(db, ana), told(db, bo)) == ([], [])


def test_whoever_is_told_is_notified(db, ana):
    tell(db, ana)

    [found] = db.read_now(notifications.page, ana.id, Page())
    assert found.type is Kind.MENTION


def test_nobody_who_has_died_is_told_anything(db, ana):
    db.write_now(
        lambda tx: tx.conn.execute(update(actors_table).where(actors_table.c.id == ana.id).values(memorial=True))
    )

    db.write_now(notices.tell, db.read_now(actors.get, ana.id), about="x:1", text="Hello", link="https://a.example/")

    assert told(db, ana) == []
