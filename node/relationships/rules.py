# SPDX-License-Identifier: AGPL-3.0-or-later
"""When an account may move. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from node.kernel.errors import Conflict, Invalid

# Between two moves of one account, ours and others': each costs every follower's server work.
COOLDOWN: Final = timedelta(days=30)
MAX_ALIASES: Final = 10


def may_move_again(moved_at: datetime | None, now: datetime) -> bool:
    """Whether the last move is long enough ago."""
    return moved_at is None or now - moved_at >= COOLDOWN


def agree(old: str, said_by_old: str | None, new: str, said_by_new: Sequence[str]) -> bool:
    """Whether both ends say so: the old account where it went, the new one whom it was (FEP-7628)."""
    return old != new and said_by_old == new and old in said_by_new


def check_departure(actor: str, moved_at: datetime | None, target: str, aliases: Sequence[str], now: datetime) -> None:
    """Raises Invalid or Conflict unless a local account may move to `target`, whose aliases are those."""
    if actor == target:
        raise Invalid("This is the account that you have now.", field="target")
    if not may_move_again(moved_at, now):
        raise Conflict("An account can move once in thirty days.")
    if actor not in aliases:
        raise Invalid(
            "The new account does not name this one yet. Please add this address as an alias there first.",
            field="target",
        )
