# SPDX-License-Identifier: AGPL-3.0-or-later
"""One actor whose requests are signed and checked by active-boxes: both forms of signature, on another cryptography.

active-boxes is a library without a server, so everything but signatures is here. It runs in an environment of its own
(requirements.txt beside it). It signs with RSA and Ed25519; which form and key it knocks with first is FIRST_KNOCK
(`rfc9421`, `ed25519` or `cavage`); what is refused with 401 is sent once more in the other form.

Environment: ORIGIN (the public https address; a proxy stands in front), PORT, BIND, FIRST_KNOCK.
Everything is in memory. Driven under /_control/ by federation_tests/harness/peers.py, as its sisters are.
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
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from active_boxes import httpsig
from active_boxes.activitypub import use_backend
from active_boxes.backend import Backend
from active_boxes.key import Ed25519Key, Key
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

Json = dict[str, Any]

ORIGIN = os.environ["ORIGIN"]
FIRST_KNOCK = os.environ.get("FIRST_KNOCK", "rfc9421")
AUTHORITY = urlsplit(ORIGIN).netloc
ME = f"{ORIGIN}/actors/abby"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
CONTEXT = "https://www.w3.org/ns/activitystreams"
AS2 = "application/activity+json"

serial = itertools.count(1)


def keys() -> tuple[Key, Ed25519Key]:
    rsa, ed25519 = Key(ME, f"{ME}#main-key"), Ed25519Key(ME, f"{ME}#ed25519-key")
    rsa.new()
    ed25519.new()
    return rsa, ed25519


RSA, ED25519 = keys()

PROFILE: Json = {
    "@context": [CONTEXT, "https://w3id.org/security/v1", "https://w3id.org/security/multikey/v1"],
    "id": ME,
    "type": "Person",
    "preferredUsername": "abby",
    "name": "Abby of active-boxes",
    "summary": "<p>Packs boxes.</p>",
    "url": f"{ORIGIN}/@abby",
    "inbox": f"{ME}/inbox",
    "outbox": f"{ME}/outbox",
    "followers": f"{ME}/followers",
    "manuallyApprovesFollowers": False,
    "publicKey": RSA.to_dict(),
    "assertionMethod": [ED25519.to_multikey(f"{ME}#ed25519-key")],
}


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


class Peer(Backend):
    """What this actor has sent, has been sent, and whom it knows; active-boxes asks it for keys."""

    def __init__(self) -> None:
        self.objects: dict[str, Json] = {}
        self.sent: dict[str, tuple[Json, list[str]]] = {}
        self.followers: dict[str, Json] = {}
        self.following: set[str] = set()
        self.received: list[Json] = []
        self.arrival = asyncio.Condition()
        self.background: set[asyncio.Task[None]] = set()

    async def open(self, _app: web.Application) -> None:
        connector = aiohttp.TCPConnector(resolver=LoopbackNames())
        self.session = aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(20))
        use_backend(self)

    async def close(self, _app: web.Application) -> None:
        await self.session.close()

    # ---- what active-boxes asks for ----

    def debug_mode(self) -> bool:
        return True

    def base_url(self) -> str:
        return ORIGIN

    def activity_url(self, obj_id: str) -> str:
        return f"{ORIGIN}/activities/{obj_id}"

    def note_url(self, obj_id: str) -> str:
        return f"{ORIGIN}/notes/{obj_id}"

    async def fetch_iri(self, iri: str, **_more: object) -> Json:
        return await self.get(iri.partition("#")[0])

    # ---- signed requests ----

    async def headers(self, form: str, method: str, url: str, body: str | None) -> dict[str, str]:
        parts = urlsplit(url)
        made = {"User-Agent": "active-boxes", "Accept": AS2, "Content-Type": AS2}
        if form == "cavage":
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            return await httpsig.sign_request(method, target, made, RSA, body, parts.netloc)
        return await httpsig.sign_request_rfc9421(method, url, made, ED25519 if form == "ed25519" else RSA, body)

    async def knock(self, method: str, url: str, body: str | None = None) -> tuple[int, str]:
        """Ask in the first form, and in the other where that is refused; the status and the body of the answer."""
        other = "rfc9421" if FIRST_KNOCK == "cavage" else "cavage"
        status, text = 0, ""
        for form in (FIRST_KNOCK, other):
            headers = await self.headers(form, method, url, body)
            async with self.session.request(method, url, data=body, headers=headers) as response:
                status, text = response.status, await response.text()
            if status != 401:
                break
        return status, text

    async def get(self, url: str) -> Json:
        status, text = await self.knock("GET", url)
        if status != 200:
            raise ValueError(f"{url} answered {status}: {text[:200]}")
        found: Json = json.loads(text)
        return found

    async def send(self, activity: Json, recipients: list[str]) -> None:
        """Deliver to each recipient's inbox; raises when one of them refuses."""
        self.sent[activity["id"]] = (activity, recipients)
        for recipient in recipients:
            inbox = (await self.get(recipient))["inbox"]
            status, text = await self.knock("POST", inbox, json.dumps(activity))
            if status >= 300:
                raise ValueError(f"{inbox} answered {status}: {text[:200]}")

    # ---- what arrives ----

    async def inbox(self, request: web.Request) -> web.Response:
        body = (await request.read()).decode()
        headers = {name.lower(): value for name, value in request.headers.items()}
        # The proxy in front speaks plain HTTP to us; the name is the same.
        headers["host"] = AUTHORITY
        activity = json.loads(body)
        kind = "rfc9421" if "signature-input" in headers else "cavage" if "signature" in headers else "none"
        whole = await httpsig.verify_request("POST", request.raw_path, headers, body)
        named = headers.get("signature-input", "") + headers.get("signature", "")
        accepted = whole and f'"{activity.get("actor")}#' in named
        if accepted:
            await self.apply(activity)
        async with self.arrival:
            self.received.append(
                {
                    "path": request.raw_path,
                    "type": activity.get("type"),
                    "activity": activity,
                    "body": body,
                    "signature": kind,
                    "status": 202 if accepted else 401,
                    "accepted": accepted,
                    "headers": headers,
                }
            )
            self.arrival.notify_all()
        return web.Response(status=202 if accepted else 401)

    async def apply(self, activity: Json) -> None:
        sender, named = activity["actor"], activity.get("object")
        match activity["type"]:
            case "Follow":
                self.followers[sender] = activity
                # Answered after the 202, as servers with a queue do.
                task = asyncio.create_task(self.send(self.says("Accept", activity, to=[sender]), [sender]))
                self.background.add(task)
                task.add_done_callback(self.background.discard)
            case "Accept":
                follow, _ = self.sent.get(named if isinstance(named, str) else str((named or {}).get("id")), ({}, []))
                if follow.get("type") == "Follow" and follow["object"] == sender:
                    self.following.add(sender)
            case "Undo" if isinstance(named, dict) and named.get("type") == "Follow":
                self.followers.pop(sender, None)

    # ---- what it says ----

    def says(self, kind: str, thing: object, **more: object) -> Json:
        uri = self.activity_url(str(next(serial)))
        return {"@context": CONTEXT, "id": uri, "type": kind, "actor": ME, "object": thing, **more}

    async def resolve(self, target: str) -> str:
        """The actor id behind a handle or an id."""
        if target.startswith("https://"):
            return target
        account = target.lstrip("@")
        url = f"https://{account.split('@')[1]}/.well-known/webfinger"
        async with self.session.get(url, params={"resource": f"acct:{account}"}) as response:
            links = json.loads(await response.text())["links"]
        return next(str(link["href"]) for link in links if link["rel"] == "self" and link.get("type") == AS2)

    async def follow(self, target: str) -> Json:
        return await self.about("Follow", await self.resolve(target), target)

    async def note(self, content: str, to: str | None = None, in_reply_to: str | None = None) -> Json:
        uri = self.note_url(str(next(serial)))
        note: Json = {"id": uri, "type": "Note", "attributedTo": ME, "content": content, "inReplyTo": in_reply_to}
        recipients = [await self.resolve(to)] if to else list(self.followers)
        note |= {"to": recipients, "cc": []} if to else {"to": [PUBLIC], "cc": [PROFILE["followers"]]}
        self.objects[uri] = {"@context": CONTEXT, **note}
        create = self.says("Create", note, to=note["to"], cc=note["cc"])
        await self.send(create, recipients)
        return {"id": create["id"], "object": uri}

    async def delete(self, object: str) -> Json:  # noqa: A002  the control interface's word
        self.objects[object] = {"@context": CONTEXT, "id": object, "type": "Tombstone"}
        activity = self.says("Delete", {"type": "Tombstone", "id": object}, to=[PUBLIC])
        await self.send(activity, list(self.followers))
        return {"id": activity["id"], "object": object}

    async def about(self, kind: str, object: str, to: str) -> Json:  # noqa: A002
        recipient = await self.resolve(to)
        audience: Json = {"to": [recipient]}
        recipients = [recipient]
        if kind == "Announce":
            audience = {"to": [PUBLIC], "cc": [recipient, PROFILE["followers"]]}
            recipients += [follower for follower in self.followers if follower != recipient]
        activity = self.says(kind, object, **audience)
        await self.send(activity, recipients)
        return {"id": activity["id"], "object": object}

    async def undo(self, activity: str) -> Json:
        undone, recipients = self.sent[activity]
        if undone["type"] == "Follow":
            self.following.discard(undone["object"])
        undo = self.says("Undo", {name: value for name, value in undone.items() if name != "@context"}, to=recipients)
        await self.send(undo, recipients)
        return {"id": undo["id"]}

    async def fetch(self, url: str) -> Json:
        return {"document": await self.get(url)}

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
            "handle": f"abby@{AUTHORITY}",
            "inbox": PROFILE["inbox"],
            "followers": list(self.followers),
            "following": list(self.following),
        }

    async def control(self, request: web.Request) -> web.Response:
        name, query = request.match_info["name"], request.query
        operations: dict[str, Callable[..., Awaitable[Json]]] = {
            "follow": self.follow,
            "note": self.note,
            "delete": self.delete,
            "undo": self.undo,
            "fetch": self.fetch,
        }
        try:
            if name == "ready":
                return web.json_response({"ready": True})
            if name == "state":
                return web.json_response(self.state())
            if name == "received":
                count, seconds = int(query.get("count", 1)), float(query.get("timeout", 0))
                wanted = query.get("type"), query.get("naming", ""), count, seconds, "accepted" in query
                return web.json_response(await self.received_of(*wanted))
            asked = await request.json()
            if name in operations:
                return web.json_response(await operations[name](**asked))
            return web.json_response(await self.about(name.capitalize(), **asked))
        except Exception as error:  # noqa: BLE001  whatever went wrong is the test's to read
            return web.json_response({"error": repr(error), "stack": traceback.format_exc()}, status=500)

    # ---- what others read ----

    async def webfinger(self, request: web.Request) -> web.Response:
        if request.query.get("resource") not in (f"acct:abby@{AUTHORITY}", ME):
            raise web.HTTPNotFound
        answer = {"subject": f"acct:abby@{AUTHORITY}", "links": [{"rel": "self", "type": AS2, "href": ME}]}
        return web.json_response(answer, content_type="application/jrd+json")

    async def document(self, request: web.Request) -> web.Response:
        uri = f"{ORIGIN}{request.path}"
        if uri == ME:
            found = PROFILE
        elif uri == PROFILE["followers"]:
            found = {"@context": CONTEXT, "id": uri, "type": "OrderedCollection", "totalItems": len(self.followers)}
        elif uri in self.objects:
            found = self.objects[uri]
        elif uri in self.sent:
            found = self.sent[uri][0]
        else:
            raise web.HTTPNotFound
        return web.json_response(found, status=410 if found["type"] == "Tombstone" else 200, content_type=AS2)


def main() -> None:
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    peer = Peer()
    app = web.Application(client_max_size=4 * 1024 * 1024)
    app.on_startup.append(peer.open)
    app.on_cleanup.append(peer.close)
    app.router.add_post("/actors/abby/inbox", peer.inbox)
    app.router.add_get("/.well-known/webfinger", peer.webfinger)
    app.router.add_route("*", "/_control/{name}", peer.control)
    app.router.add_get("/{path:.+}", peer.document)
    web.run_app(app, host=os.environ.get("BIND", "127.0.0.1"), port=int(os.environ["PORT"]), access_log=None)


if __name__ == "__main__":
    main()
