# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fedify, bovine, active-boxes and pubby as servers of the test network, each with one actor, driven through /_control/.

All understand the same words (their scripts are in federation_tests/peers/), so a scenario can be told with either.
Nothing here sleeps: `Peer.received` is a long poll that the peer answers when the thing arrives.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import requests

from federation_tests.harness import environments
from federation_tests.harness.network import Network, Site
from federation_tests.harness.processes import Server

Json = dict[str, Any]

ARRIVES_WITHIN = 40.0


class Knock(StrEnum):
    """Which signature a Fedify peer tries first; it falls back to the other."""

    RFC9421 = "rfc9421"
    CAVAGE = "draft-cavage-http-signatures-12"


@dataclass(frozen=True, slots=True)
class Sent:
    """An activity a peer has delivered: its id, and the id of what it is about."""

    id: str
    object: str


@dataclass(frozen=True, slots=True)
class Received:
    """A POST to a peer's inbox, as the peer saw it. `activity` is the JSON whole, `{}` when it was none."""

    path: str
    type: str | None
    activity: Json
    signature: str
    """`rfc9421`, `cavage` or `none`."""
    status: int
    accepted: bool
    headers: Mapping[str, str]


class RefusedByReceiver(AssertionError):
    """The peer could not do as asked; most often the receiver refused its delivery. Holds the peer's own words."""


class Peer:
    """One independent server with one actor."""

    def __init__(self, site: Site, server: Server) -> None:
        self.site = site
        self.server = server
        self._http = requests.Session()
        self._http.trust_env = False
        self._base = f"http://127.0.0.1:{site.port}/_control"

    def close(self) -> None:
        self.server.stop()
        self._http.close()

    # ---- who it is ----

    @property
    def state(self) -> Json:
        return self._get("state")

    @property
    def actor(self) -> str:
        return str(self.state["actor"])

    @property
    def handle(self) -> str:
        return str(self.state["handle"])

    @property
    def inbox(self) -> str:
        return str(self.state["inbox"])

    @property
    def followers(self) -> list[str]:
        return list(self.state["followers"])

    @property
    def following(self) -> list[str]:
        """Actors that have accepted its follow."""
        return list(self.state["following"])

    # ---- what it does; each returns once the delivery was taken ----

    def follow(self, target: str) -> Sent:
        """Follow a handle or an actor id."""
        return self._post("follow", target=target)

    def note(
        self,
        content: str,
        *,
        to: str | None = None,
        in_reply_to: str | None = None,
        summary: str | None = None,
    ) -> Sent:
        """Post to the public and its followers, or to the one actor `to` alone, with a mention."""
        return self._post("note", content=content, to=to, in_reply_to=in_reply_to, summary=summary)

    def event(
        self,
        name: str,
        content: str,
        *,
        start: str,
        end: str | None = None,
        place: str | None = None,
        to: str | None = None,
    ) -> Sent:
        return self._post("event", name=name, content=content, start=start, end=end, place=place, to=to)

    def update(self, uri: str, content: str) -> Sent:
        return self._post("update", object=uri, content=content)

    def delete(self, uri: str) -> Sent:
        return self._post("delete", object=uri)

    def like(self, uri: str, *, of: str) -> Sent:
        return self._post("like", object=uri, to=of)

    def announce(self, uri: str, *, of: str) -> Sent:
        return self._post("announce", object=uri, to=of)

    def join(self, uri: str, *, of: str) -> Sent:
        return self._post("join", object=uri, to=of)

    def leave(self, uri: str, *, of: str) -> Sent:
        return self._post("leave", object=uri, to=of)

    def block(self, actor: str) -> Sent:
        return self._post("block", object=actor, to=actor)

    def undo(self, sent: Sent) -> Sent:
        return self._post("undo", activity=sent.id)

    # ---- below the activities ----

    def fetch(self, url: str) -> Json:
        """The document at `url`, asked for with a signed GET."""
        document: Json = self._call("fetch", {"url": url})["document"]
        return document

    def deliver(self, inbox: str, activity: object, *, signature: Knock | None = None) -> int:
        """Post any JSON, rightly signed, once; returns the status. Fedify alone can choose the signature."""
        asked = {"inbox": inbox, "activity": activity}
        return int(self._call("deliver", asked | ({"signature": signature} if signature else {}))["status"])

    def deliver_raw(self, inbox: str, body: str) -> int:
        """Post any text, rightly signed, once; returns the status."""
        return int(self._call("deliver", {"inbox": inbox, "raw": body})["status"])

    # ---- what it got ----

    def received(
        self, kind: str | None = None, *, naming: str = "", count: int = 1, within: float = ARRIVES_WITHIN
    ) -> list[Received]:
        """The accepted activities of a kind whose body holds `naming`, once there are `count`.

        Peers live for the whole session: name an id of this scenario, or you may be shown another's.

        Raises:
            AssertionError: fewer came within `within` seconds.
        """
        found = self._received(kind, naming, count, within, accepted=True)
        if len(found) < count:
            everything = [(one.type, one.signature, one.status) for one in self.attempts()]
            got = f"{self.site.name} got {len(found)} of {count} {kind} {naming}; all it got: {everything}"
            raise AssertionError(f"{got}\n{self.server.tail()}")
        return found

    def attempts(self, kind: str | None = None, *, naming: str = "") -> list[Received]:
        """Everything posted to its inboxes so far, refused knocks too."""
        return self._received(kind, naming, 0, 0, accepted=False)

    def _received(self, kind: str | None, naming: str, count: int, within: float, *, accepted: bool) -> list[Received]:
        query = {"count": str(count), "timeout": str(within), "naming": naming}
        if kind:
            query["type"] = kind
        if accepted:
            query["accepted"] = "1"
        answer = self._http.get(f"{self._base}/received", params=query, timeout=within + 10)
        answer.raise_for_status()
        return [
            Received(
                path=one["path"],
                type=one["type"],
                activity=one["activity"] if isinstance(one["activity"], dict) else {},
                signature=one["signature"],
                status=one["status"],
                accepted=one["accepted"],
                headers=one["headers"],
            )
            for one in answer.json()
        ]

    def _get(self, name: str) -> Json:
        answer = self._http.get(f"{self._base}/{name}", timeout=10)
        answer.raise_for_status()
        found: Json = answer.json()
        return found

    def _post(self, name: str, /, **asked: str | None) -> Sent:
        done = self._call(name, {key: value for key, value in asked.items() if value is not None})
        return Sent(id=str(done["id"]), object=str(done.get("object", "")))

    def _call(self, name: str, asked: Json) -> Json:
        answer = self._http.post(f"{self._base}/{name}", json=asked, timeout=40)
        done: Json = answer.json()
        if not answer.ok:
            raise RefusedByReceiver(f"{self.site.name} could not {name}: {done['error']}\n{done['stack']}")
        return done


def start_fedify(network: Network, name: str, *, knock: Knock) -> Peer:
    """A Fedify server under `name`.localhost whose actor is `ada`."""
    script = environments.FEDIFY / "peer.mjs"
    return _started(network, name, [environments.node_js(), script], {"FIRST_KNOCK": knock})


def start_bovine(network: Network, name: str) -> Peer:
    """A bovine server under `name`.localhost whose actor is `bo`."""
    script = environments.BOVINE / "peer.py"
    return _started(network, name, [environments.bovine_python(), script], {})


def start_active_boxes(network: Network, name: str, *, knock: str) -> Peer:
    """A server under `name`.localhost whose actor is `abby`; `knock` is `rfc9421`, `ed25519` or `cavage`."""
    script = environments.ACTIVE_BOXES / "peer.py"
    return _started(network, name, [environments.active_boxes_python(), script], {"FIRST_KNOCK": knock})


def start_pubby(network: Network, name: str) -> Peer:
    """A pubby server under `name`.localhost whose actor is `penny`."""
    script = environments.PUBBY / "peer.py"
    return _started(network, name, [environments.pubby_python(), script], network.python_client_env)


def _started(network: Network, name: str, command: list[Path], settings: Mapping[str, str]) -> Peer:
    site = network.site(name)
    env = {**network.env, **settings, "ORIGIN": site.url, "PORT": str(site.port), "BIND": "127.0.0.1"}

    def ready() -> bool:
        try:
            return requests.get(f"http://127.0.0.1:{site.port}/_control/ready", timeout=2).ok
        except requests.RequestException:
            return False

    log = network.folder / f"{name}.log"
    # bovine leaves a cache file where it is started, hence the network's folder.
    server = Server(name, command, env=env, cwd=network.folder, log=log, ready=ready)
    server.start()
    return Peer(site, server)
