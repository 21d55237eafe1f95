# SPDX-License-Identifier: AGPL-3.0-or-later
"""Letters about single things, for those who want them: what a member's notifications say that they have not looked at.

A quarter of an hour after the first one they are written in one go, a letter for each kind; so a busy hour makes four
letters of a kind at most, and what was read, deleted or blocked meanwhile is in none.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection

from activitypub.actor import ActorType
from activitypub.addressing import Visibility
from node import events, mail, members, notifications, posts, timelines
from node.actors import Actor, by_ids
from node.digests import letters, rules
from node.digests.letters import News
from node.kernel import queue
from node.kernel.db import Database, Tx, long_read
from node.kernel.errors import NotFound
from node.kernel.paging import Page
from node.kernel.queue import Task
from node.mail import About
from node.members import Member
from node.notifications import Kind, Notification, Notified
from node.posts import PostView

TELL: Final = "digests.tell"
_PAUSE: Final = timedelta(minutes=15)
_ABOUT: Final[Mapping[Kind, tuple[About, ...]]] = {
    Kind.MENTION: (About.MENTION, About.MESSAGE),
    Kind.QUOTE: (About.MENTION,),
    Kind.FOLLOW: (About.FOLLOW,),
    Kind.FOLLOW_REQUEST: (About.FOLLOW,),
    Kind.FAVOURITE: (About.FAVOURITE,),
    Kind.BOOST: (About.FAVOURITE,),
    Kind.UPDATE: (About.EVENT,),
    Kind.REPORT: (About.STAFF,),
}
"""What a letter about each would be about; more than one where the post itself decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What to write to a member. `last` is the newest notification that was looked at."""

    member: Member
    last: int
    news: Mapping[About, Sequence[News]]


def note(tx: Tx, happening: Notified) -> None:
    """A member has a new notification, which may become a letter."""
    told = happening.notification
    kinds = _ABOUT.get(told.type)
    if kinds is None or not tx.site.has_mail:
        return
    if _wanted(mail.choices_of(tx.conn, told.owner_id).wanted).isdisjoint(kinds):
        return
    _plan(tx, told.owner_id, told.id - 1)


def write_down(tx: Tx, gathered: Gathered | None, task_id: int) -> None:
    """Post what was gathered, and look again if more has come meanwhile."""
    queue.complete(tx, task_id)
    if gathered is None:
        return
    member = gathered.member
    for about, found in gathered.news.items():
        mail.post(tx, member.email, letters.news(tx.site, member.locale, found), about=about, member=member.id)
    if notifications.unread_count(tx.conn, member.id, after_id=gathered.last, limit=1):
        _plan(tx, member.id, gathered.last)


class Teller:
    """The task that writes these letters for one member."""

    def __init__(self, db: Database) -> None:
        """Nothing but the database is asked."""
        self._db = db

    async def run(self, task: Task) -> bool:
        """See what a member has not looked at, and post it."""
        number, after = int(str(task.payload["member"])), int(str(task.payload["after"]))
        found = await self._db.read(gather_news, number, after)
        await self._db.write(write_down, found, task.id)
        return True


@long_read
def gather_news(conn: Connection, member_id: int, after: int) -> Gathered | None:
    """What came to a member after that notification, of the kinds that they want letters about."""
    try:
        member = members.get(conn, member_id)
    except NotFound:
        return None
    wanted = _wanted(mail.choices_of(conn, member.id).wanted)
    types = [kind for kind, abouts in _ABOUT.items() if not wanted.isdisjoint(abouts)]
    marker = timelines.markers(conn, member.id, ["notifications"]).get("notifications")
    since = max(after, marker.last_read_id if marker is not None else 0)
    if not member.is_active or not types:
        return None
    told = notifications.page(conn, member.id, Page(limit=rules.MOST, since_id=since), types=types)
    people = by_ids(conn, {one.from_id for one in told})
    shown: dict[int, PostView] = {
        view.post.id: view
        for view in posts.views(conn, [one.post_id for one in told if one.post_id is not None], member.id)
    }
    meetings = events.of_posts(conn, shown)
    news: defaultdict[About, list[News]] = defaultdict(list)
    for one in told:
        person = people.get(one.from_id)
        view = shown.get(one.post_id) if one.post_id is not None else None
        if one.read or person is None or _speaks_for_the_node(person) or (one.post_id is not None and view is None):
            continue
        about = _about(one, view, is_event=one.post_id in meetings)
        if about in wanted:
            news[about].append(News(one.type, person, view, meetings.get(one.post_id or 0)))
    return Gathered(member=member, last=max((one.id for one in told), default=after), news=news)


def _wanted(chosen: Mapping[str, bool]) -> set[About]:
    return {about for about, by_default in mail.DEFAULTS.items() if chosen.get(about, by_default)}


def _about(one: Notification, view: PostView | None, *, is_event: bool) -> About | None:
    if one.type is Kind.MENTION and view is not None and view.post.visibility is Visibility.DIRECT:
        return About.MESSAGE
    if one.type is Kind.UPDATE and not is_event:
        return None
    return _ABOUT[one.type][0]


def _speaks_for_the_node(person: Actor) -> bool:
    """What the association tells a member has letters of its own."""
    return person.is_local and person.type is not ActorType.PERSON


def _plan(tx: Tx, member_id: int, after: int) -> None:
    payload = {"member": member_id, "after": after}
    queue.enqueue(tx, TELL, payload, lane="digests", run_at=tx.now + _PAUSE, once=f"letters:{member_id}")
