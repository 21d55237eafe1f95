# SPDX-License-Identifier: AGPL-3.0-or-later
"""Contacts obey the table of their states, through the actions that members use: what it lists leads where it says, and
all else is refused and changes nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from node import contacts, notices, relationships
from node.contacts import State
from node.contacts.tables import contacts as table
from node.kernel import clock
from node.kernel.errors import Conflict
from tests.support.builders import a_member

# `state: verb(who)->state`, several verbs with semicolons; a asked b, x is the clock.
TABLE = """
none: request(a)->requested
requested: request(b)->confirmed; accept(b)->confirmed; decline(b)->declined; withdraw(a)->none; expire(x)->none
declined: request(b)->requested; withdraw(a)->none; expire(x)->none
confirmed: remove(a)->none; remove(b)->none; block(a)->none; block(b)->none
"""
# What has taken effect already, or is seen as a state in which it has: done again, it changes nothing and is no error.
AGAIN = {
    ("none", "withdraw", "a"), ("none", "withdraw", "b"), ("none", "remove", "a"), ("none", "remove", "b"),
    ("requested", "request", "a"), ("declined", "request", "a"), ("declined", "decline", "b"),
    ("confirmed", "request", "a"), ("confirmed", "request", "b"), ("confirmed", "accept", "a"),
    ("confirmed", "accept", "b"),
}  # fmt: skip
# A block is possible from each state, and leaves nothing. Asking the other way round is the same as being asked.
EVERYWHERE = {("block", "a"): "none", ("block", "b"): "none"}
VERBS = ["request", "accept", "decline", "withdraw", "remove", "block"]


def listed():
    found = {}
    for line in TABLE.strip().splitlines():
        state, _, moves = line.partition(": ")
        for move in moves.split("; "):
            what, _, then = move.partition("->")
            verb, _, who = what.rstrip(")").partition("(")
            found[state, verb, who] = then
    return found


LISTED = listed()
CASES = [(state, verb, who) for state in State for verb in VERBS for who in "ab"]


@pytest.fixture
def pair(db):
    """Two members: a will have asked b."""
    return {who: a_member(db, f"member_{who}").actor for who in "ab"}


def bring(db, pair, state):
    """Have the pair in a state, by what members do."""
    a, b = pair["a"], pair["b"]
    if state != "none":
        db.write_now(contacts.ask, a, b)
    if state == "confirmed":
        db.write_now(contacts.accept, b, a)
    if state == "declined":
        db.write_now(contacts.decline, b, a)


def do(db, pair, verb, who):
    actor, other = pair[who], pair["b" if who == "a" else "a"]
    act = {
        "request": contacts.ask, "accept": contacts.accept, "decline": contacts.decline,
        "withdraw": contacts.withdraw, "remove": contacts.remove, "block": relationships.block,
    }[verb]  # fmt: skip
    db.write_now(act, actor, other)


def stored(db):
    columns = [column for column in table.c if column.name != "id"]
    return db.read_now(lambda conn: [tuple(row) for row in conn.execute(select(*columns))])


def seen(db, pair, who):
    """What one of the two is shown."""
    other = pair["b" if who == "a" else "a"].id
    return db.read_now(contacts.between, pair[who].id, [other], clock.now())[other].state


@pytest.mark.parametrize(("state", "verb", "who"), CASES)
def test_the_table_says_what_leads_where(db, pair, state, verb, who):
    bring(db, pair, state)
    before = stored(db)
    then = LISTED.get((state, verb, who), EVERYWHERE.get((verb, who)))
    if then is None and state == "none" and verb == "request":
        then = "requested"  # b asks a
    if then is not None:
        do(db, pair, verb, who)
        assert seen(db, pair, who) == then
        other = "b" if who == "a" else "a"
        # Whoever is declined sees what they saw before.
        masked = {"declined": "requested"}
        hidden = state == "declined" and verb == "withdraw"
        assert seen(db, pair, other) == ("declined" if hidden else masked.get(then, then))
    elif (state, verb, who) in AGAIN:
        do(db, pair, verb, who)
        assert stored(db) == before
    else:
        with pytest.raises(Conflict):
            do(db, pair, verb, who)
        assert stored(db) == before


@pytest.mark.parametrize("state", ["requested", "declined"])
def test_the_clock_ends_what_waits(db, pair, state):
    bring(db, pair, state)
    past = clock.now() - contacts.ENDS - timedelta(seconds=1)
    db.write_now(lambda tx: tx.conn.execute(update(table).values(asked_at=past)))
    db.write_now(notices.sweep)

    assert (state, "expire", "x") in LISTED
    assert seen(db, pair, "a") is seen(db, pair, "b") is State.NONE
    for verb in ("accept", "decline"):
        with pytest.raises(Conflict):
            do(db, pair, verb, "b")


def test_every_line_of_the_table_is_tried():
    assert {case for case in LISTED if case[2] != "x"} <= {(str(state), verb, who) for state, verb, who in CASES}
