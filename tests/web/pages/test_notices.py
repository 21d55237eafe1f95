# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages of notifications, of messages, and of whom one wants to hear."""

import re

import pytest

from activitypub.addressing import Visibility
from activitypub.emojis import Reaction
from node import notifications, posts
from node.kernel.db import Database
from node.members import Member
from node.notifications import Policy, Verdict
from node.posts import store
from tests.support.builders import a_member, a_post, a_remote_actor
from tests.web.pages.conftest import Browser


async def test_what_many_do_is_one_line_and_read_once_seen(browser: Browser, db: Database, ada: Member) -> None:
    number = a_post(db, ada.actor, "The boat is ready")
    for count in range(5):
        db.write_now(posts.favourite, a_member(db, f"fan{count}").actor, number)
    await browser.log_in(ada)

    first = await browser.get("/notifications")
    again = await browser.get("/notifications")

    assert first.text.count("Your post, liked") == 1
    assert "and 2 others" in first.words
    assert "The boat is ready" in first.words
    assert "<strong>new</strong>" in first.text
    assert "<strong>new</strong>" not in again.text


async def test_the_emoji_with_which_people_elsewhere_react_is_shown(
    browser: Browser, db: Database, ada: Member
) -> None:
    number = a_post(db, ada.actor, "The boat is ready")
    post = db.read_now(posts.find, number)
    assert post is not None
    cap = Reaction("cap", "https://far.example/cap.png")
    for name, reaction in (("ann", Reaction("🎉")), ("bea", cap), ("cy", None)):
        fan = a_remote_actor(db, name)
        db.write_now(store.like, fan, post, f"{fan.uri}/like", reaction=reaction)
    await browser.log_in(ada)

    page = await browser.get("/notifications")

    assert ">Ann</a> 🎉" in page.text
    assert re.search(r'>Bea</a> <img class="emoji" src="https://harbour.example/proxy/[^"]+" alt=":cap:"', page.text)
    assert ">Cy</a>" in page.text
    assert "far.example/cap" not in page.text


@pytest.mark.parametrize(("answer", "left"), [("accept", 1), ("dismiss", 0)])
async def test_somebody_who_waits_is_answered(
    browser: Browser, db: Database, ada: Member, ben: Member, answer: str, left: int
) -> None:
    db.write_now(notifications.set_policy, ada.id, not_following=Verdict.FILTER)
    a_post(db, ben.actor, "Hello @ada")
    await browser.log_in(ada)
    page = await browser.get("/notifications")
    assert "Kept apart" in page.words
    [action] = re.findall(rf'action="(/notifications/requests/\d+/{answer})"', page.text)

    after = await browser.post(action)

    assert "Kept apart" not in after.words
    assert after.text.count("Hello") == left


async def test_all_can_be_removed(browser: Browser, db: Database, ada: Member, ben: Member) -> None:
    a_post(db, ben.actor, "Hello @ada")
    await browser.log_in(ada)
    await browser.get("/notifications")

    after = await browser.post("/notifications/clear")

    assert "Here you will read who answers you" in after.words


async def test_messages_are_listed_and_marked(browser: Browser, db: Database, ada: Member, ben: Member) -> None:
    a_post(db, ben.actor, "@ada just for you", visibility=Visibility.DIRECT)
    await browser.log_in(ada)
    page = await browser.get("/messages")
    assert "just for you" in page.words
    [action] = re.findall(r'action="(/messages/\d+/read)"', page.text)

    after = await browser.post(action)

    assert "just for you" in after.words
    assert action not in after.text


@pytest.mark.parametrize("path", ["/messages", "/notifications"])
async def test_what_a_post_warns_of_has_to_be_opened(
    browser: Browser, db: Database, ada: Member, ben: Member, path: str
) -> None:
    a_post(db, ben.actor, "@ada the butler", spoiler_text="How it ends", visibility=Visibility.DIRECT)
    await browser.log_in(ada)

    page = await browser.get(path)

    before, _, folded = page.text.partition('<details class="veil">')
    assert "the butler" not in before
    assert "the butler" in folded.partition("</details>")[0]
    assert "How it ends" in page.words


async def test_nobody_marks_the_messages_of_others(browser: Browser, db: Database, ada: Member, ben: Member) -> None:
    a_post(db, ben.actor, "@ada just for you", visibility=Visibility.DIRECT)
    await browser.log_in(ada)
    [action] = re.findall(r'action="(/messages/\d+/read)"', (await browser.get("/messages")).text)
    other = a_member(db, "cleo", password_hash=ada.password_hash)
    browser.cookie = ""
    await browser.log_in(other)
    await browser.get("/messages")

    assert (await browser.post(action)).status == 404


async def test_whom_one_wants_to_hear_is_chosen(browser: Browser, db: Database, ada: Member) -> None:
    await browser.log_in(ada)
    await browser.get("/settings/notifications")

    page = await browser.post(
        "/settings/notifications",
        not_following="filter",
        new_accounts="drop",
        not_followers="perhaps",
        push_private="1",
    )

    assert "Saved." in page.words
    assert db.read_now(notifications.policy_of, ada.id) == Policy(
        not_following=Verdict.FILTER, new_accounts=Verdict.DROP, push_private=True
    )


@pytest.mark.parametrize("path", ["/notifications", "/messages", "/settings/notifications"])
async def test_a_visitor_is_led_to_the_login(browser: Browser, path: str) -> None:
    page = await browser.get(path)

    assert "/login" in page.text
    assert page.path.startswith("/login")
