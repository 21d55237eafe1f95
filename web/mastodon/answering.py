# SPDX-License-Identifier: AGPL-3.0-or-later
"""Events as polls, for apps that know no events: what one viewer sees of some, in three statements at most."""

from collections.abc import Collection

from sqlalchemy import Connection

from node import events, members
from node.kernel import clock
from node.kernel.i18n import translator
from web.mastodon import entities


def polls_of_events(
    conn: Connection, post_ids: Collection[int], viewer: int | None, otherwise: str
) -> dict[int, entities.Json | None]:
    """The polls of those posts that are events, with the viewer's answers, in the viewer's language or `otherwise`.

    None for an event that is not answered here. Who may see the posts was decided by whoever found their numbers.
    """
    found = events.of_posts(conn, post_ids)
    if not found:
        return {}
    answers = events.mine(conn, viewer, list(found)) if viewer is not None else {}
    locale = members.locale_of(conn, viewer) if viewer is not None else None
    words, now = translator(locale or otherwise), clock.now()
    return {
        number: entities.event_poll(event, answers[number].state if number in answers else None, words, now)
        for number, event in found.items()
    }
