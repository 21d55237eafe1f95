# SPDX-License-Identifier: AGPL-3.0-or-later
"""Status, StatusEdit and StatusSource.

A status is made in two parts: what is the same for everybody, which is kept as bytes, and the viewer's own marks, which
are put at its end. A boost holds the whole of what it boosts, marks included.
"""

import itertools
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape

import orjson

from node.actors import Actor
from node.kernel.site import Site
from node.kernel.text import fold_hashtag
from node.media import Media
from node.posts import NO_FLAGS, Consent, Edit, Flags, Kind, Post, PostView, QuoteApproval, QuoteState, Version
from node.posts.scheduled import Scheduled
from node.trends import Link
from web.mastodon.entities.accounts import account
from web.mastodon.entities.common import Json, history, moment, moment_or_none
from web.mastodon.entities.emojis import emojis
from web.mastodon.entities.media import attachment

_CARD: Json = {
    "url": "",
    "title": "",
    "description": "",
    "type": "link",
    "author_name": "",
    "author_url": "",
    "authors": [],
    "provider_name": "",
    "provider_url": "",
    "html": "",
    "width": 0,
    "height": 0,
    "image": None,
    "image_description": "",
    "embed_url": "",
    "blurhash": None,
    "language": None,
    "published_at": None,
}
_ASKING = frozenset({Kind.QUESTION, Kind.EVENT})
_TITLED = frozenset({Kind.EVENT, Kind.ARTICLE, Kind.PAGE, Kind.QUESTION, Kind.IMAGE, Kind.AUDIO, Kind.VIDEO})


def status(site: Site, view: PostView) -> Json:
    """What everybody sees of a status: all of it but `reblog` and the viewer's marks.

    The poll of a question or an event and what a post quotes are left out too. A boost repeats what it boosts.
    """
    outer, shown = view.post, view.shown.post
    return {
        "id": str(outer.id),
        "created_at": moment(outer.created_at),
        "in_reply_to_id": _number(shown.in_reply_to_id),
        "in_reply_to_account_id": _number(shown.in_reply_to_author_id) if shown.in_reply_to_id else None,
        "sensitive": shown.sensitive,
        "spoiler_text": shown.spoiler_text,
        "visibility": outer.visibility,
        "language": shown.language,
        "uri": outer.uri,
        "url": outer.url,
        "replies_count": shown.replies_count,
        "reblogs_count": shown.boosts_count,
        "favourites_count": shown.favourites_count,
        "quotes_count": shown.quotes_count,
        "edited_at": moment_or_none(shown.edited_at),
        "content": _content(view.shown),
        "application": _application(view.shown),
        "account": account(site, view.author),
        "media_attachments": [attachment(site, item) for item in view.shown.media],
        "mentions": [_mention(person, shown) for person in view.shown.mentioned],
        "tags": [{"name": name, "url": site.tag_url(fold_hashtag(name))} for name in shown.tags],
        "emojis": emojis(site, shown.emojis),
        "card": preview_card(site, shown.card, view.shown.card_author),
        **({} if outer.kind in _ASKING else {"poll": None}),
        **({} if outer.quote_state else {"quote": None}),
        "tagged_collections": [],
        "alumnode": _ours(shown),
    }


def _ours(post: Post) -> Json | None:
    """What apps that know Alumnode show besides: the circle that a post is to, and the details of an event."""
    circle: Json = {"circle": post.circle} if post.circle is not None else {}
    return {**(post.details or {}), **circle} or None


def flags_tail(flags: Flags = NO_FLAGS, *, signed_in: bool = True, filtered: bytes | None = None) -> bytes:
    """The viewer's marks as the last members of a status, without its opening brace; a stranger has none.

    `filtered` is the list of the viewer's filters that it meets, if it meets any.
    """
    if not signed_in:
        return b""
    return _TAILS[flags] if filtered is None else _TAILS[flags].removesuffix(b"[]") + filtered


def _tail(flags: Flags) -> bytes:
    marks = {
        "favourited": flags.favourited,
        "reblogged": flags.boosted,
        "muted": flags.muted,
        "bookmarked": flags.bookmarked,
        "pinned": flags.pinned,
        "filtered": [],
    }
    return b"," + orjson.dumps(marks)[1:-1]


_BOTH = (False, True)
_TAILS: Mapping[Flags, bytes] = {
    flags: _tail(flags) for flags in (Flags(*marks) for marks in itertools.product(_BOTH, repeat=5))
}


def poll_tail(found: Json | None) -> bytes:
    """The poll of a question or an event as the next member of it, which has no `poll` of its own."""
    return b',"poll":' + orjson.dumps(found)


def quote_tail(version: Version, body: bytes | None, *, hidden: str | None = None) -> bytes:
    """What a post quotes as its next member; `body` is the quoted status, None if it is not to be shown.

    `hidden` is the state of a quote that the viewer does not want to see: apps fold it.
    """
    state = hidden or version.quote_state
    if body is None and state == QuoteState.ACCEPTED:
        state = "unauthorized"
    return b',"quote":{"state":%b,"quoted_status":%b}' % (orjson.dumps(state), body or b"null")


def shallow_quote_tail(version: Version) -> bytes:
    """What a quoted post quotes in turn: its number only. Nothing for a post that quotes none."""
    if version.quote_state is None:
        return b""
    number = _number(version.quote_of_id) if version.quote_state == QuoteState.ACCEPTED else None
    return b',"quote":' + orjson.dumps({"state": version.quote_state, "quoted_status_id": number})


@cache
def _quote_approval(automatic: tuple[str, ...], manual: tuple[str, ...], consent: Consent) -> bytes:
    return b',"quote_approval":' + orjson.dumps({"automatic": automatic, "manual": manual, "current_user": consent})


def quote_approval_tail(approval: QuoteApproval, consent: Consent) -> bytes:
    """Who may quote a post as its next member, and what the viewer has to expect."""
    return _quote_approval(approval.automatic, approval.manual, consent)


def status_edit(site: Site, author: Actor, edit: Edit, view: PostView) -> Json:
    """One state that a status has been in. Pictures that have gone since are left out."""
    known = {str(item.id): item for item in view.media}
    return {
        "content": edit.content,
        "spoiler_text": edit.spoiler_text,
        "sensitive": edit.sensitive,
        "created_at": moment(edit.created_at),
        "account": account(site, author),
        "media_attachments": [
            {**attachment(site, known[number]), "description": item.get("description") or None}
            for item in edit.media
            if (number := str(item.get("id"))) in known
        ],
        "emojis": emojis(site, edit.emojis),
        "quote": _edit_quote(view.post),
        **({} if edit.poll is None else {"poll": {"options": [{"title": title} for title in edit.poll]}}),
    }


def _edit_quote(post: Post) -> Json | None:
    """What a post quotes, which no edit changes."""
    if post.quote_state is None:
        return None
    number = _number(post.quote_of_id) if post.quote_state is QuoteState.ACCEPTED else None
    return {"state": post.quote_state, "quoted_status_id": number}


def scheduled_status(site: Site, found: Scheduled, files: Sequence[Media]) -> Json:
    """What waits to be published, with what was asked for. `failure` of our own says why it was not at its time."""
    draft = found.draft
    poll = draft.poll
    return {
        "id": str(found.id),
        "scheduled_at": moment(found.scheduled_at),
        "params": {
            "text": draft.text,
            "poll": None
            if poll is None
            else {
                "options": list(poll.options),
                "expires_in": int(poll.open_for.total_seconds()),
                "multiple": poll.multiple,
                "hide_totals": poll.hide_totals,
            },
            "media_ids": [str(number) for number in draft.media_ids] or None,
            "sensitive": draft.sensitive,
            "spoiler_text": draft.spoiler_text,
            "visibility": draft.visibility,
            "in_reply_to_id": draft.in_reply_to_id,
            "language": draft.language,
            "application_id": 0,
            "scheduled_at": None,
            "idempotency": found.idempotency_key,
            "with_rate_limit": False,
            "quoted_status_id": _number(draft.quoted_id),
            "quote_approval_policy": draft.quote_policy,
            "alumnode": {"circle": draft.circle, "failure": found.failure},
        },
        "media_attachments": [attachment(site, item) for item in files],
    }


def status_source(post_id: int, text: str, spoiler_text: str) -> Json:
    """What the author typed."""
    return {"id": str(post_id), "text": text, "spoiler_text": spoiler_text}


def _content(view: PostView) -> str:
    """The text. A thing with a title of its own shows it first, and never as a warning, which would fold it."""
    post = view.post
    if post.kind not in _TITLED or not post.title or post.content.startswith("<p><strong>"):
        return post.content
    link = f'<p><a href="{escape(post.url)}" rel="nofollow noopener noreferrer">{escape(_shown(post.url))}</a></p>'
    return f"<p><strong>{escape(post.title)}</strong></p>{post.content}{link}"


def _shown(url: str) -> str:
    return url.partition("://")[2] or url


def _application(view: PostView) -> Json | None:
    if not view.post.app_name:
        return None
    return {"name": view.post.app_name, "website": view.post.app_website or None}


def _mention(person: Actor, post: Post) -> Json:
    """Somebody whom a text names. Apps find the link by the address, and some networks write the id there."""
    by_id = not post.local and person.uri != person.url and f'href="{escape(person.uri)}"' in post.content
    return {
        "id": str(person.id),
        "username": person.username,
        "url": person.uri if by_id else person.url,
        "acct": person.acct,
    }


def preview_card(site: Site, card: Mapping[str, object] | None, author: Actor | None = None) -> Json | None:
    """The card of a link, or of an event; `author` is the account of whoever wrote the page."""
    if not card:
        return None
    shown = {**_CARD, **{name: value for name, value in card.items() if name in _CARD}}
    if isinstance(file := card.get("file"), str):
        shown["image"] = site.media_url(file)
    who = author if author is not None and author.is_active else None
    name = shown["author_name"] or (who.name if who is not None else "")
    url = shown["author_url"] or (who.url if who is not None else "")
    if name or url:
        shown["authors"] = [{"name": name, "url": url, "account": account(site, who) if who is not None else None}]
    return shown


def trends_link(site: Site, found: Link) -> Json:
    """A page that trends, with its last seven days, today first."""
    card = preview_card(site, found.page.card, found.author) or {**_CARD, "url": found.page.url}
    return {**card, "history": history(found.history)}


def _number(value: int | None) -> str | None:
    return None if value is None else str(value)
