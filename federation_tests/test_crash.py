# SPDX-License-Identifier: AGPL-3.0-or-later
"""The power fails between the answer to the member and the delivery. The post arrives all the same, and once.

The receiving node is paused meanwhile (SIGSTOP: it takes the connection and answers nothing), so it is certain that no
delivery was finished when the sender died, while one may well have been under way.
"""

import pytest

from federation_tests.harness.clients import follow, on_home
from federation_tests.harness.databases import Engine
from federation_tests.harness.node import NewNode, Node
from federation_tests.harness.waiting import eventually

ARRIVES_AFTER_RESTART_WITHIN = 20.0
"""Seconds. Less than the pause before a second attempt: what was under way is sent anew as soon as the node is back."""


@pytest.fixture(scope="module", params=list(Engine))
def engine(request: pytest.FixtureRequest) -> Engine:
    """Where the sender keeps its data; the receiver has the other one."""
    engine: Engine = request.param
    return engine


@pytest.fixture(scope="module")
def sender(new_node: NewNode, engine: Engine) -> Node:
    node = new_node(f"brittle-{engine}", "Brittle School", engine)
    node.add_member("ines")
    return node


@pytest.fixture(scope="module")
def receiver(new_node: NewNode, engine: Engine) -> Node:
    [other] = set(Engine) - {engine}
    node = new_node(f"steady-{engine}", "Steady School", other)
    node.add_member("tomas")
    return node


def test_a_post_survives_the_death_of_its_node_and_arrives_once(sender: Node, receiver: Node) -> None:
    author, reader = sender.app("ines"), receiver.app("tomas")
    follow(reader, f"ines@{sender.site.authority}")

    receiver.pause()
    try:
        posted = author.status_post(f"@tomas@{receiver.site.authority} Still there?")
        sender.kill()
    finally:
        receiver.resume()
    sender.start()

    on_home(reader, posted.uri, within=ARRIVES_AFTER_RESTART_WITHIN)
    # What comes later is delivered after it: when the second is here, a double of the first would be here too.
    later = author.status_post("And again")
    on_home(reader, later.uri)
    timeline = [one.uri for one in reader.timeline_home(limit=40)]
    assert timeline.count(posted.uri) == 1
    mentions = [one for one in reader.notifications(types=["mention"]) if one.status.uri == posted.uri]
    assert len(mentions) == 1


def test_a_post_survives_the_death_of_both_nodes(sender: Node, receiver: Node) -> None:
    author, reader = sender.app("ines"), receiver.app("tomas")
    receiver.pause()
    posted = author.status_post("Nobody home?")
    sender.kill()
    receiver.kill()

    receiver.start()
    sender.start()

    on_home(reader, posted.uri, within=ARRIVES_AFTER_RESTART_WITHIN)
    assert [one.uri for one in reader.timeline_home(limit=40)].count(posted.uri) == 1


def test_what_was_received_is_applied_after_the_receivers_death(sender: Node, receiver: Node) -> None:
    """202 is a promise: an activity taken before the power cut has its effect after it."""
    author, reader = sender.app("ines"), receiver.app("tomas")
    stored = receiver.contents()["activities"]

    receiver.pause()
    statuses = [author.status_post(f"Message {number}") for number in range(5)]
    receiver.resume()
    eventually(lambda: receiver.contents()["activities"], within=20, until=lambda rows: rows == stored + 5)
    receiver.kill()
    receiver.start()

    for status in statuses:
        on_home(reader, status.uri, within=ARRIVES_AFTER_RESTART_WITHIN)
    timeline = [one.uri for one in reader.timeline_home(limit=40)]
    assert all(timeline.count(status.uri) == 1 for status in statuses)


def test_a_graceful_stop_ends_with_success_and_loses_nothing(sender: Node, receiver: Node) -> None:
    author, reader = sender.app("ines"), receiver.app("tomas")
    posted = author.status_post("Good night")

    assert sender.server.stop() == 0

    sender.start()
    on_home(reader, posted.uri, within=ARRIVES_AFTER_RESTART_WITHIN)


def test_it_is_healthy_again_after_a_stop(sender: Node) -> None:
    """How fast is for the benchmarks to say: here others run beside it."""
    sender.stop()

    sender.start()

    assert sender.app("ines").me().username == "ines"
