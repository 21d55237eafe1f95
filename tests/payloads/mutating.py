# SPDX-License-Identifier: AGPL-3.0-or-later
"""Documents that somebody bent: a right one with a few things in it replaced, taken out, doubled, or moved about."""

import copy
import json
from random import Random
from typing import Any, Final

from activitypub.errors import ProtocolError
from activitypub.parse import JsonObject, parse
from tests.payloads import shapes

Json = dict[str, Any]

KINDS: Final = ("activity", "actor", "object", "collection", "webfinger", "nodeinfo", "nodeinfo-links")

_ODD: Final[tuple[Any, ...]] = (
    None,
    True,
    False,
    0,
    -1,
    2**63 - 1,
    -(2**63),
    1.5,
    1e300,
    "",
    " ",
    "\u0000",
    "\u202e",
    "\ufeff",
    "x" * 3000,
    "https://",
    "https://[::1",
    "https://user@lantern.example:99999/",
    "https://lantern.example/users/odile#",
    "https://xn--a.example/",
    "http://127.0.0.1/",
    "//lantern.example",
    "acct:",
    "tag:",
    "as:Public",
    "Public",
    "0000-00-00T00:00:00Z",
    "9999-12-31T23:59:60+23:59",
    "2026-02-30",
    "+99999-01-01T00:00:00Z",
    "inf",
    "NaN",
    [],
    {},
    [[]],
    [{}],
    [None],
    {"id": None},
    {"id": {}},
    {"type": []},
    {"type": ["Note", "Event", "Person"]},
    {"@value": {}, "@language": 5},
    {"en": ["<p>x</p>", 5]},
    {"type": "Link", "href": {"href": "https://lantern.example/"}},
    {"type": "Place", "address": {"type": "VirtualLocation", "url": []}},
    {"type": "PropertyValue", "name": {}, "value": []},
    [{"type": "Mention", "href": []}, {"type": "Hashtag", "name": {"en": "#x"}}, {"type": "Emoji"}],
)


def mutated(random: Random, documents: list[Json]) -> bytes:
    """One of the documents with up to six faults, and now and then some of its bytes changed as well."""
    document = copy.deepcopy(random.choice(documents))
    for _ in range(random.randint(1, 6)):
        _bend(random, document, documents)
    body = bytearray(json.dumps(document, ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass"))
    if random.random() < 0.15:
        for _ in range(random.randint(1, 4)):
            body[random.randrange(len(body))] = random.randrange(256)
    return bytes(body)


def read_all(body: bytes) -> int:
    """Read it as everything that it could be meant for; how many readers took it. Only ProtocolError is an answer."""
    try:
        document: JsonObject = parse(body)
    except ProtocolError:
        return 0
    taken = 0
    for kind in KINDS:
        try:
            shapes.read(kind, document)
        except ProtocolError:
            continue
        taken += 1
    return taken


def _bend(random: Random, document: Json, documents: list[Json]) -> None:
    """One fault, somewhere in the document."""
    holder = random.choice(_holders(document))
    if isinstance(holder, dict):
        name = random.choice(list(holder)) if holder and random.random() < 0.8 else _name(random, documents)
    elif holder:
        name = random.randrange(len(holder))
    else:
        holder.append(copy.deepcopy(random.choice(_ODD)))
        return
    match random.randrange(7):
        case 0 if isinstance(holder, dict):
            holder.pop(name, None)
        case 1:
            held = _of(holder, name)
            # Only what is small is said many times: several such faults in one another must not fill the memory.
            holder[name] = [held] * random.choice((1, 2) if isinstance(held, dict | list) else (1, 2, 300))
        case 2:
            holder[name] = {_name(random, documents): _of(holder, name)}
        case 3:
            other = random.choice(_holders(random.choice(documents)))
            holder[name] = copy.deepcopy(other)
        case 4:
            nested: Any = _of(holder, name)
            for _ in range(random.choice((3, 30, 40))):
                nested = {"object": nested} if random.random() < 0.5 else [nested]
            holder[name] = nested
        case _:
            holder[name] = copy.deepcopy(random.choice(_ODD))


def _name(random: Random, documents: list[Json]) -> str:
    """A property that somebody uses somewhere."""
    holders = [held for held in _holders(random.choice(documents)) if isinstance(held, dict) and held]
    return str(random.choice(list(random.choice(holders))))


def _of(holder: Any, name: Any) -> Any:
    return copy.deepcopy(holder.get(name) if isinstance(holder, dict) else holder[name])


def _holders(value: Any) -> list[Any]:
    """Every object and list in a document, the document itself first."""
    found = [value]
    for entry in found:
        held = entry.values() if isinstance(entry, dict) else entry
        found += [inner for inner in held if isinstance(inner, dict | list)]
    return found
