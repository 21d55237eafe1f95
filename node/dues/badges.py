# SPDX-License-Identifier: AGPL-3.0-or-later
"""The badge by which a member shows that their dues are paid: to nobody, unless they and the association say otherwise.

It stands on the member's page alone. It is sent nowhere, and no list is sorted or searched by it.
"""

from datetime import date, datetime

from sqlalchemy import Connection, select, true

from node import profiles
from node.actors import ActorId
from node.dues import actions, queries
from node.dues.rules import IN_ORDER
from node.dues.tables import dues_association, dues_people
from node.kernel.db import Tx
from node.kernel.errors import NotFound
from node.profiles.rules import check_level


def set_badge(tx: Tx, person_id: ActorId, level: int) -> None:
    """To whom a member shows it: a step of the ladder. Raises Invalid."""
    actions.say(tx, person_id, badge=check_level(level))


def is_shown(
    conn: Connection, person_id: int, viewer_id: int | None, now: datetime, today: date, *, distance: int | None = None
) -> bool:
    """Whether somebody's page shows it to this reader, or to one at that distance.

    One statement for all those who chose to show nothing.
    """
    row = conn.execute(
        select(dues_people.c.badge, dues_association.c.badges)
        .join(dues_association, true())
        .where(dues_people.c.person_id == person_id)
    ).one_or_none()
    if row is None or not row.badges or row.badge <= profiles.Level.ME:
        return False
    level = profiles.own(conn, person_id, now).level_of(row.badge)
    if not profiles.shown(level, profiles.distance(conn, viewer_id, person_id) if distance is None else distance):
        return False
    try:
        return queries.standing(conn, person_id, today).status in IN_ORDER
    except NotFound:
        return False
