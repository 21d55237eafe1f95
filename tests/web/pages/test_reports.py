# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reporting somebody on the pages, and the staff's list."""

from node import moderation
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
    await browser.post(f"/staff/reports/{case.report.id}/resolve")

    assert "Nothing waits here." in (await browser.get("/staff/reports")).words
    assert "Please look" in (await browser.get("/staff/reports?resolved=1")).words
    await browser.post(f"/staff/reports/{case.report.id}/reopen")
    assert services.db.read_now(moderation.open_count) == 1


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
