# SPDX-License-Identifier: AGPL-3.0-or-later
"""Nobody who has died, is gone or has objected gets a letter, a notice, a suggestion or an invitation: when it is written,
and when it is sent."""

import ast
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from node import mail, members, notices, notifications, relationships, roster
from node.actors.tables import actors
from node.digests import matches
from node.directory import some, suggestions
from node.kernel import clock, queue
from node.kernel.db import Database
from node.kernel.queue import Task
from node.mail import About, Content, Letter, Section
from node.mail.letters import Item
from tests.mail.test_mail import Sink, _settings, certificate, sink  # noqa: F401  # fixtures
from tests.roster.test_missing import known, taken_for  # noqa: F401  # fixture
from tests.support import letters
from tests.support.builders import a_member

LETTER = Letter(subject="Hello", paragraphs=("Hello.",), sections=(Section("News", (Item("One"),)),))
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def db(db: Database) -> Database:
    """Of a node that sends letters."""
    db.site = replace(db.site, has_mail=True)
    return db


def die(db, member):
    db.write_now(lambda tx: tx.conn.execute(update(actors).where(actors.c.id == member.id).values(memorial=True)))


async def delivered(db, sink, certificate):  # noqa: F811
    """Run what waits to be sent; how many letters the server has got by it."""
    before = len(sink.letters)
    postman = mail.Postman(_settings(sink, certificate), db.site, db, {About.INVITATION: roster.may_invite})
    for row in db.read_now(queue.listing, queue.Chosen(name=mail.SEND)):
        await postman.run(Task(row.id, row.queue, row.name, row.lane, row.payload, 1))
        db.write_now(queue.complete, row.id)
    return len(sink.letters) - before


def test_every_letter_says_whose_it_is():
    """A letter that names no member goes by nobody's choices: those to people who have no account, or none any more."""
    nameless = set()
    for path in sorted((ROOT / "node").rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and ast.unparse(call.func) in ("mail.post", "post.post"):
                [said] = [one.value for one in call.keywords if one.arg == "member"]
                if ast.unparse(said) == "None":
                    nameless.add(path.relative_to(ROOT).as_posix())

    assert nameless == {
        "node/privacy/leaving.py",
        "node/roster/deciding.py",
        "node/roster/inviting.py",
        "node/roster/missing.py",
    }


def test_no_letter_of_any_kind_is_posted_to_whoever_has_died(db):
    ana = a_member(db, "ana")
    die(db, ana)

    for about in About:
        db.write_now(mail.post, ana.email, LETTER, about=about, member=ana.id)

    assert letters.in_queue(db) == []


async def test_what_waits_is_looked_at_again_before_it_is_sent(db, sink, certificate):  # noqa: F811
    """Died, gone, declined, bouncing since; whoever wants the subject alone by now gets that."""
    people = {name: a_member(db, name) for name in ("dead", "gone", "declined", "bouncing", "bare", "fine")}
    for one in people.values():
        db.write_now(mail.post, one.email, LETTER, about=About.CONTACT, member=one.id)
    assert len(letters.in_queue(db)) == len(people)
    die(db, people["dead"])
    db.write_now(relationships.delete_account, people["gone"])
    db.write_now(mail.choose, people["declined"].id, {About.CONTACT: False})
    db.write_now(mail.note, people["bouncing"].email, mail.Refusal.FOR_GOOD)
    db.write_now(mail.choose, people["bare"].id, {}, Content.NONE)

    assert await delivered(db, sink, certificate) == 2
    assert {one.rcpt_tos[0] for one in sink.letters} == {"bare@mail.example", "fine@mail.example"}
    assert [b"Hello." in one.content for one in sink.letters if one.rcpt_tos == ["bare@mail.example"]] == [False]


@pytest.mark.parametrize("what", ["objected", "deceased", "nothing"])
async def test_no_invitation_goes_to_whoever_objects_or_dies_before(db, known, sink, certificate, what):  # noqa: F811
    ana = taken_for(db, a_member(db, "ana"), known["Ana"])
    db.write_now(roster.invite_missing, ana, known["Bo"], "Bo@far.example")
    if what == "objected":
        db.write_now(roster.set_objected, known["Bo"], objected=True)
    elif what == "deceased":
        entries = roster.tables.roster_entries
        db.write_now(
            lambda tx: tx.conn.execute(update(entries).where(entries.c.id == known["Bo"]).values(deceased=True))
        )

    assert await delivered(db, sink, certificate) == (1 if what == "nothing" else 0)


def test_nobody_is_invited_at_an_address_of_whoever_objects(db, known):  # noqa: F811
    """A classmate may know the address, and name another entry with it."""
    ana = taken_for(db, a_member(db, "ana"), known["Ana"])
    addresses = roster.tables.roster_addresses
    db.write_now(
        lambda tx: tx.conn.execute(addresses.insert(), {"entry_id": known["Ed"], "address": "family@far.example"})
    )
    db.write_now(roster.set_objected, known["Ed"], objected=True)

    db.write_now(roster.invite_missing, ana, known["Bo"], "Family@far.example")

    assert letters.in_queue(db) == []


def test_the_dead_hear_and_are_proposed_nothing(db):
    ana, bo = (a_member(db, name, class_year=1998, listed="school") for name in ("ana", "bo"))
    now = clock.now()
    assert [one.username for one in db.read_now(some, ana.actor, limit=9)] == ["bo"]
    die(db, bo)
    bo = db.read_now(members.get, bo.id)

    def tell(tx):
        notices.tell(tx, bo.actor, about="x:1", text="Hello", link="https://harbour.example/x")
        notifications.notify(tx, bo.actor, notifications.Kind.FOLLOW, ana.actor)

    db.write_now(tell)

    assert db.read_now(lambda conn: conn.execute(notices.tables.notices.select()).all()) == []
    assert db.read_now(notifications.unread_count, bo.id, after_id=0, limit=5) == 0
    assert db.read_now(some, ana.actor, limit=9) == []
    assert db.read_now(suggestions, ana.actor, now) == []
    assert db.read_now(matches.new_matches, ana.id, now - timedelta(days=1), now) == []
