# SPDX-License-Identifier: AGPL-3.0-or-later
"""A member has died, or is said to have: what ends, what stays, and how a wrong report is undone."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from node import access, actors, events, members, moderation, notifications, relationships, roster
from node.actors.tables import actors as actors_table
from node.events import State as Seat
from node.kernel import audit, clock
from node.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from node.members.tables import members as members_table
from node.moderation import Sanction, deaths, tips, wishes
from node.moderation.deaths import State
from node.moderation.tables import death_tips
from node.moderation.tables import deaths as deaths_table
from node.moderation.wishes import Wish, Wishes
from node.notifications import Kind
from node.relationships.suggestions import suggestions
from node.roster.tables import roster_entries
from tests.roster.test_imports import bring_in
from tests.support.builders import a_member, a_post, a_remote_actor, an_event_draft
from tests.support.letters import in_queue
from tests.support.outgoing import said

KNOWN = "Her sister wrote to the office."


@pytest.fixture
def secretary(db):
    return a_member(db, "claire", roles=("member", "secretary"))


@pytest.fixture
def ada(db):
    return a_member(db, "ada", display_name="Ada Winter", class_year=1998)


@pytest.fixture
def ben(db):
    return a_member(db, "ben", class_year=1998)


def now_of(db, member):
    return db.read_now(actors.find, member.id)


def do(db, what, staff, member, words=KNOWN):
    return db.write_now(what, staff, now_of(db, member), words)


def states(db):
    return [State(row) for row in db.read_now(lambda conn: conn.execute(select(deaths_table.c.state)).scalars().all())]


def all_of(db):
    """What is kept of accounts, but for the versions and moments that only move on."""
    leave_out = {"version", "updated_at", "memorial"}
    columns = [column for column in actors_table.c if column.name not in leave_out]
    return db.read_now(
        lambda conn: (
            conn.execute(select(*columns).order_by(actors_table.c.id)).all(),
            conn.execute(select(members_table).order_by(members_table.c.actor_id)).all(),
        )
    )


# -- states: which verb leads where; every other is refused ------------------------------------------------------------

PATHS = {
    None: ((), {"confirm": State.MEMORIAL}),
    State.REPORTED: (("report",), {"report": State.REPORTED, "confirm": State.MEMORIAL, "reject": State.REJECTED}),
    State.MEMORIAL: (("confirm",), {"report": State.MEMORIAL, "undo": State.UNDONE, "purge": None}),
    State.REJECTED: (("report", "reject"), {"report": State.REPORTED, "confirm": State.MEMORIAL}),
    State.UNDONE: (("confirm", "undo"), {"report": State.REPORTED, "confirm": State.MEMORIAL}),
}
VERBS = {
    "report": deaths.report,
    "confirm": deaths.confirm,
    "reject": deaths.reject,
    "undo": deaths.undo,
    "purge": deaths.purge,
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", PATHS)
def test_every_state_takes_its_verbs_and_no_other(db, secretary, ada, ben, state, verb):
    admin = a_member(db, "chief", roles=("member", "admin"))

    def say(name):
        do(db, VERBS[name], {"report": ben.actor, "purge": admin}.get(name, secretary), ada)

    way, takes = PATHS[state]
    for step in way:
        say(step)
    if verb in takes or (state is None and verb == "report"):
        say(verb)
        found = db.read_now(deaths.latest, ada.id)
        if verb == "purge":
            assert (found, now_of(db, ada).deleted_at is not None) == (None, True)
            return
        assert found.state is takes.get(verb, State.REPORTED)
        assert now_of(db, ada).memorial is (found.state is State.MEMORIAL)
    else:
        with pytest.raises(Conflict):
            say(verb)
        found = db.read_now(deaths.latest, ada.id)
        assert (found.state if found is not None else None) is state


# -- reporting --------------------------------------------------------------------------------------------------------


def test_a_report_changes_nothing_and_waits_for_the_secretary(db, secretary, ada, ben):
    before = all_of(db)
    do(db, deaths.report, ben.actor, ada)
    do(db, deaths.report, secretary.actor, ada)

    [found] = db.read_now(deaths.waiting)
    assert (found.member_id, found.source, found.reported_by) == (ada.id, KNOWN, ben.id)
    assert db.read_now(deaths.waiting_count) == 1
    assert all_of(db) == before


@pytest.mark.parametrize(("words", "field"), [("", "source"), ("  ", "source"), ("x" * 501, "source")])
def test_a_report_says_how_it_is_known(db, ada, ben, words, field):
    with pytest.raises(Invalid) as refused:
        do(db, deaths.report, ben.actor, ada, words)
    assert refused.value.field == field


def test_nobody_reports_themselves_or_somebody_elsewhere(db, ada):
    with pytest.raises(Invalid):
        do(db, deaths.report, ada.actor, ada)
    far = a_remote_actor(db, "far")
    with pytest.raises(NotFound):
        do(db, deaths.report, ada.actor, far)


def test_few_reports_a_day_are_taken_from_one_member(db, ben):
    for _ in range(deaths.PER_DAY):
        do(db, deaths.report, ben.actor, a_member(db))
    with pytest.raises(TooMany):
        do(db, deaths.report, ben.actor, a_member(db))


def test_a_file_of_the_roster_decides_nothing_about_a_member(db, secretary, ada):
    bring_in(db, ";Winter;Ada;1998;;;;;\n;Okoro;Ben;1998;;;;;\n")
    db.write_now(
        lambda tx: tx.conn.execute(
            update(roster_entries).where(roster_entries.c.family_name == "Winter").values(claimed_by=ada.id)
        )
    )

    bring_in(db, ";Winter;Ada;1998;;;;;x\n;Okoro;Ben;1998;;;;;x\n")

    [found] = db.read_now(deaths.waiting)
    assert (found.member_id, found.reported_by) == (ada.id, None)
    assert not now_of(db, ada).memorial
    assert db.read_now(roster.everybody)[0].content.deceased


# -- deciding ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("roles", [("member",), ("member", "moderator"), ("member", "treasurer"), ("member", "board")])
@pytest.mark.parametrize("verb", ["confirm", "reject", "undo"])
def test_the_secretary_and_administrators_decide_alone(db, ada, roles, verb):
    other = a_member(db, "olga", roles=roles)
    do(db, deaths.report, other.actor, ada)
    with pytest.raises(NotAllowed):
        do(db, VERBS[verb], other, ada)


def test_nobody_decides_about_themselves(db, secretary):
    with pytest.raises(NotAllowed):
        do(db, deaths.confirm, secretary, secretary)


def test_a_decision_says_why(db, secretary, ada):
    with pytest.raises(Invalid):
        do(db, deaths.confirm, secretary, ada, " ")
    assert states(db) == []


def test_the_only_administrator_is_not_made_a_memorial(db):
    chief = a_member(db, "chief", roles=("member", "admin"))
    with pytest.raises(Conflict):
        do(db, deaths.confirm, None, chief)


def test_a_memorial_is_logged_out_everywhere_and_nobody_acts_for_it(db, secretary, ada):
    db.write_now(access.create_session, ada.id)
    assert len(db.read_now(access.sessions_of, ada.id)) == 1

    do(db, deaths.confirm, secretary, ada)

    assert db.read_now(access.sessions_of, ada.id) == []
    after = db.read_now(members.get, ada.id)
    assert not after.is_active
    assert after.actor.is_active
    assert after.actor.memorial
    assert db.read_now(actors.document, db.site, after.actor)["memorial"] is True


def test_followers_elsewhere_are_told(db, secretary, ada):
    do(db, deaths.confirm, secretary, ada)
    update_of = said(db)[-1]
    assert (update_of["type"], update_of["object"]["id"], update_of["object"]["memorial"]) == (
        "Update",
        ada.actor.uri,
        True,
    )

    do(db, deaths.undo, secretary, ada)
    assert said(db)[-1]["object"].get("memorial") is not True


def test_nothing_is_told_to_a_memorial(db, secretary, ada, ben):
    do(db, deaths.confirm, secretary, ada)
    db.write_now(lambda tx: notifications.notify(tx, now_of(db, ada), Kind.FOLLOW, ben.actor))
    assert db.read_now(notifications.unread_count, ada.id) == 0


def test_a_memorial_is_suggested_to_nobody(db, secretary, ada, ben):
    def suggested():
        return {one.actor.id for one in db.read_now(suggestions, ben.actor, clock.now())}

    assert ada.id in suggested()
    do(db, deaths.confirm, secretary, ada)
    assert ada.id not in suggested()


def test_a_memorial_gives_its_seats_back(db, secretary, ada, ben):
    number = db.write_now(events.publish, ben.actor, an_event_draft(capacity=2))
    db.write_now(events.join, ada.actor, number)

    do(db, deaths.confirm, secretary, ada)

    assert db.read_now(events.participation, number, ada.id).state is Seat.CANCELLED
    assert db.read_now(events.get, number, ben.id).going_count == 0


# -- undoing ----------------------------------------------------------------------------------------------------------


def test_a_wrong_report_is_undone_without_a_trace(db, secretary, ada, ben):
    a_post(db, ada.actor, "I was here")
    before = all_of(db)
    do(db, deaths.report, ben.actor, ada)
    do(db, deaths.confirm, secretary, ada)
    assert all_of(db) != before

    do(db, deaths.undo, secretary, ada)

    assert all_of(db) == before
    assert not now_of(db, ada).memorial
    assert db.read_now(members.get, ada.id).is_active


def test_after_ninety_days_it_cannot_be_undone(db, secretary, ada):
    do(db, deaths.confirm, secretary, ada)
    db.write_now(
        lambda tx: tx.conn.execute(
            update(deaths_table).values(decided_at=tx.now - deaths.REVERSIBLE - timedelta(minutes=1))
        )
    )
    with pytest.raises(Conflict):
        do(db, deaths.undo, secretary, ada)
    assert now_of(db, ada).memorial


def test_a_suspension_that_ends_opens_no_memorial_and_an_undone_memorial_no_suspended_account(db, secretary, ada):
    mora = a_member(db, "mora", roles=("member", "moderator"))
    db.write_now(moderation.decide, mora, ada.actor, Sanction.SUSPEND, "Too loud")
    do(db, deaths.confirm, secretary, ada)
    db.write_now(lambda tx: moderation.lift(tx, mora, actors.get(tx.conn, ada.id), Sanction.SUSPEND))
    assert not db.read_now(members.get, ada.id).is_active

    do(db, deaths.undo, secretary, ada)
    assert db.read_now(members.get, ada.id).is_active

    db.write_now(lambda tx: moderation.decide(tx, mora, actors.get(tx.conn, ada.id), Sanction.SUSPEND, "Too loud"))
    do(db, deaths.confirm, secretary, ada)
    do(db, deaths.undo, secretary, ada)
    assert not db.read_now(members.get, ada.id).is_active


def test_what_was_said_goes_with_the_account(db, ada, ben, secretary):
    do(db, deaths.report, ben.actor, ada)
    db.write_now(lambda tx: relationships.delete_account(tx, members.get(tx.conn, ben.id)))
    [found] = db.read_now(deaths.waiting)
    assert found.reported_by is None

    db.write_now(lambda tx: relationships.delete_account(tx, members.get(tx.conn, ada.id)))
    assert states(db) == []


# -- wishes -----------------------------------------------------------------------------------------------------------


def wish(db, member, what, words=""):
    db.write_now(wishes.say, member.id, what, words)


def test_a_wish_is_said_changed_and_taken_back(db, ada):
    for one in (
        Wishes(Wish.DELETE, ""),
        Wishes(Wish.HAND, "My sister Inès, ines@mail.example"),
        Wishes(Wish.KEEP, ""),
    ):
        wish(db, ada, one.wish, one.words)
        wish(db, ada, one.wish, one.words)
        assert db.read_now(wishes.of, ada.id) == one
    wish(db, ada, None)
    assert db.read_now(wishes.of, ada.id) is None
    assert len(db.read_now(audit.about, ada.id)) == 4


@pytest.mark.parametrize(("what", "words"), [(Wish.HAND, " "), (Wish.KEEP, "x" * 501)])
def test_a_wish_that_cannot_be_obeyed_is_refused(db, ada, what, words):
    with pytest.raises(Invalid) as refused:
        wish(db, ada, what, words)
    assert refused.value.field == "words"


@pytest.mark.parametrize("what", [Wish.KEEP, Wish.HAND, None])
def test_without_the_wish_to_be_deleted_a_memorial_is_shown(db, secretary, ada, what):
    wish(db, ada, what, "My sister" if what else "")
    do(db, deaths.confirm, secretary, ada)

    assert now_of(db, ada).is_active
    assert db.read_now(deaths.due_removals, clock.now() + timedelta(days=400)) == []


def test_whoever_wished_it_is_hidden_at_once_and_deleted_when_it_can_be_undone_no_more(db, secretary, ada):
    wish(db, ada, Wish.DELETE)
    do(db, deaths.confirm, secretary, ada)
    assert not now_of(db, ada).is_active
    with pytest.raises(Conflict):
        db.write_now(lambda tx: moderation.lift(tx, None, actors.get(tx.conn, ada.id), Sanction.SUSPEND))
    soon = clock.now() + deaths.REVERSIBLE
    assert db.read_now(deaths.due_removals, soon - timedelta(hours=1)) == []
    assert db.read_now(deaths.due_removals, soon + timedelta(hours=1)) == [ada.id]
    db.write_now(deaths.remove_as_wished, ada.id)
    assert now_of(db, ada).deleted_at is None

    db.write_now(lambda tx: tx.conn.execute(update(deaths_table).values(removal_at=tx.now)))
    db.write_now(deaths.remove_as_wished, ada.id)

    assert now_of(db, ada).deleted_at is not None
    assert db.read_now(wishes.of, ada.id) is None
    assert states(db) == []


def test_a_wrong_report_of_whoever_wished_to_be_deleted_is_undone_without_a_trace(db, secretary, ada):
    wish(db, ada, Wish.DELETE)
    before = all_of(db)
    do(db, deaths.confirm, secretary, ada)
    do(db, deaths.undo, secretary, ada)

    assert all_of(db) == before
    assert db.read_now(deaths.due_removals, clock.now() + timedelta(days=400)) == []


def test_a_suspension_outlives_a_death_that_was_none(db, secretary, ada):
    wish(db, ada, Wish.DELETE)
    db.write_now(moderation.decide, None, ada.actor, Sanction.SUSPEND, "Too loud")
    do(db, deaths.confirm, secretary, ada)
    do(db, deaths.undo, secretary, ada)
    assert not now_of(db, ada).is_active


@pytest.mark.parametrize("roles", [("member",), ("member", "secretary"), ("member", "moderator")])
def test_administrators_alone_delete_what_heirs_ask_for(db, secretary, ada, roles):
    do(db, deaths.confirm, secretary, ada)
    with pytest.raises(NotAllowed):
        do(db, deaths.purge, a_member(db, "olga", roles=roles), ada)


def test_an_administrator_who_has_died_stands_in_nobodys_way(db, ada):
    chief = a_member(db, "chief", roles=("member", "admin"))
    other = a_member(db, "other", roles=("member", "admin"))
    do(db, deaths.confirm, other, chief)
    do(db, deaths.purge, other, chief)
    assert now_of(db, chief).deleted_at is not None


# -- from outside, and letters ----------------------------------------------------------------------------------------


def tip(db, **values):
    said = {"name": "Ada Winter, 1998", "source": KNOWN, "email": "ines@mail.example", **values}
    return db.write_now(lambda tx: tips.tell(tx, **said))


def test_what_a_stranger_tells_waits_for_the_secretary_and_goes_when_it_is_dealt_with(db, secretary, ben):
    tip(db)
    [found] = db.read_now(tips.waiting)
    assert (found.name, found.source, found.email) == ("Ada Winter, 1998", KNOWN, "ines@mail.example")
    with pytest.raises(NotAllowed):
        db.write_now(tips.settle, ben, found.id)

    db.write_now(tips.settle, secretary, found.id)

    assert db.read_now(tips.waiting_count) == 0
    with pytest.raises(NotFound):
        db.write_now(tips.settle, secretary, found.id)


@pytest.mark.parametrize(
    ("field", "words"),
    [("name", " "), ("name", "x" * 121), ("source", ""), ("source", "x" * 501), ("email", "nowhere")],
)
def test_a_stranger_says_who_how_and_from_where(db, field, words):
    with pytest.raises(Invalid) as refused:
        tip(db, **{field: words})
    assert refused.value.field == field


def test_what_nobody_dealt_with_is_forgotten_after_a_year(db):
    tip(db)
    db.write_now(tips.sweep)
    assert db.read_now(tips.waiting_count) == 1
    db.write_now(lambda tx: tx.conn.execute(update(death_tips).values(told_at=tx.now - timedelta(days=366))))
    db.write_now(tips.sweep)
    assert db.read_now(tips.waiting_count) == 0


def test_the_secretary_gets_a_letter_without_a_name(db, secretary, ada, ben):
    db.site = replace(db.site, has_mail=True)
    do(db, deaths.report, ben.actor, ada)
    do(db, deaths.report, ben.actor, ada)
    tip(db)
    for _ in range(2):
        do(db, deaths.report, None, a_member(db))

    sent = in_queue(db)
    assert [to for to, _ in sent] == [secretary.email] * 2
    assert all("Ada" not in str(letter) and letter["link"].endswith("/staff/deaths") for _, letter in sent)
