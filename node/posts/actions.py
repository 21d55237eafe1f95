# SPDX-License-Identifier: AGPL-3.0-or-later
"""What members do with posts: publish, edit, delete, favourite, boost, keep. Each is one unit of work with its activity."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection, delete

from activitypub import activity as activity_documents
from activitypub.addressing import PUBLIC, Visibility
from activitypub.build import build_tombstone
from activitypub.parse import JsonObject
from node import actors, federation, media, notifications, relationships
from node.actors import Actor, Reach
from node.emojis import shown_of
from node.kernel import html, text
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import Invalid, NotAllowed, NotFound
from node.kernel.ids import new_id
from node.notifications import Kind as Told
from node.posts import documents, emojis, polls, queries, quoting, shelter, store
from node.posts.conversations import place_of
from node.posts.policies import may_quote, may_reply, stored
from node.posts.queries import OPEN
from node.posts.rules import check_circle, check_draft
from node.posts.store import MAX_MENTIONS, NewPost
from node.posts.tables import bookmarks
from node.posts.types import Draft, Kind, Post, PostId, QuotePolicy
from node.relationships import Circle, circles

_FORMER_TYPES = {Kind.EVENT: "Event", Kind.QUESTION: "Question"}


def publish(tx: Tx, author: Actor, draft: Draft) -> PostId:
    """Publish a note of a local author: the post, its activity and its deliveries are one unit.

    People elsewhere whom the text names must be known already (`Resolver.mentions` looks them up before). Raises Invalid,
    NotFound if what it answers cannot be seen by the author, and NotAllowed if its author, or that of
    what it quotes, does not let them.
    """
    draft, parent, quoted = considered(tx.conn, author, draft)
    circle, circle_year = check_circle(draft, parent, author.class_year)
    named = named_in(tx, author, draft.text, circle, circle_year)
    told = {author.id, *(person.id for person in named)}
    if quoted is not None and draft.visibility is Visibility.DIRECT and quoted.author_id not in told:
        raise Invalid("A private mention can quote only those whom it names.", field="quoted_status_id")
    hidden = [
        person
        for person in {one.id: one for one in draft.hidden if one.id not in told}.values()
        if not relationships.is_blocked_between(tx.conn, author.id, person.id)
    ]
    if circle is not None:
        inside = circles.insiders(tx.conn, [person.id for person in hidden], circle, circle_year, author_id=author.id)
        hidden = [person for person in hidden if person.id in inside]
    if draft.visibility is Visibility.DIRECT:
        shelter.check_reaches(tx.conn, author, [*named, *hidden])
    uri = tx.site.new_object()
    post_id = store.new_number(tx, tx.now)
    tags = text.find_hashtags(draft.text)
    post = store.write(
        tx,
        NewPost(
            uri=uri,
            url=f"{tx.site.profile_url(author.username)}/{post_id}",
            author=author,
            kind=Kind.QUESTION if draft.poll is not None else Kind.NOTE,
            visibility=draft.visibility,
            circle=circle,
            circle_year=circle_year,
            created_at=tx.now,
            content=rendered(tx, draft.text, named),
            source=draft.text,
            spoiler_text=draft.spoiler_text,
            sensitive=draft.sensitive or bool(draft.spoiler_text),
            language=draft.language,
            in_reply_to=parent,
            quote_uri=quoted.uri if quoted is not None else None,
            quote_policy=stored(draft.quote_policy, author, draft.visibility),
            tags=tags,
            own_emojis=emojis.in_draft(tx.conn, draft),
            named=named,
            addressed=[person.id for person in hidden],
            app_name=draft.app_name,
            app_website=draft.app_website,
            post_id=post_id,
        ),
    )
    assert post is not None
    media.attach(tx, author.id, draft.media_ids, post.id)
    if draft.poll is not None:
        polls.add(tx, post.id, draft.poll)
        polls.close_later(tx, post)
    if quoted is not None:
        post = quoting.begin(tx, author, post, quoted)
    named = named[:MAX_MENTIONS]
    people = [*named, *(person for person in hidden if person not in named)]
    note = documents.note(tx.conn, tx.site, post, author, named=named, has_files=bool(draft.media_ids))
    said = send(tx, author, post, documents.about("Create", tx.site, author, note), people=people)
    federation.activities.add_recipients(tx, said, [person.id for person in hidden if person.is_local])
    if quoted is not None:
        quoting.ask(tx, author, post, quoted)
    tx.tell(store.TextWritten(post))
    store.announce_here(tx, post, author, people=people)
    return post.id


def considered(conn: Connection, author: Actor, draft: Draft) -> tuple[Draft, Post | None, Post | None]:
    """What a draft answers and what it quotes, if all of it is allowed; what quotes a post for followers is for followers,
    and what answers in a circle stays in the circle.

    Raises Invalid, NotFound and NotAllowed as `publish` does.
    """
    check_draft(draft)
    parent = queries.original(conn, draft.in_reply_to_id, author.id) if draft.in_reply_to_id else None
    if parent is not None and not may_reply(conn, parent, author):
        raise NotAllowed("The author of this post takes answers from certain people only.")
    quoted = queries.original(conn, draft.quoted_id, author.id) if draft.quoted_id else None
    if quoted is not None and not may_quote(conn, quoted, author):
        raise NotAllowed("The author of this post does not let you quote it.")
    if quoted is not None and quoted.visibility is Visibility.PRIVATE and draft.visibility in OPEN:
        draft = replace(draft, visibility=Visibility.PRIVATE)
    circle, circle_year = check_circle(draft, parent, author.class_year)
    if quoted is not None and quoted.circle and (quoted.circle, quoted.circle_year) != (circle, circle_year):
        raise NotAllowed("A post to a circle can be quoted in the same circle only.")
    if (
        quoted is not None
        and circle is not None
        and not quoted.local
        # Its author has to be asked for consent, and is sent the post that quotes.
        and not circles.insiders(conn, [quoted.author_id], circle, circle_year, author_id=author.id)
    ):
        raise NotAllowed("The author of this post is not in the circle. Please put the link into the text instead.")
    if circle is not None:
        draft = replace(draft, visibility=Visibility.PRIVATE, circle=circle)
    return draft, parent, quoted


def named_in(
    tx: Tx, author: Actor, words: str, circle: Circle | None = None, circle_year: int | None = None
) -> list[Actor]:
    """The people whom a text names and whom we know, without the author and without those who block them.

    In a post to a circle only those inside: the others could not read it.
    """
    ours = {"", tx.site.domain, tx.site.base_url.partition("://")[2]}
    wanted = [
        (handle.username.casefold(), "" if (handle.host or "") in ours else str(handle.host))
        for handle in text.find_mentions(words)
    ]
    known = actors.by_handles(tx.conn, wanted)
    if circle is not None:
        inside = circles.insiders(
            tx.conn, [person.id for person in known.values()], circle, circle_year, author_id=author.id
        )
        known = {pair: person for pair, person in known.items() if person.id in inside}
    return [
        known[pair]
        for pair in wanted
        if pair in known
        and known[pair].id != author.id
        and known[pair].is_active
        and not relationships.is_blocked_between(tx.conn, author.id, known[pair].id)
    ]


def rendered(tx: Tx, words: str, named: Sequence[Actor]) -> str:
    """The HTML of a text by a local author."""
    links: dict[str, tuple[str, str]] = {}
    for person in named:
        for key in _keys_of(tx, person):
            links[key] = (person.url, person.username)
    return str(html.render_plain(words, mentions=links, tag_url=tx.site.tag_url))


def _keys_of(tx: Tx, person: Actor) -> Iterable[str]:
    name = person.username.lower()
    if not person.is_local:
        return [f"{name}@{person.domain}"]
    return [name, f"{name}@{tx.site.domain}", f"{name}@{tx.site.base_url.partition('://')[2]}"]


def send(
    tx: Tx,
    author: Actor,
    post: Post,
    document: JsonObject,
    *,
    also: Iterable[str] = (),
    people: Sequence[Actor] | None = None,
) -> int:
    """Have an activity about a post delivered to everybody it is for, and to the inboxes in `also`, unless it is to a
    circle: that is all there is of readers. `people` spares a look to whoever knows to whom the post is addressed."""
    targets = inboxes(tx, author, post, people)
    if post.circle is Circle.PARTNERS:
        # They hold what they got also after the partnership: what is deleted later is deleted there, too.
        for inbox in targets:
            relationships.remember_recipient(tx, author, inbox)
    return federation.publish(
        tx,
        author,
        document,
        [*targets, *(also if post.circle is None else ())],
        public=post.visibility in OPEN,
        about=post.uri,
        for_followers=post.visibility is Visibility.PRIVATE and post.circle is None and document["type"] == "Create",
    )


def inboxes(tx: Tx, author: Actor, post: Post, people: Sequence[Actor] | None = None) -> list[str]:
    """Where a post goes: the followers' servers unless it is direct, and whoever it names or answers.

    What is for all of a server goes to its shared inbox once; a direct post to the inboxes of those it is for. A post to
    the circle `partners` goes to the partner nodes, one to a narrower circle to nobody.
    """
    if post.circle is not None:
        return list(circles.partner_inboxes(tx.conn)) if post.circle is Circle.PARTNERS else []
    people = list(queries.named(tx.conn, post.id) if people is None else people)
    if post.in_reply_to_author_id is not None and post.visibility is not Visibility.DIRECT:
        answered = actors.find(tx.conn, post.in_reply_to_author_id)
        if answered is not None:
            people.append(answered)
    if post.visibility is Visibility.DIRECT:
        return [person.inbox for person in people if not person.is_local]
    found = list(relationships.follower_inboxes(tx.conn, author.id))
    return found + [person.delivery_inbox for person in people if not person.is_local]


def edit(tx: Tx, author: Actor, post_id: int, draft: Draft, *, keep_poll: bool = False) -> None:
    """Change the text, warning, language, media or poll of one's own note. Its audience and what it quotes stay.

    Other answers than before are a new question, and the votes given to the old one fall away. With `keep_poll` the poll
    is left as it is, also one that is over, and the draft has none. Raises NotFound, Invalid.
    """
    before = _own(tx, author, post_id)
    if before.kind not in (Kind.NOTE, Kind.QUESTION):
        raise NotAllowed("This post cannot be edited here. Please use its own page.")
    check_draft(draft)
    keeps = keep_poll and before.kind is Kind.QUESTION
    if keeps and draft.media_ids:
        raise Invalid("Validation failed: A post has pictures or a poll, not both", field="poll")
    named = named_in(tx, author, draft.text, before.circle, before.circle_year)
    if before.visibility is Visibility.DIRECT:
        shelter.check_reaches(tx.conn, author, named)
    hidden = {one.id for one in queries.named(tx.conn, before.id)}
    hidden -= {one.id for one in queries.named_openly(tx.conn, before.id)}
    store.remember_edit(tx, before)
    tags = text.find_hashtags(draft.text)
    kept = set(draft.media_ids)
    media.release(
        tx, [item.id for item in media.of_posts(tx.conn, [before.id]).get(before.id, ()) if item.id not in kept]
    )
    media.attach(tx, author.id, draft.media_ids, before.id)
    voters = polls.voters(tx.conn, before.id) if before.kind is Kind.QUESTION else set()
    if not keeps and (before.kind is Kind.QUESTION or draft.poll is not None):
        polls.lock(tx, before.id)
        polls.change(tx, before.id, draft.poll)
    for person in queries.named_openly(tx.conn, before.id):
        if not person.is_local and person.id not in {other.id for other in named}:
            relationships.remember_recipient(tx, author, person.delivery_inbox)
    store.set_people(tx, before.id, named, hidden)
    store.set_tags(tx, before.id, tags)
    used = emojis.in_draft(tx.conn, draft)
    emojis.keep(tx, before.id, used)
    store.touch(
        tx,
        before.id,
        content=rendered(tx, draft.text, named),
        source=draft.text,
        spoiler_text=draft.spoiler_text,
        sensitive=draft.sensitive or bool(draft.spoiler_text),
        language=draft.language,
        tags=tags,
        emojis=shown_of(tx.site, used),
        kind=Kind.QUESTION if keeps or draft.poll is not None else Kind.NOTE,
        edited_at=tx.now,
        **_policy_of(draft, author, before),
    )
    after = queries.find(tx.conn, before.id)
    assert after is not None
    if draft.poll is not None:
        polls.close_later(tx, after)
    send(tx, author, after, documents.about("Update", tx.site, author, documents.note(tx.conn, tx.site, after, author)))
    for person in named:
        notifications.notify(tx, person, Told.MENTION, author, after.id, place=place_of(after))
    tx.tell(store.TextWritten(after))
    tell_of_edit(tx, author, after, voters=voters)


def _policy_of(draft: Draft, author: Actor, before: Post) -> dict[str, object]:
    if draft.quote_policy is None:
        return {}
    return {"quote_policy": stored(draft.quote_policy, author, before.visibility)}


def set_quote_policy(tx: Tx, author: Actor, post_id: int, policy: QuotePolicy) -> PostId:
    """Change who may quote one's own post from now on, which is no edit; the number of the post. Raises NotFound.

    Quotes that were agreed to stay; each can be taken back by itself.
    """
    post = _own(tx, author, post_id)
    if post.is_boost:
        raise NotFound
    wanted = stored(policy, author, post.visibility)
    if wanted != (list(post.quote_policy) if post.quote_policy is not None else None):
        store.touch(tx, post.id, quote_policy=wanted)
        store.tell_changed(tx, post.id)
        after = queries.find(tx.conn, post.id)
        assert after is not None
        if post.kind in (Kind.NOTE, Kind.QUESTION):
            # Without a new `updated`, as it says nothing else than before.
            note = documents.note(tx.conn, tx.site, after, author)
            send(tx, author, after, documents.about("Update", tx.site, author, note))
    return post.id


def tell_of_edit(tx: Tx, author: Actor, post: Post, *, voters: Collection[int] = ()) -> None:
    """Let those who boosted or quoted a post, or voted in it, and open streams, know that it says something else now.

    Whoever quoted it is told of their own post, in which the other stands.
    """
    for person in actors.by_ids(tx.conn, {*queries.booster_ids(tx.conn, post.id), *voters}).values():
        if person.is_local:
            notifications.notify(tx, person, Told.UPDATE, author, post.id, place=place_of(post))
    for quoting_id, person in queries.local_quoters(tx.conn, post.id):
        notifications.notify(tx, person, Told.QUOTED_UPDATE, author, quoting_id, place=place_of(post))
    store.tell_changed(tx, post.id)


def delete_post(tx: Tx, author: Actor, post_id: int, *, keep_media: bool = False) -> None:
    """Delete one's own post here and everywhere it went; of a boost, take the boost back. Raises NotFound.

    With `keep_media` its pictures can be used in another post for a day.
    """
    post = _own(tx, author, post_id)
    if post.boost_of_id is not None:
        unboost(tx, author, post.boost_of_id)
        return
    erase(tx, author, post, keep_media=keep_media)


def erase(tx: Tx, author: Actor, post: Post, *, keep_media: bool = False) -> None:
    """Delete a local post: a tombstone stays at its id, and everybody who may hold a copy is told."""
    former = _FORMER_TYPES.get(post.kind, "Note")
    tombstone = build_tombstone(post.uri, former, tx.now)
    document = activity_documents.build(
        "Delete",
        id=tx.site.new_activity(),
        actor=author.uri,
        object=tombstone,
        to=[PUBLIC] if post.visibility in OPEN else [person.uri for person in queries.named_openly(tx.conn, post.id)],
        cc=documents.answered_followers(tx.conn, post),
        published=tx.now,
    )
    targets = set(inboxes(tx, author, post))
    for booster in queries.boosters(tx.conn, post.id) if post.circle is None else ():
        targets.update(relationships.follower_inboxes(tx.conn, booster.id))
        if not booster.is_local:
            targets.add(booster.delivery_inbox)
    if post.visibility is not Visibility.DIRECT and post.circle in (None, Circle.PARTNERS):
        targets.update(relationships.past_inboxes(tx.conn, author.id, post.created_at))
    if not store.remove(tx, post, keep_media=keep_media):
        return
    federation.activities.forget_object(tx, author.uri, post.uri)
    federation.activities.bury(tx, post.uri, author.uri, former)
    was_sent = author.reach_since is not None and post.created_at < author.reach_since
    federation.publish(tx, author, document, targets, about=post.uri, withdraws=was_sent)


def favourite(tx: Tx, actor: Actor, post_id: int) -> PostId:
    """Favourite a post (or what a boost boosts); the number of the original. Twice changes nothing. Raises NotFound."""
    post = queries.original(tx.conn, post_id, actor.id)
    uri = tx.site.new_activity()
    if store.like(tx, actor, post, uri):
        author = actors.get(tx.conn, post.author_id)
        document = activity_documents.build("Like", id=uri, actor=actor.uri, object=post.uri, to=[author.uri])
        federation.publish(tx, actor, document, [author.inbox], about=f"{actor.uri} {post.id}")
    return post.id


def unfavourite(tx: Tx, actor: Actor, post_id: int) -> PostId:
    """Take a favourite back; the number of the original. Raises NotFound."""
    post = queries.original(tx.conn, post_id, actor.id)
    uri = store.unlike(tx, actor, post)
    if uri is not None:
        author = actors.get(tx.conn, post.author_id)
        inner: JsonObject = {"id": uri, "type": "Like", "actor": actor.uri, "object": post.uri}
        _undo(tx, actor, inner, [author.inbox], to=[author.uri], about=f"{actor.uri} {post.id}")
    return post.id


def boost(tx: Tx, actor: Actor, post_id: int, *, visibility: Visibility = Visibility.PUBLIC) -> PostId:
    """Boost a post; the number of the boost. Twice gives the first.

    Only what is open to all can be boosted, and one's own followers-only posts to the same followers. Raises NotFound.
    """
    post = queries.original(tx.conn, post_id, actor.id)
    known = queries.boost_of(tx.conn, actor.id, post.id)
    if known is not None:
        return known.id
    own_private = post.visibility is Visibility.PRIVATE and post.author_id == actor.id
    if post.visibility not in OPEN and not own_private:
        raise NotFound
    wanted = post.visibility if own_private else visibility
    if wanted not in OPEN and wanted is not Visibility.PRIVATE:
        raise Invalid("A boost can be public, unlisted or for followers.", field="visibility")
    author = actors.get(tx.conn, post.author_id)
    uri = tx.site.new_activity()
    number = store.new_number(tx, tx.now)
    wrapper = store.write(
        tx,
        NewPost(
            uri=uri,
            url=uri,
            author=actor,
            kind=Kind.BOOST,
            visibility=wanted,
            created_at=tx.now,
            boost_of=post,
            post_id=number,
        ),
    )
    if wrapper is None:  # another of one's devices did it at the same moment
        known = queries.boost_of(tx.conn, actor.id, post.id)
        if known is None:
            raise NotFound
        return known.id
    to, cc = documents.audience(tx.site, wrapper, actor, [author])
    document = activity_documents.build(
        "Announce", id=uri, actor=actor.uri, object=post.uri, to=to, cc=cc, published=tx.now
    )
    # Whose author is not known to every server could not be read there.
    is_read = author.reach is Reach.OPEN
    federation.publish(
        tx,
        actor,
        document,
        _boost_inboxes(tx, actor, post, author) if is_read else (),
        public=wanted in OPEN and is_read,
        about=f"{actor.uri} {post.id}",
    )
    store.announce_here(tx, wrapper, actor, boosted=post)
    notifications.notify(tx, author, Told.BOOST, actor, post.id, place=place_of(post))
    return wrapper.id


def unboost(tx: Tx, actor: Actor, post_id: int) -> PostId:
    """Take a boost back; the number of the original. Raises NotFound if the post cannot be seen."""
    post = queries.original(tx.conn, post_id, actor.id)
    wrapper = queries.boost_of(tx.conn, actor.id, post.id)
    if wrapper is not None and store.remove(tx, wrapper):
        author = actors.get(tx.conn, post.author_id)
        notifications.take_back(tx, author.id, Told.BOOST, actor.id, post.id)
        inner: JsonObject = {"id": wrapper.uri, "type": "Announce", "actor": actor.uri, "object": post.uri}
        to = [PUBLIC] if post.circle is None else [actor.uri]
        _undo(tx, actor, inner, _boost_inboxes(tx, actor, post, author), to=to, about=f"{actor.uri} {post.id}")
    return post.id


def _boost_inboxes(tx: Tx, actor: Actor, post: Post, author: Actor) -> list[str]:
    """Where the boost of a post goes. One's own post to a circle stays in the circle."""
    if post.circle is not None:
        return inboxes(tx, actor, post)
    return [*relationships.follower_inboxes(tx.conn, actor.id), author.inbox]


def _undo(tx: Tx, actor: Actor, inner: JsonObject, targets: Iterable[str], *, to: Sequence[str], about: str) -> None:
    said = federation.activities.find(tx.conn, str(inner["id"]), actor=actor.uri)
    if said is not None:
        federation.activities.mark_undone(tx, said.id)
    document = activity_documents.build(
        "Undo", id=tx.site.new_activity(), actor=actor.uri, object=inner, to=to, published=tx.now
    )
    federation.publish(tx, actor, document, targets, about=about)


def bookmark(tx: Tx, actor: Actor, post_id: int) -> PostId:
    """Keep a post for oneself; nobody is told. Raises NotFound."""
    post = queries.original(tx.conn, post_id, actor.id)
    tx.conn.execute(
        insert_or_ignore(tx.conn, bookmarks),
        {"id": new_id(tx.now), "actor_id": actor.id, "post_id": post.id, "created_at": tx.now},
    )
    return post.id


def unbookmark(tx: Tx, actor: Actor, post_id: int) -> PostId:
    """Keep a post no longer. Raises NotFound."""
    post = queries.original(tx.conn, post_id, actor.id)
    tx.conn.execute(delete(bookmarks).where(bookmarks.c.actor_id == actor.id, bookmarks.c.post_id == post.id))
    return post.id


def _own(tx: Tx, author: Actor, post_id: int) -> Post:
    post = queries.visible(tx.conn, post_id, author.id)
    if post.author_id != author.id:
        raise NotFound
    return post
