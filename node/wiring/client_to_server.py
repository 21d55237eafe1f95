# SPDX-License-Identifier: AGPL-3.0-or-later
"""The client-to-server outbox (ActivityPub 6): what a member's own programs may post, and which action each becomes.

Only what is asked for is taken from the document: ids, actor and dates are ours to give. The id of the activity that was
stored comes back. Whoever is addressed is named in the text, as everybody is here; `bto` and `bcc` reach people in secret.
"""

import re
from collections.abc import Callable, Collection, Iterable
from datetime import timedelta
from typing import Final

from activitypub import addressing, polls
from activitypub.accessors import as_bool, as_id, as_list, as_object, as_text, ids, text_of, types
from activitypub.activity import ActivityDocument
from activitypub.addressing import Visibility
from activitypub.parse import JsonObject
from node import access, actors, events, federation, media, moderation, posts, relationships
from node.actors import Actor, ProfileChange
from node.federation import StoredActivity
from node.kernel import html
from node.kernel.db import Tx
from node.kernel.errors import Invalid, NotAllowed, NotFound
from node.posts import Draft, Kind, PollDraft, Post
from node.posts.queries import OPEN
from node.relationships import Circle, circles
from node.relationships import queries as follows
from node.wiring import event_drafts

Act = Callable[[Tx, Actor, ActivityDocument], str]
MAX_RECIPIENTS: Final = 50
MAX_REPORTED: Final = 20
_NOTE_TYPES: Final = frozenset({"Note", "Article", "Page"})
_OBJECT_TYPES: Final = _NOTE_TYPES | {"Event", "Question"}
_LOOKED_UP: Final = frozenset({"Follow", "Like", "Announce", "Join", "Leave", "Block", "Flag"})
_HIDDEN: Final = ("bto", "bcc")
_POLL_OPEN: Final = timedelta(days=1)


def accept(tx: Tx, member: Actor, activity: ActivityDocument, scopes: Collection[str]) -> str:
    """Do what a member's activity asks for; the id of the activity that says so. `scopes` are those of the token.

    Raises Invalid for a type that the outbox does not take, NotAllowed for somebody else's actor and for want of a scope,
    and what the action raises.
    """
    if activity.actor != member.uri:
        raise NotAllowed("The actor of the activity must be your own.")
    act = _ACTIONS.get(activity.type)
    if act is None:
        raise Invalid(f"The outbox takes {', '.join(sorted(_ACTIONS))}; not {activity.type}.", field="type")
    if not access.allows(scopes, _scope(tx, member, activity)):
        raise NotAllowed("This action is outside the authorized scopes")
    return act(tx, member, activity)


def wrapped(document: JsonObject, member: Actor) -> JsonObject:
    """The activity that a posted document means: a bare object is wrapped in a Create (ActivityPub 6.2.1)."""
    if _OBJECT_TYPES.intersection(types(document)):
        create: JsonObject = {"type": "Create", "actor": member.uri, "object": document}
        for name in ("to", "cc", *_HIDDEN, "@context"):
            if name in document:
                create[name] = document[name]
        return create
    return {"actor": member.uri, **document}


def documents_needed(activity: ActivityDocument) -> tuple[str, ...]:
    """The ids of remote things that the activity is about, which are to be looked up before."""
    needed: list[str | None] = [*ids(activity.object)] if activity.type in _LOOKED_UP else []
    inner = activity.embedded
    if activity.type == "Create" and inner is not None:
        needed.append(as_id(inner.get("inReplyTo")))
        needed += [*_addressed(activity, inner), *_hidden(activity, inner)]
    return tuple(dict.fromkeys(uri for uri in needed if uri and not addressing.is_public(uri)))[:MAX_RECIPIENTS]


def _scope(tx: Tx, member: Actor, activity: ActivityDocument) -> str:
    """What a token must allow. An Undo needs what its activity needed; one's own actor is no status."""
    kind = activity.type
    if kind == "Undo":
        kind = _to_undo(tx, member, activity).type
    if kind == "Update" and activity.object_id == member.uri:
        return "write:accounts"
    return _SCOPES.get(kind, "write")


# -- what is written --------------------------------------------------------------------------------------------------


def _create(tx: Tx, member: Actor, activity: ActivityDocument) -> str:
    inner = activity.embedded
    kinds = types(inner) if inner is not None else ()
    if inner is None or not _OBJECT_TYPES.intersection(kinds):
        raise Invalid(f"Create takes {', '.join(sorted(_OBJECT_TYPES))}.", field="object")
    if _is_vote(inner):
        return _vote(tx, member, inner)
    to, cc = _pair(activity, inner)
    audience = addressing.read({"to": list(to), "cc": list(cc)}, member.followers)
    if "Event" in kinds:
        draft = event_drafts.new(inner, _readers(tx, member, audience), _text(inner))
        post_id = events.publish(tx, member, draft, locale=draft.language or "en")
    else:
        post_id = posts.publish(tx, member, _draft(tx, member, activity, inner, audience))
    post = posts.find(tx.conn, post_id)
    assert post is not None
    return _said(tx, member, "Create", post.uri)


def _draft(
    tx: Tx, member: Actor, activity: ActivityDocument, inner: JsonObject, audience: addressing.Audience
) -> Draft:
    hidden = _hidden(activity, inner)
    if len(audience.recipients) + len(hidden) > MAX_RECIPIENTS:
        raise Invalid(f"A post is addressed to {MAX_RECIPIENTS} people at most.", field="to")
    reply_to = as_id(inner.get("inReplyTo"))
    parent = posts.by_uri(tx.conn, reply_to) if reply_to else None
    if reply_to and parent is None:
        raise NotFound("The post that is answered is not known here.")
    text = _text(inner)
    if title := html.plain_text(text_of(inner, "name")[0] or "").strip():
        text = f"{title}\n\n{text}"
    visibility, circle = _readers(tx, member, audience)
    return Draft(
        text=_naming(tx, member, text, audience.recipients),
        visibility=visibility,
        circle=circle,
        spoiler_text=html.plain_text(text_of(inner, "summary")[0] or ""),
        sensitive=as_bool(inner.get("sensitive")) or False,
        language=text_of(inner, "content")[1],
        in_reply_to_id=parent.id if parent else None,
        poll=_poll(tx, inner),
        hidden=tuple(actors.by_uris(tx.conn, hidden).values()),
    )


def _readers(tx: Tx, member: Actor, audience: addressing.Audience) -> tuple[Visibility, Circle | None]:
    """Who may read a new post: one that is addressed to the collection of a circle is to the circle. Raises Invalid."""
    named = [found for uri in audience.recipients if (found := circles.by_address(tx.site, uri)) is not None]
    if not named or audience.visibility in OPEN:
        return audience.visibility, None
    if len(named) > 1 or audience.visibility is Visibility.PRIVATE:
        raise Invalid("A post goes to one circle, and to nobody else besides.", field="to")
    [(circle, year)] = named
    if circle is Circle.CLASS and year != member.class_year:
        raise Invalid("This is not the class that your profile says.", field="to")
    return Visibility.PRIVATE, circle


def _poll(tx: Tx, inner: JsonObject) -> PollDraft | None:
    found = polls.read_poll(inner) if "Question" in types(inner) else None
    if found is None:
        return None
    return PollDraft(
        options=tuple(option.title for option in found.options),
        open_for=found.ends_at - tx.now if found.ends_at is not None else _POLL_OPEN,
        multiple=found.multiple,
    )


def _is_vote(inner: JsonObject) -> bool:
    """A vote is a Note with the answer for its name and nothing to say, as servers send it among each other."""
    return "Note" in types(inner) and "name" in inner and "inReplyTo" in inner and "content" not in inner


def _vote(tx: Tx, member: Actor, inner: JsonObject) -> str:
    """Choose one answer of a poll; the poll's id, since a vote here is no activity that anybody could read."""
    post = _post(tx, as_id(inner.get("inReplyTo")))
    poll = posts.polls.of_post(tx.conn, post.id)
    titles = [option.title for option in poll.options] if poll is not None else []
    answer = text_of(inner, "name")[0]
    if answer not in titles:
        raise Invalid("This is no answer of the poll.", field="name")
    posts.vote(tx, member, post.id, [titles.index(answer)])
    return post.uri


def _naming(tx: Tx, member: Actor, text: str, recipients: Collection[str]) -> str:
    """The text with the full handle of everybody it is addressed to: that is how a post reaches people here."""
    named = {person.uri for person in posts.named_in(tx, member, text)}
    missing = []
    for uri, person in actors.by_uris(tx.conn, recipients).items():
        if uri in named or uri == member.uri:
            continue
        handle = f"@{person.username}@{person.domain or tx.site.domain}"
        short = re.compile(rf"(?<![\w@]){re.escape('@' + person.username)}(?![\w@.-]*\w)", re.IGNORECASE)
        text, replaced = short.subn(lambda _found, handle=handle: handle, text, count=1)  # type: ignore[misc]  # the loop's value
        if not replaced:
            missing.append(handle)
    return " ".join([*missing, text]).strip()


def _pair(activity: ActivityDocument, inner: JsonObject) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """`to` and `cc` of a Create: the object's, or the activity's where the object has none (ActivityPub 6.2)."""
    to, cc = addressing.addressees(inner)
    return (to, cc) if to or cc else (activity.to, activity.cc)


def _addressed(activity: ActivityDocument, inner: JsonObject) -> Iterable[str]:
    to, cc = _pair(activity, inner)
    return (*to, *cc)


def _hidden(activity: ActivityDocument, inner: JsonObject) -> tuple[str, ...]:
    """Who is addressed in secret, of the object and of the activity. Collections cannot be."""
    found = [uri for document in (inner, activity.doc) for name in _HIDDEN for uri in ids(document.get(name))]
    return tuple(dict.fromkeys(uri for uri in found if not addressing.is_public(uri)))


def _text(inner: JsonObject) -> str:
    source = as_object(inner.get("source"))
    if source is not None and as_text(source.get("mediaType")) in (None, "text/plain"):
        typed = as_text(source.get("content"))
        if typed is not None:
            return typed
    return html.plain_text(text_of(inner, "content")[0] or "")


def _update(tx: Tx, member: Actor, activity: ActivityDocument) -> str:
    """A change of one's profile, of a note or of an event. What the document leaves out stays (ActivityPub 6.3)."""
    inner = activity.embedded
    if inner is None or activity.object_id is None:
        raise Invalid("Update takes the changed object with its id.", field="object")
    if activity.object_id == member.uri:
        relationships.update_profile(tx, member, _profile(inner))
        return _said(tx, member, "Update", member.uri)
    post = _own(tx, member, activity.object_id)
    if post.kind is Kind.EVENT:
        typed = _text(inner) if "content" in inner or "source" in inner else post.source
        event = events.get(tx.conn, post.id, member.id)
        events.change(tx, member, post.id, event_drafts.changed(event, post, inner, typed))
    else:
        posts.edit(tx, member, post.id, _edited(tx, member, post, inner))
    return _said(tx, member, "Update", post.uri)


def _profile(inner: JsonObject) -> ProfileChange:
    fields = None
    if "attachment" in inner:
        given = [item for one in as_list(inner["attachment"]) if (item := as_object(one)) is not None]
        fields = [
            (as_text(item.get("name")) or "", html.plain_text(as_text(item.get("value")) or ""))
            for item in given
            if "PropertyValue" in types(item)
        ]
    return ProfileChange(
        display_name=(as_text(inner["name"]) or "") if "name" in inner else None,
        summary=html.plain_text(as_text(inner["summary"]) or "") if "summary" in inner else None,
        locked=as_bool(inner.get("manuallyApprovesFollowers")),
        discoverable=as_bool(inner.get("discoverable")),
        indexable=as_bool(inner.get("indexable")),
        fields=fields,
    )


def _edited(tx: Tx, member: Actor, post: Post, inner: JsonObject) -> Draft:
    sensitive = as_bool(inner.get("sensitive"))
    text = _text(inner) if "content" in inner or "source" in inner else post.source
    return Draft(
        text=_naming(tx, member, text, [one.uri for one in posts.queries.named_openly(tx.conn, post.id)]),
        visibility=post.visibility,
        spoiler_text=html.plain_text(text_of(inner, "summary")[0] or "") if "summary" in inner else post.spoiler_text,
        sensitive=post.sensitive if sensitive is None else sensitive,
        language=text_of(inner, "content")[1] or post.language,
        media_ids=tuple(item.id for item in media.of_posts(tx.conn, [post.id]).get(post.id, ())),
    )


def _delete(tx: Tx, member: Actor, activity: ActivityDocument) -> str:
    if activity.object_id == member.uri:
        raise NotAllowed("An account is deleted on its own page, with the password.")
    post = _own(tx, member, activity.object_id)
    posts.delete_post(tx, member, post.id)
    return _said(tx, member, "Delete", post.uri)


# -- what is said about others ----------------------------------------------------------------------------------------


def _follow(tx: Tx, member: Actor, activity: ActivityDocument) -> str:
    return relationships.follow(tx, member, _actor(tx, activity.object_id))


def _accept(tx: Tx, member: Actor, activity: ActivityDocument) -> str:
    follower, uri = _asking(tx, member, activity)
    relationships.accept_request(tx, member, follower)
    return _said(tx, member, "Accept", uri)


def _reject(tx: Tx, member: Actor, activity: ActivityDocument) -> str:
    follower, uri = _asking(tx, member, activity)
    relationships.reject_request(tx, member, follower)
    return _said(tx, member, "Reject", uri)


def _asking(tx: Tx, member: Actor, activity: ActivityDocument) -> tuple[Actor, str]:
    """Who asked to follow the member, by the id of their Follow, and that id."""
    asked = follows.by_uri(tx.conn, activity.object_id) if activity.object_id else None
    if asked is None or asked.followee_id != member.id:
        raise NotFound("This is no Follow of you.")
    return actors.get(tx.conn, asked.follower_id), asked.uri


def _block(tx: Tx, member: Actor, activity: ActivityDocument) -> str:
    return relationships.block(tx, member, _actor(tx, activity.object_id))


def _flag(tx: Tx, member: Actor, activity: ActivityDocument) -> str:
    """Report an account, and posts of theirs, to the staff; their own server is told if they are addressed."""
    known = actors.by_uris(tx.conn, ids(activity.object))
    if len(known) != 1:
        raise Invalid("A report is about one account that is known here.", field="object")
    [target] = known.values()
    found = [posts.by_uri(tx.conn, uri) for uri in ids(activity.object)[:MAX_REPORTED] if uri not in known]
    report = moderation.report(
        tx,
        member,
        target.id,
        post_ids=[post.id for post in found if post is not None],
        comment=html.plain_text(text_of(activity.doc, "content")[0] or ""),
        forward=target.uri in (*activity.to, *activity.cc),
    )
    return report.uri


def _like(tx: Tx, member: Actor, activity: ActivityDocument) -> str:
    post_id = posts.favourite(tx, member, _post(tx, activity.object_id).id)
    return posts.favourite_uri(tx.conn, member.id, post_id)


def _announce(tx: Tx, member: Actor, activity: ActivityDocument) -> str:
    audience = addressing.read(activity.doc, member.followers)
    visibility = Visibility.PUBLIC if audience.visibility is Visibility.DIRECT else audience.visibility
    wrapper = posts.find(tx.conn, posts.boost(tx, member, _post(tx, activity.object_id).id, visibility=visibility))
    assert wrapper is not None
    return wrapper.uri


def _join(tx: Tx, member: Actor, activity: ActivityDocument) -> str:
    return events.join(tx, member, _post(tx, activity.object_id).id).uri


def _leave(tx: Tx, member: Actor, activity: ActivityDocument) -> str:
    post = _post(tx, activity.object_id)
    events.leave(tx, member, post.id)
    return _said(tx, member, "Leave", post.uri)


def _add(tx: Tx, member: Actor, activity: ActivityDocument) -> str:
    post = _featured(tx, member, activity)
    posts.pin(tx, member, post.id)
    return _said(tx, member, "Add", post.uri)


def _remove(tx: Tx, member: Actor, activity: ActivityDocument) -> str:
    post = _featured(tx, member, activity)
    posts.unpin(tx, member, post.id)
    return _said(tx, member, "Remove", post.uri)


def _featured(tx: Tx, member: Actor, activity: ActivityDocument) -> Post:
    """The member's post that goes into their `featured` collection or out of it. No other takes anything."""
    if activity.target_id != member.featured:
        raise Invalid("The target is your own collection of pinned posts.", field="target")
    return _own(tx, member, activity.object_id)


# -- what is taken back -----------------------------------------------------------------------------------------------


def _undo(tx: Tx, member: Actor, activity: ActivityDocument) -> str:
    said = _to_undo(tx, member, activity)
    undo = _UNDO.get(said.type)
    if undo is None or said.object is None:
        raise Invalid(f"A {said.type} cannot be undone.", field="object")
    undo(tx, member, said.object)
    if said.type == "Join":  # going is ended by a Leave, for servers that know no other way
        return _said(tx, member, "Leave", said.object)
    return _said(tx, member, "Undo", said.uri)


def _to_undo(tx: Tx, member: Actor, activity: ActivityDocument) -> StoredActivity:
    """The member's activity that an Undo means: by its id, or by type and object where only those are given."""
    uri, inner = activity.object_id, activity.embedded
    if uri is None and inner is not None and activity.object_type is not None:
        about = as_id(inner.get("object"))
        uri = federation.activities.latest_about(tx.conn, member.uri, activity.object_type, about) if about else None
    said = federation.activities.find(tx.conn, uri, actor=member.uri) if uri is not None else None
    if said is None or said.undone_at is not None:
        raise NotFound("This activity is not one of yours, or is taken back already.")
    return said


def _undo_follow(tx: Tx, member: Actor, uri: str) -> None:
    relationships.unfollow(tx, member, _actor(tx, uri))


def _undo_block(tx: Tx, member: Actor, uri: str) -> None:
    relationships.unblock(tx, member, _actor(tx, uri))


def _undo_like(tx: Tx, member: Actor, uri: str) -> None:
    posts.unfavourite(tx, member, _post(tx, uri).id)


def _undo_announce(tx: Tx, member: Actor, uri: str) -> None:
    posts.unboost(tx, member, _post(tx, uri).id)


def _undo_join(tx: Tx, member: Actor, uri: str) -> None:
    events.leave(tx, member, _post(tx, uri).id)


def _actor(tx: Tx, uri: str | None) -> Actor:
    found = actors.by_uri(tx.conn, uri) if uri else None
    if found is None or not found.is_active:
        raise NotFound("There is no such account.")
    return found


def _post(tx: Tx, uri: str | None) -> Post:
    found = posts.by_uri(tx.conn, uri) if uri else None
    if found is None:
        raise NotFound("There is no such post.")
    return found


def _own(tx: Tx, member: Actor, uri: str | None) -> Post:
    post = posts.visible(tx.conn, _post(tx, uri).id, member.id)
    if post.author_id != member.id:
        raise NotAllowed("This is not yours.")
    return post


def _said(tx: Tx, member: Actor, kind: str, object_uri: str) -> str:
    found = federation.activities.latest_about(tx.conn, member.uri, kind, object_uri)
    if found is None:
        raise Invalid("There was nothing to do.", field="object")
    return found


_ACTIONS: Final[dict[str, Act]] = {
    "Create": _create,
    "Update": _update,
    "Delete": _delete,
    "Follow": _follow,
    "Accept": _accept,
    "Reject": _reject,
    "Block": _block,
    "Flag": _flag,
    "Like": _like,
    "Announce": _announce,
    "Join": _join,
    "Leave": _leave,
    "Add": _add,
    "Remove": _remove,
    "Undo": _undo,
}
_UNDO: Final[dict[str, Callable[[Tx, Actor, str], None]]] = {
    "Follow": _undo_follow,
    "Block": _undo_block,
    "Like": _undo_like,
    "Announce": _undo_announce,
    "Join": _undo_join,
}
_SCOPES: Final = {
    "Create": "write:statuses",
    "Update": "write:statuses",
    "Delete": "write:statuses",
    "Announce": "write:statuses",
    "Join": "write:statuses",
    "Leave": "write:statuses",
    "Add": "write:accounts",
    "Remove": "write:accounts",
    "Like": "write:favourites",
    "Follow": "write:follows",
    "Accept": "write:follows",
    "Reject": "write:follows",
    "Block": "write:blocks",
    "Flag": "write:reports",
}
