# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages about corrections of the roster: a delegate proposes, the secretary decides."""

from node import roster
from node.roster import proposals
from tests.roster.test_missing import known  # noqa: F401  # a fixture
from tests.support.builders import a_member


async def test_a_delegate_proposes_and_the_secretary_decides(services, browser, password_hash, known):  # noqa: F811
    delegate, secretary = (
        a_member(services.db, name, class_year=1998, roles=("member", role), password_hash=password_hash)
        for name, role in (("dele", "delegate"), ("sec", "secretary"))
    )
    await browser.log_in(delegate)
    page = await browser.get("/staff/roster")
    assert "The class of 1998 in the roster" in page.words
    assert ("Bo Durand" in page.words, "Di Autre" in page.words) == (True, False)
    where = f"/staff/roster/entries/{known['Bo']}/correct"
    await browser.get(where)
    page = await browser.post(where, field="class_year", value="98", reason="Our photograph.")
    assert (page.status, "as a year of four digits" in page.words, 'value="98"' in page.text) == (422, True, True)
    assert (await browser.post(where, field="shoe", value="42", reason="Seen.")).status == 422
    for given in ("Beau", "Bob"):
        await browser.get(where)
        page = await browser.post(where, field="given_name", value=given, reason="He says so.")
        assert "Proposed. The secretary decides." in page.words
    assert "Bo → Beau" in page.words
    assert (await browser.get("/staff/roster/corrections")).status == 403
    assert (await browser.get(f"/staff/roster/entries/{known['Di']}/correct")).status == 404
    assert (await browser.get("/staff/roster/1")).status == 403
    browser.cookie = ""
    await browser.log_in(secretary)
    assert "Corrections of the roster 2 wait" in (await browser.get("/staff")).words
    page = await browser.get("/staff/roster/corrections")
    assert "He says so." in page.words
    one, two = (number.id for number, _ in services.db.read_now(proposals.waiting))

    page = await browser.post(f"/staff/roster/corrections/{one}/accept")
    clash = await browser.post(f"/staff/roster/corrections/{two}/accept")
    assert (clash.status, "has changed meanwhile" in clash.words) == (409, True)
    page = await browser.post(f"/staff/roster/corrections/{two}/refuse")

    assert "Nothing waits here." in page.words
    assert [one.content.given_name for one in services.db.read_now(roster.find, "Durand")] == ["Beau"]
    assert f"entries/{known['Bo']}/correct" in (await browser.get("/staff/roster?q=Durand")).text


async def test_corrections_are_for_delegates_and_the_office(services, browser, ada, known):  # noqa: F811
    where = f"/staff/roster/entries/{known['Bo']}/correct"
    assert "/login" in (await browser.get(where)).path
    await browser.log_in(ada)

    assert (await browser.get(where)).status == 403
    await browser.get("/")
    assert (await browser.post(where, field="given_name", value="X", reason="Y")).status == 403
    for verb in ("accept", "refuse"):
        assert (await browser.post(f"/staff/roster/corrections/1/{verb}")).status == 403
