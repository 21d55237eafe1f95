# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages of invitations: the secretary's list, taking one back, and what a link opens."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import insert, update

from node import members, schools
from node.members import InvitationState as State
from node.roster.tables import roster_addresses, roster_entries
from tests.roster.test_missing import known  # noqa: F401  # a fixture
from tests.support import letters
from tests.support.builders import a_member
from tests.web.pages.conftest import PASSWORD


@pytest.fixture
async def secretary(services, browser, password_hash):
    services.db.site = replace(services.db.site, has_mail=True)
    member = a_member(services.db, "sec", roles=("member", "secretary"), password_hash=password_hash)
    await browser.log_in(member)
    return member


def states(db):
    return [one.state for one in db.read_now(members.all_invitations)]


async def test_the_secretary_invites_sees_how_far_it_is_and_takes_it_back(services, browser, secretary):
    page = await browser.get("/staff/invitations")
    assert "Nobody has been invited yet." in page.words
    page = await browser.post("/staff/invitations", email="nobody", class_year="98x")
    assert (page.status, 'value="nobody"' in page.text, 'value="98x"' in page.text) == (422, True, True)
    page = await browser.post("/staff/invitations", email="nora@new.example", class_year="1998")
    assert "The invitation is on its way." in page.words
    assert "nora@new.example Class of 1998 Sent" in page.words
    [(to, letter)] = letters.in_queue(services.db)
    path = letter["link"].removeprefix(services.db.site.base_url)
    browser.cookie, kept = "", browser.cookie
    assert (to, (await browser.get(path)).status) == ("nora@new.example", 200)
    browser.cookie = kept

    page = await browser.get("/staff/invitations")

    assert "Opened" in page.words
    [made] = services.db.read_now(members.all_invitations)
    page = await browser.post(f"/staff/invitations/{made.id}/revoke")
    assert "Taken back" in page.words
    page = await browser.get(path)
    assert (page.status, "This invitation is good no more." in page.words) == (409, True)
    told = json.loads((await browser.get(path, Accept="application/json")).text)
    assert told["error_code"] == "E_INVITE_REVOKED"
    assert "E_INVITE" not in page.text
    await browser.get("/staff/invitations")
    assert (await browser.post("/staff/invitations/7/revoke")).status == 404
    assert states(services.db) == [State.REVOKED]


async def test_somebody_of_the_roster_is_invited_with_one_button(services, browser, secretary, known):  # noqa: F811
    address = {"entry_id": known["Bo"], "address": "bo@mail.example"}

    def write(tx):
        tx.conn.execute(insert(roster_addresses), address)
        told = {"emails": [address["address"]]}
        tx.conn.execute(update(roster_entries).where(roster_entries.c.id == known["Bo"]).values(**told))

    services.db.write_now(write)
    page = await browser.get("/staff/roster?q=Durand")
    assert 'aria-label="Invite Bo Durand"' in page.text

    page = await browser.post("/staff/invitations", email="bo@mail.example")

    assert "Bo Durand · bo@mail.example Class of 1998 Sent" in page.words
    page = await browser.get("/staff/roster?q=Autre")
    assert "Invite Di Autre" not in page.text


async def test_it_is_for_those_who_keep_the_roster(services, browser, ada):
    _, made = services.db.write_now(members.create_invitation)
    assert "/login" in (await browser.get("/staff/invitations")).path
    await browser.log_in(ada)

    assert (await browser.get("/staff/invitations")).status == 403
    await browser.get("/")
    assert (await browser.post("/staff/invitations", email="nora@new.example")).status == 403
    assert (await browser.post(f"/staff/invitations/{made.id}/revoke")).status == 403
    assert states(services.db) == [State.SENT]


async def test_an_invitation_to_a_school_that_is_gone_lets_one_choose(services, browser):
    made = services.db.write_now(schools.add, schools.SchoolDraft(name="Mill School"))
    token, _ = services.db.write_now(members.create_invitation, school="Mill School")
    services.db.write_now(schools.remove, made.id)
    assert (
        "School" not in (await browser.get(f"/invite/{token}")).words.partition("Class year")[2].partition("E-mail")[0]
    )
    services.db.write_now(schools.add, schools.SchoolDraft(name="Hill School"))
    form = {"name": "Nora", "username": "nora", "email": "nora@new.example", "password": PASSWORD}

    page = await browser.get(f"/invite/{token}")
    assert "<option>Hill School</option>" in page.text
    page = await browser.post(f"/invite/{token}", **form, school="Mill School")
    assert (page.status, "There is no such school here." in page.words) == (422, True)
    page = await browser.post(f"/invite/{token}", **form, school="Hill School")

    assert page.path.startswith("/welcome")
    assert services.db.read_now(members.by_login, "nora").actor.school == "Hill School"
    assert states(services.db) == [State.USED]
