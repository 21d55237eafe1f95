# SPDX-License-Identifier: AGPL-3.0-or-later
"""When events close by themselves: whoever keeps what was answered of them must know."""

from datetime import timedelta

from node import events
from node.kernel import clock
from tests.support.builders import an_actor, an_event_draft


def planned(db, organiser, start, end=None):
    """An event that begins and ends so many hours from the start of them all."""
    first = an_event_draft().start
    draft = an_event_draft(
        start=first + timedelta(hours=start), end=first + timedelta(hours=end) if end is not None else None
    )
    return db.read_now(events.get, db.write_now(events.publish, organiser, draft), None)


def test_the_next_start_or_end_is_known(db):
    organiser, now = an_actor(db), clock.now()
    assert db.read_now(events.next_end, now) is None
    long, short = planned(db, organiser, 0, 9), planned(db, organiser, 4)

    found, after = [], now
    while (after := db.read_now(events.next_end, after)) is not None:
        found.append(after)

    assert found == [long.starts_at, short.starts_at, long.ends_at]


def test_an_event_takes_answers_until_it_ends(db):
    organiser = an_actor(db)
    long, short = planned(db, organiser, 0, 9), planned(db, organiser, 4)
    instant = timedelta(milliseconds=1)

    for event, until in ((long, long.ends_at), (short, short.starts_at)):
        assert event.answers_until == until
        assert not event.is_closed(until - instant)
        assert event.is_closed(until)
