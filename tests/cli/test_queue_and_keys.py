# SPDX-License-Identifier: AGPL-3.0-or-later
"""Looking after the queue, and changing keys."""

import pytest

from node import actors
from node.kernel import queue
from node.kernel.queue import Chosen
from node.relationships.profiles import KEYS_CHANGED


@pytest.fixture
def waiting(inside):
    """Three deliveries: one waits, one is held, one was given up."""

    def write(tx):
        for lane, held in (("far.example", ()), ("down.example", ("down.example",)), ("no.example", ())):
            rows = [(lane, {"inbox": f"https://{lane}/inbox", "activity": 1, "sender": 2})]
            queue.enqueue_many(tx, "federation.deliver", rows, queue=queue.DELIVERY, held=held)
        (given_up,) = queue.listing(tx.conn, Chosen(lane="no.example"))
        queue.park(tx, given_up.id, error="HTTP 404")

    inside.write_now(write)
    return inside


def lanes(db):
    return [entry.lane for entry in db.read_now(queue.listing, Chosen(queue=queue.DELIVERY))]


def test_the_queue_is_counted_by_queue_and_by_task(shell, waiting):
    counted = shell.does("queue").splitlines()

    (delivery,) = [line for line in counted if line.startswith("delivery")]
    assert delivery.split()[1:7] == ["2", "waiting", "1", "held", "1", "parked"]
    (task,) = [line for line in counted if "federation.deliver" in line]
    assert task.split() == ["federation.deliver", "2", "waiting", "1", "parked"]


def test_rows_are_listed_and_chosen(shell, waiting):
    assert [line.split()[1] for line in shell.does("queue", "list").splitlines()] == ["waiting", "held", "parked"]
    assert "HTTP 404" in shell.does("queue", "list", "--host", "no.example")
    assert len(shell.does("queue", "list", "--parked").splitlines()) == 1
    assert shell.does("queue", "list", "--task", "media.remove") == ""
    assert len(shell.does("queue", "list", "--limit", "1").splitlines()) == 1


def test_all_about_one_row(shell, waiting):
    number = shell.does("queue", "list", "--parked").split()[0]

    shown = shell.does("queue", "show", number)

    assert "inbox = https://no.example/inbox" in shown
    assert "HTTP 404" in shown
    assert shell.refuses("queue", "show", "1") == "The queue has no row 1."


def test_rows_are_run_again(shell, waiting):
    assert shell.does("queue", "retry", "--parked") == "1 rows run now."
    assert shell.does("queue", "retry", "--host", "down.example") == "1 rows run now."

    claimed = waiting.write_now(queue.claim, queue.DELIVERY, limit=9, per_lane=4, busy={})
    assert sorted(task.lane for task in claimed) == ["down.example", "far.example", "no.example"]
    assert {task.attempt for task in claimed} == {1}


def test_rows_are_dropped(shell, waiting):
    number = shell.does("queue", "list", "--parked").split()[0]

    assert shell.does("queue", "drop", number) == "1 rows dropped."
    assert lanes(waiting) == ["far.example", "down.example"]
    assert shell.does("queue", "drop", "--task", "federation.deliver") == "2 rows dropped."
    assert lanes(waiting) == []


@pytest.mark.parametrize("what", ["retry", "drop"])
def test_nothing_is_done_to_all_rows_by_mistake(shell, waiting, what):
    assert shell.run("queue", what).exit_code == 2
    assert len(lanes(waiting)) == 3


def test_the_configuration_may_stand_before_the_subcommand(shell, waiting):
    from click.testing import CliRunner

    from node.cli.commands import alumnode

    result = CliRunner().invoke(alumnode, ["queue", "--config", str(shell.config), "list", "--parked"])

    assert "no.example" in result.output


def public(db, username):
    actor = db.read_now(actors.by_handle, username)
    return db.read_now(actors.public_keys, actor.id)


def test_a_member_gets_new_keys_under_the_same_names(shell, inside):
    before = public(inside, "amara")

    assert shell.does("keys", "rotate", "amara") == "@amara has new keys."

    after = public(inside, "amara")
    for algorithm, (name, key) in before.items():
        assert after[algorithm][0] == name
        assert after[algorithm][1] != key
    (told,) = inside.read_now(queue.listing, Chosen(name=KEYS_CHANGED))
    assert told.payload == {"actor": inside.read_now(actors.by_handle, "amara").id}


def test_everybody_gets_new_keys(shell, inside):
    names = ["amara", "association", "harbour.test"]
    before = {name: public(inside, name) for name in names}

    said = shell.does("keys", "rotate", "--all").splitlines()

    assert sorted(said) == [f"@{name} has new keys." for name in names]
    assert all(public(inside, name) != before[name] for name in names)


def test_nobody_gets_new_keys_by_mistake(shell):
    assert shell.refuses("keys", "rotate", "nobody") == "Nobody here is called nobody."
    assert shell.run("keys", "rotate").exit_code == 2
    assert shell.run("keys", "rotate", "amara", "--all").exit_code == 2
