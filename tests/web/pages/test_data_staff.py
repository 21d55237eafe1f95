# SPDX-License-Identifier: AGPL-3.0-or-later
"""Leaving and incidents: what became of the copies, whom an incident concerns, and that nothing happens without a name."""

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from node import privacy, relationships, roster
from node.kernel import clock, i18n, queue
from node.kernel.errors import NotFound
from node.privacy import Seen
from node.privacy.tables import departures
from node.roster.tables import roster_entries, roster_objections
from tests.support.builders import a_member, a_remote_actor
from tests.support.letters import path_of, waiting, with_mail
from tests.web.pages.conftest import PASSWORD
from web import pages
from web.pages.privacy import CHANGES


async def test_whoever_has_left_reads_which_servers_have_not_forgotten_them(services, browser, ada, password_hash):
    boss = a_member(services.db, "boss", roles=("member", "admin"), password_hash=password_hash)
    with_mail(services)
    for host in ("good.example", "slow.example", "never.example"):
        a_remote_actor(services.db, host.partition(".")[0], host=host)
    services.db.write_now(privacy.schedule_deletion, ada)
    services.db.write_now(_due_now)
    before = len(waiting(services))
    services.db.write_now(privacy.depart, ada.id)
    delivered = services.db.read_now(queue.listing, queue.Chosen(queue=queue.DELIVERY, lane="good.example"))
    services.db.write_now(queue.complete, delivered[-1].id)
    for row in services.db.read_now(queue.listing, queue.Chosen(queue=queue.DELIVERY, lane="never.example")):
        services.db.write_now(queue.park, row.id, error="HTTP 500")

    [(to, letter)] = waiting(services)[before:]

    assert (to, letter["subject"]) == (ada.email, "Your account has been deleted")
    path = path_of(services, letter)
    page = await browser.get(path)
    assert page.status == 200
    assert "Servers that were asked: 3." in page.words
    assert "asked again: slow.example" in page.words
    assert "a copy: never.example" in page.words
    assert "good.example" not in page.words
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert (await browser.get(path[:-1] + ("A" if path[-1] != "A" else "B"))).status == 404
    # The rows of the queue go after a month; the names of those that never answered stay.
    services.db.write_now(privacy.sweep)
    services.db.write_now(queue.drop, queue.Chosen(queue=queue.DELIVERY, lane="never.example"))
    assert "a copy: never.example" in (await browser.get(path)).words
    await browser.log_in(boss)
    assert "never.example" in (await browser.get("/staff/data")).words


def _due_now(tx):
    tx.conn.execute(update(departures).values(due_at=tx.now))


def test_the_link_of_the_last_letter_runs_out(services, ada):
    services.db.write_now(relationships.delete_account, ada)
    now = clock.now()
    token = privacy.erasures.erasure_link(services.db.site, ada.id, now).rpartition("/")[2]

    read = services.db.read_now
    assert read(privacy.by_link, services.db.site, token, now + timedelta(days=29)).actor_id == ada.id
    for wrong, moment in ((token, now + timedelta(days=31)), ("1.2.3", now), ("x", now)):
        with pytest.raises(NotFound):
            read(privacy.by_link, services.db.site, wrong, moment)


async def test_an_administrator_asks_whom_an_incident_concerns(services, browser, ada, ben, password_hash):
    boss = a_member(services.db, "boss", roles=("member", "admin"), password_hash=password_hash)
    number = services.db.write_now(privacy.note_export, boss.id, privacy.Taken.DUES, [ada.id], rows=4)
    await browser.log_in(boss)
    page = await browser.get("/staff/data")
    assert f"Dues of members · number {number}" in page.words

    page = await browser.post("/staff/data/touched", kind="export", which=str(number))

    assert "1 member." in page.words
    assert "a file held their data" in page.words
    assert ben.actor.name not in page.words
    looks = services.db.read_now(privacy.looks, ada.id, clock.now())
    assert {one.what for one in looks} == {Seen.FILE, Seen.RECORD}
    page = await browser.post("/staff/data/touched.csv", kind="export", which=str(number))
    assert page.headers["Content-Type"].startswith("text/csv")
    assert ada.email in page.text
    assert services.db.read_now(privacy.staff_exports_before)[0].what is privacy.Taken.TOUCHED
    await browser.get("/staff/data")
    page = await browser.post("/staff/data/touched", kind="time", since="yesterday")
    assert page.status == 422
    assert "Please give the day as 2026-11-25." in page.words
    assert (await browser.post("/staff/data/touched", kind="nothing")).status == 422


async def test_only_administrators_look_after_members_data(browser, ada):
    assert (await browser.get("/staff/data")).path.startswith("/login")
    await browser.log_in(ada)
    assert (await browser.get("/staff/data")).status == 403
    await browser.get("/settings/privacy")
    for path in ("/staff/data/touched", "/staff/data/touched.csv"):
        assert (await browser.post(path, kind="time", since="2026-01-01")).status == 403


async def test_whoever_leaves_can_leave_the_roster_too_and_no_file_brings_them_back(services, browser, ada):
    db = services.db
    line = "nom;prenom;promo;date de naissance\nLANG;Ada;1998;01/02/1975\nLANG;Ada;1998;03/04/1976\n"

    def brought():
        entries, objects = db.read_now(roster.everybody), db.read_now(roster.objectors, db.site)
        today = clock.now().date()
        return roster.look(line.encode(), roster.Options(), entries, today, objects)

    number = db.write_now(roster.begin, {"admin"}, None, "roster.csv", roster.Options(), None)
    db.write_now(roster.start, {"admin"}, number)
    db.write_now(roster.apply_step, number, brought().to_write)
    entry = next(one.id for one in db.read_now(roster.everybody) if one.content.birth_date.year == 1975)
    await browser.log_in(ada)
    assert "list of graduates" not in (await browser.get("/settings/account")).words
    db.write_now(
        lambda tx: tx.conn.execute(update(roster_entries).where(roster_entries.c.id == entry).values(claimed_by=ada.id))
    )
    page = await browser.get("/settings/account")
    assert "list of graduates" in page.words
    assert i18n.day(clock.now() + privacy.GRACE, "en") in page.words
    await browser.post("/settings/account/delete", password=PASSWORD, sure="1", leave_roster="1")
    db.write_now(_due_now)

    db.write_now(privacy.depart, ada.id)

    assert [one.content.birth_date.year for one in db.read_now(roster.everybody)] == [1976]
    assert b"LANG" not in repr(db.read_now(lambda conn: conn.execute(roster_objections.select()).all())).encode()
    # The namesake, whose birth date is another, is still brought in; without a birth date nobody can tell them apart.
    assert [str(one.verdict) for one in brought().decisions] == ["skipped", "unchanged"]
    line = "nom;prenom;promo\nLANG;Ada;1998\n"
    assert [str(one.verdict) for one in brought().decisions] == ["skipped"]
    line = "nom;prenom;promo\nLANG;Ada;2010\n"
    assert [str(one.verdict) for one in brought().decisions] == ["created"]


async def test_the_roster_is_taken_along_by_its_keepers_and_each_of_its_members_reads_of_it(
    services, browser, ada, password_hash
):
    db = services.db
    line = b"nom;prenom;promo\n=LANG;Ada;1998\n"
    preview = roster.look(line, roster.Options(), [], clock.now().date(), lambda _: False)
    number = db.write_now(roster.begin, {"admin"}, None, "roster.csv", roster.Options(), None)
    db.write_now(roster.start, {"admin"}, number)
    db.write_now(roster.apply_step, number, preview.to_write)
    db.write_now(lambda tx: tx.conn.execute(update(roster_entries).values(claimed_by=ada.id)))
    await browser.log_in(ada)
    assert (await browser.get("/staff/roster/export")).status == 403
    await browser.get("/settings/privacy")
    await browser.post("/logout")
    await browser.log_in(a_member(db, "sec", roles=("member", "secretary"), password_hash=password_hash))
    assert 'href="/staff/roster/export"' in (await browser.get("/staff/roster")).text

    page = await browser.get("/staff/roster/export")

    assert (page.status, page.headers["Cache-Control"]) == (200, "private, no-store")
    assert ";'=LANG;;Ada;" in page.text
    [one] = db.read_now(privacy.staff_exports_before)
    assert (one.what, one.by.username, one.row_count) == (privacy.Taken.ROSTER, "sec", 1)
    [look] = db.read_now(privacy.looks, ada.id, clock.now())
    assert (look.what, look.viewer.username) == (Seen.FILE, "sec")
    await browser.log_in(ada)
    assert (
        "A file with members' data, yours among them, was taken along" in (await browser.get("/settings/privacy")).words
    )


def test_every_change_that_is_written_down_is_named_to_its_member():
    """Whoever reads what happened to their account reads it in words, whatever slice wrote it down."""
    root = Path(pages.__file__).parents[2]
    # Where the verb is a value, these are all that it can be.
    values = {
        "node/members/actions.py": {"deactivate", "reactivate"},
        "node/profiles/actions.py": {"list", "open_profile"},
    }
    verbs = set()
    for path in sorted([*(root / "node").rglob("*.py"), *(root / "web").rglob("*.py")]):
        name = path.relative_to(root).as_posix()
        module = ast.parse(path.read_text())
        named = {
            one.target.id: one.value
            for one in module.body
            if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
        }
        for call in ast.walk(module):
            if not isinstance(call, ast.Call) or ast.unparse(call.func) != "audit.write":
                continue
            said = call.args[1]
            said = named.get(said.id, said) if isinstance(said, ast.Name) else said
            # Of a text with something in it the first part is fixed, and the rest says more.
            words = [said.body, said.orelse] if isinstance(said, ast.IfExp) else [said]
            words = [one.values[0] if isinstance(one, ast.JoinedStr) else one for one in words]
            if all(isinstance(one, ast.Constant) for one in words):
                verbs |= {one.value.partition(".")[0] for one in words}
            else:
                assert name in values, f"say which verbs {name} writes"
                verbs |= values[name]

    assert verbs <= set(CHANGES)
