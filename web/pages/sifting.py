# SPDX-License-Identifier: AGPL-3.0-or-later
"""A member's filters on the pages, as apps apply them: what is to be hidden is left out, all else says what it meets.

One's own posts meet no filter: whoever wrote them knows what is in them (Mastodon's web client does likewise).
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from node.actors import ActorId
from node.kernel import clock, html
from node.kernel.i18n import marked
from node.relationships import filters
from node.relationships.filters import Action, Context, Match, Matcher
from web.pages.views import PostView

_QUOTE_FILTERED = marked("It quotes a post that you have a filter for.")


def sifted(
    conn: Connection,
    viewer: ActorId,
    context: Context,
    found: Sequence[tuple[int, PostView]],
    *,
    always: int | None = None,
) -> tuple[PostView, ...]:
    """Posts as the viewer's filters for this context leave them; each comes with its number, or that of the boost.

    The post `always` is what was asked for by name, and shown as it is. One statement for whoever has no filter.
    """
    matcher = Matcher(one for one in filters.own(conn, viewer) if context in one.contexts)
    if not matcher:
        return tuple(post for _, post in found)
    result = []
    for number, post in found:
        shown = _with_quote_sifted(matcher, post)
        met = _met(matcher, post, number) if post.id != always else ()
        if any(one.filter.action is Action.HIDE for one in met):
            continue
        folds = tuple(one.filter.title for one in met if one.filter.action is Action.WARN)
        blurs = tuple(one.filter.title for one in met if one.filter.action is Action.BLUR)
        result.append(replace(shown, filtered=folds, blurred=blurs) if met else shown)
    return tuple(result)


def _with_quote_sifted(matcher: Matcher, post: PostView) -> PostView:
    """A quoted post is folded away whatever the filter does: there is no room for a second fold."""
    if post.quote is None or not _met(matcher, post.quote, post.quote.id):
        return post
    return replace(post, quote=None, quote_note=_QUOTE_FILTERED)


def _met(matcher: Matcher, post: PostView, number: int) -> tuple[Match, ...]:
    if post.mine:
        return ()
    said = [post.title, post.warning, html.plain_text(post.text), *(item.description for item in post.media)]
    said += [option.title for option in post.poll.options] if post.poll is not None else []
    return matcher.matches(filters.folded("\n".join(said)), {post.id, number}, clock.now())
