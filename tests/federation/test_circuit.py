# SPDX-License-Identifier: AGPL-3.0-or-later
"""Servers that are down: held after five failures, probed with one delivery, opened by any sign of life, given up if they
say that they are no more."""

from datetime import timedelta

import pytest
from aiohttp import web
from sqlalchemy import update

from node import posts, relationships
from node.federation import hosts
from node.federation.tables import hosts as hosts_table
from node.kernel import clock, queue
from node.kernel.queue import tasks
from node.posts import Draft
from tests.support.builders import a_post, an_actor
from tests.support.peers import Peers


@pytest.fixture
async def followed(node, peers: Peers):
    """(the node, the peers, our Bob, Ann at far, who follows him)."""
    bob, ann = an_actor(node.db, "bob"), peers.person("ann")
    await node.services.resolver.actor(ann.uri)
    node.followed_by(ann.uri, bob)
    peers.seen.clear()
    return node, peers, bob, ann


async def down(node, peers, bob, *, posts_written: int = 5) -> None:
    """Have far fail until it is held."""
    peers.script("far", 503)
    for number in range(posts_written):
        a_post(node.db, bob, f"Post {number}")
    await node.work("delivery")
    peers.seen.clear()


def state(node, peers):
    return node.read(hosts.state, peers.host("far"))


def probe_time(node):
    (row,) = [row for row in node.waiting("work") if row.name == hosts.PROBE]
    return row.run_at - clock.now()


async def let_it_be_probed(node) -> None:
    def due(tx):
        tx.conn.execute(update(tasks).where(tasks.c.name == hosts.PROBE).values(run_at=tx.now))

    node.write(due)
    await node.work("work")
    await node.work("delivery")


async def test_five_failures_hold_a_host_and_nothing_more_is_sent_there(followed):
    node, peers, bob, _ = followed

    await down(node, peers, bob)

    assert state(node, peers).held_since is not None
    a_post(node.db, bob, "One more")
    node.make_due()
    await node.work("delivery")
    assert peers.posts == []
    waiting = node.waiting("delivery")
    assert len(waiting) == 6
    assert all(row.held for row in waiting)
    assert node.read(queue.next_due, queue.DELIVERY) is None


async def test_a_held_host_is_probed_with_one_delivery_after_growing_pauses(followed):
    node, peers, bob, _ = followed
    await down(node, peers, bob)

    pauses = []
    for _ in range(6):
        pauses.append(round(probe_time(node).total_seconds() / 60))
        peers.seen.clear()
        await let_it_be_probed(node)
        assert len({seen.body for seen in peers.posts}) == 1
    assert pauses == [2, 5, 15, 60, 360, 360]
    assert all(row.attempts <= 1 for row in node.waiting("delivery"))


async def test_each_probe_tries_another_delivery_so_that_no_single_one_keeps_a_host_held(followed):
    node, peers, bob, _ = followed
    await down(node, peers, bob)

    bodies = set()
    for _ in range(5):
        peers.seen.clear()
        await let_it_be_probed(node)
        bodies |= {seen.body for seen in peers.posts}

    assert len(bodies) == 5


@pytest.mark.parametrize("answer", [202, 404], ids=["taken", "refused"])
async def test_a_probe_that_is_answered_opens_the_host_and_sends_all_that_waited(followed, answer):
    node, peers, bob, _ = followed
    await down(node, peers, bob)
    peers.script("far", answer, 202)

    await let_it_be_probed(node)

    assert state(node, peers).held_since is None
    assert state(node, peers).failures == 0
    assert len(peers.posts) == 5
    assert [row for row in node.waiting("delivery") if row.parked_at is None] == []


async def test_whatever_comes_from_a_held_host_opens_it_at_once(followed):
    node, peers, bob, ann = followed
    await down(node, peers, bob)
    peers.script("far", 202)

    await node.hear(peers, ann.says("Like", "http://nowhere.localhost/1"), by=ann)

    assert state(node, peers).held_since is None
    assert len(peers.posts) == 5
    assert node.waiting("delivery") == []


async def test_what_comes_with_a_wrong_signature_opens_nothing(followed):
    node, peers, bob, ann = followed
    await down(node, peers, bob)
    peers.rotate(ann, 1)
    ann.document["publicKey"]["publicKeyPem"] = "nothing"

    status, _ = await peers.send(ann.says("Like", "http://nowhere.localhost/1"), by=ann, to=node.inbox)

    assert status == 401
    assert state(node, peers).held_since is not None


async def test_a_host_that_only_sends_is_held_again_by_its_first_failure(followed):
    node, peers, bob, ann = followed
    await down(node, peers, bob)

    await node.hear(peers, ann.says("Like", "http://nowhere.localhost/1"), by=ann)

    assert state(node, peers).held_since is not None
    sent = len(peers.posts)
    await node.hear(peers, ann.says("Like", "http://nowhere.localhost/2"), by=ann)
    assert len(peers.posts) == sent


async def test_a_probe_finds_nothing_to_send_and_the_next_delivery_tells(followed):
    node, peers, bob, _ = followed
    await down(node, peers, bob)
    node.write(queue.drop, queue.Chosen(queue=queue.DELIVERY))

    await let_it_be_probed(node)
    assert state(node, peers).held_since is None
    a_post(node.db, bob, "Again")
    await node.work("delivery")

    assert state(node, peers).held_since is not None


async def test_other_hosts_are_not_held_with_it(followed):
    node, peers, bob, _ = followed
    carl = peers.person("carl", "near", key=1)
    await node.services.resolver.actor(carl.uri)
    node.followed_by(carl.uri, bob)

    await down(node, peers, bob)
    a_post(node.db, bob, "For those who are there")
    await node.work("delivery")

    assert len(peers.received("near")) == 1
    assert peers.received("far") == []


async def test_a_success_between_failures_starts_the_count_anew(followed):
    node, peers, bob, _ = followed

    for _ in range(3):
        peers.script("far", 500, 500, 500, 500, 202)
        for _ in range(3):
            a_post(node.db, bob, "Hello")
            await node.work("delivery")

    assert state(node, peers).held_since is None


@pytest.mark.parametrize("status", [401, 403])
async def test_a_signature_that_is_refused_is_tried_for_a_day(followed, status):
    node, peers, bob, _ = followed
    peers.script("far", status)
    a_post(node.db, bob, "One")
    await node.work("delivery")
    (row,) = node.waiting("delivery")
    assert row.parked_at is None

    def a_day_old(tx):
        number = row.id - (int(timedelta(hours=25).total_seconds() * 1000) << 16)
        tx.conn.execute(update(tasks).where(tasks.c.id == row.id).values(id=number, run_at=tx.now))

    node.write(a_day_old)
    await node.work("delivery")

    (row,) = node.waiting("delivery")
    assert row.parked_at is not None
    assert state(node, peers).held_since is None


async def test_what_waits_too_long_is_set_aside_and_dropped_in_the_end(followed):
    node, peers, bob, _ = followed
    await down(node, peers, bob)
    later = clock.now() + timedelta(days=1)

    node.write(queue.sweep, held_before=later, parked_before=clock.now())
    assert all(row.parked_at is not None for row in node.waiting("delivery"))
    node.write(queue.sweep, held_before=later, parked_before=later)

    assert node.waiting("delivery") == []


async def test_hosts_with_which_there_is_nothing_to_do_are_forgotten(node, peers):
    def long_ago(tx):
        for number in range(30):
            hosts.failed(tx, f"made-up-{number}.example", "nobody")
        hosts.succeeded(tx, "friend.example")
        queue.enqueue_many(tx, "federation.deliver", [("made-up-3.example", {})], queue=queue.DELIVERY)
        tx.conn.execute(update(hosts_table).values(first_seen_at=tx.now - timedelta(days=8)))

    node.write(long_ago)
    node.write(hosts.sweep)

    assert node.read(hosts.peers) == ["friend.example", "made-up-3.example"]


async def test_rows_held_for_a_host_that_is_not_are_released(node, peers):
    def write(tx):
        lane = "open.example"
        queue.enqueue_many(tx, "federation.deliver", [(lane, {})], queue=queue.DELIVERY, held=[lane])

    node.write(write)
    node.write(hosts.sweep)

    assert [row.held for row in node.waiting("delivery")] == [False]


# -- 410 --------------------------------------------------------------------------------------------------------------


async def personal(followed):
    """Bob's follower has no shared inbox."""
    node, peers, bob, _ann = followed
    dora = peers.person("dora", "small", key=1, endpoints={})
    await node.services.resolver.actor(dora.uri)
    node.followed_by(dora.uri, bob)
    return node, peers, bob, dora


async def test_a_person_whose_inbox_and_document_are_gone_follows_no_more(followed):
    node, peers, bob, dora = await personal(followed)
    peers.script("small", 410)

    async def no_more(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=410)

    peers.handlers[dora.uri] = no_more
    a_post(node.db, bob, "One")
    await node.work()

    assert node.actor(dora.uri).deleted_at is not None
    assert node.actor_named("bob").followers_count == 1


async def test_a_person_whose_document_is_there_stays(followed):
    node, peers, bob, dora = await personal(followed)
    peers.script("small", 410)

    a_post(node.db, bob, "One")
    await node.work()

    assert node.actor(dora.uri).deleted_at is None
    assert node.actor_named("bob").followers_count == 2


async def test_a_server_that_is_gone_gets_nothing_more_and_is_asked_once_a_week(followed):
    node, peers, bob, ann = followed
    peers.script("far", 410)

    a_post(node.db, bob, "One")
    await node.work()

    assert state(node, peers).gone_at is not None
    assert node.actor(ann.uri).deleted_at is None
    peers.seen.clear()
    a_post(node.db, bob, "Two")
    await node.work()
    assert peers.posts == []
    (row,) = [row for row in node.waiting("work") if row.name == hosts.VERIFY]
    assert timedelta(days=6) < row.run_at - clock.now() < timedelta(days=8)


async def again_after(node, days: int) -> None:
    def pass_time(tx):
        tx.conn.execute(update(hosts_table).values(gone_at=tx.now - timedelta(days=days)))
        tx.conn.execute(update(tasks).where(tasks.c.name == hosts.VERIFY).values(run_at=tx.now))

    node.write(pass_time)
    await node.work()


async def test_a_server_that_was_said_to_be_gone_and_answers_is_taken_back(followed):
    node, peers, bob, _ = followed
    peers.script("far", 410)
    a_post(node.db, bob, "One")
    await node.work()

    await again_after(node, 7)

    assert state(node, peers).gone_at is None
    peers.script("far", 202)
    a_post(node.db, bob, "Two")
    await node.work()
    assert [activity["object"]["content"] for activity in peers.received()][-1:] == ["<p>Two</p>"]


async def test_a_server_that_was_said_to_be_gone_and_is_heard_is_taken_back_for_good(followed):
    node, peers, bob, ann = followed
    peers.script("far", 410)
    a_post(node.db, bob, "One")
    await node.work()
    peers.script("far", 202)

    await node.hear(peers, ann.says("Like", "http://nowhere.localhost/1"), by=ann)
    assert state(node, peers).gone_at is None
    node.make_due()
    await node.work()

    assert state(node, peers).gone_at is None
    assert [row for row in node.waiting("work") if row.name == hosts.VERIFY] == []


async def test_after_sixty_days_the_follows_of_a_server_that_is_gone_end(followed):
    node, peers, bob, ann = followed
    peers.script("far", 410)
    a_post(node.db, bob, "One")
    await node.work()
    del peers.documents[ann.uri]

    await again_after(node, 30)
    assert node.actor_named("bob").followers_count == 1
    await again_after(node, 61)

    assert node.actor_named("bob").followers_count == 0
    assert node.actor(ann.uri).deleted_at is not None


# -- who may hold a copy ----------------------------------------------------------------------------------------------


async def test_a_delete_reaches_the_servers_of_those_who_followed_when_it_was_posted(followed):
    node, peers, bob, ann = followed
    before = a_post(node.db, bob, "Ann sees this")
    await node.work()
    node.write(relationships.actions.end, node.actor(ann.uri), node.actor_named("bob"))
    after = a_post(node.db, bob, "Ann does not see this")
    await node.work()
    peers.seen.clear()

    for post_id in (after, before):
        node.write(posts.delete_post, bob, post_id)
    await node.work()

    assert [activity["type"] for activity in peers.received()] == ["Delete"]


async def test_a_delete_reaches_the_server_of_somebody_who_was_named_before_an_edit(node, peers):
    bob, ann = an_actor(node.db, "bob"), peers.person("ann")
    await node.services.resolver.actor(ann.uri)
    post_id = a_post(node.db, bob, f"Hello @{ann.handle}")
    node.write(posts.edit, bob, post_id, Draft(text="Hello"))
    await node.work()
    peers.seen.clear()

    node.write(posts.delete_post, bob, post_id)
    await node.work()

    assert [activity["type"] for activity in peers.received()] == ["Delete"]


async def test_the_claim_does_not_see_what_is_held(node):
    def many(tx):
        lanes = [(f"silent-{number % 50}.example", {}) for number in range(2000)]
        queue.enqueue_many(tx, "federation.deliver", lanes, queue=queue.DELIVERY, held={lane for lane, _ in lanes})
        queue.enqueue_many(tx, "federation.deliver", [("good.example", {})], queue=queue.DELIVERY)

    node.write(many)

    claimed = node.write(queue.claim, queue.DELIVERY, limit=64, per_lane=4, busy={})

    assert [task.lane for task in claimed] == ["good.example"]
    if node.db.is_sqlite:
        plan = node.read(
            lambda conn: [
                row[3]
                for row in conn.exec_driver_sql(
                    "EXPLAIN QUERY PLAN SELECT id FROM tasks WHERE queue = 'delivery' AND parked_at IS NULL AND held IS 0"
                    " AND run_at <= 1 ORDER BY run_at, id"
                )
            ]
        )
        assert "queue=? AND parked_at=? AND held=? AND run_at<?" in plan[0]
