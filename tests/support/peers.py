# SPDX-License-Identifier: AGPL-3.0-or-later
"""Other servers, in the test's own process: one listener for any number of `*.localhost` names.

They serve what they are told, sign as anybody, rightly or wrongly, and keep what is asked of them and sent to them. A
script says how an inbox answers: statuses one after the other, the last one for good, or a function.
"""

import base64
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from io import BytesIO
from typing import Any

import orjson
from aiohttp import ClientSession, web
from yarl import URL

from activitypub.addressing import PUBLIC
from activitypub.signatures import cavage, digest, rfc9421
from activitypub.signatures.keys import Algorithm, SigningKey, generate, public_pem
from activitypub.signatures.message import Request

AS2 = "application/activity+json"
CONTEXT = "https://www.w3.org/ns/activitystreams"
Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@cache
def key_pair(number: int = 0) -> Any:
    """A private RSA key; making one is slow, so everybody shares a few."""
    return generate(Algorithm.RSA)


@dataclass(slots=True)
class Person:
    """An actor of another server and the key that it signs with."""

    uri: str
    name: str
    host: str
    key: SigningKey
    document: Json

    @property
    def followers(self) -> str:
        return f"{self.uri}/followers"

    @property
    def handle(self) -> str:
        return f"{self.name}@{self.host}"

    def says(self, kind: str, thing: object, *, activity_id: str | None = None, **more: object) -> Json:
        """An activity by this person."""
        number = next(_numbers)
        return {
            "@context": CONTEXT,
            "id": activity_id or f"{self.uri}/activities/{number}",
            "type": kind,
            "actor": self.uri,
            "object": thing,
            **more,
        }

    def note(self, text: str = "<p>Hello</p>", *, note_id: str | None = None, **more: object) -> Json:
        """A public Note by this person, as Mastodon writes it."""
        number = next(_numbers)
        uri = note_id or f"{self.uri}/statuses/{number}"
        return {
            "@context": CONTEXT,
            "id": uri,
            "type": "Note",
            "summary": None,
            "inReplyTo": None,
            "published": moment(-60),
            "url": uri.replace("/users/", "/@"),
            "attributedTo": self.uri,
            "to": [PUBLIC],
            "cc": [self.followers],
            "sensitive": False,
            "content": text,
            "contentMap": {"en": text},
            "attachment": [],
            "tag": [],
            "replies": {"id": f"{uri}/replies", "type": "Collection", "first": f"{uri}/replies?page=true"},
            **more,
        }

    def create(self, note: Json, **more: object) -> Json:
        """The Create of a note."""
        return self.says(
            "Create",
            {name: value for name, value in note.items() if name != "@context"},
            activity_id=f"{note['id']}/activity",
            published=note["published"],
            to=note["to"],
            cc=note["cc"],
            **more,
        )


def _count() -> Any:
    number = 0
    while True:
        number += 1
        yield number


_numbers = _count()


def moment(seconds: float = 0) -> str:
    """A time as documents write it, so many seconds from now."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="seconds").replace("+00:00", "Z")


@dataclass(slots=True)
class Seen:
    """A request that came in."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def scheme(self) -> str:
        """The form that it was signed in."""
        if "Signature-Input" in self.headers:
            return "rfc9421"
        return "cavage" if "Signature" in self.headers else ""


@dataclass(slots=True, kw_only=True)
class Forgery:
    """How a request differs from a right one. The default differs in nothing.

    `early` are headers that are there when it is signed, `extra` such as come after that.
    """

    scheme: str = "cavage"
    age: timedelta = timedelta()
    covered: Sequence[str] | None = None
    key: Any = None
    key_id: str | None = None
    signed_target: str | None = None
    signed_host: str | None = None
    sent_target: str | None = None
    sent_body: bytes | None = None
    drop: Sequence[str] = ()
    extra: Mapping[str, str] = field(default_factory=dict)
    early: Mapping[str, str] = field(default_factory=dict)
    content_type: str = AS2
    unsigned: bool = False


RIGHT = Forgery()


class Peers:
    """The servers. `gets` are the addresses that were read, `posts` what came to inboxes."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.people: dict[str, Person] = {}
        self.documents: dict[str, Json] = {}
        self.handlers: dict[str, Handler] = {}
        self.scripts: dict[str, list[int | Handler]] = {}
        self.port = 0
        self._runner: web.AppRunner | None = None
        self._session: ClientSession | None = None

    async def start(self) -> None:
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.router.add_route("*", "/{tail:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self._session = ClientSession(auto_decompress=False)

    async def close(self) -> None:
        assert self._runner is not None
        assert self._session is not None
        await self._session.close()
        await self._runner.cleanup()

    # -- who is there --------------------------------------------------------------------------------------------------

    def host(self, name: str = "far") -> str:
        return f"{name}.localhost:{self.port}"

    def at(self, path: str, name: str = "far") -> str:
        return f"http://{self.host(name)}{path}"

    def person(self, name: str, server: str = "far", *, kind: str = "Person", key: int = 0, **more: object) -> Person:
        """Somebody at one of the servers, whose document and WebFinger answer are served from now on."""
        host = self.host(server)
        uri = f"http://{host}/users/{name}"
        private = key_pair(key)
        document: Json = {
            "@context": [CONTEXT, "https://w3id.org/security/v1"],
            "id": uri,
            "type": kind,
            "preferredUsername": name,
            "name": name.capitalize(),
            "summary": "<p>Of another school.</p>",
            "url": f"http://{host}/@{name}",
            "inbox": f"{uri}/inbox",
            "outbox": f"{uri}/outbox",
            "followers": f"{uri}/followers",
            "following": f"{uri}/following",
            "endpoints": {"sharedInbox": f"http://{host}/inbox"},
            "publicKey": {"id": f"{uri}#main-key", "owner": uri, "publicKeyPem": public_pem(private)},
            **more,
        }
        person = Person(uri, name, host, SigningKey(f"{uri}#main-key", Algorithm.RSA, private), document)
        self.people[uri] = person
        self.documents[uri] = document
        return person

    def rotate(self, person: Person, key: int) -> None:
        """Give somebody a new key under the same name."""
        person.key = SigningKey(person.key.id, Algorithm.RSA, key_pair(key))
        person.document["publicKey"]["publicKeyPem"] = public_pem(key_pair(key))

    def serve(self, document: Json) -> Json:
        """Serve a document at its id."""
        self.documents[document["id"]] = document
        return document

    def script(self, server: str, *answers: int | Handler) -> None:
        """How the inboxes of a server answer, one after the other; the last one stays."""
        self.scripts[self.host(server)] = list(answers)

    # -- what was asked ------------------------------------------------------------------------------------------------

    @property
    def gets(self) -> list[str]:
        return [seen.url for seen in self.seen if seen.method == "GET"]

    @property
    def posts(self) -> list[Seen]:
        return [seen for seen in self.seen if seen.method == "POST"]

    def received(self, server: str = "far") -> list[Json]:
        """The activities that came to a server's inboxes."""
        return [seen.json for seen in self.posts if URL(seen.url).authority == self.host(server)]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        url = f"http://{request.headers['Host']}{request.raw_path}"
        self.seen.append(Seen(request.method, url, request.headers.copy(), body))
        handler = self.handlers.get(url)
        if handler is not None:
            return await handler(request)
        if request.method == "POST":
            answers = self.scripts.get(request.headers["Host"], [202])
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            return web.Response(status=answer) if isinstance(answer, int) else await answer(request)
        if request.path == "/.well-known/webfinger":
            return self._webfinger(request)
        document = self.documents.get(url)
        if document is None:
            return web.Response(status=404)
        return web.Response(body=orjson.dumps(document), content_type=AS2)

    def _webfinger(self, request: web.Request) -> web.Response:
        handle = request.query["resource"].removeprefix("acct:")
        for person in self.people.values():
            if person.handle == handle:
                links = [{"rel": "self", "type": AS2, "href": person.uri}]
                return web.Response(
                    body=orjson.dumps({"subject": f"acct:{handle}", "links": links}),
                    content_type="application/jrd+json",
                )
        return web.Response(status=404)

    # -- what they do --------------------------------------------------------------------------------------------------

    async def send(
        self, activity: Json | bytes, *, by: Person, to: str, forgery: Forgery = RIGHT
    ) -> tuple[int, Mapping[str, str]]:
        """Post an activity to an inbox, signed by somebody; the status and the headers of the answer."""
        body = activity if isinstance(activity, bytes) else orjson.dumps(activity)
        return await self.request("POST", to, by=by, body=body, forgery=forgery)

    async def request(
        self,
        method: str,
        url: str,
        *,
        by: Person | None = None,
        body: bytes = b"",
        forgery: Forgery = RIGHT,
        accept: str = AS2,
    ) -> tuple[int, Mapping[str, str]]:
        status, headers, _ = await self.ask(method, url, by=by, body=body, forgery=forgery, accept=accept)
        return status, headers

    async def ask(
        self,
        method: str,
        url: str,
        *,
        by: Person | None = None,
        body: bytes = b"",
        forgery: Forgery = RIGHT,
        accept: str = AS2,
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Any request, signed by somebody or by nobody: status, headers and body of the answer."""
        base, _, rest = url.removeprefix("http://").partition("/")
        target = f"/{rest}"
        headers = {"Host": base}
        headers |= {"Content-Type": forgery.content_type} if method == "POST" else {"Accept": accept}
        headers |= forgery.early
        if by is not None and not forgery.unsigned:
            headers |= signature(method, target, base, headers, body, by, forgery)
        for name in forgery.drop:
            headers.pop(name, None)
        headers |= forgery.extra
        assert self._session is not None
        port = base.rpartition(":")[2]
        async with self._session.request(
            method,
            URL(f"http://127.0.0.1:{port}{forgery.sent_target or target}", encoded=True),
            data=BytesIO(body if forgery.sent_body is None else forgery.sent_body) if method == "POST" else None,
            headers=headers,
            skip_auto_headers=("Accept-Encoding", "User-Agent", "Accept", "Content-Type"),
            allow_redirects=False,
        ) as response:
            return response.status, response.headers.copy(), await response.read()


def signature(
    method: str, target: str, host: str, headers: Mapping[str, str], body: bytes, by: Person, forgery: Forgery
) -> dict[str, str]:
    """The headers of a signature with the faults asked for."""
    now = datetime.now(UTC) - forgery.age
    key = SigningKey(forgery.key_id or by.key.id, Algorithm.RSA, forgery.key or by.key.private)
    request = Request(
        method=method,
        target=forgery.signed_target or target,
        scheme="http",
        authority=forgery.signed_host or host,
        headers=tuple({**headers, "Host": forgery.signed_host or host}.items()),
        body=body,
    )
    if forgery.scheme == "rfc9421":
        return rfc9421.sign(request, key, now)
    if forgery.covered is None:
        return cavage.sign(request, key, now)
    added = {"Date": format_datetime(now, usegmt=True)}
    if body:
        added["Digest"] = digest.digest(body)
    made = key.sign(cavage.base(request.with_headers(added), list(forgery.covered)))
    named = " ".join(forgery.covered)
    encoded = base64.b64encode(made).decode()
    return added | {
        "Signature": f'keyId="{key.id}",algorithm="rsa-sha256",headers="{named}",signature="{encoded}"',
    }
