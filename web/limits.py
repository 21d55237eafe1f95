# SPDX-License-Identifier: AGPL-3.0-or-later
"""How often one may ask: per token, or per address for those without one.

Counted in memory (what is dear or guessable is counted in the database, `node.access.throttle`). Requests that come
straight from this machine are counted but never refused, so that tests and tools on it are not. The client's address is
the one that the nearest trusted proxy saw; what a stranger writes into `X-Forwarded-For` counts for nothing.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache, partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from aiohttp import web

from node.kernel import audit
from node.kernel.errors import TooMany
from web import SERVICES

_MAX_BUCKETS: Final = 50_000


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `most` requests in `seconds`."""

    name: str
    most: int
    seconds: int


class Limit(Enum):
    """The kinds of request that are counted apart."""

    GENERAL = Rate("general", 300, 300)
    MEDIA = Rate("media", 30, 1800)
    DELETE = Rate("delete", 30, 1800)
    REGISTER = Rate("register", 30, 1800)
    TOKEN = Rate("token", 60, 300)
    PROXY = Rate("proxy", 100, 300)
    # So that nobody copies the directory.
    SEARCH = Rate("search", 60, 60)
    PROFILES = Rate("profiles", 300, 86400)


@dataclass(slots=True)
class Allowance:
    """What is left to somebody in the present window."""

    limit: int
    used: int
    ends: float
    reset: str

    @property
    def remaining(self) -> int:
        """How many more requests are answered."""
        return max(0, self.limit - self.used)


ALLOWANCE: Final = web.RequestKey("allowance", Allowance)
_ADDRESS: Final = web.RequestKey("address", str)


class Counters:
    """Who asked how often. One for each application object."""

    def __init__(self, proxies: tuple[IPv4Network | IPv6Network, ...] = ()) -> None:
        """`proxies` are those whose word on the client's address is taken."""
        self.proxies = proxies
        self._seen: dict[tuple[str, object], Allowance] = {}

    def take(self, limit: Limit, who: object, *, now: float | None = None) -> Allowance:
        """Count one request of `who`."""
        moment = time.time() if now is None else now
        rate = limit.value
        key = (rate.name, who)
        found = self._seen.get(key)
        if found is None or found.ends <= moment:
            if len(self._seen) >= _MAX_BUCKETS:
                self._sweep(moment)
            ends = (moment // rate.seconds + 1) * rate.seconds
            reset = datetime.fromtimestamp(ends, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            found = self._seen[key] = Allowance(rate.most, 0, ends, reset)
        found.used += 1
        return found

    def _sweep(self, moment: float) -> None:
        self._seen = {key: seen for key, seen in self._seen.items() if seen.ends > moment}
        while len(self._seen) >= _MAX_BUCKETS:
            del self._seen[next(iter(self._seen))]


COUNTERS: "Final[web.AppKey[Counters]]" = web.AppKey("counters", Counters)


def count(request: web.Request, limit: Limit, token_id: int | None) -> None:
    """Count a request, of the token or else of the address. Raises TooMany."""
    who = token_id if token_id is not None else neighbourhood(client_address(request))
    allowance = request.app[COUNTERS].take(limit, who)
    request[ALLOWANCE] = allowance
    if allowance.used > allowance.limit and not is_loopback(request):
        raise TooMany(retry_after=max(1, int(allowance.ends - time.time())))


async def count_member(request: web.Request, limit: Limit, member_id: int) -> None:
    """Count what a member does, with whatever app or browser. Raises TooMany; the first time in a window this is written
    down, since whoever opens hundreds of profiles may be copying them."""
    allowance = request.app[COUNTERS].take(limit, member_id)
    if allowance.used > allowance.limit and not is_loopback(request):
        if allowance.used == allowance.limit + 1:
            written = partial(audit.write, by=member_id, reason=limit.value.name)
            await request.app[SERVICES].db.write(written, "too_many", member_id)
        raise TooMany(retry_after=max(1, int(allowance.ends - time.time()))).coded("E_RATE")


def client_address(request: web.Request) -> str:
    """The address that the request came from, as the nearest proxy that we trust saw it."""
    known = request.get(_ADDRESS)
    if known is None:
        known = _client_address(request)
        request[_ADDRESS] = known
    return known


def _client_address(request: web.Request) -> str:
    address = _parsed(request.remote or "")
    proxies = request.app[COUNTERS].proxies
    forwarded = [part for line in request.headers.getall("X-Forwarded-For", []) for part in line.split(",")]
    while address is not None and forwarded and any(address in network for network in proxies):
        before = _parsed(forwarded.pop().strip())
        if before is None:
            break
        address = before
    return str(address) if address is not None else ""


@lru_cache(4096)
def neighbourhood(address: str) -> str:
    """What counts as one visitor: an IPv4 address, or the /64 that an IPv6 address is in."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        network = ip_network((parsed, 64), strict=False)
        assert isinstance(network, IPv6Network)
        return str(network)
    return address


def is_loopback(request: web.Request) -> bool:
    """Whether the request was made on this machine."""
    parsed = _parsed(client_address(request))
    return parsed is not None and parsed.is_loopback


def is_exempt(request: web.Request) -> bool:
    """Whether even what is dear or guessable is not counted: tests on this machine, against a node that is for tests."""
    return request.app[SERVICES].settings.testing and is_loopback(request)


@lru_cache(4096)
def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(text)
    except ValueError:
        return None
    return parsed.ipv4_mapped or parsed if isinstance(parsed, IPv6Address) else parsed
