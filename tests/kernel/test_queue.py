# SPDX-License-Identifier: AGPL-3.0-or-later
"""The queue: who gets which row, in which order, how often, and what becomes of a row whose worker died."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from node.kernel import queue
from node.kernel.queue import DELIVERY, INBOX, WORK, tasks


def put(db, *names, **more):
    def work(tx):
        for name in names:
            queue.enqueue(tx, name, {"name": name}, **more)

    db.write_now(work)


def claim(db, limit=10, per_lane=10, busy=None, kind=WORK, **more):
    return db.write_now(queue.claim, kind, limit=limit, per_lane=per_lane, busy=busy or {}, **more)


def names(found):
    return [task.name for task in found]


def rows(db):
    return db.read_now(lambda conn: conn.execute(select(tasks).order_by(tasks.c.id)).all())


def pass_time(db, **parts):
    """Let every lease and every due moment be that much closer."""
    ago = int(timedelta(**parts) / timedelta(milliseconds=1))

    def work(tx):
        from sqlalchemy import BigInteger, type_coerce

        for column in (tasks.c.run_at, tasks.c.leased_until):
            earlier = type_coerce(column, BigInteger) - ago
            tx.conn.execute(update(tasks).where(column.is_not(None)).values({column.name: earlier}))

    db.write_now(work)


def test_rows_are_taken_in_the_order_in_which_they_are_due_and_once(empty_db):
    put(empty_db, "a", "b", "c")

    assert names(claim(empty_db, limit=2)) == ["a", "b"]
    assert names(claim(empty_db)) == ["c"]
    assert claim(empty_db) == []


def test_a_claimed_row_holds_what_was_put_in_and_counts_the_attempt(empty_db):
    put(empty_db, "a", lane="far.example")

    (task,) = claim(empty_db)

    assert (task.name, task.lane, task.payload, task.attempt, task.queue) == (
        "a",
        "far.example",
        {"name": "a"},
        1,
        WORK,
    )


def test_queues_do_not_meet(empty_db):
    put(empty_db, "a", queue=INBOX)
    put(empty_db, "b", queue=DELIVERY)

    assert names(claim(empty_db)) == []
    assert names(claim(empty_db, kind=DELIVERY)) == ["b"]


def test_what_is_dated_waits_for_its_time(empty_db):
    def work(tx):
        queue.enqueue(tx, "later", {}, run_at=tx.now + timedelta(hours=1))

    empty_db.write_now(work)
    assert claim(empty_db) == []
    due = empty_db.read_now(queue.next_due, WORK)

    pass_time(empty_db, hours=1, seconds=1)

    assert names(claim(empty_db)) == ["later"]
    assert due is not None


def test_a_completed_row_is_gone(empty_db):
    put(empty_db, "a")
    (task,) = claim(empty_db)

    empty_db.write_now(queue.complete, task.id)

    assert rows(empty_db) == []


def test_a_row_that_is_given_back_waits_and_keeps_its_count(empty_db):
    put(empty_db, "a")
    (task,) = claim(empty_db)

    empty_db.write_now(lambda tx: queue.retry(tx, task.id, at=tx.now + timedelta(minutes=1), error="x" * 900))
    assert claim(empty_db) == []
    pass_time(empty_db, minutes=2)

    (again,) = claim(empty_db)
    assert again.attempt == 2
    assert len(rows(empty_db)[0].last_error) == 500


def test_a_parked_row_is_not_tried_and_not_forgotten(empty_db):
    put(empty_db, "a", once="only")
    (task,) = claim(empty_db)

    empty_db.write_now(queue.park, task.id, error="nobody is there")
    pass_time(empty_db, days=30)

    assert claim(empty_db) == []
    assert rows(empty_db)[0].last_error == "nobody is there"
    assert empty_db.read_now(queue.next_due, WORK) is None
    (state,) = empty_db.read_now(queue.overview)
    assert (state.queue, state.waiting, state.parked, state.oldest) == (WORK, 0, 1, None)
    put(empty_db, "b", once="only")
    assert names(claim(empty_db)) == ["b"]


def test_a_lease_that_has_run_out_is_taken_up_again(empty_db):
    put(empty_db, "a")
    (task,) = claim(empty_db, lease=timedelta(seconds=30))
    assert claim(empty_db) == []

    pass_time(empty_db, seconds=31)

    (again,) = claim(empty_db)
    assert (again.id, again.attempt) == (task.id, 2)


def test_a_new_start_gives_every_lease_back(empty_db):
    put(empty_db, "a", "b")
    claim(empty_db)

    empty_db.write_now(queue.release_all)

    assert [task.attempt for task in claim(empty_db)] == [2, 2]


def test_a_lane_takes_no_more_than_its_share(empty_db):
    put(empty_db, "a", "b", "c", "d", lane="slow.example")
    put(empty_db, "e", lane="quick.example")

    assert names(claim(empty_db, per_lane=2)) == ["a", "b", "e"]
    assert names(claim(empty_db, per_lane=2, busy={"slow.example": 2})) == []
    assert names(claim(empty_db, per_lane=2, busy={"slow.example": 1})) == ["c"]


def test_a_lane_with_a_long_tail_does_not_hide_the_others(empty_db):
    put(empty_db, *(f"s{number}" for number in range(500)), lane="slow.example")
    put(empty_db, "quick", lane="quick.example")

    first = names(claim(empty_db, limit=8, per_lane=4))
    second = names(claim(empty_db, limit=4, per_lane=4, busy={"slow.example": 4}))

    assert "quick" in first + second


def test_what_belongs_together_runs_strictly_one_after_the_other(empty_db):
    put(empty_db, "create", "update", "delete", lane="far.example", sequence="post 1")
    put(empty_db, "other", lane="far.example", sequence="post 2")
    put(empty_db, "free", lane="far.example")
    put(empty_db, "elsewhere", lane="near.example", sequence="post 1")

    first = claim(empty_db)
    assert names(first) == ["create", "other", "free", "elsewhere"]
    assert claim(empty_db) == []

    empty_db.write_now(queue.complete, first[0].id)
    (second,) = claim(empty_db)
    assert second.name == "update"
    empty_db.write_now(lambda tx: queue.retry(tx, second.id, at=tx.now + timedelta(hours=1), error=""))
    assert claim(empty_db) == []  # the delete waits until the update has had its turn

    empty_db.write_now(queue.park, second.id, error="never")
    assert names(claim(empty_db)) == ["delete"]


def test_what_waits_behind_another_is_not_due_before_it(empty_db):
    put(empty_db, "create", "update", sequence="post 1")
    (first,) = claim(empty_db)
    empty_db.write_now(lambda tx: queue.retry(tx, first.id, at=tx.now + timedelta(hours=1), error=""))

    due = empty_db.read_now(queue.next_due, WORK)

    assert due == rows(empty_db)[0].run_at
    assert not empty_db.read_now(queue.is_waiting, [WORK], rows(empty_db)[1].run_at)


def test_once_is_once_while_it_waits(empty_db):
    put(empty_db, "a", "b", once="key")
    assert len(rows(empty_db)) == 1

    (task,) = claim(empty_db)
    empty_db.write_now(queue.complete, task.id)
    put(empty_db, "c", once="key")

    assert names(claim(empty_db)) == ["c"]


def test_once_is_once_for_many_at_the_same_time(empty_db):
    threads = [threading.Thread(target=put, args=(empty_db, "a"), kwargs={"once": "key"}) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(rows(empty_db)) == 1


def test_of_many_claimants_each_row_has_one(empty_db):
    put(empty_db, *(str(number) for number in range(200)), lane="a")
    taken = []

    def work():
        while found := claim(empty_db, limit=7, per_lane=1000):
            taken.extend(names(found))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken += names(claim(empty_db, limit=500, per_lane=1000))

    assert sorted(taken, key=int) == [str(number) for number in range(200)]


def test_a_new_row_is_told_after_the_commit_and_not_before(empty_db):
    told = []
    empty_db.bus.subscribe(queue.topic(WORK), lambda _message: told.append(len(rows(empty_db))))

    put(empty_db, "a", "b")

    assert told == [2, 2]


def test_nothing_is_told_of_what_was_rolled_back(empty_db):
    told = []
    empty_db.bus.subscribe(queue.topic(WORK), lambda _message: told.append(1))

    def work(tx):
        queue.enqueue(tx, "a", {})
        raise LookupError

    with pytest.raises(LookupError):
        empty_db.write_now(work)

    assert told == []
    assert rows(empty_db) == []


@pytest.mark.parametrize(("attempt", "least", "most"), [(1, 8, 12), (2, 16, 24), (5, 128, 192), (30, 17280, 25920)])
def test_pauses_grow_up_to_six_hours(attempt, least, most):
    for _ in range(20):
        assert least <= queue.backoff(attempt).total_seconds() <= most


def test_every_lane_gets_its_first_place_before_any_gets_a_second(empty_db):
    for number in range(4):
        put(empty_db, f"slow{number}", lane="slow.example", queue=DELIVERY)
    put(empty_db, "quick", lane="quick.example", queue=DELIVERY)

    assert sorted(names(claim(empty_db, limit=2, per_lane=4, kind=DELIVERY))) == ["quick", "slow0"]


def test_places_beyond_the_first_of_a_lane_are_bounded_in_all(empty_db):
    for lane in ("a.example", "b.example", "c.example"):
        for number in range(4):
            put(empty_db, f"{lane[0]}{number}", lane=lane, queue=DELIVERY)

    assert sorted(names(claim(empty_db, per_lane=4, kind=DELIVERY, extras=2))) == ["a0", "a1", "b0", "b1", "c0"]
    busy = {"a.example": 2, "b.example": 2, "c.example": 1}
    assert claim(empty_db, per_lane=4, kind=DELIVERY, extras=2, busy=busy) == []
    busy = {"a.example": 1, "b.example": 1, "c.example": 1}
    assert len(claim(empty_db, per_lane=4, kind=DELIVERY, extras=2, busy=busy)) == 2


def test_a_held_lane_is_passed_over_and_comes_back(empty_db):
    put(empty_db, "a", "b", lane="down.example", queue=DELIVERY)
    empty_db.write_now(queue.hold, DELIVERY, "down.example")
    put(empty_db, "c", lane="up.example", queue=DELIVERY)

    assert names(claim(empty_db, kind=DELIVERY)) == ["c"]
    assert empty_db.read_now(queue.held_lanes, DELIVERY) == ["down.example"]
    assert empty_db.write_now(queue.release_one, DELIVERY, "down.example") is True
    assert names(claim(empty_db, kind=DELIVERY)) == ["a"]
    assert empty_db.write_now(queue.release, DELIVERY, "down.example") == 1
    assert names(claim(empty_db, kind=DELIVERY)) == ["b"]
    assert empty_db.write_now(queue.release_one, DELIVERY, "down.example") is False


def test_of_a_sequence_only_the_first_row_is_released(empty_db):
    put(empty_db, "create", "update", lane="down.example", queue=DELIVERY, sequence="post")
    empty_db.write_now(queue.hold, DELIVERY, "down.example")

    for _ in range(2):
        empty_db.write_now(queue.release_one, DELIVERY, "down.example")
    assert names(claim(empty_db, kind=DELIVERY)) == ["create"]


def test_an_attempt_that_a_held_host_cost_does_not_count(empty_db):
    put(empty_db, "a", lane="down.example", queue=DELIVERY)
    (task,) = claim(empty_db, kind=DELIVERY)

    empty_db.write_now(queue.give_back, task.id, error="nobody")
    empty_db.write_now(queue.release, DELIVERY, "down.example")

    (again,) = claim(empty_db, kind=DELIVERY)
    assert again.attempt == 1
