# SPDX-License-Identifier: AGPL-3.0-or-later
"""WebFinger (RFC 7033): which of our actors is asked for, our answer, and another server's answer read.

An answer of host A about an account of host B proves nothing: the caller asks the subject's own host once more, and
the actor found must name that handle itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import unquote, urlsplit

from activitypub import handles
from activitypub.accessors import as_text, is_web_address, objects
from activitypub.errors import Malformed
from activitypub.parse import JsonObject, JsonValue

CONTENT_TYPE: Final = "application/jrd+json"
ACTIVITY_TYPE: Final = "application/activity+json"
PROFILE_PAGE: Final = "http://webfinger.net/rel/profile-page"
AVATAR: Final = "http://webfinger.net/rel/avatar"
SUBSCRIBE: Final = "http://ostatus.org/schema/1.0/subscribe"
SERVICE: Final = "https://www.w3.org/ns/activitystreams#Service"
ACTOR_TYPE: Final = "https://www.w3.org/ns/activitystreams#type"

MAX_RESOURCE: Final = 2_048
_MAX_LINKS: Final = 100
_MAX_ACTORS: Final = 5


class Kind(StrEnum):
    """What was asked for: a handle, a page or actor id, or the node itself."""

    ACCT = "acct"
    URL = "url"
    DOMAIN = "domain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """`user` is set for ACCT, `url` for URL (scheme and host in lower case); `host` is always set, with any port."""

    kind: Kind
    host: str
    user: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class SelfLink:
    """An actor's id, byte for byte, with its type if the server says it (Lemmy, PieFed)."""

    href: str
    type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`user` and `host` are from the subject, both None if it is no handle.

    Two actors under one handle occur (a person and a group of one name): choose by type, else look at both.
    """

    user: str | None = None
    host: str | None = None
    actors: tuple[SelfLink, ...] = ()
    subscribe: str | None = None


def parse_resource(resource: str) -> Query:
    """What a `resource` parameter asks for. All of these forms are in use:

        acct:user@host   user@host   @user@host   any of them percent-encoded     the handle
        https://host/@user   https://host/actors/...                              the page or the id
        host   https://host   https://host/   acct:host@host                      the node itself (FEP-d556)

    The user name and the host come back in lower case. Whether the host is one of ours is the caller's to check.

    Raises:
        Malformed: none of these.
    """
    text = resource.strip()
    if not 0 < len(text) <= MAX_RESOURCE:
        raise Malformed("The resource is empty or too long.")
    if "%" in text and re.match(r"https?://", text, re.IGNORECASE) is None:
        text = unquote(text, errors="replace")
    if re.match(r"https?://", text, re.IGNORECASE):
        return _url_query(text)
    if re.match(r"acct:", text, re.IGNORECASE):
        text = text[5:]
    text = text.removeprefix("@")
    if "@" not in text:
        return Query(kind=Kind.DOMAIN, host=handles.handle_host(text))
    handle = handles.parse(text)
    if handle.host is None:
        raise Malformed("The resource has no host.")
    user = handle.username.lower()
    if user == handle.host:
        return Query(kind=Kind.DOMAIN, host=handle.host)
    return Query(kind=Kind.ACCT, host=handle.host, user=user)


def build(
    subject: str,
    *,
    actor_id: str,
    profile_url: str,
    subscribe: str,
    aliases: tuple[str, ...] = (),
    icon: tuple[str, str] | None = None,
    is_node: bool = False,
) -> JsonObject:
    """The answer about one of our actors.

    `subject` is always the canonical `acct:user@domain`, whatever was asked: an echo breaks handles whose domain is
    not the server's. `subscribe` is the template with `{uri}` behind remote-follow buttons, `icon` an address and its
    media type. With `is_node` the server's own actor is marked as such (FEP-d556).
    """
    # Importing bovine takes a third of a second, so only a process that answers WebFinger pays for it.
    from bovine.types.jrd import JrdData, JrdLink

    links = [
        JrdLink(rel=PROFILE_PAGE, type="text/html", href=profile_url),
        JrdLink(rel="self", type=ACTIVITY_TYPE, href=actor_id),
        JrdLink(rel=SUBSCRIBE, template=subscribe),
    ]
    if icon is not None:
        links.append(JrdLink(rel=AVATAR, type=icon[1], href=icon[0]))
    if is_node:
        links.append(JrdLink(rel=SERVICE, type=ACTIVITY_TYPE, href=actor_id))
    answer = JrdData(subject=subject, aliases=list(aliases or (profile_url, actor_id)), links=links)
    doc: JsonObject = answer.model_dump(exclude_none=True)
    return doc


def read(jrd: JsonObject) -> Answer:
    """What another server answered; links that make no sense are passed over."""
    user = host = None
    try:
        handle = handles.parse(as_text(jrd.get("subject")) or "")
    except Malformed:
        pass
    else:
        user, host = (handle.username, handle.host) if handle.host is not None else (None, None)
    actors: dict[str, SelfLink] = {}
    subscribe: str | None = None
    for link in objects(jrd.get("links"), limit=_MAX_LINKS):
        href, template = link.get("href"), link.get("template")
        if link.get("rel") == "self" and isinstance(href, str) and is_web_address(href) and _is_activity(link):
            if len(actors) < _MAX_ACTORS:
                actors.setdefault(href, SelfLink(href, _actor_type(link)))
        elif link.get("rel") == SUBSCRIBE and isinstance(template, str) and is_subscribe_template(template):
            subscribe = subscribe or template
    return Answer(user=user, host=host, actors=tuple(actors.values()), subscribe=subscribe)


def is_subscribe_template(template: str) -> bool:
    """Whether a remote-follow template can be used: an http(s) address with one `{uri}` behind its host."""
    before, found, after = template.partition("{uri}")
    return found != "" and before.count("/") >= 3 and "{" not in before + after and is_web_address(before + "x" + after)


def _url_query(text: str) -> Query:
    try:
        parts = urlsplit(text)
    except ValueError:
        raise Malformed("The resource is no address.") from None
    if "@" in parts.netloc or any(c <= " " for c in text):
        raise Malformed("The resource is no plain address.")
    host = handles.handle_host(parts.netloc)
    if parts.path in {"", "/"} and not parts.query and not parts.fragment:
        return Query(kind=Kind.DOMAIN, host=host)
    rest = text[text.index(parts.netloc) + len(parts.netloc) :]
    return Query(kind=Kind.URL, host=host, url=f"{parts.scheme.lower()}://{host}{rest}")


def _is_activity(link: JsonObject) -> bool:
    """An actor's media type, or none said; a `self` that is a web page is not an actor."""
    said = link.get("type")
    if said is None:
        return True
    plain = said.split(";", 1)[0].strip().lower() if isinstance(said, str) else ""
    return plain in {ACTIVITY_TYPE, "application/ld+json"}


def _actor_type(link: JsonObject) -> str | None:
    properties: JsonValue = link.get("properties")
    return as_text(properties.get(ACTOR_TYPE)) if isinstance(properties, dict) else None
