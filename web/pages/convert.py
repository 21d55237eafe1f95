# SPDX-License-Identifier: AGPL-3.0-or-later
"""From the domain's things to what pages show of them. Functions that read take a connection and a fixed number of
statements for a whole list."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from activitypub.actor import ActorType
from activitypub.events import EventStatus, JoinMode
from node import actors, events, posts, relationships
from node.actors import Actor, ActorId
from node.emojis import Shown
from node.events import Event, State
from node.kernel import clock, html
from node.kernel.html import Html
from node.kernel.i18n import marked
from node.kernel.site import Site
from node.media import Media
from node.posts import Flags, Poll, QuoteState
from node.posts import Kind as PostKind
from node.posts import PostView as DomainPost
from node.relationships import Relationship
from node.relationships.filters import Context
from web.media import emoji_urls, picture_url, proxy_url
from web.pages import sifting
from web.pages.views import (
    Answer,
    EventView,
    Kind,
    LinkView,
    MediaView,
    PersonView,
    PollOptionView,
    PollView,
    PostView,
    Relation,
)

_KINDS = {
    ActorType.PERSON: Kind.PERSON,
    ActorType.ORGANIZATION: Kind.ASSOCIATION,
    ActorType.GROUP: Kind.GROUP,
    ActorType.SERVICE: Kind.ROBOT,
    ActorType.APPLICATION: Kind.ROBOT,
}
_QUOTE_HIDDEN = marked("It quotes a post that you cannot see.")
_QUOTE_NOTES = {
    QuoteState.PENDING: marked("It quotes a post whose author has not agreed to it."),
    QuoteState.REJECTED: marked("It quotes a post whose author has not agreed to it."),
    QuoteState.REVOKED: marked("It quotes a post whose author no longer agrees to it."),
    QuoteState.DELETED: marked("It quotes a post that has been deleted."),
}
_PLAYED = frozenset({"video", "gifv", "audio"})
_ANSWERS = {
    State.PENDING: Answer.PENDING,
    State.GOING: Answer.GOING,
    State.REJECTED: Answer.REJECTED,
    State.CANCELLED: Answer.NONE,
}


def person(site: Site, actor: Actor, relation: Relation = Relation.NONE, *, follows_you: bool = False) -> PersonView:
    """Somebody, as they stand in lists and beside posts."""
    kind = _KINDS[actor.type]
    return PersonView(
        id=actor.id,
        acct=actor.acct,
        name=actor.name,
        avatar=picture_url(site, actor.avatar) or "",
        class_year=actor.class_year,
        school=actor.school or "",
        kind=Kind.ROBOT if actor.bot and kind is Kind.PERSON else kind,
        relation=relation,
        follows_you=follows_you,
        asks_first=actor.locked,
        url=actor.url,
        emojis=emoji_urls(site, actor.emojis),
    )


def relation_of(actor: Actor, viewer: ActorId | None, found: Relationship | None) -> Relation:
    """How a viewer stands to somebody."""
    if viewer is not None and actor.id == viewer:
        return Relation.SELF
    if found is None:
        return Relation.NONE
    if found.blocking:
        return Relation.BLOCKED
    if found.following:
        return Relation.FOLLOWING
    return Relation.REQUESTED if found.requested else Relation.NONE


def people(conn: Connection, site: Site, found: Sequence[Actor], viewer: ActorId | None) -> tuple[PersonView, ...]:
    """Some people with how the viewer stands to each."""
    between = relationships.between(conn, viewer, [actor.id for actor in found]) if viewer is not None else {}
    return tuple(
        person(
            site,
            actor,
            relation_of(actor, viewer, between.get(actor.id)),
            follows_you=actor.id in between and between[actor.id].followed_by,
        )
        for actor in found
    )


def reactions(
    conn: Connection, site: Site, post_ids: Collection[int], by: Collection[int]
) -> dict[int, dict[int, Html]]:
    """Of each post with which emoji some people elsewhere favourited it: one of Unicode, or a picture by its word."""

    def drawn(shown: Shown) -> Html:
        if not shown["url"]:
            return html.escape(shown["shortcode"])
        return html.with_emojis(html.escape(f":{shown['shortcode']}:"), emoji_urls(site, [shown]))

    found = posts.reactions(conn, post_ids, by)
    return {number: {person: drawn(shown) for person, shown in those.items()} for number, those in found.items()}


def media(site: Site, item: Media) -> MediaView:
    """A picture or another file of a post."""
    url = site.media_url(item.file) if item.file else proxy_url(site, item.remote_url or "")
    return MediaView(
        id=item.id,
        mime=item.mime if item.file and item.type in _PLAYED else "",
        kind=item.type,
        url=url if item.file or item.type == "image" else item.remote_url or "",
        preview=site.media_url(item.preview) if item.preview else (url if item.type == "image" else ""),
        description=item.description,
        width=item.preview_width or item.width,
        height=item.preview_height or item.height,
    )


def link(site: Site, found: DomainPost) -> LinkView | None:
    """The page that a post links to. Not beside pictures or another post: there is enough to look at."""
    card = found.post.card
    if not card or found.post.kind is PostKind.EVENT or found.media or found.post.quote_state is not None:
        return None
    return link_card(site, card, found.card_author)


def link_card(site: Site, card: Mapping[str, object], author: Actor | None) -> LinkView:
    """A page that somebody links to, as it presents itself."""

    def text(name: str) -> str:
        return str(card.get(name) or "")

    file, width, height = card.get("file"), card.get("width"), card.get("height")
    return LinkView(
        url=text("url"),
        title=text("title"),
        description=text("description"),
        provider=text("provider_name") or urlsplit(text("url")).netloc.removeprefix("www."),
        image=MediaView(
            kind="image",
            url=site.media_url(file),
            description=text("image_description"),
            width=width if isinstance(width, int) else None,
            height=height if isinstance(height, int) else None,
        )
        if isinstance(file, str)
        else None,
        author_name=text("author_name"),
        author=person(site, author) if author is not None and author.is_active else None,
        language=text("language"),
    )


def post_list(
    conn: Connection,
    site: Site,
    post_ids: Sequence[int],
    viewer: ActorId | None,
    context: Context | None = None,
    *,
    always: int | None = None,
) -> tuple[PostView, ...]:
    """The posts that the viewer may see, in the order asked for, with all that a page shows of them.

    With a `context` the viewer's filters for it hold, but for the post `always`.
    """
    found = posts.views(conn, post_ids, viewer)
    shown = [one.shown for one in found]
    numbers = [one.post.id for one in shown]
    flags = posts.flags(conn, viewer, numbers) if viewer is not None else {}
    asked = [one.post.id for one in shown if one.post.kind is PostKind.QUESTION]
    wanted = [number for one in shown if (number := _quoted_id(one)) is not None]
    quoted: dict[int, DomainPost] = {one.post.id: one for one in (posts.views(conn, wanted, viewer) if wanted else ())}
    asked += [one.post.id for one in quoted.values() if one.post.kind is PostKind.QUESTION]
    polls = {number: _poll(found, viewer) for number, found in posts.polls_of(conn, asked, viewer).items()}
    tickets = {
        event.id: event
        for event in event_list(
            conn,
            site,
            list(events.of_posts(conn, numbers).values()),
            viewer,
            organisers={one.post.id: one.author for one in shown},
        )
    }
    answered = actors.by_ids(
        conn, {one.post.in_reply_to_author_id for one in shown if one.post.in_reply_to_author_id is not None}
    )

    def view(one: DomainPost) -> PostView:
        return _post(site, one, viewer, flags.get(one.shown.post.id, posts.NO_FLAGS), tickets, answered, polls)

    views = [(one.post.id, _quoting(view(one), one.shown, quoted, view)) for one in found]
    if context is None or viewer is None:
        return tuple(one for _, one in views)
    return sifting.sifted(conn, viewer, context, views, always=always)


def _quoted_id(found: DomainPost) -> int | None:
    return found.post.quote_of_id if found.post.quote_state is QuoteState.ACCEPTED else None


def _quoting(
    view: PostView, found: DomainPost, quoted: dict[int, DomainPost], convert: Callable[[DomainPost], PostView]
) -> PostView:
    """A post with what it quotes; what that quotes in turn is not shown."""
    if found.post.quote_state is None:
        return view
    inner = quoted.get(_quoted_id(found) or 0)
    if inner is not None:
        return replace(view, quote=convert(inner))
    return replace(view, quote_note=_QUOTE_NOTES.get(found.post.quote_state, _QUOTE_HIDDEN))


def _poll(found: Poll, viewer: ActorId | None) -> PollView:
    now = clock.now()
    people = found.voters if found.voters is not None else found.votes
    shown = found.totals_shown(now)
    return PollView(
        options=tuple(
            PollOptionView(
                title=option.title,
                votes=option.votes if shown else None,
                percent=min(100, round(100 * option.votes / people)) if shown and people else 0,
                chosen=position in found.own,
            )
            for position, option in enumerate(found.options)
        ),
        multiple=found.multiple,
        voted=bool(found.own) or viewer == found.author_id,
        over=found.is_over(now),
        people=people,
        ends_at=found.expires_at,
    )


def _post(
    site: Site,
    found: DomainPost,
    viewer: ActorId | None,
    flags: Flags,
    tickets: dict[int, EventView],
    answered: dict[int, Actor],
    polls: dict[int, PollView],
) -> PostView:
    shown = found.shown
    post = shown.post
    parent = answered.get(post.in_reply_to_author_id) if post.in_reply_to_author_id is not None else None
    pictures = emoji_urls(site, post.emojis)
    return PostView(
        id=post.id,
        author=person(site, shown.author),
        text=html.with_emojis(Html(post.content), pictures),
        emojis=pictures,
        created_at=post.created_at,
        visibility=post.visibility,
        circle=post.circle,
        edited_at=post.edited_at,
        warning=post.spoiler_text,
        sensitive=post.sensitive,
        language=post.language or "",
        media=tuple(media(site, item) for item in shown.media),
        event=tickets.get(post.id),
        poll=polls.get(post.id),
        link=link(site, shown),
        boosted_by=person(site, found.author) if found.boost_of is not None else None,
        reply_to=parent.name if parent is not None else "",
        replies=post.replies_count,
        boosts=post.boosts_count,
        favourites=post.favourites_count,
        quotes=post.quotes_count,
        favourited=flags.favourited,
        boosted=flags.boosted,
        bookmarked=flags.bookmarked,
        muted=flags.muted,
        pinned=flags.pinned,
        mine=viewer is not None and post.author_id == viewer,
        url=post.url,
    )


def event_list(
    conn: Connection,
    site: Site,
    found: Sequence[Event],
    viewer: ActorId | None,
    *,
    organisers: dict[int, Actor] | None = None,
) -> tuple[EventView, ...]:
    """Some events as tickets, with the viewer's answer to each."""
    if not found:
        return ()
    numbers = [event.post_id for event in found]
    of_posts: dict[int, DomainPost] = {view.post.id: view for view in posts.views(conn, numbers, viewer)}
    answers = events.mine(conn, viewer, numbers) if viewer is not None else {}
    result = []
    for event in found:
        view = of_posts.get(event.post_id)
        organiser = (organisers or {}).get(event.post_id) or (view.author if view is not None else None)
        if view is None or organiser is None:
            continue
        answer = answers.get(event.post_id)
        pictures = emoji_urls(site, view.post.emojis)
        result.append(
            EventView(
                id=event.post_id,
                title=event.title,
                organiser=person(site, organiser),
                starts_at=event.starts_at,
                ends_at=event.ends_at,
                zone=ZoneInfo(event.timezone),
                place=event.place_name,
                address=_address(event),
                online_url=event.online_url or "",
                text=html.with_emojis(_text(event, view), pictures),
                emojis=pictures,
                visibility=view.post.visibility,
                circle=view.post.circle,
                capacity=event.capacity,
                remaining=event.seats_left,
                going_count=event.going_count,
                cancelled=event.status is EventStatus.CANCELLED,
                answer=_ANSWERS[answer.state] if answer is not None else Answer.NONE,
                external_url=(event.external_url or view.post.url)
                if event.join_mode not in (JoinMode.FREE, JoinMode.RESTRICTED)
                else "",
                url=view.post.url,
                mine=viewer is not None and view.post.author_id == viewer,
            )
        )
    return tuple(result)


def _address(event: Event) -> str:
    city = " ".join(part for part in (event.postcode, event.city) if part)
    return ", ".join(part for part in (event.street, city, event.country) if part)


def _text(event: Event, view: DomainPost) -> Html:
    """What the organiser wrote, without date and place, which the ticket shows."""
    if not view.post.local:
        return Html(event.text)
    return html.render_plain(view.post.source) if view.post.source else html.EMPTY
