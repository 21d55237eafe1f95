# SPDX-License-Identifier: AGPL-3.0-or-later
"""Contacts on the pages: what each lets the other have, notes and tags, cards, and how people are connected."""

from datetime import date

import pytest

from node import contacts, relationships
from node.contacts import AcceptFrom, Choices, Grant, LinkVisibility, PathTo
from tests.support.builders import a_member
from tests.support.statements import statements


@pytest.fixture
def people(services, password_hash):
    """Three members; the first two are contacts, and so are the last two."""
    ana, bo, cy = (
        a_member(services.db, name, class_year=year, password_hash=password_hash)
        for name, year in (("ana", 1998), ("bo", 2004), ("cy", 1998))
    )
    for one, other in ((ana, bo), (bo, cy)):
        services.db.write_now(contacts.ask, one.actor, other.actor)
        services.db.write_now(contacts.accept, other.actor, one.actor)
    return ana, bo, cy


async def test_one_writes_down_and_gives_and_the_other_reads(services, browser, people):
    ana, bo, _ = people
    await browser.log_in(ana)
    assert 'href="/settings/contacts"' in (await browser.get("/settings")).text
    page = await browser.get("/settings/contacts")
    kept = {"address": "1 Quay Road\nHarbour", "birthday": "14 March"}
    chosen = {"link_visibility": "school", "show_path_to_me": "class", "accept_from": "class"}
    page = await browser.post("/settings/contacts", phone="x" * 121, **kept, **chosen)
    assert (page.status, "This is too long." in page.words, "14 March" in page.text) == (422, True, True)
    page = await browser.post("/settings/contacts", phone="+33 1 23", **kept, **chosen)
    assert 'value="+33 1 23"' in page.text
    assert services.db.read_now(contacts.choices, ana.id) == Choices(
        link_visibility=LinkVisibility.SCHOOL, show_path_to_me=PathTo.CLASS, accept_from=AcceptFrom.CLASS
    )
    await browser.get(f"/contacts/{bo.id}")
    page = await browser.post(f"/contacts/{bo.id}/grants", phone="1", email="1")
    assert "Saved." in page.words

    browser.cookie = ""
    await browser.log_in(bo)
    page = await browser.get(f"/contacts/{ana.id}")
    assert ("+33 1 23" in page.words, "ana@mail.example" in page.words) == (True, True)
    assert ("Quay Road" in page.words, "14 March" in page.words) == (False, False)
    assert f'href="/contacts/{ana.id}"' in (await browser.get("/@ana")).text


async def test_one_promises_with_the_question_and_is_asked_for_a_fault_again(services, browser, people):
    ana, _, cy = people
    services.db.write_now(contacts.keep_data, ana.actor, phone="+33 1 23", address="", birthday="")
    await browser.log_in(ana)
    page = await browser.get(f"/people/{cy.id}/contact")
    assert ('name="phone"' in page.text, 'name="address"' in page.text) == (True, False)
    page = await browser.post(f"/people/{cy.id}/contact", message="x" * 501, phone="1")
    assert (page.status, 'name="phone" type="checkbox" value="1" checked' in page.text) == (422, True)
    await browser.post(f"/people/{cy.id}/contact", message="The choir!", phone="1")
    services.db.write_now(contacts.accept, cy.actor, ana.actor)

    assert services.db.read_now(contacts.granted, cy.id, [ana.id]) == {ana.id: {Grant.PHONE: "+33 1 23"}}


async def test_one_may_hear_nothing_of_a_contact_and_sort_by_the_day(services, browser, people):
    ana, bo, cy = people
    services.db.write_now(contacts.ask, cy.actor, ana.actor)
    services.db.write_now(contacts.accept, ana.actor, cy.actor)
    services.db.write_now(contacts.keep_note, ana.actor, cy.id, note="", tags=["Choir"], last_contact=date(2026, 5, 1))
    await browser.log_in(ana)
    await browser.get(f"/contacts/{bo.id}")
    assert "You are told nothing" in (await browser.post(f"/contacts/{bo.id}/mute")).words
    assert "You still see" in (await browser.post(f"/contacts/{bo.id}/unmute")).words
    page = await browser.get("/contacts")
    assert ("Last heard of on" in page.words, page.text.index("@cy") < page.text.index("@bo")) == (True, True)
    page = await browser.get("/contacts?order=heard")
    assert page.text.index("@bo") < page.text.index("@cy")
    page = await browser.get("/contacts?tag=choir&order=heard")
    assert ("@cy" in page.words, "@bo" in page.words) == (True, False)
    for number in ("1", "-1", "99999", "x"):
        assert (await browser.get(f"/contacts?order=heard&page={number}")).status == 200


async def test_one_gives_with_the_yes(services, browser, people):
    ana, _, cy = people
    services.db.write_now(contacts.keep_data, ana.actor, phone="+33 1 23", address="", birthday="")
    services.db.write_now(contacts.ask, cy.actor, ana.actor)
    await browser.log_in(ana)
    page = await browser.get("/contacts")
    assert f'id="field-phone-{cy.id}"' in page.text
    assert f'id="field-address-{cy.id}"' not in page.text
    await browser.post(f"/contacts/{cy.id}/accept", phone="1")

    assert services.db.read_now(contacts.granted, cy.id, [ana.id]) == {ana.id: {Grant.PHONE: "+33 1 23"}}
    assert not services.db.read_now(relationships.follows_each_other, ana.id, cy.id)


async def test_notes_and_tags(services, browser, people):
    ana, bo, _ = people
    await browser.log_in(ana)
    await browser.get(f"/contacts/{bo.id}")
    page = await browser.post(f"/contacts/{bo.id}/note", note="Oboe", tags=",".join("abcdefghijk"))
    assert (page.status, "At most ten tags." in page.words, "Oboe" in page.words) == (422, True, True)
    page = await browser.post(f"/contacts/{bo.id}/note", note="Oboe", tags="Choir, Lyon")
    assert "Oboe" in page.words
    assert 'value="Choir, Lyon"' in page.text
    page = await browser.post(f"/contacts/{bo.id}/note", note="", tags="", last_contact="in May")
    assert (page.status, "Please give a day" in page.words, 'value="in May"' in page.text) == (422, True, True)
    await browser.post(f"/contacts/{bo.id}/note", note="Oboe", tags="Choir, Lyon", last_contact="2026-05-01")
    assert "@bo" in (await browser.get("/contacts?tag=choir")).words
    assert "None of your contacts has this tag." in (await browser.get("/contacts?tag=Rowing")).words

    browser.cookie = ""
    await browser.log_in(bo)
    assert "Oboe" not in (await browser.get(f"/contacts/{ana.id}")).words
    assert "Choir" not in (await browser.get("/contacts")).words


async def test_a_card_holds_what_was_given(services, browser, people):
    ana, bo, _ = people
    services.db.write_now(
        contacts.keep_data, ana.actor, phone="+33 1 23", address="1 Quay Road; Lane\nHarbour", birthday="14 March"
    )
    await browser.log_in(bo)
    path = f"/contacts/{ana.id}/card.vcf"
    page = await browser.get(path)
    assert page.headers["Content-Type"].startswith("text/vcard")
    assert ("FN:Ana" in page.text, "+33" in page.text) == (True, False)
    services.db.write_now(contacts.give, ana.actor, bo.id, list(Grant))

    text = (await browser.get(path)).text.replace("\r\n ", "")
    for line in ("TEL:+33 1 23", "EMAIL:ana@mail.example", "ADR:;;1 Quay Road\\; Lane", "NOTE:14 March", "/@ana"):
        assert line in text


@pytest.mark.parametrize("path", ["", "/card.vcf"])
async def test_only_a_contact_has_a_page(services, browser, people, path):
    ana, _, cy = people
    assert (await browser.get(f"/contacts/{ana.id}{path}")).path.startswith("/login")
    await browser.log_in(ana)
    assert (await browser.get(f"/contacts/{cy.id}{path}")).status == 404
    await browser.get("/contacts")
    for act in ("grants", "note", "mute", "unmute"):
        assert (await browser.post(f"/contacts/{cy.id}/{act}", note="x")).status == 404
        await browser.get("/contacts")


async def test_how_one_is_connected(services, browser, people):
    ana, _, cy = people
    dee = a_member(services.db, "dee", class_year=2011)
    assert (await browser.get(f"/people/{cy.id}/ways")).path.startswith("/login")
    await browser.log_in(ana)
    assert "You both know Bo ." in (await browser.get("/@cy")).words
    page = await browser.get(f"/people/{cy.id}/ways")
    assert ("You both know:" in page.words, "@bo" in page.words) == (True, True)
    assert "No way over your contacts is known." in (await browser.get(f"/people/{dee.id}/ways")).words

    services.db.write_now(contacts.ask, cy.actor, dee.actor)
    services.db.write_now(contacts.accept, dee.actor, cy.actor)
    assert "Two people stand between you, Bo first." in (await browser.get("/@dee")).words
    page = await browser.get(f"/people/{dee.id}/ways")
    assert "then a contact of Bo" in page.words
    assert ("1998" in page.words, "Cy" in page.words) == (False, False)
    services.db.write_now(contacts.choose, cy.actor, Choices(link_visibility=LinkVisibility.SCHOOL))
    page = await browser.get(f"/people/{dee.id}/ways")
    assert "then a contact of Bo, class of 1998" in page.words
    services.db.write_now(contacts.choose, cy.actor, Choices(link_visibility=LinkVisibility.NOBODY))
    assert "No way over your contacts is known." in (await browser.get(f"/people/{dee.id}/ways")).words
    assert (await browser.get(f"/people/{ana.id}/ways")).status == 404


async def test_a_choice_that_does_not_exist_is_refused(browser, people):
    await browser.log_in(people[0])
    await browser.get("/settings/contacts")
    known = {"link_visibility": "school", "show_path_to_me": "school", "accept_from": "school"}
    for name in known:
        page = await browser.post("/settings/contacts", **{**known, name: "everybody"})
        assert page.status == 422
        await browser.get("/settings/contacts")


async def test_who_takes_no_requests_says_so_on_the_form(services, browser, people):
    ana, _, cy = people
    services.db.write_now(contacts.choose, cy.actor, Choices(accept_from=AcceptFrom.NOBODY))
    await browser.log_in(ana)
    await browser.get(f"/people/{cy.id}/contact")
    page = await browser.post(f"/people/{cy.id}/contact", message="The choir!")

    assert (page.status, "does not take your requests" in page.words, "The choir!" in page.text) == (403, True, True)


async def test_a_longer_list_takes_no_more_statements(services, browser, people):
    ana, *_ = people
    await browser.log_in(ana)

    async def asked():
        await browser.get("/contacts")
        with statements(services.db) as ran:
            await browser.get("/contacts")
        return len(ran)

    few = await asked()
    assert few > 3
    for number in range(4):
        other = a_member(services.db, f"other{number}").actor
        services.db.write_now(contacts.ask, other, ana.actor)
        services.db.write_now(contacts.accept, ana.actor, other)
        services.db.write_now(contacts.keep_note, ana.actor, other.id, note="", tags=["Choir"])

    assert await asked() < few + 4
