# SPDX-License-Identifier: AGPL-3.0-or-later
"""The documents that other servers read of posts: Notes, and the activities about them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from activitypub import activity as activity_documents
from activitypub import addressing
from activitypub import polls as poll_documents
from activitypub.attachments import Attachment, MediaKind
from activitypub.build import HashtagLink, NoteDraft, build_note
from activitypub.objects import Mention
from activitypub.parse import JsonObject
from activitypub.polls import PollDocument, PollOption
from node import actors, emojis, media
from node.actors import Actor
from node.kernel import clock, html
from node.kernel.site import Site
from node.kernel.text import fold_hashtag
from node.media import Media
from node.posts import policies, polls, queries
from node.posts.types import Kind, Poll, Post, QuoteState
from node.relationships import circles


def note(
    conn: Connection,
    site: Site,
    post: Post,
    author: Actor,
    *,
    named: Sequence[Actor] | None = None,
    has_files: bool = True,
) -> JsonObject:
    """A local post as a Note, or as a Question where it asks one. `named` spares a look to whoever knows whom it names,
    and `has_files` to whoever knows that it has none."""
    people = queries.named_openly(conn, post.id) if named is None else named
    to, cc = audience(site, post, author, people)
    cc = (*cc, *answered_followers(conn, post))
    files = media.of_posts(conn, [post.id]).get(post.id, ()) if has_files else ()
    document = build_note(
        NoteDraft(
            id=post.uri,
            url=post.url,
            attributed_to=author.uri,
            content=_quoting(conn, post) + post.content,
            to=to,
            cc=cc,
            published=post.created_at,
            updated=post.edited_at,
            language=post.language,
            summary=post.spoiler_text or None,
            sensitive=post.sensitive,
            in_reply_to=post.in_reply_to_uri,
            mentions=tuple(mention_of(person, site) for person in people),
            hashtags=tuple(HashtagLink(tag, site.tag_url(fold_hashtag(tag))) for tag in post.tags),
            emojis=emojis.own(post.emojis),
            attachments=tuple(attachment_of(item, site) for item in files if item.file),
            replies=f"{post.uri}/replies",
            context=post.context,
            likes=post.favourites_count,
            shares=post.boosts_count,
            quote=post.quote_uri,
            quote_authorization=post.quote_stamp if post.quote_state is QuoteState.ACCEPTED else None,
            quotable_by=policies.quotable_by(post, author),
            source=post.source or None,
            circle=circle_of(site, post),
        )
    )
    poll = polls.of_post(conn, post.id) if post.kind is Kind.QUESTION else None
    return document if poll is None else poll_documents.question(document, _poll(poll, clock.now()))


def _quoting(conn: Connection, post: Post) -> str:
    """The line that stands for a quote where quotes are not known; others hide it by its class."""
    quoted = queries.find(conn, post.quote_of_id) if post.quote_of_id is not None else None
    return f'<p class="quote-inline">RE: {html.link(quoted.url)}</p>' if quoted is not None else ""


def _poll(poll: Poll, now: datetime) -> PollDocument:
    """A poll as others read it: without counts as long as its author wants none shown."""
    shown = poll.totals_shown(now)
    return PollDocument(
        options=tuple(PollOption(option.title, option.votes if shown else None) for option in poll.options),
        multiple=poll.multiple,
        ends_at=poll.expires_at,
        closed_at=poll.expires_at if poll.is_over(now) else None,
        voters=poll.voters,
    )


def audience(site: Site, post: Post, author: Actor, people: Sequence[Actor]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """`to` and `cc` of a post and of every activity about it."""
    circle = circle_of(site, post)
    if circle is not None:
        return (circle,), tuple(person.uri for person in people)
    return addressing.write(post.visibility, author.followers or "", [person.uri for person in people])


def circle_of(site: Site, post: Post) -> str | None:
    """The collection of the circle that a local post is to."""
    return circles.address(site, post.circle, post.circle_year) if post.circle is not None else None


def answered_followers(conn: Connection, post: Post) -> tuple[str, ...]:
    """The followers of somebody elsewhere whom an open post answers: addressed, so that their server may pass it on to
    them (ActivityPub 7.1.2), and they see the whole conversation."""
    if post.visibility not in queries.OPEN or post.in_reply_to_author_id is None:
        return ()
    answered = actors.find(conn, post.in_reply_to_author_id)
    return (answered.followers,) if answered is not None and not answered.is_local and answered.followers else ()


def mention_of(person: Actor, site: Site) -> Mention:
    """How a person is named in a post's tags."""
    domain = person.domain or site.domain
    return Mention(person.uri, f"@{person.username}@{domain}")


def attachment_of(item: Media, site: Site) -> Attachment:
    """A local picture as an attachment."""
    focus = (item.focus_x, item.focus_y) if item.focus_x is not None and item.focus_y is not None else None
    return Attachment(
        type=MediaKind.VIDEO if item.type == "gifv" else MediaKind(item.type),
        url=site.media_url(item.file or ""),
        media_type=item.mime,
        description=item.description or None,
        blurhash=item.blurhash,
        width=item.width,
        height=item.height,
        focus=focus,
    )


def about(kind: str, site: Site, author: Actor, document: JsonObject, *, activity_id: str | None = None) -> JsonObject:
    """A Create or Update of a document of ours, addressed like the document itself."""
    to, cc = document.get("to"), document.get("cc")
    assert isinstance(to, list)
    assert isinstance(cc, list)
    built = activity_documents.build(
        kind,
        id=activity_id or site.new_activity(),
        actor=author.uri,
        object=document,
        to=[str(one) for one in to],
        cc=[str(one) for one in cc],
    )
    built["published"] = (document.get("updated") if kind == "Update" else None) or document.get("published")
    return built
