# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which link of a post is shown as a card, under what it is kept, and when its page is asked again. Pure."""

import hashlib
import re
from collections.abc import Collection, Sequence
from datetime import timedelta
from enum import StrEnum
from html import unescape
from typing import Final
from urllib.parse import urlsplit

from activitypub.addressing import Visibility
from node.kernel.site import Site
from node.posts.types import Kind, Post

MAX_URL: Final = 2048
FRESH_FOR: Final = timedelta(days=14)
"""How long a card is shown before the next post with its link has the page read anew."""
SPREAD: Final = timedelta(seconds=60)
"""A post reaches many servers in the same second; each asks the page somewhere in this time, as Mastodon's do."""
APART: Final = timedelta(seconds=1)
"""Between two pages of one host."""
MAX_AHEAD: Final = timedelta(minutes=15)
"""A host whose pages are queued up for longer than this is asked for no more of them."""
_AGAIN: Final = (timedelta(minutes=10), timedelta(hours=2))
_IN_VAIN: Final = timedelta(days=1)

# In what is sanitised: attributes are quoted and escaped, and no tag holds another (`node.kernel.html`).
_ANCHOR: Final = re.compile(r'<p class="quote-inline">.*?</p>|<a href="([^"]*)"([^>]*)>', re.DOTALL)
_CLASSES: Final = re.compile(r'class="([^"]*)"')
_REL: Final = re.compile(r'rel="([^"]*)"')
_NO_PAGE: Final = frozenset({"mention", "hashtag", "u-url"})


class State(StrEnum):
    """What we know of a page. `NONE`: it says nothing of itself, or cannot be read."""

    WAITING = "waiting"
    READY = "ready"
    NONE = "none"


def key(url: str) -> str:
    """What a page is kept under: whatever place in it an address names."""
    return hashlib.sha256(page_of(url).encode()).hexdigest()


def page_of(url: str) -> str:
    """The address of the page, without the place in it."""
    return url.partition("#")[0]


def may_have_card(post: Post) -> bool:
    """Whether a link of it may be followed at all.

    Not that of a direct post: it is often for one person, and some links work once. An event has a card of its own.
    """
    return not post.is_boost and post.kind is not Kind.EVENT and post.visibility is not Visibility.DIRECT


def shown_link(content: str, site: Site, *, beside: Collection[str] = ()) -> str | None:
    """The first link of sanitised HTML that leads to a page elsewhere; None if there is none.

    No mention and no hashtag, nothing of this node, and none of the addresses `beside`: those of people and files that
    the post shows already.
    """
    for found in _ANCHOR.finditer(content):
        if found[1] is None:
            continue
        url, rest = unescape(found[1]), found[2]
        classes, rel = _CLASSES.search(rest), _REL.search(rest)
        if classes and not _NO_PAGE.isdisjoint(classes[1].split()):
            continue
        if (rel and "tag" in rel[1].split()) or url in beside or len(url) > MAX_URL:
            continue
        if _is_page(url, site):
            return url
    return None


def _is_page(url: str, site: Site) -> bool:
    try:
        parts = urlsplit(url)
        host, authority = parts.hostname, parts.netloc.lower()
    except ValueError:
        return False
    if not host or (parts.scheme != "https" and not (site.allow_http and parts.scheme == "http")):
        return False
    return authority not in (site.domain, site.base_url.partition("://")[2])


def host_of(url: str) -> str:
    """The host and port of a page, as what is asked of one host is spaced by it."""
    return urlsplit(url).netloc.rpartition("@")[2].lower()[:255]


def is_of(host: str, domains: Sequence[str]) -> bool:
    """Whether a page at `host` belongs to one of the domains or to a name below one."""
    name = host.partition(":")[0].lower().rstrip(".")
    return any(name == domain or name.endswith(f".{domain}") for domain in domains)


def pause(failures: int, *, retryable: bool) -> tuple[State, timedelta]:
    """After so many failures in a row: whether it is tried again by itself, and what is waited before the next time."""
    if retryable and failures <= len(_AGAIN):
        return State.WAITING, _AGAIN[failures - 1]
    return State.NONE, _IN_VAIN
