# SPDX-License-Identifier: AGPL-3.0-or-later
"""Signing up by invitation, names and addresses, passwords, preferences."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from activitypub.actor import ActorType
from activitypub.addressing import Visibility
from node import actors, members
from node.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Overloaded
from node.members import NewMember, Passwords, Preferences
from node.members.passwords import hash_now
from node.members.rules import check_email, check_new_password, check_roles, check_username
from node.members.tables import retired_usernames
from tests.support.builders import a_member, keys


def new(username="newcomer", **more):
    values = {"username": username, "email": f"{username}@mail.example", "password_hash": "x", **more}
    return NewMember(**values)


def invite(db, **more):
    return db.write_now(members.create_invitation, **more)[0]


# -- invitations ------------------------------------------------------------------------------------------------------


def test_an_invitation_lets_one_in(db):
    host = a_member(db)
    token = invite(db, created_by=host.id, class_year=1999)

    member = db.write_now(members.register, token, new(display_name="Nora N."), keys())

    assert (member.actor.username, member.actor.display_name, member.actor.type) == (
        "newcomer",
        "Nora N.",
        ActorType.PERSON,
    )
    assert member.roles == {"member"}
    assert db.read_now(members.invitation, token).uses == 1
    with pytest.raises(Conflict, match="already been used"):
        db.write_now(members.register, token, new("another"), keys())


def test_an_invitation_that_has_expired_lets_nobody_in(db):
    token = invite(db, lifetime=timedelta(seconds=-1))

    with pytest.raises(Conflict, match="expired"):
        db.write_now(members.register, token, new(), keys())


@pytest.mark.parametrize("token", ["", "made up", "x" * 10_000])
def test_an_invitation_that_nobody_made_is_not_known(db, token):
    with pytest.raises(NotFound):
        db.write_now(members.register, token, new(), keys())


def test_an_invitation_for_one_address_is_for_that_address(db):
    token = invite(db, email="Nora@Mail.example")

    with pytest.raises(Invalid) as refused:
        db.write_now(members.register, token, new(email="other@mail.example"), keys())
    assert refused.value.field == "email"
    assert db.write_now(members.register, token, new(email="nora@mail.example"), keys())


def test_a_sign_up_that_fails_uses_nothing_up(db):
    token = invite(db)

    with pytest.raises(Invalid):
        db.write_now(members.register, token, new("admin"), keys())

    assert db.read_now(members.invitation, token).uses == 0


async def test_of_two_with_the_last_use_exactly_one_gets_in(db):
    token = invite(db, max_uses=3)
    for name in ("first", "second"):
        db.write_now(members.register, token, new(name), keys())

    answers = await asyncio.gather(
        *(db.write(members.register, token, new(f"late{number}"), keys()) for number in range(8)),
        return_exceptions=True,
    )

    assert [type(answer) for answer in answers].count(Conflict) == 7
    assert db.read_now(members.invitation, token).uses == 3


async def test_of_many_who_want_one_name_exactly_one_gets_it_and_the_others_are_told(db):
    token = invite(db, max_uses=50)

    answers = await asyncio.gather(
        *(
            db.write(members.register, token, new("wanted", email=f"w{number}@mail.example"), keys())
            for number in range(8)
        ),
        return_exceptions=True,
    )

    assert sum(not isinstance(answer, BaseException) for answer in answers) == 1
    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert {(type(answer), answer.field) for answer in refused} == {(Invalid, "username")}
    assert db.read_now(members.invitation, token).uses == 1


async def test_of_many_with_one_address_exactly_one_gets_in_and_the_others_are_told(db):
    answers = await asyncio.gather(
        *(db.write(members.add_member, new(f"name{number}", email="one@mail.example"), keys()) for number in range(8)),
        return_exceptions=True,
    )

    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert len(refused) == 7
    assert {(type(answer), answer.field) for answer in refused} == {(Invalid, "email")}


@pytest.mark.parametrize("uses", [0, -1, 10_001])
def test_an_invitation_is_for_some_and_not_for_all_the_world(db, uses):
    with pytest.raises(Invalid):
        db.write_now(members.create_invitation, max_uses=uses)


def test_the_secret_of_an_invitation_is_not_kept(db):
    token = invite(db)

    from node.members.tables import invitations

    row = db.read_now(lambda conn: conn.execute(select(invitations)).one())
    assert token not in str(row)


# -- names and addresses ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("taken", ["jane", "JANE", "@Jane "])
def test_a_name_is_given_out_once(db, taken):
    a_member(db, "jane")

    with pytest.raises(Invalid) as refused:
        db.write_now(members.add_member, new(taken, email="other@mail.example"), keys())
    assert refused.value.field == "username"


def test_a_name_that_somebody_had_is_not_given_out_again(db):
    db.write_now(lambda tx: tx.conn.execute(insert(retired_usernames), {"username_key": "jane", "retired_at": tx.now}))

    with pytest.raises(Invalid):
        db.write_now(members.add_member, new("jane"), keys())


def test_the_name_of_the_association_and_of_the_node_are_taken(db):
    for name in ("association", db.site.domain):
        with pytest.raises(Invalid):
            db.write_now(members.add_member, new(name, email="x@mail.example"), keys())


@pytest.mark.parametrize(
    "name",
    ["", "a", "x" * 31, "jane doe", "jané", "jane\n", "jane.doe", "-jane", "admin", "Ad_min", "root", "support", "١٢٣"],
)
def test_names_that_would_mislead_or_break_are_refused(name):
    with pytest.raises(Invalid) as refused:
        check_username(name if name != "jane\n" else "ja\nne")
    assert refused.value.field == "username"


@pytest.mark.parametrize(
    "address", ["", "jane", "jane@", "@mail.example", "a b@mail.example", "a@b@c", "x" * 250 + "@a.b"]
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(Invalid):
        check_email(address)


def test_one_mailbox_is_one_member(db):
    a_member(db, email="Jane@Mail.example")

    with pytest.raises(Invalid) as refused:
        db.write_now(members.add_member, new(email="jane@mail.EXAMPLE"), keys())
    assert refused.value.field == "email"


@pytest.mark.parametrize("year", [1899, 2099, 0, -1])
def test_a_class_is_a_year_that_can_be(db, year):
    with pytest.raises(Invalid):
        db.write_now(members.add_member, new(class_year=year), keys())


def test_roles_are_those_that_there_are():
    assert check_roles(("admin", "member")) == ("member", "admin")
    with pytest.raises(Invalid, match="emperor"):
        check_roles(("emperor",))


def test_those_who_hold_a_role_are_found(db):
    a_member(db, "jane")
    chair = a_member(db, "chair", roles=("member", "admin"))

    assert [member.id for member in db.read_now(members.with_role, "admin")] == [chair.id]
    assert chair.is_admin


def test_a_member_says_nothing_of_the_address_in_a_log(db):
    assert "@" not in repr(a_member(db, password_hash="secret"))
    assert "secret" not in repr(a_member(db, password_hash="secret"))


def test_setting_up_twice_is_refused(db):
    from tests.support.builders import set_up

    with pytest.raises(Conflict):
        db.write_now(set_up)
    assert db.read_now(actors.association).username == "association"


def test_preferences_change_one_by_one(db):
    member = a_member(db)

    db.write_now(members.set_preferences, member.id, Preferences(locale="fr"))
    after = db.write_now(members.set_preferences, member.id, Preferences(default_visibility=Visibility.PRIVATE))

    assert (after.locale, after.default_visibility, after.timezone) == ("fr", Visibility.PRIVATE, member.timezone)


# -- passwords --------------------------------------------------------------------------------------------------------


@pytest.fixture
async def passwords():
    made = Passwords()
    yield made
    made.close()


PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def hashed():
    return hash_now(PASSWORD)


@pytest.mark.parametrize("login", ["jane", "@Jane", " JANE ", "jane@mail.example", "Jane@Mail.Example"])
async def test_one_logs_in_with_the_name_or_the_address(db, passwords, hashed, login):
    member = a_member(db, "jane", password_hash=hashed)

    assert (await passwords.check(db, login, PASSWORD)).id == member.id


async def test_every_refusal_says_the_same_and_costs_the_same(db, passwords, hashed, monkeypatch):
    from node.members import passwords as module

    a_member(db, "jane", password_hash=hashed)
    a_member(db, "nopass")
    gone = a_member(db, "gone", password_hash=hashed)
    db.write_now(actors.mark_deleted, gone.actor)
    work = []
    matches = module._matches
    monkeypatch.setattr(module, "_matches", lambda encoded, password: work.append(1) or matches(encoded, password))

    said = []
    for login, password in (
        ("jane", "wrong password"),
        ("nobody", PASSWORD),
        ("nopass", ""),
        ("association", ""),
        ("gone", PASSWORD),
        ("jane'; --", PASSWORD),
    ):
        with pytest.raises(NotAllowed) as refused:
            await passwords.check(db, login, password)
        said.append(refused.value.message)

    assert len(set(said)) == 1
    assert len(work) == len(said)


async def test_a_password_of_a_megabyte_costs_nothing(db, passwords, monkeypatch):
    from node.members import passwords as module

    monkeypatch.setattr(module, "_matches", None)

    with pytest.raises(NotAllowed):
        await passwords.check(db, "jane", "x" * 2**20)


async def test_when_too_many_wait_the_next_is_told_so(db, passwords, hashed, monkeypatch):
    from node.members import passwords as module

    a_member(db, "jane", password_hash=hashed)
    monkeypatch.setattr(module, "_WAITING", 2)

    answers = await asyncio.gather(*(passwords.check(db, "jane", PASSWORD) for _ in range(4)), return_exceptions=True)

    assert [type(answer) for answer in answers].count(Overloaded) == 2


@pytest.mark.parametrize("weak", ["short", "1234567890", "aaaaaaaaaaaa", "Password123", "x" * 201, "jane_of_1999"])
def test_passwords_that_are_easy_to_guess_are_refused(weak):
    with pytest.raises(Invalid) as refused:
        check_new_password(weak, about=("Jane_of_1999", "jane@mail.example"))
    assert refused.value.field == "password"


def test_a_long_password_is_good():
    check_new_password(PASSWORD, about=("jane",))
