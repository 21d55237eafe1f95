# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the staff decides about people and domains, on the pages; and how a member reads and answers it."""

import re

import pytest

from node import actors, members, moderation
from node.federation import hosts
from node.moderation import Sanction
from tests.support.builders import a_member, a_post, a_remote_actor


@pytest.fixture
def mora(db, password_hash):
    return a_member(db, "mora", roles=("member", "moderator"), password_hash=password_hash)


@pytest.fixture
def chief(db, password_hash):
    return a_member(db, "chief", roles=("member", "admin"), password_hash=password_hash)


async def test_a_moderator_suspends_by_a_report_and_the_member_reads_why(services, browser, ada, ben, mora):
    db = services.db
    a_post(db, ben.actor, "Buy my boats")
    db.write_now(moderation.report, ada.actor, ben.id, comment="Spam")
    await browser.log_in(mora)
    shown = await browser.get("/staff/reports")
    address = re.search(rf"/staff/people/{ben.id}\?report=[0-9]+", shown.text)[0]
    form = await browser.get(address)
    assert "Nothing was decided about this account." in form.words

    refused = await browser.post(f"/staff/people/{ben.id}", kind="suspend", reason=" ")
    assert (refused.status, "Please say why." in refused.words) == (422, True)
    report = address.rpartition("=")[2]
    decided = await browser.post(f"/staff/people/{ben.id}", kind="suspend", reason="Three warnings", report=report)

    assert "Three warnings" in decided.words
    assert db.read_now(moderation.open_count) == 0
    assert (await browser.get("/@ben")).status == 403
    assert "This account is suspended." in browser.page.words
    told = await browser.get("/@ben", Accept="application/activity+json")
    assert '"suspended":true' in told.text
    assert "Ben Okoro" in (await browser.get("/staff/people")).words

    await browser.post("/logout")
    told = await browser.log_in(ben)
    assert "Three warnings" in told.words
    assert told.path.startswith("/appeal/")
    assert told.headers["Referrer-Policy"] == "no-referrer"
    assert (await browser.get("/settings/profile")).path.startswith("/login")


async def test_a_wrong_password_tells_nothing_of_a_suspension(services, browser, ben):
    services.db.write_now(moderation.decide, None, ben.actor, Sanction.SUSPEND, "Spam")
    await browser.get("/login")

    page = await browser.post("/login", login="ben", password="wrong" * 3)

    assert (page.status, "Wrong e-mail address or password." in page.words) == (403, True)
    assert "Spam" not in page.words


async def test_an_appeal_is_answered_by_an_administrator_who_did_not_decide(services, browser, ben, mora, chief):
    db = services.db
    db.write_now(moderation.decide, mora, ben.actor, Sanction.SUSPEND, "Spam")
    link = (await browser.log_in(ben)).path
    [number] = [one.id for one in db.read_now(moderation.decisions_about, ben.id)]
    empty = await browser.post(link, decision=str(number), words=" ")
    assert (empty.status, "why the decision is wrong" in empty.words) == (422, True)
    sent = await browser.post(link, decision=str(number), words="It was somebody else")
    assert "An administrator reads it" in sent.words
    again = await browser.post(link, decision=str(number), words="Once more")
    assert (again.status, "already" in again.words) == (409, True)
    assert (await browser.post(link, decision="1", words="x")).status == 404

    await browser.log_in(mora)
    shown = await browser.get("/staff/appeals")
    assert "It was somebody else" in shown.words
    assert "Take the decision back" not in shown.words
    assert (await browser.post(f"/staff/appeals/{number}/grant")).status == 403
    await browser.post("/logout")
    await browser.log_in(chief)
    await browser.get("/staff/appeals")
    await browser.post(f"/staff/appeals/{number}/grant")

    assert db.read_now(members.get, ben.id).is_active
    assert "Nothing waits here." in (await browser.get("/staff/appeals")).words
    assert (await browser.post(f"/staff/appeals/{number}/refuse")).status == 409
    await browser.post("/logout")
    await browser.log_in(ben)
    assert "Taken back after an appeal." in (await browser.get("/settings/standing")).words


async def test_a_refused_appeal_leaves_the_decision_and_the_member_reads_it(services, browser, ben, mora, chief):
    db = services.db
    made = db.write_now(moderation.decide, mora, ben.actor, Sanction.LIMIT, "Loud")
    await browser.log_in(ben)
    assert "A word from the moderators" in (await browser.get("/notifications")).words
    await browser.get("/settings/standing")
    await browser.post("/settings/standing", decision=str(made.id), words="I was quiet")
    db.write_now(moderation.answer, chief, made.id, granted=False)

    assert "the decision holds" in (await browser.get("/settings/standing")).words
    assert db.read_now(actors.get, ben.id).limited_at is not None


async def test_what_was_decided_is_taken_back_on_the_page(services, browser, ben, mora):
    db = services.db
    for kind in (Sanction.LIMIT, Sanction.SUSPEND):
        db.write_now(moderation.decide, mora, db.read_now(actors.get, ben.id), kind, "Spam")
    await browser.log_in(mora)
    await browser.get(f"/staff/people/{ben.id}")

    await browser.post(f"/staff/people/{ben.id}/lift/suspend")
    await browser.post(f"/staff/people/{ben.id}/lift/limit")

    found = db.read_now(actors.get, ben.id)
    assert (found.is_active, found.limited_at) == (True, None)
    assert (await browser.post(f"/staff/people/{ben.id}/lift/limit")).status == 409
    log = await browser.get("/staff/log")
    assert log.words.index("Limited no more") < log.words.index("Suspended no more")
    assert "Mora" in log.words
    assert [one.action for one in db.read_now(moderation.done_about, ben.id)] == [
        "limit", "suspend", "unsuspend", "unlimit",
    ]  # fmt: skip


async def test_only_the_staff_decides_and_not_about_everybody(services, browser, ada, ben, mora, chief):
    db = services.db
    association = db.read_now(actors.association)
    await browser.log_in(ada)
    for path in (f"/staff/people/{ben.id}", "/staff/people", "/staff/appeals", "/staff/domains", "/staff/log"):
        assert (await browser.get(path)).status == 403
    await browser.get("/")
    assert (await browser.post(f"/staff/people/{ben.id}", kind="suspend", reason="x")).status == 403
    await browser.post("/logout")
    await browser.log_in(mora)
    await browser.get("/staff/people")
    for target in (mora.id, chief.id, association.id):
        assert (await browser.post(f"/staff/people/{target}", kind="suspend", reason="x")).status == 403
    assert (await browser.post("/staff/domains", domain="spam.example")).status == 403
    assert "Somebody else has to decide here." in (await browser.get(f"/staff/people/{chief.id}")).words
    assert (await browser.get("/staff/people/99")).status == 404
    assert (await browser.post(f"/staff/people/{ben.id}/delete", sure="1")).status == 403
    assert (await browser.post(f"/staff/people/{ben.id}", csrf="no", kind="warn", reason="x")).status == 403
    assert db.read_now(moderation.decisions_about, ben.id) == []


async def test_a_suspended_account_is_deleted_only_where_that_is_meant(services, browser, ben, chief):
    db = services.db
    db.write_now(moderation.decide, chief, ben.actor, Sanction.SUSPEND, "Spam")
    await browser.log_in(chief)
    await browser.get(f"/staff/people/{ben.id}")

    await browser.post(f"/staff/people/{ben.id}/delete")
    assert db.read_now(actors.get, ben.id).deleted_at is None
    await browser.post(f"/staff/people/{ben.id}/delete", sure="1")

    assert db.read_now(actors.find, ben.id).deleted_at is not None
    assert (await browser.get("/@ben")).status == 410


async def test_somebody_elsewhere_is_suspended_without_a_letter(services, browser, mora):
    db = services.db
    zoe = a_remote_actor(db, "zoe")
    await browser.log_in(mora)
    await browser.get(f"/staff/people/{zoe.id}")

    await browser.post(f"/staff/people/{zoe.id}", kind="suspend", reason="Spam")

    assert not db.read_now(actors.get, zoe.id).is_active
    assert (await browser.get("/@zoe@far.example")).status == 403


async def test_domains_are_blocked_listed_and_exchanged(services, browser, chief):
    db = services.db
    await browser.log_in(chief)
    await browser.get("/staff/domains")

    await browser.post("/staff/domains", domain="Spam.Example", reason="sells diplomas")
    refused = await browser.post("/staff/domains", domain="no domain")
    assert (refused.status, 'value="no domain"' in refused.text) == (422, True)
    assert "sells diplomas" in (await browser.get("/staff/domains")).words
    listed = b"#domain,#severity\nspam.example,suspend\nworse.example,suspend\nloud.example,silence\n"
    taken = await browser.post("/staff/domains/import", files={"file": listed})
    assert "1 blocked, 1 blocked before, 1 passed over." in taken.words
    assert (await browser.post("/staff/domains/import", files={"file": b"a,b\nc,d\n"})).status == 422
    exported = await browser.get("/staff/domains/export")
    assert exported.headers["Content-Disposition"].startswith("attachment")
    assert exported.text.splitlines()[1:] == [
        "spam.example,suspend,true,true,,false", "worse.example,suspend,true,true,,false",
    ]  # fmt: skip
    await browser.get("/staff/domains")
    await browser.post("/staff/domains/worse.example/unblock")
    assert db.read_now(hosts.all_blocked) == ["spam.example"]


async def test_two_administrators_delete_an_account(services, browser, ben, chief, password_hash):
    db = services.db
    second = a_member(db, "second", roles=("member", "admin"), password_hash=password_hash)
    db.write_now(moderation.decide, None, ben.actor, Sanction.SUSPEND, "Spam")
    await browser.log_in(chief)
    await browser.get(f"/staff/people/{ben.id}")
    page = await browser.post(f"/staff/people/{ben.id}/delete", sure="1")
    assert "Another administrator has to agree. They get a letter." in page.words
    assert "You have proposed this." in page.words
    assert db.read_now(actors.find, ben.id).deleted_at is None

    await browser.log_in(second)
    page = await browser.get(f"/staff/people/{ben.id}")
    assert "Chief has proposed this." in page.words
    await browser.post(f"/staff/people/{ben.id}/delete/withdraw")
    page = await browser.get(f"/staff/people/{ben.id}")
    assert "has proposed this" not in page.words
    await browser.post(f"/staff/people/{ben.id}/delete", sure="1")
    await browser.log_in(chief)
    await browser.get(f"/staff/people/{ben.id}")
    await browser.post(f"/staff/people/{ben.id}/delete", sure="1")
    assert db.read_now(actors.find, ben.id).deleted_at is not None
