# SPDX-License-Identifier: AGPL-3.0-or-later
"""Quotes: what posts elsewhere quote, and whether the quoted author agreed (FEP-044f).

A quote of oneself needs no consent. Any other is shown once there is a stamp: ours, given on request to those whom the
author lets quote the post, or one fetched from the quoted author's own server. What a post quotes is looked up for posts
that came for their own sake, not for those that were fetched because somebody quotes them, so that chains end.
"""

from typing import Final

import orjson
from sqlalchemy import Connection, delete, insert, select, update

from activitypub import activity as activity_documents
from activitypub import contexts, quotes
from activitypub.accessors import as_id
from activitypub.addressing import PUBLIC
from activitypub.errors import ProtocolError
from activitypub.objects import ObjectDocument
from activitypub.origin import same_origin
from activitypub.parse import JsonObject
from activitypub.quotes import QuoteAuthorization
from node import actors, federation, notifications, relationships
from node.actors import Actor
from node.federation import Received
from node.federation.client import FetchFailed
from node.federation.resolve import Resolver
from node.kernel import queue
from node.kernel.db import Database, Tx
from node.kernel.errors import NotFound
from node.kernel.queue import Task
from node.kernel.worker import RetryLater
from node.notifications import Kind as Told
from node.posts import documents, queries, store
from node.posts.actions import send
from node.posts.conversations import place_of
from node.posts.policies import consents
from node.posts.tables import posts, quote_stamps
from node.posts.types import Post, PostId, QuoteState

CHECK: Final = "posts.check_quote"


# -- posts that quote -------------------------------------------------------------------------------------------------


def refresh(tx: Tx, known: Post, document: ObjectDocument, *, edited: bool) -> None:
    """Take over what a post says now of its quote. A consent may come without an edit, another quote only with one."""
    if document.quote != known.quote_uri and not edited:
        return
    if (document.quote, document.quote_authorization) == (known.quote_uri, known.quote_stamp):
        return
    store.set_quote(
        tx,
        known.id,
        quote_uri=document.quote,
        quote_of_id=known.quote_of_id if document.quote == known.quote_uri else None,
        quote_state=QuoteState.PENDING if document.quote else None,
        quote_stamp=document.quote_authorization,
    )
    if document.quote is not None:
        settle(tx, known.id)
    store.tell_changed(tx, known.id)


def settle(tx: Tx, post_id: int) -> None:
    """Tie a post to what it quotes as far as we know it, and have looked up what we lack."""
    post = queries.find(tx.conn, post_id)
    if post is None or post.quote_uri is None:
        return
    quoted = _quoted(tx.conn, post.quote_uri)
    agreed = quoted is not None and _agreed(tx.conn, post, quoted)
    state = QuoteState.ACCEPTED if agreed else QuoteState.PENDING
    if quoted is not None and (post.quote_of_id, post.quote_state) != (quoted.id, state):
        store.set_quote(tx, post.id, quote_of_id=quoted.id, quote_state=state)
        store.tell_changed(tx, post.id)
        if agreed and post.local:
            _tell_of_consent(tx, post.id)
        if agreed and quoted.local and queries.versions(tx.conn, [post.id], quoted.author_id):
            owner = actors.get(tx.conn, quoted.author_id)
            author = actors.get(tx.conn, post.author_id)
            notifications.notify(tx, owner, Told.QUOTE, author, post.id, place=place_of(post))
    if _lacking(tx.conn, post, quoted) != (None, None) and not _is_quoted(tx.conn, post.uri):
        queue.enqueue(tx, CHECK, {"post": post.id}, once=f"{CHECK}:{post.id}")


def _tell_of_consent(tx: Tx, post_id: int) -> None:
    """Send a post of ours again, with the consent in it; others show the quote then. It is no edit."""
    post = queries.find(tx.conn, post_id)
    assert post is not None
    author = actors.get(tx.conn, post.author_id)
    document = documents.note(tx.conn, tx.site, post, author)
    send(tx, author, post, documents.about("Update", tx.site, author, document))


def _quoted(conn: Connection, address: str) -> Post | None:
    post = queries.by_uri(conn, address)
    if post is None:
        number = queries.id_by_address(conn, address)
        post = queries.find(conn, number) if number is not None else None
    return None if post is None or post.is_boost else post


def _agreed(conn: Connection, post: Post, quoted: Post) -> bool:
    if post.author_id == quoted.author_id:
        return True
    statement = select(quote_stamps.c.uri).where(
        quote_stamps.c.quoting_uri == post.uri,
        quote_stamps.c.quoted_uri == quoted.uri,
        quote_stamps.c.author_uri == actors.get(conn, quoted.author_id).uri,
    )
    if not quoted.local:
        statement = statement.where(quote_stamps.c.uri == post.quote_stamp)
    return conn.execute(statement.limit(1)).first() is not None


def _lacking(conn: Connection, post: Post, quoted: Post | None) -> tuple[str | None, str | None]:
    """The quoted post and the stamp, as far as they are elsewhere and not here yet."""
    wanted = post.quote_uri if quoted is None else None
    stamp = post.quote_stamp
    ours = quoted is not None and (quoted.local or quoted.author_id == post.author_id)
    if stamp is not None and (ours or find_stamp(conn, stamp) is not None):
        stamp = None
    return wanted, stamp


def _is_quoted(conn: Connection, uri: str) -> bool:
    return conn.execute(select(posts.c.id).where(posts.c.quote_uri == uri).limit(1)).first() is not None


class QuoteChecker:
    """The task `posts.check_quote`: fetch what a post quotes and the consent that it names, then settle it."""

    def __init__(self, db: Database, resolver: Resolver) -> None:
        self._db = db
        self._resolver = resolver

    async def run(self, task: Task) -> bool:
        """Two documents at most. What the other server cannot give now is tried again."""
        post_id = int(str(task.payload["post"]))
        quoted, stamp = await self._db.read(_wanted, post_id)
        if quoted is not None and not self._db.site.is_local(quoted) and await self._resolver.post(quoted) is None:
            if self._resolver.may_come_back(quoted):
                raise RetryLater(f"{quoted} cannot be had now")
            return False
        if stamp is not None and not self._db.site.is_local(stamp):
            try:
                document = await self._resolver.document(stamp)
                authorization = quotes.read_authorization(document, allow_http=self._db.site.allow_http)
            except FetchFailed as error:
                if error.retryable:
                    raise RetryLater(str(error)) from None
                return False
            except ProtocolError:
                return False
            await self._db.write(keep_stamp, authorization)
        await self._db.write(_settle_checked, post_id, task.id)
        return True


def _wanted(conn: Connection, post_id: int) -> tuple[str | None, str | None]:
    post = queries.find(conn, post_id)
    if post is None or post.quote_uri is None:
        return None, None
    return _lacking(conn, post, _quoted(conn, post.quote_uri))


def _settle_checked(tx: Tx, post_id: int, task_id: int) -> None:
    settle(tx, post_id)
    queue.complete(tx, task_id)


# -- stamps -----------------------------------------------------------------------------------------------------------


def keep_stamp(tx: Tx, stamp: QuoteAuthorization) -> None:
    """Keep a consent that was fetched from its own id, or that we give."""
    if find_stamp(tx.conn, stamp.id) is None:
        tx.conn.execute(
            insert(quote_stamps),
            {
                "uri": stamp.id,
                "author_uri": stamp.author,
                "quoting_uri": stamp.quoting,
                "quoted_uri": stamp.quoted,
                "created_at": tx.now,
            },
        )


def find_stamp(conn: Connection, uri: str) -> QuoteAuthorization | None:
    """The consent with this id."""
    row = conn.execute(select(quote_stamps).where(quote_stamps.c.uri == uri)).one_or_none()
    return None if row is None else QuoteAuthorization(row.uri, row.author_uri, row.quoting_uri, row.quoted_uri)


def withdrawn(tx: Tx, uri: str, actor: Actor) -> bool:
    """Somebody elsewhere takes a consent of theirs back; False if it is none that we know."""
    stamp = find_stamp(tx.conn, uri)
    if stamp is None or stamp.author != actor.uri:
        return False
    _take_back(tx, stamp)
    federation.activities.bury(tx, uri, actor.uri, quotes.AUTHORIZATION)
    return True


def _take_back(tx: Tx, stamp: QuoteAuthorization) -> None:
    tx.conn.execute(delete(quote_stamps).where(quote_stamps.c.uri == stamp.id))
    changed = tx.conn.execute(
        update(posts)
        .where(posts.c.uri == stamp.quoting, posts.c.quote_state == QuoteState.ACCEPTED)
        .values(quote_state=QuoteState.REVOKED, version=posts.c.version + 1)
        .returning(posts.c.id, posts.c.quote_of_id)
    ).all()
    store.count_quotes(tx, *(row.quote_of_id for row in changed if row.quote_of_id is not None))
    for row in changed:
        store.tell_changed(tx, row.id)


# -- our posts that quote others --------------------------------------------------------------------------------------


def granted(tx: Tx, received: Received) -> None:
    """The author of a post elsewhere lets one of ours quote it. The stamp is believed once it is fetched from there."""
    post, stamp = _asked_for(tx, received), as_id(received.activity.doc.get("result"))
    if post is not None and stamp is not None and same_origin(stamp, received.actor.uri):
        store.touch(tx, post.id, quote_stamp=stamp)
        settle(tx, post.id)


def refused(tx: Tx, received: Received) -> None:
    """They do not, or no longer."""
    post = _asked_for(tx, received)
    if post is not None:
        store.set_quote(tx, post.id, quote_state=QuoteState.REJECTED, quote_stamp=None)
        store.tell_changed(tx, post.id)


def _asked_for(tx: Tx, received: Received) -> Post | None:
    """Our post that an answered QuoteRequest was about, if the answer is that of the quoted author."""
    body = federation.activities.body(tx.conn, received.subject.id) if received.subject is not None else None
    uri = as_id(orjson.loads(body).get("instrument")) if body is not None else None
    post = queries.by_uri(tx.conn, uri) if uri is not None else None
    quoted = queries.find(tx.conn, post.quote_of_id) if post is not None and post.quote_of_id is not None else None
    if post is None or not post.local or quoted is None or quoted.author_id != received.actor.id:
        return None
    return post


# -- ours, quoted elsewhere -------------------------------------------------------------------------------------------


def requested(tx: Tx, received: Received) -> None:
    """Somebody elsewhere asks to quote a post of ours: yes, if its author lets them, and the same yes when asked
    again."""
    post = queries.by_uri(tx.conn, received.activity.object_id) if received.activity.object_id else None
    quoting = as_id(received.activity.doc.get("instrument"))
    if post is None or not post.local or post.is_boost or quoting is None or received.activity.id is None:
        return
    if not same_origin(quoting, received.actor.uri):
        return
    if not queries.versions(tx.conn, [post.id], received.actor.id):
        return  # for them there is no such post
    author = actors.get(tx.conn, post.author_id)
    request: JsonObject = {
        "@context": contexts.QUOTE,
        "id": received.activity.id,
        "type": quotes.REQUEST,
        "actor": received.actor.uri,
        "object": post.uri,
        "instrument": quoting,
    }
    if not consents(tx.conn, post, received.actor) or not author.is_active:
        _answer(tx, "Reject", author, received.actor, request)
        return
    stamp = _given(tx.conn, author, quoting, post.uri)
    if stamp is None:
        stamp = QuoteAuthorization(tx.site.new_object(), author.uri, quoting, post.uri)
        keep_stamp(tx, stamp)
    _answer(tx, "Accept", author, received.actor, request, result=stamp.id)
    known = queries.by_uri(tx.conn, quoting)
    if known is not None and known.author_id == received.actor.id:
        settle(tx, known.id)


def _given(conn: Connection, author: Actor, quoting: str, quoted: str) -> QuoteAuthorization | None:
    row = conn.execute(
        select(quote_stamps)
        .where(
            quote_stamps.c.quoting_uri == quoting,
            quote_stamps.c.quoted_uri == quoted,
            quote_stamps.c.author_uri == author.uri,
        )
        .limit(1)
    ).one_or_none()
    return None if row is None else QuoteAuthorization(row.uri, row.author_uri, row.quoting_uri, row.quoted_uri)


def _answer(tx: Tx, kind: str, author: Actor, asker: Actor, request: JsonObject, *, result: str | None = None) -> None:
    document = activity_documents.build(
        kind, id=tx.site.new_activity(), actor=author.uri, object=request, to=[asker.uri], published=tx.now
    )
    if result is not None:
        document["result"] = result
    federation.publish(tx, author, document, [asker.inbox], about=result)


def revoke(tx: Tx, author: Actor, post_id: int, quoting_id: int) -> PostId:
    """Take the consent to a quote of one's own post back, here and everywhere; the number of the post that quotes it.

    Raises NotFound.
    """
    post = queries.visible(tx.conn, post_id, author.id)
    quoting = queries.visible(tx.conn, quoting_id, author.id)
    if post.author_id != author.id or quoting.quote_of_id != post.id:
        raise NotFound
    stamp = _given(tx.conn, author, quoting.uri, post.uri)
    if stamp is not None:
        _take_back(tx, stamp)
        federation.activities.bury(tx, stamp.id, author.uri, quotes.AUTHORIZATION)
        quoter = actors.get(tx.conn, quoting.author_id)
        document = activity_documents.build(
            "Delete",
            id=tx.site.new_activity(),
            actor=author.uri,
            object=quotes.build_authorization(stamp),
            to=[PUBLIC],
            cc=[quoter.uri],
            published=tx.now,
        )
        targets = [*relationships.follower_inboxes(tx.conn, author.id), quoter.inbox]
        federation.publish(tx, author, document, targets, about=stamp.id)
    return quoting.id
