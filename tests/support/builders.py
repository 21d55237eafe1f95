# SPDX-License-Identifier: AGPL-3.0-or-later
"""Builders with good defaults: a member, a remote actor, a post. Keys are made once, since making them is slow."""

import itertools
from datetime import timedelta
from functools import cache

from activitypub.actor import ActorDocument, ActorType
from node import actors, members, profiles
from node.actors import Actor, NewKeys
from node.events import EventDraft
from node.kernel import clock
from node.kernel.db import Database, Tx
from node.members import Member, NewMember
from node.posts import Draft, PostId, publish
from node.profiles import Listing

_numbers = itertools.count(1)


@cache
def keys() -> NewKeys:
    """One pair for everybody: only its owner's name differs."""
    return actors.make_keys()


def a_member(
    db: Database,
    username: str | None = None,
    *,
    display_name: str = "",
    class_year: int | None = None,
    roles: tuple[str, ...] = ("member",),
    password_hash: str = "",
    email: str | None = None,
    listed: str | None = None,
) -> Member:
    """A member of this node, who has not said yet who may find them unless they are `listed`."""
    name = username or f"member{next(_numbers)}"
    new = NewMember(
        username=name,
        email=email or f"{name}@mail.example",
        password_hash=password_hash,
        display_name=display_name or name.capitalize(),
        class_year=class_year,
        roles=roles,
    )
    return db.write_now(_add, new, Listing(listed) if listed else None)


def _add(tx: Tx, new: NewMember, listed: Listing | None) -> Member:
    member = members.add_member(tx, new, keys())
    if listed is not None:
        profiles.answer(tx, member.id, listed_to=listed)
    return member


def an_actor(db: Database, username: str | None = None, **values: object) -> Actor:
    """The actor of a new member."""
    return a_member(db, username, **values).actor  # type: ignore[arg-type]  # passed on as given


def a_remote_actor(
    db: Database,
    username: str | None = None,
    *,
    host: str = "far.example",
    kind: ActorType = ActorType.PERSON,
    **more: object,
) -> Actor:
    """Somebody on another server, as their document says."""
    name = username or f"remote{next(_numbers)}"
    uri = f"https://{host}/users/{name}"
    document = ActorDocument(
        id=uri,
        type=kind,
        username=name,
        name=name.capitalize(),
        url=f"https://{host}/@{name}",
        inbox=f"{uri}/inbox",
        outbox=f"{uri}/outbox",
        shared_inbox=f"https://{host}/inbox",
        followers=f"{uri}/followers",
        following=f"{uri}/following",
        **more,  # type: ignore[arg-type]  # passed on as given
    )
    return db.write_now(actors.store_remote, document, domain=host)


def a_post(db: Database, author: Actor, text: str = "Hello", **values: object) -> PostId:
    """A post of a local author."""
    return db.write_now(publish, author, Draft(text=text, **values))  # type: ignore[arg-type]  # passed on as given


def an_event_draft(**values: object) -> EventDraft:
    """A dinner in thirty days."""
    start = (clock.now() + timedelta(days=30)).replace(tzinfo=None, microsecond=0)
    return EventDraft(**{"title": "Summer dinner", "start": start, "place": "The hall", **values})  # type: ignore[arg-type]  # passed on as given


def set_up(tx: Tx) -> None:
    """The node's own actor and the association's."""
    members.set_up_node(
        tx,
        name="Harbour Academy Alumni",
        description="For all who were at Harbour Academy.",
        school="Harbour Academy",
        node_keys=keys(),
        association_keys=keys(),
    )
