# SPDX-License-Identifier: AGPL-3.0-or-later
"""Accounts that are deleted: everybody is told, nothing personal stays, and the name is nobody's again."""

import orjson
import pytest
from sqlalchemy import select

from node import access, actors, events, moderation, notifications, posts, relationships
from node.actors import Picture, ProfileChange
from node.kernel import queue
from node.kernel.db import metadata
from node.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from node.kernel.paging import Page
from node.members import get, queries
from node.posts import erasure
from tests.support.builders import a_member, a_post, an_actor, an_event_draft
from tests.support.peers import AS2

MARK = "quicksilver"


def everything(node):
    """All that the database holds, as text."""

    def dump(conn):
        return [(table.name, str(row)) for table in metadata.sorted_tables for row in conn.execute(select(table)).all()]

    return node.read(dump)


async def a_life(node, peers):
    """A member with traces everywhere, and people elsewhere who know of them."""
    bob = a_member(node.db, "bob", email=f"{MARK}@mail.example", display_name=f"{MARK} Bob")
    eve = an_actor(node.db, "eve")
    ann, zoe = peers.person("ann"), peers.person("zoe", "third", key=1)
    remote = await node.services.resolver.actor(ann.uri)
    await node.services.resolver.actor(zoe.uri)
    node.followed_by(ann.uri, bob.actor)
    node.write(
        relationships.update_profile,
        bob.actor,
        ProfileChange(summary=MARK, fields=[(MARK, MARK)], avatar=Picture(file=f"{MARK}.png")),
    )
    first = a_post(node.db, bob.actor, f"{MARK} #{MARK}")
    a_post(node.db, bob.actor, f"@eve {MARK}")
    node.write(posts.pin, bob.actor, first)
    liked = a_post(node.db, eve, "Like me")
    node.write(posts.favourite, bob.actor, liked)
    node.write(posts.favourite, eve, first)
    node.write(posts.boost, eve, first)
    node.write(posts.bookmark, bob.actor, liked)
    node.write(relationships.follow, bob.actor, remote)
    node.write(relationships.follow, eve, bob.actor)
    node.write(relationships.mute, eve, bob.actor)
    meeting = node.write(events.publish, eve, an_event_draft(capacity=3))
    node.write(events.join, bob.actor, meeting)
    node.write(events.publish, bob.actor, an_event_draft(title=MARK, text=MARK))
    node.write(moderation.report, bob.actor, eve.id, comment="Rude")
    node.write(access.create_session, bob.id, MARK)
    await node.work()
    return bob, eve, first, liked, meeting


async def test_a_deletion_is_told_to_everybody_and_leaves_nothing(node, peers):
    bob, eve, first, liked, meeting = await a_life(node, peers)
    uri = node.read(posts.find, first).uri
    bob = node.read(get, bob.id)
    peers.seen.clear()

    node.write(relationships.delete_account, bob)
    await node.work()

    for server in ("far", "third"):
        delete = peers.received(server)[-1]
        assert (delete["type"], delete["actor"], delete["object"]) == ("Delete", bob.actor.uri, bob.actor.uri)
    assert [row for row in everything(node) if MARK in row[1]] == []
    assert node.read(posts.find, liked).favourites_count == 0
    assert node.actor(eve.uri).following_count == 0
    assert node.read(events.get, meeting, eve.id).going_count == 0
    assert node.read(posts.find, first) is None
    [case] = node.read(moderation.cases, Page(), resolved=False)
    assert case.reporter is None
    for address, kind in ((bob.actor.uri, "Person"), (uri, "Note")):
        status, _, body = await peers.ask("GET", address, accept=AS2)
        assert (status, orjson.loads(body)["type"], orjson.loads(body)["formerType"]) == (410, "Tombstone", kind)
    status, _, _ = await peers.ask("GET", f"{node.base}/.well-known/webfinger?resource=acct:bob@{node.host}")
    assert status == 410
    status, _, _ = await peers.ask("GET", f"{node.base}/@bob", accept="text/html")
    assert status == 410
    assert node.read(queries.is_retired, "bob")
    with pytest.raises(Invalid):
        a_member(node.db, "bob")
    assert node.waiting(queue.WORK) == []


async def test_whoever_is_gone_is_shown_to_nobody_from_the_first_moment(node, peers):
    bob, eve, first, _, _ = await a_life(node, peers)

    node.write(relationships.delete_account, node.read(get, bob.id))

    with pytest.raises(NotFound):
        node.read(posts.visible, first, eve.id)
    with pytest.raises(NotFound):
        node.read(get, bob.id)
    assert bob.id not in [one.from_id for one in node.read(notifications.page, eve.id, Page())]


async def test_a_long_life_is_taken_away_some_at_a_time(node, peers, monkeypatch):
    monkeypatch.setattr(erasure, "BATCH", 2)
    bob = a_member(node.db, "bob")
    numbers = [a_post(node.db, bob.actor, f"Post {number}") for number in range(5)]
    node.write(relationships.delete_account, bob)

    await node.work()

    assert [node.read(posts.find, number) for number in numbers] == [None] * 5
    assert node.waiting(queue.WORK) == []


async def test_the_keys_stay_until_the_news_is_out(node, peers):
    bob = a_member(node.db, "bob")
    ann = peers.person("ann")
    await node.services.resolver.actor(ann.uri)
    peers.script("far", 503, 202)
    node.write(relationships.delete_account, bob)
    await node.work()
    node.make_due()

    await node.work()

    assert [said["type"] for said in peers.received()][-1] == "Delete"
    node.write(lambda tx: actors.drop_keys_of_gone(tx, deleted_before=tx.now))
    with pytest.raises(NotFound):
        node.read(actors.signing_key, node.db.site, bob.id)


async def test_the_association_and_the_only_administrator_stay(node):
    association = node.read(lambda conn: get(conn, actors.association(conn).id))
    ada = a_member(node.db, "ada", roles=("member", "admin"))

    with pytest.raises(NotAllowed):
        node.write(relationships.delete_account, association)
    with pytest.raises(Conflict):
        node.write(relationships.delete_account, ada)
    a_member(node.db, "ben", roles=("member", "admin"))
    node.write(relationships.delete_account, ada)
    assert node.actor(ada.actor.uri).deleted_at is not None


async def test_somebody_elsewhere_who_goes_takes_their_posts_and_marks_along(node, peers):
    bob, ann = an_actor(node.db, "bob"), peers.person("ann")
    await node.services.resolver.actor(ann.uri)
    node.follows(bob, ann.uri)
    post_id = a_post(node.db, bob)
    note = ann.note()
    await node.hear(peers, ann.create(note), by=ann)
    await node.hear(peers, ann.says("Like", node.read(posts.find, post_id).uri), by=ann)
    assert node.read(posts.find, post_id).favourites_count == 1

    await node.hear(peers, ann.says("Delete", ann.uri), by=ann)

    assert node.read(posts.by_uri, note["id"]) is None
    assert node.read(posts.find, post_id).favourites_count == 0
    assert node.read(notifications.page, bob.id, Page()) == []
