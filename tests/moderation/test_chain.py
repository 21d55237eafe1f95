# SPDX-License-Identifier: AGPL-3.0-or-later
"""The log of what the staff did cannot be changed unseen."""

from dataclasses import replace

import pytest
from sqlalchemy import delete, insert, update

from node.moderation import chain
from node.moderation.actions import note
from node.moderation.tables import staff_actions, staff_chain
from tests.support.builders import a_member

LINES = 4


@pytest.fixture
def log(db):
    """A log of some lines, each by a transaction of its own."""
    mora = a_member(db, "mora", roles=("member", "moderator"))
    for number in range(LINES):
        db.write_now(lambda tx, n=number: note(tx, mora, "block", domain=f"spam{n}.example"))
    return db


def broken(db):
    return db.read_now(chain.first_break, db.site)


def changed(db, statement):
    db.write_now(lambda tx: tx.conn.execute(statement))


def test_a_log_that_nobody_touched_is_whole(log):
    assert broken(log) is None


def test_it_is_read_some_lines_at_a_time(log, monkeypatch):
    monkeypatch.setattr(chain, "_AT_ONCE", 2)
    assert broken(log) is None
    changed(log, update(staff_actions).where(staff_actions.c.position == LINES).values(action="unblock"))
    assert broken(log).position == LINES


def test_an_empty_log_is_whole(db):
    assert broken(db) is None


HANDS = {
    "another name": (2, update(staff_actions).values(domain="friend.example")),
    "another hand": (2, update(staff_actions).values(actor_id=None)),
    "another deed": (2, update(staff_actions).values(action="unblock")),
    "a line taken out": (2, delete(staff_actions)),
    "the last line taken out": (LINES, delete(staff_actions)),
}


@pytest.mark.parametrize("how", HANDS)
def test_whatever_is_done_to_a_line_is_found(log, how):
    position, statement = HANDS[how]
    changed(log, statement.where(staff_actions.c.position == position))
    assert broken(log).position == position
    log.write_now(lambda tx: note(tx, None, "block", domain="later.example"))
    assert broken(log).position == position


def test_a_line_that_was_put_in_is_found(log):
    line = {"action": "block", "domain": "x.example", "id": 1, "position": LINES + 1, "hash": "0" * 32}
    log.write_now(lambda tx: tx.conn.execute(insert(staff_actions), {**line, "created_at": tx.now}))
    assert broken(log).position == LINES + 1


def test_the_end_cannot_be_cut_off_with_the_head(log):
    changed(log, delete(staff_actions).where(staff_actions.c.position == LINES))
    assert (broken(log).position, broken(log).at) == (LINES, None)
    changed(log, update(staff_chain).values(length=LINES - 1))
    assert broken(log).position == LINES


def test_without_the_secret_nobody_seals_a_line(log):
    """Whoever can write to the database alone has another key, or none."""
    stranger = replace(log.site, secret="another secret of forty letters at least.")
    assert log.read_now(chain.first_break, stranger).position == 1
