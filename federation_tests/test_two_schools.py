# SPDX-License-Identifier: AGPL-3.0-or-later
"""Camille in Angoulême uses Mastodon.py, Amara in Tema uses toot. They find each other, talk, and fall out.

The tests are one story, told in order; each step leaves what the next one needs.
"""

from typing import Any

import pytest
from mastodon import Mastodon, MastodonNotFoundError

from federation_tests.harness.clients import Toot, found, here, never_on_home, notified, on_home
from federation_tests.harness.node import Account, Node
from federation_tests.harness.waiting import eventually


@pytest.fixture(scope="module")
def app(tilleuls: Node, camille: Account) -> Mastodon:
    return tilleuls.app(camille.username)


@pytest.fixture(scope="module")
def toot(harbour: Node, amara: Account) -> Toot:
    client = Toot(harbour, amara)
    client.login_with_token()
    return client


@pytest.fixture(scope="module")
def story() -> dict[str, Any]:
    """What earlier steps hand to later ones: statuses by a word for them."""
    return {}


def in_toot(toot: Toot, uri: str, *, within: float = 10) -> Any:
    def look() -> list[Any]:
        return [one for one in toot.home() if uri in (one["uri"], (one["reblog"] or {}).get("uri"))]

    return eventually(look, within=within, what=f"{uri} in toot's home timeline")[0]


def test_they_follow_each_other(app: Mastodon, toot: Toot, camille: Account, amara: Account) -> None:
    account = found(app, amara.handle)
    assert account.acct == amara.handle

    app.account_follow(account.id)
    toot.run("follow", camille.handle)

    eventually(lambda: app.account_relationships([account.id])[0].following, within=10)
    eventually(lambda: app.account_relationships([account.id])[0].followed_by, within=10)
    notified(app, "follow", amara.handle)


def test_a_post_is_on_the_other_home_timeline_soon(
    app: Mastodon, toot: Toot, amara: Account, story: dict[str, Any]
) -> None:
    posted = toot.json("post", "Akwaaba! Who else was in the choir in 1998? #choir")

    seen = on_home(app, posted["uri"], within=2)

    assert seen.account.acct == amara.handle
    assert "Who else was in the choir" in seen.content
    assert [tag.name for tag in seen.tags] == ["choir"]
    assert seen.visibility == "public"
    story["choir"] = posted


def test_a_reply_appears_in_the_thread_on_both_sides(
    app: Mastodon, toot: Toot, harbour: Node, camille: Account, amara: Account, story: dict[str, Any]
) -> None:
    seen = here(app, story["choir"]["uri"])

    reply = app.status_post(f"@{amara.handle} Pas moi, mais ma sœur !", in_reply_to_id=seen.id)

    amaras = harbour.app(amara.username)
    mention = notified(amaras, "mention", camille.handle, about=reply.uri)
    assert mention.status.in_reply_to_id == story["choir"]["id"]
    thread = toot.json("thread", story["choir"]["id"])
    assert reply.uri in [one["uri"] for one in thread["descendants"]]
    assert [one.uri for one in app.status_context(reply.id).ancestors] == [story["choir"]["uri"]]
    story["reply"] = reply


def test_favourites_and_boosts_reach_the_author_and_can_be_taken_back(
    app: Mastodon, harbour: Node, camille: Account, amara: Account, story: dict[str, Any]
) -> None:
    amaras = harbour.app(amara.username)
    original = story["choir"]["id"]
    seen = here(app, story["choir"]["uri"])

    app.status_favourite(seen.id)
    app.status_reblog(seen.id)

    assert notified(amaras, "favourite", camille.handle).status.id == original
    assert notified(amaras, "reblog", camille.handle).status.id == original
    eventually(lambda: amaras.status(original), within=10, until=lambda it: it.favourites_count == 1)
    assert amaras.status(original).reblogs_count == 1

    app.status_unfavourite(seen.id)
    app.status_unreblog(seen.id)

    def taken_back(status: Any) -> bool:
        return (status.favourites_count, status.reblogs_count) == (0, 0)

    eventually(lambda: amaras.status(original), within=10, until=taken_back)


def test_a_favourite_and_a_boost_from_the_terminal_arrive_too(
    app: Mastodon, toot: Toot, amara: Account, story: dict[str, Any]
) -> None:
    reply = in_toot(toot, story["reply"].uri)

    toot.run("favourite", reply["id"])
    toot.run("reblog", reply["id"])

    assert notified(app, "favourite", amara.handle).status.id == story["reply"].id
    assert notified(app, "reblog", amara.handle).status.id == story["reply"].id


def test_an_edit_replaces_the_text_over_there(app: Mastodon, harbour: Node, amara: Account) -> None:
    amaras = harbour.app(amara.username)
    posted = app.status_post("Rendez-vous samdi")
    on_home(amaras, posted.uri)

    app.status_update(posted.id, "Rendez-vous samedi")

    edited = eventually(lambda: on_home(amaras, posted.uri), within=10, until=lambda it: "samedi" in it.content)
    assert edited.edited_at is not None


def test_a_followers_post_reaches_followers_and_nobody_else(app: Mastodon, harbour: Node, amara: Account) -> None:
    kofi = harbour.add_member("kofi", class_year=2001)

    posted = app.status_post("Entre nous", visibility="private")

    seen = on_home(harbour.app(amara.username), posted.uri)
    assert seen.visibility == "private"
    with pytest.raises(MastodonNotFoundError):
        harbour.app(kofi.username).status(seen.id)


def test_a_direct_post_is_for_the_one_it_names(app: Mastodon, harbour: Node, camille: Account, amara: Account) -> None:
    posted = app.status_post(f"@{amara.handle} Tu viens en juin ?", visibility="direct")

    mention = notified(harbour.app(amara.username), "mention", camille.handle, about=posted.uri)
    assert mention.status.visibility == "direct"


def test_a_content_warning_and_a_picture_arrive(app: Mastodon, harbour: Node, amara: Account, png: bytes) -> None:
    picture = app.media_post(png, "image/png", description="La cour en 1976", synchronous=True)
    posted = app.status_post("Voilà", media_ids=[picture.id], spoiler_text="Nostalgie", sensitive=True)

    seen = on_home(harbour.app(amara.username), posted.uri)

    assert seen.spoiler_text == "Nostalgie"
    assert seen.sensitive is True
    [attachment] = seen.media_attachments
    assert attachment.type == "image"
    assert attachment.description == "La cour en 1976"


def test_a_deleted_post_is_gone_over_there(
    app: Mastodon, toot: Toot, harbour: Node, amara: Account, story: dict[str, Any]
) -> None:
    amaras = harbour.app(amara.username)
    seen = here(amaras, story["reply"].uri)

    app.status_delete(story["reply"].id)

    def gone() -> bool:
        try:
            amaras.status(seen.id)
        except MastodonNotFoundError:
            return True
        return False

    eventually(gone, within=10, what="the deleted reply is gone")
    assert never_on_home(amaras, story["reply"].uri)


def test_after_a_block_nothing_passes_any_more(
    app: Mastodon, toot: Toot, harbour: Node, camille: Account, amara: Account
) -> None:
    amaras = harbour.app(amara.username)
    camilles_account = found(amaras, camille.handle)
    amaras_account = found(app, amara.handle)

    toot.run("block", camille.handle)

    assert amaras.account_relationships([camilles_account.id])[0].blocking
    eventually(
        lambda: app.account_relationships([amaras_account.id])[0],
        within=10,
        until=lambda it: not it.following and not it.followed_by,
        what="the block ends both follows",
    )
    unheard = app.status_post("Tu m'entends ?")
    marker = amaras.status_post("Just us now")
    on_home(amaras, marker.uri)
    assert never_on_home(amaras, unheard.uri)

    toot.run("unblock", camille.handle)
    assert not amaras.account_relationships([camilles_account.id])[0].blocking
