# SPDX-License-Identifier: AGPL-3.0-or-later
"""What members agreed to, who of the staff looked at their data, and how long what happened is remembered."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from node import access, actors, members, privacy, profiles
from node.actors import ProfileChange
from node.kernel import audit, clock
from node.kernel.errors import Conflict, NotFound, TooMany
from node.kernel.queue import tasks
from node.kernel.text import plain_cell
from node.privacy import Purpose, Seen
from node.privacy.tables import access_log, exports
from node.profiles import FederationMode, Listing
from node.relationships import delete_account, update_profile
from tests.support.builders import a_member


@pytest.fixture
def ana(db):
    return a_member(db, "ana")


def _open(db, member):
    found = db.read_now(privacy.of, member.id)
    return {one.purpose for one in found if one.withdrawn_at is None}


def test_nothing_is_agreed_to_by_a_new_member(db, ana):
    assert db.read_now(privacy.of, ana.id) == []


def test_a_choice_is_a_consent_until_it_is_taken_back(db, ana):
    db.write_now(profiles.answer, ana.id, listed_to=Listing.SCHOOL, federation_mode=FederationMode.OPEN)
    assert _open(db, ana) == {Purpose.DIRECTORY, Purpose.PARTNERS, Purpose.PUBLIC}

    db.write_now(profiles.answer, ana.id, federation_mode=FederationMode.LOCAL)
    assert _open(db, ana) == {Purpose.DIRECTORY}
    kept = db.read_now(privacy.of, ana.id)
    assert {one.purpose for one in kept if one.withdrawn_at is not None} == {Purpose.PARTNERS, Purpose.PUBLIC}


def test_being_found_by_searches_is_a_consent_by_whichever_door_it_is_given(db, ana):
    db.write_now(update_profile, ana.actor, ProfileChange(indexable=True))
    db.write_now(update_profile, db.read_now(actors.get, ana.id), ProfileChange(display_name="Ana B"))
    assert [one.purpose for one in db.read_now(privacy.of, ana.id)] == [Purpose.SEARCH]


def test_agreeing_twice_is_one_consent_and_taking_back_twice_is_harmless(db, ana):
    for _ in range(2):
        db.write_now(privacy.give, ana.id, Purpose.PARTNERS, how="web")
    assert len(db.read_now(privacy.of, ana.id)) == 1
    for _ in range(2):
        db.write_now(privacy.withdraw, ana.id, Purpose.PARTNERS)
    assert _open(db, ana) == set()


def test_a_member_sees_who_looked_and_one_look_an_hour_is_kept(db, ana):
    bo = a_member(db, "bo", roles=("member", "admin"))
    for _ in range(3):
        db.write_now(privacy.looked, bo.id, ana.id, Seen.RECORD)
    db.write_now(privacy.looked, bo.id, ana.id, Seen.DUES)
    db.write_now(privacy.looked, ana.id, ana.id, Seen.RECORD)

    found = db.read_now(privacy.looks, ana.id, clock.now())
    assert [(one.what, one.viewer.username) for one in found] == [(Seen.DUES, "bo"), (Seen.RECORD, "bo")]


def test_looks_and_changes_are_forgotten_after_a_year(db, ana):
    bo = a_member(db, "bo")
    db.write_now(privacy.looked, bo.id, ana.id, Seen.RECORD)
    db.write_now(lambda tx: audit.write(tx, "suspend", ana.id, by=bo.id, before="active", after="suspended"))
    old = clock.now() - timedelta(days=366)
    db.write_now(
        lambda tx: (
            tx.conn.execute(update(access_log).values(at=old)),
            tx.conn.execute(update(audit.audit).values(id=5)),
        )
    )
    assert db.read_now(privacy.looks, ana.id, clock.now()) == []

    db.write_now(privacy.sweep)
    assert db.read_now(lambda conn: conn.execute(select(access_log)).all()) == []
    assert db.read_now(audit.about, ana.id) == []


def test_the_audit_keeps_the_number_of_who_is_gone_and_no_words(db, ana):
    bo = a_member(db, "bo")
    db.write_now(lambda tx: audit.write(tx, "suspend", ana.id, by=bo.id, reason="Was rude"))
    db.write_now(delete_account, ana)
    found = db.read_now(audit.about, ana.id)
    assert [one.verb for one in found] == ["delete", "suspend"]
    assert {one.reason for one in found} == {""}


def test_a_copy_is_made_once_a_day_and_the_former_one_goes(db, ana):
    db.write_now(privacy.ask_export, ana)
    with pytest.raises(TooMany):
        db.write_now(privacy.ask_export, ana)
    [first] = db.read_now(privacy.exports_of, ana.id)
    db.write_now(lambda tx: tx.conn.execute(update(exports).values(asked_at=tx.now - timedelta(days=2))))

    db.write_now(privacy.ask_export, ana)

    [second] = db.read_now(privacy.exports_of, ana.id)
    assert second.file != first.file
    waiting = db.read_now(lambda conn: conn.execute(select(tasks.c.name, tasks.c.payload)).all())
    assert [row.payload for row in waiting if row.name == privacy.REMOVE] == [
        b'{"files":["' + first.file.encode() + b'"]}'
    ]


def test_a_copy_goes_after_a_week(db, ana):
    db.write_now(privacy.ask_export, ana)
    db.write_now(privacy.sweep)
    assert len(db.read_now(privacy.exports_of, ana.id)) == 1
    db.write_now(lambda tx: tx.conn.execute(update(exports).values(asked_at=tx.now - timedelta(days=8))))
    db.write_now(privacy.sweep)
    assert db.read_now(privacy.exports_of, ana.id) == []


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+33", "'+33"),
        ("-1", "'-1"),
        ("@ana", "'@ana"),
        ("\tx", "'\tx"),
        ("ana@x", "ana@x"),
        ("", ""),
    ],
)
def test_no_cell_is_a_formula(text, cell):
    assert plain_cell(text) == cell


def test_a_deletion_that_is_asked_for_ends_sessions_at_once_and_the_account_in_a_fortnight(db, ana):
    db.write_now(access.create_session, ana.id, "A browser")
    due = db.write_now(privacy.schedule_deletion, ana)
    assert db.write_now(privacy.schedule_deletion, ana) == due
    assert db.read_now(access.sessions_of, ana.id) == []
    db.write_now(privacy.depart, ana.id)
    # Nobody is shown that there is such an account, and it is not gone.
    assert db.read_now(members.get, ana.id).standing is members.Standing.DEACTIVATED

    db.write_now(lambda tx: privacy.depart(replace(tx, now=due), ana.id))

    with pytest.raises(NotFound):
        db.read_now(members.get, ana.id)
    assert db.read_now(privacy.due_departures, due) == []


def test_the_only_administrator_stays(db):
    boss, other = (a_member(db, name, roles=("member", "admin")) for name in ("boss", "other"))
    due = db.write_now(privacy.schedule_deletion, boss)
    with pytest.raises(Conflict):
        db.write_now(delete_account, other)
    db.write_now(members.shut_out, other.id, out=True)

    db.write_now(lambda tx: privacy.depart(replace(tx, now=due), boss.id))

    assert db.read_now(members.get, boss.id).is_active
