# SPDX-License-Identifier: AGPL-3.0-or-later
"""How an event is shown as a post: what a status of it says, its link card, and our own details for apps that know them.

Apps know no events, so date, zone and place stand in words at the head of the text; the title never becomes a content
warning, which would fold the post.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from activitypub.events import EventStatus
from node.events.queries import Event
from node.kernel import html, i18n

MAX_SHOWN = 1500


@dataclass(frozen=True, slots=True)
class Card:
    """What goes into the post's columns."""

    content: str
    card: Mapping[str, object]
    details: Mapping[str, object]


def when(event: Event, locale: str) -> str:
    """Day, hours and zone in words: "Fri 12 Mar 2027, 19:00-22:00 (Europe/Paris)"."""
    zone = ZoneInfo(event.timezone)

    def day(moment: datetime) -> str:
        return f"{i18n.weekday(moment, locale, zone)} {i18n.short_day(moment, locale, zone)}"

    words = f"{day(event.starts_at)}, {i18n.clock(event.starts_at, locale, zone)}"
    if event.ends_at is not None:
        same_day = event.starts_at.astimezone(zone).date() == event.ends_at.astimezone(zone).date()
        end = i18n.clock(event.ends_at, locale, zone)
        words += f"–{end}" if same_day else f" – {day(event.ends_at)}, {end}"
    return f"{words} ({event.timezone})"


def where(event: Event, locale: str) -> str:
    """The place in words; "Online" if there is none."""
    return event.where or i18n.translator(locale).gettext("Online")


def summary(event: Event, locale: str) -> str:
    """One plain line that begins with day, zone and place: all that many servers show of an event."""
    line = f"{when(event, locale)}, {where(event, locale)}"
    if event.status is EventStatus.CANCELLED:
        return i18n.translator(locale).gettext("Cancelled: %(event)s") % {"event": line}
    return line


def title(event: Event, locale: str) -> str:
    """The title, marked if the event is cancelled."""
    if event.status is EventStatus.CANCELLED:
        return i18n.translator(locale).gettext("Cancelled: %(event)s") % {"event": event.title}
    return event.title


def head(event: Event, locale: str) -> str:
    """The first lines of an event's text, as HTML."""
    lines = [html.escape(when(event, locale)), html.escape(where(event, locale))]
    if event.online_url:
        lines.append(html.link(event.online_url))
    return f"<p>{'<br>'.join(lines)}</p>"


def card(event: Event, *, body: str, url: str, provider: str, locale: str) -> Card:
    """The event as a post; `body` is its text as sanitised HTML, `url` its page, `provider` who publishes it."""
    name = html.escape(title(event, locale))
    if len(body) > MAX_SHOWN:
        body = f"<p>{html.escape(html.plain_text(body)[:MAX_SHOWN])}…</p>"
    content = f"<p><strong>{name}</strong></p>{head(event, locale)}{body}<p>{html.link(url)}</p>"
    return Card(
        content=content,
        card={
            "url": url,
            "title": title(event, locale),
            "description": f"{when(event, locale)} · {where(event, locale)}",
            "provider_name": provider,
        },
        details={
            "kind": "event",
            "name": event.title,
            "start_time": _iso(event.starts_at),
            "end_time": _iso(event.ends_at) if event.ends_at else None,
            "timezone": event.timezone,
            "location": {
                "name": event.place_name or None,
                "street": event.street or None,
                "postcode": event.postcode or None,
                "city": event.city or None,
                "country": event.country or None,
            }
            if event.where
            else None,
            "online_url": event.online_url,
            "join_mode": event.join_mode.value,
            "status": event.status.value,
            "capacity": event.capacity,
            "seats_left": event.seats_left,
            "participants_count": event.going_count,
        },
    )


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
