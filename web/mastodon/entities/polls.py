# SPDX-License-Identifier: AGPL-3.0-or-later
"""Poll, of a question or of an event. It differs by viewer and by the hour, so it is made anew each time and kept with
no status."""

from datetime import datetime
from typing import Final

from node.events import ANSWERS, Event, State
from node.kernel.i18n import Translator
from node.kernel.site import Site
from node.posts import Poll
from web.mastodon.entities.common import Json, moment, moment_or_none
from web.mastodon.entities.emojis import emojis

# A seat that was asked for elsewhere is an answer given, whatever its organiser will say.
_OWN: Final = {**{state: position for position, state in enumerate(ANSWERS)}, State.PENDING: ANSWERS.index(State.GOING)}


def poll(site: Site, found: Poll, viewer: int | None, now: datetime) -> Json:
    """A poll with the viewer's own votes; whoever asks counts as having voted. Counts may be hidden until the end."""
    shown = found.totals_shown(now)
    return {
        "id": str(found.post_id),
        "expires_at": moment_or_none(found.expires_at),
        "expired": found.is_over(now),
        "multiple": found.multiple,
        "votes_count": found.votes,
        "voters_count": found.voters if found.multiple else None,
        "options": [{"title": one.title, "votes_count": one.votes if shown else None} for one in found.options],
        "emojis": emojis(site, found.emojis),
        "voted": bool(found.own) or (viewer is not None and viewer == found.author_id),
        "own_votes": list(found.own),
    }


def event_poll(event: Event, answer: State | None, words: Translator, now: datetime) -> Json | None:
    """An event as the poll in which a member of an app that knows no events answers it; None if it is answered elsewhere.

    How many come is told, as on every page of it; who does not come is counted nowhere.
    """
    if not event.takes_answers:
        return None
    own = _OWN.get(answer) if answer is not None else None
    counts = {State.GOING: event.going_count}
    is_full = event.seats_left == 0 and answer not in (State.GOING, State.PENDING)
    titles = {
        State.GOING: words.gettext("Going (no seats left)") if is_full else words.gettext("Going"),
        State.CANCELLED: words.gettext("Not going"),
    }
    return {
        "id": str(event.post_id),
        "expires_at": moment(event.answers_until),
        "expired": event.is_closed(now),
        "multiple": False,
        "votes_count": event.going_count,
        "voters_count": None,
        "options": [{"title": titles[state], "votes_count": counts.get(state)} for state in ANSWERS],
        "emojis": [],
        "voted": own is not None,
        "own_votes": [] if own is None else [own],
    }
