# SPDX-License-Identifier: AGPL-3.0-or-later
"""The `@context` values that we write, and our own namespace.

Nothing here is ever fetched or expanded: documents are read by their plain names. The contexts exist for the servers
that do process JSON-LD, so only the two that all of them carry are referenced, and every other term is defined inline.
The ActivityStreams IRI stands there literally because Mastodon looks for that very string.
"""

from __future__ import annotations

from typing import Final

from activitypub.parse import JsonObject, JsonValue

ACTIVITYSTREAMS: Final = "https://www.w3.org/ns/activitystreams"
SECURITY: Final = "https://w3id.org/security/v1"

NAMESPACE: Final = "urn:alumnode:ns:"
"""Our vocabulary. A name, not an address, so that it stays the same whichever node answers."""

CAPABILITY: Final = "urn:alumnode:ns:federation"
"""Listed in `generator.implements` of our actors (FEP-844e): this server reads our extensions."""

_ALUMNODE: dict[str, JsonValue] = {
    "alumnode": NAMESPACE,
    "alumnode:school": {"@type": "@id"},
    "alumnode:circle": {"@type": "@id"},
    "eventSource": {"@id": "alumnode:eventSource", "@type": "@id"},
}

_ACTOR_TERMS: dict[str, JsonValue] = {
    "toot": "http://joinmastodon.org/ns#",
    # Wrong (the vocabulary is at https://schema.org/), and what Mastodon requires.
    "schema": "http://schema.org#",
    "sc": "http://schema.org/",
    "sec": "https://w3id.org/security#",
    "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
    "alsoKnownAs": {"@id": "as:alsoKnownAs", "@type": "@id"},
    "movedTo": {"@id": "as:movedTo", "@type": "@id"},
    "featured": {"@id": "toot:featured", "@type": "@id"},
    "featuredTags": {"@id": "toot:featuredTags", "@type": "@id"},
    "discoverable": "toot:discoverable",
    "indexable": "toot:indexable",
    "memorial": "toot:memorial",
    "attributionDomains": {"@id": "toot:attributionDomains", "@type": "@id"},
    "suspended": "toot:suspended",
    "Emoji": "toot:Emoji",
    "PropertyValue": "schema:PropertyValue",
    "value": "schema:value",
    "webfinger": "https://purl.archive.org/socialweb/webfinger#webfinger",
    "implements": {"@id": "https://w3id.org/fep/844e#implements", "@type": "@id", "@container": "@set"},
    "assertionMethod": {"@id": "sec:assertionMethod", "@type": "@id", "@container": "@set"},
    "Multikey": "sec:Multikey",
    "controller": {"@id": "sec:controller", "@type": "@id"},
    "publicKeyMultibase": "sec:publicKeyMultibase",
}

_POST_TERMS: dict[str, JsonValue] = {
    "toot": "http://joinmastodon.org/ns#",
    "sensitive": "as:sensitive",
    "Hashtag": "as:Hashtag",
    "Emoji": "toot:Emoji",
    "blurhash": "toot:blurhash",
    "focalPoint": {"@id": "toot:focalPoint", "@container": "@list"},
    "votersCount": "toot:votersCount",
    "quote": {"@id": "https://w3id.org/fep/044f#quote", "@type": "@id"},
    "quoteAuthorization": {"@id": "https://w3id.org/fep/044f#quoteAuthorization", "@type": "@id"},
    "quoteUri": "http://fedibird.com/ns#quoteUri",
    "_misskey_quote": "https://misskey-hub.net/ns#_misskey_quote",
    "gts": "https://gotosocial.org/ns#",
    "interactionPolicy": {"@id": "gts:interactionPolicy", "@type": "@id"},
    "canQuote": {"@id": "gts:canQuote", "@type": "@id"},
    "automaticApproval": {"@id": "gts:automaticApproval", "@type": "@id"},
}

_EVENT_TERMS: dict[str, JsonValue] = {
    "mz": "https://joinmobilizon.org/ns#",
    "pt": "https://joinpeertube.org/ns#",
    "ical": "http://www.w3.org/2002/12/cal/ical#",
    "sc": "http://schema.org/",
    "status": "ical:status",
    "eventStatus": {"@id": "sc:eventStatus", "@type": "@vocab"},
    "EventScheduled": "sc:EventScheduled",
    "EventCancelled": "sc:EventCancelled",
    "EventTentative": "sc:EventTentative",
    "category": "sc:category",
    "inLanguage": "sc:inLanguage",
    "address": "sc:address",
    "PostalAddress": "sc:PostalAddress",
    "streetAddress": "sc:streetAddress",
    "postalCode": "sc:postalCode",
    "addressLocality": "sc:addressLocality",
    "addressCountry": "sc:addressCountry",
    "VirtualLocation": "sc:VirtualLocation",
    "organizers": {"@id": "sc:organizer", "@type": "@id"},
    "attendees": {"@id": "sc:attendee", "@type": "@id"},
    "maximumAttendeeCapacity": "sc:maximumAttendeeCapacity",
    "remainingAttendeeCapacity": "sc:remainingAttendeeCapacity",
    "participantCount": "mz:participantCount",
    "joinMode": "mz:joinMode",
    "externalParticipationUrl": {"@id": "mz:externalParticipationUrl", "@type": "sc:URL"},
    "anonymousParticipationEnabled": "mz:anonymousParticipationEnabled",
    "repliesModerationOption": "mz:repliesModerationOption",
    "timezone": "mz:timezone",
    "isOnline": "mz:isOnline",
    "draft": "mz:draft",
    "commentsEnabled": "pt:commentsEnabled",
}

_QUOTE_TERMS: dict[str, JsonValue] = {
    "QuoteRequest": "https://w3id.org/fep/044f#QuoteRequest",
    "QuoteAuthorization": "https://w3id.org/fep/044f#QuoteAuthorization",
    "gts": "https://gotosocial.org/ns#",
    "interactingObject": {"@id": "gts:interactingObject", "@type": "@id"},
    "interactionTarget": {"@id": "gts:interactionTarget", "@type": "@id"},
}

ACTOR: Final[list[JsonValue]] = [ACTIVITYSTREAMS, SECURITY, {**_ACTOR_TERMS, **_ALUMNODE}]
OBJECT: Final[list[JsonValue]] = [ACTIVITYSTREAMS, {**_POST_TERMS, **_ALUMNODE}]
QUOTE: Final[list[JsonValue]] = [ACTIVITYSTREAMS, _QUOTE_TERMS]
QUOTING: Final[list[JsonValue]] = [ACTIVITYSTREAMS, {**_POST_TERMS, **_QUOTE_TERMS, **_ALUMNODE}]
EVENT: Final[list[JsonValue]] = [ACTIVITYSTREAMS, {**_POST_TERMS, **_EVENT_TERMS, **_ALUMNODE}]


def document() -> JsonObject:
    """Our vocabulary as a context document, for readers who want it by address."""
    return {
        "@context": {
            "alumnode": NAMESPACE,
            "classYear": {"@id": "alumnode:classYear", "@type": "http://www.w3.org/2001/XMLSchema#integer"},
            "school": {"@id": "alumnode:school", "@type": "@id"},
            "circle": {"@id": "alumnode:circle", "@type": "@id"},
            "eventSource": {"@id": "alumnode:eventSource", "@type": "@id"},
        }
    }
