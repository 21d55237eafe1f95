# SPDX-License-Identifier: AGPL-3.0-or-later
"""The document that other servers read of a local actor."""

from dataclasses import replace
from html import escape

from sqlalchemy import Connection

from activitypub import actor as actor_documents
from activitypub.actor import LocalActor, PublicKeys
from activitypub.attachments import Picture as PictureDocument
from activitypub.parse import JsonObject
from activitypub.signatures.keys import Algorithm
from node import emojis
from node.actors import queries
from node.actors.types import Actor, ActorType, Picture, PublicProfile
from node.kernel import clock
from node.kernel.site import Site

_MEMBERS = (ActorType.PERSON, ActorType.SERVICE)


def document(conn: Connection, site: Site, actor: Actor) -> JsonObject:
    """The actor document of a local actor, as everybody may see it now. Of one who is suspended it says that, and no more
    than is needed to check signatures."""
    keys = queries.public_keys(conn, actor.id)
    (rsa_id, pem), (ed25519_id, multibase) = keys[Algorithm.RSA], keys[Algorithm.ED25519]
    owner = None
    if actor.type is ActorType.APPLICATION:
        owner = queries.association(conn).uri
    if actor.suspended_at is not None:
        actor = replace(
            actor,
            display_name="",
            summary="",
            avatar=None,
            header=None,
            fields=(),
            emojis=(),
            class_year=None,
            school=None,
            attribution_domains=(),
            public_profile=None,
        )
    said = (actor.public_profile or PublicProfile()).at(clock.now())
    headline = f"<p>{escape(said.headline)}</p>" if said.headline else ""
    return actor_documents.build(
        LocalActor(
            id=actor.uri,
            type=actor.type,
            username=actor.username,
            domain=site.domain,
            url=actor.url,
            shared_inbox=site.shared_inbox,
            keys=PublicKeys(key_id=rsa_id, pem=pem, multibase_key_id=ed25519_id, multibase=multibase),
            name=actor.display_name or actor.username,
            summary=headline + actor.summary,
            icon=_picture(site, actor.avatar),
            image=_picture(site, actor.header),
            fields=(
                *((line.name, escape(line.value)) for line in said.lines),
                *((field.name, field.value) for field in actor.fields),
            ),
            resume=said.terms,
            locked=actor.locked,
            discoverable=actor.discoverable,
            indexable=actor.indexable,
            memorial=actor.memorial,
            suspended=actor.suspended_at is not None,
            published=actor.created_at,
            updated=actor.updated_at,
            also_known_as=actor.also_known_as,
            moved_to=actor.moved_to,
            class_year=actor.class_year,
            school=actor.school,
            attribution_domains=actor.attribution_domains,
            emojis=emojis.own(actor.emojis),
            endpoints=_endpoints(site, actor) if actor.type in _MEMBERS else (),
            attributed_to=owner,
        )
    )


def _endpoints(site: Site, actor: Actor) -> tuple[tuple[str, str], ...]:
    """Where a member's own programs log in, fetch through the node, and hear what happens."""
    return (
        ("proxyUrl", f"{actor.uri}/proxy"),
        ("oauthAuthorizationEndpoint", f"{site.base_url}/oauth/authorize"),
        ("oauthTokenEndpoint", f"{site.base_url}/oauth/token"),
        ("eventSource", f"{actor.uri}/events"),
    )


def _picture(site: Site, picture: Picture | None) -> PictureDocument | None:
    if picture is None or picture.file is None:
        return None
    return PictureDocument(
        url=site.media_url(picture.file), media_type=picture.mime, description=picture.description or None
    )
