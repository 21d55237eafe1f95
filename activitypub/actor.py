# SPDX-License-Identifier: AGPL-3.0-or-later
"""Actor documents: another server's read into one shape, and our own written.

Reading believes only what the document may say about itself: boxes and collections on its own server, and keys that
it owns. It does not ask whether the document was fetched from its id; the one who fetches does (security rule IN-12).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from activitypub import alumni, attachments, contexts, emojis, handles
from activitypub.accessors import (
    as_bool,
    as_id,
    as_list,
    as_object,
    as_text,
    as_time,
    as_url,
    ids,
    iso,
    objects,
    text_of,
    type_among,
    types,
)
from activitypub.alumni import AlumniClaims
from activitypub.attachments import Picture
from activitypub.emojis import Emoji, OwnEmoji
from activitypub.errors import Malformed
from activitypub.objects import object_id
from activitypub.origin import same_origin
from activitypub.parse import JsonObject, JsonValue
from activitypub.signatures.keys import VerifyingKey, from_multibase, from_pem

MAX_USERNAME: Final = 2_048
MAX_SUMMARY: Final = 20_000
MAX_FIELDS: Final = 20
MAX_FIELD: Final = 2_047
MAX_ALIASES: Final = 256
MAX_KEYS: Final = 8
MAX_ATTRIBUTION_DOMAINS: Final = 256
_MAX_IMPLEMENTS: Final = 50

_IMPLEMENTS: Final[tuple[tuple[str, str], ...]] = (
    ("https://datatracker.ietf.org/doc/html/rfc9421", "RFC-9421: HTTP Message Signatures"),
    (
        "https://datatracker.ietf.org/doc/html/rfc9421#name-eddsa-using-curve-edwards25",
        "RFC-9421 signatures using the Ed25519 algorithm",
    ),
    (contexts.CAPABILITY, "Alumnode federation"),
)


class ActorType(StrEnum):
    """The five actor types of ActivityStreams; Service and Application are shown as bots."""

    PERSON = "Person"
    GROUP = "Group"
    ORGANIZATION = "Organization"
    SERVICE = "Service"
    APPLICATION = "Application"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorDocument:
    """What we keep of an actor.

    `name` is cleaned and may be empty (show the handle then); `summary` and the field values are HTML as they came.
    `username` is None for an actor without one (FEP-03c1): it is shown by name and host and cannot be mentioned.
    `webfinger` is the handle `user@host` the actor claims (FEP-2c59), still to be confirmed there.
    """

    id: str
    type: ActorType
    inbox: str
    username: str | None = None
    name: str = ""
    summary: str = ""
    url: str | None = None
    outbox: str | None = None
    shared_inbox: str | None = None
    followers: str | None = None
    following: str | None = None
    featured: str | None = None
    featured_tags: str | None = None
    locked: bool = False
    bot: bool = False
    discoverable: bool = False
    indexable: bool = False
    memorial: bool = False
    suspended: bool = False
    icon: str | None = None
    icon_description: str | None = None
    image: str | None = None
    image_description: str | None = None
    fields: tuple[tuple[str, str], ...] = ()
    emojis: tuple[Emoji, ...] = ()
    keys: tuple[VerifyingKey, ...] = ()
    also_known_as: tuple[str, ...] = ()
    moved_to: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    webfinger: str | None = None
    class_year: int | None = None
    school: str | None = None
    attribution_domains: tuple[str, ...] = ()
    implements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKeys:
    """The two public keys of a local actor: RSA as PEM, Ed25519 as Multikey."""

    key_id: str
    pem: str
    multibase_key_id: str
    multibase: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalActor:
    """One of our actors, as the world may see it: only fields that are open to the public.

    `domain` is the handle domain. The boxes and collections are at fixed places under the id. `attributed_to` is the
    id of the association (or of the moderators) that an actor speaks for.
    """

    id: str
    type: ActorType
    username: str
    domain: str
    url: str
    shared_inbox: str
    keys: PublicKeys
    name: str = ""
    summary: str = ""
    icon: Picture | None = None
    image: Picture | None = None
    fields: tuple[tuple[str, str], ...] = ()
    locked: bool = False
    discoverable: bool = False
    indexable: bool = False
    memorial: bool = False
    suspended: bool = False
    published: datetime | None = None
    updated: datetime | None = None
    also_known_as: tuple[str, ...] = ()
    moved_to: str | None = None
    class_year: int | None = None
    school: str | None = None
    attribution_domains: tuple[str, ...] = ()
    emojis: tuple[OwnEmoji, ...] = ()
    # For their own programs: name and address (ActivityPub 4.1).
    endpoints: tuple[tuple[str, str], ...] = ()
    attributed_to: str | None = None
    # In the words of schema.org (`activitypub.schema_org`).
    resume: JsonObject = field(default_factory=dict)

    @property
    def inbox(self) -> str:
        """Where others deliver to this actor alone."""
        return f"{self.id}/inbox"

    @property
    def outbox(self) -> str:
        """What this actor published."""
        return f"{self.id}/outbox"

    @property
    def followers(self) -> str:
        """The collection that stands for the followers in `to` and `cc`."""
        return f"{self.id}/followers"

    @property
    def following(self) -> str:
        """Whom this actor follows."""
        return f"{self.id}/following"

    @property
    def featured(self) -> str:
        """The pinned posts."""
        return f"{self.id}/featured"

    @property
    def featured_tags(self) -> str:
        """The hashtags shown on the profile."""
        return f"{self.id}/featured-tags"


def read(doc: JsonObject, *, allow_http: bool = False) -> ActorDocument:
    """The actor in `doc`.

    Boxes and collections on another server are left out, except that a foreign inbox makes the whole actor unusable:
    whatever we deliver would be an attack on that server (IN-39). A document without inbox is the stub that some
    servers answer to a signature they dislike; keep the old copy then.

    Raises:
        Malformed: no plain id, none of the five types, no inbox or a foreign one, or an absurd user name.
    """
    kind = type_among(doc, set(ActorType))
    if kind is None:
        raise Malformed("unknown actor type")
    uri = object_id(doc, allow_http=allow_http)
    inbox = as_id(doc.get("inbox"))
    if inbox is None:
        raise Malformed("actor without an inbox")
    if not same_origin(inbox, uri):
        raise Malformed("the inbox is on another server than the actor")
    icon, icon_description = attachments.picture(doc.get("icon"))
    image, image_description = attachments.picture(doc.get("image"))
    claims = alumni.read(doc)
    return ActorDocument(
        id=uri,
        type=ActorType(kind),
        inbox=inbox,
        username=_username(doc),
        name=handles.clean_display_name(text_of(doc, "name")[0] or ""),
        summary=(text_of(doc, "summary")[0] or "")[:MAX_SUMMARY],
        url=as_url(doc.get("url")),
        outbox=_own(doc.get("outbox"), uri),
        shared_inbox=_shared_inbox(doc, uri),
        followers=_own(doc.get("followers"), uri),
        following=_own(doc.get("following"), uri),
        featured=_own(doc.get("featured"), uri),
        featured_tags=_own(doc.get("featuredTags"), uri),
        locked=as_bool(doc.get("manuallyApprovesFollowers")) is True,
        bot=kind in {ActorType.SERVICE, ActorType.APPLICATION},
        discoverable=as_bool(doc.get("discoverable")) is True,
        indexable=as_bool(doc.get("indexable")) is True,
        memorial=as_bool(doc.get("memorial")) is True,
        suspended=as_bool(doc.get("suspended")) is True,
        icon=icon,
        icon_description=icon_description,
        image=image,
        image_description=image_description,
        fields=_fields(doc),
        emojis=emojis.read(doc),
        keys=_keys(doc, uri),
        also_known_as=ids(doc.get("alsoKnownAs"))[:MAX_ALIASES],
        moved_to=as_id(doc.get("movedTo")),
        published=as_time(doc.get("published")),
        updated=as_time(doc.get("updated")),
        webfinger=_webfinger(doc),
        class_year=claims.class_year,
        school=claims.school,
        attribution_domains=_attribution_domains(doc),
        implements=_implements(doc),
    )


def build(actor: LocalActor) -> JsonObject:
    """The actor document we serve.

    One RSA key in `publicKey`, not a list: Mastodon-era servers read no list there. The Ed25519 key stands in
    `assertionMethod` (FEP-521a).
    """
    doc: JsonObject = {
        "@context": contexts.ACTOR,
        "id": actor.id,
        "type": actor.type.value,
        "preferredUsername": actor.username,
        "webfinger": f"{actor.username}@{actor.domain}",
        "name": actor.name or actor.username,
        "summary": actor.summary,
        "url": actor.url,
        "inbox": actor.inbox,
        "outbox": actor.outbox,
        "followers": actor.followers,
        "following": actor.following,
        "featured": actor.featured,
        "featuredTags": actor.featured_tags,
        "endpoints": {"sharedInbox": actor.shared_inbox, **dict(actor.endpoints)},
        "manuallyApprovesFollowers": actor.locked,
        "discoverable": actor.discoverable,
        "indexable": actor.indexable,
        "memorial": actor.memorial,
        "publicKey": {"id": actor.keys.key_id, "owner": actor.id, "publicKeyPem": actor.keys.pem},
        "assertionMethod": [
            {
                "id": actor.keys.multibase_key_id,
                "type": "Multikey",
                "controller": actor.id,
                "publicKeyMultibase": actor.keys.multibase,
            }
        ],
        "attachment": [
            {"type": "PropertyValue", "name": name, "value": value} for name, value in actor.fields[:MAX_FIELDS]
        ],
        "tag": [emojis.build(one) for one in actor.emojis],
        "generator": {
            "type": "Application",
            "implements": [{"href": href, "name": name} for href, name in _IMPLEMENTS],
        },
    }
    if actor.icon is not None:
        doc["icon"] = attachments.build_picture(actor.icon)
    if actor.image is not None:
        doc["image"] = attachments.build_picture(actor.image)
    if actor.published is not None:
        doc["published"] = iso(actor.published)
    if actor.updated is not None:
        doc["updated"] = iso(actor.updated)
    if actor.suspended:
        doc["suspended"] = True
    if actor.also_known_as:
        doc["alsoKnownAs"] = list(actor.also_known_as)
    if actor.moved_to is not None:
        doc["movedTo"] = actor.moved_to
    if actor.attribution_domains:
        doc["attributionDomains"] = list(actor.attribution_domains)
    if actor.attributed_to is not None:
        doc["attributedTo"] = actor.attributed_to
    return doc | actor.resume | alumni.terms(AlumniClaims(class_year=actor.class_year, school=actor.school))


def _own(value: JsonValue, uri: str) -> str | None:
    found = as_id(value)
    return found if found is not None and same_origin(found, uri) else None


def _shared_inbox(doc: JsonObject, uri: str) -> str | None:
    """Under `endpoints`, or at the top level as Misskey also writes it."""
    endpoints = as_object(doc.get("endpoints")) or {}
    return _own(endpoints.get("sharedInbox"), uri) or _own(doc.get("sharedInbox"), uri)


def _username(doc: JsonObject) -> str | None:
    said = (as_text(doc.get("preferredUsername")) or "").strip()
    if len(said) > MAX_USERNAME:
        raise Malformed("the user name is too long")
    if not said or any(c in "@/\\:#?" or c.isspace() or not c.isprintable() for c in said):
        return None
    return said


def _webfinger(doc: JsonObject) -> str | None:
    said = as_text(doc.get("webfinger"))
    if said is None:
        return None
    try:
        handle = handles.parse(said)
    except Malformed:
        return None
    return str(handle) if handle.host is not None else None


def _fields(doc: JsonObject) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for entry in as_list(doc.get("attachment")):
        if len(found) == MAX_FIELDS:
            break
        if isinstance(entry, dict) and "PropertyValue" in types(entry):
            name = handles.clean_display_name(as_text(entry.get("name")) or "")
            value = as_text(entry.get("value"))
            if name and value:
                found.append((name, value[:MAX_FIELD]))
    return tuple(found)


def _attribution_domains(doc: JsonObject) -> tuple[str, ...]:
    """Hosts whose pages may name the actor as author (Mastodon's `attributionDomains`), as far as they can be hosts."""
    found = (as_text(entry) for entry in as_list(doc.get("attributionDomains"))[:MAX_ATTRIBUTION_DOMAINS])
    return tuple(dict.fromkeys(host.lower() for host in found if host and len(host) <= 253 and "." in host))


def _keys(doc: JsonObject, uri: str) -> tuple[VerifyingKey, ...]:
    """The keys the actor owns and that are on its server; bare ids and keys we cannot use are passed over.

    A key without `owner` (Bridgy Fed) belongs to the document it stands in.
    """
    found: dict[str, VerifyingKey] = {}
    for entry in objects(doc.get("publicKey"), limit=MAX_KEYS):
        key = _key(entry, uri, owner="owner", material="publicKeyPem")
        if key is not None:
            found.setdefault(key.id, key)
    for entry in objects(doc.get("assertionMethod"), limit=MAX_KEYS):
        if "Multikey" in types(entry) and entry.get("revoked") is None:
            key = _key(entry, uri, owner="controller", material="publicKeyMultibase")
            if key is not None:
                found.setdefault(key.id, key)
    return tuple(found.values())


def _key(entry: JsonObject, uri: str, *, owner: str, material: str) -> VerifyingKey | None:
    key_id, text = entry.get("id"), entry.get(material)
    if not isinstance(key_id, str) or not isinstance(text, str):
        return None
    if (as_id(entry.get(owner)) or uri) != uri or not same_origin(key_id, uri):
        return None
    try:
        if material == "publicKeyPem":
            return from_pem(text, key_id=key_id, owner=uri)
        return from_multibase(text, key_id=key_id, owner=uri)
    except Malformed:
        return None


def _implements(doc: JsonObject) -> tuple[str, ...]:
    """The capabilities of the actor's software (FEP-844e), or its own when the actor is the software."""
    generator = as_object(doc.get("generator")) or {}
    return (ids(generator.get("implements")) + ids(doc.get("implements")))[:_MAX_IMPLEMENTS]
