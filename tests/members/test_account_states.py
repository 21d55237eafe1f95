# SPDX-License-Identifier: AGPL-3.0-or-later
"""Accounts obey the table of their states: what it lists leads where it says, and all else changes nothing.

Somebody whom the association has refused waits on, and may write against it: `limited` of the table is `pending` here.
Whoever is not verified after all (`unverify`) is suspended, reads why, and can appeal (`roster.revoke`). `move` asks the
other server and has tests of its own.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from node import actors, members, moderation, privacy
from node.kernel.errors import NotFound, Refused
from node.members import Entry, NewMember, Standing
from node.moderation import Sanction, deaths
from node.privacy.tables import departures
from tests.support.builders import a_member, keys

# `state: verb(who)->state`; x is the clock.
TABLE = """
unconfirmed: confirm(self)->pending; expire(x)->deleted
pending: verify(decider)->active; schedule_deletion(self)->deletion_scheduled
active: suspend(moderator)->suspended; deactivate(self)->deactivated; schedule_deletion(self)->deletion_scheduled; death(secretary)->memorial
suspended: lift(moderator)->active; schedule_deletion(self)->deletion_scheduled; death(secretary)->memorial
deactivated: reactivate(self)->active; schedule_deletion(self)->deletion_scheduled; death(secretary)->memorial
deletion_scheduled: cancel(self)->active; purge(x)->deleted
memorial: undo(admin)->active; purge(heirs)->deleted
"""  # noqa: E501
# A death ends the waiting of one who leaves, and so does coming back.
BESIDE = {("deletion_scheduled", "death"): "memorial",
          ("deletion_scheduled", "reactivate"): "active"}  # fmt: skip
STAFF = "The office knows."
VERBS = {
    "confirm": lambda tx, one: members.confirm(tx, one),
    "expire": lambda tx, _: members.sweep_unconfirmed(replace(tx, now=tx.now + timedelta(days=8))),
    "verify": lambda tx, one: members.approve(tx, one),
    "suspend": lambda tx, one: moderation.decide(tx, None, actors.get(tx.conn, one.id), Sanction.SUSPEND, STAFF),
    "lift": lambda tx, one: moderation.lift(tx, None, actors.get(tx.conn, one.id), Sanction.SUSPEND),
    "deactivate": lambda tx, one: privacy.deactivate(tx, one),
    "reactivate": lambda tx, one: privacy.reactivate(tx, one),
    "schedule_deletion": lambda tx, one: privacy.schedule_deletion(tx, one),
    "cancel": lambda tx, one: privacy.cancel_deletion(tx, one.id),
    "death": lambda tx, one: deaths.confirm(tx, None, actors.get(tx.conn, one.id), STAFF),
    "undo": lambda tx, one: deaths.undo(tx, None, actors.get(tx.conn, one.id), STAFF),
}
WAYS = {
    "unconfirmed": (), "pending": ("confirm",), "active": ("confirm", "verify"),
    "suspended": ("confirm", "verify", "suspend"), "deactivated": ("confirm", "verify", "deactivate"),
    "deletion_scheduled": ("confirm", "verify", "schedule_deletion"), "memorial": ("confirm", "verify", "death"),
}  # fmt: skip


def listed():
    found = {}
    for line in TABLE.strip().splitlines():
        state, _, moves = line.partition(": ")
        for move in moves.split("; "):
            what, _, then = move.partition("->")
            verb, _, who = what.rstrip(")").partition("(")
            found[state, verb if verb != "purge" else f"purge_{who}"] = then
    return found


LISTED = listed()
VERBS["purge_x"] = lambda tx, one: privacy.depart(replace(tx, now=tx.now + privacy.GRACE + timedelta(days=1)), one.id)
VERBS["purge_heirs"] = lambda tx, one: deaths.purge(tx, None, actors.get(tx.conn, one.id), STAFF)


@pytest.fixture
def somebody(db):
    """A newcomer's number, who is brought where a test wants them."""
    for name in ("boss", "other"):
        a_member(db, name, roles=("member", "admin"))
    new = NewMember(username="ada", email="ada@mail.example", password_hash="x", display_name="Ada")
    entry = Entry(confirmed=False, approved=False)
    return db.write_now(lambda tx: members.sign_up(tx, new, keys(), entry)).id


class Undone(Exception):
    """Takes a transaction back."""


def state_of(conn, number):
    try:
        member = members.get(conn, number)
    except NotFound:
        return "deleted"
    if member.actor.memorial:
        return "memorial"
    if member.suspended_at is None and conn.execute(departures.select()).first() is not None:
        return "deletion_scheduled"
    return "suspended" if member.standing is Standing.DISABLED else str(member.standing)


def do(tx, number, verb):
    VERBS[verb](tx, members.get(tx.conn, number))


@pytest.mark.parametrize("state", WAYS)
def test_the_table_says_what_leads_where(db, somebody, state):
    for step in WAYS[state]:
        db.write_now(do, somebody, step)
    assert db.read_now(state_of, somebody) == state

    for verb in VERBS:
        then = LISTED.get((state, verb), BESIDE.get((state, verb), state))
        if (state, verb) == ("suspended", "schedule_deletion"):
            then = "suspended"  # for the fortnight
        with pytest.raises(Undone, match=f"^{then}$"):
            db.write_now(_tried, somebody, state, verb)
        assert db.read_now(state_of, somebody) == state


def _tried(tx, somebody, state, verb):
    """Do it, see where that leads, and take it back."""
    try:
        do(tx, somebody, verb)
    except Refused:
        assert (state, verb) not in LISTED
    raise Undone(state_of(tx.conn, somebody))


def test_every_line_of_the_table_is_tried():
    assert {(state, verb) for state, verb in LISTED} <= {(state, verb) for state in WAYS for verb in VERBS}
