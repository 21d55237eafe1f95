# SPDX-License-Identifier: AGPL-3.0-or-later
"""Password hashing with argon2id, in two threads of its own, and the check at login.

The parameters are OWASP's second choice (19 MiB, two passes, one lane: about 30 ms here). An unknown login costs the same
as a wrong password, so that time tells nobody whether an account exists.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from node.kernel.db import Database
from node.kernel.errors import NotAllowed, Overloaded
from node.kernel.i18n import marked
from node.members import queries
from node.members.actions import rehash
from node.members.rules import MAX_PASSWORD
from node.members.types import Member, Standing

if TYPE_CHECKING:
    from argon2 import PasswordHasher

_log = logging.getLogger(__name__)
_WAITING = 50
_WAITING_FOR = {
    Standing.UNCONFIRMED: marked(
        "Please confirm your address first, by the link in our letter. “Forgotten your password?” sends it again."
    ),
    Standing.PENDING: marked("The association has not let you in yet. It writes to you when it has."),
}
R = TypeVar("R")


class ShutOut(NotAllowed):
    """The password is right, and the staff has suspended the member."""

    def __init__(self, member: Member) -> None:
        super().__init__("This account is suspended.")
        self.member = member


class Away(NotAllowed):
    """The password is right, and the member has hidden their account."""

    def __init__(self, member: Member) -> None:
        super().__init__(marked("You have hidden this account."))
        self.member = member


class NotLetIn(NotAllowed):
    """The password is right, and the association has not let the member in."""

    def __init__(self, member: Member) -> None:
        super().__init__(_WAITING_FOR[Standing.PENDING])
        self.member = member


class Passwords:
    """Makes and checks hashes off the event loop. At most fifty wait; then the node says that it is busy."""

    def __init__(self) -> None:
        """The threads start with the first password."""
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="argon2")
        self._waiting = 0
        self._dummy: str | None = None

    async def hash(self, password: str) -> str:
        """An encoded argon2id hash with a fresh salt."""
        return await self._run(_hasher().hash, password)

    async def check(self, db: Database, login: str, password: str) -> Member:
        """The member who logs in with this e-mail address or username and password.

        Raises NotAllowed, always with the same sentence, for an unknown login and a wrong password; ShutOut, Away and
        NotLetIn, which name the member, only where the password is right.
        """
        wrong = NotAllowed("Wrong e-mail address or password.")
        if len(password) > MAX_PASSWORD:
            raise wrong
        member = await db.read(queries.by_login, login)
        if member is None or not member.password_hash:
            if self._dummy is None:
                self._dummy = await self.hash("nobody has this password")
            await self._run(_matches, self._dummy, password)
            raise wrong
        if not await self._run(_matches, member.password_hash, password):
            raise wrong
        if not member.is_active:
            # Only whoever knows the password learns that somebody waits to be let in, or is shut out.
            if member.actor.memorial:
                raise NotAllowed(
                    marked(
                        "This account is kept in memory of its owner. If that is wrong, please write to the association."
                    )
                )
            if member.suspended_at is not None:
                raise ShutOut(member)
            if member.standing is Standing.DEACTIVATED:
                raise Away(member)
            if member.standing is Standing.PENDING:
                raise NotLetIn(member)
            raise NotAllowed(_WAITING_FOR[member.standing]) if member.standing in _WAITING_FOR else wrong
        if _hasher().check_needs_rehash(member.password_hash):
            await db.write(rehash, member.id, await self.hash(password))
        return member

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, fn: Callable[..., R], *args: str) -> R:
        if self._waiting >= _WAITING:
            raise Overloaded
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, partial(fn, *args))
        finally:
            self._waiting -= 1


def hash_now(password: str) -> str:
    """`Passwords.hash` in the calling thread, for the command line."""
    return _hasher().hash(password)


def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def _matches(encoded: str, password: str) -> bool:
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return _hasher().verify(encoded, password)
    except VerificationError:
        return False
    except InvalidHashError:
        _log.exception("a stored password hash is damaged")
        return False
