# SPDX-License-Identifier: AGPL-3.0-or-later
"""Quotes and the consent to them, and what else an author lets others do with a post.

Source: FEP-044f (quotes, QuoteRequest, QuoteAuthorization), FEP-e232 (the Link in `tag`), GoToSocial's documentation
(`interactionPolicy`); the older words for a quote are Misskey's and Fedibird's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from activitypub import contexts
from activitypub.accessors import as_id, as_object, ids, objects, type_among, types
from activitypub.errors import Malformed, NotAuthentic
from activitypub.origin import MAX_ID, origin, same_origin
from activitypub.parse import JsonObject

AUTHORIZATION: Final = "QuoteAuthorization"
REQUEST: Final = "QuoteRequest"
MAX_POLICY: Final = 50
# In the order in which Mastodon believes them.
_WORDS: Final = ("quote", "_misskey_quote", "quoteUrl", "quoteUri")
_LINK_REL: Final = "https://misskey-hub.net/ns#_misskey_quote"


@dataclass(frozen=True, slots=True)
class QuoteAuthorization:
    """A stamp: `author` agrees that the post `quoting` quotes their post `quoted`."""

    id: str
    author: str
    quoting: str
    quoted: str


def read_quote(doc: JsonObject) -> str | None:
    """The id of the post that this one quotes, in whichever of the five ways it is said."""
    for word in _WORDS:
        found = as_id(doc.get(word))
        if found is not None:
            return found
    for link in objects(doc.get("tag"), limit=MAX_POLICY):
        if "Link" in types(link) and _LINK_REL in ids(link.get("rel")):
            return as_id(link.get("href"))
    return None


def read_authorization(doc: JsonObject, *, allow_http: bool = False) -> QuoteAuthorization:
    """A stamp, which must have been fetched from its own id.

    Raises:
        Malformed: it is none, or lacks a part.
        NotAuthentic: it is not on the server of whoever is said to agree.
    """
    if type_among(doc, {AUTHORIZATION}) is None:
        raise Malformed("not a quote authorization")
    uri, author = doc.get("id"), as_id(doc.get("attributedTo"))
    quoting, quoted = as_id(doc.get("interactingObject")), as_id(doc.get("interactionTarget"))
    if not isinstance(uri, str) or author is None or quoting is None or quoted is None:
        raise Malformed("a quote authorization lacks a part")
    origin(uri, allow_http=allow_http)
    if not same_origin(uri, author) or not same_origin(uri, quoted):
        raise NotAuthentic("the authorization is on another server than the quoted post")
    return QuoteAuthorization(uri, author, quoting, quoted)


def read_policy(doc: JsonObject, word: str) -> tuple[str, ...] | None:
    """Whom the author lets do something (`canReply`, `canQuote`): ids of actors and collections.

    None where nothing is said, which means everybody. Those who would have to wait for a yes are among them.
    """
    automatic, manual = read_approvals(doc, word)
    return None if automatic is None or manual is None else tuple(dict.fromkeys((*automatic, *manual)))[:MAX_POLICY]


def read_approvals(doc: JsonObject, word: str) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """The same in two parts: who may do it at once, and who after a yes; twice None where nothing is said."""
    policy = as_object(doc.get("interactionPolicy"))
    rules = as_object(policy.get(word)) if policy is not None else None
    if rules is None:
        return None, None
    # The older two words are GoToSocial's before 0.21.
    return _among(rules, "automaticApproval", "always"), _among(rules, "manualApproval", "approvalRequired")


def _among(rules: JsonObject, *words: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for word in words:
        found.update(dict.fromkeys(uri for uri in ids(rules.get(word)) if len(uri) <= MAX_ID))
    return tuple(found)[:MAX_POLICY]


def build_policy(quote: Sequence[str]) -> JsonObject:
    """Ours: who may quote without asking. Of answers nothing is said, so everybody may."""
    return {"canQuote": {"automaticApproval": list(quote)}}


def build_authorization(stamp: QuoteAuthorization) -> JsonObject:
    """The document at a stamp's own id. It embeds nothing: each side is read where it lives."""
    return {
        "@context": contexts.QUOTE,
        "id": stamp.id,
        "type": AUTHORIZATION,
        "attributedTo": stamp.author,
        "interactingObject": stamp.quoting,
        "interactionTarget": stamp.quoted,
    }
