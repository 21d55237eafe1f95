# SPDX-License-Identifier: AGPL-3.0-or-later
"""A server that nobody should trust: it signs with any fault you ask for, and serves any document under any path.

Its draft-cavage signing is written here from the draft (draft-cavage-http-signatures-12 sections 2 and 3), on
`cryptography` alone, so that a mistake in our own signing cannot hide itself.
"""

import base64
import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import requests
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from federation_tests.harness.network import Network

Json = dict[str, Any]

AS2 = "application/activity+json"
CONTEXT = "https://www.w3.org/ns/activitystreams"
PUBLIC = f"{CONTEXT}#Public"
SIGNED = ("(request-target)", "host", "date", "digest")


@dataclass(frozen=True, slots=True)
class Forgery:
    """How a request differs from a right one. The default differs in nothing."""

    age: timedelta = timedelta()
    """How long ago it says it was signed; negative is the future."""
    signed: Sequence[str] = SIGNED
    key_id: str | None = None
    wrong_key: bool = False
    signed_path: str | None = None
    signed_host: str | None = None
    sent_body: bytes | None = None
    """The body that travels, when it is not the one that was signed."""
    drop: Sequence[str] = ()
    """Headers left out after signing."""
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Document:
    body: bytes
    content_type: str = AS2
    status: int = 200


class Stranger:
    """One server with one actor, `mallory`, in this process; counts who reads what and keeps what is posted to it."""

    def __init__(self, network: Network, name: str = "stranger") -> None:
        self.site = network.site(name)
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._other_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.documents: dict[str, Document] = {}
        self.reads: list[str] = []
        self.posts: list[Json] = []
        self._serial = 0
        self._http = requests.Session()
        self.actor = self.add_actor("mallory")
        self._server = ThreadingHTTPServer(("127.0.0.1", self.site.port), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._http.close()

    # ---- what it says of itself ----

    def add_actor(self, username: str, **changes: object) -> str:
        """Serve an actor with the one key of this server; returns its id. `changes` replace members of the document."""
        actor = f"{self.site.url}/actors/{username}"
        pem = self._key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        profile = {
            "@context": [CONTEXT, "https://w3id.org/security/v1"],
            "id": actor,
            "type": "Person",
            "preferredUsername": username,
            "name": username.title(),
            "inbox": f"{actor}/inbox",
            "outbox": f"{actor}/outbox",
            "followers": f"{actor}/followers",
            "publicKey": {"id": f"{actor}#main-key", "owner": actor, "publicKeyPem": pem.decode()},
        }
        self.serve(f"/actors/{username}", profile | changes)
        return actor

    def serve(self, path: str, document: object, *, content_type: str = AS2, status: int = 200) -> str:
        """Answer GETs of `path` with this from now on; returns its address."""
        self.documents[path] = Document(json.dumps(document).encode(), content_type, status)
        return f"{self.site.url}{path}"

    def new_id(self, kind: str = "activities") -> str:
        self._serial += 1
        return f"{self.site.url}/{kind}/{self._serial}"

    def activity(self, kind: str, about: object, **changes: object) -> Json:
        """An activity of mallory's with all that it needs; `changes` replace members of it."""
        made = {
            "@context": CONTEXT,
            "id": self.new_id(),
            "type": kind,
            "actor": self.actor,
            "object": about,
            "to": [PUBLIC],
        }
        return made | changes

    def note(self, content: str, **changes: object) -> Json:
        made = {
            "id": self.new_id("notes"),
            "type": "Note",
            "attributedTo": self.actor,
            "content": content,
            "published": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "to": [PUBLIC],
        }
        return made | changes

    # ---- what it sends ----

    def post(self, inbox: str, body: object, forgery: Forgery | None = None) -> int:
        """Post `body` (bytes as they are, anything else as JSON) to an inbox; returns the status.

        Without a forgery the request is right in everything.
        """
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        forgery = forgery or Forgery()
        headers = self._signed_headers(inbox, raw, forgery)
        sent = raw if forgery.sent_body is None else forgery.sent_body
        return self._http.post(inbox, data=sent, headers=headers, timeout=30, allow_redirects=False).status_code

    def post_unsigned(self, inbox: str, body: object) -> int:
        answer = self._http.post(inbox, data=json.dumps(body), headers={"Content-Type": AS2}, timeout=30)
        return answer.status_code

    def _signed_headers(self, inbox: str, body: bytes, forgery: Forgery) -> dict[str, str]:
        parts = urlsplit(inbox)
        date = format_datetime(datetime.now(UTC) - forgery.age, usegmt=True)
        digest = f"SHA-256={base64.b64encode(hashlib.sha256(body).digest()).decode()}"
        values = {
            "(request-target)": f"post {forgery.signed_path or parts.path}",
            "host": forgery.signed_host or parts.netloc,
            "date": date,
            "digest": digest,
        }
        text = "\n".join(f"{name}: {values[name]}" for name in forgery.signed)
        key = self._other_key if forgery.wrong_key else self._key
        signature = base64.b64encode(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()
        key_id = forgery.key_id or f"{self.actor}#main-key"
        names = " ".join(forgery.signed)
        headers = {
            "Content-Type": AS2,
            "Date": date,
            "Digest": digest,
            "Signature": f'keyId="{key_id}",algorithm="rsa-sha256",headers="{names}",signature="{signature}"',
            **forgery.extra,
        }
        return {name: value for name, value in headers.items() if name not in forgery.drop}

    # ---- the server ----

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stranger = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                path = urlsplit(self.path).path
                stranger.reads.append(path)
                found = stranger.documents.get(path, Document(b"{}", "application/json", 404))
                self._answer(found.status, found.body, found.content_type)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                stranger.posts.append(json.loads(body))
                self._answer(202, b"", "text/plain")

            def _answer(self, status: int, body: bytes, content_type: str) -> None:
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name in the base class
                return

        return Handler
