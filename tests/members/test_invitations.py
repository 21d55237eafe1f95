# SPDX-License-Identifier: AGPL-3.0-or-later
"""What becomes of an invitation: every verb from every state, who takes one back, and what time and the mail do."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from node import mail, members
from node.kernel import audit
from node.kernel.errors import Conflict, NotFound
from node.mail import Refusal
from node.members import InvitationState as State
from node.members.invitations import ENDS, Verb, after
from node.members.tables import invitations
from tests.members.test_members import new
from tests.support.builders import a_member, keys

# One line per state: verb->state; what is not here is refused and changes nothing.
TABLE = """
created: send->sent; revoke->revoked
sent: open->opened; bounce->bounced; expire->expired; revoke->revoked
opened: use->used; expire->expired; revoke->revoked
"""
LEADS = {
    (State(state), Verb(verb)): State(target)
    for line in TABLE.strip().splitlines()
    for state, rest in [line.split(": ")]
    for verb, target in [step.split("->") for step in rest.split("; ")]
}


@pytest.mark.parametrize("verb", Verb)
@pytest.mark.parametrize("state", State)
def test_what_leads_where(state, verb):
    target = LEADS.get((state, verb))
    if ENDS[verb] is state:
        assert after(state, verb) is state
    elif target is None:
        with pytest.raises(Conflict):
            after(state, verb)
    else:
        assert after(state, verb) is target


def earlier(db, days):
    """All of them are so many days old, and have been as they are since then."""

    def write(tx):
        made = tx.now - timedelta(days=days)
        tx.conn.execute(update(invitations).values(since=made, expires_at=made + members.INVITATION_LIFETIME))

    db.write_now(write)


def test_one_is_sent_opened_used_and_its_address_forgotten(db):
    token, made = db.write_now(members.create_invitation, email="nora@mail.example", max_uses=1)
    assert made.state is State.SENT

    assert db.write_now(members.open_invitation, token).state is State.OPENED
    assert db.write_now(members.open_invitation, token).state is State.OPENED
    db.write_now(members.register, token, new("nora"), keys())

    found = db.read_now(members.invitation, token)
    assert (found.state, found.uses, found.email) == (State.USED, 1, None)
    verbs = [(one.verb, one.before, one.after) for one in db.read_now(audit.about, made.id)]
    assert verbs == [
        ("invitation.use", "opened", "used"),
        ("invitation.open", "sent", "opened"),
        ("invitation.send", "created", "sent"),
    ]


def test_one_for_several_is_used_with_the_last_place(db):
    token, _ = db.write_now(members.create_invitation, max_uses=2)
    for name, state in (("one", State.OPENED), ("two", State.USED)):
        db.write_now(members.register, token, new(name), keys())
        assert db.read_now(members.invitation, token).state is state


@pytest.mark.parametrize("by", ["sender", "secretary", "admin"])
def test_whoever_sent_it_or_the_secretary_takes_it_back(db, by):
    sender = a_member(db, "sender")
    others = {role: a_member(db, f"the_{role}", roles=("member", role)) for role in ("secretary", "admin")}
    others["sender"] = sender
    token, made = db.write_now(members.create_invitation, created_by=sender.id)
    for role in ("member", "delegate", "moderator"):
        with pytest.raises(NotFound):
            db.write_now(members.revoke_invitation, a_member(db, f"x{role}", roles=("member", role)), made.id)

    for _ in range(2):
        db.write_now(members.revoke_invitation, others[by], made.id)

    for use in (members.open_invitation, lambda tx, token: members.register(tx, token, new(), keys())):
        with pytest.raises(Conflict, match="good no more") as refused:
            db.write_now(use, token)
        assert refused.value.code == "E_INVITE_REVOKED"
    assert db.read_now(members.all_invitations)[0].state is State.REVOKED
    with pytest.raises(NotFound):
        db.write_now(members.revoke_invitation, others[by], 1)


def test_one_that_was_used_is_not_taken_back(db):
    sender = a_member(db, "sender")
    token, made = db.write_now(members.create_invitation, created_by=sender.id)
    db.write_now(members.register, token, new(), keys())

    with pytest.raises(Conflict):
        db.write_now(members.revoke_invitation, sender, made.id)


def test_a_letter_that_comes_back_ends_what_nobody_opened(db):
    waits, _ = db.write_now(members.create_invitation, email="Nora@mail.example")
    opened, _ = db.write_now(members.create_invitation, email="nora@mail.example")
    other, _ = db.write_now(members.create_invitation, email="nils@mail.example")
    db.write_now(members.open_invitation, opened)

    db.write_now(mail.note, "nora@mail.example", Refusal.PASSING)
    assert db.read_now(members.invitation, waits).state is State.SENT
    db.write_now(mail.note, "nora@mail.example", Refusal.FOR_GOOD)

    assert [db.read_now(members.invitation, one).state for one in (waits, opened, other)] == [
        State.BOUNCED,
        State.OPENED,
        State.SENT,
    ]


def test_after_thirty_days_it_is_good_no_more_and_a_year_later_nothing_is_kept(db):
    token, _ = db.write_now(members.create_invitation, email="nora@mail.example")
    earlier(db, 29)
    db.write_now(members.sweep_invitations)
    assert db.write_now(members.open_invitation, token).state is State.OPENED
    earlier(db, 31)
    with pytest.raises(Conflict, match="expired"):
        db.write_now(members.open_invitation, token)

    db.write_now(members.sweep_invitations)

    assert db.read_now(members.invitation, token).state is State.EXPIRED
    earlier(db, 366)
    db.write_now(members.sweep_invitations)
    with pytest.raises(NotFound):
        db.read_now(members.invitation, token)


def test_a_reminder_has_a_link_of_its_own_and_what_has_ended_none(db):
    admin = a_member(db, "chair", roles=("member", "admin"))
    token, made = db.write_now(members.create_invitation)

    again = db.write_now(members.renew_link, made.id)

    assert db.read_now(members.invitation, again).id == made.id
    with pytest.raises(NotFound):
        db.read_now(members.invitation, token)
    db.write_now(members.revoke_invitation, admin, made.id)
    assert db.write_now(members.renew_link, made.id) is None
