# SPDX-License-Identifier: AGPL-3.0-or-later
"""What an event may be, and how an answer to one may change. Pure: no storage, no protocol, time is an argument.

    (none) ──join──> going                       an event of this node with a seat left
           ──join──> pending ──Accept──> going   an event of another node: its node decides
                         └─────Reject──> rejected
    going | pending ──leave──> cancelled ──join──> as at first

A rejected answer is final for that Join; a new Join is a new answer. Joining twice changes nothing. Who says no from the
start, as one can in a poll, is cancelled at once, and no other server hears of it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from activitypub.addressing import Visibility
from activitypub.events import EventStatus, JoinMode
from node.kernel.errors import Conflict, Invalid
from node.relationships import Circle

MIN_TITLE: Final = 3
MAX_TITLE: Final = 120
MAX_TEXT: Final = 10_000
MAX_CAPACITY: Final = 100_000
TAKES_ANSWERS: Final = (JoinMode.FREE, JoinMode.RESTRICTED)
LONGEST: Final = timedelta(days=366)
FURTHEST: Final = timedelta(days=366 * 5)


class State(StrEnum):
    """Where one person's answer stands."""

    PENDING = "pending"
    GOING = "going"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


ANSWERS: Final = (State.GOING, State.CANCELLED)
"""What each position means where an event is shown as a poll."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDraft:
    """What an organiser gives. Times are the wall clock in `timezone`; `capacity` None is no limit.

    An event to a circle has the visibility `private`.
    """

    title: str
    text: str = ""
    start: datetime
    end: datetime | None = None
    timezone: str = "UTC"
    place: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    online_url: str = ""
    capacity: int | None = None
    language: str | None = None
    visibility: Visibility = Visibility.PUBLIC
    circle: Circle | None = None


def check(draft: EventDraft, now: datetime) -> tuple[datetime, datetime | None]:
    """The start and the end in UTC. Raises Invalid, naming the field."""
    if not MIN_TITLE <= len(draft.title.strip()) <= MAX_TITLE:
        raise Invalid("Please give the event a title of 3 to 120 characters.", field="title")
    if len(draft.text) > MAX_TEXT:
        raise Invalid("The description is too long: at most 10,000 characters.", field="text")
    start = in_utc(draft.start, draft.timezone, field="start")
    end = in_utc(draft.end, draft.timezone, field="end") if draft.end is not None else None
    if end is not None and end <= start:
        raise Invalid("The event must end after it begins.", field="end")
    if (end or start) <= now:
        raise Invalid("The event must lie in the future.", field="start")
    if start - now > FURTHEST:
        raise Invalid("The event lies too far in the future: at most five years.", field="start")
    if end is not None and end - start > LONGEST:
        raise Invalid("An event can last a year at most.", field="end")
    if not draft.place.strip() and not draft.online_url.strip():
        raise Invalid("Please say where the event takes place, or give a link for taking part online.", field="place")
    if draft.online_url.strip() and not _is_link(draft.online_url.strip()):
        raise Invalid("The link must begin with https://.", field="online_url")
    if draft.visibility is Visibility.DIRECT:
        raise Invalid("An event is for everyone, for followers or for a circle.", field="visibility")
    if draft.circle is not None and draft.visibility is not Visibility.PRIVATE:
        raise Invalid("A post to a circle has the visibility “private”.", field="visibility")
    if draft.capacity is not None and not 1 <= draft.capacity <= MAX_CAPACITY:
        raise Invalid("The number of seats must be at least 1; leave it empty for no limit.", field="capacity")
    return start, end


def _is_link(text: str) -> bool:
    try:
        address = urlsplit(text)
    except ValueError:
        return False
    return address.scheme in ("http", "https") and bool(address.hostname)


def in_utc(local: datetime, timezone: str, *, field: str) -> datetime:
    """A wall-clock time in a zone, in UTC. Raises Invalid for an unknown zone and for an hour that the clocks skip."""
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder of zones, or a very long one
        raise Invalid("This time zone is not known. An example is Europe/Paris.", field="timezone") from None
    there = local.replace(tzinfo=zone)
    moment = there.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise Invalid("This hour does not exist on that day: the clocks are put forward.", field=field)
    return moment


def check_may_join(
    *,
    status: EventStatus,
    join_mode: JoinMode,
    starts_at: datetime,
    ends_at: datetime | None,
    capacity: int | None,
    going: int,
    now: datetime,
) -> None:
    """Raises Conflict with the reason why nobody can join now."""
    if status is EventStatus.CANCELLED:
        raise Conflict("This event has been cancelled.")
    if (ends_at or starts_at) <= now:
        raise Conflict("This event is over.")
    if join_mode not in TAKES_ANSWERS:
        raise Conflict("This event takes no answers here. Please see its own page.")
    if capacity is not None and going >= capacity:
        raise Conflict("This event is full.")
