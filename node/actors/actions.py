# SPDX-License-Identifier: AGPL-3.0-or-later
"""Making and changing actors: local ones at sign-up, remote ones as their documents say."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from sqlalchemy import ColumnElement, String, and_, bindparam, cast, delete, exists, insert, null, or_, select, update

from activitypub.actor import MAX_ATTRIBUTION_DOMAINS, ActorDocument
from activitypub.errors import Malformed
from activitypub.handles import clean_display_name
from activitypub.origin import normalise_host, origin
from activitypub.signatures.keys import (
    Algorithm,
    generate,
    private_bytes,
    public_multibase,
    public_pem,
)
from node import emojis
from node.actors import queries
from node.actors.tables import actor_keys, actors
from node.actors.types import (
    Actor,
    ActorId,
    ActorRecreated,
    ActorType,
    ActorWritten,
    Picture,
    ProfileField,
    PublicProfile,
    SchoolRenamed,
    field_row,
)
from node.kernel import html, queue
from node.kernel.clock import milliseconds
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import Conflict, Invalid
from node.kernel.ids import new_id
from node.kernel.text import clean

MAX_FIELDS = 20
PICTURES: Final = ("avatar", "header")
MAX_PICTURE_DESCRIPTION: Final = 1500
# Servers write the day on which an account was made with more or fewer digits.
_SAME_DATE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class NewKeys:
    """The pairs of a new local actor: PKCS#8 private keys and what is published of each."""

    rsa_private: bytes
    rsa_public: str
    ed25519_private: bytes
    ed25519_public: str


def make_keys() -> NewKeys:
    """Fresh keys. Takes about 100 ms of CPU: call it in a thread, outside any transaction."""
    rsa, ed25519 = generate(Algorithm.RSA), Ed25519PrivateKey.generate()
    return NewKeys(
        rsa_private=private_bytes(rsa),
        rsa_public=public_pem(rsa),
        ed25519_private=private_bytes(ed25519),
        ed25519_public=public_multibase(ed25519),
    )


def create_local(
    tx: Tx,
    kind: ActorType,
    username: str,
    keys: NewKeys,
    *,
    display_name: str = "",
    summary: str = "",
    class_year: int | None = None,
    school: str | None = None,
    discoverable: bool = False,
    indexable: bool = False,
    hidden: bool = False,
    number: ActorId | None = None,
) -> Actor:
    """A new actor of this node. `number` is for test set-ups that fix it. Raises Conflict if the name is taken.

    One who is `hidden` has not been let in yet, and is kept as a suspended one: every door is closed to those.
    """
    if queries.by_handle(tx.conn, username) is not None:
        raise Conflict("This username is taken.")
    uri = tx.site.new_actor()
    actor_id = number or ActorId(new_id(tx.now))
    inserted = tx.conn.execute(
        insert_or_ignore(tx.conn, actors),
        {
            "id": actor_id,
            "uri": uri,
            "type": kind,
            "username": username,
            "username_key": username.casefold(),
            "domain": "",
            "display_name": clean_display_name(display_name),
            "summary": html.render_plain(summary) if summary else "",
            "summary_source": summary,
            "url": tx.site.profile_url(username),
            "inbox": f"{uri}/inbox",
            "shared_inbox": tx.site.shared_inbox,
            "outbox": f"{uri}/outbox",
            "followers": f"{uri}/followers",
            "following": f"{uri}/following",
            "featured": f"{uri}/featured",
            "featured_tags": f"{uri}/featured-tags",
            "bot": kind in (ActorType.APPLICATION, ActorType.SERVICE),
            "class_year": class_year,
            "school": school,
            "discoverable": discoverable,
            "indexable": indexable,
            "created_at": tx.now,
            "updated_at": tx.now,
            "suspended_at": tx.now if hidden else None,
        },
    )
    if inserted.rowcount == 0:  # somebody else took it a moment ago
        raise Conflict("This username is taken.")
    _add_keys(tx, actor_id, uri, keys)
    return _with_emojis(tx, queries.get(tx.conn, actor_id))


def let_in(tx: Tx, actor_id: ActorId) -> None:
    """Show an actor who was made `hidden`."""
    tx.conn.execute(
        update(actors)
        .where(actors.c.id == actor_id, actors.c.domain == "")
        .values(suspended_at=None, updated_at=tx.now, version=actors.c.version + 1)
    )
    bus = tx.bus
    tx.after_commit(lambda: bus.publish("actor.changed", actor_id))
    tx.tell(ActorWritten(actor_id))


def forget_hidden(tx: Tx, actor_ids: Collection[int]) -> None:
    """Take away, without a trace, actors of this node who were never shown."""
    tx.conn.execute(
        delete(actors).where(actors.c.id.in_(actor_ids), actors.c.domain == "", actors.c.suspended_at.is_not(None))
    )


def suspend(tx: Tx, actor: Actor) -> Actor:
    """Shut an actor out, by this node's own decision: every door is closed to them, and nothing of theirs is shown.

    Telling the others is the caller's (`moderation.sanction`).
    """
    # The moment of coming says that somebody was never let in (`Actor.is_hidden`).
    since = max(tx.now, actor.created_at + timedelta(milliseconds=1))
    return _decide(tx, actor, suspended_at=since, suspended_elsewhere=False)


def unsuspend(tx: Tx, actor: Actor) -> Actor:
    """Let an actor in again, as far as this node is concerned."""
    return _decide(tx, actor, suspended_at=None, suspended_elsewhere=False)


def hide(tx: Tx, actor: Actor) -> Actor:
    """Show an actor to nobody, because its owner wishes it: kept as one who was never let in, to whom every door is closed.

    Telling the others is the caller's (`privacy.deactivate`).
    """
    return _decide(tx, actor, suspended_at=actor.created_at, suspended_elsewhere=False, away_since=tx.now)


def show(tx: Tx, actor: Actor) -> Actor:
    """Take that back."""
    return _decide(tx, actor, suspended_at=None, away_since=None)


def limit(tx: Tx, actor: Actor, *, on: bool) -> Actor:
    """Show what an actor posts to their followers alone where everybody's posts are gathered, or to all again."""
    return _decide(tx, actor, limited_at=tx.now if on else None)


def hide_all(tx: Tx, which: ColumnElement[bool]) -> None:
    """Show nothing of remote actors whose domain is blocked; `which` is a clause over the table."""
    tx.conn.execute(
        update(actors)
        .where(which, actors.c.domain != "", actors.c.suspended_at.is_(None), actors.c.deleted_at.is_(None))
        .values(suspended_at=tx.now, suspended_elsewhere=True, version=actors.c.version + 1)
    )


def show_again(tx: Tx, actor_ids: Sequence[int]) -> None:
    """Take that back. Whom their own server suspends is hidden again when it next says so."""
    tx.conn.execute(
        update(actors)
        .where(actors.c.id.in_(actor_ids), actors.c.suspended_elsewhere.is_(True))
        .values(suspended_at=None, suspended_elsewhere=False, fetched_at=None, version=actors.c.version + 1)
    )


def _decide(tx: Tx, actor: Actor, **values: object) -> Actor:
    touch(tx, actor.id, updated_at=tx.now, **values)
    bus = tx.bus
    tx.after_commit(lambda: bus.publish("actor.changed", actor.uri))
    if actor.is_local:
        tx.tell(ActorWritten(actor.id))
    return queries.get(tx.conn, actor.id)


def _add_keys(tx: Tx, actor_id: ActorId, uri: str, keys: NewKeys) -> None:
    tx.conn.execute(
        insert(actor_keys),
        [
            {
                "uri": f"{uri}#main-key",
                "actor_id": actor_id,
                "algorithm": Algorithm.RSA,
                "public": keys.rsa_public,
                "private": tx.site.seal(keys.rsa_private),
                "created_at": tx.now,
            },
            {
                "uri": f"{uri}#ed25519-key",
                "actor_id": actor_id,
                "algorithm": Algorithm.ED25519,
                "public": keys.ed25519_public,
                "private": tx.site.seal(keys.ed25519_private),
                "created_at": tx.now,
            },
        ],
    )


def replace_keys(tx: Tx, actor: Actor, keys: NewKeys) -> Actor:
    """Give a local actor a new pair of each kind under the same names. The former ones are kept until `drop_former_keys`:
    the news of the change is signed with them. Telling others is the caller's (`relationships.rotate_keys`)."""
    tx.conn.execute(
        update(actor_keys)
        .where(
            actor_keys.c.actor_id == actor.id,
            actor_keys.c.uri.in_([f"{actor.uri}#main-key", f"{actor.uri}#ed25519-key"]),
        )
        .values(uri=actor_keys.c.uri + f"{queries.FORMER}{milliseconds(tx.now)}")
    )
    _add_keys(tx, actor.id, actor.uri, keys)
    touch(tx, actor.id, updated_at=tx.now)
    return queries.get(tx.conn, actor.id)


def drop_former_keys(tx: Tx, *, replaced_before: datetime) -> None:
    """Forget the former keys of local actors that were replaced before a moment."""
    newer = actor_keys.alias("newer")
    tx.conn.execute(
        delete(actor_keys).where(
            actor_keys.c.uri.contains(f"-key{queries.FORMER}"),
            actor_keys.c.private.is_not(None),
            exists().where(
                newer.c.actor_id == actor_keys.c.actor_id,
                newer.c.algorithm == actor_keys.c.algorithm,
                newer.c.created_at > actor_keys.c.created_at,
                newer.c.created_at < replaced_before,
            ),
        )
    )


def store_remote(
    tx: Tx,
    document: ActorDocument,
    *,
    domain: str,
    username: str | None = None,
    confirmed: bool = True,
    continuous: bool = False,
) -> Actor:
    """Keep what a remote actor's own document says, new or changed.

    The document must have been fetched from its own id, or signed by it. `domain` is the host of the handle, as WebFinger
    confirms it, or the host of the id. A handle goes to whom it was confirmed for last; one that is not `confirmed`
    changes nothing for an actor whom we know, and takes nothing from another. A type never changes between a person and a
    group (an account that turns into something else keeps what it was). `continuous`: whoever it was before says so, by
    the signature of the activity that brought the document.
    """
    known = queries.by_uri(tx.conn, document.id)
    if known is not None and known.is_local:
        return known
    name = username or document.username or document.id.rsplit("/", 1)[-1][:255] or "unknown"
    values: dict[str, object] = {
        "type": known.type if known else document.type,
        "display_name": clean_display_name(document.name or "")[:255],
        "summary": html.sanitise(document.summary or ""),
        "url": document.url or document.id,
        "inbox": document.inbox,
        "shared_inbox": document.shared_inbox,
        "outbox": document.outbox,
        "followers": document.followers,
        "following": document.following,
        "featured": document.featured,
        "featured_tags": document.featured_tags,
        "locked": document.locked,
        "bot": document.bot,
        "discoverable": document.discoverable,
        "indexable": document.indexable,
        "memorial": document.memorial,
        "attribution_domains": list(document.attribution_domains),
        "avatar": _remote_picture(document.icon, document.icon_description),
        "header": _remote_picture(document.image, document.image_description),
        "fields": _lines(
            known, [_remote_field(field_name, value) for field_name, value in document.fields[:MAX_FIELDS]]
        ),
        "emojis": [asdict(emoji) for emoji in document.emojis],
        "also_known_as": list(document.also_known_as),
        "moved_to": document.moved_to,
        "class_year": document.class_year,
        "school": clean(document.school, 255) if document.school else None,
        "updated_at": tx.now,
        "fetched_at": tx.now,
        "deleted_at": None,
        **_suspension(known, document, tx.now),
    }
    actor_id = known.id if known is not None else ActorId(new_id(tx.now))
    if known is None or confirmed:
        values |= _handle(tx, actor_id, name[:255], domain.lower(), confirmed=confirmed)
    if known is None:
        published = document.published or tx.now
        tx.conn.execute(
            insert_or_ignore(tx.conn, actors),
            {"id": actor_id, "uri": document.id, "created_at": min(published, tx.now), **values},
        )
    else:
        tx.conn.execute(update(actors).where(actors.c.id == known.id).values(version=actors.c.version + 1, **values))
    actor = queries.by_uri(tx.conn, document.id)
    assert actor is not None
    recreated = known is not None and not continuous and _is_recreated(tx, known, document)
    _store_keys(tx, actor.id, document)
    if recreated:
        tx.tell(ActorRecreated(actor))
    if known is not None:
        bus = tx.bus
        tx.after_commit(lambda: bus.publish("actor.changed", actor.uri))
    return actor


def _suspension(known: Actor | None, document: ActorDocument, now: datetime) -> dict[str, object]:
    """What an actor's own server says of a suspension. What a moderator here has decided stays as it is."""
    if known is not None and known.suspended_at is not None and not known.suspended_elsewhere:
        return {}
    since = (known.suspended_at if known is not None else None) or now
    return {"suspended_at": since if document.suspended else None, "suspended_elsewhere": document.suspended}


def _handle(tx: Tx, actor_id: ActorId, name: str, domain: str, *, confirmed: bool) -> dict[str, object]:
    """The columns of a handle. Two who claim the same one: it is whose WebFinger confirms it, and the other has none to be
    found by (`!` is in no name)."""
    key = name.casefold()
    taken = (actors.c.username_key == key, actors.c.domain == domain, actors.c.domain != "", actors.c.id != actor_id)
    if confirmed:
        nameless = "!" + cast(actors.c.id, String)
        tx.conn.execute(update(actors).where(*taken).values(username_key=nameless, version=actors.c.version + 1))
    elif tx.conn.execute(select(actors.c.id).where(*taken)).first() is not None:
        key = f"!{actor_id}"
    return {"username": name, "username_key": key, "domain": domain}


def _is_recreated(tx: Tx, known: Actor, document: ActorDocument) -> bool:
    """Whether this is another account than the one we know at the id: younger, and with none of its keys.

    A change of keys alone is no sign of it, as servers change them, nor is a date alone (Mastodon's issue 4874).
    """
    if document.published is None or document.published <= known.created_at + _SAME_DATE:
        return False
    before = set(tx.conn.execute(select(actor_keys.c.public).where(actor_keys.c.actor_id == known.id)).scalars())
    return bool(before) and before.isdisjoint(_written(key.public) for key in document.keys)


def _written(public: RSAPublicKey | Ed25519PublicKey) -> str:
    return public_multibase(public) if isinstance(public, Ed25519PublicKey) else public_pem(public)


def _store_keys(tx: Tx, actor_id: ActorId, document: ActorDocument) -> None:
    kept = [key.id for key in document.keys]
    tx.conn.execute(delete(actor_keys).where(actor_keys.c.actor_id == actor_id, actor_keys.c.uri.not_in(kept)))
    for key in document.keys:
        public = _written(key.public)
        changed = tx.conn.execute(
            update(actor_keys)
            .where(actor_keys.c.uri == key.id, actor_keys.c.actor_id == actor_id)
            .values(algorithm=key.algorithm, public=public)
        )
        if changed.rowcount == 0:
            tx.conn.execute(
                insert_or_ignore(tx.conn, actor_keys),
                {
                    "uri": key.id,
                    "actor_id": actor_id,
                    "algorithm": key.algorithm,
                    "public": public,
                    "created_at": tx.now,
                },
            )


def _remote_picture(url: str | None, description: str | None) -> dict[str, object] | None:
    return asdict(Picture(url=url, description=clean(description or "", 1500))) if url else None


def _remote_field(name: str, value: str) -> ProfileField:
    return ProfileField(name=clean(name, 255), value=str(html.sanitise(value)))


def _lines(before: Actor | None, lines: Sequence[ProfileField]) -> list[dict[str, object]]:
    """The lines of a profile as they are kept. A link that was checked stays so for as long as it is the same."""
    checked = {field.value: field.verified_at for field in before.fields} if before is not None else {}
    return [field_row(replace(line, verified_at=checked.get(line.value))) for line in lines]


def mark_verified(tx: Tx, actor_id: ActorId, values: Collection[str]) -> None:
    """Note that the pages to which these lines of a profile lead link back to it."""
    actor = queries.get(tx.conn, actor_id)
    lines = [
        replace(line, verified_at=tx.now) if line.value in values and line.verified_at is None else line
        for line in actor.fields
    ]
    touch(tx, actor_id, fields=[field_row(line) for line in lines])


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChange:
    """What of a local profile changes; None leaves a thing as it is. Pictures are set with `avatar` and `header`, taken
    away by being named in `removed`, and described anew by `..._description` alone."""

    display_name: str | None = None
    summary: str | None = None
    locked: bool | None = None
    bot: bool | None = None
    discoverable: bool | None = None
    indexable: bool | None = None
    hide_collections: bool | None = None
    show_media: bool | None = None
    show_media_replies: bool | None = None
    show_featured: bool | None = None
    attribution_domains: Sequence[str] | None = None
    avatar: Picture | None = None
    avatar_description: str | None = None
    header: Picture | None = None
    header_description: str | None = None
    removed: Collection[str] = ()
    fields: Sequence[tuple[str, str]] | None = None
    class_year: int | None = None
    school: str | None = None


_PLAIN: Final = (
    "locked",
    "discoverable",
    "indexable",
    "hide_collections",
    "show_media",
    "show_media_replies",
    "show_featured",
    "class_year",
)


def change_profile(tx: Tx, actor: Actor, change: ProfileChange) -> Actor:
    """The local actor with those changes; telling others is the caller's (`relationships.update_profile`).

    Raises Invalid.
    """
    values: dict[str, object] = {name: value for name in _PLAIN if (value := getattr(change, name)) is not None}
    if change.bot is not None and actor.type in (ActorType.PERSON, ActorType.SERVICE):
        values["bot"] = change.bot
    if change.display_name is not None:
        values["display_name"] = clean_display_name(change.display_name)[:255]
    if change.school is not None:
        values["school"] = clean(change.school, 255) or None
    if change.summary is not None:
        values["summary_source"] = clean(change.summary, 5000)
        values["summary"] = html.render_plain(str(values["summary_source"])) if change.summary else ""
    if change.attribution_domains is not None:
        values["attribution_domains"] = _domains(change.attribution_domains)
    values |= _pictures(actor, change)
    if change.fields is not None:
        values["fields"] = _lines(
            actor,
            [
                ProfileField(clean(name, 255), _inline(clean(value, 2047)), source=clean(value, 2047))
                for name, value in change.fields[:MAX_FIELDS]
                if name.strip() or value.strip()
            ],
        )
    if values:
        values["updated_at"] = tx.now
        touch(tx, actor.id, **values)
    after = _with_emojis(tx, queries.get(tx.conn, actor.id))
    _drop_former_pictures(tx, actor, after)
    tx.tell(ActorWritten(actor.id))
    return after


def say_publicly(tx: Tx, actor: Actor, said: PublicProfile | None) -> Actor | None:
    """Keep what everybody may read of a member's profile; the actor with it, or None if it says nothing new. Telling
    others is the caller's."""
    if said == actor.public_profile:
        return None
    touch(tx, actor.id, public_profile=null() if said is None else said.as_row(), updated_at=tx.now)
    return queries.get(tx.conn, actor.id)


def rename_school(tx: Tx, before: str, after: str) -> None:
    """A school of this node has another name: its people here are of it under that one. Three statements at most; the
    servers of their followers learn of it with the next change of each profile."""
    of_it = and_(actors.c.domain == "", actors.c.school == before)
    numbers = tx.conn.execute(select(actors.c.id).where(of_it)).scalars().all()
    tx.conn.execute(update(actors).where(of_it).values(school=after, version=actors.c.version + 1, updated_at=tx.now))
    bus = tx.bus

    def forget() -> None:
        for number in numbers:
            bus.publish("actor.changed", number)

    tx.after_commit(forget)
    tx.tell(SchoolRenamed(before, after))


def renew_emojis(tx: Tx, shortcode: str) -> None:
    """Show an emoji of ours that has changed, or its bare word, in every profile here that has the word."""
    word = f":{shortcode}:"
    where = (actors.c.display_name, actors.c.summary_source, cast(actors.c.fields, String))
    named = select(actors.c.id).where(actors.c.domain == "", or_(*(column.contains(word) for column in where)))
    for actor in queries.by_ids(tx.conn, tx.conn.execute(named).scalars().all()).values():
        _with_emojis(tx, actor)


def _with_emojis(tx: Tx, actor: Actor) -> Actor:
    """A local actor with the emoji that the texts of the profile name now."""
    lines = [text for field in actor.fields for text in (field.name, field.source)]
    used = emojis.used_in(tx.conn, actor.display_name, actor.summary_source, *lines)
    shown = emojis.shown_of(tx.site, used)
    if shown == list(actor.emojis):
        return actor
    touch(tx, actor.id, emojis=shown)
    return queries.get(tx.conn, actor.id)


def _drop_former_pictures(tx: Tx, before: Actor, after: Actor) -> None:
    former = {getattr(before, name).file for name in PICTURES if getattr(before, name) is not None}
    kept = {getattr(after, name).file for name in PICTURES if getattr(after, name) is not None}
    files = sorted(file for file in former - kept if file)
    if files:
        queue.enqueue(tx, "media.remove", {"files": files})


def _domains(given: Sequence[str]) -> list[str]:
    """The hosts whose pages may name the actor as their author, in their one spelling, each once."""
    named = [text.strip().removeprefix("https://").removesuffix("/").removeprefix("*.") for text in given]
    try:
        hosts = list(dict.fromkeys(normalise_host(name) for name in named if name))
    except Malformed:
        hosts = [""]
    if not all("." in host for host in hosts):
        raise Invalid("Validation failed: Attribution domains must be domain names", field="attribution_domains")
    if len(hosts) > MAX_ATTRIBUTION_DOMAINS:
        raise Invalid("Validation failed: Attribution domains can be 256 at most", field="attribution_domains")
    return hosts


def _pictures(actor: Actor, change: ProfileChange) -> dict[str, object]:
    """The columns of the pictures that change: another one, none, or the same with other words."""
    values: dict[str, object] = {}
    for name in PICTURES:
        before: Picture | None = getattr(actor, name)
        after: Picture | None = getattr(change, name)
        words: str | None = getattr(change, f"{name}_description")
        if after is not None:
            values[name] = asdict(after if words is None else replace(after, description=_described(words)))
        elif name in change.removed:
            values[name] = None
        elif words is not None and before is not None:
            values[name] = asdict(replace(before, description=_described(words)))
    return values


def _described(words: str) -> str:
    return clean(words, MAX_PICTURE_DESCRIPTION)


def _inline(text: str) -> str:
    """One line of text as HTML, its links made clickable. One that is a link and nothing else says whose it is."""
    line = html.render_plain(text).removeprefix("<p>").removesuffix("</p>")
    is_link = line.startswith("<a ") and line.count("<a ") == 1 and line.endswith("</a>")
    return line.replace(' rel="', ' rel="me ', 1) if is_link else line


_TOUCH = update(actors).where(actors.c.id == bindparam("actor_id")).values(version=actors.c.version + 1)
_COUNT = (
    update(actors)
    .where(actors.c.id == bindparam("actor_id"))
    .values(
        version=actors.c.version + 1,
        statuses_count=actors.c.statuses_count + bindparam("more_statuses"),
        followers_count=actors.c.followers_count + bindparam("more_followers"),
        following_count=actors.c.following_count + bindparam("more_following"),
    )
)
_POSTED = (
    update(actors)
    .where(actors.c.id == bindparam("actor_id"))
    .values(
        version=actors.c.version + 1,
        statuses_count=actors.c.statuses_count + 1,
        last_status_at=bindparam("moment"),
    )
)


def touch(tx: Tx, actor_id: ActorId, **values: object) -> None:
    """Set columns of an actor and raise its version, so that nothing rendered before is shown again."""
    tx.conn.execute(_TOUCH.values(**values) if values else _TOUCH, {"actor_id": actor_id})


def count(tx: Tx, actor_id: ActorId, *, statuses: int = 0, followers: int = 0, following: int = 0) -> None:
    """Add to an actor's numbers what was really added to, or taken from, the rows that they count."""
    if statuses or followers or following:
        tx.conn.execute(
            _COUNT,
            {
                "actor_id": actor_id,
                "more_statuses": statuses,
                "more_followers": followers,
                "more_following": following,
            },
        )


def count_post(tx: Tx, actor_id: ActorId, moment: datetime) -> None:
    """One more post, made at `moment`."""
    tx.conn.execute(_POSTED, {"actor_id": actor_id, "moment": moment})


def mark_deleted(tx: Tx, actor: Actor) -> None:
    """The actor is gone for good: nothing personal stays on the row, which keeps the name from being given again.

    The keys of a local one stay until `drop_keys_of_gone`: what tells others of the deletion is signed with them.
    """
    if not actor.is_local:
        tx.conn.execute(delete(actor_keys).where(actor_keys.c.actor_id == actor.id))
    touch(
        tx,
        actor.id,
        display_name="",
        summary="",
        summary_source="",
        avatar=None,
        header=None,
        fields=[],
        attribution_domains=[],
        also_known_as=[],
        moved_to=None,
        class_year=None,
        school=None,
        public_profile=null(),
        deleted_at=tx.now,
        # Whoever had hidden the account is no secret any more: it answers that it is gone.
        **({"suspended_at": None, "away_since": None} if actor.away_since is not None else {}),
    )
    bus = tx.bus
    tx.after_commit(lambda: bus.publish("actor.changed", actor.uri))


def drop_keys_of_gone(tx: Tx, *, deleted_before: datetime) -> None:
    """Forget the keys of local actors who were deleted before a moment: all deliveries have ended by then."""
    gone = select(actors.c.id).where(actors.c.domain == "", actors.c.deleted_at < deleted_before)
    tx.conn.execute(delete(actor_keys).where(actor_keys.c.actor_id.in_(gone)))


def is_stale(actor: Actor, now: datetime, *, after: timedelta = timedelta(days=1)) -> bool:
    """Whether a remote actor's document was last fetched longer than `after` ago."""
    return not actor.is_local and (actor.fetched_at is None or now - actor.fetched_at > after)


def handle_domain(actor: ActorDocument, *, allow_http: bool) -> str:
    """The host that a remote actor's handle has, where nothing else is known: the host of its id, with its port."""
    found = origin(actor.id, allow_http=allow_http)
    default = 443 if found.scheme == "https" else 80
    return found.host if found.port == default else f"{found.host}:{found.port}"
