# SPDX-License-Identifier: AGPL-3.0-or-later
"""The cases of `cases/*.json`, and what a reader of the protocol makes of a document, told in the words of the cases.

A case has the `document`, what it `reads` as, and what is `here` after it has come through the inbox. Beside these it
may name what came `before`, what a server `serves`, how a bare object is sent (`envelope`), that our Follow was only
`asked`, and the event that our member `joins`. In the documents every host is `NAME.example`; `here.example` is ours.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, Final

from activitypub import accessors, activity, actor, collections, nodeinfo, objects, webfinger
from activitypub.actor import ActorType
from activitypub.errors import ProtocolError
from activitypub.signatures.keys import Algorithm, generate, public_multibase, public_pem
from tests.support.peers import key_pair

Json = dict[str, Any]

_FOLDER: Final = Path(__file__).parent / "cases"
_COLLECTIONS: Final = frozenset({"Collection", "OrderedCollection", "CollectionPage", "OrderedCollectionPage"})
_HANDED_ON: Final = frozenset({"Create", "Update", "Invite"})
_MULTIBASE: Final = public_multibase(generate(Algorithm.ED25519))  # type: ignore[arg-type]  # as asked for


def cases() -> dict[str, Json]:
    """Every case by the software that it is of and its shape, with real keys in place of the words PEM and MULTIBASE."""
    pem = json.dumps(public_pem(key_pair()))
    found: dict[str, Json] = {}
    for file in sorted(_FOLDER.glob("*.json")):
        text = file.read_text(encoding="utf-8").replace('"PEM"', pem).replace('"MULTIBASE"', f'"{_MULTIBASE}"')
        for case in json.loads(text):
            found[f"{file.stem}/{case['shape']}"] = case
    return found


def kind_of(case: Json) -> str:
    """Which reader a document is for."""
    document = case["document"]
    if "as" in case:
        return str(case["as"])
    if "subject" in document:
        return "webfinger"
    if "software" in document:
        return "nodeinfo"
    said = document["type"]
    if said in _COLLECTIONS:
        return "collection"
    if said in set(ActorType):
        return "actor"
    return "activity" if "actor" in document and said != "Event" else "object"


def read(kind: str, document: Json, envelope: Json | None = None, *, allow_http: bool = False) -> Json:
    """What the reader says. Raises ProtocolError where it refuses."""
    match kind:
        case "activity":
            return _activity(document, allow_http=allow_http)
        case "actor":
            found = actor.read(document, allow_http=allow_http)
            return {
                **_plain(found),
                "handle": found.webfinger,
                "keys": len(found.keys),
                "aliases": list(found.also_known_as),
            }
        case "collection":
            first = collections.first_page(document)
            return {
                "total": collections.total(document),
                "items": [accessors.as_id(item) for item in collections.items(document)],
                "first": accessors.as_id(first),
                "next": collections.next_page(document),
            }
        case "webfinger":
            answer = webfinger.read(document)
            return {
                "subject": f"{answer.user}@{answer.host}",
                "self": next((link.href for link in answer.actors), None),
            }
        case "nodeinfo":
            software, version = nodeinfo.read_software(document)
            return {"software": software, "version": version}
        case "nodeinfo-links":
            return dict(_plain(nodeinfo.read_links(document)))
    return _object(document, envelope, allow_http=allow_http)


def told(kind: str, document: Json, envelope: Json | None = None) -> Json:
    """As `read`, with the reason where the reader refuses."""
    try:
        return read(kind, document, envelope)
    except ProtocolError as refusal:
        return {"refused": str(refusal)}


def inner(document: Json) -> Json | None:
    """The post, event or profile that an activity brings along."""
    within = accessors.as_object(document.get("object"))
    if within is None or _HANDED_ON.isdisjoint(accessors.types(document)):
        return None
    return None if "Tombstone" in accessors.types(within) else within


def _activity(document: Json, *, allow_http: bool) -> Json:
    found = activity.read(document)
    within = inner(document)
    if within is not None:
        if accessors.type_among(within, set(ActorType)):
            return read("actor", within, allow_http=allow_http)
        return _object(within, document, allow_http=allow_http)
    return {
        "type": found.type,
        "actor": found.actor,
        "id": found.id,
        "object": found.object_id,
        "kind": found.object_type,
        "target": found.target_id,
    }


def _object(document: Json, envelope: Json | None, *, allow_http: bool) -> Json:
    author = document.get("attributedTo")
    followers = f"{author}/followers" if isinstance(author, str) else None
    found = objects.read_object(document, followers_uri=followers, envelope=envelope, allow_http=allow_http)
    event = found.event
    place = event.place if event is not None else None
    return {
        "type": found.type,
        "author": found.attributed_to,
        "visibility": found.audience.visibility,
        "title": found.name,
        "warning": found.summary,
        "sensitive": found.sensitive,
        "text": found.content,
        "source": found.source,
        "language": found.language,
        "url": found.url,
        "reply_to": found.in_reply_to,
        "context": found.context,
        "written": _plain(found.published),
        "edited": _plain(found.updated),
        "mentions": [mention.href for mention in found.mentions],
        "tags": list(found.hashtags),
        "media": [[media.type, media.description] for media in found.attachments],
        "event": event
        and _plain(event)
        | {
            "place": place and place.name,
            "street": place and place.street,
            "city": place and place.city,
            "latitude": place and place.latitude,
            "online": event.online_url,
            "left": event.remaining,
            "join": event.join_mode,
            "external": event.external_url,
        },
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return accessors.iso(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(held) for name, held in asdict(value).items()}
    if isinstance(value, list | tuple):
        return [_plain(held) for held in value]
    return value


def differences(expected: Mapping[str, Any], found: Any, at: str = "") -> list[str]:
    """Where what was found is not as a case says. Only what the case names is looked at."""
    wrong: list[str] = []
    for name, value in expected.items():
        got = found.get(name) if isinstance(found, dict) else None
        where = f"{at}{name}"
        if isinstance(value, dict) and got is not None:
            wrong += differences(value, got, f"{where}.")
        elif name == "shows":
            if value not in str(got):
                wrong.append(f"{where}: {value!r} is not in {got!r}")
        elif got != value:
            wrong.append(f"{where}: {got!r} is not {value!r}")
    return wrong
