# SPDX-License-Identifier: AGPL-3.0-or-later
"""Giving and taking the roles of those who run the association."""

import pytest

from node import members
from node.kernel import audit
from node.kernel.errors import Conflict, Invalid, NotAllowed
from tests.support.builders import a_member


@pytest.fixture
def admin(db):
    return a_member(db, "chair", roles=("member", "admin"))


def held(db, member):
    return db.read_now(members.get, member.id).roles


def test_an_administrator_gives_and_takes_and_it_is_written_down(db, admin):
    jo = a_member(db, "jo")

    db.write_now(members.set_roles, admin, jo.id, {"member", "delegate", "secretary"})
    db.write_now(members.set_roles, admin, jo.id, {"secretary"})

    assert held(db, jo) == {"member", "secretary"}
    found = [(one.actor_id, one.before, one.after) for one in db.read_now(audit.about, jo.id) if one.verb == "roles"]
    assert found == [(admin.id, "delegate secretary", "secretary"), (admin.id, "", "delegate secretary")]
    assert [one.id for one in db.read_now(members.holders)] == [admin.id, jo.id]


@pytest.mark.parametrize("role", ["member", "delegate", "secretary", "moderator", "treasurer", "board"])
def test_nobody_else_does(db, role):
    jo = a_member(db, "jo", roles=("member", role))

    with pytest.raises(NotAllowed):
        db.write_now(members.set_roles, jo, jo.id, {"admin"})

    assert "admin" not in held(db, jo)


def test_one_administrator_stays_and_whoever_is_none_any_more_gives_nothing(db, admin):
    with pytest.raises(Conflict):
        db.write_now(members.set_roles, admin, admin.id, {"member"})
    other = a_member(db, "other", roles=("member", "admin"))
    db.write_now(members.set_roles, other, admin.id, {"member"})

    with pytest.raises(NotAllowed):
        db.write_now(members.set_roles, admin, admin.id, {"admin"})
    assert held(db, admin) == {"member"}


def test_roles_are_for_those_who_are_let_in(db, admin):
    out = a_member(db, "out", roles=("member", "moderator"))
    db.write_now(members.shut_out, out.id, out=True)

    with pytest.raises(Conflict):
        db.write_now(members.set_roles, admin, out.id, {"moderator", "admin"})
    db.write_now(members.set_roles, admin, out.id, {"member"})
    with pytest.raises(Invalid):
        db.write_now(members.set_roles, admin, a_member(db).id, {"emperor"})

    assert held(db, out) == {"member"}
