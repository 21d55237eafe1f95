# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who is asking: the caller behind a bearer token (API), or the visitor behind a session cookie (pages).

The two never mix: a cookie opens no API, a token no page. Callers are kept in memory by the digest of their token for a
minute, and dropped at once when the token is revoked or the member changes.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import quote

from aiohttp import web
from sqlalchemy import Connection

from node import access, members
from node.access import Caller, Ceremony, HalfLogin, Limit, PasskeyResponse, Session
from node.access.sessions import LIFETIME
from node.actors import Actor, ActorId
from node.kernel import clock, ids
from node.kernel.db import Database, Tx
from node.kernel.errors import Invalid, NotAllowed, NotFound
from node.members import Member, Standing
from web import SERVICES
from web.errors import NotAMember, NotSignedIn
from web.limits import client_address, is_exempt, neighbourhood

_KEPT_SECONDS: Final = 60.0
_MAX_KEPT: Final = 10_000
_MAX_TOKEN: Final = 256
CODES_IN_A_QUARTER: Final = 10
"""How many second proofs may be tried for an account in a quarter of an hour."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


# -- tokens -----------------------------------------------------------------------------------------------------------


class Callers:
    """Callers kept in memory, so that a request costs no look-up. One for each application object."""

    def __init__(self, db: Database) -> None:
        """Listens on the bus of `db` until `close`."""
        self._db = db
        self._kept: dict[str, tuple[Caller, float]] = {}
        self._forgotten = 0
        self._leave = (
            db.bus.subscribe(access.REVOKED, self._forget),
            db.bus.subscribe("actor.changed", self._forget),
            db.bus.subscribe("member.changed", self._forget),
        )

    def close(self) -> None:
        """Stop listening."""
        for leave in self._leave:
            leave()

    async def of(self, token: str) -> Caller | None:
        """Who stands behind a token; None if it is unknown or revoked."""
        if len(token) > _MAX_TOKEN:
            return None
        hashed = access.digest(token)
        known = self._kept.get(hashed)
        if known is not None and known[1] > time.monotonic():
            return known[0]
        return await self.by_digest(hashed)

    async def by_digest(self, hashed: str) -> Caller | None:
        """The same, looked up afresh by the token's digest."""
        forgotten = self._forgotten
        caller = await self._db.read(access.find_token, hashed)
        if caller is None:
            self._kept.pop(hashed, None)
            return None
        # What was revoked while the look-up was under way must not be kept: the news of it have gone by.
        # Nor whoever is not let in yet: another process may let them in.
        is_settled = caller.member is None or caller.member.is_active
        if forgotten == self._forgotten and is_settled:
            if len(self._kept) >= _MAX_KEPT:
                self._kept.clear()
            self._kept[hashed] = (caller, time.monotonic() + _KEPT_SECONDS)
        if caller.use_is_worth_noting(clock.now()):
            await self._db.write(access.note_use, caller.token_id)
        return caller

    def _forget(self, what: object) -> None:
        """Drop a token's digest, or all tokens of a member given by number or by actor id."""
        self._forgotten += 1
        gone = [
            hashed
            for hashed, (caller, _) in self._kept.items()
            if what == hashed or (caller.member is not None and what in (caller.member.id, caller.member.actor.uri))
        ]
        for hashed in gone:
            del self._kept[hashed]


CALLERS: Final = web.AppKey("callers", Callers)
CALLER: Final = web.RequestKey("caller", Caller)


def bearer_token(request: web.Request) -> str | None:
    """The token in the Authorization header, if there is one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def stream_token(request: web.Request) -> str | None:
    """The token of a stream: in the header, in the address, or as the WebSocket protocol that is offered."""
    return bearer_token(request) or request.query.get("access_token") or offered_protocol(request)


def offered_protocol(request: web.Request) -> str | None:
    """The first WebSocket protocol that is offered."""
    return request.headers.get("Sec-WebSocket-Protocol", "").partition(",")[0].strip() or None


def caller(request: web.Request) -> Caller | None:
    """Who stands behind the request's token, as the endpoint's guard found out; None without one."""
    return request.get(CALLER)


def member(request: web.Request) -> Member:
    """The member for whom an app asks. Raises NotSignedIn, and NotAMember if the app asks for itself."""
    found = caller(request)
    if found is None:
        raise NotSignedIn
    if found.member is None:
        raise NotAMember
    return found.member


def viewer(request: web.Request) -> ActorId | None:
    """Through whose eyes things are seen: the member's number, or None for a stranger or an app on its own."""
    found = caller(request)
    return found.member.id if found is not None and found.member is not None else None


def me(request: web.Request) -> Actor:
    """The actor of the member for whom an app asks."""
    return member(request).actor


# -- sessions ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Visitor:
    """A member in a browser."""

    session: Session
    member: Member


class LoginNeeded(NotSignedIn):
    """A page for members only; the way there is the login page, which leads back."""

    def __init__(self, back_to: str) -> None:
        super().__init__("Please log in.")
        self.back_to = back_to

    @property
    def location(self) -> str:
        """The login page with the way back."""
        return f"/login?next={quote(self.back_to, safe='')}"


_VISITOR: Final = web.RequestKey("visitor", Visitor)
_LOOKED: Final = web.RequestKey("visitor_looked_up", bool)


async def visitor(request: web.Request) -> Visitor | None:
    """The member who is logged in in this browser, or None."""
    if not request.get(_LOOKED):
        request[_LOOKED] = True
        token = request.cookies.get(cookie_name(request))
        if token and len(token) <= _MAX_TOKEN:
            db = request.app[SERVICES].db
            found = await db.read(_visitor, token)
            if found is not None:
                if found.session.use_is_worth_noting(clock.now()):
                    await db.write(access.see, found.session.id)
                request[_VISITOR] = found
    return request.get(_VISITOR)


async def visiting_member(request: web.Request) -> Member:
    """The member who is logged in in this browser. Raises LoginNeeded, which leads to the login page and back."""
    found = await visitor(request)
    if found is None:
        raise LoginNeeded(request.raw_path if request.method == "GET" else "/")
    return found.member


def _visitor(conn: Connection, token: str) -> Visitor | None:
    session = access.find_session(conn, token, clock.now())
    if session is None:
        return None
    try:
        found = members.get(conn, session.member_id)
    except NotFound:
        return None
    return Visitor(session, found) if found.is_active else None


async def prove(request: web.Request, member: Member, password: str) -> None:
    """See that whoever is logged in knows the password too. Raises NotAllowed, and TooMany after many wrong ones."""
    services = request.app[SERVICES]
    await access.check(services.db, [Limit(f"login-account:{member.actor.username}", 10, timedelta(minutes=15))])
    await services.passwords.check(services.db, member.actor.username, password)


class SecondStepNeeded(Exception):
    """The password was right, and the member's account takes a second proof. `token` is for `keep_half_login`."""

    def __init__(self, token: str) -> None:
        super().__init__("a second step is needed")
        self.token = token


async def log_in(request: web.Request, login: str, password: str, *, back_to: str = "/") -> tuple[Member, str]:
    """The member with that login and password, and the token of a new session for `keep_session`.

    Raises SecondStepNeeded, NotAllowed, with one sentence whatever was wrong, and TooMany. An attempt counts against
    the address, the account and the node, before the password is looked at.
    """
    services = request.app[SERVICES]
    await _check_attempts(request, Limit(f"login-account:{login.strip().casefold()[:200]}", 10, timedelta(minutes=15)))
    found = await services.passwords.check(services.db, login, password)
    if await services.db.read(access.second_step_is_on, found.id):
        raise SecondStepNeeded(await services.db.write(access.begin_login, found.id, back_to))
    token = await services.db.write(_open_session, found.id, request.headers.get("User-Agent", ""))
    return found, token


async def _check_attempts(request: web.Request, *more: Limit) -> None:
    """Count an attempt to log in. Raises TooMany."""
    if is_exempt(request):
        return
    quarter = timedelta(minutes=15)
    address = Limit(f"login-address:{neighbourhood(client_address(request))}", 50, quarter)
    await access.check(request.app[SERVICES].db, [address, *more, Limit("login", 1000, quarter)])


async def half_login(request: web.Request) -> HalfLogin | None:
    """The login in this browser that lacks its second proof, if there is one."""
    token = request.cookies.get(_half_cookie(request))
    if not token or len(token) > _MAX_TOKEN:
        return None
    return await request.app[SERVICES].db.read(access.find_half_login, token)


async def complete_login(request: web.Request, half: HalfLogin, code: str) -> str:
    """The token of a new session, for whoever gives the second proof. Raises Invalid, and TooMany after many attempts."""
    services = request.app[SERVICES]
    quarter = timedelta(minutes=15)
    await access.check(services.db, [Limit(f"second-step:{half.member_id}", CODES_IN_A_QUARTER, quarter)])
    user_agent = request.headers.get("User-Agent", "")

    def write(tx: Tx) -> str | None:
        if not members.get(tx.conn, half.member_id).is_active:
            return None
        if not access.take_second_step(tx, half.member_id, code):
            return None
        access.end_half_logins(tx, half.member_id)
        return access.create_session(tx, half.member_id, user_agent)

    token = await services.db.write(write)
    if token is None:
        raise Invalid("This code is not right, or was used already.", field="code")
    return token


# -- passkeys ---------------------------------------------------------------------------------------------------------

_UNOPENED: Final = "This passkey did not open the account. Please try again."


async def begin_passkey_login(request: web.Request) -> tuple[str, str]:
    """(what the browser needs to use a passkey, the secret for `keep_passkey_login`), for a visitor who is nobody yet."""
    if not is_exempt(request):
        address = Limit(f"passkey-address:{neighbourhood(client_address(request))}", 100, timedelta(minutes=15))
        await access.check(request.app[SERVICES].db, [address])
    secret = ids.secret()
    options = await request.app[SERVICES].db.write(access.begin_passkey, Ceremony.LOG_IN, access.digest(secret))
    return options, secret


async def log_in_by_passkey(request: web.Request, sent: str) -> str:
    """The token of a new session for whoever's passkey has signed; it is both proofs at once.

    Raises Invalid, with one sentence whatever was wrong, and TooMany.
    """
    await _check_attempts(request)
    response = await answered(
        request, Ceremony.LOG_IN, access.digest(request.cookies.get(_passkey_cookie(request), "")), sent
    )
    return await _opened(request, response, None)


async def complete_login_by_passkey(request: web.Request, half: HalfLogin, sent: str) -> str:
    """The same for whoever gave the password before. Raises Invalid, and TooMany after many attempts."""
    limit = Limit(f"second-step:{half.member_id}", CODES_IN_A_QUARTER, timedelta(minutes=15))
    await access.check(request.app[SERVICES].db, [limit])
    response = await answered(request, Ceremony.SECOND_STEP, half_login_digest(request), sent)
    return await _opened(request, response, half.member_id)


async def _opened(request: web.Request, response: PasskeyResponse, member_id: ActorId | None) -> str:
    user_agent = request.headers.get("User-Agent", "")

    def write(tx: Tx) -> str | None:
        found = access.prove_by_passkey(tx, response, member_id)
        if found is None or not members.get(tx.conn, found).is_active:
            return None
        access.end_half_logins(tx, found)
        return access.create_session(tx, found, user_agent)

    token = await request.app[SERVICES].db.write(write)
    if token is None:
        raise Invalid(_UNOPENED)
    return token


async def answered(request: web.Request, ceremony: Ceremony, bound_to: str, sent: str) -> PasskeyResponse:
    """What the browser sent, if it answers a challenge that this browser was given; another answer takes a new one.

    Raises Invalid.
    """
    response = access.read_passkey(sent)
    if not await request.app[SERVICES].db.write(access.use_passkey_challenge, ceremony, bound_to, response):
        raise Invalid("This took too long, or was sent already. Please try again.")
    return response


def half_login_digest(request: web.Request) -> str:
    """What a challenge of the second step is bound to."""
    return access.digest(request.cookies.get(_half_cookie(request), ""))


def keep_passkey_login(request: web.Request, response: web.StreamResponse, secret: str) -> None:
    """Let the browser remember that it was this one which was asked for a passkey."""
    _set_short_cookie(request, response, _passkey_cookie(request), secret)


def drop_passkey_login(request: web.Request, response: web.StreamResponse) -> None:
    """Let the browser forget it."""
    secure = request.app[SERVICES].settings.base_url.startswith("https")
    response.del_cookie(_passkey_cookie(request), path="/", secure=secure, httponly=True, samesite="Lax")


def _passkey_cookie(request: web.Request) -> str:
    return f"{cookie_name(request)}-passkey"


def _set_short_cookie(request: web.Request, response: web.StreamResponse, name: str, value: str) -> None:
    secure = request.app[SERVICES].settings.base_url.startswith("https")
    response.set_cookie(name, value, max_age=600, path="/", secure=secure, httponly=True, samesite="Lax")


# -- cookies ----------------------------------------------------------------------------------------------------------


def keep_half_login(request: web.Request, response: web.StreamResponse, token: str) -> None:
    """Let the browser remember for whom the password was right."""
    _set_short_cookie(request, response, _half_cookie(request), token)


def drop_half_login(request: web.Request, response: web.StreamResponse) -> None:
    """Let the browser forget it."""
    secure = request.app[SERVICES].settings.base_url.startswith("https")
    response.del_cookie(_half_cookie(request), path="/", secure=secure, httponly=True, samesite="Lax")


def _half_cookie(request: web.Request) -> str:
    return f"{cookie_name(request)}-half"


def _open_session(tx: Tx, member_id: ActorId, user_agent: str) -> str:
    return access.create_session(tx, member_id, user_agent)


async def log_out(request: web.Request) -> None:
    """End the session of this browser, if there is one."""
    found = await visitor(request)
    if found is not None:
        await request.app[SERVICES].db.write(access.revoke_session, found.member.id, found.session.id)


def cookie_name(request: web.Request) -> str:
    """With `__Host-` a browser takes the cookie only over https and for this host alone (RFC 6265bis, 4.1.3.2)."""
    return "__Host-alumnode" if request.app[SERVICES].settings.base_url.startswith("https") else "alumnode"


def keep_session(request: web.Request, response: web.StreamResponse, token: str) -> None:
    """Put a session into the browser."""
    secure = request.app[SERVICES].settings.base_url.startswith("https")
    response.set_cookie(
        cookie_name(request),
        token,
        max_age=int(LIFETIME.total_seconds()),
        path="/",
        secure=secure,
        httponly=True,
        samesite="Lax",
    )


def drop_session(request: web.Request, response: web.StreamResponse) -> None:
    """Take the session out of the browser."""
    secure = request.app[SERVICES].settings.base_url.startswith("https")
    response.del_cookie(cookie_name(request), path="/", secure=secure, httponly=True, samesite="Lax")


_NOT_ACTIVE: Final = {
    Standing.UNCONFIRMED: "Your login is missing a confirmed e-mail address",
    Standing.PENDING: "Your login is currently pending approval",
    Standing.DISABLED: "Your login is currently disabled",
    Standing.DEACTIVATED: "You have hidden your account. Log in on the website to come back",
}


def check_active(found: Caller, *, waiting: bool = False) -> None:
    """Raises NotAllowed if the member behind a token is suspended, or not let in yet and the endpoint is not for those."""
    if found.member is None or found.member.is_active:
        return
    standing = found.member.standing
    if not (waiting and standing in (Standing.UNCONFIRMED, Standing.PENDING)):
        raise NotAllowed(_NOT_ACTIVE[standing])
