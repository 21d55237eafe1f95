# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reporting somebody on the pages, and the staff's list."""

from node import instance, moderation
from node.kernel.paging import Page
from tests.support.builders import a_member, a_post, a_remote_actor


async def test_a_member_reports_a_post_and_a_moderator_deals_with_it(services, browser, ada, ben, password_hash):
    post_id = a_post(services.db, ben.actor, "Rude words")
    mod = a_member(services.db, "mora", roles=("member", "moderator"), password_hash=password_hash)
    await browser.log_in(ada)
    assert f"/people/{ben.id}/report?post={post_id}" in (await browser.get(f"/@ben/{post_id}")).text

    form = await browser.get(f"/people/{ben.id}/report?post={post_id}")
    assert "Rude words" in form.words
    assert "Tell the moderators there" not in form.words
    sent = await browser.post(f"/people/{ben.id}/report", post=str(post_id), comment="Please look", category="spam")
    assert "The moderators will look at it" in sent.words
    assert (await browser.get("/staff/reports")).status == 403

    await browser.log_in(mod)
    shown = await browser.get("/staff/reports")
    assert "Please look" in shown.words
    assert "Rude words" in shown.words
    assert "Ada Winter" in shown.words
    [case] = services.db.read_now(moderation.cases, Page(), resolved=False)
    await browser.post(f"/staff/reports/{case.report.id}/take")
    assert "In hand" in (await browser.get("/staff/reports")).words
    await browser.post(f"/staff/reports/{case.report.id}/dismiss")

    assert "Nothing waits here." in (await browser.get("/staff/reports")).words
    assert "Please look" in (await browser.get("/staff/reports?resolved=1")).words
    assert "Dismissed" in browser.page.words
    assert (await browser.post(f"/staff/reports/{case.report.id}/take")).status == 409
    await browser.log_in(ada)
    assert "saw no reason to decide something" in (await browser.get("/messages")).words


async def test_a_report_that_is_too_long_comes_back_with_what_was_typed(services, browser, ada):
    ann = a_remote_actor(services.db, "ann")
    await browser.log_in(ada)
    assert "Tell the moderators there" in (await browser.get(f"/people/{ann.id}/report")).words

    page = await browser.post(f"/people/{ann.id}/report", comment="x" * 1001, forward="1")

    assert page.status == 422
    assert "up to 1000 characters" in page.words
    assert "x" * 1001 in page.text
    assert services.db.read_now(moderation.open_count) == 0
    assert (await browser.get(f"/people/{ada.id}/report")).status == 404


async def test_a_report_names_the_rules_and_other_posts(services, browser, ada, ben, password_hash):
    db = services.db
    kind = db.write_now(instance.add_rule, frozenset({"admin"}), "Be kind.")
    db.write_now(instance.add_rule, frozenset({"admin"}), "No advertising.")
    first, second, third = (a_post(db, ben.actor, words) for words in ("Rude", "Ruder", "Fine"))
    mod = a_member(db, "mora", roles=("member", "moderator"), password_hash=password_hash)
    await browser.log_in(ada)
    form = await browser.get(f"/people/{ben.id}/report?post={first}")
    assert "Be kind." in form.words
    assert f'value="{second}"' in form.text
    assert f'value="{first}"><label' not in form.text

    await browser.post(
        f"/people/{ben.id}/report",
        post=str(first),
        category="violation",
        **{"rules[]": str(kind), "posts[]": str(second)},
    )

    [case] = db.read_now(moderation.cases, Page(), resolved=False)
    assert (set(case.post_ids), case.report.category) == ({first, second}, moderation.Category.VIOLATION)
    await browser.log_in(mod)
    shown = await browser.get("/staff/reports")
    assert "Rules that it breaks: Be kind." in shown.words
    assert "No advertising." not in shown.words
    assert "Fine" not in shown.words
    assert third not in case.post_ids


async def test_what_was_ticked_stays_ticked_when_a_report_comes_back(services, browser, ada, ben):
    db = services.db
    rule = db.write_now(instance.add_rule, frozenset({"admin"}), "Be kind.")
    post_id = a_post(db, ben.actor, "Rude")
    await browser.log_in(ada)
    await browser.get(f"/people/{ben.id}/report")

    page = await browser.post(
        f"/people/{ben.id}/report",
        comment="x" * 1001,
        category="violation",
        **{"rules[]": str(rule), "posts[]": str(post_id)},
    )

    assert page.status == 422
    for value in (rule, post_id, "violation"):
        assert f'value="{value}" checked' in page.text
