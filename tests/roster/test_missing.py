# SPDX-License-Identifier: AGPL-3.0-or-later
"""Missing classmates: who sees whose name, and invitations that are sent once, remembered once, and lead home."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from node import mail, members, relationships, roster
from node.kernel import clock
from node.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from node.members import NewMember
from node.notices.tables import notices
from node.roster.tables import roster_addresses, roster_entries, roster_invitations
from tests.support import builders, letters

ROWS = "nom;prenom;promo;decede\nDEMO;Ana;1998;\nDURAND;Bo;1998;\nPETIT;Cy;1998;x\nAUTRE;Di;1999;\nLANG;Ed;1998;\n"


@pytest.fixture
def known(db):
    """A roster with four of one class, one of them deceased, and one of another; and a node that sends letters."""
    db.site = replace(db.site, has_mail=True)
    preview = roster.preview(
        roster.open_sheet(ROWS.encode(), roster.Options()), [], roster.Mode.BOTH, clock.now().date()
    )
    number = db.write_now(roster.begin, {"admin"}, None, "roster.csv", roster.Options(), None)
    db.write_now(roster.start, {"admin"}, number)
    db.write_now(roster.apply_step, number, preview.to_write)
    db.write_now(roster.finish, number)
    return {entry.content.given_name: entry.id for entry in db.read_now(roster.everybody)}


@pytest.fixture
def ana(db, known):
    """A member whom the association has taken for Ana."""
    return taken_for(db, builders.a_member(db, "ana"), known["Ana"])


def taken_for(db, member, entry_id):
    db.write_now(
        lambda tx: tx.conn.execute(
            update(roster_entries).where(roster_entries.c.id == entry_id).values(claimed_by=member.id)
        )
    )
    return member


def names(db, member):
    found = db.read_now(roster.missing_classmates, member)
    return None if found is None else [one.name for one in found]


def told(db):
    rows = select(notices.c.member_id, notices.c.about)
    return db.read_now(lambda conn: [tuple(row) for row in conn.execute(rows)])


def letters_of(db):
    return [{"to": to, **letter} for to, letter in letters.in_queue(db)]


def test_a_member_sees_the_missing_of_their_own_class(db, known, ana):
    assert names(db, ana) == ["Bo Durand", "Ed Lang"]

    taken_for(db, builders.a_member(db, "bo"), known["Bo"])
    db.write_now(roster.set_objected, known["Ed"], objected=True)
    assert names(db, ana) == []

    db.write_now(roster.set_objected, known["Ed"], objected=False)
    assert names(db, ana) == ["Ed Lang"]


def test_whoever_is_not_in_the_roster_sees_nobody(db, known):
    assert names(db, builders.a_member(db, "stranger", class_year=1998)) is None


def test_an_invitation_is_sent_once_and_leads_to_the_entry(db, known, ana):
    db.write_now(roster.invite_missing, ana, known["Bo"], "bo@mail.example")

    [letter] = letters_of(db)
    assert letter["to"] == "bo@mail.example"
    with pytest.raises(Conflict):
        db.write_now(roster.invite_missing, ana, known["Bo"], "bo@other.example")
    assert [one.invited for one in db.read_now(roster.missing_classmates, ana)] == [True, False]

    token = letter["link"].rpartition("/")[2]
    new = members.NewMember(username="bo", email="bo@mail.example", password_hash="x", class_year=1998)
    member = db.write_now(members.register, token, new, builders.keys())

    assert db.read_now(roster.entry_of, member.id) == known["Bo"]
    assert member.actor.class_year == 1998
    assert addresses(db) == [None]
    assert names(db, member) == ["Ed Lang"]
    # Whoever invited them hears that they have come, until they are gone again.
    assert told(db) == [(ana.id, f"joined:{member.id}")]
    db.write_now(relationships.delete_account, member)
    assert told(db) == []


def test_a_node_may_name_nobody(db, known, ana):
    db.site = replace(db.site, names_missing=False)
    with pytest.raises(NotFound):
        db.write_now(roster.invite_missing, ana, known["Bo"], "bo@mail.example")


def test_whoever_invited_takes_it_back_and_learns_nothing_by_it(db, known, ana):
    cleo = taken_for(db, builders.a_member(db, "cleo"), known["Cy"])
    db.write_now(roster.invite_missing, ana, known["Bo"], "bo@mail.example")
    db.write_now(roster.invite_missing, ana, known["Ed"], "ed@mail.example")
    db.write_now(mail.note, "ed@mail.example", mail.Refusal.FOR_GOOD)
    mine = {one.name: one.mine for one in db.read_now(roster.missing_classmates, ana)}
    assert mine == {"Bo Durand": True, "Ed Lang": True}
    assert [one.mine for one in db.read_now(roster.missing_classmates, cleo)] == [False, False]
    with pytest.raises(NotFound):
        db.write_now(roster.take_back_invitation, cleo, known["Bo"])

    for who in ("Bo", "Ed"):
        db.write_now(roster.take_back_invitation, ana, known[who])

    found = {one.name: (one.invited, one.mine) for one in db.read_now(roster.missing_classmates, ana)}
    assert found == {"Bo Durand": (True, False), "Ed Lang": (True, False)}
    states = [one.state for one in db.read_now(members.all_invitations)]
    assert states == [members.InvitationState.BOUNCED, members.InvitationState.REVOKED]
    age(db, 22)
    before = len(letters_of(db))
    db.write_now(roster.remind)
    assert len(letters_of(db)) == before


def test_the_association_invites_somebody_of_the_roster(db, known):
    secretary = builders.a_member(db, "sec", roles=("member", "secretary"))
    with pytest.raises(NotAllowed):
        db.write_now(roster.invite, builders.a_member(db, "delegate", roles=("member", "delegate")), "x@mail.example")
    for who in ("Bo", "Cy"):
        address = {"entry_id": known[who], "address": f"{who.lower()}@mail.example"}
        db.write_now(lambda tx, address=address: tx.conn.execute(insert(roster_addresses), address))
    for wrong in ("nobody", secretary.email, "cy@mail.example"):
        with pytest.raises(Invalid):
            db.write_now(roster.invite, secretary, wrong)

    made = db.write_now(roster.invite, secretary, "Bo@mail.example")

    [letter] = letters_of(db)
    token = letter["link"].rpartition("/")[2]
    assert (made.class_year, db.read_now(roster.invited_names, [made.id])) == (1998, {made.id: "Bo Durand"})
    new = NewMember(username="bo", email="bo@mail.example", password_hash="x", class_year=1998)
    bo = db.write_now(members.register, token, new, builders.keys())
    assert db.read_now(roster.entry_of, bo.id) == known["Bo"]
    assert db.read_now(roster.case_of, bo.id).state is roster.State.VERIFIED


def addresses(db):
    return db.read_now(lambda conn: conn.execute(select(roster_invitations.c.email)).scalars().all())


@pytest.mark.parametrize("who", ["Di", "Cy", "Ana"])
def test_nobody_else_can_be_invited(db, known, ana, who):
    with pytest.raises(NotFound):
        db.write_now(roster.invite_missing, ana, known[who], "x@mail.example")
    with pytest.raises(NotFound):
        db.write_now(roster.invite_missing, builders.a_member(db, "other"), known["Bo"], "x@mail.example")
    with pytest.raises(Invalid):
        db.write_now(roster.invite_missing, ana, known["Bo"], "no address")
    assert letters_of(db) == []


def test_an_address_that_has_an_account_gets_no_letter_and_nobody_is_told(db, known, ana):
    builders.a_member(db, "known", email="known@mail.example")

    db.write_now(roster.invite_missing, ana, known["Bo"], "known@mail.example")

    assert letters_of(db) == []


def test_one_reminder_follows_after_three_weeks_and_the_address_is_forgotten(db, known, ana):
    db.write_now(roster.invite_missing, ana, known["Bo"], "bo@mail.example")
    db.write_now(roster.remind)
    assert len(letters_of(db)) == 1
    age(db, 22)

    db.write_now(roster.remind)
    db.write_now(roster.remind)

    first, second = letters_of(db)
    assert first["link"] != second["link"]
    assert addresses(db) == [None]
    with pytest.raises(NotFound):
        db.read_now(members.invitation, first["link"].rpartition("/")[2])
    with pytest.raises(Conflict):
        db.write_now(roster.invite_missing, ana, known["Bo"], "bo@mail.example")


@pytest.mark.parametrize("why", ["objects", "dies", "came", "inviter gone"])
def test_no_reminder_where_it_is_settled(db, known, ana, why):
    db.write_now(roster.invite_missing, ana, known["Bo"], "bo@mail.example")
    age(db, 22)
    if why == "objects":
        db.write_now(roster.set_objected, known["Bo"], objected=True)
    elif why == "dies":
        gone = update(roster_entries).where(roster_entries.c.id == known["Bo"]).values(deceased=True)
        db.write_now(lambda tx: tx.conn.execute(gone))
    elif why == "came":
        taken_for(db, builders.a_member(db, "bo"), known["Bo"])
    else:
        db.write_now(roster.forget_member, ana.id)
        assert addresses(db) == [None]

    db.write_now(roster.remind)

    assert len(letters_of(db)) == 1
    assert addresses(db) == [None]


def age(db, days):
    past = clock.now() - timedelta(days=days)
    db.write_now(lambda tx: tx.conn.execute(update(roster_invitations).values(sent_at=past)))


def test_without_letters_and_beyond_ten_a_day_it_is_said(db, known, ana, monkeypatch):
    monkeypatch.setattr("node.roster.missing.PER_DAY", 1)
    db.write_now(roster.invite_missing, ana, known["Bo"], "bo@mail.example")
    with pytest.raises(TooMany):
        db.write_now(roster.invite_missing, ana, known["Ed"], "ed@mail.example")

    db.site = replace(db.site, has_mail=False)
    with pytest.raises(Conflict):
        db.write_now(roster.invite_missing, ana, known["Ed"], "ed@mail.example")
