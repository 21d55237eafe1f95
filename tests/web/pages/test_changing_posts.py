# SPDX-License-Identifier: AGPL-3.0-or-later
"""Editing a post on the pages, writing it anew, and reading what it said before."""

import io
import re
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import update

from activitypub.addressing import Visibility
from node import events, media, posts
from node.kernel import clock
from node.kernel.errors import Invalid, NotFound
from node.kernel.i18n import translator
from node.posts import Draft, PollDraft, QuotePolicy
from node.posts.rules import check_draft
from node.posts.tables import polls
from tests.support.builders import a_post, an_event_draft
from web.pages import words


def a_picture():
    file = io.BytesIO()
    Image.new("RGB", (8, 6)).save(file, "PNG")
    return file.getvalue()


def found(db, post_id):
    return db.read_now(posts.find, post_id)


def asked(db, author, **values):
    poll = PollDraft(("Hall", "Lake"), timedelta(days=1))
    return a_post(db, author, "Where?", poll=poll, **values)


async def test_a_post_is_edited_and_its_past_can_be_read(services, browser, ada, ben):
    db, post_id = services.db, a_post(services.db, ada.actor, "Low tide at nine", visibility=Visibility.UNLISTED)
    path = f"/@ada/{post_id}"
    await browser.log_in(ada)
    assert f"{path}/edit" in (await browser.get(path)).text
    assert "Low tide at nine" in (await browser.get(f"{path}/edit")).text

    page = await browser.post(f"{path}/edit", text="Low tide at ten", warning="Tides", quote_policy="nobody")

    after = found(db, post_id)
    assert (page.path, after.source, after.spoiler_text) == (f"{path}?done=saved", "Low tide at ten", "Tides")
    assert (after.visibility, posts.chosen_quote_policy(after)) == (Visibility.UNLISTED, QuotePolicy.NOBODY)
    await browser.log_in(ben)
    assert f"{path}/history" in (await browser.get(path)).text
    said = (await browser.get(f"{path}/history")).words
    assert said.index("Low tide at ten") < said.index("Low tide at nine")


async def test_what_cannot_be_saved_comes_back_with_what_was_typed(services, browser, ada):
    post_id = a_post(services.db, ada.actor, "Low tide")
    await browser.log_in(ada)
    await browser.get(f"/@ada/{post_id}/edit")

    page = await browser.post(f"/@ada/{post_id}/edit", text="x" * 5001, warning="Long", quote_policy="followers")

    assert (page.status, "limit of 5000 exceeded" in page.words) == (422, True)
    assert "x" * 5001 in page.text
    assert 'value="Long"' in page.text
    assert found(services.db, post_id).source == "Low tide"


@pytest.mark.parametrize("rest", ["edit", "redraft"])
async def test_only_the_author_may_change_a_post(services, browser, ada, ben, rest):
    post_id = a_post(services.db, ben.actor, "Mine")
    await browser.log_in(ada)

    assert (await browser.get(f"/@ben/{post_id}/{rest}")).status == 404
    await browser.get("/")
    assert (await browser.post(f"/@ben/{post_id}/edit", text="Yours")).status == 404
    await browser.get("/")
    assert (await browser.post("/posts", text="Yours", replaces=str(post_id))).status == 404
    assert found(services.db, post_id).source == "Mine"


async def test_pictures_are_described_kept_and_taken_out(services, browser, ada):
    db = services.db
    first, second = [(await services.uploads.take(ada.id, a_picture(), description=said)).id for said in ("One", "Two")]
    post_id = a_post(db, ada.actor, "Two views", media_ids=(first, second))
    await browser.log_in(ada)
    assert 'value="One"' in (await browser.get(f"/@ada/{post_id}/edit")).text

    await browser.post(
        f"/@ada/{post_id}/edit", text="One view", **{"media_ids[]": str(second), f"described[{second}]": "The quay"}
    )

    [left] = db.read_now(media.of_posts, [post_id])[post_id]
    assert (left.id, left.description) == (second, "The quay")
    said = (await browser.get(f"/@ada/{post_id}/history")).words
    assert "The quay" in said
    assert "One" in said


async def test_a_poll_that_is_left_alone_keeps_its_votes_also_when_it_is_over(services, browser, ada, ben):
    db, post_id = services.db, asked(services.db, ada.actor)
    db.write_now(posts.vote, ben.actor, post_id, [1])
    over = clock.now() - timedelta(minutes=1)
    db.write_now(lambda tx: tx.conn.execute(update(polls).where(polls.c.post_id == post_id).values(expires_at=over)))
    await browser.log_in(ada)
    assert "the votes that were given are lost" in (await browser.get(f"/@ada/{post_id}/edit")).words

    await browser.post(f"/@ada/{post_id}/edit", text="Where to?", option_1="Hall", option_2="Lake", open_days="")

    poll = db.read_now(posts.poll_of, post_id)
    assert (found(db, post_id).source, [option.votes for option in poll.options]) == ("Where to?", [0, 1])
    assert poll.is_over(clock.now())


async def test_other_answers_are_a_new_question_and_none_end_it(services, browser, ada, ben):
    db, post_id = services.db, asked(services.db, ada.actor)
    db.write_now(posts.vote, ben.actor, post_id, [1])
    ends_at = db.read_now(posts.poll_of, post_id).expires_at
    await browser.log_in(ada)
    await browser.get(f"/@ada/{post_id}/edit")

    await browser.post(f"/@ada/{post_id}/edit", text="Where?", option_1="Hall", option_2="Quay", open_days="")

    poll = db.read_now(posts.poll_of, post_id)
    assert [(option.title, option.votes) for option in poll.options] == [("Hall", 0), ("Quay", 0)]
    assert abs(poll.expires_at - ends_at) < timedelta(minutes=1)
    await browser.get(f"/@ada/{post_id}/edit")
    await browser.post(f"/@ada/{post_id}/edit", text="Where?", option_1="Hall", option_2="Quay", open_days="7")
    assert db.read_now(posts.poll_of, post_id).expires_at > ends_at + timedelta(days=5)
    await browser.get(f"/@ada/{post_id}/edit")
    faulty = await browser.post(f"/@ada/{post_id}/edit", text="Where?", option_1="Hall")
    assert (faulty.status, "more than one item" in faulty.words) == (422, True)
    await browser.post(f"/@ada/{post_id}/edit", text="Never mind")
    assert db.read_now(posts.poll_of, post_id) is None


async def test_a_post_is_written_anew_with_all_that_it_had(services, browser, ada, ben):
    db = services.db
    start = a_post(db, ben.actor, "Who has a picture?")
    picture = (await services.uploads.take(ada.id, a_picture(), description="The quay")).id
    old = a_post(db, ada.actor, "Hear it is", in_reply_to_id=start, media_ids=(picture,), spoiler_text="Quays")
    await browser.log_in(ada)

    form = await browser.get(f"/@ada/{old}/redraft")
    assert "Hear it is" in form.text
    assert "Ben Okoro" in form.words
    assert found(db, old) is not None
    sent = {"reply_to": str(start), "replaces": str(old), "visibility": "public", "warning": "Quays"}
    refused = await browser.post(
        "/posts", text="x" * 5001, **sent, **{"media_ids[]": str(picture), f"described[{picture}]": "The old quay"}
    )
    assert (refused.status, f'name="replaces" value="{old}"' in refused.text) == (422, True)
    assert "The old quay" in refused.text
    assert found(db, old) is not None

    page = await browser.post(
        "/posts",
        next=f"/@ada/{old}/redraft",
        text="Here it is",
        **sent,
        **{"media_ids[]": str(picture), f"described[{picture}]": "The old quay"},
    )

    assert (page.path, page.status) == ("/?done=posted", 200)
    assert found(db, old) is None
    [new] = db.read_now(posts.thread, start, ada.id).descendants
    after = found(db, new)
    assert (after.source, after.in_reply_to_id, after.spoiler_text) == ("Here it is", start, "Quays")
    [kept] = db.read_now(media.of_posts, [new])[new]
    assert (kept.id, kept.description) == (picture, "The old quay")


async def test_a_poll_is_written_anew_and_may_wait(services, browser, ada):
    db, old = services.db, asked(services.db, ada.actor)
    await browser.log_in(ada)
    form = await browser.get(f"/@ada/{old}/redraft")
    assert re.search(r'name="option_2"[^>]* value="Lake"|value="Lake"', form.text)

    page = await browser.post(
        "/posts", text="Where?", replaces=str(old), option_1="Hall", option_2="Quay", later="2031-03-12T19:00"
    )

    assert page.path == "/later?done=later"
    assert found(db, old) is None


async def test_an_event_is_edited_on_its_own_page(services, browser, ada):
    event = services.db.write_now(events.publish, ada.actor, an_event_draft())
    await browser.log_in(ada)

    assert (await browser.get(f"/@ada/{event}/edit")).path == f"/events/{event}/edit"
    assert (await browser.get(f"/@ada/{event}/redraft")).status == 404


async def test_what_one_may_not_read_has_no_past_either(services, browser, ada, ben):
    post_id = a_post(services.db, ben.actor, "Between us", visibility=Visibility.DIRECT)
    await browser.log_in(ada)

    assert (await browser.get(f"/@ben/{post_id}/history")).status == 404
    with pytest.raises(NotFound):
        services.db.read_now(posts.visible, post_id, ada.id)


async def test_a_stranger_is_led_to_the_login(services, browser, ada):
    post_id = a_post(services.db, ada.actor, "Hello")

    for rest in ("edit", "redraft", "favourites", "shares"):
        assert (await browser.get(f"/@ada/{post_id}/{rest}")).path.startswith("/login")
    assert (await browser.get(f"/@ada/{post_id}/history")).status == 200


@pytest.mark.parametrize(
    "draft",
    [
        Draft(text="x" * (posts.MAX_CHARACTERS + 1)),
        Draft(text="x", media_ids=tuple(range(posts.MAX_MEDIA + 1))),
        Draft(text="x", poll=PollDraft(tuple("abcdefgh"), timedelta(days=1))),
        Draft(text="x", poll=PollDraft(("a" * 51, "b"), timedelta(days=1))),
    ],
)
def test_a_refusal_that_names_a_bound_is_said_in_french_too(draft):
    with pytest.raises(Invalid) as refused:
        check_draft(draft)

    assert refused.value.message in words.BOUNDS
    assert translator("fr").gettext(refused.value.message) != refused.value.message
