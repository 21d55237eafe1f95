# SPDX-License-Identifier: AGPL-3.0-or-later
"""The one outgoing HTTP client: documents, webfinger, nodeinfo, media, deliveries. No other module opens a connection.

Whom we ask is named by others, so every request keeps these bounds:

- the URL, the host name and every address it resolves to are checked (`addresses`), and the connection is made to an
  address that was checked: there is no second look-up in which a name could turn inward;
- redirects are followed by hand, three at most, each checked and signed anew; documents stay on their origin; a POST
  never follows one;
- bytes are counted as they are unpacked, time in all and not only between bytes;
- two requests to a host at once (four deliveries), two hundred in the process;
- no cookies, no proxies from the environment, no credentials from `.netrc`.

What went wrong is always `FetchFailed`, which says whether it is worth trying again.
"""

import asyncio
import email.message
import inspect
import re
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import urljoin

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from multidict import CIMultiDict
from yarl import URL

from node.federation.addresses import AddressRefused, ClientPolicy, Target, is_local_name, may_connect, target

__all__ = ["AS2_ACCEPT", "Answer", "Client", "ClientPolicy", "FetchFailed", "HeadersFor", "is_as2"]

KIBIBYTE: Final = 1024
MEBIBYTE: Final = 1024 * KIBIBYTE
MAX_DOCUMENT = 1 * MEBIBYTE
MAX_SMALL_JSON = 64 * KIBIBYTE
MAX_POST_ANSWER = 64 * KIBIBYTE
MAX_REDIRECTS = 3

CONNECT_TIME = 5.0
READ_TIME = 5.0
TOTAL_TIME = 10.0
POST_ANSWER_TIME = 2.0
MEDIA_TIME = 30.0
"""Seconds; pass it as `total` for pictures."""

GETS_PER_HOST = 2
POSTS_PER_HOST = 4
ALL_AT_ONCE = 200

AS2_ACCEPT = 'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
_AS2_PROFILE = "https://www.w3.org/ns/activitystreams"
_SMALL_JSON_TYPES = frozenset({"application/json", "application/jrd+json"})

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TRY_AGAIN = frozenset({408, 425, 429})
_NOT_IN_HEADER = re.compile("[\x00-\x08\x0a-\x1f\x7f]")

HeadersFor: TypeAlias = Callable[[str, str, Mapping[str, str]], Mapping[str, str] | Awaitable[Mapping[str, str]]]
"""Given method, URL and the headers that will be sent (Host among them), the headers to add: how a fetch is signed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `url` is the last one asked, `content_type` the media type in lower case without parameters."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    content_type: str

    @property
    def retry_after(self) -> float | None:
        """Seconds the other server asks us to wait, if it says so."""
        return _retry_after(self.headers)


class FetchFailed(Exception):
    """No answer that can be used. `reason` is for the log; `retry_after`, in seconds, is the other server's wish.

    `retryable` says whether the same request may succeed later: yes for silence, overload and failures of the other
    server, no for what it refused and for places we do not go to.
    """

    def __init__(
        self, reason: str, *, retryable: bool, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retryable = retryable
        self.status = status
        self.retry_after = retry_after


def is_as2(content_type: str) -> bool:
    """Whether a document of this type may be taken for ActivityStreams.

    Plain JSON may not: uploads that a server hands out as `application/json` were taken for its actors
    (GHSA-3fjr-858r-92rw). Source: ActivityPub, section 3.2; FEP-fe34.
    """
    parsed = _parsed_type(content_type)
    if parsed.get_content_type() == "application/activity+json":
        return True
    profile = parsed.get_param("profile")
    return (
        parsed.get_content_type() == "application/ld+json"
        and isinstance(profile, str)
        and _AS2_PROFILE in profile.split()
    )


def is_retryable(status: int) -> bool:
    """Whether a request that was answered with this status may succeed later."""
    return status >= 500 or status in _TRY_AGAIN


class Client:
    """Asks other servers. One for the process; the connections are made in the loop that first uses it.

    `total` is seconds for the whole exchange with its redirects. Waiting for a free place beside other requests to the
    same host is not counted in it, but is itself no longer than `total`.
    """

    def __init__(self, policy: ClientPolicy, *, resolver: AbstractResolver | None = None) -> None:
        self.policy = policy
        self._lookup = resolver
        self._session: aiohttp.ClientSession | None = None
        self._places = _Places()

    async def get(
        self,
        url: str,
        *,
        accept: str,
        limit: int,
        headers_for: HeadersFor | None = None,
        total: float = TOTAL_TIME,
        same_origin_redirects: bool = True,
        kinds: Collection[str] = (),
        cut: bool = False,
    ) -> Answer:
        """GET `url`; the body is at most `limit` bytes long once unpacked. What is longer is refused, or with `cut` cut.

        With `same_origin_redirects` a redirect may lead to the same origin only, or between a host and its `www.` name.
        With `kinds` an answer of another media type is refused before its body is read.

        Raises:
            FetchFailed: for every status but a success, too.
        """
        at = self._target(url)
        seen = {at.url}
        left = total
        while True:
            headers = await self._signed("GET", at, {"Accept": accept}, headers_for)
            started = asyncio.get_running_loop().time()
            answer = await self._exchange(
                "GET", at, headers, limit=limit, seconds=left, wait=total, kinds=kinds, cut=cut
            )
            left -= asyncio.get_running_loop().time() - started
            if answer.status not in _REDIRECTS:
                return _succeeded(answer)
            if len(seen) > MAX_REDIRECTS:
                raise FetchFailed("too many redirects", retryable=False, status=answer.status)
            onward = self._target(urljoin(at.url, answer.headers.get("Location", "")))
            if onward.url in seen:
                raise FetchFailed("the redirects go in a circle", retryable=False, status=answer.status)
            if same_origin_redirects and not _same_place(at, onward):
                raise FetchFailed("redirected to another origin", retryable=False, status=answer.status)
            seen.add(onward.url)
            at = onward

    async def fetch_document(self, url: str, headers_for: HeadersFor | None = None) -> Answer:
        """The ActivityStreams document at `url`; FetchFailed if what is there is of another type."""
        answer = await self.get(url, accept=AS2_ACCEPT, limit=MAX_DOCUMENT, headers_for=headers_for)
        if not is_as2(answer.headers.get("Content-Type", "")):
            raise FetchFailed("not an ActivityStreams document", retryable=False, status=answer.status)
        return answer

    async def fetch_json(
        self, url: str, accept: str, limit: int = MAX_SMALL_JSON, headers_for: HeadersFor | None = None
    ) -> Answer:
        """A webfinger or nodeinfo answer. Redirects may lead to another host (RFC 7033, section 4)."""
        answer = await self.get(url, accept=accept, limit=limit, same_origin_redirects=False, headers_for=headers_for)
        if answer.content_type not in _SMALL_JSON_TYPES:
            raise FetchFailed("not a JSON document", retryable=False, status=answer.status)
        return answer

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], total: float = TOTAL_TIME) -> Answer:
        """POST `body` with these headers, which must be signed for `url` as it is written.

        Whatever the other server says but a redirect is an Answer; its body is cut at 64 KiB.
        A connection that the other side had closed while it was idle is replaced once; deliveries may arrive twice.
        """
        at = self._target(url)
        sent = await self._signed("POST", at, headers, None)
        for last in (False, True):
            try:
                answer = await self._exchange(
                    "POST", at, sent, body=body, limit=MAX_POST_ANSWER, seconds=total, wait=total
                )
            except _Disconnected:
                if last:
                    raise
            else:
                break
        if 300 <= answer.status < 400:
            raise FetchFailed("a delivery was redirected", retryable=False, status=answer.status)
        return answer

    async def close(self) -> None:
        """Close all connections. The client can be used again afterwards."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _target(self, url: str) -> Target:
        try:
            return target(url, self.policy)
        except AddressRefused as refused:
            raise FetchFailed(str(refused), retryable=False) from None

    async def _signed(
        self, method: str, at: Target, headers: Mapping[str, str], headers_for: HeadersFor | None
    ) -> CIMultiDict[str]:
        """All headers of one request. Host is ours to say: a signature covers it."""
        sent = CIMultiDict({"User-Agent": self.policy.user_agent, "Accept": "*/*", "Accept-Encoding": "gzip"})
        sent.update(headers)
        sent["Host"] = at.authority
        if headers_for is not None:
            added = headers_for(method, at.url, sent)
            sent.update(await added if inspect.isawaitable(added) else added)
        if any(_NOT_IN_HEADER.search(name + value) for name, value in sent.items()):
            raise FetchFailed("a header would hold a line break", retryable=False)
        return sent

    async def _exchange(
        self,
        method: str,
        at: Target,
        headers: CIMultiDict[str],
        *,
        limit: int,
        seconds: float,
        wait: float,
        body: bytes | None = None,
        kinds: Collection[str] = (),
        cut: bool = False,
    ) -> Answer:
        session = self._opened()
        async with self._places.one(method, at.authority, wait):
            try:
                async with asyncio.timeout(seconds):
                    async with session.request(
                        method, URL(at.url, encoded=True), headers=headers, data=body, allow_redirects=False
                    ) as response:
                        kind = _parsed_type(response.headers.get("Content-Type", "")).get_content_type()
                        if kinds and response.status < 300 and kind not in kinds:
                            response.close()
                            raise FetchFailed(f"of the type {kind[:60]}", retryable=False, status=response.status)
                        received = await _received(response, limit, is_post=method == "POST", cut=cut)
                        return Answer(
                            url=at.url,
                            status=response.status,
                            headers=response.headers,
                            body=received,
                            content_type=kind,
                        )
            except (aiohttp.ClientError, OSError, ValueError, zlib.error) as error:
                raise _failure(error) from error

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                limit=0,  # `_Places` counts, and tells hosts and methods apart
                ssl=_trusted(self.policy.ca_file),
                resolver=CheckedResolver(self.policy, self._lookup or SystemResolver()),
                ttl_dns_cache=60,
                keepalive_timeout=15,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIME, sock_read=READ_TIME),
            )
        return self._session


class CheckedResolver(AbstractResolver):
    """Returns the answers of another resolver that may be connected to; refuses the name if there are none.

    `localhost` and `*.localhost`, where the policy admits them, are this machine whatever a resolver says.
    """

    def __init__(self, policy: ClientPolicy, inner: AbstractResolver) -> None:
        self._policy = policy
        self._inner = inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The checked answers, or AddressRefused."""
        if self._policy.allow_loopback and is_local_name(host):
            return [_resolved(host, "127.0.0.1", port, socket.AF_INET)]
        async with asyncio.timeout(CONNECT_TIME):
            answers = await self._inner.resolve(host, port, family)
        allowed = [answer for answer in answers if may_connect(answer["host"], self._policy)]
        if answers and not allowed:
            raise AddressRefused("The host has no public address.")
        return allowed

    async def close(self) -> None:
        await self._inner.close()


class SystemResolver(AbstractResolver):
    """The operating system's look-up, in threads of its own: name servers that hang must not hold up other work."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(8, thread_name_prefix="dns")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """All addresses of the host, unchecked."""

        def looked_up() -> list[ResolveResult]:
            found = socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
            return [_resolved(host, str(address[0]), port, kind) for kind, _, _, _, address in found]

        return await asyncio.get_running_loop().run_in_executor(self._threads, looked_up)

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


@dataclass(slots=True)
class _HostPlaces:
    free: asyncio.Semaphore
    users: int = 0


@dataclass(slots=True)
class _Places:
    """How many requests run at once. A host is remembered only while somebody asks it."""

    everyone: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(ALL_AT_ONCE))
    hosts: dict[tuple[str, str], _HostPlaces] = field(default_factory=dict)

    @asynccontextmanager
    async def one(self, method: str, authority: str, seconds: float) -> AsyncIterator[None]:
        key = (method, authority)
        host = self.hosts.get(key)
        if host is None:
            host = self.hosts[key] = _HostPlaces(
                asyncio.Semaphore(POSTS_PER_HOST if method == "POST" else GETS_PER_HOST)
            )
        host.users += 1
        try:
            async with AsyncExitStack() as held:
                try:
                    async with asyncio.timeout(seconds):
                        await held.enter_async_context(host.free)
                        await held.enter_async_context(self.everyone)
                except TimeoutError:
                    raise FetchFailed("too many requests to this host wait already", retryable=True) from None
                yield
        finally:
            host.users -= 1
            if not host.users:
                del self.hosts[key]


class _Disconnected(FetchFailed):
    """The connection broke before an answer came; an idle one may have been closed by the other side."""


async def _received(response: aiohttp.ClientResponse, limit: int, *, is_post: bool, cut: bool) -> bytes:
    """The unpacked body. What is longer than `limit` is refused, or cut there: that of a POST always, else with `cut`.

    Redirects and failures of a GET are not read. A broken body of a POST is not a failure: the status has come.
    """
    if response.status >= 300 and not is_post:
        response.close()
        return b""
    body = bytearray()
    try:
        async with asyncio.timeout(POST_ANSWER_TIME if is_post else None):
            async for chunk in _unpacked(response, limit + 1):
                body += chunk
                if len(body) > limit:
                    break
            else:
                return bytes(body)
    except (aiohttp.ClientError, OSError, zlib.error, FetchFailed):
        if not is_post:
            raise
    response.close()
    if not (is_post or cut):
        raise FetchFailed("the answer is too large", retryable=False, status=response.status)
    return bytes(body[:limit])


async def _unpacked(response: aiohttp.ClientResponse, most: int) -> AsyncIterator[bytes]:
    """The body in pieces, about `most` bytes in all before it stops unpacking."""
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        async for chunk in response.content.iter_any():
            yield chunk
        return
    if encoding not in ("gzip", "x-gzip"):
        raise FetchFailed(f"the answer is packed as {encoding[:20]!r}", retryable=False, status=response.status)
    unpacker = zlib.decompressobj(wbits=31)
    read = 0
    async for chunk in response.content.iter_any():
        # What came before: a chunk alone may be larger, where much has come in before it was looked at.
        if read > most + 64 * KIBIBYTE:
            raise FetchFailed("the answer is too large", retryable=False, status=response.status)
        read += len(chunk)
        yield unpacker.decompress(chunk, most)
        if unpacker.eof:
            return
    if not unpacker.eof and read:
        raise FetchFailed("the answer ends in the middle", retryable=True, status=response.status)


def _failure(error: Exception) -> FetchFailed:
    """What a library's error means for the caller."""
    cause = getattr(error, "os_error", None)
    if isinstance(cause, AddressRefused):
        return FetchFailed(str(cause), retryable=False)
    match error:
        case aiohttp.ClientConnectorDNSError():
            return FetchFailed("the host's name cannot be looked up", retryable=True)
        case aiohttp.ClientSSLError():
            return FetchFailed("the host's certificate is not valid", retryable=True)
        case TimeoutError():
            return FetchFailed("the host did not answer in time", retryable=True)
        case aiohttp.ClientConnectorError():
            return FetchFailed("the host cannot be reached", retryable=True)
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError():
            return _Disconnected("the connection broke", retryable=True)
        case aiohttp.InvalidURL() | ValueError():
            return FetchFailed("the request cannot be sent", retryable=False)
        case zlib.error():
            return FetchFailed("the answer cannot be unpacked", retryable=False)
    return FetchFailed("the answer is not proper HTTP", retryable=True)


def _succeeded(answer: Answer) -> Answer:
    if 200 <= answer.status < 300:
        return answer
    raise FetchFailed(
        f"answered {answer.status}",
        retryable=is_retryable(answer.status),
        status=answer.status,
        retry_after=answer.retry_after,
    )


@cache
def _trusted(ca_file: Path | None) -> ssl.SSLContext:
    """The system's certificate authorities, which take a while to read, and those of `ca_file`."""
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


def _same_place(one: Target, other: Target) -> bool:
    """Same origin, or a host and its `www.` name."""
    hosts = {one.host, other.host}
    return (one.scheme, one.port) == (other.scheme, other.port) and (
        len(hosts) == 1 or f"www.{min(hosts, key=len)}" in hosts
    )


def _parsed_type(content_type: str) -> email.message.Message:
    message = email.message.Message()
    message["Content-Type"] = _NOT_IN_HEADER.sub("", content_type)
    # Without a type in it the standard library says text/plain, which is as good as any that is not accepted.
    return message


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Source: RFC 9110, section 10.2.3: seconds, or a date."""
    value = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", value):
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max((when - datetime.now(UTC)).total_seconds(), 0.0)


def _resolved(host: str, address: str, port: int, family: int) -> ResolveResult:
    return ResolveResult(
        hostname=host,
        host=address,
        port=port,
        family=family,
        proto=0,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )
