# SPDX-License-Identifier: AGPL-3.0-or-later
"""The digest as a letter, and letters about single things. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from activitypub.addressing import Visibility
from node.actors import Actor
from node.digests.matches import Match
from node.digests.queries import Digest
from node.events import Event
from node.kernel import html, i18n
from node.kernel.i18n import marked, translator
from node.kernel.site import Site
from node.mail import Item, Letter, Section
from node.notifications import Kind
from node.posts import PostView
from node.profiles import Kind as Seeks

_LINES: Final = 160
"""Characters of a post, or of what somebody wrote."""
_MESSAGE: Final = marked("%(name)s has written to you")
_TITLES: Final[Mapping[Kind, str]] = {
    Kind.MENTION: marked("%(name)s mentioned you"),
    Kind.QUOTE: marked("%(name)s quoted you"),
    Kind.FOLLOW: marked("%(name)s follows you now"),
    Kind.FOLLOW_REQUEST: marked("%(name)s asks to follow you"),
    Kind.FAVOURITE: marked("%(name)s likes your post"),
    Kind.BOOST: marked("%(name)s shared your post"),
    Kind.UPDATE: marked("%(name)s has changed an event that you go to"),
    Kind.REPORT: marked("%(name)s reported somebody"),
}


@dataclass(frozen=True, slots=True)
class News:
    """One notification with what it is about."""

    kind: Kind
    person: Actor
    view: PostView | None
    event: Event | None


def digest(site: Site, found: Digest) -> Letter:
    """In the member's language and on their clock."""
    member = found.member
    words = translator(member.locale)
    _, base = words.gettext, site.base_url
    waiting = [
        Item(
            _("%(person)s would like to be a contact of yours.") % {"person": one.person.name},
            _first_lines(one.message),
            f"{base}/contacts",
        )
        for one in found.requests
    ] + [
        Item(_("%(person)s would like to follow you.") % {"person": one.name}, f"@{one.acct}", f"{base}/requests")
        for one in found.followers
    ]
    sections = (
        Section(_("Waiting for you"), tuple(waiting)),
        Section(_("New events"), tuple(_event(site, one, member.locale) for one in found.events)),
        Section(_("Perhaps something for you"), tuple(_match(site, one, member.locale) for one in found.matches)),
        Section(_("New in your class"), tuple(_person(site, one) for one in found.classmates)),
        Section(
            _("New in what you follow"),
            tuple(Item(one.name, watch.label, f"{base}/@{one.acct}") for watch, one in found.followed),
        ),
        Section(_("Much discussed"), tuple(_thread(site, one, member.locale) for one in found.threads)),
    )
    paragraphs: tuple[str, ...] = ()
    if found.missing and site.names_missing:
        paragraphs = (
            words.ngettext(
                "%(count)s classmate of yours is not here yet. Perhaps you know where they are?",
                "%(count)s classmates of yours are not here yet. Perhaps you know where they are?",
                found.missing,
            )
            % {"count": i18n.number(found.missing, member.locale)},
        )
    return Letter(
        subject=_("What is new at %(name)s") % {"name": site.name},
        paragraphs=paragraphs,
        sections=tuple(one for one in sections if one.items),
        label=_("Choose which letters you get"),
        link=f"{base}/settings/mail",
        foot=site.name,
        locale=member.locale,
    )


def news(site: Site, locale: str, found: Sequence[News]) -> Letter:
    """A letter about things of one kind, the latest first. What is written to few is not repeated in a letter."""
    words = translator(locale)
    items = tuple(_news(site, one, locale) for one in found)
    subject = items[0].text
    if len(items) > 1:
        subject = words.ngettext("%(first)s, and %(count)s more", "%(first)s, and %(count)s more", len(items) - 1) % {
            "first": subject,
            "count": i18n.number(len(items) - 1, locale),
        }
    return Letter(
        subject=subject,
        paragraphs=(),
        sections=(Section(words.gettext("New for you"), items),),
        label=words.gettext("Choose which letters you get"),
        link=f"{site.base_url}/settings/mail",
        foot=site.name,
        locale=locale,
    )


def _news(site: Site, one: News, locale: str) -> Item:
    _ = translator(locale).gettext
    post = one.view.post if one.view is not None else None
    if post is None:
        link = f"{site.base_url}/staff/reports" if one.kind is Kind.REPORT else f"{site.base_url}/@{one.person.acct}"
        return Item(_(_TITLES[one.kind]) % {"name": one.person.name}, "", link)
    if one.event is not None:
        about = _event(site, one.event, locale)
        return Item(_(_TITLES[one.kind]) % {"name": one.person.name}, f"{about.text}: {about.detail}", about.link)
    assert one.view is not None
    title = _MESSAGE if one.kind is Kind.MENTION and post.visibility is Visibility.DIRECT else _TITLES[one.kind]
    is_open = post.visibility in (Visibility.PUBLIC, Visibility.UNLISTED)
    said = post.spoiler_text or post.title or html.plain_text(post.content) if is_open else ""
    return Item(
        _(title) % {"name": one.person.name},
        _first_lines(said),
        f"{site.base_url}/@{one.view.author.acct}/{post.id}",
    )


def _event(site: Site, one: Event, locale: str) -> Item:
    when = i18n.moment(one.starts_at, locale, _zone(one.timezone))
    where = one.place_name or one.city
    return Item(one.title, f"{when}, {where}" if where else when, f"{site.base_url}/events/{one.post_id}")


def _match(site: Site, one: Match, locale: str) -> Item:
    _ = translator(locale).gettext
    title = (
        _("%(person)s seeks what you could give") if one.kind is Seeks.SEEK else _("%(person)s offers what you seek")
    )
    said = f"{one.ask.text} ({one.ask.where})" if one.ask.where else one.ask.text
    return Item(title % {"person": one.person.name}, _first_lines(said), f"{site.base_url}/@{one.person.acct}")


def _person(site: Site, one: Actor) -> Item:
    return Item(one.name, f"@{one.acct}", f"{site.base_url}/@{one.acct}")


def _thread(site: Site, one: PostView, locale: str) -> Item:
    post = one.post
    answers = translator(locale).ngettext("%(count)s answer", "%(count)s answers", post.replies_count)
    # Behind a warning stays what is behind it.
    said = post.spoiler_text or post.title or html.plain_text(post.content)
    return Item(
        f"{one.author.name}: {_first_lines(said)}" if said else one.author.name,
        answers % {"count": i18n.number(post.replies_count, locale)},
        f"{site.base_url}/@{one.author.acct}/{post.id}",
    )


def _first_lines(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LINES else line[: _LINES - 1].rstrip() + "…"


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
