# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who owed nothing on a day: the roll of an assembly, on which a vote is counted.

It is worked out from what is known now. A payment counts for the days that it covers, also where it was written down
later; what was paid after the day covers nothing of it. Who need not pay stands on it from the day on which that was
said. Nobody stands on it whose membership was over by then, who has died, or whose account is gone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from node.actors import ActorId
from node.dues import queries
from node.dues.queries import Standing
from node.dues.rules import Ending, PaymentState
from node.dues.tables import dues_payments
from node.kernel.db import long_read


@dataclass(frozen=True, slots=True, kw_only=True)
class RollLine:
    """Somebody who may vote. `covered_until` is the last day of what they paid; None for who need not pay."""

    person_id: ActorId
    name: str
    class_year: int | None
    covered_until: date | None


@long_read
def roll(conn: Connection, day: date) -> Sequence[RollLine]:
    """All who owed nothing on a day, by name. Five statements."""
    covering = conn.execute(
        select(dues_payments.c.person_id, dues_payments.c.partner_id, dues_payments.c.covers_to).where(
            dues_payments.c.state == PaymentState.CONFIRMED,
            dues_payments.c.covers_from <= day,
            dues_payments.c.covers_to >= day,
        )
    ).all()
    until: dict[int, date] = {}
    for row in covering:
        for person in (row.person_id, row.partner_id):
            if person is not None:
                until[person] = max(until.get(person, date.min), row.covers_to)
    lines = [_line(who, until.get(who.person_id), day) for who in queries.everybody(conn, day)]
    return sorted((line for line in lines if line is not None), key=lambda line: (line.name.casefold(), line.person_id))


def _line(who: Standing, until: date | None, day: date) -> RollLine | None:
    if who.ended is Ending.DECEASED or (who.ended_on is not None and who.ended_on <= day):
        return None
    is_exempt = (
        who.exempt and (who.exempt_since or day) <= day and (who.exempt_until is None or day <= who.exempt_until)
    )
    if until is None and not is_exempt:
        return None
    return RollLine(person_id=who.person_id, name=who.name, class_year=who.class_year, covered_until=until)
