# SPDX-License-Identifier: AGPL-3.0-or-later
"""A hashtag as a screen shows it: how it was used here of late, and whether the viewer follows it or shows it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, literal_column, select

from activitypub.addressing import Visibility
from node import timelines
from node.actors import Actor
from node.kernel import clock
from node.kernel.db import Tx
from node.kernel.errors import NotFound
from node.kernel.ids import first_id_at
from node.kernel.text import as_hashtag, fold_hashtag
from node.posts import pins
from node.posts.tables import featured_tags, mentions, post_tags, posts
from node.relationships import visible_posts

DAYS: Final = 7
_DAY: Final = timedelta(days=1)
# Numbers of posts begin with the moment, so the day is a division (`node.kernel.ids`). Written out: PostgreSQL must see
# that what is selected and what is grouped by are the same.
NUMBERS_A_DAY: Final = 86_400_000 << 16


@dataclass(frozen=True, slots=True)
class TagDay:
    """How often a hashtag was used on a day in posts for everybody that are known here, and by how many accounts."""

    day: datetime
    uses: int = 0
    accounts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A hashtag: `name` folded, `display` as it is written, `history` with today first."""

    name: str
    display: str
    history: tuple[TagDay, ...]
    following: bool = False
    featuring: bool = False


def named(conn: Connection, written: str, viewer: int | None) -> Tag:
    """The hashtag that is written so, whether or not anybody has used it. Raises NotFound for what is no hashtag."""
    found = several(conn, [written], viewer)
    if not found:
        raise NotFound
    return found[0]


def several(conn: Connection, written: Sequence[str], viewer: int | None) -> list[Tag]:
    """Those of the texts that are hashtags, in the order given. A fixed number of statements."""
    displays = [display for text in written if (display := as_hashtag(text)) is not None]
    names = {fold_hashtag(display)[:255] for display in displays}
    if not names:
        return []
    used = histories(conn, names, clock.now())
    followed = timelines.followed_among(conn, viewer, names) if viewer is not None else set()
    shown = _featured_among(conn, viewer, names) if viewer is not None else set()
    return [
        Tag(name=name, display=display, history=used[name], following=name in followed, featuring=name in shown)
        for display in displays
        for name in (fold_hashtag(display)[:255],)
    ]


def _featured_among(conn: Connection, owner_id: int, names: Collection[str]) -> set[str]:
    statement = select(featured_tags.c.name).where(
        featured_tags.c.actor_id == owner_id, featured_tags.c.name.in_(set(names))
    )
    return set(conn.execute(statement).scalars())


def last_days(now: datetime) -> list[datetime]:
    """The beginnings of the days (UTC) that a history tells of, today first."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return [today - number * _DAY for number in range(DAYS)]


def histories(conn: Connection, names: Collection[str], now: datetime) -> dict[str, tuple[TagDay, ...]]:
    """How each of the folded hashtags was used in the last seven days (UTC), today first. One statement."""
    days = last_days(now)
    number_of_day = (posts.c.id // literal_column(str(NUMBERS_A_DAY))).label("number_of_day")
    rows = conn.execute(
        select(
            post_tags.c.name,
            number_of_day,
            func.count().label("uses"),
            func.count(posts.c.author_id.distinct()).label("accounts"),
        )
        .join(posts, posts.c.id == post_tags.c.post_id)
        .where(
            post_tags.c.name.in_(set(names)),
            post_tags.c.post_id >= first_id_at(days[-1]),
            posts.c.visibility == Visibility.PUBLIC,
            visible_posts(posts, mentions, None),
        )
        .group_by(post_tags.c.name, number_of_day)
    ).all()
    used = {(row.name, row.number_of_day): row for row in rows}

    def of(name: str, day: datetime) -> TagDay:
        row = used.get((name, first_id_at(day) // NUMBERS_A_DAY))
        return TagDay(day) if row is None else TagDay(day, row.uses, row.accounts)

    return {name: tuple(of(name, day) for day in days) for name in names}


def feature(tx: Tx, actor: Actor, written: str) -> None:
    """Show a hashtag on one's profile; twice changes nothing. Raises NotFound for what is no hashtag, and Invalid."""
    if as_hashtag(written) is None:
        raise NotFound
    pins.feature_tag(tx, actor, written)


def unfeature(tx: Tx, actor: Actor, written: str) -> None:
    """Show a hashtag no more; if it is not shown, that is fine. Raises NotFound for what is no hashtag."""
    display = as_hashtag(written)
    if display is None:
        raise NotFound
    name = fold_hashtag(display)[:255]
    for shown in pins.tags_of(tx.conn, actor.id):
        if shown.name == name:
            pins.unfeature_tag(tx, actor, shown.id)
