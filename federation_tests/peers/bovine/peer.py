# SPDX-License-Identifier: AGPL-3.0-or-later
"""One actor served with bovine: its signatures, its factories, its checking of what arrives.

Runs in an environment of its own (requirements.txt beside it), never in ours: bovine caps the version of cryptography.
bovine signs draft-cavage with `Digest`, and verifies cavage; a sender that begins with RFC 9421 gets 401 here and has to
knock again.

Environment: ORIGIN (the public https address; a proxy stands in front), PORT, BIND, USERNAME (default `bo`).
Everything is in memory. Driven under /_control/ by federation_tests/harness/peers.py, as its Fedify sister is.
"""

import asyncio
import itertools
import json
import logging
import os
import socket
import sys
import traceback
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from bovine import BovineActor
from bovine.activitystreams import factories_for_actor_object
from bovine.clients.signed_http import content_digest_sha256
from bovine.crypto import build_validate_http_signature_raw, generate_rsa_public_private_key
from bovine.crypto.types import CryptographicIdentifier

Json = dict[str, Any]

ORIGIN = os.environ["ORIGIN"]
USERNAME = os.environ.get("USERNAME", "bo")
AUTHORITY = urlsplit(ORIGIN).netloc
ME = f"{ORIGIN}/actors/{USERNAME}"
KEY = f"{ME}#main-key"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
CONTEXT = "https://www.w3.org/ns/activitystreams"

public_pem, private_pem = generate_rsa_public_private_key()
serial = itertools.count(1)


def upper_case_digest(body: bytes) -> tuple[str, str]:
    """`SHA-256=` as RFC 3230 spells it: Fedify and Mastodon know no other spelling."""
    return "digest", content_digest_sha256(body, prefix="SHA-256")


class LoopbackNames(AbstractResolver):
    """Names under `localhost` are the loopback address, whatever the libc thinks (RFC 6761 section 6.3)."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if not host.endswith(".localhost"):
            raise OSError(f"{host} is not a name of this test network")
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        return


def new_id(kind: str) -> str:
    return f"{ORIGIN}/{kind}/{next(serial)}"


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


PROFILE: Json = {
    "@context": [CONTEXT, "https://w3id.org/security/v1"],
    "id": ME,
    "type": "Person",
    "preferredUsername": USERNAME,
    "name": "Bo of bovine",
    "summary": "<p>Ruminates.</p>",
    "url": f"{ORIGIN}/@{USERNAME}",
    "inbox": f"{ME}/inbox",
    "outbox": f"{ME}/outbox",
    "followers": f"{ME}/followers",
    "published": "2022-10-01T08:00:00Z",
    "manuallyApprovesFollowers": False,
    "publicKey": {"id": KEY, "owner": ME, "publicKeyPem": public_pem},
}
activities, notes = factories_for_actor_object(PROFILE, id_generator=lambda: new_id("things"))


class Peer:
    """What this actor has sent, has been sent, and whom it knows."""

    def __init__(self) -> None:
        self.objects: dict[str, Json] = {}
        self.sent: dict[str, tuple[Json, list[str]]] = {}
        self.followers: dict[str, Json] = {}
        self.following: set[str] = set()
        self.received: list[Json] = []
        self.arrival = asyncio.Condition()
        self.background: set[asyncio.Task[None]] = set()
        self.actor = BovineActor(actor_id=ME, public_key_url=KEY, secret=private_pem, digest_method=upper_case_digest)
        self.signer_of = build_validate_http_signature_raw(self.key)

    async def open(self, _app: web.Application) -> None:
        connector = aiohttp.TCPConnector(resolver=LoopbackNames())
        await self.actor.init(session=aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(20)))

    async def close(self, _app: web.Application) -> None:
        await self.actor.session.close()

    # ---- what arrives ----

    async def key(self, key_id: str) -> CryptographicIdentifier | None:
        """The key with this id, fetched with a signature; bovine hands its owner back as the sender."""
        document = await self.actor.get(key_id.split("#")[0])
        key = document.get("publicKey", document)
        if key.get("id") != key_id:
            return None
        return CryptographicIdentifier.from_pem(key["publicKeyPem"], key["owner"])

    async def inbox(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            activity = json.loads(body)
        except ValueError:
            activity = None

        async def the_body() -> bytes:
            return body

        url = f"{ORIGIN}{request.raw_path}"
        signer = await self.signer_of("post", url, headers, the_body)
        accepted = activity is not None and signer is not None and signer == activity.get("actor")
        if accepted:
            await self.apply(activity)
        kind = "rfc9421" if "signature-input" in headers else "cavage" if "signature" in headers else "none"
        status = 202 if accepted else 401
        async with self.arrival:
            self.received.append(
                {
                    "path": request.raw_path,
                    "type": activity.get("type") if isinstance(activity, dict) else None,
                    "activity": activity,
                    "body": body.decode(errors="replace"),
                    "signature": kind,
                    "status": status,
                    "accepted": accepted,
                    "headers": headers,
                }
            )
            self.arrival.notify_all()
        return web.Response(status=status)

    async def apply(self, activity: Json) -> None:
        sender = activity["actor"]
        named = activity.get("object")
        match activity["type"]:
            case "Follow":
                self.followers[sender] = await self.actor.get(sender)
                accept = activities.accept(activity, include_activity=True).build() | {"to": [sender]}
                # Answered after the 202, as servers with a queue do.
                task = asyncio.create_task(self.send(accept, [sender]))
                self.background.add(task)
                task.add_done_callback(self.background.discard)
            case "Accept":
                follow, _ = self.sent.get(id_of(named), ({}, []))
                if follow.get("type") == "Follow" and follow["object"] == sender:
                    self.following.add(sender)
            case "Reject":
                self.following.discard(sender)
            case "Undo" if isinstance(named, dict) and named.get("type") == "Follow":
                self.followers.pop(sender, None)

    # ---- what leaves ----

    async def send(self, activity: Json, recipients: list[str]) -> None:
        """Deliver to each recipient's inbox; raises when one of them refuses."""
        self.sent[activity["id"]] = (activity, recipients)
        for recipient in recipients:
            target = await self.actor.get(recipient)
            await self.actor.post(target["inbox"], activity)

    async def resolve(self, target: str) -> str:
        """The actor id behind a handle or an id."""
        if target.startswith("https://"):
            return target
        account = target.lstrip("@")
        url = f"https://{account.split('@')[1]}/.well-known/webfinger"
        response = await self.actor.session.get(url, params={"resource": f"acct:{account}"})
        response.raise_for_status()
        links = json.loads(await response.text())["links"]
        return next(
            link["href"] for link in links if link["rel"] == "self" and link.get("type") == "application/activity+json"
        )

    async def follow(self, target: str) -> Json:
        actor = await self.resolve(target)
        activity = activities.follow(actor).build() | {"to": [actor]}
        await self.send(activity, [actor])
        return {"id": activity["id"], "object": actor}

    async def publish(self, thing: Json, to: str | None) -> Json:
        if to:
            recipient = await self.resolve(to)
            profile = await self.actor.get(recipient)
            thing["to"], recipients = [recipient], [recipient]
            thing["tag"] = [{"type": "Mention", "href": recipient, "name": f"@{profile['preferredUsername']}"}]
        else:
            thing["to"], thing["cc"], recipients = [PUBLIC], [PROFILE["followers"]], list(self.followers)
        self.objects[thing["id"]] = thing
        create = activities.create(thing).build()
        await self.send(create, recipients)
        return {"id": create["id"], "object": thing["id"]}

    async def note(
        self,
        content: str,
        to: str | None = None,
        in_reply_to: str | None = None,
        summary: str | None = None,
    ) -> Json:
        note = notes.note(content=content, summary=summary, in_reply_to=in_reply_to).build()
        return await self.publish(note, to)

    async def event(
        self,
        name: str,
        content: str,
        start: str,
        end: str | None = None,
        place: str | None = None,
        to: str | None = None,
    ) -> Json:
        event = notes.event(name=name, content=content).build() | {"startTime": start}
        if end:
            event["endTime"] = end
        if place:
            event["location"] = {"type": "Place", "name": place}
        return await self.publish(event, to)

    async def update(self, object: str, content: str) -> Json:  # noqa: A002  the control interface's word
        edited = self.objects[object] = self.objects[object] | {"content": content, "updated": now()}
        activity = activities.update(edited).build()
        await self.send(activity, list(self.followers))
        return {"id": activity["id"], "object": object}

    async def delete(self, object: str) -> Json:  # noqa: A002
        self.objects[object] = {"@context": CONTEXT, "id": object, "type": "Tombstone", "deleted": now()}
        activity = activities.delete({"type": "Tombstone", "id": object}).as_public().build()
        await self.send(activity, list(self.followers))
        return {"id": activity["id"], "object": object}

    async def about(self, kind: str, object: str, to: str) -> Json:  # noqa: A002
        recipient = await self.resolve(to)
        activity = activities.custom(type=kind, object=object).build()
        recipients = [recipient]
        if kind == "Announce":
            activity |= {"to": [PUBLIC], "cc": [recipient, PROFILE["followers"]]}
            recipients += [follower for follower in self.followers if follower != recipient]
        else:
            activity |= {"to": [recipient]}
        await self.send(activity, recipients)
        return {"id": activity["id"], "object": object}

    async def undo(self, activity: str) -> Json:
        undone, recipients = self.sent[activity]
        if undone["type"] == "Follow":
            self.following.discard(undone["object"])
        undo = activities.undo(undone, include_activity=True).build() | {"to": recipients}
        await self.send(undo, recipients)
        return {"id": undo["id"]}

    async def fetch(self, url: str) -> Json:
        return {"document": await self.actor.get(url, create_tombstone=False)}

    async def deliver(self, inbox: str, activity: object = None, raw: str | None = None) -> Json:
        response = await self.actor.client.post(inbox, json.dumps(activity) if raw is None else raw)
        return {"status": response.status, "body": await response.text()}

    # ---- control ----

    async def received_of(
        self, kind: str | None, naming: str, count: int, seconds: float, accepted: bool
    ) -> list[Json]:
        def found() -> list[Json]:
            return [
                one
                for one in self.received
                if (kind is None or one["type"] == kind) and naming in one["body"] and (one["accepted"] or not accepted)
            ]

        async with self.arrival:
            try:
                async with asyncio.timeout(seconds):
                    await self.arrival.wait_for(lambda: len(found()) >= count)
            except TimeoutError:
                pass
        return found()

    def state(self) -> Json:
        return {
            "actor": ME,
            "handle": f"{USERNAME}@{AUTHORITY}",
            "inbox": PROFILE["inbox"],
            "followers": list(self.followers),
            "following": list(self.following),
        }

    async def control(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        operations: dict[str, Callable[..., Awaitable[Json]]] = {
            "follow": self.follow,
            "note": self.note,
            "event": self.event,
            "update": self.update,
            "delete": self.delete,
            "undo": self.undo,
            "fetch": self.fetch,
            "deliver": self.deliver,
        }
        query = request.query
        try:
            if name == "ready":
                return web.json_response({"ready": True})
            if name == "state":
                return web.json_response(self.state())
            if name == "received":
                count, seconds = int(query.get("count", 1)), float(query.get("timeout", 0))
                return web.json_response(
                    await self.received_of(
                        query.get("type"), query.get("naming", ""), count, seconds, "accepted" in query
                    )
                )
            asked = await request.json()
            if name in operations:
                return web.json_response(await operations[name](**asked))
            return web.json_response(await self.about(name.capitalize(), **asked))
        except Exception as error:  # noqa: BLE001  whatever went wrong is the test's to read
            return web.json_response({"error": repr(error), "stack": traceback.format_exc()}, status=500)

    # ---- what others read ----

    async def webfinger(self, request: web.Request) -> web.Response:
        if request.query.get("resource") not in (f"acct:{USERNAME}@{AUTHORITY}", ME):
            raise web.HTTPNotFound
        link = {"rel": "self", "type": "application/activity+json", "href": ME}
        answer = {"subject": f"acct:{USERNAME}@{AUTHORITY}", "aliases": [ME], "links": [link]}
        return web.json_response(answer, content_type="application/jrd+json")

    async def document(self, request: web.Request) -> web.Response:
        uri = f"{ORIGIN}{request.path}"
        collections: dict[str, list[Any]] = {
            PROFILE["followers"]: list(self.followers),
            PROFILE["outbox"]: [activity for activity, _ in self.sent.values() if activity["type"] == "Create"],
        }
        if uri == ME:
            found = PROFILE
        elif uri in collections:
            items = collections[uri]
            found = {"@context": CONTEXT, "id": uri, "type": "OrderedCollection", "totalItems": len(items)}
            found["orderedItems"] = items
        elif uri in self.objects:
            found = self.objects[uri]
        elif uri in self.sent:
            found = self.sent[uri][0]
        else:
            raise web.HTTPNotFound
        status = 410 if found["type"] == "Tombstone" else 200
        return web.json_response(found, status=status, content_type="application/activity+json")


def id_of(thing: object) -> str:
    return thing if isinstance(thing, str) else str(thing.get("id")) if isinstance(thing, dict) else ""


def main() -> None:
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    peer = Peer()
    app = web.Application(client_max_size=4 * 1024 * 1024)
    app.on_startup.append(peer.open)
    app.on_cleanup.append(peer.close)
    app.router.add_post(f"/actors/{USERNAME}/inbox", peer.inbox)
    app.router.add_get("/.well-known/webfinger", peer.webfinger)
    app.router.add_route("*", "/_control/{name}", peer.control)
    app.router.add_get("/{path:.+}", peer.document)
    web.run_app(app, host=os.environ.get("BIND", "127.0.0.1"), port=int(os.environ["PORT"]), access_log=None)


if __name__ == "__main__":
    main()
