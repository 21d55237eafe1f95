# SPDX-License-Identifier: AGPL-3.0-or-later
"""The client-to-server outbox (ActivityPub 6): what a member's own programs may post, and which action each becomes.

Only what is asked for is taken from the document: ids, actor and dates are ours to give. The id of the activity that was
stored comes back.
"""

from collections.abc import Callable
from typing import Final

from activitypub import addressing
from activitypub.accessors import as_bool, as_id, as_object, as_text, text_of, types
from activitypub.activity import ActivityDocument
from activitypub.addressing import Visibility
from activitypub.errors import Malformed
from activitypub.parse import JsonObject
from node import actors, events, federation, posts, relationships
from node.actors import Actor
from node.federation import StoredActivity
from node.kernel import html
from node.kernel.db import Tx
from node.kernel.errors import Invalid, NotAllowed, NotFound
from node.posts import Draft

Act = Callable[[Tx, Actor, ActivityDocument], str]
_NOTE_TYPES: Final = frozenset({"Note", "Article", "Page"})


def accept(tx: Tx, member: Actor, activity: ActivityDocument) -> str:
    """Do what a member's activity asks for; the id of the activity that says so.

    Raises Invalid for a type that the outbox does not take, NotAllowed for somebody else's actor, and what the action
    raises.
    """
    if activity.actor != member.uri:
        raise NotAllowed("The actor of the activity must be your own.")
    act = _ACTIONS.get(activity.type)
    if act is None:
        raise Invalid(f"The outbox takes {', '.join(sorted(_ACTIONS))}; not {activity.type}.", field="type")
    return act(tx, member, activity)


def wrapped(document: JsonObject, member: Actor) -> JsonObject:
    """The activity that a posted document means: a bare object is wrapped in a Create (ActivityPub 6.2.1)."""
    if _NOTE_TYPES.intersection(types(document)):
        create: JsonObject = {"type": "Create", "actor": member.uri, "object": document}
        for name in ("to", "cc", "@context"):
            if name in document:
                create[name] = document[name]
        return create
    return {"actor": member.uri, **document}


def documents_needed(activity: ActivityDocument) -> tuple[str, ...]:
    """The ids of remote things that the activity is about, which are to be looked up before."""
    needed = [activity.object_id] if activity.type in ("Follow", "Like", "Announce", "Join", "Leave") else []
    inner = activity.embedded
    if activity.type == "Create" and inner is not None:
        needed.append(as_id(inner.get("inReplyTo")))
        to, cc = addressing.addressees(activity.doc)
        needed += [uri for uri in (*to, *cc) if not addressing.is_public(uri)]
    return tuple(uri for uri in needed if uri)[:10]


def _create(tx: Tx, member: Actor, activity: ActivityDocument) -> str:
    inner = activity.embedded
    if inner is None or not _NOTE_TYPES.intersection(types(inner)):
        raise Invalid("Create takes a Note.", field="object")
    audience = addressing.read({**inner, **_addresses(activity, inner)}, member.followers)
    reply_to = as_id(inner.get("inReplyTo"))
    parent = posts.by_uri(tx.conn, reply_to) if reply_to else None
    if reply_to and parent is None:
        raise NotFound("The post that is answered is not known here.")
    text = _text(inner)
    # Whoever is addressed is named in the text: that is how a post reaches people here.
    named = {person.uri for person in posts.named_in(tx, member, text)}
    missing = [person for uri, person in actors.by_uris(tx.conn, audience.recipients).items() if uri not in named]
    if missing and audience.visibility is Visibility.DIRECT:
        handles = " ".join(f"@{person.username}@{person.domain or tx.site.domain}" for person in missing)
        text = f"{handles} {text}".strip()
    post_id = posts.publish(
        tx,
        member,
        Draft(
            text=text,
            visibility=audience.visibility,
            spoiler_text=html.plain_text(as_text(inner.get("summary")) or ""),
            sensitive=as_bool(inner.get("sensitive")) or False,
            language=text_of(inner, "content")[1],
            in_reply_to_id=parent.id if parent else None,
        ),
    )
    post = posts.find(tx.conn, post_id)
    assert post is not None
    return _said(tx, member, "Create", post.uri)


def _addresses(activity: ActivityDocument, inner: JsonObject) -> JsonObject:
    """The audience of a Create: the object's, or the activity's where the object has none."""
    if inner.get("to") or inner.get("cc"):
        return {}
    return {"to": list(activity.to), "cc": list(activity.cc)}


def _text(inner: JsonObject) -> str:
    source = as_object(inner.get("source"))
    if source is not None and as_text(source.get("mediaType")) in (None, "text/plain"):
        typed = as_text(source.get("content"))
        if typed is not None:
            return typed
    return html.plain_text(text_of(inner, "content")[0] or "")


def _follow(tx: Tx, member: Actor, activity: ActivityDocument) -> str:
    return relationships.follow(tx, member, _actor(tx, activity.object_id))


def _like(tx: Tx, member: Actor, activity: ActivityDocument) -> str:
    post_id = posts.favourite(tx, member, _post(tx, activity.object_id))
    return posts.favourite_uri(tx.conn, member.id, post_id)


def _announce(tx: Tx, member: Actor, activity: ActivityDocument) -> str:
    audience = addressing.read(activity.doc, member.followers)
    visibility = Visibility.PUBLIC if audience.visibility is Visibility.DIRECT else audience.visibility
    wrapper = posts.find(tx.conn, posts.boost(tx, member, _post(tx, activity.object_id), visibility=visibility))
    assert wrapper is not None
    return wrapper.uri


def _join(tx: Tx, member: Actor, activity: ActivityDocument) -> str:
    return events.join(tx, member, _post(tx, activity.object_id)).uri


def _leave(tx: Tx, member: Actor, activity: ActivityDocument) -> str:
    post_id = _post(tx, activity.object_id)
    events.leave(tx, member, post_id)
    post = posts.find(tx.conn, post_id)
    assert post is not None
    return _said(tx, member, "Leave", post.uri)


def _delete(tx: Tx, member: Actor, activity: ActivityDocument) -> str:
    posts.delete_post(tx, member, _post(tx, activity.object_id))
    return _said(tx, member, "Delete", activity.object_id or "")


def _undo(tx: Tx, member: Actor, activity: ActivityDocument) -> str:
    if activity.object_id is None:
        raise Invalid("Undo names the activity that is taken back.", field="object")
    said = federation.activities.find(tx.conn, activity.object_id, actor=member.uri)
    if said is None:
        raise NotFound("This activity is not one of yours.")
    undo = _UNDO.get(said.type)
    if undo is None or said.object is None:
        raise Invalid(f"A {said.type} cannot be undone.", field="object")
    undo(tx, member, said)
    return _said(tx, member, "Undo", said.uri)


def _undo_follow(tx: Tx, member: Actor, said: StoredActivity) -> None:
    relationships.unfollow(tx, member, _actor(tx, said.object))


def _undo_like(tx: Tx, member: Actor, said: StoredActivity) -> None:
    posts.unfavourite(tx, member, _post(tx, said.object))


def _undo_announce(tx: Tx, member: Actor, said: StoredActivity) -> None:
    posts.unboost(tx, member, _post(tx, said.object))


def _undo_join(tx: Tx, member: Actor, said: StoredActivity) -> None:
    events.leave(tx, member, _post(tx, said.object))


def _actor(tx: Tx, uri: str | None) -> Actor:
    found = actors.by_uri(tx.conn, uri) if uri else None
    if found is None or not found.is_active:
        raise NotFound("There is no such account.")
    return found


def _post(tx: Tx, uri: str | None) -> int:
    found = posts.by_uri(tx.conn, uri) if uri else None
    if found is None:
        raise NotFound("There is no such post.")
    return found.id


def _said(tx: Tx, member: Actor, kind: str, object_uri: str) -> str:
    found = federation.activities.latest_about(tx.conn, member.uri, kind, object_uri)
    if found is None:
        raise Malformed("nothing was done")
    return found


_ACTIONS: Final[dict[str, Act]] = {
    "Create": _create,
    "Delete": _delete,
    "Follow": _follow,
    "Like": _like,
    "Announce": _announce,
    "Join": _join,
    "Leave": _leave,
    "Undo": _undo,
}
_UNDO: Final[dict[str, Callable[[Tx, Actor, StoredActivity], None]]] = {
    "Follow": _undo_follow,
    "Like": _undo_like,
    "Announce": _undo_announce,
    "Join": _undo_join,
}
