# SPDX-License-Identifier: AGPL-3.0-or-later
"""Posts that are written now and published later.

What was written is kept as it is, its uploads held for it, until the task `posts.publish_scheduled` publishes it and takes
the row away in one unit of work: a crash before repeats it, one after finds nothing left to do. What cannot be published
when its time has come (the post that it answers is gone) stays with the reason, for its author to see; nothing is lost.

Source: methods/scheduled_statuses; the limits and the sentences are Mastodon's.
"""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from activitypub.addressing import Visibility
from node import access, actors, media
from node.actors import Actor, ActorId
from node.federation.resolve import Resolver
from node.kernel import paging, queue
from node.kernel.db import Database, Tx
from node.kernel.errors import Invalid, NotFound, Refused
from node.kernel.ids import new_id
from node.kernel.paging import Page
from node.kernel.queue import Task
from node.posts.actions import considered, publish
from node.posts.tables import scheduled_posts
from node.posts.types import Draft, PollDraft, QuotePolicy
from node.relationships import Circle

PUBLISH: Final = "posts.publish_scheduled"
MIN_AHEAD: Final = timedelta(minutes=5)
MAX_IN_ALL: Final = 300
MAX_A_DAY: Final = 25
_MENTIONS_SECONDS: Final = 20.0


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A post that waits. `failure` says why it could not be published at its time, for its author."""

    id: int
    author_id: ActorId
    scheduled_at: datetime
    draft: Draft
    idempotency_key: str | None
    failure: str | None
    created_at: datetime


# -- reading ----------------------------------------------------------------------------------------------------------


def page(conn: Connection, author_id: int, asked: Page) -> list[Scheduled]:
    """A page of what somebody has set for later, written last first."""
    statement = select(scheduled_posts).where(scheduled_posts.c.author_id == author_id)
    return [_from_row(row) for row in paging.read(conn, statement, scheduled_posts.c.id, asked)]


def get(conn: Connection, author_id: int, number: int) -> Scheduled:
    """One of one's own. Raises NotFound."""
    row = conn.execute(
        select(scheduled_posts).where(scheduled_posts.c.id == number, scheduled_posts.c.author_id == author_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return _from_row(row)


def find(conn: Connection, author_id: int, number: int) -> Scheduled | None:
    """One of one's own, or None: it may have been published since."""
    with contextlib.suppress(NotFound):
        return get(conn, author_id, number)
    return None


def _from_row(row: Row[*tuple[Any, ...]]) -> Scheduled:
    return Scheduled(
        id=row.id,
        author_id=ActorId(row.author_id),
        scheduled_at=row.scheduled_at,
        draft=_restored(row.draft),
        idempotency_key=row.idempotency_key,
        failure=row.failure,
        created_at=row.created_at,
    )


# -- writing ----------------------------------------------------------------------------------------------------------


def schedule(tx: Tx, author: Actor, draft: Draft, at: datetime, *, key: str | None = None) -> int:
    """Have a post published at a time from five minutes ahead on; its number, which is not that of the post to be.

    All that would be refused now is refused now. Raises Invalid, NotFound, NotAllowed.
    """
    _check_time(tx, at)
    considered(tx.conn, author, draft)
    _check_room(tx, author, at)
    number = new_id(tx.now)
    tx.conn.execute(
        insert(scheduled_posts),
        {
            "id": number,
            "author_id": author.id,
            "scheduled_at": at,
            "draft": _stored(draft),
            "idempotency_key": key[:255] if key else None,
            "created_at": tx.now,
        },
    )
    # As if they were in a post of this number: so they are not swept, and in no other post.
    media.attach(tx, author.id, draft.media_ids, number)
    _publish_at(tx, number, at)
    return number


def reschedule(tx: Tx, author: Actor, number: int, at: datetime) -> Scheduled:
    """Another time for one of one's own. Raises NotFound, Invalid."""
    _lock(tx, number)
    before = get(tx.conn, author.id, number)
    _check_time(tx, at)
    if at.date() != before.scheduled_at.date():
        _check_room(tx, author, at, beside=number)
    tx.conn.execute(update(scheduled_posts).where(scheduled_posts.c.id == number).values(scheduled_at=at, failure=None))
    _publish_at(tx, number, at)
    return replace(before, scheduled_at=at, failure=None)


def cancel(tx: Tx, author: Actor, number: int) -> None:
    """Do not publish one of one's own. Its uploads are swept like those that never became part of a post."""
    _lock(tx, number)
    get(tx.conn, author.id, number)
    _take_away(tx, number)


def forget_author(tx: Tx, author_id: int) -> None:
    """Take away all that somebody who is gone has set for later."""
    for number in tx.conn.execute(
        select(scheduled_posts.c.id).where(scheduled_posts.c.author_id == author_id)
    ).scalars():
        _take_away(tx, number)


def _take_away(tx: Tx, number: int) -> None:
    media.release(tx, [item.id for item in media.of_posts(tx.conn, [number]).get(number, ())])
    tx.conn.execute(delete(scheduled_posts).where(scheduled_posts.c.id == number))


def _lock(tx: Tx, number: int) -> None:
    tx.conn.execute(select(scheduled_posts.c.id).where(scheduled_posts.c.id == number).with_for_update())


def _check_time(tx: Tx, at: datetime) -> None:
    if at < tx.now + MIN_AHEAD:
        raise Invalid("Validation failed: Scheduled at The scheduled date must be in the future", field="scheduled_at")


def _check_room(tx: Tx, author: Actor, at: datetime, *, beside: int = 0) -> None:
    """How many posts somebody may have waiting, in all and for one day (of UTC)."""
    day = datetime.combine(at.astimezone(UTC).date(), time(), UTC)
    mine = (scheduled_posts.c.author_id == author.id, scheduled_posts.c.id != beside)
    count = select(func.count()).select_from(scheduled_posts).where(*mine)
    if tx.conn.execute(count).scalar_one() >= MAX_IN_ALL:
        raise Invalid(
            f"Validation failed: You have exceeded the limit of {MAX_IN_ALL} scheduled posts", field="scheduled_at"
        )
    that_day = count.where(
        scheduled_posts.c.scheduled_at >= day, scheduled_posts.c.scheduled_at < day + timedelta(days=1)
    )
    if tx.conn.execute(that_day).scalar_one() >= MAX_A_DAY:
        raise Invalid(
            f"Validation failed: You have exceeded the limit of {MAX_A_DAY} scheduled posts for today",
            field="scheduled_at",
        )


def _publish_at(tx: Tx, number: int, at: datetime) -> None:
    # One row for each time: an earlier one than before must not wait for the later.
    queue.enqueue(tx, PUBLISH, {"scheduled": number}, run_at=at, once=f"{PUBLISH}:{number}:{at:%Y%m%d%H%M%S}")


# -- publishing -------------------------------------------------------------------------------------------------------


class Publisher:
    """The task `posts.publish_scheduled`."""

    def __init__(self, db: Database, resolver: Resolver) -> None:
        self._db = db
        self._resolver = resolver

    async def run(self, task: Task) -> bool:
        """Publish what waits for this moment. What is refused now stays with the reason."""
        number = int(str(task.payload["scheduled"]))
        text = await self._db.read(_text, number)
        if text:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_MENTIONS_SECONDS):
                    await self._resolver.mentions(text)
        try:
            await self._db.write(publish_due, number, task.id)
        except Refused as refusal:
            await self._db.write(_keep_failure, number, refusal.message, task.id)
        return True


def _text(conn: Connection, number: int) -> str | None:
    draft: Mapping[str, object] | None = conn.execute(
        select(scheduled_posts.c.draft).where(scheduled_posts.c.id == number)
    ).scalar()
    return None if draft is None else str(draft.get("text") or "")


def publish_due(tx: Tx, number: int, task_id: int) -> int | None:
    """Publish what waits if its time has come, and take the row away: the number of the post.

    None where it is gone, has failed before, or waits for another time, of which there is another row. Raises what
    `publish` does.
    """
    _lock(tx, number)
    queue.complete(tx, task_id)
    row = tx.conn.execute(select(scheduled_posts).where(scheduled_posts.c.id == number)).one_or_none()
    if row is None or row.failure is not None or row.scheduled_at > tx.now:
        return None
    waiting = _from_row(row)
    author = actors.get(tx.conn, waiting.author_id)
    if not author.is_active or author.memorial:
        raise Invalid("Your login was disabled at that time.")
    _take_away(tx, number)
    post_id = publish(tx, author, waiting.draft)
    access.renumber(tx, author.id, number, post_id)
    return post_id


def _keep_failure(tx: Tx, number: int, reason: str, task_id: int) -> None:
    queue.complete(tx, task_id)
    tx.conn.execute(
        update(scheduled_posts)
        .where(scheduled_posts.c.id == number)
        .values(failure=(reason or "Record not found")[:500])
    )


# -- a draft as JSON --------------------------------------------------------------------------------------------------


def _stored(draft: Draft) -> dict[str, object]:
    poll = draft.poll
    return {
        "text": draft.text,
        "visibility": draft.visibility,
        "circle": draft.circle,
        "spoiler_text": draft.spoiler_text,
        "sensitive": draft.sensitive,
        "language": draft.language,
        "in_reply_to_id": draft.in_reply_to_id,
        "media_ids": list(draft.media_ids),
        "poll": None
        if poll is None
        else {
            "options": list(poll.options),
            "open_for": int(poll.open_for.total_seconds()),
            "multiple": poll.multiple,
            "hide_totals": poll.hide_totals,
        },
        "quoted_id": draft.quoted_id,
        "quote_policy": draft.quote_policy,
        "app_name": draft.app_name,
        "app_website": draft.app_website,
    }


def _restored(stored: Mapping[str, Any]) -> Draft:
    poll: Mapping[str, Any] | None = stored["poll"]
    numbers: Sequence[int] = stored["media_ids"]
    return Draft(
        text=stored["text"],
        visibility=Visibility(stored["visibility"]),
        circle=Circle(stored["circle"]) if stored["circle"] else None,
        spoiler_text=stored["spoiler_text"],
        sensitive=stored["sensitive"],
        language=stored["language"],
        in_reply_to_id=stored["in_reply_to_id"],
        media_ids=tuple(numbers),
        poll=None
        if poll is None
        else PollDraft(
            options=tuple(poll["options"]),
            open_for=timedelta(seconds=poll["open_for"]),
            multiple=poll["multiple"],
            hide_totals=poll["hide_totals"],
        ),
        quoted_id=stored["quoted_id"],
        quote_policy=QuotePolicy(stored["quote_policy"]) if stored["quote_policy"] else None,
        app_name=stored["app_name"],
        app_website=stored["app_website"],
    )
