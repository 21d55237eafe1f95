# SPDX-License-Identifier: AGPL-3.0-or-later
"""Poll. It differs by viewer and by the hour, so it is made anew each time and kept with no status."""

from datetime import datetime

from node.kernel.site import Site
from node.posts import Poll
from web.mastodon.entities.common import Json, moment_or_none
from web.mastodon.entities.emojis import emojis


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
