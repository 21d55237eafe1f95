# SPDX-License-Identifier: AGPL-3.0-or-later
"""Letters to members whose dues end soon, or have ended, and one notice in their apps with the first of them.

Who is told what is worked out from the day alone, and what was said last is kept: so it does not matter how often this
runs in a day, and after days on which the node was down nobody gets two letters at once.
"""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Final

from sqlalchemy import Connection, select

from node import actors, mail, notices
from node.actors import ActorId
from node.dues import actions, letters, links, queries
from node.dues.queries import Standing
from node.dues.rules import PaymentState, Status, reference_of
from node.dues.tables import dues_payments
from node.kernel.db import Tx, long_read

AT_ONCE: Final = 200
"""Letters in one go; the next go is an hour later."""
LATE: Final = timedelta(days=10)
"""A reminder whose day is longer ago than this is not sent any more."""
_TOLD: Final = (Status.CURRENT, Status.DUE_SOON, Status.GRACE, Status.LAPSED)


def step_on(who: Standing, steps: Collection[int], today: date) -> int | None:
    """Which reminder somebody gets on a day: one of `steps` (days after the last day paid for), or none. Pure."""
    if who.paid_until is None or who.status not in _TOLD:
        return None
    if who.no_reminders_until is not None and today <= who.no_reminders_until:
        return None
    gone = (today - who.paid_until).days
    past = [step for step in steps if step <= gone]
    if not past:
        return None
    step = max(past)
    told = who.reminded_for == who.paid_until and who.reminded_step is not None and who.reminded_step >= step
    return None if told or gone - step > LATE.days else step


@long_read
def to_remind(conn: Connection, today: date) -> Sequence[tuple[ActorId, int]]:
    """Those who get a letter on a day, and which; `AT_ONCE` at most. One each, however many plans they pay.

    Whoever says that they have paid gets none, and keeps nobody back who waits behind them.
    """
    steps = queries.association(conn).reminders
    announced = _announced(conn)
    found = ((who.person_id, step_on(who, steps, today)) for who in queries.everybody(conn, today))
    return [(person, step) for person, step in found if step is not None and person not in announced][:AT_ONCE]


def _announced(conn: Connection) -> frozenset[int]:
    """Those of whom a payment waits for the treasurer."""
    rows = conn.execute(select(dues_payments.c.person_id).where(dues_payments.c.state == PaymentState.ANNOUNCED))
    return frozenset(rows.scalars())


def remind(tx: Tx, chosen: Sequence[tuple[ActorId, int]], today: date) -> int:
    """Send the letters; how many they were. Who has paid since they were chosen, or says so, gets none."""
    announced = _announced(tx.conn)
    steps = queries.association(tx.conn).reminders
    sent = 0
    for person, step in chosen:
        who = queries.standing(tx.conn, person, today) if person not in announced else None
        if who is None or who.paid_until is None or step_on(who, steps, today) != step:
            continue
        assert who.plan is not None
        letter = letters.reminder(
            tx.site,
            who.locale,
            until=who.paid_until,
            today=today,
            link=links.address(tx.site, person, who.plan.id, tx.now + links.GOOD_FOR),
            reference=reference_of(person),
        )
        mail.post(tx, who.email, letter, about=mail.About.DUES, member=person)
        if who.reminded_for != who.paid_until:
            notices.tell(
                tx,
                actors.get(tx.conn, person),
                about=actions.about(person),
                text=letters.notice(who.locale, until=who.paid_until, today=today),
                link=f"{tx.site.base_url}/dues",
                until=tx.now + links.GOOD_FOR,
            )
        actions.reminded(tx, person, who.paid_until, step)
        sent += 1
    return sent
