# SPDX-License-Identifier: AGPL-3.0-or-later
"""How many graduates the association knows of, and how many of them are here."""

from dataclasses import dataclass

from sqlalchemy import Connection, case, func, select

from node.roster.tables import roster_entries, verifications
from node.roster.verification import State


@dataclass(frozen=True, slots=True)
class Known:
    """`living` are those of whom no file says that they died; `claimed` those who are members."""

    all: int
    living: int
    claimed: int


def verified(conn: Connection) -> int:
    """How many members the association has found to be who they say: one statement."""
    table = verifications
    found = select(func.count()).select_from(table).where(table.c.state == State.VERIFIED)
    return conn.execute(found).scalar_one()


def known(conn: Connection) -> Known:
    """One statement."""
    columns = roster_entries.c
    row = conn.execute(
        select(func.count(), func.count(case((columns.deceased.is_(False), 1))), func.count(columns.claimed_by))
    ).one()
    return Known(*row)
