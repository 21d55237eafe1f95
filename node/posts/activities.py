# SPDX-License-Identifier: AGPL-3.0-or-later
"""What other servers say about posts: new ones, changed and deleted ones, favourites and boosts.

An object inside an activity is believed only if it is the signer's own and of the signer's server (`may_act_on`);
anything else is fetched from where it lives (`Missing`), and the sent copy is dropped.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from activitypub import addressing
from activitypub import emojis as emoji_documents
from activitypub.accessors import as_id, as_object
from activitypub.activity import ActivityDocument
from activitypub.actor import ActorType
from activitypub.addressing import Visibility
from activitypub.objects import ObjectDocument, read_object
from activitypub.origin import MAX_ID, may_act_on, same_origin
from activitypub.parse import JsonObject
from activitypub.polls import PollDocument
from node import actors, federation, media, notifications, relationships
from node.actors import Actor
from node.federation import Missing, Received, hearsay
from node.kernel import html
from node.kernel.db import Tx
from node.kernel.site import Site
from node.kernel.text import clean, clean_line
from node.notifications import Kind as Told
from node.posts import backfill, polls, queries, quotes, shelter, store, voting
from node.posts.actions import tell_of_edit
from node.posts.conversations import place_of
from node.posts.forwarding import pass_on
from node.posts.queries import OPEN
from node.posts.store import NewPost
from node.posts.types import Kind, Post
from node.relationships import Circle, circles

_KINDS = {
    "Note": Kind.NOTE,
    "Article": Kind.ARTICLE,
    "Page": Kind.PAGE,
    "Question": Kind.QUESTION,
    "Event": Kind.EVENT,
    "Image": Kind.IMAGE,
    "Audio": Kind.AUDIO,
    "Video": Kind.VIDEO,
}
_FRESH = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RemotePost:
    """Told to the slices above: a remote object was stored or changed; they may keep more of it (an event does)."""

    post: Post
    author: Actor
    document: ObjectDocument


def created(tx: Tx, received: Received) -> None:
    """Somebody elsewhere has published something, or votes. Kept if it is of use to somebody here."""
    if voting.heard(tx, received):
        return
    document = _own_object(tx, received)
    if document is None:
        _ask_for(tx, received)
        return
    if queries.by_uri(tx.conn, document.id) is not None:
        return
    if not _is_relevant(tx, document, received.actor):
        return
    parent = document.in_reply_to
    if (
        parent
        and parent not in received.unavailable
        and queries.by_uri(tx.conn, parent) is None
        and _may_fetch(tx, parent)
    ):
        raise Missing(parent, optional=True)
    kept = keep(tx, document, received.actor)
    if kept is not None and parent is not None:
        backfill.complete_above(tx, kept)
        reply = queries.find(tx.conn, kept)
        if reply is not None:
            pass_on(tx, received, reply)


def updated(tx: Tx, received: Received) -> None:
    """Somebody elsewhere has changed something they published. Older news than what we have is ignored."""
    document = _own_object(tx, received)
    if document is None:
        return
    known = queries.by_uri(tx.conn, document.id)
    if known is not None:
        change(tx, known, document, received.actor)
        pass_on(tx, received, known)
    elif document.published and tx.now - document.published < _FRESH and _is_relevant(tx, document, received.actor):
        keep(tx, document, received.actor)


def deleted(tx: Tx, received: Received) -> None:
    """Somebody elsewhere has deleted something of theirs. Remembered even if we never had it: the Create may be late."""
    uri = received.activity.object_id
    if uri is None or not same_origin(uri, received.actor.uri):
        return
    if quotes.withdrawn(tx, uri, received.actor):
        return
    known = queries.by_uri(tx.conn, uri)
    if known is not None:
        if known.author_id != received.actor.id:
            return
        pass_on(tx, received, known)
        store.remove(tx, known)
    federation.activities.bury(tx, uri, received.actor.uri, received.activity.object_type or "")


def liked(tx: Tx, received: Received) -> None:
    """Somebody elsewhere favourites a post that we hold. Emoji reactions count as favourites, and their emoji is kept."""
    post = _known_object(tx, received.activity.object_id)
    if post is not None and _may_see(tx, post, received.actor):
        shown = emoji_documents.reaction(received.activity.doc)
        store.like(tx, received.actor, post, federation.activities.key_of(received.activity), reaction=shown)


def like_undone(tx: Tx, received: Received) -> None:
    """Somebody elsewhere takes a favourite back."""
    post = _known_object(tx, _undone_object(received))
    if post is not None:
        store.unlike(tx, received.actor, post)


def announced(tx: Tx, received: Received) -> None:
    """Somebody elsewhere boosts a post: brought home to those who follow them. What we lack is fetched.

    An announced activity (a Create, as groups and event servers send it) stands for its object, which is fetched too:
    that a group announces something proves nothing about who wrote it. Other activities that a group announces, or lists
    of them, are verified at their origin (FEP-1b12). The comments in a group stay in their threads: on every home
    timeline they would be a flood.
    """
    told = hearsay.announced(received.activity)
    if told and [one.type for one in told] != ["Create"]:
        if relationships.local_followers(tx.conn, received.actor.id):
            for one in told:
                _told_by_group(tx, received.actor, one)
        return
    uri = _announced_object(received)
    if uri is None or received.activity.id is None:
        return
    post = queries.by_uri(tx.conn, uri)
    if post is None:
        if tx.site.is_local(uri) or not relationships.local_followers(tx.conn, received.actor.id):
            return
        raise Missing(uri)
    if post.boost_of_id is not None or (post.visibility not in OPEN and post.author_id != received.actor.id):
        return
    if post.in_reply_to_uri is not None and received.actor.type is ActorType.GROUP:
        return
    if post.local and relationships.is_blocked_between(tx.conn, post.author_id, received.actor.id):
        return
    boosted = store.write(
        tx,
        NewPost(
            uri=received.activity.id,
            url=received.activity.id,
            author=received.actor,
            kind=Kind.BOOST,
            visibility=_boost_visibility(received, post),
            created_at=min(received.activity.published or tx.now, tx.now),
            boost_of=post,
        ),
    )
    if boosted is None:
        return
    store.announce_here(tx, boosted, received.actor, boosted=post)
    author = actors.find(tx.conn, post.author_id)
    if author is not None and author.is_local:
        notifications.notify(tx, author, Told.BOOST, received.actor, post.id, place=place_of(post))


def _told_by_group(tx: Tx, group: Actor, activity: ActivityDocument) -> None:
    """A group passes on what somebody did in it. What it removes it shows no more, whatever the author's server says."""
    hearsay.heard(tx, activity, by=group.uri)
    if activity.type == "Delete" and activity.object_id is not None:
        post = queries.by_uri(tx.conn, activity.object_id)
        shown = queries.boost_of(tx.conn, group.id, post.id) if post is not None else None
        if shown is not None:
            store.remove(tx, shown)


def _boost_visibility(received: Received, post: Post) -> Visibility:
    """What the Announce itself is addressed to. One that names no audience we know is for the followers who get it."""
    if post.visibility not in OPEN:
        return post.visibility
    said = addressing.read(received.activity.doc, received.actor.followers).visibility
    return Visibility.PRIVATE if said is Visibility.DIRECT else said


def announce_undone(tx: Tx, received: Received) -> None:
    """Somebody elsewhere takes a boost back."""
    wrapper = queries.by_uri(tx.conn, received.activity.object_id) if received.activity.object_id else None
    if wrapper is None:
        post = _known_object(tx, _undone_object(received))
        wrapper = queries.boost_of(tx.conn, received.actor.id, post.id) if post is not None else None
    if wrapper is None or wrapper.author_id != received.actor.id or wrapper.boost_of_id is None:
        return
    original = queries.find(tx.conn, wrapper.boost_of_id)
    store.remove(tx, wrapper)
    if original is not None:
        notifications.take_back(tx, original.author_id, Told.BOOST, received.actor.id, original.id)


def keep_fetched(tx: Tx, document: ObjectDocument, author: Actor) -> int | None:
    """As `keep`, for what somebody here asked for: what is older than a day is no news, and nobody is told of it."""
    return keep(tx, document, author, told=document.published is None or tx.now - document.published < _FRESH)


def keep(tx: Tx, document: ObjectDocument, author: Actor, *, told: bool = True) -> int | None:
    """Store a believed object of a remote author; the post's number, also if it was here already.

    None if its author has deleted it, or it is of a kind that is no post. Timelines and those whom it names hear of it
    if `told`.
    """
    known = queries.by_uri(tx.conn, document.id)
    if known is not None:
        change(tx, known, document, author)
        return known.id
    kind = _KINDS.get(document.type)
    if kind is None or author.is_local or federation.activities.is_buried(tx.conn, document.id, author.uri):
        return None
    parent = queries.by_uri(tx.conn, document.in_reply_to) if document.in_reply_to else None
    visibility, circle = _readers(tx, document, author)
    named, addressed = _people(tx, document, author, visibility)
    post = store.write(
        tx,
        NewPost(
            uri=document.id,
            url=document.url or document.id,
            author=author,
            kind=kind,
            visibility=visibility,
            circle=circle,
            created_at=_written_at(tx, document),
            title=clean_line(document.name or "", 500),
            content=_content(tx.site, document, kind),
            spoiler_text=_warning(document, kind),
            sensitive=document.sensitive or bool(_warning(document, kind)),
            language=document.language,
            in_reply_to=parent,
            in_reply_to_uri=document.in_reply_to,
            context=_thread_address(tx, document),
            tags=document.hashtags,
            emojis=document.emojis,
            quote_uri=document.quote,
            quote_stamp=document.quote_authorization,
            reply_policy=document.reply_policy,
            quote_policy=document.quote_policy,
            quote_manual=document.quote_manual,
            named=named,
            addressed=addressed,
        ),
    )
    if post is None:  # somebody else brought it at the same moment
        known = queries.by_uri(tx.conn, document.id)
        return None if known is None else known.id
    media.attach_remote(tx, author.id, document.attachments, post.id)
    if document.poll is not None:
        polls.add_remote(tx, post.id, document.poll)
    if document.quote is not None:
        quotes.settle(tx, post.id)
    if document.updated and document.published and document.updated > document.published:
        # Its Update came first, or it was fetched: older Updates that are still on their way change nothing.
        store.touch(tx, post.id, edited_at=min(document.updated, tx.now))
    tx.tell(RemotePost(post, author, document))
    tx.tell(store.TextWritten(post))
    if told:
        store.announce_here(tx, post, author)
    return post.id


def change(tx: Tx, known: Post, document: ObjectDocument, author: Actor) -> None:
    """Bring a stored remote post up to date, if the document is newer and by the same author."""
    if known.local or known.author_id != author.id:
        return
    last = known.edited_at or known.created_at
    older = document.updated is None or document.updated < last
    if document.poll is not None:
        _recount(tx, known, document.poll, edited=not older)
    quotes.refresh(tx, known, document, edited=not older)
    if document.updated is None or older:
        return
    content, warning = _content(tx.site, document, known.kind), _warning(document, known.kind)
    differs = content != known.content or warning != known.spoiler_text
    # Most servers write whole seconds: a post edited within its first second bears the same time twice.
    if document.updated == last and not differs:
        return
    if differs:
        store.remember_edit(tx, known)
    named, addressed = _people(tx, document, author, known.visibility)
    store.set_people(tx, known.id, named, addressed)
    store.set_tags(tx, known.id, document.hashtags)
    media.attach_remote(tx, author.id, document.attachments, known.id)
    store.touch(
        tx,
        known.id,
        title=clean_line(document.name or "", 500),
        content=content,
        spoiler_text=warning,
        sensitive=document.sensitive or bool(warning),
        language=document.language[:16] if document.language else None,
        tags=list(document.hashtags),
        reply_policy=list(document.reply_policy) if document.reply_policy is not None else None,
        quote_policy=list(document.quote_policy) if document.quote_policy is not None else None,
        quote_manual=list(document.quote_manual) if document.quote_manual is not None else None,
        emojis=[asdict(emoji) for emoji in document.emojis],
        edited_at=min(document.updated, tx.now),
    )
    after = queries.find(tx.conn, known.id)
    assert after is not None
    tx.tell(RemotePost(after, author, document))
    tx.tell(store.TextWritten(after))
    tell_of_edit(tx, author, after)


def _recount(tx: Tx, known: Post, document: PollDocument, *, edited: bool) -> None:
    """New counts are no edit: they come without a new `updated` (Mastodon issue 17344)."""
    poll = polls.of_post(tx.conn, known.id)
    if poll is not None and polls.refresh(tx, poll, document, edited=edited):
        store.touch(tx, known.id)
        store.tell_changed(tx, known.id)


def _own_object(tx: Tx, received: Received) -> ObjectDocument | None:
    """The object inside, if the signer may speak for it; None if it must be fetched, or cannot be trusted."""
    inner = received.activity.embedded
    if inner is None:
        return None
    if not may_act_on(
        received.actor.uri, as_id(inner.get("id")) or "", as_id(inner.get("attributedTo")), received.activity.type
    ):
        return None
    return read_object(
        inner,
        followers_uri=received.actor.followers,
        envelope=received.activity.doc,
        allow_http=tx.site.allow_http,
    )


def _ask_for(tx: Tx, received: Received) -> None:
    """A Create that only names its object, or shows one that is not the signer's: read it where it lives, if anybody
    here follows the signer."""
    uri = received.activity.object_id
    if uri is None or tx.site.is_local(uri) or queries.by_uri(tx.conn, uri) is not None:
        return
    if same_origin(uri, received.actor.uri) and relationships.local_followers(tx.conn, received.actor.id):
        raise Missing(uri)


def _is_relevant(tx: Tx, document: ObjectDocument, author: Actor) -> bool:
    """Whether somebody here has to do with it: follows the author or whom it answers, is addressed, or is answered."""
    if document.in_reply_to:
        if tx.site.is_local(document.in_reply_to):
            return True
        answered = queries.by_uri(tx.conn, document.in_reply_to)
        if answered is not None and relationships.local_followers(tx.conn, answered.author_id):
            return True
    if document.circle is not None and circles.is_at_partner(tx.conn, author.id):
        return True
    addressed = {mention.href for mention in document.mentions} | document.audience.recipients
    if any(tx.site.is_local(uri) for uri in addressed):
        return True
    return bool(relationships.local_followers(tx.conn, author.id))


def _readers(tx: Tx, document: ObjectDocument, author: Actor) -> tuple[Visibility, Circle | None]:
    """Who may read it here. A partner node's post to its own circle is for our members; from any other server, what calls
    itself a post to a circle is for the followers of its author."""
    visibility = document.audience.visibility
    if document.circle is None or visibility is not Visibility.DIRECT:
        return visibility, None
    return Visibility.PRIVATE, Circle.PARTNERS if circles.is_at_partner(tx.conn, author.id) else None


def _may_fetch(tx: Tx, uri: str) -> bool:
    return not tx.site.is_local(uri) and uri.startswith(("https://", "http://"))


def _thread_address(tx: Tx, document: ObjectDocument) -> str | None:
    """The collection of the thread that a post names. Older servers write a tag: URI there, which leads nowhere."""
    uri = document.context
    return uri if uri and len(uri) <= MAX_ID and _may_fetch(tx, uri) else None


def _people(tx: Tx, document: ObjectDocument, author: Actor, visibility: Visibility) -> tuple[list[Actor], set[int]]:
    """(whom the text names, who else is addressed), of those whom we know, without those whom it is not to reach."""
    named = {mention.href for mention in document.mentions}
    known = actors.by_uris(tx.conn, named | document.audience.recipients)
    if visibility is Visibility.DIRECT:
        unreached = shelter.sheltered(tx.conn, author, known.values())
        known = {uri: one for uri, one in known.items() if one.id not in unreached}
    reachable = document.audience.recipients
    return (
        # Named without being addressed does not bring the post to anybody (Mastodon's rule).
        [known[uri] for uri in named if uri in known and (uri in reachable or not known[uri].is_local)],
        {known[uri].id for uri in reachable if uri in known and uri not in named},
    )


def _content(site: Site, document: ObjectDocument, kind: Kind) -> str:
    """What is shown of it: the text, under the title where it has one, and a link to the whole where it has a page."""
    body = str(html.with_own_hashtags(html.sanitise(document.content or ""), document.hashtags, site.tag_url))
    if kind in (Kind.NOTE, Kind.QUESTION):
        return body
    title = f"<p><strong>{html.escape(clean(document.name or '', 500))}</strong></p>" if document.name else ""
    if not body and document.summary:
        body = str(html.sanitise(document.summary))
    shared = document.links[:1] if kind is Kind.PAGE else ()
    links = "".join(f"<p>{html.link(href)}</p>" for href in (*shared, document.url or document.id))
    return f"{title}{body}{links}"


def _warning(document: ObjectDocument, kind: Kind) -> str:
    """A content warning. On anything but a Note or a Question the summary is an abstract, not a warning."""
    if kind not in (Kind.NOTE, Kind.QUESTION):
        return ""
    return clean(html.plain_text(document.summary or ""), 1000)


def _written_at(tx: Tx, document: ObjectDocument) -> datetime:
    return min(document.published or tx.now, tx.now)


def _known_object(tx: Tx, uri: str | None) -> Post | None:
    """The post that an activity is about; of a boost, what it boosts."""
    post = queries.by_uri(tx.conn, uri) if uri else None
    if post is not None and post.boost_of_id is not None:
        return queries.find(tx.conn, post.boost_of_id)
    return post


def _may_see(tx: Tx, post: Post, actor: Actor) -> bool:
    return queries.versions(tx.conn, [post.id], actor.id) != []


def _undone_object(received: Received) -> str | None:
    """What an undone Like or Announce was about: as stored, or as the inner activity says, if that is the signer's."""
    if received.subject is not None:
        return received.subject.object
    inner = received.activity.embedded
    if inner is None or as_id(inner.get("actor")) not in (None, received.actor.uri):
        return None
    return as_id(inner.get("object"))


def _announced_object(received: Received) -> str | None:
    inner: JsonObject | None = received.activity.embedded
    if inner is not None and inner.get("type") == "Create":
        wrapped = inner.get("object")
        return as_id(wrapped) if as_object(wrapped) is not None or isinstance(wrapped, str) else None
    return received.activity.object_id
