# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reading what an app wants to publish into a `Draft`."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from activitypub.addressing import Visibility
from node.access import Caller
from node.kernel.errors import Invalid
from node.kernel.text import clean_line
from node.members import Member
from node.posts import Draft, PollDraft, QuotePolicy
from node.relationships import Circle
from web.params import Params

# Beyond what is allowed, so that what is too long is refused and not cut.
MOST_READ: Final = 1_000
YEARS: Final = 10 * 365 * 86_400
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,2}")


def visibility_of(text: str) -> Visibility:
    """One of the four words. Raises Invalid."""
    try:
        return Visibility(text)
    except ValueError:
        raise Invalid("Validation failed: Visibility is not included in the list", field="visibility") from None


def readers_of(given: Params, otherwise: Visibility) -> tuple[Visibility, Circle | None]:
    """Who is to read a post: the visibility, and the circle if it is to one. Raises Invalid.

    A circle is one of ours beyond Mastodon: `circle` or `alumnode[circle]` beside the visibility `private`, or its name in
    the place of a visibility.
    """
    visibility = given.text("visibility") or ""
    circle = given.text("circle") or given.table("alumnode").text("circle") or ""
    if visibility in set(Circle):
        circle, visibility = circle or visibility, "" if circle in ("", visibility) else visibility
    if not circle:
        return (visibility_of(visibility) if visibility else otherwise), None
    if circle not in set(Circle):
        raise Invalid(
            "Validation failed: Circle is not included in the list. Please send class, school or partners.",
            field="circle",
        )
    if visibility not in ("", Visibility.PRIVATE):
        raise Invalid(
            "Validation failed: A post to a circle is private. Please send the visibility private.", field="visibility"
        )
    return Visibility.PRIVATE, Circle(circle)


def language_of(text: str | None) -> str | None:
    """A language code (BCP 47, in short); anything else is none."""
    return text if text and _LANGUAGE.fullmatch(text) and len(text) <= 16 else None


def focus_of(text: str | None) -> tuple[float, float] | None:
    """The focal point `x,y`, each from -1 to 1; anything else is none."""
    if not text:
        return None
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        return None
    return (x, y) if -1 <= x <= 1 and -1 <= y <= 1 else None


def time_of(text: str | None) -> datetime | None:
    """The moment at which something is to be published; None if none is given. Raises Invalid for what is no moment."""
    if not text or not text.strip():
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
        # Without an offset it is UTC, as Mastodon has it.
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid("Record invalid", field="scheduled_at") from None


def policy_of(given: Params) -> QuotePolicy | None:
    """Who may quote a post; None if nothing is said. Raises Invalid."""
    text = given.text("quote_approval_policy")
    if not text:
        return None
    try:
        return QuotePolicy(text)
    except ValueError:
        raise Invalid("Record invalid", field="quote_approval_policy") from None


def new_draft(given: Params, member: Member, caller: Caller) -> Draft:
    """A new post. Raises Invalid."""
    visibility, circle = readers_of(given, member.default_visibility)
    sensitive = given.boolean("sensitive")
    return Draft(
        text=given.text("status") or "",
        visibility=visibility,
        circle=circle,
        spoiler_text=given.text("spoiler_text") or "",
        sensitive=member.default_sensitive if sensitive is None else sensitive,
        language=language_of(given.text("language")) or member.default_language or member.locale,
        in_reply_to_id=_post_named(given, "in_reply_to_id"),
        quoted_id=_post_named(given, "quoted_status_id"),
        quote_policy=policy_of(given) or QuotePolicy(member.default_quote_policy),
        media_ids=tuple(dict.fromkeys(given.integers("media_ids"))),
        poll=_poll(given.table("poll")),
        app_name=caller.app_name,
        app_website=caller.app_website,
    )


def changed_draft(given: Params, before: Draft) -> Draft:
    """A post as it is to be; what is not given stays, but for the poll, which apps leave out to take it away. `before` is
    what it is.

    Who may read a post stays as it was. Apps send the visibility again with every edit; only a circle that is another one
    is refused, since it would be believed. Raises Invalid.
    """
    asks = "circle" in given or "alumnode" in given or given.text("visibility") in set(Circle)
    if asks and readers_of(given, before.visibility)[1] is not before.circle:
        raise Invalid(
            "Validation failed: Who may read a post cannot be changed. Please delete it and write it anew.",
            field="circle",
        )
    sensitive = given.boolean("sensitive")
    text, spoiler_text = given.text("status"), given.text("spoiler_text")
    return Draft(
        text=before.text if text is None else text,
        visibility=before.visibility,
        circle=before.circle,
        spoiler_text=before.spoiler_text if spoiler_text is None else spoiler_text,
        sensitive=before.sensitive if sensitive is None else sensitive,
        language=language_of(given.text("language")) or before.language,
        media_ids=tuple(dict.fromkeys(given.integers("media_ids"))) if "media_ids" in given else before.media_ids,
        poll=_poll(given.table("poll")),
        quote_policy=policy_of(given),
    )


def _poll(given: Params) -> PollDraft | None:
    """A poll, if one is there. Empty answers are left out, as apps send their unused lines."""
    options = tuple(text for option in given.texts("options") if (text := clean_line(option, MOST_READ)))
    if not options:
        return None
    return PollDraft(
        options=options,
        open_for=timedelta(seconds=min(max(given.integer("expires_in") or 0, 0), YEARS)),
        multiple=given.flag("multiple"),
        hide_totals=given.flag("hide_totals"),
    )


def _post_named(given: Params, name: str) -> int | None:
    """The post that is answered or quoted. What is no number becomes one that nobody has, which is not found."""
    text = given.text(name)
    if not text:
        return None
    found = given.number(name)
    return -1 if found is None else found
