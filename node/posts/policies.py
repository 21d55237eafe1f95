# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whom the author of a post lets answer and quote it (GoToSocial's `interactionPolicy`, FEP-044f).

What would be thrown away elsewhere is not taken here either. Members choose one of three words for quotes
(`QuotePolicy`); what others say is richer, and told to apps in those words as far as they go.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection

from activitypub.addressing import PUBLIC, Visibility, is_public
from node import actors, relationships
from node.actors import Actor, ActorId
from node.posts import queries
from node.posts.queries import OPEN
from node.posts.types import Post, QuotePolicy
from node.relationships import Relationship


class Consent(StrEnum):
    """What somebody who would like to quote a post has to expect.

    `MANUAL`: the author decides each time. `UNKNOWN`: nobody can say before the author's server was asked.
    """

    AUTOMATIC = "automatic"
    MANUAL = "manual"
    DENIED = "denied"
    UNKNOWN = "unknown"


class Group(StrEnum):
    """A group that a policy may name. What is none of the first three is `OTHERS`."""

    PUBLIC = "public"
    FOLLOWERS = "followers"
    FOLLOWING = "following"
    OTHERS = "unsupported_policy"


_RELATED: Final = frozenset({Group.FOLLOWERS, Group.FOLLOWING})


@dataclass(frozen=True, slots=True)
class QuoteApproval:
    """Who may quote a post at once, and who after a yes by hand, in the words that apps know."""

    author_id: ActorId
    automatic: tuple[Group, ...] = ()
    manual: tuple[Group, ...] = ()
    author_may: bool = True

    @property
    def asks_for_relation(self) -> bool:
        """Whether it matters how somebody stands to the author."""
        return not _RELATED.isdisjoint((*self.automatic, *self.manual))

    def consent_for(self, viewer: int | None, between: Relationship | None = None) -> Consent:
        """What one viewer has to expect; `between` is how they stand to the author, where that matters."""
        if viewer is None:
            return Consent.DENIED
        if viewer == self.author_id:
            return Consent.AUTOMATIC if self.author_may else Consent.DENIED
        theirs = {Group.PUBLIC}
        if between is not None and between.following:
            theirs.add(Group.FOLLOWERS)
        if between is not None and between.followed_by:
            theirs.add(Group.FOLLOWING)
        if not theirs.isdisjoint(self.automatic):
            return Consent.AUTOMATIC
        if not theirs.isdisjoint(self.manual):
            return Consent.MANUAL
        return Consent.UNKNOWN if Group.OTHERS in (*self.automatic, *self.manual) else Consent.DENIED


def quote_approval(post: Post, author: Actor) -> QuoteApproval:
    """Who may quote a post. Only what is open to all can be quoted by others, and a private mention by nobody.

    Of a post from elsewhere whose author says nothing nobody can tell: a request is sent, and may never be answered.
    """
    if post.visibility not in OPEN:
        return QuoteApproval(author.id, author_may=post.visibility is Visibility.PRIVATE)
    if post.quote_policy is None and post.quote_manual is None:
        if post.local:
            return QuoteApproval(author.id, (Group.PUBLIC,))
        return QuoteApproval(author.id, manual=(Group.OTHERS,))
    return QuoteApproval(author.id, _groups(post.quote_policy or (), author), _groups(post.quote_manual or (), author))


def _groups(allowed: Sequence[str], author: Actor) -> tuple[Group, ...]:
    """The groups of a policy, each once; the author, who always may, is none."""
    found: dict[Group, None] = {}
    for uri in allowed:
        if is_public(uri):
            found[Group.PUBLIC] = None
        elif uri == author.followers:
            found[Group.FOLLOWERS] = None
        elif uri == author.following:
            found[Group.FOLLOWING] = None
        elif uri != author.uri:
            found[Group.OTHERS] = None
    return tuple(found)


def stored(policy: QuotePolicy | None, author: Actor, visibility: Visibility) -> list[str] | None:
    """What is kept of the choice of an author here; what is not open to all can be quoted by nobody else."""
    if visibility not in OPEN or policy is QuotePolicy.NOBODY:
        return []
    return [author.followers or author.uri] if policy is QuotePolicy.FOLLOWERS else None


def chosen_quote_policy(post: Post) -> QuotePolicy:
    """What the author of a post of ours chose."""
    if post.quote_policy is None:
        return QuotePolicy.PUBLIC
    return QuotePolicy.FOLLOWERS if post.quote_policy else QuotePolicy.NOBODY


def quotable_by(post: Post, author: Actor) -> tuple[str, ...]:
    """Who may quote a post of ours, as others read it. An empty list would be taken for none at all."""
    if post.visibility not in OPEN:
        return (author.uri,)
    return (PUBLIC,) if post.quote_policy is None else post.quote_policy or (author.uri,)


def may_reply(conn: Connection, post: Post, member: Actor) -> bool:
    """Whether the author of `post` takes an answer by `member`: without a word of theirs, everybody's is taken.

    The author and whoever the post names may always answer.
    """
    if _is_among(conn, post.reply_policy, post, member):
        return True
    return any(person.id == member.id for person in queries.named(conn, post.id))


def may_quote(conn: Connection, post: Post, member: Actor) -> bool:
    """Whether `member` may quote a post that they see, or at least ask: their own, or one whose author lets them.

    Nobody quotes a private mention. Source: client/quotes of Mastodon's documentation.
    """
    if post.author_id == member.id:
        return post.visibility is not Visibility.DIRECT
    if post.visibility not in OPEN:
        return False
    if post.quote_policy is None and post.quote_manual is None:
        return True
    return _is_among(conn, (*(post.quote_policy or ()), *(post.quote_manual or ())), post, member)


def consents(conn: Connection, post: Post, asker: Actor) -> bool:
    """Whether the author of a post of ours agrees at once to a quote of it by `asker`, who may see it."""
    if post.author_id == asker.id:
        return True
    return post.visibility in OPEN and _is_among(conn, post.quote_policy, post, asker)


def _is_among(conn: Connection, allowed: tuple[str, ...] | None, post: Post, member: Actor) -> bool:
    if allowed is None or post.author_id == member.id or member.uri in allowed or any(map(is_public, allowed)):
        return True
    author = actors.get(conn, post.author_id)
    between = relationships.between(conn, member.id, [author.id]).get(author.id)
    if between is None:
        return False
    return (author.followers in allowed and between.following) or (author.following in allowed and between.followed_by)
