# SPDX-License-Identifier: AGPL-3.0-or-later
"""The secretary's pages of the roster: from a file to the people in it, and back."""

import pytest
from sqlalchemy import update

from node import roster
from node.roster.tables import roster_entries
from tests.support import letters
from tests.support.builders import a_member

TEXT = "Nom;Prénom;Promo;Ville\nDÉMO;Éloïse;98;Lyon\n;;2001;\nDE LA TOUR;Bo;soon;\n"


@pytest.fixture
async def secretary(services, browser, password_hash):
    """A browser with the secretary."""
    await browser.log_in(a_member(services.db, "claire", roles=("member", "secretary"), password_hash=password_hash))
    await browser.get("/staff/roster")
    return browser


async def give(browser, text=TEXT, encoding="windows-1252", **fields):
    data = text if isinstance(text, bytes) else text.encode(encoding)
    return await browser.post("/staff/roster", files={"file": data}, **fields)


async def worked_off(services):
    """Do what the queue holds for the roster."""
    importer = roster.Importer(services.db)
    for item in services.db.read_now(roster.imports):
        task = type("Task", (), {"payload": {"import": item.id}})
        await (importer.undo if item.state == "undoing" else importer.apply)(task)


async def test_a_file_is_shown_then_written_found_and_taken_back(services, secretary):
    page = await give(secretary, what="Classes of the nineties")
    assert "Classes of the nineties" in page.words
    assert "2 new" in page.words
    assert "Do these words look right? DÉMO · Éloïse" in page.words
    assert "Line 3 There is no name in this row." in page.words
    assert "Line 4 · Promo This is no year." in page.words
    assert services.db.read_now(roster.count) == 0

    [item] = services.db.read_now(roster.imports)
    page = await secretary.post(f"/staff/roster/{item.id}/apply")
    assert "0 of 0 are written." in page.words
    await worked_off(services)
    page = await secretary.get(f"/staff/roster/{item.id}")
    assert "This import is in the roster." in page.words
    page = await secretary.get("/staff/roster?q=de la")
    assert "Bo de La Tour" in page.words
    assert "The association knows of 2 graduates." in page.words

    await secretary.post(f"/staff/roster/{item.id}/undo")
    await worked_off(services)
    assert services.db.read_now(roster.count) == 0
    assert "This import has been undone." in (await secretary.get(f"/staff/roster/{item.id}")).words


async def test_columns_that_seem_to_be_the_same_are_asked_for(services, secretary):
    page = await give(secretary, "Nom;Prénom;Promo;Année\nDemo;Ana;1998;3\n")
    assert "Two columns seem to hold the same thing." in page.words
    [item] = services.db.read_now(roster.imports)

    page = await secretary.post(f"/staff/roster/{item.id}", **{"column[3]": "", "encoding": "windows-1252"})

    assert "1 new" in page.words
    assert "Two columns" not in page.words


async def test_another_encoding_can_be_chosen(services, secretary):
    page = await give(secretary, encoding="macintosh")
    assert "Éloïse" not in page.words
    [item] = services.db.read_now(roster.imports)

    page = await secretary.post(f"/staff/roster/{item.id}", encoding="macintosh", separator="semicolon", mode="create")

    assert "DÉMO · Éloïse" in page.words
    page = await secretary.post(f"/staff/roster/{item.id}", encoding="macintosh", separator="tab")
    assert "No line of this file looks like a header with names of columns." in page.words


async def test_what_would_change_is_shown_field_by_field(services, secretary):
    await give(secretary, "Nom;Prénom;Promo;Ville\nDemo;Ana;98;Lyon\n")
    [item] = services.db.read_now(roster.imports)
    await secretary.post(f"/staff/roster/{item.id}/apply")
    await worked_off(services)

    page = await give(secretary, "Nom;Prénom;Promo;Ville\nDemo;Ana;98;Paris\n")

    assert "1 changed" in page.words
    assert "Ana Demo Town: Lyon Paris" in page.words


async def test_a_file_can_be_forgotten(services, secretary):
    await give(secretary)
    [item] = services.db.read_now(roster.imports)

    await secretary.post(f"/staff/roster/{item.id}/discard")

    assert services.db.read_now(roster.imports) == []


async def test_a_reading_that_no_longer_holds_waits_for_another_yes(services, secretary):
    await give(secretary)
    [item] = services.db.read_now(roster.imports)
    services.db.write_now(roster.set_options, {"secretary"}, item.id, roster.Options(mapping={"Ville": "family_name"}))

    await secretary.post(f"/staff/roster/{item.id}/apply")
    await worked_off(services)

    assert services.db.read_now(roster.get_import, item.id).state is roster.ImportState.READY


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04", "This is a spreadsheet file."),
        (b"just words\n", "No line of this file looks like a header"),
        (b"", "Please choose a file."),
    ],
)
async def test_what_is_no_roster_is_refused_in_words(services, secretary, data, words):
    page = await give(secretary, data)

    assert page.status == 422
    assert words in page.words
    assert services.db.read_now(roster.imports) == []


@pytest.mark.parametrize("roles", [("member",), ("member", "moderator"), ("member", "treasurer")])
async def test_the_roster_is_for_its_keepers_alone(services, browser, password_hash, roles):
    number = services.db.write_now(roster.begin, {"secretary"}, None, "roster.csv", roster.Options(), TEXT.encode())
    await browser.log_in(a_member(services.db, "marc", roles=roles, password_hash=password_hash))
    page = await browser.get("/")
    assert "/staff/roster" not in page.text

    for path in ("/staff/roster", f"/staff/roster/{number}"):
        assert (await browser.get(path)).status == 403
    for path in ("", f"/{number}", f"/{number}/apply", f"/{number}/discard", f"/{number}/undo"):
        assert (await browser.post(f"/staff/roster{path}")).status == 403


async def test_a_member_invites_a_missing_classmate(services, browser, password_hash):
    letters.with_mail(services)
    ana = a_member(services.db, "ana", password_hash=password_hash)
    await browser.log_in(ana)
    assert "For that it has to know who you are" in (await browser.get("/people/missing")).words
    text = b"Nom;Prenom;Promo\nDEMO;Ana;1998\nDURAND;Bo;1998\n"
    number = services.db.write_now(roster.begin, {"admin"}, None, "roster.csv", roster.Options(), text)
    services.db.write_now(roster.apply, {"admin"}, number)
    await worked_off(services)
    entries = {entry.content.given_name: entry.id for entry in services.db.read_now(roster.everybody)}
    claim = update(roster_entries).where(roster_entries.c.id == entries["Ana"]).values(claimed_by=ana.id)
    services.db.write_now(lambda tx: tx.conn.execute(claim))

    assert "Bo Durand" in (await browser.get("/people/missing")).words
    page = await browser.get(f"/people/missing?invite={entries['Bo']}")
    assert "Invite Bo Durand" in page.words
    page = await browser.post(f"/people/missing/{entries['Bo']}", email="nobody")
    assert (page.status, 'value="nobody"' in page.text) == (422, True)
    page = await browser.post(f"/people/missing/{entries['Bo']}", email="bo@mail.example")

    assert "The invitation is on its way." in page.words
    assert "invited" in page.words
    [(to, letter)] = letters.waiting(services)
    browser.cookie = ""
    assert to == "bo@mail.example"
    assert "You have been invited." in (await browser.get(letters.path_of(services, letter))).words


async def test_a_visitor_is_sent_to_the_login(browser):
    assert (await browser.get("/staff/roster")).path.startswith("/login")
