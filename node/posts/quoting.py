# SPDX-License-Identifier: AGPL-3.0-or-later
"""Quoting from here (FEP-044f): what a new post quotes, and asking the quoted author where they are elsewhere."""

from sqlalchemy import insert

from activitypub import activity as activity_documents
from activitypub import contexts, quotes
from activitypub.parse import JsonObject
from node import actors, federation, notifications
from node.actors import Actor
from node.kernel.db import Tx
from node.notifications import Kind as Told
from node.posts import documents, queries, store
from node.posts.conversations import place_of
from node.posts.tables import quote_stamps
from node.posts.types import Post, QuoteState


def begin(tx: Tx, author: Actor, post: Post, quoted: Post) -> Post:
    """Tie a new post to what it quotes. Quotes of oneself and of people here are agreed to at once."""
    stamp = None
    if quoted.local and quoted.author_id != author.id:
        stamp = tx.site.new_object()
        tx.conn.execute(
            insert(quote_stamps),
            {
                "uri": stamp,
                "author_uri": actors.get(tx.conn, quoted.author_id).uri,
                "quoting_uri": post.uri,
                "quoted_uri": quoted.uri,
                "created_at": tx.now,
            },
        )
    agreed = quoted.local or quoted.author_id == author.id
    store.set_quote(
        tx,
        post.id,
        quote_of_id=quoted.id,
        quote_state=QuoteState.ACCEPTED if agreed else QuoteState.PENDING,
        quote_stamp=stamp,
    )
    if agreed and queries.versions(tx.conn, [post.id], quoted.author_id):
        owner = actors.get(tx.conn, quoted.author_id)
        notifications.notify(tx, owner, Told.QUOTE, author, post.id, place=place_of(post))
    now = queries.find(tx.conn, post.id)
    assert now is not None
    return now


def ask(tx: Tx, author: Actor, post: Post, quoted: Post) -> None:
    """Ask the author of a post elsewhere for their consent; the post itself goes along, as not everybody fetches it."""
    if post.quote_state is not QuoteState.PENDING:
        return
    owner = actors.get(tx.conn, quoted.author_id)
    document = activity_documents.build(
        quotes.REQUEST, id=tx.site.new_activity(), actor=author.uri, object=quoted.uri, to=[owner.uri], published=tx.now
    )
    instrument: JsonObject = documents.note(tx.conn, tx.site, post, author)
    document["@context"] = contexts.QUOTING
    document["instrument"] = {name: value for name, value in instrument.items() if name != "@context"}
    federation.publish(tx, author, document, [owner.inbox], about=post.uri)
