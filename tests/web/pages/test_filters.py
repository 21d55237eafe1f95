# SPDX-License-Identifier: AGPL-3.0-or-later
"""Filters on the pages: made, changed and deleted there, and obeyed wherever posts are shown."""

from datetime import timedelta

import pytest

from activitypub.addressing import Visibility
from node import lists, relationships
from node.kernel import clock
from node.relationships import filters
from node.relationships.filters import Action, Context, FilterChange, KeywordChange
from tests.support.builders import a_post

BOATS = {"title": "Boats", "action": "warn", "context[]": "home", "ends": "", "words[new1][keyword]": "boat"}


def a_filter(db, owner, word="boat", *, action=Action.WARN, contexts=tuple(Context), **more):
    change = FilterChange(
        title="No boats", contexts=contexts, action=action, keywords=(KeywordChange(keyword=word),), **more
    )
    return db.write_now(filters.create, owner.id, change)


async def test_a_filter_is_made_changed_and_deleted(services, browser, ada):
    await browser.log_in(ada)
    assert "You have no filter yet." in (await browser.get("/settings/filters")).words
    await browser.get("/settings/filters/new")

    page = await browser.post("/settings/filters/new", **{**BOATS, "words[new1][whole]": "1", "ends": "3600"})

    [made] = services.db.read_now(filters.own, ada.id)
    assert (page.path, "Boats" in page.words, "boat" in page.words) == ("/settings/filters?done=saved", True, True)
    assert (made.contexts, made.action) == ((Context.HOME,), Action.WARN)
    assert [(word.keyword, word.whole_word) for word in made.keywords] == [("boat", True)]
    assert timedelta(minutes=59) < made.expires_at - clock.now() < timedelta(minutes=61)
    path = f"/settings/filters/{made.id}"
    form = await browser.get(path)
    line = f"words[{made.keywords[0].id}]"
    assert f'name="{line}[keyword]" value="boat"' in form.text
    await browser.post(
        path,
        **{**BOATS, "title": "Ships", "action": "hide", "ends": "keep", "words[new1][keyword]": "ship"},
        **{f"{line}[keyword]": " "},
    )

    changed = services.db.read_now(filters.get, ada.id, made.id)
    assert (changed.title, changed.action, changed.expires_at) == ("Ships", Action.HIDE, made.expires_at)
    assert [(word.keyword, word.whole_word) for word in changed.keywords] == [("ship", False)]
    await browser.get(path)
    await browser.post(
        path, **{**BOATS, "words[new1][keyword]": ""}, **{f"words[{changed.keywords[0].id}][keyword]": "sail"}
    )
    assert services.db.read_now(filters.get, ada.id, made.id).expires_at is None
    assert "Delete this filter?" in (await browser.get(f"{path}/delete")).words
    await browser.post(f"{path}/delete")
    assert services.db.read_now(filters.own, ada.id) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": " "}, "Title can't be blank"),
        ({"context[]": "nowhere"}, "Context None or invalid"),
        ({"action": "burn"}, "Filter action is not included"),
        ({"words[new1][keyword]": "x" * 513}, "Keyword is too long"),
    ],
)
async def test_what_cannot_be_used_comes_back_with_what_was_typed(services, browser, ada, wrong, said):
    made = a_filter(services.db, ada)
    await browser.log_in(ada)
    for path in ("/settings/filters/new", f"/settings/filters/{made.id}"):
        await browser.get(path)

        page = await browser.post(path, **{**BOATS, "words[new2][keyword]": "quay", **wrong})

        assert (page.status, said in page.words, 'value="quay"' in page.text) == (422, True, True)
    assert services.db.read_now(filters.own, ada.id) == [made]


@pytest.mark.parametrize("rest", ["", "/delete"])
async def test_the_filter_of_somebody_else_is_not_there(services, browser, ada, ben, rest):
    theirs = a_filter(services.db, ben)
    await browser.log_in(ada)

    assert (await browser.get(f"/settings/filters/{theirs.id}{rest}")).status == 404
    await browser.get("/settings/filters/new")
    assert (await browser.post(f"/settings/filters/{theirs.id}{rest}", **BOATS)).status == 404


async def test_a_stranger_is_led_to_the_login(browser):
    for path in ("/settings/filters", "/settings/filters/new", "/settings/filters/1", "/posts/1/filter"):
        assert (await browser.get(path)).path.startswith("/login")


@pytest.mark.parametrize(("action", "shown"), [(Action.WARN, True), (Action.HIDE, False)])
async def test_a_filter_holds_on_every_page_of_its_context(services, browser, ada, ben, action, shown):
    db = services.db
    db.write_now(relationships.follow, ada.actor, ben.actor)
    told = a_post(db, ben.actor, "@ada a boat comes in #quay")
    first = a_post(db, ben.actor, "Who rows?")
    a_post(db, ben.actor, "By boat", in_reply_to_id=first)
    rowers = db.write_now(lists.create, ada.actor, "Rowers")
    db.write_now(lists.add, ada.actor, rowers.id, [ben.id])
    a_filter(db, ada, action=action)
    await browser.log_in(ada)

    pages = ("/", "/local", "/tags/quay", "/@ben", f"/lists/{rowers.id}", f"/@ben/{first}", "/notifications")
    for path in pages:
        page = await browser.get(path)
        assert ("Your filter: No boats" in page.words) is shown, path
        assert ("boat comes in" in page.words or "By boat" in page.words) is shown, path
    # What is asked for by name is shown as it is, and so is everything to everybody else.
    assert "Your filter" not in (await browser.get(f"/@ben/{told}")).words
    await browser.log_in(ben)
    assert "Your filter" not in (await browser.get("/local")).words


async def test_a_filter_holds_only_in_its_context_and_time_and_not_for_what_one_wrote(services, browser, ada, ben):
    db = services.db
    a_post(db, ben.actor, "A boat")
    a_post(db, ada.actor, "My ship")
    a_filter(db, ada, contexts=(Context.HOME,))
    a_filter(db, ada, ends=True, expires_at=clock.now() - timedelta(minutes=1))
    a_filter(db, ada, "ship")
    await browser.log_in(ada)

    page = await browser.get("/local")

    assert "Your filter" not in page.words


async def test_a_quote_of_what_is_filtered_is_left_away(services, browser, ada, ben):
    db = services.db
    quoted = a_post(db, ben.actor, "The boat sank")
    a_post(db, ben.actor, "Sad news", quoted_id=quoted)
    a_filter(db, ada)
    await browser.log_in(ada)

    page = await browser.get("/local")

    assert "It quotes a post that you have a filter for." in page.words


async def test_a_single_post_is_filtered_from_its_menu_and_let_off_again(services, browser, ada, ben):
    db, post_id = services.db, a_post(services.db, ben.actor, "Sing along")
    await browser.log_in(ada)
    assert f"/posts/{post_id}/filter" in (await browser.get(f"/@ben/{post_id}")).text
    assert "Sing along" in (await browser.get(f"/posts/{post_id}/filter")).words
    assert (await browser.post(f"/posts/{post_id}/filter", title=" ")).status == 422

    await browser.post(f"/posts/{post_id}/filter", title="Songs", back=f"/@ben/{post_id}")

    [made] = db.read_now(filters.own, ada.id)
    assert "Your filter: Songs" in (await browser.get("/local")).words
    await browser.get(f"/posts/{post_id}/filter")
    again = await browser.post(f"/posts/{post_id}/filter", filter=str(made.id))
    assert (again.status, "already been taken" in again.words) == (422, True)
    assert "Sing along" in (await browser.get(f"/settings/filters/{made.id}")).words
    await browser.post(f"/settings/filters/{made.id}/posts/{made.posts[0].id}/remove")
    await browser.get(f"/posts/{post_id}/filter")
    await browser.post(f"/posts/{post_id}/filter", filter=str(made.id), title="Choirs")
    assert [(one.title, len(one.posts)) for one in db.read_now(filters.own, ada.id)] == [("Songs", 0), ("Choirs", 1)]
    assert db.read_now(filters.get, ada.id, made.id).posts == ()


async def test_a_post_that_one_may_not_see_cannot_be_filtered(services, browser, ada, ben):
    post_id = a_post(services.db, ben.actor, "Between us", visibility=Visibility.DIRECT)
    await browser.log_in(ada)

    assert (await browser.get(f"/posts/{post_id}/filter")).status == 404
