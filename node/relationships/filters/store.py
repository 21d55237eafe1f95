# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keeping filters and reading them. Every change is told on the bus as `filters.changed`, with the owner's number."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, insert, select, update

from node.actors import ActorId
from node.kernel.clock import Moment
from node.kernel.db import Tx
from node.kernel.errors import Invalid, NotFound
from node.kernel.ids import new_id
from node.relationships.filters import rules
from node.relationships.filters.tables import filter_keywords, filter_statuses, filters
from node.relationships.filters.types import (
    Action,
    Context,
    Filter,
    FilterChange,
    FilteredPost,
    Keyword,
    KeywordChange,
)

CHANGED: Final = "filters.changed"
_NEXT_END = select(func.min(filters.c.expires_at)).where(filters.c.expires_at > bindparam("after", type_=Moment))


def own(conn: Connection, owner_id: int) -> list[Filter]:
    """Somebody's filters, oldest first, in three statements (one where there are none)."""
    return _read(conn, filters.c.owner_id == owner_id)


def next_end(conn: Connection, after: datetime) -> datetime | None:
    """When the next filter is over, whoever's it is; None while there is none with an end."""
    found: datetime | None = conn.execute(_NEXT_END, {"after": after}).scalar_one()
    return found


def get(conn: Connection, owner_id: int, filter_id: int) -> Filter:
    """One of somebody's filters. Raises NotFound."""
    found = _read(conn, filters.c.owner_id == owner_id, filters.c.id == filter_id)
    if not found:
        raise NotFound
    return found[0]


def with_keyword(conn: Connection, owner_id: int, keyword_id: int) -> tuple[Filter, Keyword]:
    """One of somebody's keywords, and the filter that it is in. Raises NotFound."""
    held = conn.execute(select(filter_keywords.c.filter_id).where(filter_keywords.c.id == keyword_id)).scalar()
    found = get(conn, owner_id, held if held is not None else -1)
    return found, next(word for word in found.keywords if word.id == keyword_id)


def with_post(conn: Connection, owner_id: int, number: int) -> tuple[Filter, FilteredPost]:
    """A post that one of somebody's filters names, by the number of that row, and the filter. Raises NotFound."""
    held = conn.execute(select(filter_statuses.c.filter_id).where(filter_statuses.c.id == number)).scalar()
    found = get(conn, owner_id, held if held is not None else -1)
    return found, next(one for one in found.posts if one.id == number)


def _read(conn: Connection, *clauses: ColumnElement[bool]) -> list[Filter]:
    rows = conn.execute(select(filters).where(*clauses).order_by(filters.c.id)).all()
    if not rows:
        return []
    numbers = [row.id for row in rows]
    words: defaultdict[int, list[Keyword]] = defaultdict(list)
    for row in conn.execute(
        select(filter_keywords).where(filter_keywords.c.filter_id.in_(numbers)).order_by(filter_keywords.c.id)
    ):
        words[row.filter_id].append(Keyword(row.id, row.filter_id, row.keyword, row.whole_word))
    posts: defaultdict[int, list[FilteredPost]] = defaultdict(list)
    for row in conn.execute(
        select(filter_statuses).where(filter_statuses.c.filter_id.in_(numbers)).order_by(filter_statuses.c.id)
    ):
        posts[row.filter_id].append(FilteredPost(row.id, row.filter_id, row.post_id))
    return [
        Filter(
            id=row.id,
            owner_id=ActorId(row.owner_id),
            title=row.title,
            contexts=tuple(Context(name) for name in row.context),
            action=Action(row.action),
            irreversible=row.irreversible,
            expires_at=row.expires_at,
            keywords=tuple(words[row.id]),
            posts=tuple(posts[row.id]),
        )
        for row in rows
    ]


def create(tx: Tx, owner_id: ActorId, given: FilterChange) -> Filter:
    """Make a filter. Raises Invalid."""
    held = tx.conn.execute(select(func.count()).select_from(filters).where(filters.c.owner_id == owner_id)).scalar_one()
    rules.check_counts(filters=held + 1)
    number = new_id(tx.now)
    tx.conn.execute(
        insert(filters),
        {
            "id": number,
            "owner_id": owner_id,
            "title": rules.check_title(given.title or ""),
            "context": list(rules.check_contexts(given.contexts or ())),
            "action": rules.check_action(given.action or Action.WARN),
            "irreversible": bool(given.irreversible),
            "expires_at": given.expires_at,
            "created_at": tx.now,
        },
    )
    _change_keywords(tx, get(tx.conn, owner_id, number), given.keywords)
    _changed(tx, owner_id)
    return get(tx.conn, owner_id, number)


def change(tx: Tx, owner_id: ActorId, filter_id: int, given: FilterChange) -> Filter:
    """Change what is given of a filter. Raises NotFound and Invalid."""
    before = get(tx.conn, owner_id, filter_id)
    values: dict[str, object] = {}
    if given.title is not None:
        values["title"] = rules.check_title(given.title)
    if given.contexts is not None:
        values["context"] = list(rules.check_contexts(given.contexts))
    if given.action is not None:
        values["action"] = rules.check_action(given.action)
    if given.irreversible is not None:
        values["irreversible"] = given.irreversible
    if given.ends:
        values["expires_at"] = given.expires_at
    if values:
        tx.conn.execute(update(filters).where(filters.c.id == before.id).values(**values))
    _change_keywords(tx, before, given.keywords)
    _changed(tx, owner_id)
    return get(tx.conn, owner_id, filter_id)


def remove(tx: Tx, owner_id: ActorId, filter_id: int) -> None:
    """Delete a filter. Raises NotFound."""
    found = get(tx.conn, owner_id, filter_id)
    tx.conn.execute(delete(filters).where(filters.c.id == found.id))
    _changed(tx, owner_id)


def add_keyword(tx: Tx, owner_id: ActorId, filter_id: int, keyword: str, *, whole_word: bool) -> Keyword:
    """Let a filter look for more. Raises NotFound and Invalid."""
    before = get(tx.conn, owner_id, filter_id)
    _change_keywords(tx, before, (KeywordChange(keyword=keyword, whole_word=whole_word),))
    _changed(tx, owner_id)
    return get(tx.conn, owner_id, filter_id).keywords[-1]


def change_keyword(tx: Tx, owner_id: ActorId, given: KeywordChange) -> Keyword:
    """Change what is given of a keyword. Raises NotFound and Invalid."""
    assert given.id is not None
    before, _ = with_keyword(tx.conn, owner_id, given.id)
    _change_keywords(tx, before, (given,))
    _changed(tx, owner_id)
    return with_keyword(tx.conn, owner_id, given.id)[1]


def remove_keyword(tx: Tx, owner_id: ActorId, keyword_id: int) -> Filter:
    """Take a keyword away; the filter as it was before. Raises NotFound."""
    before, word = with_keyword(tx.conn, owner_id, keyword_id)
    tx.conn.execute(delete(filter_keywords).where(filter_keywords.c.id == word.id))
    _changed(tx, owner_id)
    return before


def add_post(tx: Tx, owner_id: ActorId, filter_id: int, post_id: int) -> FilteredPost:
    """Let a filter name a post, which the caller has seen to be there. Raises NotFound and Invalid."""
    before = get(tx.conn, owner_id, filter_id)
    if any(one.post_id == post_id for one in before.posts):
        raise Invalid("Validation failed: Status has already been taken", field="status_id")
    rules.check_counts(posts=_held(tx, owner_id, filter_statuses.c.filter_id) + 1)
    tx.conn.execute(insert(filter_statuses), {"id": new_id(tx.now), "filter_id": before.id, "post_id": post_id})
    _changed(tx, owner_id)
    return next(one for one in get(tx.conn, owner_id, filter_id).posts if one.post_id == post_id)


def remove_post(tx: Tx, owner_id: ActorId, number: int) -> FilteredPost:
    """Let a filter name a post no more; what it was. Raises NotFound."""
    _, found = with_post(tx.conn, owner_id, number)
    tx.conn.execute(delete(filter_statuses).where(filter_statuses.c.id == found.id))
    _changed(tx, owner_id)
    return found


def forget_posts(tx: Tx, post_ids: Collection[int]) -> None:
    """Posts go away: no filter names them any more."""
    tx.conn.execute(delete(filter_statuses).where(filter_statuses.c.post_id.in_(set(post_ids))))


def forget_owner(tx: Tx, owner_id: ActorId) -> None:
    """Delete all filters of somebody who is gone."""
    tx.conn.execute(delete(filters).where(filters.c.owner_id == owner_id))
    _changed(tx, owner_id)


def _change_keywords(tx: Tx, before: Filter, changes: Collection[KeywordChange]) -> None:
    """Raises NotFound for a keyword of another filter, and Invalid."""
    if not changes:
        return
    known = {word.id for word in before.keywords}
    added = 0
    for one in changes:
        if one.id is None:
            if one.removed:
                continue
            added += 1
            tx.conn.execute(
                insert(filter_keywords),
                {
                    "id": new_id(tx.now),
                    "filter_id": before.id,
                    "keyword": rules.check_keyword(one.keyword or ""),
                    "whole_word": one.whole_word if one.whole_word is not None else True,
                },
            )
            continue
        if one.id not in known:
            raise NotFound
        if one.removed:
            tx.conn.execute(delete(filter_keywords).where(filter_keywords.c.id == one.id))
            continue
        values: dict[str, object] = {}
        if one.keyword is not None:
            values["keyword"] = rules.check_keyword(one.keyword)
        if one.whole_word is not None:
            values["whole_word"] = one.whole_word
        if values:
            tx.conn.execute(update(filter_keywords).where(filter_keywords.c.id == one.id).values(**values))
    if added:
        rules.check_counts(keywords=_held(tx, before.owner_id, filter_keywords.c.filter_id))


def _held(tx: Tx, owner_id: int, of_filter: ColumnElement[int]) -> int:
    """How many parts all filters of somebody have together."""
    statement = select(func.count()).select_from(filters).join(of_filter.table, of_filter == filters.c.id)
    return int(tx.conn.execute(statement.where(filters.c.owner_id == owner_id)).scalar_one())


def _changed(tx: Tx, owner_id: ActorId) -> None:
    bus = tx.bus
    tx.after_commit(lambda: bus.publish(CHANGED, owner_id))
