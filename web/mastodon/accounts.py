# SPDX-License-Identifier: AGPL-3.0-or-later
"""Accounts: one's own, other people's, and what stands between. Source: Mastodon's documentation, methods/accounts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from node import actors, directory, members, posts, profiles, relationships
from node.actors import Actor, ProfileChange
from node.kernel import clock
from node.kernel.db import Tx
from node.kernel.errors import Invalid, NotFound
from node.kernel.paging import Page
from node.members import Member, Preferences
from node.profiles import Profile
from web import SERVICES, auth, limits, params
from web.limits import Limit
from web.mastodon import entities, standing
from web.mastodon.answers import account_list, accounts_page, db, json, number, site, statuses_page
from web.mastodon.drafts import language_of, visibility_of
from web.mastodon.entities.common import Json
from web.paging import limit_of, offset_of, page_of
from web.params import Params

MAX_IDS: Final = 80
_LONGEST_MUTE: Final = timedelta(days=3650)
_NO_PREFERENCES: Final = Preferences()

# -- one's own --------------------------------------------------------------------------------------------------------


async def verify_credentials(request: web.Request) -> web.Response:
    """Who the token stands for."""
    # The member is kept beside the token; what counts posts and followers changes without a word.
    member, moved, count = await db(request).read(_counted, auth.me(request).id)
    return json(entities.credential_account(site(request), member, requests_count=count, moved=moved))


def _counted(conn: Connection, member_id: int) -> tuple[Member, Actor | None, int]:
    member = members.get(conn, member_id)
    moved = actors.by_uri(conn, member.actor.moved_to) if member.actor.moved_to else None
    shown = moved if moved is not None and moved.is_active else None
    return member, shown, relationships.requests_count(conn, member_id)


def _with_moved(conn: Connection, actor_id: int) -> tuple[Actor, Actor | None]:
    """The account, and the one that it moved to."""
    actor = actors.get(conn, actor_id)
    moved = actors.by_uri(conn, actor.moved_to) if actor.moved_to else None
    return actor, moved if moved is not None and moved.is_active else None


def _seen(conn: Connection, actor_id: int, viewer_id: int | None) -> tuple[Actor, Actor | None, Profile | None]:
    """The account, the one that it moved to, and what its profile says to this viewer beyond what it says to all."""
    actor, moved = _with_moved(conn, actor_id)
    profile = profiles.get(conn, actor.id, viewer_id, clock.now()) if actor.is_local and actor.is_active else None
    return actor, moved, profile


def _with_requests(conn: Connection, member_id: int) -> tuple[Member, int]:
    return members.get(conn, member_id), relationships.requests_count(conn, member_id)


async def update_credentials(request: web.Request) -> web.Response:
    """Change one's own profile and defaults."""
    given = await params.read(request)
    return await _changed(request, await _profile_change(request, given), _preferences(given.table("source")))


async def show_profile(request: web.Request) -> web.Response:
    """One's own profile as it was typed."""
    return json(entities.profile(site(request), await db(request).read(actors.get, auth.me(request).id)))


async def change_profile(request: web.Request) -> web.Response:
    """Change one's own profile; what comes back is as it was typed."""
    given = await params.read(request)
    shown = replace(
        await _profile_change(request, given),
        show_media=given.boolean("show_media"),
        show_media_replies=given.boolean("show_media_replies"),
        show_featured=given.boolean("show_featured"),
    )
    member, _ = await db(request).write(_update, auth.me(request), shown, _NO_PREFERENCES)
    return json(entities.profile(site(request), member.actor))


async def remove_avatar(request: web.Request) -> web.Response:
    """Have no picture."""
    return await _changed(request, ProfileChange(removed=("avatar",)))


async def remove_header(request: web.Request) -> web.Response:
    """Have no picture behind the profile."""
    return await _changed(request, ProfileChange(removed=("header",)))


async def _changed(
    request: web.Request, change: ProfileChange, preferences: Preferences = _NO_PREFERENCES
) -> web.Response:
    member, count = await db(request).write(_update, auth.me(request), change, preferences)
    return json(entities.credential_account(site(request), member, requests_count=count))


async def _profile_change(request: web.Request, given: Params) -> ProfileChange:
    uploads = request.app[SERVICES].uploads
    avatar, header = given.upload("avatar"), given.upload("header")
    return ProfileChange(
        display_name=given.text("display_name"),
        summary=given.text("note"),
        locked=given.boolean("locked"),
        bot=given.boolean("bot"),
        discoverable=given.boolean("discoverable"),
        indexable=given.boolean("indexable"),
        hide_collections=given.boolean("hide_collections"),
        attribution_domains=given.texts("attribution_domains") if "attribution_domains" in given else None,
        avatar=await uploads.avatar(avatar.data) if avatar else None,
        avatar_description=given.text("avatar_description"),
        header=await uploads.header(header.data) if header else None,
        header_description=given.text("header_description"),
        fields=(
            [(item.text("name") or "", item.text("value") or "") for item in given.tables("fields_attributes")]
            if "fields_attributes" in given
            else None
        ),
    )


def _preferences(source: Params) -> Preferences:
    privacy = source.text("privacy")
    return Preferences(
        default_visibility=visibility_of(privacy) if privacy else None,
        default_sensitive=source.boolean("sensitive"),
        default_language=language_of(source.text("language")),
        default_quote_policy=source.text("quote_policy") or None,
    )


def _update(tx: Tx, me: Actor, change: ProfileChange, preferences: Preferences) -> tuple[Member, int]:
    if change != ProfileChange():
        relationships.update_profile(tx, me, change)
    if preferences != _NO_PREFERENCES:
        members.set_preferences(tx, me.id, preferences)
        bus = tx.bus
        tx.after_commit(lambda: bus.publish("member.changed", me.id))
    return _with_requests(tx.conn, me.id)


async def preferences(request: web.Request) -> web.Response:
    """What the member has chosen."""
    return json(entities.preferences(auth.member(request)))


# -- other people -----------------------------------------------------------------------------------------------------


async def show(request: web.Request) -> web.Response:
    """Somebody's account. Of one who is suspended it is said that they are; who is not let in yet is not there."""
    actor, moved, profile = await db(request).read(_seen, number(request), auth.viewer(request))
    if actor.is_hidden:
        raise NotFound
    await _count_view(request, actor)
    return json(entities.account(site(request), actor, moved=moved, profile=profile))


async def _count_view(request: web.Request, actor: Actor) -> None:
    """Profiles of members are counted as on the pages, so that nobody copies the directory by an app."""
    viewer = auth.viewer(request)
    if viewer is not None and actor.is_local and actor.id != viewer:
        await limits.count_member(request, Limit.PROFILES, viewer)


async def show_many(request: web.Request) -> web.Response:
    """Several accounts; those that are not there are left out."""
    wanted = params.query(request).integers("id")[:MAX_IDS]
    found = await db(request).read(actors.by_ids, wanted)
    return account_list(request, [found[item] for item in dict.fromkeys(wanted) if _shown(found.get(item))])


def _shown(actor: Actor | None) -> bool:
    return actor is not None and actor.deleted_at is None and not actor.is_hidden


async def lookup(request: web.Request) -> web.Response:
    """The account with this handle, if we know it; nobody is asked elsewhere."""
    handle = (params.query(request).text("acct") or "").strip().removeprefix("@")
    name, _, domain = handle.partition("@")
    here = site(request)
    if domain.lower() in (here.domain, here.base_url.partition("://")[2]):
        domain = ""
    found = await db(request).read(actors.by_handle, name, domain)
    if found is None or not _shown(found):
        raise NotFound
    await _count_view(request, found)
    actor, moved, profile = await db(request).read(_seen, found.id, auth.viewer(request))
    return json(entities.account(here, actor, moved=moved, profile=profile))


async def search(request: web.Request) -> web.Response:
    """People whose name or handle matches, for completing a mention."""
    given = params.query(request)
    words = given.text("q") or ""
    limit = limit_of(given, default=40, most=80)
    await limits.count_member(request, Limit.SEARCH, auth.me(request).id)
    if given.flag("resolve") and "@" in words.strip().removeprefix("@"):
        await request.app[SERVICES].resolver.actor_by_handle(words.strip())
    found = await db(request).read(
        directory.accounts,
        words,
        auth.viewer(request),
        limit=limit,
        offset=offset_of(given),
        following=given.flag("following"),
    )
    return account_list(request, found)


async def statuses(request: web.Request) -> web.Response:
    """Somebody's posts, or what they pinned, which is one page."""
    given = params.query(request)
    actor_id, page, viewer = number(request), page_of(given), auth.viewer(request)

    def ids(conn: Connection) -> list[int]:
        actors.get(conn, actor_id)
        if given.flag("pinned"):
            return list(posts.pinned_ids(conn, actor_id, viewer, page))
        return list(
            posts.of_author(
                conn,
                actor_id,
                viewer,
                page,
                only_media=given.flag("only_media"),
                exclude_replies=given.flag("exclude_replies"),
                exclude_boosts=given.flag("exclude_reblogs"),
                tagged=given.text("tagged") or None,
            )
        )

    return await statuses_page(request, ids)


async def featured_tags(request: web.Request) -> web.Response:
    """The hashtags that somebody shows on their profile."""
    actor_id, here = number(request), site(request)

    def read(conn: Connection) -> list[entities.Json]:
        actor = actors.get(conn, actor_id)
        shown = posts.tags_of(conn, actor.id) if actor.is_active else []
        return [entities.featured_tag(here, actor, tag) for tag in shown]

    return json(await db(request).read(read))


async def own_featured_tags(request: web.Request) -> web.Response:
    """The hashtags that one shows on one's profile."""
    me, here = auth.me(request), site(request)
    shown = await db(request).read(posts.tags_of, me.id)
    return json([entities.featured_tag(here, me, tag) for tag in shown])


async def feature_tag(request: web.Request) -> web.Response:
    """Show a hashtag on one's profile."""
    me = auth.me(request)
    name = (await params.read(request)).text("name") or ""
    return json(entities.featured_tag(site(request), me, await db(request).write(posts.feature_tag, me, name)))


async def unfeature_tag(request: web.Request) -> web.Response:
    """Show it no longer."""
    await db(request).write(posts.unfeature_tag, auth.me(request), number(request))
    return json({})


async def suggested_tags(request: web.Request) -> web.Response:
    """The hashtags that one uses most and does not show yet."""
    here = site(request)
    found = await db(request).read(_suggested_tags, auth.me(request).id)
    return json([entities.tag(here, one) for one in found])


def _suggested_tags(conn: Connection, owner_id: int) -> list[posts.tags.Tag]:
    return posts.tags.several(conn, list(posts.tags_in_use(conn, owner_id)), owner_id)


async def followers(request: web.Request) -> web.Response:
    """Who follows somebody."""
    return await _people(request, relationships.followers)


async def following(request: web.Request) -> web.Response:
    """Whom somebody follows."""
    return await _people(request, relationships.following)


async def _people(request: web.Request, of: Callable[[Connection, int, Page], list[tuple[int, Actor]]]) -> web.Response:
    actor_id = number(request)
    page, viewer = page_of(params.query(request), default=40, most=80), auth.viewer(request)

    def read(conn: Connection) -> list[tuple[int, Actor]]:
        shown = relationships.shows_connections(actors.get(conn, actor_id), viewer)
        return of(conn, actor_id, page) if shown else []

    return accounts_page(request, await db(request).read(read))


# -- what stands between ----------------------------------------------------------------------------------------------


async def show_relationships(request: web.Request) -> web.Response:
    """What stands between the member and others, in the order asked for. Unknown ones are left out, and those who are
    suspended unless they are asked for, too."""
    given = params.query(request)
    wanted = list(dict.fromkeys(given.integers("id")))[:MAX_IDS]
    found = await db(request).read(_between, auth.me(request).id, wanted, given.flag("with_suspended"))
    return json([found[item] for item in wanted if item in found])


def _between(conn: Connection, viewer: int, wanted: list[int], with_suspended: bool) -> dict[int, Json]:
    known = actors.by_ids(conn, wanted)
    asked = [number for number, actor in known.items() if with_suspended or actor.is_active]
    return standing.with_each(conn, viewer, asked)


Act = Callable[[Tx, Actor, Actor], object]


async def _act(request: web.Request, act: Act) -> web.Response:
    """Do something about the account in the address; what then stands between comes back."""
    target_id = number(request)
    return json(await db(request).write(_and_then_between, auth.me(request), target_id, act))


def _and_then_between(tx: Tx, me: Actor, target_id: int, act: Act) -> Json:
    act(tx, me, actors.get(tx.conn, target_id))
    return standing.with_one(tx.conn, me.id, target_id)


async def follow(request: web.Request) -> web.Response:
    """Follow somebody, or change how."""
    given = await params.read(request)
    languages = given.texts("languages")

    def act(tx: Tx, me: Actor, target: Actor) -> None:
        relationships.follow(
            tx,
            me,
            target,
            show_boosts=given.boolean("reblogs"),
            notify=given.boolean("notify"),
            languages=languages or None,
        )

    return await _act(request, act)


async def unfollow(request: web.Request) -> web.Response:
    """Follow somebody no longer."""
    return await _act(request, relationships.unfollow)


async def remove_from_followers(request: web.Request) -> web.Response:
    """Have somebody follow one no longer."""
    return await _act(request, relationships.remove_follower)


async def block(request: web.Request) -> web.Response:
    """Have nothing to do with somebody."""
    return await _act(request, relationships.block)


async def unblock(request: web.Request) -> web.Response:
    """End that."""
    return await _act(request, relationships.unblock)


async def mute(request: web.Request) -> web.Response:
    """See nothing of somebody, for `duration` seconds or for good."""
    given = await params.read(request)
    seconds = given.number("duration") or 0
    if seconds > _LONGEST_MUTE.total_seconds():
        raise Invalid("Validation failed: Duration is too long", field="duration")
    notifications = given.boolean("notifications")

    def act(tx: Tx, me: Actor, target: Actor) -> None:
        relationships.mute(
            tx,
            me,
            target,
            notifications=notifications if notifications is not None else True,
            duration=timedelta(seconds=seconds) if seconds else None,
        )

    return await _act(request, act)


async def unmute(request: web.Request) -> web.Response:
    """See them again."""
    return await _act(request, relationships.unmute)
