# SPDX-License-Identifier: AGPL-3.0-or-later
"""A case played through the inbox of a whole node: who is there, what is sent, and what is here afterwards."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from activitypub import accessors
from activitypub.actor import ActorType
from activitypub.signatures.keys import Algorithm, SigningKey, public_pem
from node import actors, events, media, notifications, posts, relationships
from node.events import queries as event_queries
from node.kernel import html
from node.kernel.paging import Page
from node.relationships import queries as follows
from tests.payloads import shapes
from tests.payloads.shapes import Json
from tests.support.builders import a_post, an_actor, an_event_draft
from tests.support.nodes import Node
from tests.support.peers import Peers, Person, key_pair

_HOST = re.compile(r"(https://|@)([a-z0-9-]+)\.example\b")


class Scene:
    """Our member Ada with a post and an event, and everybody whom a case names, at servers of the names it gives."""

    def __init__(self, node: Node, peers: Peers) -> None:
        self.node, self.peers = node, peers
        self.ada = an_actor(node.db)
        self.note_id = a_post(node.db, self.ada, "Ten years already")
        self.event_id = node.write(events.publish, self.ada, an_event_draft())
        self.known = {
            "https://here.example/users/ada": self.ada.uri,
            "https://here.example/notes/1": self._uri(self.note_id),
            "https://here.example/events/1": self._uri(self.event_id),
        }

    def _uri(self, post_id: int) -> str:
        found: posts.Post = self.node.read(posts.find, post_id)
        return found.uri

    def real(self, told: Any) -> Any:
        """A part of a case with the addresses that hold in this test."""
        text = json.dumps(told, ensure_ascii=False)
        for name, uri in self.known.items():
            text = text.replace(f'{name}"', f'{uri}"')

        def host(match: re.Match[str]) -> str:
            server = self.node.host if match[2] == "here" else self.peers.host(match[2])
            return f"{match[1].replace('https', 'http')}{server}"

        return json.loads(_HOST.sub(host, text))

    async def play(self, case: Json) -> None:
        document = self.real(case["document"])
        served = case.get("serves", [])
        for other in self.real([case["document"]["object"]] if served == "object" else served):
            self._serve(other)
        earlier = self.real(case.get("before", []))
        message = self._message(document, self.real(case.get("envelope", {})))
        for uri in sorted(_authors([message, *earlier, *self.real(served if isinstance(served, list) else [])])):
            if uri not in self.peers.documents and not uri.startswith(self.node.base):
                self._serve(
                    {"id": uri, "type": "Person", "inbox": f"{uri.rstrip('/')}/inbox", "followers": f"{uri}/followers"}
                )
        sender = self.sender = self.peers.people[message["actor"]]
        await self._follow(sender, asked=case.get("asked", False))
        for activity in earlier:
            await self.node.hear(self.peers, activity, by=sender)
        if "joins" in case:
            await self._join(self.real(case["joins"]))
        # What was not known when the message was first written down is known now.
        self.document = self._message(self.real(case["document"]), self.real(case.get("envelope", {})))
        await self.node.hear(self.peers, self.document, by=sender)

    def _message(self, document: Json, envelope: Json) -> Json:
        """The activity that brings a document: itself, the Create of an object, or a Note by an actor."""
        kind = shapes.kind_of({"document": document})
        if kind == "activity":
            return document
        if kind == "actor":
            self._serve(document)
            return self.peers.people[document["id"]].create(
                self.peers.people[document["id"]].note(
                    cc=[self.ada.uri], tag=[{"type": "Mention", "href": self.ada.uri, "name": "@ada"}]
                )
            )
        author = accessors.as_id(document.get("attributedTo"))
        audience = {name: document[name] for name in ("to", "cc") if name in document}
        return {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": f"{document['id']}#create",
            "type": "Create",
            "actor": author,
            "object": document,
        } | (envelope or audience)

    def _serve(self, document: Json) -> None:
        uri = document["id"]
        self.peers.serve(document)
        if document["type"] not in set(ActorType):
            return
        key = document.setdefault("publicKey", {"id": f"{uri}#main-key", "publicKeyPem": public_pem(key_pair())})
        name = str(document.get("preferredUsername", ""))
        self.peers.people[uri] = Person(
            uri, name, urlsplit(uri).netloc, SigningKey(key["id"], Algorithm.RSA, key_pair()), document
        )

    async def _follow(self, sender: Person, *, asked: bool) -> None:
        known = await self.node.services.resolver.actor(sender.uri)
        assert known is not None
        if not asked:
            self.node.follows(self.ada, sender.uri)
            return
        self.node.write(relationships.follow, self.ada, known)
        follow = self.node.read(follows.find, self.ada.id, known.id)
        self.known["https://here.example/follows/1"] = follow.uri
        await self.node.work()

    async def _join(self, event_uri: str) -> None:
        post = self.node.read(posts.by_uri, event_uri)
        joined = self.node.write(events.join, self.ada, post.id)
        self.known["https://here.example/joins/1"] = joined.uri
        await self.node.work()

    # -- what is here afterwards ---------------------------------------------------------------------------------------

    def observed(self, expected: Json) -> Json:
        """What the case asks about, as it is in this node now."""
        read, sender = self.node.read, self.node.actor(self.sender.uri)
        found: Json = {"gone": sender is None or sender.deleted_at is not None}
        # Her event has been announced by our association, which is no news from elsewhere.
        ours = read(actors.association).id
        told = [item for item in read(notifications.page, self.ada.id, Page()) if item.from_id != ours]
        found["told"] = [str(item.type) for item in told]
        note = read(posts.find, self.note_id)
        found |= {"favourites": note.favourites_count, "boosts": note.boosts_count}
        found["guests"] = read(event_queries.going_count, self.event_id)
        if sender is not None:
            found["ada_follows"] = self._state(self.ada.id, sender.id)
            found["follows_ada"] = self._state(sender.id, self.ada.id)
            found["actor"] = {
                "name": sender.display_name,
                "username": sender.username,
                "bot": sender.bot,
                "locked": sender.locked,
                "url": sender.url,
                "fields": [field.name for field in sender.fields],
            }
        uri = expected.get("post_id") or accessors.as_id(self.document.get("object"))
        found["post_id"] = uri
        found["post"] = self._post(uri)
        if "going" in expected:
            joined = read(posts.by_uri, _of_join(self.document))
            found["going"] = str(read(event_queries.participation, joined.id, self.ada.id).state)
        return found

    def _state(self, follower_id: int, followee_id: int) -> str:
        follow = self.node.read(follows.find, follower_id, followee_id)
        if follow is None:
            return "no"
        return "yes" if follow.is_accepted else "asked"

    def _post(self, uri: str | None) -> Json | None:
        post = self.node.read(posts.by_uri, uri) if uri else None
        if post is None:
            return None
        event = self.node.read(event_queries.find, post.id)
        return {
            "kind": str(post.kind),
            "author": self.node.read(actors.get, post.author_id).uri,
            "visibility": str(post.visibility),
            "title": post.title,
            "shows": html.plain_text(post.content),
            "warning": post.spoiler_text,
            "sensitive": post.sensitive,
            "language": post.language,
            "tags": list(post.tags),
            "url": post.url,
            "media": len(self.node.read(media.of_posts, [post.id]).get(post.id, ())),
            "reply": post.in_reply_to_id is not None,
            "edited": post.edited_at is not None,
            "event": event
            and {
                "title": event.title,
                "start": accessors.iso(event.starts_at),
                "end": event.ends_at and accessors.iso(event.ends_at),
                "zone": event.timezone,
                "place": event.place_name,
                "street": event.street,
                "city": event.city,
                "online": event.online_url,
                "external": event.external_url,
                "capacity": event.capacity,
                "join": str(event.join_mode),
                "status": str(event.status),
            },
        }


def _of_join(document: Json) -> str:
    """The event that an Accept of a Join is about."""
    return str(document["object"]["object"])


def _authors(documents: list[Json]) -> set[str]:
    """Everybody who is named as actor or author, at any depth."""

    def walk(value: Any) -> Iterator[str]:
        if isinstance(value, list):
            for entry in value:
                yield from walk(entry)
        elif isinstance(value, dict):
            for name in ("actor", "attributedTo"):
                yield from (uri for uri in accessors.ids(value.get(name)))
            for entry in value.values():
                yield from walk(entry)

    return set(walk(documents))
