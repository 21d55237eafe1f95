# SPDX-License-Identifier: AGPL-3.0-or-later
"""The database's two doors: units that stand for themselves, what follows a commit, and what callers get to hear."""

import asyncio
import json
import threading

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from node.federation.tables import blocked_domains, hosts
from node.kernel import db as module
from node.kernel.db import insert_or_ignore, long_read, open_database
from node.kernel.errors import Overloaded
from tests.support.databases import SITE


class Refusal(Exception):
    pass


def add(tx, domain, *, fail=False, said=None):
    tx.conn.execute(insert(blocked_domains), {"domain": domain, "reason": "", "created_at": tx.now})
    if said is not None:
        tx.after_commit(lambda: said.append(domain))
    if fail:
        raise Refusal(domain)
    return domain


def domains(conn):
    return set(conn.execute(select(blocked_domains.c.domain)).scalars())


async def test_what_a_write_returns_is_given_back_and_can_be_read(empty_db):
    assert await empty_db.write(add, "a.example") == "a.example"

    assert await empty_db.read(domains) == {"a.example"}


async def test_a_unit_that_fails_takes_no_other_with_it(empty_db):
    answers = await asyncio.gather(
        *(empty_db.write(add, f"{number}.example", fail=number % 3 == 0) for number in range(60)),
        return_exceptions=True,
    )

    failed = {number for number in range(60) if isinstance(answers[number], Refusal)}
    assert failed == set(range(0, 60, 3))
    assert await empty_db.read(domains) == {f"{number}.example" for number in range(60) if number % 3}


async def test_a_unit_that_breaks_a_constraint_takes_no_other_with_it(empty_db):
    await empty_db.write(add, "7.example")

    answers = await asyncio.gather(
        *(empty_db.write(add, f"{number}.example") for number in range(20)), return_exceptions=True
    )

    assert [number for number in range(20) if isinstance(answers[number], IntegrityError)] == [7]
    assert len(await empty_db.read(domains)) == 20


async def test_what_follows_a_commit_happens_after_it_and_only_for_what_was_committed(empty_db):
    said = []

    def look(tx):
        add(tx, "seen.example")
        tx.after_commit(lambda: said.append(empty_db.read_now(domains)))

    await empty_db.write(look)
    with pytest.raises(Refusal):
        await empty_db.write(add, "not.example", fail=True, said=said)
    await asyncio.gather(
        *(empty_db.write(add, f"{number}.example", fail=number == 3, said=said) for number in range(6)),
        return_exceptions=True,
    )

    assert said[0] == {"seen.example"}
    assert set(said[1:]) == {f"{number}.example" for number in (0, 1, 2, 4, 5)}


async def test_what_follows_a_commit_may_fail_without_failing_the_write(empty_db, caplog):
    def unlucky(tx):
        tx.after_commit(lambda: 1 / 0)
        return add(tx, "a.example")

    assert await empty_db.write(unlucky) == "a.example"
    assert "after-commit" in caplog.text


async def test_a_caller_who_goes_away_stops_neither_the_write_nor_the_others(empty_db):
    said = []
    started, go_on = threading.Event(), threading.Event()

    def slow(tx):
        started.set()
        go_on.wait(10)
        return add(tx, "slow.example", said=said)

    impatient = asyncio.create_task(empty_db.write(slow))
    waiting = [asyncio.create_task(empty_db.write(add, f"{number}.example", said=said)) for number in range(3)]
    await asyncio.to_thread(started.wait, 10)
    impatient.cancel()
    waiting[0].cancel()
    await asyncio.sleep(0)
    go_on.set()

    assert await waiting[1] == "1.example"
    assert await waiting[2] == "2.example"
    assert await empty_db.write(add, "later.example") == "later.example"
    async with asyncio.timeout(30):
        while "slow.example" not in said:  # nobody waits for it any more; it is said once it is committed
            await asyncio.sleep(0)
    assert await empty_db.read(domains) >= {"slow.example", "1.example", "2.example", "later.example"}
    assert "1.example" in said


async def test_many_writers_lose_no_update(empty_db):
    await empty_db.write(lambda tx: tx.conn.execute(insert(hosts), {"domain": "a.example", "first_seen_at": tx.now}))

    def count(tx):
        tx.conn.execute(update(hosts).values(failures=hosts.c.failures + 1))

    await asyncio.gather(*(empty_db.write(count) for _ in range(100)))

    assert await empty_db.read(lambda conn: conn.execute(select(hosts.c.failures)).scalar_one()) == 100


def test_threads_may_write_and_read_at_once(empty_db):
    def work(number):
        for turn in range(5):
            empty_db.write_now(add, f"{number}-{turn}.example")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(empty_db.read_now(domains)) == 40


async def test_a_read_sees_nothing_of_a_write_that_is_under_way(empty_db):
    started, go_on = threading.Event(), threading.Event()

    def slow(tx):
        add(tx, "a.example")
        started.set()
        go_on.wait(10)

    writing = asyncio.create_task(empty_db.write(slow))
    await asyncio.to_thread(started.wait, 10)
    before = await empty_db.read(domains)
    go_on.set()
    await writing

    assert before == set()
    assert await empty_db.read(domains) == {"a.example"}


async def test_a_long_read_holds_nobody_up(empty_db):
    started, go_on = threading.Event(), threading.Event()

    @long_read
    def slow(conn):
        found = domains(conn)
        started.set()
        go_on.wait(10)
        return found

    reading = asyncio.create_task(empty_db.read(slow))
    await asyncio.to_thread(started.wait, 10)
    await empty_db.write(add, "a.example")
    assert await empty_db.read(domains) == {"a.example"}
    go_on.set()

    assert await reading == set()


async def test_a_read_cannot_leave_anything_behind(empty_db):
    def sly(conn):
        conn.execute(text("INSERT INTO blocked_domains (domain, reason, created_at) VALUES ('a.example', '', 0)"))

    await empty_db.read(sly)

    assert await empty_db.read(domains) == set()


async def test_a_transaction_that_collides_is_done_again(empty_db, monkeypatch):
    if empty_db.is_sqlite:
        pytest.skip("SQLite has one writer, so nothing collides")
    await empty_db.write(
        lambda tx: tx.conn.execute(
            insert(hosts),
            [{"domain": name, "first_seen_at": tx.now} for name in ("a.example", "b.example")],
        )
    )
    both = threading.Barrier(2, timeout=30)
    tries = []

    def crosswise(tx, first, second):
        tries.append(first)
        raise_failures(tx, first)
        if len(tries) <= 2:
            both.wait()
        raise_failures(tx, second)

    def raise_failures(tx, name):
        tx.conn.execute(update(hosts).where(hosts.c.domain == name).values(failures=hosts.c.failures + 1))

    await asyncio.gather(
        empty_db.write(crosswise, "a.example", "b.example"), empty_db.write(crosswise, "b.example", "a.example")
    )

    # Who is told to begin again may meet the other once more, so how many tries it takes is PostgreSQL's affair.
    assert len(tries) >= 3
    assert await empty_db.read(lambda conn: list(conn.execute(select(hosts.c.failures)).scalars())) == [2, 2]


async def test_when_too_many_writes_wait_the_next_is_refused(empty_db, monkeypatch):
    if not empty_db.is_sqlite:
        pytest.skip("PostgreSQL has many writers")
    started, go_on = threading.Event(), threading.Event()

    def slow(tx):
        started.set()
        go_on.wait(60)

    monkeypatch.setattr(empty_db._units, "maxsize", 3)
    first = asyncio.create_task(empty_db.write(slow))
    await asyncio.to_thread(started.wait, 10)
    waiting = [asyncio.create_task(empty_db.write(add, f"{number}.example")) for number in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await empty_db.write(add, "late.example")
    go_on.set()

    await asyncio.gather(first, *waiting)
    assert len(await empty_db.read(domains)) == 3


async def test_after_the_end_nothing_is_taken_and_nobody_waits(empty_db):
    await empty_db.write(add, "a.example")
    empty_db.close()
    empty_db.close()

    with pytest.raises(Overloaded):
        await empty_db.write(add, "b.example")
    with pytest.raises(Overloaded):
        empty_db.write_now(add, "b.example")


async def test_the_end_lets_what_waits_finish(empty_db):
    waiting = [asyncio.create_task(empty_db.write(add, f"{number}.example")) for number in range(20)]
    await asyncio.sleep(0)

    await asyncio.to_thread(empty_db.close)
    answers = await asyncio.gather(*waiting)

    assert len(answers) == 20


def test_a_row_that_is_there_already_is_left_out_and_counted(empty_db):
    def twice(tx):
        row = {"domain": "a.example", "reason": "", "created_at": tx.now}
        return [tx.conn.execute(insert_or_ignore(tx.conn, blocked_domains), row).rowcount for _ in range(2)]

    assert empty_db.write_now(twice) == [1, 0]


def test_times_come_back_as_they_went_in(empty_db):
    moments = []

    def keep(tx):
        moments.append(tx.now)
        add(tx, "a.example")

    empty_db.write_now(keep)

    assert empty_db.read_now(lambda conn: conn.execute(select(blocked_domains.c.created_at)).scalar_one()) == moments[0]
    assert empty_db.read_now(lambda conn: conn.execute(select(func.min(blocked_domains.c.created_at))).scalar_one())


def test_a_reaction_belongs_to_the_same_unit(empty_db):
    class Happened:
        pass

    empty_db.reactions = {Happened: (lambda tx, _what: add(tx, "reaction.example"),)}

    def work(tx, *, fail):
        tx.tell(Happened())
        if fail:
            raise Refusal

    with pytest.raises(Refusal):
        empty_db.write_now(work, fail=True)
    assert empty_db.read_now(domains) == set()
    empty_db.write_now(work, fail=False)
    assert empty_db.read_now(domains) == {"reaction.example"}


async def test_the_stamp_stays_until_anybody_has_written(empty_db):
    first = await empty_db.stamp()
    await empty_db.read(domains)
    assert await empty_db.stamp() == first
    await empty_db.write(add, "a.example")
    second = await empty_db.stamp()
    other = open_database(empty_db.url.render_as_string(hide_password=False).replace("+psycopg", ""), SITE)
    other.write_now(add, "b.example")
    third = await empty_db.stamp()
    await asyncio.to_thread(empty_db.write_now, add, "c.example")
    fourth = await empty_db.stamp()
    other.close()

    assert len({first, second, third, fourth}) == 4
    assert await empty_db.stamp() == fourth


async def test_a_new_connection_makes_a_new_stamp(empty_db):
    if not empty_db.is_sqlite:
        pytest.skip("PostgreSQL counts for all connections")
    first = await empty_db.stamp()
    empty_db._loop_engine.dispose()
    empty_db.read_now(domains)

    assert await empty_db.stamp() != first


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://localhost/x", "oracle://x"])
def test_other_databases_are_refused(url):
    with pytest.raises(ValueError):
        open_database(url, SITE)


def test_the_folder_of_a_new_file_is_made(tmp_path):
    opened = open_database(f"sqlite:///{tmp_path / 'deep' / 'down' / 'alumnode.db'}", SITE)
    opened.read_now(module.ping)
    opened.close()

    assert (tmp_path / "deep" / "down" / "alumnode.db").exists()


def test_sqlite_is_set_up_to_lose_nothing(tmp_path):
    opened = open_database(f"sqlite:///{tmp_path / 'alumnode.db'}", SITE, synchronous="FULL")

    def pragmas(conn):
        return [
            conn.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous", "foreign_keys")
        ]

    assert opened.read_now(pragmas) == ["wal", 2, 1]
    opened.close()


@pytest.mark.parametrize("value", [{"a": [1, None, "ü"]}, [], "\ud800", 1.5])
def test_json_comes_back_as_it_went_in(value):
    assert module._loads(json.dumps(value)) == value


def test_all_statements_of_a_read_see_the_same_moment(empty_db):
    empty_db.write_now(add, "before.example")

    def twice(conn):
        first = domains(conn)
        writing = threading.Thread(target=empty_db.write_now, args=(add, "meanwhile.example"))
        writing.start()
        writing.join()
        return first, domains(conn)

    first, second = empty_db.read_now(twice)

    assert first == second == {"before.example"}
    assert empty_db.read_now(domains) == {"before.example", "meanwhile.example"}
