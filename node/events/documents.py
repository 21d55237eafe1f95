# SPDX-License-Identifier: AGPL-3.0-or-later
"""The Event document that other servers read, in the one form that Mobilizon, Gancio and their kin all understand."""

from sqlalchemy import Connection

from activitypub.build import EventDraft, HashtagLink, build_event
from activitypub.events import Place
from activitypub.parse import JsonObject
from node import emojis
from node.actors import Actor
from node.events import cards, queries
from node.events.queries import Event
from node.kernel import html
from node.kernel.site import Site
from node.posts import Post
from node.posts.documents import audience, circle_of


def event(conn: Connection, site: Site, post: Post, author: Actor, *, locale: str) -> JsonObject:
    """A local event as an Event. Counts only: who goes is nobody's business but the organiser's."""
    found = queries.find(conn, post.id)
    assert found is not None
    to, cc = audience(site, post, author, ())
    return build_event(
        EventDraft(
            id=post.uri,
            url=post.url,
            name=cards.title(found, locale),
            content=cards.head(found, locale) + str(html.render_plain(post.source, tag_url=site.tag_url)),
            summary=cards.summary(found, locale),
            attributed_to=author.uri,
            to=to,
            cc=cc,
            start=found.starts_at,
            end=found.ends_at,
            zone=found.timezone,
            published=post.created_at,
            updated=post.edited_at,
            language=post.language,
            place=_place(found),
            online_url=found.online_url,
            capacity=found.capacity,
            participants=found.going_count,
            join_mode=found.join_mode,
            external_url=found.external_url,
            status=found.status,
            hashtags=tuple(HashtagLink(tag, site.tag_url(tag)) for tag in post.tags),
            emojis=emojis.own(post.emojis),
            replies=f"{post.uri}/replies",
            circle=circle_of(site, post),
        )
    )


def _place(found: Event) -> Place | None:
    if not found.where:
        return None
    return Place(
        name=found.place_name or None,
        street=found.street or None,
        postcode=found.postcode or None,
        city=found.city or None,
        country=found.country or None,
        latitude=found.latitude,
        longitude=found.longitude,
    )
