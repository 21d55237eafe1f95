# SPDX-License-Identifier: AGPL-3.0-or-later
"""Conversations when threads grow together, and whose direct posts open none."""

import pytest
from sqlalchemy import insert, update

from activitypub.addressing import Visibility
from node import notifications, posts
from node.actors.tables import actors
from node.kernel.paging import Page
from node.posts import conversations
from node.relationships.tables import domain_blocks
from tests.support.builders import a_post, an_actor


@pytest.fixture
def three(db):
    """(Ann, Bob, two direct posts of Bob's to Ann in threads of their own)."""
    ann, bob = an_actor(db), an_actor(db)
    written = [a_post(db, bob, f"@{ann.username} {word}", visibility=Visibility.DIRECT) for word in ("one", "two")]
    return ann, bob, written


def listed(db, actor):
    return [(one.thread_id, one.last_post_id) for one in db.read_now(conversations.page, actor.id, Page())]


def test_threads_that_turn_out_to_be_one_are_one_conversation(db, three):
    ann, _, (first, second) = three
    assert listed(db, ann) == [(second, second), (first, first)]
    db.write_now(posts.mute_thread, ann, second)

    db.write_now(conversations.join_threads, {second}, first)

    assert listed(db, ann) == [(first, second)]
    assert db.read_now(notifications.is_thread_muted, ann.id, first)
    assert not db.read_now(notifications.is_thread_muted, ann.id, second)
    assert db.read_now(conversations.unread_conversations, ann.id) == 1


def test_a_network_that_is_blocked_opens_none(db, three):
    ann, bob, _ = three
    db.write_now(lambda tx: tx.conn.execute(update(actors).where(actors.c.id == bob.id).values(domain="loud.example")))
    row = {"id": 1, "owner_id": ann.id, "domain": "loud.example"}
    db.write_now(lambda tx: tx.conn.execute(insert(domain_blocks), {**row, "created_at": tx.now}))
    before = listed(db, ann)

    a_post(db, bob, f"@{ann.username} three", visibility=Visibility.DIRECT)

    assert listed(db, ann) == before


def test_the_list_of_somebody_who_is_gone_is_gone(db, three):
    ann, bob, _ = three

    db.write_now(conversations.forget_owner, ann.id)

    assert listed(db, ann) == []
    assert len(listed(db, bob)) == 2
