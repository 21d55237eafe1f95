# SPDX-License-Identifier: AGPL-3.0-or-later
"""The link of a reminder: how to pay, without a login. It names nobody, and shows a plan with what it costs.

Nothing is kept for it: whose it is, which plan, its end and a keyed digest of the three are the address.
"""

import hmac
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from node.dues import queries
from node.dues.queries import Plan
from node.kernel.errors import NotFound
from node.kernel.site import Site

GOOD_FOR: Final = timedelta(days=90)
"""So long a reminder's link opens: the last reminder comes 60 days after the end."""


@dataclass(frozen=True, slots=True)
class HowToPay:
    """What such a link shows. `price` is what a period costs whoever it was sent to."""

    plan: Plan
    price: int
    text: str


def address(site: Site, person_id: int, plan_id: int, until: datetime) -> str:
    """The address that goes into the letter."""
    what = f"{person_id}.{plan_id}.{int(until.timestamp())}"
    return f"{site.base_url}/dues/pay/{what}.{_signed(site, what)}"


def how_to_pay(conn: Connection, site: Site, token: str, now: datetime, today: date) -> HowToPay:
    """What the end of such an address shows.

    Raises:
        NotFound: we did not make it, it is too old, or whoever it was for is gone.
    """
    what, _, signature = token.rpartition(".")
    if not hmac.compare_digest(signature.encode(errors="replace"), _signed(site, what).encode()):
        raise NotFound
    person_id, plan_id, end = (int(part) for part in what.split("."))
    if datetime.fromtimestamp(end, UTC) <= now:
        raise NotFound
    who = queries.standing(conn, person_id, today)
    plan = queries.plan(conn, plan_id)
    return HowToPay(plan, plan.terms.price_for(who.class_year, today), queries.association(conn).how_to_pay)


def _signed(site: Site, what: str) -> str:
    return site.sign("dues.pay", what)
