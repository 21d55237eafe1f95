# SPDX-License-Identifier: AGPL-3.0-or-later
"""Example objects that others publish to compare servers with, and what we make of each of them.

The objects are those of fediverse-pasture-inputs and funfedi-parsing-test-cases, which stay in an environment of their own.
What we say of each is in `peers/inputs/expected.json`: what is shown of it, or why it is refused. That table is ours; with
ALUMNODE_TEST_REWRITE=1 it is written anew, to be read line by line before it is committed.
"""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

from activitypub import accessors, activity
from activitypub.errors import ProtocolError
from activitypub.parse import parse
from federation_tests.harness import environments
from node import events, media, posts
from node.kernel import html
from node.posts import PostView
from tests.payloads import shapes
from tests.support import nodes
from tests.support.builders import an_actor
from tests.support.nodes import Node
from tests.support.peers import Peers, Person

EXPECTED = environments.INPUTS / "expected.json"
Json = dict[str, Any]


async def test_each_example_is_shown_or_refused_as_we_say(tmp_path: Path) -> None:
    found: dict[str, str] = {}
    async with nodes.running(tmp_path, tmp_path / "template.db", None) as node:
        peers = Peers()
        await peers.start()
        try:
            sender, receiver = peers.person("odile", "lantern"), an_actor(node.db, "ada")
            await node.services.resolver.actor(sender.uri)
            node.follows(receiver, sender.uri)
            for example in _examples(sender.uri, receiver.uri):
                name = f"{example['suite']}/{example['group']}/{example['case']}"
                answer = await _answer(node, peers, sender, example["activity"])
                found[name] = _without_ports(answer.replace(receiver.uri, "http://here.example/users/ada"), node, peers)
        finally:
            await peers.close()

    if os.environ.get("ALUMNODE_TEST_REWRITE") == "1":
        EXPECTED.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    expected = json.loads(EXPECTED.read_text(encoding="utf-8"))
    assert {name: text for name, text in found.items() if expected.get(name) != text} == {}
    assert set(expected) == set(found)


def _examples(sender: str, receiver: str) -> list[Json]:
    python = environments.inputs_python()
    listed = subprocess.run(
        [python, environments.INPUTS / "list.py", sender, receiver], check=True, capture_output=True, timeout=60
    )
    examples: list[Json] = json.loads(listed.stdout)
    return examples


async def _answer(node: Node, peers: Peers, sender: Person, document: Json) -> str:
    """Why it is refused, or what is there to see of it after it has come in."""
    body = json.dumps(document).encode()
    try:
        read = activity.read(parse(body))
        if read.embedded is not None:
            shapes.read("activity", read.doc, allow_http=True)
    except ProtocolError as refusal:
        why = str(refusal)
    else:
        why = "not kept"
    status, _ = await peers.send(body, by=sender, to=node.inbox)
    await node.work()
    uri = accessors.as_id(document.get("object"))
    post = node.read(posts.by_uri, uri) if uri else None
    if post is None:
        return f"refused: {why}"
    assert status == 202
    return _shown(node, node.read(posts.view, post.id, node.actor_named("ada").id))


def _shown(node: Node, view: PostView) -> str:
    """What a page or an app shows of a post, in one line."""
    post = view.post
    parts = [str(post.kind), str(post.visibility)]
    if post.title:
        parts.append(f"title {post.title!r}")
    if post.spoiler_text:
        parts.append(f"warning {post.spoiler_text!r}")
    if post.sensitive:
        parts.append("sensitive")
    if post.language:
        parts.append(f"in {post.language}")
    parts += [f"#{tag}" for tag in post.tags]
    parts += [f"names {actor.username}" for actor in view.mentioned]
    for file in node.read(media.of_posts, [post.id]).get(post.id, ()):
        parts.append(f"{file.type} {file.description!r}" if file.description else str(file.type))
    event = node.read(events.of_posts, [post.id]).get(post.id)
    if event is not None:
        parts.append("event")
        parts.append(html.plain_text(event.text))
        return ", ".join(parts)
    if post.in_reply_to_uri:
        parts.append(f"answers {post.in_reply_to_uri}")
    if post.url != post.uri:
        parts.append(f"at {post.url}")
    return f"{', '.join(parts)}: {post.content}"


def _without_ports(text: str, node: Node, peers: Peers) -> str:
    text = text.replace(node.host, "here.example")
    return re.sub(rf"([a-z-]+)\.localhost:{peers.port}", r"\1.example", text)
