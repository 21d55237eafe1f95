# SPDX-License-Identifier: AGPL-3.0-or-later
"""A member's own data: the copy of it, what they agreed to, who looked at it; and the public register."""

import csv
import io
import json
import zipfile
from datetime import date, timedelta

import pytest
from sqlalchemy import update

from node import contacts, directory, dues, events, lists, members, posts, privacy, relationships
from node.access.tables import sessions
from node.actors import ProfileChange
from node.directory import Watchable
from node.dues.rules import Method, Terms
from node.kernel import clock
from node.kernel.ids import new_id
from node.kernel.queue import Task
from node.media.tables import media
from node.members import NewMember
from node.privacy import Seen
from node.privacy.tables import exports
from node.relationships import networks
from node.wiring.exports import EXPORTERS
from tests.support.builders import a_member, a_post, a_remote_actor, an_event_draft, keys
from tests.web.pages.conftest import COOKIE, PASSWORD


async def _made(services, member):
    """Have the copy made that the member asked for; what is in it."""
    [export] = services.db.read_now(privacy.exports_of, member.id)
    await services.exporter.make(Task(1, "work", privacy.MAKE, "", {"export": export.id}, 1))
    path = services.exporter.path(export.file)
    return export, zipfile.ZipFile(io.BytesIO(path.read_bytes()))


def _rows(archive, name):
    return list(csv.reader(io.StringIO(archive.read(name).decode())))


async def test_the_copy_holds_what_a_member_is_made_of(services, ada, ben):
    far = a_remote_actor(services.db, "far")
    ada_now = services.db.write_now(
        relationships.update_profile, ada.actor, ProfileChange(summary="Born in =Harbour", indexable=True)
    )
    services.db.write_now(relationships.follow, ada_now, ben.actor)
    services.db.write_now(relationships.follow, ben.actor, ada_now)
    services.db.write_now(relationships.block, ada_now, far)
    services.db.write_now(networks.block_network, ada_now, "bad.example")
    services.db.write_now(contacts.ask, ada_now, ben.actor, how_met="=Choir")
    services.db.write_now(contacts.accept, ben.actor, ada_now)
    services.db.write_now(
        contacts.keep_note, ada_now, ben.id, note="", tags=["Row", "Choir"], last_contact=date(2026, 5, 1)
    )
    services.db.write_now(contacts.keep_note, ben.actor, ada.id, note="Ben's own", tags=["Hidden"])
    for number in range(3):
        a_post(services.db, ada_now, f"Post number {number}")
    services.db.write_now(events.publish, ada_now, an_event_draft(title="Regatta; the final"))
    services.db.write_now(privacy.ask_export, ada)

    _, archive = await _made(services, ada)

    assert archive.testzip() is None
    profile = json.loads(archive.read("profile.json"))
    assert (profile["@type"], profile["email"], profile["description"]) == ("Person", ada.email, "Born in =Harbour")
    assert json.loads(archive.read("actor.json"))["id"] == ada.actor.uri
    outbox = json.loads(archive.read("outbox.json"))
    assert outbox["totalItems"] == len(outbox["orderedItems"])
    assert "Post number 2" in json.dumps(outbox["orderedItems"])
    assert _rows(archive, "following.csv") == [
        ["Account address", "Show boosts", "Notify on new posts", "Languages"],
        ["ben@harbour.example", "true", "false", ""],
    ]
    assert _rows(archive, "followers.csv") == [["Account address"], ["ben@harbour.example"]]
    assert _rows(archive, "blocks.csv") == [["far@far.example"]]
    assert _rows(archive, "domain_blocks.csv") == [["bad.example"]]
    [_, contact] = _rows(archive, "contacts.csv")
    assert (contact[:2], contact[3:]) == (
        ["ben@harbour.example", "'=Choir"],
        ["", "Choir, Row", "2026-05-01", "", "no"],
    )
    assert b"FN:Ben Okoro" in archive.read("contacts.vcf")
    assert "entries" in json.loads(archive.read("profile_entries.json"))
    assert json.loads(archive.read("membership.json"))["decisions"] == []
    assert _rows(archive, "dues.csv")[0][:3] == ["Paid on", "Plan", "Amount"]
    owed = json.loads(archive.read("dues.json"))
    assert (owed["standing"]["status"], owed["receipts"]) == ("never", [])
    assert b"SUMMARY:Regatta\\; the final" in archive.read("events.ics")
    assert "search" in [one["purpose"] for one in json.loads(archive.read("consents.json"))]
    assert [one["verb"] for one in json.loads(archive.read("audit.json"))["changes"]] == ["export"]
    text = b"".join(archive.read(name) for name in archive.namelist())
    assert b"argon2" not in text
    assert ben.email.encode() not in text
    assert {*EXPORTERS} >= {*privacy.parts.PARTS}


async def test_the_copy_holds_ones_receipts_on_paper(services, ada, ben):
    today = clock.now().date()
    plan = services.db.write_now(dues.add_plan, dues.KEEPERS, "Dues", Terms(amount=3000))
    for payer in (ada, ben):
        money = dues.Money(plan_id=plan, amount=3000, method=Method.TRANSFER, paid_on=today)
        services.db.write_now(dues.record, dues.KEEPERS, ben.id, payer.id, money, today)
    services.db.write_now(privacy.ask_export, ada)

    _, archive = await _made(services, ada)

    [issued] = json.loads(archive.read("dues.json"))["receipts"]
    assert [name for name in archive.namelist() if name.startswith("receipts/")] == [
        f"receipts/receipt-{issued['number']}.pdf"
    ]
    assert archive.read(f"receipts/receipt-{issued['number']}.pdf").startswith(b"%PDF-")


async def test_a_member_asks_proves_who_they_are_and_downloads(services, browser, ada, ben):
    await browser.log_in(ada)
    page = await browser.get("/settings/export")
    assert "Make a copy" in page.words
    page = await browser.post("/settings/export")
    if page.path.startswith("/settings/prove"):
        page = await browser.post("/settings/prove", next="/settings/export", password=PASSWORD)
        page = await browser.post("/settings/export")
    assert "It is being made." in page.words
    [export] = services.db.read_now(privacy.exports_of, ada.id)
    assert (await browser.get(f"/settings/export/{export.id}.zip")).status == 404

    await _made(services, ada)
    assert f'href="/settings/export/{export.id}.zip"' in (await browser.get("/settings/export")).text
    async with browser.client.get(
        f"/settings/export/{export.id}.zip",
        headers={"Host": "harbour.example", "Cookie": f"{COOKIE}={browser.cookie}"},
    ) as answer:
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "private, no-store")
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert zipfile.ZipFile(io.BytesIO(await answer.read())).testzip() is None

    browser.cookie = ""
    assert (await browser.get(f"/settings/export/{export.id}.zip")).path.startswith("/login")
    await browser.log_in(ben)
    assert (await browser.get(f"/settings/export/{export.id}.zip")).status == 404


async def test_whoever_left_their_browser_open_must_prove_themselves(services, browser, ada):
    await browser.log_in(ada)
    services.db.write_now(privacy.ask_export, ada)
    export, _ = await _made(services, ada)
    services.db.write_now(_long_ago)

    page = await browser.get(f"/settings/export/{export.id}.zip")

    assert page.path.startswith("/settings/prove?next=")
    assert (await browser.post("/settings/prove", next="/settings/export", password="wrong")).status == 422


def _long_ago(tx):
    tx.conn.execute(update(sessions).values(proved_at=None, created_at=tx.now - timedelta(days=1)))


async def test_a_second_copy_on_the_same_day_is_refused(services, browser, ada):
    services.db.write_now(privacy.ask_export, ada)
    await browser.log_in(ada)
    await browser.get("/settings/profile")
    page = await browser.post("/settings/export")
    if page.path.startswith("/settings/prove"):
        await browser.post("/settings/prove", next="/settings/export", password=PASSWORD)
        await browser.get("/settings/profile")
        page = await browser.post("/settings/export")
    assert (page.status, "once a day" in page.words) == (429, True)


async def test_a_copy_goes_with_its_owner(services, ada):
    services.db.write_now(privacy.ask_export, ada)
    export, _ = await _made(services, ada)
    services.db.write_now(relationships.delete_account, ada)
    await services.exporter.forget(Task(1, "work", privacy.REMOVE, "", {"files": [export.file]}, 1))
    assert services.exporter.path(export.file) is None
    assert services.db.read_now(privacy.exports_of, ada.id) == []


async def test_a_copy_that_nobody_wants_any_more_is_not_made(services, ada):
    services.db.write_now(privacy.ask_export, ada)
    [export] = services.db.read_now(privacy.exports_of, ada.id)
    services.db.write_now(lambda tx: tx.conn.execute(exports.delete()))
    await services.exporter.make(Task(1, "work", privacy.MAKE, "", {"export": export.id}, 1))
    assert services.exporter.path(export.file) is None


@pytest.mark.parametrize("name", ["../../etc/passwd", "x.zip", ""])
def test_no_other_file_is_given_out(services, name):
    assert services.exporter.path(name) is None


async def test_a_member_reads_what_they_agreed_to_and_who_looked(services, browser, ada):
    boss = a_member(services.db, "boss", roles=("member", "admin"))
    services.db.write_now(privacy.give, ada.id, privacy.Purpose.PARTNERS, how="web")
    services.db.write_now(privacy.looked, boss.id, ada.id, Seen.DUES)
    await browser.log_in(ada)
    page = await browser.get("/settings/privacy")
    assert "To be known to partner schools" in page.words
    assert "Your dues" in page.words
    assert "Boss" in page.words


async def test_the_register_is_for_everybody_and_in_their_language(services, browser):
    page = await browser.get("/about/data")
    assert "365 days" in page.words
    page = await browser.get("/about/data", **{"Accept-Language": "fr"})
    assert "365 jours" in page.words


async def test_the_pages_are_for_members(browser):
    for path in ("/settings/privacy", "/settings/export", "/settings/export/5.zip"):
        assert (await browser.get(path)).path.startswith("/login")


async def test_whoever_of_the_staff_opens_a_record_is_told_to_its_owner(services, browser, ada, ben, password_hash):
    boss = a_member(services.db, "boss", roles=("member", "admin"), password_hash=password_hash)
    far = a_remote_actor(services.db, "far")
    await browser.log_in(boss)
    for number in (ada.id, ada.id, far.id, boss.id):
        assert (await browser.get(f"/staff/people/{number}")).status == 200

    found = services.db.read_now(privacy.looks, ada.id, clock.now())
    assert [(one.what, one.viewer.username) for one in found] == [(Seen.RECORD, "boss")]
    for other in (far, boss, ben):
        assert services.db.read_now(privacy.looks, other.id, clock.now()) == []


async def test_whoever_waited_to_be_let_in_reads_who_looked(services, browser, password_hash):
    boss = a_member(services.db, "boss", roles=("member", "admin"), password_hash=password_hash)
    new = NewMember(username="cy", email="cy@mail.example", password_hash="")
    newcomer = services.db.write_now(members.sign_up, new, keys(), members.Entry(confirmed=True, approved=False))
    await browser.log_in(boss)
    assert "@cy" in (await browser.get("/staff/sign-ups")).words
    assert [one.what for one in services.db.read_now(privacy.looks, newcomer.id, clock.now())] == [Seen.SIGN_UP]

    services.db.write_now(members.turn_away, newcomer)

    assert services.db.read_now(privacy.looks, newcomer.id, clock.now()) == []


async def test_the_copy_holds_files_lists_and_what_was_kept(services, ada, ben):
    far = a_remote_actor(services.db, "far")
    services.db.write_now(relationships.follow, ada.actor, ben.actor)
    rowers = services.db.write_now(lists.create, ada.actor, "=Rowers")
    services.db.write_now(lists.add, ada.actor, rowers.id, [ben.id])
    services.db.write_now(relationships.mute, ada.actor, far, notifications=False)
    number = a_post(services.db, ben.actor, "Keep this")
    services.db.write_now(posts.bookmark, ada.actor, number)
    services.db.write_now(directory.watch, ada.actor, Watchable.CITY, "Brest")
    name = services.store.put(b"\x89PNG", "image/png")
    others = services.store.put(b"\x89PNG of Ben", "image/png")
    for owner, file in ((ada, name), (ben, others)):
        services.db.write_now(_uploaded, owner.id, file)
    services.db.write_now(privacy.ask_export, ada)

    _, archive = await _made(services, ada)

    assert _rows(archive, "lists.csv") == [["'=Rowers", "ben@harbour.example"]]
    assert _rows(archive, "watches.csv")[1:] == [["city", "Brest"]]
    assert _rows(archive, "mutes.csv")[1:] == [["far@far.example", "false"]]
    assert len(_rows(archive, "bookmarks.csv")) == 1
    assert archive.read(f"media/{name}") == b"\x89PNG"
    assert f"media/{others}" not in archive.namelist()


def _uploaded(tx, owner, file):
    number = new_id(tx.now)
    row = {"id": number, "owner_id": owner, "type": "image", "mime": "image/png", "file": file, "description": ""}
    tx.conn.execute(media.insert(), {**row, "position": 0, "size": 4, "state": "ready", "created_at": tx.now})
