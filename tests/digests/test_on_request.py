# SPDX-License-Identifier: AGPL-3.0-or-later
"""A digest that the host has written in front of its day."""

from dataclasses import replace

import pytest

from node import contacts, digests
from node.digests import Frequency
from node.kernel import queue
from node.kernel.errors import Conflict
from node.kernel.queue import Task
from tests.support import letters
from tests.support.builders import a_member


async def written(db):
    [row] = db.read_now(queue.listing, queue.Chosen(name=digests.SEND))
    if not await digests.Sender(db).run(Task(row.id, row.queue, row.name, row.lane, row.payload, 1)):
        db.write_now(queue.complete, row.id)
    return [address for address, letter in letters.in_queue(db) if letter.get("sections")]


async def test_it_is_written_at_once_also_for_somebody_who_never_had_one(db):
    db.site = replace(db.site, has_mail=True)
    ana, ben = a_member(db, "ana"), a_member(db, "ben")
    db.write_now(contacts.ask, ben.actor, ana.actor)

    db.write_now(digests.bring_forward, ana)

    assert await written(db) == ["ana@mail.example"]


def test_nobody_gets_one_who_wants_none_and_no_node_sends_one_without_a_mail_server(db):
    ana = a_member(db, "ana")
    with pytest.raises(Conflict):
        db.write_now(digests.bring_forward, ana)
    db.site = replace(db.site, has_mail=True)
    db.write_now(digests.choose, ana, Frequency.NONE)
    with pytest.raises(Conflict):
        db.write_now(digests.bring_forward, ana)

    assert db.read_now(queue.listing, queue.Chosen(name=digests.SEND)) == []
