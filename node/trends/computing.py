# SPDX-License-Identifier: AGPL-3.0-or-later
"""Finding what trends among what this node holds. Read by a task in a thread of its own, two statements a kind.

Counted are posts for everybody by people who want to be found (`discoverable`, or `indexable` for what is no single
person's), and what is done with such posts. What is sensitive, behind a warning or an answer is no trending post, and
nobody has two. Source: Mastodon, "Trends", which asks for the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import CTE, Connection, Select, and_, distinct, func, or_, select, union_all

from activitypub.addressing import Visibility
from node.actors.tables import actors
from node.kernel.db import long_read
from node.kernel.ids import first_id_at, moment_of
from node.kernel.text import fold_hashtag
from node.posts.tables import favourites, post_tags, posts
from node.previews.rules import State
from node.previews.tables import post_previews, previews
from node.trends import rules
from node.trends.rules import Kind
from node.trends.types import Trend

_CANDIDATES: Final = 2 * rules.MOST
_boost = posts.alias("boost")
_IS_ACTIVE: Final = and_(actors.c.suspended_at.is_(None), actors.c.limited_at.is_(None), actors.c.deleted_at.is_(None))
_WANTS_TO_BE_FOUND: Final = and_(_IS_ACTIVE, or_(actors.c.discoverable.is_(True), actors.c.indexable.is_(True)))
_FOR_ALL: Final = and_(
    # Not the bare columns: SQLite would take an index for them, and read all there is instead of the last days.
    func.coalesce(posts.c.visibility, "") == Visibility.PUBLIC,
    func.coalesce(posts.c.boost_of_id, 0) == 0,
)
MAY_TREND: Final = and_(
    _FOR_ALL,
    posts.c.sensitive.is_(False),
    posts.c.spoiler_text == "",
    posts.c.in_reply_to_uri.is_(None),
)
"""Of a post that it may stand among those that trend."""


@long_read
def computed(conn: Connection, now: datetime) -> dict[Kind, list[Trend]]:
    """What trends at the moment, most first, at most `rules.MOST` of each kind."""
    since = first_id_at(now - rules.WINDOW)
    return {
        Kind.TAG: _tags(conn, since, now),
        Kind.LINK: _links(conn, since, now),
        Kind.STATUS: _statuses(conn, since, now),
    }


def _recent(since: int) -> CTE:
    """The posts for everybody since then, read first and by their numbers, whatever the planner knows of the tables."""
    recent = select(posts.c.id, posts.c.author_id).where(posts.c.id >= since, _FOR_ALL).cte("recent")
    return recent.prefix_with("MATERIALIZED")


def _tags(conn: Connection, since: int, now: datetime) -> list[Trend]:
    recent = _recent(since)
    uses = (
        select(post_tags.c.name.label("thing"), recent.c.author_id.label("account"), post_tags.c.post_id.label("at"))
        .join(recent, recent.c.id == post_tags.c.post_id)
        .join(actors, actors.c.id == recent.c.author_id)
        .where(post_tags.c.post_id >= since, _WANTS_TO_BE_FOUND)
    )
    found = _ranked(conn, Kind.TAG, uses, now)
    written = select(posts.c.id, posts.c.tags).where(posts.c.id.in_([last for _, _, _, last in found]))
    tags = {row.id: row.tags for row in conn.execute(written)}

    def shown(name: str, post_id: int) -> str:
        return next((tag for tag in tags.get(post_id, ()) if fold_hashtag(tag)[:255] == name), name)[:255]

    return [
        Trend(kind=Kind.TAG, ref=name, display=shown(name, last), score=score, accounts=accounts)
        for name, score, accounts, last in found
    ]


def _links(conn: Connection, since: int, now: datetime) -> list[Trend]:
    recent = _recent(since)
    uses = (
        select(
            post_previews.c.preview_id.label("thing"),
            recent.c.author_id.label("account"),
            post_previews.c.post_id.label("at"),
        )
        .join(recent, recent.c.id == post_previews.c.post_id)
        .join(actors, actors.c.id == recent.c.author_id)
        .join(previews, previews.c.id == post_previews.c.preview_id)
        .where(post_previews.c.post_id >= since, previews.c.state == State.READY, _WANTS_TO_BE_FOUND)
    )
    found = _ranked(conn, Kind.LINK, uses, now)
    pages = select(previews.c.id, previews.c.key, previews.c.url).where(previews.c.id.in_([one[0] for one in found]))
    known = {row.id: row for row in conn.execute(pages)}
    return [
        Trend(kind=Kind.LINK, ref=known[number].key, display=known[number].url, score=score, accounts=accounts)
        for number, score, accounts, _ in found
        if number in known
    ]


def _statuses(conn: Connection, since: int, now: datetime) -> list[Trend]:
    liked = select(favourites.c.post_id, favourites.c.actor_id, favourites.c.id).where(favourites.c.id >= since)
    boosted = select(_boost.c.boost_of_id, _boost.c.author_id, _boost.c.id).where(
        _boost.c.id >= since,
        _boost.c.boost_of_id.is_not(None),
        func.coalesce(_boost.c.visibility, "") == Visibility.PUBLIC,
    )
    done = union_all(liked, boosted).subquery("done")
    uses = (
        select(done.c.post_id.label("thing"), done.c.actor_id.label("account"), done.c.id.label("at"))
        .join(posts, posts.c.id == done.c.post_id)
        .join(actors, actors.c.id == posts.c.author_id)
        .where(
            posts.c.id >= since,
            done.c.actor_id != posts.c.author_id,
            MAY_TREND,
            _IS_ACTIVE,
            actors.c.discoverable.is_(True),
        )
    )
    found = _ranked(conn, Kind.STATUS, uses, now)
    about = select(posts.c.id, posts.c.author_id, posts.c.url).where(posts.c.id.in_([one[0] for one in found]))
    known = {row.id: row for row in conn.execute(about)}
    trending: list[Trend] = []
    authors: set[int] = set()
    for number, score, accounts, _ in found:
        if number in known and known[number].author_id not in authors:
            authors.add(known[number].author_id)
            shown = known[number].url
            trending.append(Trend(kind=Kind.STATUS, ref=str(number), display=shown, score=score, accounts=accounts))
    return trending


def _ranked(conn: Connection, kind: Kind, uses: Select[Any], now: datetime) -> Sequence[tuple[Any, float, int, int]]:
    """(thing, score, accounts, last use) of what at least so many accounts had to do with, most first."""
    used = uses.subquery("used")
    many = (
        select(used.c.thing)
        .group_by(used.c.thing)
        .having(func.count(distinct(used.c.account)) >= rules.MIN_ACCOUNTS)
        .order_by(func.count(distinct(used.c.account)).desc(), used.c.thing)
        .limit(_CANDIDATES)
    )
    things = conn.execute(many).scalars().all()
    if not things:
        return []
    last = (
        select(used.c.thing, used.c.account, func.max(used.c.at).label("at"))
        # As above: the index of names would be asked for each name and each post.
        .where(func.coalesce(used.c.thing, used.c.thing).in_(things))
        .group_by(used.c.thing, used.c.account)
    )
    moments: defaultdict[Any, list[int]] = defaultdict(list)
    for row in conn.execute(last):
        moments[row.thing].append(row.at)
    found = [(thing, _score(kind, numbers, now), len(numbers), max(numbers)) for thing, numbers in moments.items()]
    return sorted(found, key=lambda one: (-one[1], str(one[0])))[: rules.MOST]


def _score(kind: Kind, numbers: Iterable[int], now: datetime) -> float:
    return rules.score(kind, map(moment_of, numbers), now)
