# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mastodon.py calls whatever it can: one walk through every public method of the class, on both databases.

The class itself is asked what it has. A method that the walk does not call must stand in `LEFT_OUT` with the reason, so
that a new version of the library, or of the node, shows what nobody has thought of.
"""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
import requests
from mastodon import (
    Mastodon,
    MastodonAPIError,
    MastodonNotFoundError,
    MastodonUnauthorizedError,
    MastodonVersionError,
    StreamListener,
)

from federation_tests.harness.clients import OUT_OF_BAND, SCOPES, grant
from federation_tests.harness.node import Account, Node
from federation_tests.harness.waiting import eventually

_STAFF = "the staff has pages and commands, and no API of its own"
_REFRESH = "answers come whole: nothing is finished after the answer"
_COLLECTIONS = "collections came with API version 10, which is not announced"

LEFT_OUT: Final[dict[str, str]] = {
    **{name: _STAFF for name in dir(Mastodon) if name.startswith("admin_")},
    **{name: _COLLECTIONS for name in dir(Mastodon) if name.startswith("collection")},
    "account_collections": _COLLECTIONS,
    "account_in_collections": _COLLECTIONS,
    **{name: "no year is summed up for anybody" for name in dir(Mastodon) if name.startswith("annual_report")},
    "await_async_refresh": _REFRESH,
    "get_async_refresh_info": _REFRESH,
    "get_async_refresh_status": _REFRESH,
    "generate_media_edit_attributes": "fails in the library itself, before any request (2.3.3 adds two sets)",
    "get_status_length": "no request, and a package of its own that nothing here needs",
    "create_account": "newcomers need an invitation here; tests of the sign-up open it",
    "email_resend_confirmation": "the walker's address is confirmed already",
    "reports": "gone from Mastodon since 2.5: the library refuses by itself",
    "push_subscription_decrypt_push": "no request: it opens what a push service hands over",
    "stream_open_websocket": "needs a package of its own; masto.js and megalodon listen by WebSocket",
}
"""Methods that the walk does not call, and why."""


class Walk:
    """Stands before Mastodon.py and keeps the names of the methods called on it."""

    def __init__(self, app: Mastodon, called: set[str]) -> None:
        self._app = app
        self._called = called

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._app, name)
        if callable(method):
            self._called.add(name)
        return method


class HangsUp(StreamListener):
    """Ends its stream at the first event: only the thread that reads can end it at once."""

    def __init__(self) -> None:
        self.heard: str | None = None
        self.handle: Any = None

    def _ends(self, kind: str) -> None:
        self.heard = self.heard or kind
        self.handle.close()

    def on_update(self, status: Any) -> None:
        self._ends("update")

    def on_notification(self, notification: Any) -> None:
        self._ends("notification")

    def on_conversation(self, conversation: Any) -> None:
        self._ends("conversation")


@dataclass(slots=True)
class People:
    """A member who walks, and two others of the same node."""

    node: Node
    walker: Account
    friend: Account
    shy: Account
    called: set[str] = field(default_factory=set)

    def signed_in(self) -> Walk:
        """The walker's app after the whole way, each step of which is a call as well."""
        create = Mastodon.create_app
        self.called.add("create_app")
        key, secret = create(
            "Walk", scopes=SCOPES, redirect_uris=OUT_OF_BAND, api_base_url=self.node.url, session=requests.Session()
        )
        app = Walk(
            Mastodon(
                client_id=key,
                client_secret=secret,
                api_base_url=self.node.url,
                version_check_mode="created",
                request_timeout=20,
                ratelimit_method="throw",
                session=requests.Session(),
            ),
            self.called,
        )
        address = app.auth_request_url(scopes=SCOPES, redirect_uris=OUT_OF_BAND)
        code = grant(address, self.walker)
        assert app.log_in(code=code, redirect_uri=OUT_OF_BAND, scopes=SCOPES)
        return app


@pytest.fixture(scope="module", params=["tilleuls", "harbour"], ids=["sqlite", "postgresql"])
def people(request: pytest.FixtureRequest) -> People:
    node: Node = request.getfixturevalue(request.param)
    walker, friend, shy = node.add_members("walker", "walkersfriend", "walkersshyfriend")
    return People(node, walker, friend, shy)


@pytest.fixture(scope="module")
def app(people: People) -> Walk:
    return people.signed_in()


@pytest.fixture(scope="module")
def friend(people: People) -> Mastodon:
    return people.node.app(people.friend.username)


@pytest.fixture(scope="module")
def shy(people: People) -> Mastodon:
    mine = people.node.app(people.shy.username)
    mine.account_update_credentials(locked=True)
    return mine


def test_the_library_takes_the_node_for_what_its_version_says(app: Walk, people: People) -> None:
    """Each method looks at the version first, read from the node when the app begins, and refuses what is newer."""
    assert app.retrieve_mastodon_version().startswith("4.")
    assert app.verify_minimum_version("4.5.0")
    assert not app.verify_minimum_version("4.6.0")
    with pytest.raises(MastodonVersionError):
        app._app.profile()


def test_the_node_is_read(app: Walk, people: People) -> None:
    assert app.get_supported_version()
    app.set_language("fr")
    app.clear_caches()
    domain = people.node.site.authority
    assert app.instance().domain == app.instance_v2().domain == domain
    assert app.instance_v1().uri == domain
    assert app.instance_nodeinfo().software.name == "alumnode"
    assert app.instance_health()
    assert app.stream_healthy()
    for listed in (app.instance_peers, app.instance_rules, app.instance_domain_blocks, app.custom_emojis):
        assert isinstance(listed(), list)
    assert app.instance_extended_description().content is not None
    assert len(app.instance_activity()) == 12
    assert "fr" in [one.code for one in app.instance_languages()]
    people.node.run("say", "text", "terms", "-", given="Walk *gently*.")
    assert "gently" in app.instance_terms_of_service().content
    assert app.instance_translation_languages() is not None
    assert app.oauth_authorization_server_info().issuer.rstrip("/") == people.node.url
    assert abs(app.get_approx_server_time() - datetime.now(UTC).replace(tzinfo=None)) < timedelta(minutes=5)
    for answer in (app.announcements, app.trending_tags, app.trending_statuses, app.trending_links, app.trends):
        assert isinstance(answer(), list)


def test_who_signed_in(app: Walk, people: People) -> None:
    assert app.app_verify_credentials().name == "Walk"
    assert app.me().username == app.account_verify_credentials().username == people.walker.username
    assert app.oauth_userinfo().preferred_username == people.walker.username
    assert app.preferences()["posting:default:visibility"]
    assert app.persistable_login_credentials()


def test_an_account_is_made_over_and_read(app: Walk, people: People, png: bytes) -> None:
    changed = app.account_update_credentials(
        display_name="Walker", note="Walks", avatar=png, avatar_mime_type="image/png", header=png,
        header_mime_type="image/png", fields=[("Class", "1999")], discoverable=True, default_language="fr",
    )  # fmt: skip
    assert changed.display_name == "Walker"
    assert changed.fields[0].name == "Class"
    assert app.account_delete_avatar().avatar != changed.avatar
    assert app.account_delete_header().header != changed.header
    friend = app.account_lookup(people.friend.username)
    assert app.account(friend.id).username == people.friend.username
    assert [one.id for one in app.accounts([friend.id])] == [friend.id]
    assert friend.id in [one.id for one in app.account_search(people.friend.username)]
    assert isinstance(app.directory(), list)
    assert isinstance(app.suggestions(), list)
    assert isinstance(app.suggestions_v1(), list)
    assert isinstance(app.suggestions_v2(), list)
    unwanted = app.suggestions()[0].account if "account" in app.suggestions()[0] else app.suggestions()[0]
    app.suggestion_delete(unwanted.id)
    assert unwanted.id not in [one.account.id for one in app.suggestions_v2()]
    assert isinstance(app.endorsements(), list)
    assert isinstance(app.domain_blocks(), list)
    tag = app.featured_tag_create("walks")
    assert tag.name == "walks"
    assert [one.name for one in app.featured_tags()] == ["walks"]
    assert isinstance(app.featured_tag_suggestions(), list)
    assert [one.name for one in app.account_featured_tags(app.me().id)] == ["walks"]
    app.featured_tag_delete(tag.id)
    assert app.featured_tags() == []


def test_ties_are_made_and_undone(app: Walk, people: People, friend: Mastodon, shy: Mastodon) -> None:
    me, other, quiet = app.me().id, friend.me().id, shy.me().id
    assert app.account_follow(other, notify=True).following
    assert app.follows(people.friend.username).following
    assert app.account_follow(quiet).requested
    friend.account_follow(me)
    assert [one.id for one in app.account_relationships([other])] == [other]
    assert other in [one.id for one in app.account_followers(me)]
    assert other in [one.id for one in app.account_following(me)]
    assert not app.account_remove_from_followers(other).followed_by
    friend.account_follow(me)

    app.account_update_credentials(locked=True)
    shy.account_follow(me)
    assert [one.id for one in app.follow_requests()] == [quiet]
    assert app.follow_request_reject(quiet).requested_by is False
    shy.account_follow(me)
    assert app.follow_request_authorize(quiet).followed_by
    app.account_update_credentials(locked=False)

    assert app.account_mute(quiet, duration=3600).muting
    assert [one.id for one in app.mutes()] == [quiet]
    assert not app.account_unmute(quiet).muting
    assert app.account_block(quiet).blocking
    assert [one.id for one in app.blocks()] == [quiet]
    assert not app.account_unblock(quiet).blocking
    assert not app.account_unfollow(quiet).following
    assert app.report(quiet, comment="Walked too loudly", category="other").id


def test_posts_are_written_changed_and_deleted(app: Walk, friend: Mastodon, png: bytes, people: People) -> None:
    picture = app.media_post(png, "image/png", description="An ellipse", synchronous=True)
    assert app.media(picture.id).id == picture.id
    assert app.media_update(picture.id, description="A figure").description == "A figure"
    assert app.decode_blurhash(picture)
    posted = app.status_post("With a picture #walking", media_ids=[picture.id], visibility="public")
    assert app.status(posted.id).media_attachments[0].description == "A figure"
    assert [one.id for one in app.statuses([posted.id])] == [posted.id]
    assert app.toot("Short").id
    assert app.status_source(posted.id).text == "With a picture #walking"
    assert app.status_card(posted.id) is None
    app.status_update(posted.id, "With a drawing #walking", media_ids=[picture.id])
    assert len(app.status_history(posted.id)) == 2

    theirs = friend.status_post("Good morning")
    answer = app.status_reply(theirs, "And to you")
    assert answer.in_reply_to_id == theirs.id
    assert [one.id for one in app.status_context(theirs.id).descendants] == [answer.id]
    assert app.status_favourite(theirs.id).favourited
    assert theirs.id in [one.id for one in app.favourites()]
    assert app.me().id in [one.id for one in app.status_favourited_by(theirs.id)]
    assert not app.status_unfavourite(theirs.id).favourited
    assert app.status_reblog(theirs.id).reblog.id == theirs.id
    assert app.me().id in [one.id for one in app.status_reblogged_by(theirs.id)]
    assert not app.status_unreblog(theirs.id).reblogged
    assert app.status_bookmark(theirs.id).bookmarked
    assert [one.id for one in app.bookmarks()] == [theirs.id]
    assert not app.status_unbookmark(theirs.id).bookmarked
    assert app.status_pin(posted.id).pinned
    assert [one.id for one in app.account_statuses(app.me().id, pinned=True)] == [posted.id]
    assert not app.status_unpin(posted.id).pinned
    assert app.status_mute(theirs.id).muted
    assert not app.status_unmute(theirs.id).muted
    assert app.status_delete(answer.id).id == answer.id
    with pytest.raises(MastodonNotFoundError):
        app.status(answer.id)


def test_quotes_translations_and_what_is_sent_later(app: Walk, friend: Mastodon) -> None:
    mine = app.status_post("Worth quoting", quote_approval_policy="public")
    assert app.status_update_quote_approval_policy(mine.id, "public").id == mine.id
    quoting = friend.status_post("Look", quoted_status_id=mine.id)
    assert quoting.id in [one.id for one in app.status_quotes(mine.id)]
    assert app.status_quote_revoke(mine.id, quoting.id).id == quoting.id
    with pytest.raises(MastodonAPIError):
        app.status_translate(mine.id)

    when = datetime.now(UTC) + timedelta(hours=2)
    later = app.status_post("Later", scheduled_at=when)
    assert later.id in [one.id for one in app.scheduled_statuses()]
    assert app.scheduled_status(later.id).params.text == "Later"
    moved = app.scheduled_status_update(later.id, when + timedelta(hours=1))
    assert moved.scheduled_at > when
    app.scheduled_status_delete(later.id)
    assert app.scheduled_statuses() == []


def test_a_poll_is_asked_and_answered(app: Walk, friend: Mastodon) -> None:
    asked = friend.status_post("Which?", poll=app.make_poll(["Tea", "Coffee"], expires_in=3600))

    assert app.poll(asked.poll.id).votes_count == 0
    assert app.poll_vote(asked.poll.id, 1).own_votes == [1]


def test_timelines_lists_tags_and_the_search(app: Walk, friend: Mastodon, people: People) -> None:
    posted = friend.status_post("On every timeline #timelines https://pages.example/mastodon-py")
    for timeline in (app.timeline, app.timeline_home, app.timeline_local, app.timeline_public):
        assert posted.id in [one.id for one in timeline()]
    assert posted.id in [one.id for one in app.timeline_hashtag("timelines")]
    assert app.timeline_is_available("public")
    linked = eventually(lambda: app.timeline_link("https://pages.example/mastodon-py"), within=10)
    assert [one.id for one in linked] == [posted.id]
    assert posted.id in [one.id for one in app.search(posted.url, result_type="statuses").statuses]
    assert app.search_v2(people.friend.username).accounts
    assert app.search_v1(people.friend.username).accounts

    made = app.list_create("Walkers", replies_policy="list")
    other = friend.me().id
    app.list_accounts_add(made.id, [other])
    assert [one.id for one in app.list_accounts(made.id)] == [other]
    assert made.id in [one.id for one in app.account_lists(other)]
    assert made.id in [one.id for one in app.lists()]
    assert app.list_update(made.id, "Runners", "list").title == "Runners"
    assert app.list(made.id).title == "Runners"
    later = friend.status_post("For the list")
    assert later.id in [one.id for one in app.timeline_list(made.id)]
    app.list_accounts_delete(made.id, [other])
    app.list_delete(made.id)

    assert app.tag_follow("timelines").following
    assert [one.name for one in app.followed_tags()] == ["timelines"]
    assert app.tag("timelines").name == "timelines"
    assert app.tag_feature("timelines").name == "timelines"
    assert app.tag_unfeature("timelines").name == "timelines"
    assert not app.tag_unfollow("timelines").following

    app.markers_set(["home"], [posted.id])
    assert str(app.markers_get(["home"])["home"].last_read_id) == str(posted.id)


def test_notes_endorsements_and_networks(app: Walk, friend: Mastodon) -> None:
    other = friend.me().id
    assert app.account_note_set(other, "Lent me a map").note == "Lent me a map"
    assert app.account_endorse(other).endorsed
    assert not app.account_unendorse(other).endorsed
    assert app.account_pin(other).endorsed
    assert not app.account_unpin(other).endorsed
    assert isinstance(app.account_familiar_followers([other]), list)
    app.domain_block("elsewhere.example")
    assert app.domain_blocks() == ["elsewhere.example"]
    app.domain_unblock("elsewhere.example")


def test_filters_of_newer_and_older_apps(app: Walk, friend: Mastodon) -> None:
    made = app.create_filter_v2("Spoilers", ["home"], "warn")
    assert app.filter_v2(made.id).title == "Spoilers"
    assert made.id in [one.id for one in app.filters_v2()]
    assert app.update_filter_v2(made.id, title="Surprises").title == "Surprises"
    word = app.add_filter_keyword_v2(made.id, "surprise")
    assert [one.id for one in app.filter_keywords_v2(made.id)] == [word.id]
    app.delete_filter_keyword_v2(word.id)
    posted = friend.status_post("A surprise")
    hidden = app.add_filter_status_v2(made.id, posted.id)
    assert [one.id for one in app.filter_statuses_v2(made.id)] == [hidden.id]
    assert app.filter_status_v2(hidden.id).status_id == posted.id
    app.delete_filter_status_v2(hidden.id)
    app.delete_filter_v2(made.id)

    old = app.filter_create("surprise", ["home"])
    assert app.filter(old.id).phrase == "surprise"
    filters = app.filters()
    assert [one.id for one in filters] == [old.id]
    assert app.filters_apply([posted], filters, "home") == []
    assert app.filter_update(old.id, "secret", ["home"]).phrase == "secret"
    app.filter_delete(old.id)
    assert app.filters() == []


def test_pages_are_turned(app: Walk) -> None:
    posted = [app.status_post(f"Page {number}").id for number in range(5)]
    me = app.me().id
    first = app.account_statuses(me, limit=2)
    second = app.fetch_next(first)
    assert [one.id for one in first + second] == posted[:0:-1]
    assert [one.id for one in app.fetch_previous(second)] == [one.id for one in first]
    assert app.get_pagination_info(first, "next")
    pages = app.pagination_page_iterator(app.account_statuses(me, limit=2))
    assert [one.id for one in next(pages) + next(pages)] == posted[:0:-1]
    single = app.pagination_iterator(app.account_statuses(me, limit=2))
    assert [next(single).id for _ in range(3)] == posted[:1:-1]
    assert len(app.fetch_remaining(app.account_statuses(me, limit=2))) >= 5


def test_notifications_are_read_grouped_and_dismissed(app: Walk, friend: Mastodon, shy: Mastodon) -> None:
    posted = app.status_post("Likeable")
    friend.status_favourite(posted.id)
    shy.status_favourite(posted.id)
    seen = app.notifications(types=["favourite"])
    assert len(seen) >= 2
    assert app.notifications_unread_count().count >= 2
    assert app.unread_grouped_notifications_count() >= 1
    groups = app.grouped_notifications(types=["favourite"])
    key = groups.notification_groups[0].group_key
    assert app.grouped_notification(key).notification_groups[0].group_key == key
    assert len(app.grouped_notification_accounts(key)) == 2
    app.notifications_dismiss(app.notifications(types=["follow"])[0].id)
    app.dismiss_grouped_notification(key)
    assert posted.id not in [one.status.id for one in app.notifications(types=["favourite"])]

    app.account_unfollow(shy.me().id)
    assert app.notifications_policy().for_not_following == "accept"
    assert app.update_notifications_policy(for_not_following="filter").for_not_following == "filter"

    def asks() -> Any:
        shy.status_post("@walker May I?")
        return app.notification_requests()[0]

    request = asks()
    assert app.notification_request(request.id).account.id == shy.me().id
    app.dismiss_notification_request(request.id)
    app.dismiss_multiple_notification_requests([asks().id])
    app.accept_multiple_notification_requests([asks().id])
    app.update_notifications_policy(for_not_following="accept")
    app.update_notifications_policy(for_not_following="filter")
    app.accept_notification_request(asks().id)
    app.update_notifications_policy(for_not_following="accept")
    app.update_notifications_policy(for_not_following="filter")
    assert app.notifications_merged() is not None
    app.update_notifications_policy(for_not_following="accept")
    app.notifications_clear()
    assert app.notifications() == []


def test_what_the_association_announces_is_answered_and_read(app: Walk, people: People) -> None:
    people.node.run("say", "announcement", "Mastodon.py walks")
    announced = next(one for one in app.announcements() if "Mastodon.py walks" in one.content)
    app.announcement_reaction_create(announced.id, "🎉")
    [reaction] = next(one for one in app.announcements() if one.id == announced.id).reactions
    assert (reaction.name, reaction.me) == ("🎉", True)
    app.announcement_reaction_delete(announced.id, "🎉")
    app.announcement_dismiss(announced.id)
    assert announced.id not in [one.id for one in app.announcements()]


def test_newer_apps_edit_the_profile_as_it_was_typed(app: Walk, people: People) -> None:
    """These came with API version 8; the library is left in its habit of not looking."""
    newer = Walk(
        Mastodon(
            access_token=app.access_token,
            api_base_url=people.node.url,
            session=requests.Session(),
        ),
        people.called,
    )
    changed = newer.profile_update(note="Walks & talks", show_media=False)
    assert (changed.note, changed.show_media) == ("Walks & talks", False)
    assert newer.profile().note == "Walks & talks"


def test_a_message_is_a_conversation(app: Walk, friend: Mastodon) -> None:
    friend.status_post("@walker Between us", visibility="direct")

    [conversation] = app.conversations()
    assert conversation.unread
    assert not app.conversations_read(conversation.id).unread


def test_a_push_subscription_comes_and_goes(app: Walk) -> None:
    _, public = app.push_subscription_generate_keys()
    made = app.push_subscription_set("https://push.example/walker", public, mention_events=True, policy="followed")
    assert app.push_subscription().endpoint == made.endpoint
    assert app.push_subscription_update(follow_events=True).alerts.follow
    app.push_subscription_delete()
    with pytest.raises(MastodonNotFoundError):
        app.push_subscription()


@pytest.fixture
def streams(app: Walk, friend: Mastodon, people: People) -> Iterator[dict[str, HangsUp]]:
    """Every stream that the library knows, open."""
    listed = app.list_create("Streamed")
    app.list_accounts_add(listed.id, [friend.me().id])
    heard = {name: HangsUp() for name in ("user", "notifications", "public", "local", "hashtag", "list", "direct")}
    settings = {"run_async": True, "timeout": 30}
    heard["user"].handle = app.stream_user(heard["user"], **settings)
    heard["notifications"].handle = app.stream_user_notifications(heard["notifications"], **settings)
    heard["public"].handle = app.stream_public(heard["public"], **settings)
    heard["local"].handle = app.stream_local(heard["local"], **settings)
    heard["hashtag"].handle = app.stream_hashtag("streamed", heard["hashtag"], **settings)
    heard["list"].handle = app.stream_list(listed.id, heard["list"], **settings)
    heard["direct"].handle = app.stream_direct(heard["direct"], **settings)
    for one in heard.values():
        eventually(one.handle.is_receiving, within=10, what="the stream is open")
    yield heard
    app.list_delete(listed.id)


def test_every_stream_says_what_happens(streams: dict[str, HangsUp], friend: Mastodon) -> None:
    friend.status_post("@walker To all #streamed", visibility="public")
    friend.status_post("@walker To one", visibility="direct")

    for name, one in streams.items():
        eventually(one.handle.is_alive, within=10, until=lambda alive: not alive, what=f"{name} has heard something")
        expected = {"notifications": "notification", "direct": "conversation"}.get(name)
        assert one.heard == (expected or one.heard)


def test_at_last_the_token_is_given_back(app: Walk) -> None:
    app.revoke_access_token()

    with pytest.raises(MastodonUnauthorizedError):
        app._app.me()


def test_every_method_was_called_or_is_named_with_its_reason(people: People) -> None:
    """Comes last: it looks at what the tests before it have called."""
    methods = {name for name, _ in inspect.getmembers(Mastodon, callable) if not name.startswith("_")}
    called = people.called & methods
    print(f"Mastodon.py: {len(called)} of {len(methods)} methods called, {len(LEFT_OUT)} left out")
    assert methods - called - LEFT_OUT.keys() == set()
    assert LEFT_OUT.keys() & called == set(), "these are called: take them off the table"
    assert LEFT_OUT.keys() - methods == set(), "the library has no such methods any more"
