# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the association says, on the pages: its rules, its description at length, privacy policy and terms of use."""

from node import instance
from node.instance import TextKind

ADMIN = frozenset({"admin"})


async def test_a_text_is_not_there_until_it_is_written(services, browser):
    assert (await browser.get("/privacy")).status == 404
    assert "/privacy" not in (await browser.get("/about")).text

    services.db.write_now(instance.write_text, ADMIN, TextKind.PRIVACY, "We keep *little*.")

    shown = await browser.get("/privacy")
    assert "<em>little</em>" in shown.text
    assert "Privacy policy" in shown.words
    assert "/privacy" in (await browser.get("/about")).text
    assert (await browser.get("/terms")).status == 404


async def test_rules_and_the_description_at_length_stand_on_the_page_about_the_network(services, browser):
    services.db.write_now(instance.add_rule, ADMIN, "Be kind.", "As in class.")
    services.db.write_now(instance.write_text, ADMIN, TextKind.DESCRIPTION, "Founded in <b>1901</b>.")

    shown = await browser.get("/about")

    assert "Be kind." in shown.words
    assert "As in class." in shown.words
    assert "<b>" not in shown.text.split("Founded in")[1][:20]


async def test_an_announcement_stands_on_the_home_page_until_it_is_put_away(services, browser, ada, ben):
    number = services.db.write_now(instance.announce, ADMIN, instance.Wording(text="The archive is open."))
    await browser.log_in(ada)
    assert "The archive is open." in (await browser.get("/")).words

    shown = await browser.post(f"/announcements/{number}/dismiss")

    assert "The archive is open." not in shown.words
    assert [one.dismissed for one in services.db.read_now(instance.every, ada.id)] == [True]
    assert (await browser.post("/announcements/5/dismiss")).status == 404
    await browser.log_in(ben)
    assert "The archive is open." in (await browser.get("/")).words
