# SPDX-License-Identifier: AGPL-3.0-or-later
"""An object that somebody published (post, article, event, video ...), read into one shape.

The reader checks what the document says about itself: that id and author belong to one server, and that no list is
longer than we keep. It does not check who sent the document; that is `origin.may_act_on` with the proved sender.
Text is HTML as it came, to be sanitised before it is stored.

The accessors for single properties are importable from here too, so that a handler needs one import.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from activitypub import addressing, alumni, attachments, emojis, events, polls, quotes
from activitypub.accessors import (
    as_bool,
    as_float,
    as_id,
    as_int,
    as_list,
    as_object,
    as_text,
    as_time,
    as_url,
    ids,
    iso,
    text_of,
    type_among,
    types,
)
from activitypub.addressing import Audience
from activitypub.attachments import Attachment
from activitypub.emojis import Emoji
from activitypub.errors import Malformed, NotAuthentic
from activitypub.events import EventDocument
from activitypub.origin import MAX_ID, origin, same_origin
from activitypub.parse import JsonObject
from activitypub.polls import PollDocument

__all__ = [
    "OBJECT_TYPES",
    "Attachment",
    "EventDocument",
    "Mention",
    "ObjectDocument",
    "as_bool",
    "as_float",
    "as_id",
    "as_int",
    "as_list",
    "as_object",
    "as_text",
    "as_time",
    "as_url",
    "fold_hashtag",
    "ids",
    "iso",
    "object_id",
    "read_object",
    "text_of",
    "type_among",
    "types",
]

OBJECT_TYPES: Final = frozenset({"Note", "Article", "Page", "Question", "Event", "Image", "Audio", "Video"})

MAX_MENTIONS: Final = 50
MAX_HASHTAGS: Final = 50
MAX_HASHTAG: Final = 100
MAX_LINKS: Final = 20
MAX_NAME: Final = 2_048
_MAX_TAGS_LOOKED_AT: Final = 1_000
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"


@dataclass(frozen=True, slots=True)
class Mention:
    """`href` is the id of the mentioned actor (in odd servers its page); `name` is what the author's server wrote."""

    href: str
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectDocument:
    """What we keep of an object.

    `summary` is a content warning on Note and Question, an abstract on the other types. `hashtags` are folded and
    without `#`. `links` are those among the attachments, which a Page of Lemmy or PieFed is about. `source` is the text
    before it became HTML, never to be shown. `url` may be on another host than `id`.
    `quote` is the id of what it quotes, `quote_authorization` that of the quoted author's consent, still to be fetched.
    `circle` is the collection of the circle that it is to, in Alumnode's own word.
    """

    id: str
    type: str
    attributed_to: str
    audience: Audience
    content: str | None = None
    name: str | None = None
    summary: str | None = None
    source: str | None = None
    language: str | None = None
    url: str | None = None
    in_reply_to: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    sensitive: bool = False
    mentions: tuple[Mention, ...] = ()
    hashtags: tuple[str, ...] = ()
    emojis: tuple[Emoji, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    links: tuple[str, ...] = ()
    replies: str | None = None
    context: str | None = None
    event: EventDocument | None = None
    poll: PollDocument | None = None
    quote: str | None = None
    quote_authorization: str | None = None
    reply_policy: tuple[str, ...] | None = None
    quote_policy: tuple[str, ...] | None = None
    quote_manual: tuple[str, ...] | None = None
    circle: str | None = None


def read_object(
    doc: JsonObject,
    *,
    followers_uri: str | None = None,
    envelope: JsonObject | None = None,
    allow_http: bool = False,
) -> ObjectDocument:
    """The object in `doc`; `followers_uri` is its author's followers collection, if known, and decides on visibility.

    `envelope` is the activity that brought the object: its addressees count when the object names none (Discourse,
    and the events that streams sends as Invite).

    Of several authors the first who shares the id's origin is taken (FEP-fe34); an Event without `attributedTo`
    belongs to its `actor`. Lists for display are cut at their limits.

    Raises:
        Malformed: unknown type, no id or one that is not plain, no author, an Event without name or start, or too
            many recipients.
        NotAuthentic: none of the authors shares the id's origin.
    """
    kind = type_among(doc, OBJECT_TYPES)
    if kind is None:
        raise Malformed("unknown type")
    uri = object_id(doc, allow_http=allow_http)
    content, language = text_of(doc, "content")
    audience = addressing.read(doc if envelope is None or doc.get("to") or doc.get("cc") else envelope, followers_uri)
    return ObjectDocument(
        id=uri,
        type=kind,
        attributed_to=_author(doc, uri),
        audience=audience,
        content=content,
        name=_shortened(text_of(doc, "name")[0]),
        summary=_warning(text_of(doc, "summary")[0]),
        source=_source(doc),
        language=language,
        url=as_url(doc.get("url")),
        in_reply_to=as_id(doc.get("inReplyTo")),
        published=as_time(doc.get("published")),
        updated=as_time(doc.get("updated")),
        sensitive=as_bool(doc.get("sensitive")) is True,
        mentions=_mentions(doc),
        hashtags=_hashtags(doc),
        emojis=emojis.read(doc),
        attachments=attachments.read(doc),
        links=_links(doc),
        replies=as_id(doc.get("replies")),
        context=as_id(doc.get("context")),
        event=events.read_event(doc) if kind == "Event" else None,
        poll=polls.read_poll(doc) if kind == "Question" else None,
        quote=quotes.read_quote(doc),
        quote_authorization=as_id(doc.get("quoteAuthorization")),
        reply_policy=quotes.read_policy(doc, "canReply"),
        quote_policy=quotes.read_approvals(doc, "canQuote")[0],
        quote_manual=quotes.read_approvals(doc, "canQuote")[1],
        circle=alumni.read_circle(doc, uri, audience),
    )


def object_id(doc: JsonObject, *, allow_http: bool = False) -> str:
    """The id a document gives itself.

    Raises:
        Malformed: it has none, or one that could be written in another way.
    """
    uri = doc.get("id")
    if not isinstance(uri, str) or not uri:
        raise Malformed("no id")
    origin(uri, allow_http=allow_http)
    return uri


def fold_hashtag(name: str) -> str | None:
    """The form in which hashtags are compared: without `#`, NFKC, case folded. None for what is no hashtag."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name.strip().lstrip("#＃")).casefold())
    if not 0 < len(folded) <= MAX_HASHTAG or any(c.isspace() or not c.isprintable() or c in "#@/" for c in folded):
        return None
    return folded


def _links(doc: JsonObject) -> tuple[str, ...]:
    entries = [as_object(entry) for entry in as_list(doc.get("attachment"))[:MAX_LINKS]]
    found = [as_url(entry.get("href")) for entry in entries if entry is not None and "Link" in types(entry)]
    return tuple(href for href in found if href)


def _author(doc: JsonObject, uri: str) -> str:
    authors = ids(doc.get("attributedTo")) or ids(doc.get("actor"))
    if not authors:
        raise Malformed("no author")
    author = next((candidate for candidate in authors[:20] if same_origin(candidate, uri)), None)
    if author is None:
        raise NotAuthentic("the author is on another server than the object")
    return author


def _shortened(name: str | None) -> str | None:
    return " ".join(name.split())[:MAX_NAME] or None if name else None


def _warning(summary: str | None) -> str | None:
    """Misskey writes a zero-width space where it means no warning."""
    if summary is None or not summary.strip().strip(_INVISIBLE).strip():
        return None
    return summary


def _source(doc: JsonObject) -> str | None:
    source = as_object(doc.get("source"))
    return as_text(source.get("content")) if source is not None else as_text(doc.get("source"))


def _mentions(doc: JsonObject) -> tuple[Mention, ...]:
    found: dict[str, Mention] = {}
    for tag in _tags(doc, "Mention"):
        href = as_id(tag.get("href"))
        if href is not None and len(href) <= MAX_ID and href not in found:
            found[href] = Mention(href, _shortened(as_text(tag.get("name"))))
        if len(found) == MAX_MENTIONS:
            break
    return tuple(found.values())


def _hashtags(doc: JsonObject) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for tag in _tags(doc, "Hashtag"):
        folded = fold_hashtag(as_text(tag.get("name")) or "")
        if folded is not None:
            found[folded] = None
        if len(found) == MAX_HASHTAGS:
            break
    return tuple(found)


def _tags(doc: JsonObject, kind: str) -> list[JsonObject]:
    listed = as_list(doc.get("tag"))[:_MAX_TAGS_LOOKED_AT]
    return [tag for tag in listed if isinstance(tag, dict) and kind in types(tag)]
