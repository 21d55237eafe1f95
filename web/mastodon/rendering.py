# SPDX-License-Identifier: AGPL-3.0-or-later
"""Statuses as JSON bytes, rendered once per version and kept; the viewer's marks are put at their end.

An unchanged page of twenty costs the ids, the versions and the marks: a fixed number of statements, and no rendering.
A boost is kept under its own version and that of what it boosts, since it repeats it.
"""

import itertools
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import orjson
from aiohttp import web
from sqlalchemy import Connection

from node import posts, relationships
from node.kernel import clock, i18n
from node.kernel.bus import Bus
from node.kernel.errors import NotFound
from node.kernel.site import Site
from node.posts import NO_FLAGS, Flags, Kind, PostView, QuoteApproval, QuoteState, Version
from node.relationships import filters
from node.relationships.filters import Context, Match
from web.mastodon import entities
from web.mastodon.answering import polls_of_events
from web.mastodon.kept import Accounts, Kept
from web.mastodon.matchers import Matchers, words_of

_log = logging.getLogger(__name__)
_MOST: Final = 5_000


@dataclass(frozen=True, slots=True)
class Head:
    """What of a status is the same for everybody: its JSON without the closing brace, and who may quote it."""

    body: bytes
    approval: QuoteApproval
    is_event: bool


class Statuses:
    """Renders statuses for a viewer, inside a read. One for each application object."""

    def __init__(self, site: Site, bus: Bus, *, locale: str = i18n.DEFAULT, most: int = _MOST) -> None:
        """Keeps between `most` and twice as many statuses, about 2 kB each; hears on the bus of changed filters.

        `locale` is the language of the few words in a status that are the node's, for whoever is no member.
        """
        self.site = site
        self.locale = locale
        self._matchers = Matchers(bus)
        self._most = most
        self.accounts = Accounts(site)
        self._kept: Kept[Version, Head] = Kept(most)
        # What filters are held against, of what somebody with filters has asked for.
        self._words: dict[Version, str] = {}

    def many(
        self, conn: Connection, post_ids: Sequence[int], viewer: int | None, *, at_home: bool = False
    ) -> list[bytes]:
        """Those of the posts that the viewer may see, in the order asked for."""
        return [body for _, body in self.pairs(conn, post_ids, viewer, at_home=at_home)]

    def by_id(self, conn: Connection, post_ids: Iterable[int], viewer: int | None) -> dict[int, bytes]:
        """The same, by number."""
        return dict(self.pairs(conn, list(dict.fromkeys(post_ids)), viewer))

    def one(self, conn: Connection, post_id: int, viewer: int | None, *, at_home: bool = False) -> bytes:
        """One status; raises NotFound if there is none or the viewer may not see it."""
        found = self.pairs(conn, [post_id], viewer, at_home=at_home)
        if not found:
            raise NotFound
        return found[0][1]

    def pairs(
        self, conn: Connection, post_ids: Sequence[int], viewer: int | None, *, at_home: bool = False
    ) -> list[tuple[int, bytes]]:
        """(number, status) of those that the viewer may see, in the order asked for.

        `at_home` leaves out what the viewer has an older app's `irreversible` filter for.
        """
        if not post_ids:
            return []
        versions = posts.versions(conn, post_ids, viewer)
        heads = self._heads(conn, versions, viewer)
        marks = _marks(conn, versions, viewer)
        polls = self._polls(conn, versions, heads, viewer)
        quotes = self._quotes(conn, versions, viewer)
        approvals = _approvals(conn, heads, viewer)
        filtered = self._filtered(conn, versions, heads, viewer)
        signed_in = viewer is not None
        result: list[tuple[int, bytes]] = []
        for version in versions:
            head = heads.get(version)
            met = filtered.get(version.id, ())
            if head is None or (at_home and any(is_left_out_of_home(match) for match in met)):
                continue
            inner = version.boost_of
            tail = entities.flags_tail(
                marks.get((inner or version).id, NO_FLAGS),
                signed_in=signed_in,
                filtered=entities.filter_results(met) if met else None,
            )
            shown = (inner or version).id
            tail = approvals[inner or version] + tail if (inner or version) in approvals else tail
            own = polls.get(shown, b"") + quotes.get(shown, b"") + tail
            if inner is None:
                result.append((version.id, b'%b,"reblog":null%b}' % (head.body, own)))
            elif inner in heads:
                body = heads[inner].body
                result.append((version.id, b'%b,"reblog":%b,"reblog":null%b}%b}' % (head.body, body, own, tail)))
        return result

    def _filtered(
        self, conn: Connection, versions: Sequence[Version], heads: Mapping[Version, Head], viewer: int | None
    ) -> dict[int, tuple[Match, ...]]:
        """Which of the viewer's filters each of the statuses meets; what a boost shows counts as its own."""
        matcher = self._matchers.of(conn, viewer) if viewer is not None else None
        if not matcher:
            return {}
        asking = [shown.id for version in versions if (shown := version.boost_of or version).has_poll]
        answers = {number: poll.options for number, poll in posts.polls_of(conn, asking, viewer).items()}
        now = clock.now()
        met: dict[int, tuple[Match, ...]] = {}
        for version in versions:
            shown = version.boost_of or version
            if shown not in heads:
                continue
            words = self._words.get(shown)
            if words is None:
                if len(self._words) >= self._most:
                    self._words.clear()
                words = self._words[shown] = words_of(heads[shown].body)
            for option in answers.get(shown.id, ()):
                words += "\n" + filters.folded(option.title)
            matches = matcher.matches(words, {version.id, shown.id}, now)
            if matches:
                met[version.id] = matches
        return met

    def _quotes(self, conn: Connection, versions: Sequence[Version], viewer: int | None) -> dict[int, bytes]:
        """Of each post that quotes one (or whose boost does) what it quotes, as far as the viewer may see that.

        What the quoted one quotes in turn is named and not shown.
        """
        quoting = [shown for version in versions if (shown := version.boost_of or version).quote_state]
        wanted = [one.quote_of_id for one in quoting if one.quote_state == QuoteState.ACCEPTED and one.quote_of_id]
        quoted = posts.versions(conn, list(dict.fromkeys(wanted)), viewer) if wanted else []
        heads = self._heads(conn, quoted, viewer)
        marks = _marks(conn, quoted, viewer) if quoted else {}
        polls = self._polls(conn, quoted, heads, viewer)
        approvals = _approvals(conn, heads, viewer)
        hidden = _hidden(conn, wanted, viewer) if wanted and viewer is not None else {}
        bodies = {
            version.id: b'%b%b%b%b,"reblog":null%b}'
            % (
                heads[version].body,
                polls.get(version.id, b""),
                entities.shallow_quote_tail(version),
                approvals[version],
                entities.flags_tail(marks.get(version.id, NO_FLAGS), signed_in=viewer is not None),
            )
            for version in quoted
            if version in heads
        }
        return {
            one.id: entities.quote_tail(
                one,
                bodies.get(one.quote_of_id) if one.quote_of_id else None,
                hidden=hidden.get(one.quote_of_id) if one.quote_of_id else None,
            )
            for one in quoting
        }

    def _polls(
        self, conn: Connection, versions: Sequence[Version], heads: Mapping[Version, Head], viewer: int | None
    ) -> dict[int, bytes]:
        """Of each question and event among them (or among what they boost) its poll; no statement where there is none."""
        shown = [version.boost_of or version for version in versions]
        asking = [one.id for one in shown if one.has_poll]
        planned = [one.id for one in shown if one in heads and heads[one].is_event]
        found = posts.polls_of(conn, asking, viewer)
        answered = polls_of_events(conn, planned, viewer, self.locale)
        now = clock.now()
        tails: dict[int, bytes] = {number: entities.poll_tail(answered.get(number)) for number in planned}
        for number in asking:
            poll = entities.poll(self.site, found[number], viewer, now) if number in found else None
            tails[number] = entities.poll_tail(poll)
        return tails

    def _heads(self, conn: Connection, versions: Sequence[Version], viewer: int | None) -> dict[Version, Head]:
        """Of each version, and of what it boosts, the part that is the same for everybody, without its closing brace."""
        wanted = list(
            dict.fromkeys(itertools.chain.from_iterable((v, v.boost_of) if v.boost_of else (v,) for v in versions))
        )
        heads = {version: kept for version in wanted if (kept := self._kept.get(version)) is not None}
        missing = [version for version in wanted if version not in heads]
        if not missing:
            return heads
        views = {view.post.id: view for view in posts.views(conn, [version.id for version in missing], viewer)}
        for version in missing:
            view = views.get(version.id)
            head = self._render(view) if view is not None else None
            if head is not None:
                heads[version] = head
                self._kept.put(version, head)
        return heads

    def _render(self, view: PostView) -> Head | None:
        try:
            body = orjson.dumps(entities.status(self.site, view))[:-1]
            approval = posts.quote_approval(view.shown.post, view.shown.author)
            return Head(body, approval, view.post.kind is Kind.EVENT)
        except Exception:  # noqa: BLE001  # one malformed post must not empty everybody's home
            _log.exception("post %d cannot be shown", view.post.id)
            return None


def _approvals(conn: Connection, heads: Mapping[Version, Head], viewer: int | None) -> dict[Version, bytes]:
    """Of each status who may quote it, and whether the viewer may. Asks the database only where following matters."""
    related = {head.approval.author_id for head in heads.values() if head.approval.asks_for_relation}
    between = relationships.between(conn, viewer, related) if related and viewer is not None else {}
    return {
        version: entities.quote_approval_tail(
            head.approval, head.approval.consent_for(viewer, between.get(head.approval.author_id))
        )
        for version, head in heads.items()
    }


def _hidden(conn: Connection, quoted_ids: Sequence[int], viewer: int) -> dict[int, str]:
    """Why the viewer does not want to see some of what is quoted: they block or mute the author, or the whole network."""
    authors = posts.author_ids(conn, quoted_ids)
    between = relationships.between(conn, viewer, set(authors.values()))
    found: dict[int, str] = {}
    for post_id, author_id in authors.items():
        relation = between[author_id]
        if relation.blocking:
            found[post_id] = "blocked_account"
        elif relation.domain_blocking:
            found[post_id] = "blocked_domain"
        elif relation.muting:
            found[post_id] = "muted_account"
    return found


def _marks(conn: Connection, versions: Sequence[Version], viewer: int | None) -> dict[int, Flags]:
    if viewer is None:
        return {}
    return posts.flags(conn, viewer, [(version.boost_of or version).id for version in versions])


def is_left_out_of_home(match: Match) -> bool:
    """Whether the node itself leaves out of home what meets this filter, for an app that does not look at it."""
    return match.filter.irreversible and Context.HOME in match.filter.contexts


STATUSES: Final = web.AppKey("statuses", Statuses)


def joined(bodies: Iterable[bytes]) -> bytes:
    """JSON values as a JSON list."""
    return b"[%b]" % b",".join(bodies)


def raw(body: bytes, headers: Mapping[str, str] | None = None, *, status: int = 200) -> web.Response:
    """An answer of JSON that is bytes already."""
    return web.Response(body=body, status=status, headers=headers, content_type="application/json", charset="utf-8")
