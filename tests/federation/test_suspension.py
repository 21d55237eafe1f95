# SPDX-License-Identifier: AGPL-3.0-or-later
"""What other servers hear and see of somebody whom the staff suspends, and what becomes of those elsewhere."""

import orjson
import pytest

from node import actors, members, moderation, posts, privacy, relationships
from node.kernel import queue
from node.kernel.paging import Page
from node.moderation import Sanction, domains, severing
from node.moderation.tables import severed, staff_actions
from node.notifications.tables import notifications
from node.relationships.tables import follows
from tests.support.builders import a_member, a_post, a_remote_actor, an_actor


def decide(node, target, kind=Sanction.SUSPEND, staff=None, reason="Spam"):
    return node.write(moderation.decide, staff, target, kind, reason)


def told(node, member):
    """The kind and the details of a member's notifications, oldest first."""
    rows = node.read(
        lambda conn: conn.execute(
            notifications.select().where(notifications.c.owner_id == member.id).order_by(notifications.c.id)
        ).all()
    )
    return [(row.type, row.details) for row in rows]


async def test_followers_hear_of_a_suspension_and_of_its_end_and_of_nothing_that_waited(node, peers):
    bob = an_actor(node.db, "bob")
    ann = peers.person("ann")
    await node.services.resolver.actor(ann.uri)
    node.followed_by(ann.uri, bob)
    a_post(node.db, bob, "Never sent")

    decide(node, bob)
    await node.work()

    [update] = peers.received()
    assert (update["type"], update["object"]["suspended"], update["object"]["name"]) == ("Update", True, "bob")
    node.write(moderation.lift, None, node.actor(bob.uri), Sanction.SUSPEND)
    await node.work()
    again = peers.received()[-1]
    assert (again["type"], again["object"].get("suspended")) == ("Update", None)
    assert again["object"]["name"] == "Bob"
    assert len(peers.received()) == 2


async def test_a_suspended_actor_is_a_stub_and_what_hangs_on_it_is_closed(node, peers):
    bob = an_actor(node.db, "bob")
    post = node.read(posts.find, a_post(node.db, bob))

    decide(node, bob)

    status, _, body = await peers.ask("GET", bob.uri)
    document = orjson.loads(body)
    assert (status, document["suspended"], document["summary"]) == (200, True, "")
    for address in ("outbox", "followers", "following", "featured", "featured-tags"):
        assert (await peers.ask("GET", f"{bob.uri}/{address}"))[0] == 403, address
    assert (await peers.ask("GET", post.uri))[0] == 404


async def test_who_hides_their_account_is_a_stub_without_a_way_to_it_and_nobody_is_told_to_delete(node, peers):
    bob = a_member(node.db, "bob").actor
    ann = peers.person("ann")
    await node.services.resolver.actor(ann.uri)
    node.followed_by(ann.uri, bob)
    post = node.read(posts.find, a_post(node.db, bob))
    await node.work()

    node.write(privacy.deactivate, node.read(members.get, bob.id))
    await node.work()

    assert [(one["type"], one["object"].get("suspended")) for one in peers.received()][-1] == ("Update", True)
    status, _, body = await peers.ask("GET", bob.uri)
    document = orjson.loads(body)
    assert (status, document["suspended"], document["summary"]) == (200, True, "")
    for address in (f"{bob.uri}/outbox", f"{bob.uri}/followers", post.uri):
        assert (await peers.ask("GET", address))[0] == 404, address
    node.write(privacy.reactivate, node.read(members.get, bob.id))
    await node.work()
    assert [one["type"] for one in peers.received()].count("Delete") == 0
    assert peers.received()[-1]["object"].get("suspended") is None
    assert (await peers.ask("GET", post.uri))[0] == 200


async def test_somebody_elsewhere_is_hidden_unheard_and_left(node, peers):
    bob, eve = an_actor(node.db, "bob"), an_actor(node.db, "eve")
    ann = peers.person("ann")
    await node.services.resolver.actor(ann.uri)
    node.follows(bob, ann.uri)
    node.followed_by(ann.uri, bob)
    node.followed_by(ann.uri, eve)
    await node.hear(peers, ann.create(ann.note("Before")), by=ann)

    decide(node, node.actor(ann.uri))
    await node.work()

    assert node.count(follows) == 0
    assert sorted(item["type"] for item in peers.received()) == ["Reject", "Reject", "Undo"]
    [(_, details)] = [one for one in told(node, bob) if one[0] == "severed_relationships"]
    assert details["type"] == "account_suspension"
    assert (details["followers_count"], details["following_count"]) == (1, 1)
    assert details["target_name"] == f"ann@{peers.host()}"
    assert [one[1]["followers_count"] for one in told(node, eve) if one[0] == "severed_relationships"] == [1]
    assert node.count(severed) == 0
    await node.hear(peers, ann.create(ann.note("After")), by=ann)
    assert node.read(posts.of_author, node.actor(ann.uri).id, bob.id, Page()) == []
    await node.hear(peers, ann.says("Follow", bob.uri), by=ann)
    assert node.count(follows) == 0


async def test_the_word_of_their_own_server_does_not_end_our_suspension(node, peers):
    ann = peers.person("ann")
    await node.services.resolver.actor(ann.uri)
    decide(node, node.actor(ann.uri))

    await node.services.resolver.actor(ann.uri, refresh=True)

    assert node.actor(ann.uri).suspended_at is not None
    node.write(moderation.lift, None, node.actor(ann.uri), Sanction.SUSPEND)
    assert node.actor(ann.uri).is_active


@pytest.mark.parametrize("kind", ["domain", "file"])
def test_a_blocked_domain_is_left_by_everybody_and_each_is_told_once(db, kind, monkeypatch):
    monkeypatch.setattr("node.moderation.severing.BATCH", 2)
    bob, eve = an_actor(db, "bob"), an_actor(db, "eve")
    there = [
        a_remote_actor(db, "one", host="bad.example"),
        a_remote_actor(db, "two", host="sub.bad.example"),
        a_remote_actor(db, "six", host="bad.example:8443"),
    ]
    others = [a_remote_actor(db, "ten", host="notbad.example"), a_remote_actor(db, "far", host="bad.example.org")]
    for number, person in enumerate((*there, *others)):
        db.write_now(relationships.actions.begin, bob, person, f"{bob.uri}#{number}", accepted=True)
        db.write_now(relationships.actions.begin, person, bob, f"{person.uri}#f", accepted=True)
    db.write_now(relationships.actions.begin, eve, there[0], f"{eve.uri}#e", accepted=False)

    if kind == "domain":
        assert db.write_now(domains.block, None, "Bad.Example", "They send spam") is True
    else:
        assert db.write_now(domains.take, None, "#domain,#severity\nbad.example,suspend\n").blocked == 1
    work(db)

    kept = db.read_now(lambda conn: conn.execute(follows.select()).all())
    assert {row.follower_id for row in kept} | {row.followee_id for row in kept} == {
        bob.id,
        *(one.id for one in others),
    }
    [(_, details)] = [one for one in told(Reading(db), bob) if one[0] == "severed_relationships"]
    assert {**details, "id": ""} == {
        "id": "",
        "type": "domain_block",
        "purged": False,
        "target_name": "bad.example",
        "followers_count": 3,
        "following_count": 3,
    }
    # Whoever only asked has lost nothing.
    assert [one for one in told(Reading(db), eve) if one[0] == "severed_relationships"] == []
    found = db.read_now(actors.get, bob.id)
    assert (found.followers_count, found.following_count) == (2, 2)
    assert db.write_now(domains.block, None, "bad.example") is False
    assert db.write_now(domains.block, None, "worse.example") is True
    done = db.read_now(lambda conn: conn.execute(staff_actions.select().order_by(staff_actions.c.id)).all())
    assert [(row.action, row.domain) for row in done] == [("block", "bad.example"), ("block", "worse.example")]


class Reading:
    """So much of a node as `told` asks for."""

    def __init__(self, db):
        self.read = db.read_now


def work(db):
    """Run the tasks that end follows, as the worker does."""
    while True:
        claimed = [
            task
            for task in db.write_now(queue.claim, "work", limit=20, per_lane=20, busy={})
            if task.name == severing.SEVER
        ]
        if not claimed:
            return
        for task in claimed:
            db.write_now(severing.run, task.payload, task.id)


def test_people_of_a_blocked_domain_are_hidden_until_no_block_covers_them(db):
    near, below = a_remote_actor(db, host="bad.example"), a_remote_actor(db, host="sub.bad.example")
    other = a_remote_actor(db, host="good.example")
    suspended = a_remote_actor(db, host="bad.example")
    db.write_now(moderation.decide, None, suspended, Sanction.SUSPEND, "Spam")
    db.write_now(domains.block, None, "sub.bad.example")

    db.write_now(domains.block, None, "bad.example")

    def shown():
        people = db.read_now(actors.by_ids, [one.id for one in (near, below, other, suspended)])
        return [people[one.id].is_active for one in (near, below, other, suspended)]

    assert shown() == [False, False, True, False]
    assert db.write_now(domains.unblock, None, "bad.example") is True
    assert shown() == [True, False, True, False]
    assert db.write_now(domains.unblock, None, "sub.bad.example") is True
    assert shown() == [True, True, True, False]
    db.write_now(domains.block, None, "bad.example")
    db.write_now(moderation.lift, None, db.read_now(actors.get, suspended.id), Sanction.SUSPEND)
    assert shown() == [False, False, True, False]
    db.write_now(domains.unblock, None, "bad.example")
    assert shown() == [True, True, True, True]


def test_two_events_are_two_notifications(db):
    bob = an_actor(db, "bob")
    for host in ("bad.example", "worse.example"):
        person = a_remote_actor(db, host=host)
        db.write_now(relationships.actions.begin, bob, person, f"{bob.uri}#{host}", accepted=True)
        db.write_now(domains.block, None, host)

    assert [one[1]["target_name"] for one in told(Reading(db), bob)] == ["bad.example", "worse.example"]


def test_a_member_gone_for_good_is_deleted_everywhere(db):
    admin = a_member(db, "ada", roles=("member", "admin"))
    bob = an_actor(db, "bob")
    db.write_now(moderation.decide, admin, bob, Sanction.SUSPEND, "Spam")

    db.write_now(moderation.delete_for_good, admin, db.read_now(actors.get, bob.id))

    assert db.read_now(actors.find, bob.id).deleted_at is not None
