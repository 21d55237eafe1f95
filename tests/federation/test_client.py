# SPDX-License-Identifier: AGPL-3.0-or-later
"""The outgoing client against servers on loopback that lie, drip, redirect, hang and break off."""

import asyncio
import gzip
import re
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from node.federation import client as module
from node.federation.addresses import AddressRefused
from node.federation.client import AS2_ACCEPT, CheckedResolver, Client, ClientPolicy, FetchFailed, is_as2

ONE_MACHINE = ClientPolicy(allow_loopback=True, allow_http=True)
AS2 = "application/activity+json"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Answers(AbstractResolver):
    """A resolver that gives the listed answers, one list a call, the last one again and again."""

    def __init__(self, *lists: list[str]) -> None:
        self.lists = list(lists)
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        addresses = self.lists.pop(0) if len(self.lists) > 1 else self.lists[0]
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
            for address in addresses
        ]

    async def close(self) -> None:
        pass


class Server:
    """An HTTP server on loopback; `seen` holds the requests it got."""

    def __init__(self) -> None:
        self.app = web.Application()
        self.seen: list[web.Request] = []
        self.port = 0

    def at(self, path: str, host: str = "school.localhost") -> str:
        return f"http://{host}:{self.port}{path}"

    def on(self, path: str, handler: Handler) -> None:
        async def counted(request: web.Request) -> web.StreamResponse:
            self.seen.append(request)
            return await handler(request)

        self.app.router.add_route("*", path, counted)

    def answers(
        self, path: str, body: bytes = b"{}", status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        async def handler(request: web.Request) -> web.StreamResponse:
            return web.Response(body=body, status=status, headers=headers or {"Content-Type": AS2})

        self.on(path, handler)

    def redirects(self, path: str, to: str, status: int = 302) -> None:
        self.answers(path, b"", status, {"Location": to})

    async def start(self, context: ssl.SSLContext | None = None) -> web.AppRunner:
        runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        self.port = runner.addresses[0][1]
        return runner


@asynccontextmanager
async def raw_server(talk: Talk) -> AsyncIterator[str]:
    """A server that says what `talk` says, byte by byte; yields its URL."""
    running: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        try:
            await talk(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    finally:
        server.close()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    made = Client(ONE_MACHINE)
    yield made
    await made.close()


@pytest.fixture
def server() -> Server:
    """Not yet listening: the test says first what it answers, then `running(server)`."""
    return Server()


@asynccontextmanager
async def running(server: Server) -> AsyncIterator[None]:
    runner = await server.start()
    try:
        yield
    finally:
        await runner.cleanup()


async def fetched(client: Client, url: str, **how: object) -> module.Answer:
    return await client.get(url, accept=AS2, limit=1000, **how)  # type: ignore[arg-type]  # passed on as given


# ---- what is sent


async def test_a_document_is_asked_for_and_read(server: Server, client: Client) -> None:
    server.answers("/users/{name}", b'{"type": "Person"}')
    async with running(server):
        answer = await client.fetch_document(server.at("/users/%61na?x=1%20#main-key"))

    (request,) = server.seen
    assert answer.status == 200
    assert answer.body == b'{"type": "Person"}'
    assert answer.content_type == AS2
    assert answer.url == server.at("/users/%61na?x=1%20")
    assert request.raw_path == "/users/%61na?x=1%20"
    assert dict(request.headers) == {
        "Host": f"school.localhost:{server.port}",
        "User-Agent": "Alumnode/0.1",
        "Accept": AS2_ACCEPT,
        "Accept-Encoding": "gzip",
    }


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_a_fetch_is_signed_for_what_is_sent(server: Server, client: Client, asynchronous: bool) -> None:
    server.answers("/x")
    asked: list[tuple[str, str, dict[str, str]]] = []

    def signed(method: str, url: str, headers: Mapping[str, str]) -> Mapping[str, str]:
        asked.append((method, url, dict(headers)))
        return {"Signature": "s", "Date": "d"}

    async def signed_later(method: str, url: str, headers: Mapping[str, str]) -> Mapping[str, str]:
        return signed(method, url, headers)

    async with running(server):
        await fetched(client, server.at("/x"), headers_for=signed_later if asynchronous else signed)

    ((method, url, headers),) = asked
    (request,) = server.seen
    assert (method, url) == ("GET", server.at("/x"))
    assert "Date" not in headers
    assert headers.items() <= dict(request.headers).items()
    assert request.headers["Signature"] == "s"


@pytest.mark.parametrize("bad", ["x\r\nX-Other: y", "x\ny", "x\x00"])
async def test_no_header_holds_a_line_break(client: Client, bad: str) -> None:
    with pytest.raises(FetchFailed) as failed:
        await client.post("http://127.0.0.1:1/", b"", {"X-Name": bad})

    assert not failed.value.retryable


async def test_a_delivery_sends_the_bytes_and_headers_it_is_given(server: Server, client: Client) -> None:
    bodies: list[bytes] = []

    async def inbox(request: web.Request) -> web.StreamResponse:
        bodies.append(await request.read())
        return web.Response(status=202, text="thanks")

    server.on("/inbox", inbox)
    async with running(server):
        answer = await client.post(server.at("/inbox"), b'{"a": 1}', {"content-type": AS2, "Signature": "s"})

    (request,) = server.seen
    assert (answer.status, answer.body) == (202, b"thanks")
    assert bodies == [b'{"a": 1}']
    assert request.method == "POST"
    assert request.headers["Content-Type"] == AS2
    assert request.headers["Content-Length"] == "8"
    assert request.headers["Signature"] == "s"
    assert request.headers["Host"] == f"school.localhost:{server.port}"


async def test_no_cookie_is_ever_sent_back(server: Server, client: Client) -> None:
    server.answers("/x", headers={"Content-Type": AS2, "Set-Cookie": "a=b; Path=/"})
    async with running(server):
        await fetched(client, server.at("/x"))
        await fetched(client, server.at("/x"))

    assert all("Cookie" not in request.headers for request in server.seen)


async def test_proxies_of_the_environment_are_not_used(
    server: Server, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    server.answers("/x")
    async with running(server):
        assert (await fetched(client, server.at("/x"))).status == 200


# ---- where it goes


@pytest.mark.parametrize(
    "url",
    [
        "http://school.example/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://localhost/",
        "https://a.localhost/",
        "https://169.254.169.254/latest/meta-data/",
        "https://2130706433/",
        "https://school.example:8443/",
        "https://sam@school.example/",
    ],
)
async def test_on_the_internet_only_https_to_public_names(url: str) -> None:
    resolver = Answers(["127.0.0.1"])
    client = Client(ClientPolicy(), resolver=resolver)
    try:
        for attempt in (
            fetched(client, url),
            client.post(url, b"{}", {}),
            client.fetch_json(url, "application/jrd+json"),
        ):
            with pytest.raises(FetchFailed) as failed:
                await attempt
            assert not failed.value.retryable
    finally:
        await client.close()

    assert resolver.asked == []


@pytest.mark.parametrize(
    "inward", [["127.0.0.1"], ["10.0.0.1", "::1"], ["::ffff:127.0.0.1"], ["64:ff9b::7f00:1"], ["0.0.0.0"]]
)
async def test_a_public_name_for_an_inner_address_is_refused_before_connecting(inward: list[str]) -> None:
    client = Client(ClientPolicy(), resolver=Answers(inward))
    try:
        with pytest.raises(FetchFailed) as failed:
            await client.post("https://inbox.example/", b"{}", {})
    finally:
        await client.close()

    assert failed.value.reason == "The host has no public address."
    assert not failed.value.retryable


async def test_only_checked_answers_are_returned() -> None:
    resolver = CheckedResolver(ClientPolicy(), Answers(["1.1.1.1", "127.0.0.1", "2606:4700::1111", "fe80::1"]))

    assert [answer["host"] for answer in await resolver.resolve("a.example")] == ["1.1.1.1", "2606:4700::1111"]


async def test_a_name_that_turns_inward_is_refused_when_it_does() -> None:
    resolver = CheckedResolver(ClientPolicy(), Answers(["1.1.1.1"], ["127.0.0.1"]))

    assert [answer["host"] for answer in await resolver.resolve("a.example")] == ["1.1.1.1"]
    with pytest.raises(AddressRefused):
        await resolver.resolve("a.example")


async def test_the_connection_goes_to_the_address_that_was_checked(server: Server) -> None:
    server.answers("/x")
    resolver = Answers(["127.0.0.1"], ["10.0.0.1"])
    client = Client(ONE_MACHINE, resolver=resolver)
    async with running(server):
        try:
            answer = await fetched(client, server.at("/x", "school.example"))
        finally:
            await client.close()

    assert answer.status == 200
    assert resolver.asked == ["school.example"], "one look-up, and no second one"
    assert server.seen[0].headers["Host"] == f"school.example:{server.port}"


async def test_names_of_this_machine_are_not_looked_up(server: Server) -> None:
    server.answers("/x")
    resolver = Answers(["10.0.0.1"])
    client = Client(ONE_MACHINE, resolver=resolver)
    async with running(server):
        try:
            assert (await fetched(client, server.at("/x", "lyon.localhost"))).status == 200
        finally:
            await client.close()

    assert resolver.asked == []


async def test_a_name_that_cannot_be_looked_up_may_be_there_later() -> None:
    class Broken(Answers):
        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
        ) -> list[ResolveResult]:
            raise socket.gaierror(socket.EAI_AGAIN, "later")

    client = Client(ClientPolicy(), resolver=Broken([]))
    try:
        with pytest.raises(FetchFailed) as failed:
            await fetched(client, "https://a.example/")
    finally:
        await client.close()

    assert failed.value.retryable


async def test_certificates_are_checked(tmp_path: Path, server: Server) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("school.localhost").configure_cert(context)
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(ca_file)
    server.answers("/x")
    runner = await server.start(context)
    url = f"https://school.localhost:{server.port}/x"
    trusting, strict = (
        Client(ClientPolicy(allow_loopback=True, ca_file=ca_file)),
        Client(ClientPolicy(allow_loopback=True)),
    )
    try:
        assert (await fetched(trusting, url)).status == 200
        with pytest.raises(FetchFailed, match="certificate"):
            await fetched(strict, url)
        with pytest.raises(FetchFailed, match="certificate"):
            await fetched(trusting, url.replace("school.", "other."))
    finally:
        await trusting.close()
        await strict.close()
        await runner.cleanup()


# ---- redirects


async def test_redirects_stay_on_the_origin_and_are_signed_anew(server: Server, client: Client) -> None:
    server.redirects("/a", "/b?x=1", 301)
    server.redirects("/b", "c", 308)
    server.answers("/c")
    urls: list[str] = []

    def signed(method: str, url: str, headers: Mapping[str, str]) -> Mapping[str, str]:
        urls.append(url)
        return {"Signature": f"for {url}"}

    async with running(server):
        answer = await fetched(client, server.at("/a"), headers_for=signed)

    assert answer.url == server.at("/c")
    assert urls == [server.at("/a"), server.at("/b?x=1"), server.at("/c")]
    assert [request.headers["Signature"] for request in server.seen] == [f"for {url}" for url in urls]


async def test_a_document_may_move_between_a_host_and_its_www_name(server: Server, client: Client) -> None:

    async def www(request: web.Request) -> web.StreamResponse:
        if request.host.startswith("www."):
            return web.Response(body=b"{}", content_type=AS2)
        raise web.HTTPFound(f"http://www.{request.host}/x")

    server.on("/x", www)
    async with running(server):
        assert (await fetched(client, server.at("/x"))).url == server.at("/x", "www.school.localhost")


@pytest.mark.parametrize(
    "to",
    [
        "http://other.localhost:{port}/b",
        "http://school.localhost:1/b",
        "http://www.other.localhost:{port}/b",
        "http://www.www.school.localhost:{port}/b",
    ],
)
async def test_a_document_does_not_move_to_another_origin(server: Server, client: Client, to: str) -> None:
    server.answers("/b")

    async def away(request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(to.format(port=server.port))

    server.on("/a", away)
    async with running(server):
        with pytest.raises(FetchFailed, match="another origin") as failed:
            await fetched(client, server.at("/a"))

    assert not failed.value.retryable
    assert [request.path for request in server.seen] == ["/a"]


async def test_webfinger_may_move_to_another_host(server: Server, client: Client) -> None:
    server.answers("/b", headers={"Content-Type": "application/jrd+json; charset=utf-8"})

    async def away(request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(f"http://social.school.localhost:{server.port}/b")

    server.on("/a", away)
    async with running(server):
        answer = await client.fetch_json(server.at("/a"), "application/jrd+json")

    assert answer.url == server.at("/b", "social.school.localhost")


@pytest.mark.parametrize(
    "to",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://[fe80::1]/",
        "http://0x7f.1/",
        "http://internal/",
        "http://inner.example/",
        "http://sam:secret@school.localhost/",
        "file:///etc/passwd",
        "gopher://school.localhost/",
        "http://",
        "\\\\evil",
    ],
)
async def test_every_redirect_is_checked(server: Server, to: str) -> None:
    server.redirects("/a", to)
    client = Client(ONE_MACHINE, resolver=Answers(["10.0.0.1"]))
    async with running(server):
        try:
            with pytest.raises(FetchFailed) as failed:
                await fetched(client, server.at("/a"), same_origin_redirects=False)
        finally:
            await client.close()

    assert not failed.value.retryable
    assert len(server.seen) == 1


async def test_redirects_end(server: Server, client: Client) -> None:
    for number in range(10):
        server.redirects(f"/{number}", f"/{number + 1}")
    server.redirects("/circle", "/back")
    server.redirects("/back", "/circle#again")
    server.answers("/nowhere", status=302, headers={"X": "no location"})
    async with running(server):
        with pytest.raises(FetchFailed, match="too many"):
            await fetched(client, server.at("/0"))
        assert len(server.seen) == 4
        with pytest.raises(FetchFailed, match="circle"):
            await fetched(client, server.at("/circle"))
        with pytest.raises(FetchFailed, match="circle"):
            await fetched(client, server.at("/nowhere"))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_delivery_is_never_redirected(server: Server, client: Client, status: int) -> None:
    server.redirects("/inbox", "/other", status)
    server.answers("/other")
    async with running(server):
        with pytest.raises(FetchFailed, match="redirected") as failed:
            await client.post(server.at("/inbox"), b"{}", {})

    assert not failed.value.retryable
    assert [request.path for request in server.seen] == ["/inbox"]


# ---- what comes back


@pytest.mark.parametrize(
    ("content_type", "accepted"),
    [
        ("application/activity+json", True),
        ("Application/Activity+JSON; charset=utf-8", True),
        ('application/ld+json; profile="https://www.w3.org/ns/activitystreams"', True),
        ('application/ld+json; charset=utf-8; PROFILE="http://x.example https://www.w3.org/ns/activitystreams"', True),
        ("application/ld+json; profile=https://www.w3.org/ns/activitystreams", True),
        ("application/ld+json", False),
        ('application/ld+json; profile="https://www.w3.org/ns/activitystreams2"', False),
        ('application/ld+json; profiles="https://www.w3.org/ns/activitystreams"', False),
        ("application/json", False),
        ("text/plain", False),
        ("text/html", False),
        ("application/octet-stream", False),
        ("image/png; x=application/activity+json", False),
        ("application/activity+json, text/html", False),
        ("", False),
    ],
)
async def test_only_activitystreams_is_taken_for_it(
    server: Server, client: Client, content_type: str, accepted: bool
) -> None:
    assert is_as2(content_type) == accepted
    server.answers("/x", headers={"Content-Type": content_type or "application/octet-stream"})
    async with running(server):
        if accepted:
            assert (await client.fetch_document(server.at("/x"))).body == b"{}"
        else:
            with pytest.raises(FetchFailed) as failed:
                await client.fetch_document(server.at("/x"))
            assert not failed.value.retryable


@pytest.mark.parametrize(
    ("content_type", "accepted"),
    [
        ("application/jrd+json", True),
        ("application/json; profile=x", True),
        ("text/plain", False),
        ("application/xrd+xml", False),
        (AS2, False),
    ],
)
async def test_webfinger_is_json(server: Server, client: Client, content_type: str, accepted: bool) -> None:
    server.answers("/x", headers={"Content-Type": content_type})
    async with running(server):
        if accepted:
            assert (await client.fetch_json(server.at("/x"), "application/jrd+json")).status == 200
        else:
            with pytest.raises(FetchFailed, match="JSON"):
                await client.fetch_json(server.at("/x"), "application/jrd+json")


@pytest.mark.parametrize(
    ("status", "retryable"),
    [(400, False), (401, False), (403, False), (404, False), (410, False), (408, True), (425, True), (429, True),
     (500, True), (502, True), (503, True), (304, False), (300, False)],
)  # fmt: skip
async def test_a_status_says_whether_to_try_again(server: Server, client: Client, status: int, retryable: bool) -> None:
    server.answers("/x", b"", status, {"Retry-After": "120"})
    async with running(server):
        with pytest.raises(FetchFailed) as failed:
            await fetched(client, server.at("/x"))

    assert failed.value.status == status
    assert failed.value.retryable == retryable
    assert failed.value.retry_after == 120


@pytest.mark.parametrize("status", [202, 400, 401, 404, 410, 429, 503])
async def test_a_delivery_reports_the_status_it_got(server: Server, client: Client, status: int) -> None:
    server.answers("/inbox", b"because", status, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"})
    async with running(server):
        answer = await client.post(server.at("/inbox"), b"{}", {})

    assert (answer.status, answer.body, answer.retry_after) == (status, b"because", 0)


@pytest.mark.parametrize("value", ["", "soon", "-1", "1e9", "9" * 40, "21 Oct", "Wed, 99 Oct 2015 07:28:00 GMT"])
def test_an_odd_wish_to_wait_is_no_wish(value: str) -> None:
    assert module.Answer("", 503, {"Retry-After": value}, b"", "").retry_after is None


# ---- size


async def test_an_answer_may_be_as_large_as_its_limit(server: Server, client: Client) -> None:
    server.answers("/fits", b"x" * 1000)
    server.answers("/large", b"x" * 1001)
    server.answers("/packed", gzip.compress(b"x" * 1000), headers={"Content-Encoding": "gzip"})
    server.answers("/packed-large", gzip.compress(b"x" * 1001), headers={"Content-Encoding": "gzip"})
    async with running(server):
        for path in ("/fits", "/packed"):
            assert len((await fetched(client, server.at(path))).body) == 1000
        for path in ("/large", "/packed-large"):
            with pytest.raises(FetchFailed, match="too large") as failed:
                await fetched(client, server.at(path))
            assert not failed.value.retryable


async def test_a_gzip_bomb_is_not_unpacked(server: Server, client: Client) -> None:
    bomb = gzip.compress(bytes(20 * module.MEBIBYTE))
    server.answers("/x", bomb, headers={"Content-Type": AS2, "Content-Encoding": "gzip"})
    async with running(server):
        with pytest.raises(FetchFailed, match="too large"):
            await client.fetch_document(server.at("/x"))
        answer = await client.post(server.at("/x"), b"{}", {})

    assert len(answer.body) == module.MAX_POST_ANSWER


@pytest.mark.parametrize(
    ("body", "encoding", "retryable"),
    [
        (gzip.compress(b"x" * 500, mtime=0)[:-9], "gzip", True),
        (b"not gzip", "gzip", False),
        (b"x", "br", False),
        (b"x", "gzip, gzip", False),
        (b"x", "deflate", False),
    ],
)
async def test_what_cannot_be_unpacked_is_refused(
    server: Server, client: Client, body: bytes, encoding: str, retryable: bool
) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()

    async with raw_server(talk) as url:
        with pytest.raises(FetchFailed) as failed:
            await fetched(client, url)

    assert failed.value.retryable == retryable


async def test_an_endless_body_is_cut_off(client: Client) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/activity+json\r\n\r\n")
        while True:
            writer.write(b"x" * 1000)
            await writer.drain()

    async with raw_server(talk) as url:
        with pytest.raises(FetchFailed, match="too large"):
            await fetched(client, url)


@pytest.mark.parametrize("packed", [False, True])
async def test_of_an_endless_body_the_beginning_can_be_had(client: Client, packed: bool) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        packer = zlib.compressobj(0, wbits=31)
        await reader.readuntil(b"\r\n\r\n")
        encoding = b"Content-Encoding: gzip\r\n" if packed else b""
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + encoding + b"\r\n")
        while True:
            piece = b"x" * 1000
            writer.write(packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH) if packed else piece)
            await writer.drain()

    async with raw_server(talk) as url:
        answer = await client.get(url, accept="text/html", limit=5000, kinds=("text/html",), cut=True)

    assert answer.body == b"x" * 5000


async def test_what_is_of_another_type_is_not_read(client: Client) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: Video/MP4; x=y\r\nContent-Length: 9\r\n\r\n")
        await reader.read()  # no body comes before the other side hangs up

    async with raw_server(talk) as url:
        with pytest.raises(FetchFailed, match="of the type video/mp4") as failed:
            await client.get(url, accept="text/html", limit=5000, kinds=("text/html",))

    assert not failed.value.retryable


# ---- time


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One byte now and then: never silent, never done."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def slow_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("talk", [drip, silence, slow_head])
async def test_the_time_in_all_is_bounded(client: Client, talk: Talk) -> None:
    async with raw_server(talk) as url:
        started = asyncio.get_running_loop().time()
        with pytest.raises(FetchFailed, match="in time") as failed:
            await fetched(client, url, total=0.2)

    assert failed.value.retryable
    assert asyncio.get_running_loop().time() - started < 15


async def test_a_slow_handshake_is_bounded(client: Client) -> None:
    async with raw_server(silence) as url:
        with pytest.raises(FetchFailed, match="in time"):
            await fetched(client, url.replace("http:", "https:"), total=0.2)


async def test_redirects_share_the_time(server: Server, client: Client) -> None:

    async def slowly(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.15)
        raise web.HTTPFound(f"/{request.match_info['n']}1")

    server.on("/{n}", slowly)
    async with running(server):
        with pytest.raises(FetchFailed, match="in time"):
            await fetched(client, server.at("/1"), total=0.25)


async def test_silence_between_bytes_is_bounded(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "READ_TIME", 0.1)
    async with raw_server(silence) as url:
        with pytest.raises(FetchFailed, match="in time"):
            await fetched(client, url)


async def test_a_delivery_whose_answer_drips_has_arrived(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POST_ANSWER_TIME", 0.1)
    async with raw_server(drip) as url:
        answer = await client.post(url, b"{}", {})

    assert answer.status == 200


# ---- connections


@pytest.mark.parametrize(("method", "most"), [("GET", 2), ("POST", 4)])
async def test_a_host_is_asked_by_few_at_once(server: Server, client: Client, method: str, most: int) -> None:
    now = peak = 0
    everybody = asyncio.Event()

    async def counting(request: web.Request) -> web.StreamResponse:
        nonlocal now, peak
        now += 1
        peak = max(peak, now)
        if now == most:
            everybody.set()
        await everybody.wait()
        await asyncio.sleep(0.01)
        now -= 1
        return web.Response(body=b"{}", content_type=AS2)

    server.on("/x", counting)
    async with running(server):
        url = server.at("/x")
        await asyncio.gather(
            *(fetched(client, url) if method == "GET" else client.post(url, b"", {}) for _ in range(12))
        )

    assert peak == most
    assert client._places.hosts == {}, "a host is forgotten when nobody asks it"


async def test_a_host_that_hangs_holds_up_only_itself(server: Server, client: Client) -> None:
    server.answers("/x")
    async with raw_server(silence) as dead, running(server):
        stuck = [asyncio.create_task(fetched(client, dead, total=30)) for _ in range(20)]
        answer = await fetched(client, server.at("/x"))
        assert not any(task.done() for task in stuck)
    failures = await asyncio.gather(*stuck, return_exceptions=True)

    assert answer.status == 200
    assert all(isinstance(failure, FetchFailed) and failure.retryable for failure in failures)
    assert client._places.hosts == {}


async def test_the_process_asks_two_hundred_at_once(client: Client) -> None:
    places = client._places
    entered = 0
    leave = asyncio.Event()

    async def ask(number: int) -> None:
        nonlocal entered
        async with places.one("GET", f"{number}.example", 5):
            entered += 1
            await leave.wait()

    tasks = [asyncio.create_task(ask(number)) for number in range(250)]
    for _ in range(5):
        await asyncio.sleep(0)
    assert entered == 200
    leave.set()
    await asyncio.gather(*tasks)
    assert entered == 250


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        b"SSH-2.0-x\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\x00b\r\n\r\n",
    ],
    ids=["nothing", "too little", "another protocol", "bad header"],
)
async def test_an_answer_that_breaks_off_may_come_whole_later(client: Client, said: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        await writer.drain()

    async with raw_server(talk) as url:
        with pytest.raises(FetchFailed) as failed:
            await fetched(client, url)

    assert failed.value.retryable


async def test_nobody_there(client: Client) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(FetchFailed, match="cannot be reached") as failed:
            await client.post(f"http://127.0.0.1:{taken.getsockname()[1]}/", b"", {})

    assert failed.value.retryable


async def test_a_delivery_on_a_connection_that_was_closed_meanwhile_is_sent_again(client: Client) -> None:
    requests: list[bytes] = []

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await reader.readuntil(b"\r\n\r\n"))
        if len(requests) != 2:  # the second is read and not answered
            writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()

    async with raw_server(once) as url:
        assert (await client.post(url, b"", {})).status == 202
        assert (await client.post(url, b"", {})).status == 202

    assert len(requests) == 3


async def test_a_client_can_be_used_again_after_closing(server: Server, client: Client) -> None:
    server.answers("/x")
    async with running(server):
        await client.close()
        assert (await fetched(client, server.at("/x"))).status == 200
        await client.close()
        await client.close()
        assert (await fetched(client, server.at("/x"))).status == 200


def test_no_other_module_opens_connections_outward() -> None:
    root = Path(module.__file__).parents[2]
    opens = re.compile(
        r"ClientSession\(|\burlopen\b|^\s*(import|from) (requests|httpx|urllib3|urllib\.request|http\.client)\b"
        r"|\.create_connection\(|\bopen_connection\(|aiohttp\.request\(|\bSMTP\(",
        re.MULTILINE,
    )
    outward = {
        str(path.relative_to(root))
        for package in ("activitypub", "node", "web")
        for path in (root / package).rglob("*.py")
        # The demo plays the part of the members' apps: it is a client of its own nodes.
        if "demo" not in path.parts and opens.search(path.read_text(encoding="utf-8"))
    }

    # The mail server is the host's own choice, in the settings: no stranger says where it is.
    assert outward == {"node/federation/client.py", "node/mail/smtp.py"}
