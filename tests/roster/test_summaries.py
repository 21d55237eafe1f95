# SPDX-License-Identifier: AGPL-3.0-or-later
"""One letter a day to those who decide about newcomers, and one at once when many wait."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from node import members, roster
from node.kernel import clock, queue
from node.roster import summaries
from node.roster.deciding import SUMMARISE
from node.roster.tables import roster_summaries
from tests.roster.test_vouching import newcomer
from tests.support import letters
from tests.support.builders import a_member

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture(autouse=True)
def _with_letters(db):
    db.site = replace(db.site, has_mail=True)


@pytest.fixture
def no_morning_now(monkeypatch):
    """Have the day begin twelve hours from now, so that no letter of the next day falls into the test."""
    monkeypatch.setattr(summaries, "_MORNING", (clock.now() + timedelta(hours=12)).time())


def summarise(db):
    """Run the task that waits, if one does."""
    for row in db.read_now(queue.listing, queue.Chosen(name=SUMMARISE)):
        db.write_now(summaries.summarise, row.id)


def told(db, member):
    return [letter["subject"] for to, letter in letters.in_queue(db) if to == member.email]


def a_day_later(db):
    db.write_now(
        lambda tx: tx.conn.execute(update(roster_summaries).values(sent_at=tx.now - timedelta(days=1, minutes=1)))
    )
    db.write_now(summaries.plan)
    summarise(db)


@pytest.mark.usefixtures("no_morning_now")
def test_one_letter_a_day_while_somebody_waits(db):
    secretary = a_member(db, "sec", roles=("member", "secretary"))
    delegate = a_member(db, "dele", roles=("member", "delegate"), class_year=1998)
    others = [
        a_member(db, "classless", roles=("member", "delegate")),
        a_member(db, "peace", roles=("member", "moderator")),
    ]
    first = newcomer(db, "first", class_year=2001)
    summarise(db)
    assert (told(db, secretary), told(db, delegate)) == (["1 person would like to join"], [])

    second = newcomer(db, "second", class_year=1998)
    summarise(db)
    db.write_now(summaries.plan)
    summarise(db)

    assert (len(told(db, secretary)), told(db, delegate)) == (1, ["1 person would like to join"])
    a_day_later(db)
    assert told(db, secretary)[1:] == ["2 people would like to join"]
    [letter] = [one for to, one in letters.in_queue(db) if to == secretary.email][1:]
    assert [item["text"] for item in letter["sections"][0]["items"]] == ["Second", "First"]
    for number in (first, second):
        db.write_now(roster.let_in, secretary, number)
    a_day_later(db)
    assert (len(told(db, secretary)), len(told(db, delegate))) == (2, 2)
    assert [told(db, one) for one in others] == [[], []]


@pytest.mark.usefixtures("no_morning_now")
def test_when_many_wait_it_is_told_at_once_and_once(db, monkeypatch):
    monkeypatch.setattr(summaries, "MANY", 2)
    secretary = a_member(db, "sec", roles=("member", "secretary"))
    numbers = []
    for name, letters_by_then in (("a", 1), ("b", 1), ("c", 2), ("d", 2)):
        numbers.append(newcomer(db, f"new_{name}"))
        summarise(db)
        assert len(told(db, secretary)) == letters_by_then, name
    for number in numbers[:3]:
        db.write_now(roster.let_in, secretary, number)
    db.write_now(summaries.plan)
    summarise(db)
    for name, letters_by_then in (("e", 2), ("f", 3)):
        newcomer(db, f"new_{name}")
        summarise(db)
        assert len(told(db, secretary)) == letters_by_then, name


def test_whoever_can_no_longer_decide_is_not_written_to(db):
    out = a_member(db, "out", roles=("member", "secretary"))
    db.write_now(members.shut_out, out.id, out=True)
    newcomer(db)
    summarise(db)

    assert told(db, out) == []


@pytest.mark.parametrize(
    ("sent", "now", "due"),
    [
        ("2026-11-25 06:01", "2026-11-25 23:00", False),  # seven in Paris is six in winter
        ("2026-11-25 05:59", "2026-11-25 06:00", True),
        ("2026-11-25 05:59", "2026-11-25 05:59", False),
        ("2026-11-24 06:30", "2026-11-25 05:59", False),
        ("2026-07-01 04:59", "2026-07-01 05:00", True),
    ],
)
def test_a_day_begins_in_the_morning_of_whoever_reads(sent, now, due):
    moments = [datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (sent, now)]

    assert summaries.is_due(*moments, PARIS) is due
    assert summaries.is_due(None, moments[1], PARIS)
