# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reading what trends, without what the staff has hidden, and through a viewer's eyes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, exists, func, literal_column, select

from activitypub.addressing import Visibility
from node import actors, posts
from node.actors import Actor
from node.kernel import clock
from node.kernel.ids import first_id_at
from node.posts.tables import mentions
from node.posts.tables import posts as posts_table
from node.posts.tags import NUMBERS_A_DAY, Tag, TagDay, last_days
from node.previews import queries as preview_queries
from node.previews.rules import State
from node.previews.tables import post_previews, previews
from node.previews.types import Preview
from node.relationships import visible_posts
from node.relationships.hiding import is_unwanted, is_withheld
from node.trends.computing import MAY_TREND
from node.trends.rules import Kind
from node.trends.tables import hidden_trends, trends
from node.trends.types import Trend


@dataclass(frozen=True, slots=True)
class Link:
    """A page that trends: who wrote it, if they agree to be named, and on how many days it was linked to."""

    page: Preview
    author: Actor | None
    history: tuple[TagDay, ...]


def trending(conn: Connection, kind: Kind) -> list[Trend]:
    """What trends, most first, without what is hidden; at most a hundred."""
    is_hidden = exists().where(hidden_trends.c.kind == trends.c.kind, hidden_trends.c.ref == trends.c.ref)
    rows = conn.execute(
        select(trends).where(trends.c.kind == kind, ~is_hidden).order_by(trends.c.score.desc(), trends.c.ref)
    )
    return [Trend(**{**row._mapping, "kind": Kind(row.kind)}) for row in rows]


def hidden(conn: Connection) -> list[tuple[Kind, str, str]]:
    """(kind, ref, what a person calls it) of what the staff has hidden, latest first."""
    rows = conn.execute(
        select(hidden_trends).order_by(hidden_trends.c.created_at.desc(), hidden_trends.c.kind, hidden_trends.c.ref)
    )
    return [(Kind(row.kind), row.ref, row.display) for row in rows]


def tags(conn: Connection, viewer: int | None, *, limit: int, offset: int = 0) -> list[Tag]:
    """The hashtags that trend, with their last seven days."""
    chosen = trending(conn, Kind.TAG)[offset : offset + limit]
    return posts.tags.several(conn, [one.display for one in chosen], viewer)


def statuses(conn: Connection, viewer: int | None, *, limit: int, offset: int = 0) -> list[int]:
    """The numbers of the posts that trend, of those that may be shown to the viewer now."""
    numbers = [int(one.ref) for one in trending(conn, Kind.STATUS)]
    statement = select(posts_table.c.id).where(
        posts_table.c.id.in_(numbers),
        MAY_TREND,
        visible_posts(posts_table, mentions, viewer),
        ~is_withheld(posts_table.c.author_id, viewer),
    )
    if viewer is not None:
        statement = statement.where(~is_unwanted(posts_table.c.author_id, viewer, clock.now()))
    seen = set(conn.execute(statement).scalars())
    return [number for number in numbers if number in seen][offset : offset + limit]


def links(conn: Connection, *, limit: int, offset: int = 0) -> list[Link]:
    """The pages that trend, with their last seven days. A fixed number of statements."""
    keys = [one.ref for one in trending(conn, Kind.LINK)]
    rows = conn.execute(
        select(previews.c.id, previews.c.key).where(previews.c.key.in_(keys), previews.c.state == State.READY)
    )
    numbers = {row.key: row.id for row in rows}
    chosen = [numbers[key] for key in keys if key in numbers][offset : offset + limit]
    pages = preview_queries.several(conn, chosen)
    authors = actors.by_ids(conn, {page.author_id for page in pages.values() if page.author_id is not None})
    days = histories(conn, chosen, clock.now())
    return [
        Link(page, authors.get(page.author_id) if page.author_id is not None else None, days[page.id])
        for page in (pages[number] for number in chosen if number in pages)
    ]


def histories(conn: Connection, preview_ids: Collection[int], now: datetime) -> dict[int, tuple[TagDay, ...]]:
    """How often each of the pages was linked to in posts for everybody on the last seven days (UTC), today first."""
    days = last_days(now)
    day = (posts_table.c.id // literal_column(str(NUMBERS_A_DAY))).label("number_of_day")
    rows = conn.execute(
        select(
            post_previews.c.preview_id,
            day,
            func.count().label("uses"),
            func.count(posts_table.c.author_id.distinct()).label("accounts"),
        )
        .join(posts_table, posts_table.c.id == post_previews.c.post_id)
        .where(
            post_previews.c.preview_id.in_(set(preview_ids)),
            post_previews.c.post_id >= first_id_at(days[-1]),
            posts_table.c.visibility == Visibility.PUBLIC,
            visible_posts(posts_table, mentions, None),
        )
        .group_by(post_previews.c.preview_id, day)
    )
    used = {(row.preview_id, row.number_of_day): row for row in rows}

    def of(number: int, day: datetime) -> TagDay:
        row = used.get((number, first_id_at(day) // NUMBERS_A_DAY))
        return TagDay(day) if row is None else TagDay(day, row.uses, row.accounts)

    return {number: tuple(of(number, day) for day in days) for number in preview_ids}
