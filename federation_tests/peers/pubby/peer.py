# SPDX-License-Identifier: AGPL-3.0-or-later
"""One actor served by pubby: its inbox, its followers, its deliveries. draft-cavage alone; RFC 9421 gets 401.

Runs in an environment of its own (requirements.txt beside it); nothing of ours imports it.

Environment: ORIGIN (the public https address; a proxy stands in front), PORT, BIND. Names under localhost are resolved by
the sitecustomize on PYTHONPATH. Driven under /_control/ by federation_tests/harness/peers.py, as its sisters are.
"""

import itertools
import json
import os
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

import requests
import uvicorn
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from pubby import ActivityPubHandler, Object
from pubby.crypto import generate_rsa_keypair
from pubby.handlers._outbox import build_announce_activity, build_like_activity, build_undo_activity, deliver_activity
from pubby.server.adapters.fastapi import bind_activitypub
from pubby.storage.adapters.file import FileActivityPubStorage

Json = dict[str, Any]

ORIGIN = os.environ["ORIGIN"]
AUTHORITY = ORIGIN.removeprefix("https://")
ME = f"{ORIGIN}/ap/actor"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
AS2 = "application/activity+json"

serial = itertools.count(1)
private_key, _ = generate_rsa_keypair()
objects: dict[str, Json] = {}
sent: dict[str, tuple[Json, str]] = {}
following: set[str] = set()
received: list[Json] = []
arrival = threading.Condition()


def answered(target: str, accepted: bool) -> None:
    (following.add if accepted else following.discard)(target)


handler = ActivityPubHandler(
    FileActivityPubStorage(tempfile.mkdtemp(prefix="pubby-")),
    {"base_url": ORIGIN, "username": "penny", "name": "Penny of pubby"},
    private_key=private_key,
    webfinger_domain=AUTHORITY,
    async_delivery=False,
    allow_private_targets=True,
    on_follow_response=answered,
)
app = FastAPI()
bind_activitypub(app, handler)


def followers() -> list[str]:
    return [follower.actor_id for follower in handler.storage.get_followers()]


def get(url: str) -> Json:
    answer = requests.get(url, headers={"Accept": AS2}, timeout=20)
    answer.raise_for_status()
    found: Json = answer.json()
    return found


def resolve(target: str) -> str:
    """The actor id behind a handle or an id."""
    if target.startswith("https://"):
        return target
    account = target.lstrip("@")
    url = f"https://{account.split('@')[1]}/.well-known/webfinger"
    links = requests.get(url, params={"resource": f"acct:{account}"}, timeout=20).json()["links"]
    return next(str(link["href"]) for link in links if link["rel"] == "self" and link.get("type") == AS2)


def say(activity: Json, recipient: str) -> Json:
    """Deliver to one inbox; raises when it refuses."""
    sent[activity["id"]] = (activity, recipient)
    status = deliver_activity(activity, get(recipient)["inbox"], key_id=f"{ME}#main-key", private_key=private_key)
    if status >= 300:
        raise ValueError(f"{recipient} answered {status}")
    named = activity["object"]
    return {"id": activity["id"], "object": named if isinstance(named, str) else named.get("id", "")}


def follow(target: str) -> Json:
    actor = resolve(target)
    uri = f"{ORIGIN}/activities/{next(serial)}"
    context = "https://www.w3.org/ns/activitystreams"
    return say({"@context": context, "id": uri, "type": "Follow", "actor": ME, "object": actor, "to": [actor]}, actor)


def note(content: str, to: str | None = None) -> Json:
    uri = f"{ORIGIN}/notes/{next(serial)}"
    audience = {"to": [resolve(to)], "cc": []} if to else {"to": [PUBLIC], "cc": [f"{ME}/followers"]}
    thing = Object(id=uri, type="Note", content=content, attributed_to=ME, url=uri, **audience)
    create = handler.publish_object(thing)
    objects[uri] = create["object"]
    return {"id": create["id"], "object": uri}


def delete(object: str) -> Json:  # noqa: A002  the control interface's word
    activity = handler.publish_object(Object(id=object), "Delete")
    return {"id": activity["id"], "object": object}


def like(object: str, to: str) -> Json:  # noqa: A002
    return say(build_like_activity(ME, object), resolve(to))


def announce(object: str, to: str) -> Json:  # noqa: A002
    return say(build_announce_activity(ME, object), resolve(to))


def undo(activity: str) -> Json:
    undone, recipient = sent[activity]
    if undone["type"] == "Follow":
        following.discard(undone["object"])
    return say(build_undo_activity(undone, ME), recipient)


OPERATIONS: dict[str, Callable[..., Json]] = {
    "follow": follow,
    "note": note,
    "delete": delete,
    "like": like,
    "announce": announce,
    "undo": undo,
}


@app.middleware("http")
async def record(request: Request, call_next: Callable[..., Any]) -> Any:
    """Note what comes to the inbox, and what pubby answers."""
    if request.url.path != "/ap/inbox":
        return await call_next(request)
    body = await request.body()
    answer = await call_next(request)
    headers = {name.lower(): value for name, value in request.headers.items()}
    kind = "rfc9421" if "signature-input" in headers else "cavage" if "signature" in headers else "none"
    activity = json.loads(body)
    with arrival:
        received.append(
            {
                "path": request.url.path,
                "type": activity.get("type"),
                "activity": activity,
                "body": body.decode(),
                "signature": kind,
                "status": answer.status_code,
                "accepted": answer.status_code < 300,
                "headers": headers,
            }
        )
        arrival.notify_all()
    return answer


@app.get("/_control/ready")
def ready() -> Json:
    return {"ready": True}


@app.get("/_control/state")
def state() -> Json:
    handle = f"penny@{AUTHORITY}"
    return {
        "actor": ME,
        "handle": handle,
        "inbox": f"{ORIGIN}/ap/inbox",
        "followers": followers(),
        "following": list(following),
    }


@app.get("/_control/received")
def received_of(request: Request) -> list[Json]:
    query = request.query_params
    kind, naming = query.get("type"), query.get("naming", "")
    until = time.monotonic() + float(query.get("timeout", 0))

    def found() -> list[Json]:
        return [
            one
            for one in received
            if kind in (None, one["type"]) and naming in one["body"] and (one["accepted"] or "accepted" not in query)
        ]

    with arrival:
        arrival.wait_for(lambda: len(found()) >= int(query.get("count", 1)), max(0.0, until - time.monotonic()))
        return found()


@app.post("/_control/{name}")
async def control(name: str, request: Request) -> Response:
    asked = await request.json()
    try:
        return JSONResponse(await run_in_threadpool(OPERATIONS[name], **asked))
    except Exception as error:  # noqa: BLE001  whatever went wrong is the test's to read
        return JSONResponse({"error": repr(error), "stack": traceback.format_exc()}, status_code=500)


@app.get("/notes/{number}")
def document(number: str) -> Response:
    found = objects.get(f"{ORIGIN}/notes/{number}")
    return JSONResponse(found, media_type=AS2) if found else Response(status_code=404)


if __name__ == "__main__":
    uvicorn.run(app, host=os.environ.get("BIND", "127.0.0.1"), port=int(os.environ["PORT"]), log_level="info")
