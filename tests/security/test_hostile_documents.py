# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a right signature brings in need not be right: documents that are bent, poisoned, too many or too long."""

import json
from random import Random
from typing import Any

import pytest

from node import posts
from tests.payloads import mutating, shapes
from tests.payloads.scenes import Scene
from tests.payloads.shapes import Json
from tests.support.nodes import Node
from tests.support.peers import Peers

pytestmark = pytest.mark.asyncio(loop_scope="module")

CASES = {name: case for name, case in shapes.cases().items() if "here" in case}
SAID = {"id", "type", "@context", "actor", "attributedTo", "to", "cc", "publicKeyPem", "publicKeyMultibase"}


async def test_control_characters_in_any_text_are_stored_without_them(node: Node, peers: Peers) -> None:
    """A NUL makes PostgreSQL refuse the row (IN-20)."""
    note = shapes.cases()["mastodon/create-note-hashtag-mention-ldsig"]
    event = shapes.cases()["mobilizon/create-event"]
    for case in (note, event):
        scene = Scene(node, peers)
        poisoned = case | {"document": _in_texts(case["document"], lambda text: f"{text}\x00\x07")}

        await scene.play(poisoned)

        post = scene.observed({})["post"]
        assert post is not None
        assert "\x00" not in json.dumps(post)


@pytest.mark.parametrize("node", ["postgresql"], indirect=True)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_texts_of_any_length_are_kept_or_refused(node: Node, peers: Peers, case: Json) -> None:
    """Every column has a length, and PostgreSQL fails on what is longer; SQLite does not mind (IN-24)."""
    scene = Scene(node, peers)
    document = _in_texts(case["document"], lambda text: text + " long" * 1200)

    await _sent(scene, case | {"document": document})

    assert _failures(node) == []


async def test_bent_documents_break_nothing_behind_the_gate(node: Node, peers: Peers) -> None:
    """As the readers alone in tests/payloads, with storing (IN-25)."""
    random = Random(7)
    scene = Scene(node, peers)
    await scene.play(CASES["mastodon/create-note-attachment"])
    sender = scene.sender
    documents = [scene.real(case["document"]) for case in CASES.values() if "actor" in case["document"]]
    kept = 0
    for number in range(150):
        try:
            document = json.loads(mutating.mutated(random, documents))
        except ValueError:
            continue
        document |= {"actor": sender.uri, "id": f"{sender.uri}#bent-{number}"}
        inner = document.get("object")
        if isinstance(inner, dict):
            inner |= {"attributedTo": sender.uri, "id": f"{sender.uri}/bent/{number}"}
        status, _ = await peers.send(json.dumps(document).encode(), by=sender, to=node.inbox)
        assert status in (202, 400, 401), document
        await node.work("inbox")
        kept += node.read(posts.by_uri, f"{sender.uri}/bent/{number}") is not None

    assert _failures(node) == []
    assert kept > 0


async def test_a_context_is_never_loaded(node: Node, peers: Peers) -> None:
    """Whoever loads contexts can be sent anywhere (IN-18)."""
    case = CASES["mastodon/note-language-map"]
    context = ["https://www.w3.org/ns/activitystreams", "https://trap.example/context.jsonld", {"content": "_:x"}]
    scene = Scene(node, peers)

    await scene.play(case | {"document": case["document"] | {"@context": context}})

    assert scene.observed({})["post"]["shows"] == "おはよう"
    assert [url for url in peers.gets if "trap" in url] == []


async def test_a_signature_inside_a_document_is_no_proof(node: Node, peers: Peers) -> None:
    """What somebody embeds of another server is not believed for the signature block in it (IN-17)."""
    case = CASES["mastodon/create-note-hashtag-mention-ldsig"]
    scene = Scene(node, peers)
    await scene.play(CASES["mastodon/create-note-attachment"])
    forged = scene.real(case["document"])
    thief = peers.person("thief", "elsewhere", key=1)

    status, _ = await peers.send(json.dumps(forged).encode(), by=thief, to=node.inbox)
    await node.work()

    assert status in (202, 401)
    assert node.read(posts.by_uri, forged["object"]["id"]) is None


async def test_an_update_turns_no_person_into_a_group(node: Node, peers: Peers) -> None:
    """Groups are trusted with what others wrote, people are not (IN-39)."""
    case = shapes.cases()["mastodon/update-actor"]
    scene = Scene(node, peers)
    document = json.loads(json.dumps(case["document"]).replace('"type": "Person"', '"type": "Group"'))
    await scene.play(CASES["mastodon/create-note-attachment"])
    sender = scene.sender
    changed = scene.real(document)
    peers.serve(changed["object"])

    await node.hear(peers, changed, by=sender)

    found = node.actor(sender.uri)
    assert found is not None
    assert (found.type, found.display_name) == ("Person", "Odile B.")


async def _sent(scene: Scene, case: Json) -> None:
    """Play a case that the gate may also refuse."""
    try:
        await scene.play(case)
    except AssertionError:
        await scene.node.work()


def _failures(node: Node) -> list[str]:
    """What went wrong in tasks: not what another server did not have, and not what was refused."""
    errors = [row.last_error for row in node.waiting("inbox") if row.last_error]
    return [error for error in errors if "cannot be had" not in error]


def _in_texts(value: Any, change: Any, name: str = "") -> Any:
    """Change every text that is not an address, a type or a time."""
    if isinstance(value, dict):
        return {key: held if key in SAID else _in_texts(held, change, key) for key, held in value.items()}
    if isinstance(value, list):
        return [_in_texts(held, change, name) for held in value]
    if isinstance(value, str) and "://" not in value and not value[:4].isdigit():
        return change(value)
    return value
