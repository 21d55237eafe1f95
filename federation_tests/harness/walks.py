# SPDX-License-Identifier: AGPL-3.0-or-later
"""Walks through libraries written in JavaScript: a script calls all that its library has, and says how that went.

The scripts are in federation_tests/clients/javascript/; `walk.mjs` there is the other half of this.
"""

import base64
import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from federation_tests.harness import environments
from federation_tests.harness.clients import grant
from federation_tests.harness.node import Account, Node

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Walked:
    """How a walk went."""

    steps: Mapping[str, str | None]
    """Each part of it, and what failed there."""
    called: Mapping[str, Json]
    """Each method that was called: how many times, and what came of it the last time, in a few words."""
    methods: Sequence[str]
    """All that the library has."""

    def check(self, library: str, left_out: Mapping[str, str]) -> None:
        """Every step went well, and every method was called or is named with the reason why not."""
        methods = set(self.methods)
        print(f"{library}: {len(self.called)} of {len(methods)} methods called, {len(left_out)} left out")
        failed = [f"{name}: {why}" for name, why in self.steps.items() if why is not None]
        assert not failed, "\n\n".join(failed)
        called = self.called.keys()
        for names, fault in (
            (called - methods, "called, but not in the library's list"),
            (methods - called - left_out.keys(), "neither called nor named"),
            (left_out.keys() & called, "called: take them off the table"),
            (left_out.keys() - methods, "gone from the library"),
        ):
            assert not names, f"{fault}: {sorted(names)}"


def walk(script: str, node: Node, picture: bytes) -> Walked:
    """Run one of the scripts to its end. Three members are made for it; one walks, and says yes on pages."""
    node_js = environments.node_js(environments.JAVASCRIPT_CLIENTS)
    folder = node.network.folder
    name = script.partition(".")[0]
    png = folder / "walk.png"
    png.write_bytes(picture)
    announcement = f"Walk of {name} on {node.name}"
    node.run("say", "announcement", announcement)
    walker, friend, shy = node.add_members(f"{name}walker", f"{name}friend", f"{name}shy")
    given = {
        "url": node.url,
        "walker": {"username": walker.username},
        "friend": {"username": friend.username, "token": friend.token},
        "shy": {"username": shy.username, "token": shy.token},
        "png": str(png),
        "announcement": announcement,
        "p256dh": _public_key(),
    }
    log = folder / f"{script}-{node.name}.log"
    with (
        log.open("w") as errors,
        subprocess.Popen(
            [node_js, environments.JAVASCRIPT_CLIENTS / script],
            env={**os.environ, **node.network.env, "WALK": json.dumps(given)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        said = _converse(process, walker)
    if "steps" not in said:
        raise AssertionError(f"{script} ended early ({process.returncode}):\n{log.read_text()[-4000:]}")
    return Walked({one["name"]: one["failed"] for one in said["steps"]}, said["called"], said["methods"])


def _converse(process: subprocess.Popen[str], walker: Account) -> Json:
    """Answer its questions; returns the last thing that it says."""
    assert process.stdout is not None
    assert process.stdin is not None
    said: Json = {}
    for line in process.stdout:
        if not line.startswith("{"):
            continue  # a word of the library's own
        said = json.loads(line)
        if "open" in said:
            process.stdin.write(f"{grant(said['open'], walker)}\n")
            process.stdin.flush()
    return said


def _public_key() -> str:
    """A device's key, as a browser would make it."""
    point = ec.generate_private_key(ec.SECP256R1()).public_key()
    raw = point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
