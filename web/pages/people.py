# SPDX-License-Identifier: AGPL-3.0-or-later
"""People: profiles, who follows whom, finding somebody elsewhere, and the buttons beside a name."""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy import Connection

from activitypub.actor import ActorType
from node import actors, contacts, moderation, posts, relationships
from node.actors import Actor, ActorId
from node.dues import badges
from node.kernel import clock, html
from node.kernel.db import Tx
from node.kernel.errors import Gone, NotAllowed, NotFound
from node.kernel.html import EMPTY, Html
from node.kernel.paging import Page
from node.kernel.site import Site
from node.relationships import ties
from node.relationships.filters import Context
from web import SERVICES, auth, limits, params
from web.auth import Handler
from web.federation import reading
from web.federation.negotiation import VARY, wants_activity
from web.limits import Limit
from web.media import emoji_urls, picture_url
from web.pages import contacts as contact_pages
from web.pages import convert, cv, dues_words
from web.pages.cv_section import READERS
from web.pages.frames import acting, done, respond, way_back
from web.pages.paging import asked, neighbours
from web.pages.views import ConnectionsView, FieldView, LookupView, Place, ProfileView, TiesView

ENDORSED = 5


def _address(path: str, **query: object) -> str:
    return f"{path}?{urlencode({name: value for name, value in query.items() if value})}"


async def elsewhere(request: web.Request) -> web.Response:
    """Find somebody, a post or an event of another network by handle or address; for members."""
    member = await auth.visiting_member(request)
    services = request.app[SERVICES]
    query = request.query.get("q", "").strip()[:2048]
    actor: Actor | None = None
    post_id: int | None = None
    if query.startswith(("https://", "http://")):
        found = await services.resolver.anything(query)
        if isinstance(found, Actor):
            actor = found
        else:
            post_id = found
    elif query:
        actor = await services.resolver.actor_by_handle(query)
    view = await services.db.read(_found, services.db.site, member.id, query, actor, post_id)
    return await respond(request, view, Place.PEOPLE)


def _found(
    conn: Connection, site: Site, viewer: ActorId, query: str, actor: Actor | None, post_id: int | None
) -> LookupView:
    posts_found = convert.post_list(conn, site, [post_id], viewer) if post_id is not None else ()
    return LookupView(
        query=query,
        searched=bool(query),
        person=convert.people(conn, site, [actor], viewer)[0] if actor is not None else None,
        post=posts_found[0] if posts_found else None,
    )


async def profile(request: web.Request) -> web.Response:
    """Somebody's page. Other servers are led to the actor's document."""
    services = request.app[SERVICES]
    visitor = await auth.visitor(request)
    viewer = visitor.member.id if visitor is not None else None
    actor = await services.db.read(_known, request.match_info["acct"])
    if wants_activity(request) and actor.is_local:
        if not await reading.admits(request, actor):
            raise NotFound
        # Also of somebody who is suspended: their document says so.
        raise web.HTTPFound(actor.uri, headers={"Vary": VARY})
    _check_open(actor)
    if viewer is not None and actor.is_local and actor.id != viewer:
        await limits.count_member(request, Limit.PROFILES, viewer)
    if not actor.is_local and viewer is None:
        raise web.HTTPFound(actor.url)
    view = await services.db.read(
        _profile,
        services.db.site,
        actor,
        viewer,
        asked(request),
        request.query.get("show", ""),
        request.query.get("as", ""),
    )
    if view.joined is not None:
        distance = READERS[view.cv.as_whom][0] if view.cv is not None and view.cv.as_whom else None
        paid = await services.db.read(
            badges.is_shown, actor.id, viewer, clock.now(), dues_words.today(request), distance=distance
        )
        view = replace(view, dues_paid=paid)
    if visitor is not None and view.cv is not None and moderation.STAFF.intersection(visitor.member.roles):
        view = replace(view, cv=replace(view.cv, moderated=not view.cv.mine))
    if visitor is not None and _is_other_member(view):
        view = replace(view, ways=await contact_pages.way_to(request, visitor.member, actor.id))
    return await respond(request, view, Place.ME if actor.id == viewer else Place.PEOPLE)


def _is_other_member(view: ProfileView) -> bool:
    """Whether this is a member who could become a contact of whoever reads."""
    if view.ties is None or view.joined is None or view.memorial:
        return False
    return not view.ties.blocking and view.ties.contact is not contacts.State.CONFIRMED


def by_acct(conn: Connection, acct: str) -> Actor:
    """Somebody by their handle. Raises NotFound, Gone, and NotAllowed for whoever is suspended."""
    actor = _known(conn, acct)
    _check_open(actor)
    return actor


def _check_open(actor: Actor) -> None:
    if actor.suspended_at is not None:
        raise NotAllowed("This account is suspended.")


def _known(conn: Connection, acct: str) -> Actor:
    username, _, domain = acct.partition("@")
    actor = actors.by_handle(conn, username, domain)
    if actor is None or actor.is_hidden:
        raise NotFound
    if actor.deleted_at is not None:
        raise Gone("This account is deleted.")
    return actor


def _profile(
    conn: Connection, site: Site, actor: Actor, viewer: ActorId | None, page: Page, part: str, as_whom: str
) -> ProfileView:
    offers_media = actor.show_media or actor.id == viewer
    part = part if part == "answers" or (part == "media" and offers_media) else ""
    numbers = posts.of_author(
        conn,
        actor.id,
        viewer,
        page,
        only_media=part == "media",
        exclude_boosts=part == "media",
        exclude_replies=not part or (part == "media" and not actor.show_media_replies),
    )
    begins = not part and page.max_id is None and page.min_id is None
    pinned = posts.pinned_ids(conn, actor.id, viewer) if begins else ()
    newer, older = neighbours(f"/@{actor.acct}", numbers, page, **({"show": part} if part else {}))
    moved = actors.by_uri(conn, actor.moved_to) if actor.moved_to else None
    featured = actor.show_featured or actor.id == viewer
    endorsed = ties.endorsed(conn, actor.id, Page(limit=ENDORSED + 1)) if featured else []
    pictures = emoji_urls(site, actor.emojis)
    return ProfileView(
        person=convert.people(conn, site, [actor], viewer)[0],
        ties=_ties(conn, actor, viewer),
        part=part,
        offers_media=offers_media,
        recommends=convert.people(conn, site, [other for _, other in endorsed[:ENDORSED]], viewer),
        recommends_more=len(endorsed) > ENDORSED,
        about=html.with_emojis(Html(actor.summary), pictures) if actor.summary else EMPTY,
        cv=cv.section(conn, actor.id, viewer, as_whom) if actor.is_local and actor.type is ActorType.PERSON else None,
        header=picture_url(site, actor.header) or "",
        fields=tuple(
            FieldView(
                name=field.name,
                value=html.with_emojis(Html(field.value), pictures),
                verified=field.verified_at is not None,
            )
            for field in actor.fields
        ),
        posts_count=actor.statuses_count,
        followers_count=actor.followers_count,
        following_count=actor.following_count,
        joined=actor.created_at if actor.is_local and actor.type is ActorType.PERSON else None,
        moved_to=convert.person(site, moved) if moved is not None else None,
        pinned=convert.post_list(conn, site, pinned, viewer, Context.ACCOUNT),
        tags=tuple(tag.display for tag in posts.tags_of(conn, actor.id)) if featured else (),
        indexable=actor.indexable,
        memorial=actor.memorial,
        posts=convert.post_list(
            conn, site, [number for number in numbers if number not in pinned], viewer, Context.ACCOUNT
        ),
        newer=newer,
        older=older,
    )


def _ties(conn: Connection, actor: Actor, viewer: ActorId | None) -> TiesView | None:
    if viewer is None or viewer == actor.id:
        return None
    found = relationships.between(conn, viewer, [actor.id])[actor.id]
    contact = contacts.between(conn, viewer, [actor.id], clock.now())[actor.id]
    return TiesView(
        following=found.following,
        boosts=found.showing_boosts,
        notify=found.notifying,
        followed_by=found.followed_by,
        muting=found.muting,
        muting_until=found.muting_expires_at,
        blocking=found.blocking,
        network_blocked=found.domain_blocking,
        endorsed=found.endorsed,
        note=found.note,
        contact=contact.state,
        asks_me=contact.state is contacts.State.REQUESTED and contact.asker == actor.id,
    )


def connections(*, followers: bool) -> Handler:
    """A handler for the list of who follows somebody, or whom they follow; for members."""

    async def handle(request: web.Request) -> web.Response:
        member = await auth.visiting_member(request)
        services = request.app[SERVICES]
        view = await services.db.read(
            _connections, services.db.site, request.match_info["acct"], member.id, asked(request), followers
        )
        return await respond(request, view, Place.PEOPLE)

    return handle


def _connections(
    conn: Connection, site: Site, acct: str, viewer: ActorId, page: Page, followers: bool
) -> ConnectionsView:
    actor = by_acct(conn, acct)
    read = relationships.followers if followers else relationships.following
    shown = relationships.shows_connections(actor, viewer)
    rows = read(conn, actor.id, page) if shown else []
    _, older = neighbours(f"/@{actor.acct}/{'followers' if followers else 'following'}", [row for row, _ in rows], page)
    return ConnectionsView(
        person=convert.people(conn, site, [actor], viewer)[0],
        followers=followers,
        people=convert.people(conn, site, [person for _, person in rows], viewer),
        count=actor.followers_count if followers else actor.following_count,
        shown=shown,
        older=older,
    )


async def follow(request: web.Request) -> web.StreamResponse:
    """Follow somebody, or ask to."""
    actor = await acting(request)
    given = await params.read(request)

    def write(tx: Tx) -> bool:
        target = actors.get(tx.conn, int(request.match_info["actor_id"]))
        relationships.follow(tx, actor, target)
        return relationships.is_following(tx.conn, actor.id, target.id)

    followed = await request.app[SERVICES].db.write(write)
    return done(way_back(given.text("next")), "followed" if followed else "requested")


def towards(act: Callable[[Tx, Actor, Actor], None], what: str) -> Handler:
    """A handler for one of the other buttons beside a name."""

    async def handle(request: web.Request) -> web.StreamResponse:
        actor = await acting(request)
        given = await params.read(request)

        def write(tx: Tx) -> None:
            act(tx, actor, actors.get(tx.conn, int(request.match_info["actor_id"])))

        await request.app[SERVICES].db.write(write)
        return done(way_back(given.text("next")), what)

    return handle


async def remote_follow(request: web.Request) -> web.StreamResponse:
    """Where "follow" buttons of other networks lead a member: to what they wanted to follow."""
    raise web.HTTPFound(_address("/people/elsewhere", q=request.query.get("uri", "").removeprefix("acct:")))
