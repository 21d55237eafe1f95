# SPDX-License-Identifier: AGPL-3.0-or-later
"""Polls: a Question with its options and counts, and the votes that are Notes with a name and no text.

Source: Activity Vocabulary (Question), Mastodon's documentation (`votersCount`, and how a vote is told from a reply).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from activitypub.accessors import as_id, as_int, as_object, as_text, as_time, iso, objects, text_of, types
from activitypub.parse import JsonObject, JsonValue

MAX_OPTIONS: Final = 20
MAX_TITLE: Final = 500
_MOST_COUNTED: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class PollOption:
    """One answer. `votes` is None where the count is not told."""

    title: str
    votes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PollDocument:
    """`ends_at` is None for a poll without an end (Misskey). `voters` counts people, where it is told."""

    options: tuple[PollOption, ...]
    multiple: bool = False
    ends_at: datetime | None = None
    closed_at: datetime | None = None
    voters: int | None = None


@dataclass(frozen=True, slots=True)
class VoteDocument:
    """One answer to the question at `poll`: the title of an option."""

    id: str
    poll: str
    title: str


def read_poll(doc: JsonObject) -> PollDocument | None:
    """The poll of a Question; None if it has no options. What comes after the twentieth option is left out.

    `closed` is a time, or true for a poll that ended at its `endTime` or, without one, when it was changed last.
    """
    multiple = bool(doc.get("anyOf"))
    found: dict[str, PollOption] = {}
    for entry in objects(doc.get("anyOf") if multiple else doc.get("oneOf"), limit=MAX_OPTIONS):
        title = " ".join((text_of(entry, "name")[0] or "").split())[:MAX_TITLE]
        if title and title not in found:
            found[title] = PollOption(title, _votes(entry))
    if not found:
        return None
    ends_at = as_time(doc.get("endTime"))
    closed_at = as_time(doc.get("closed"))
    if closed_at is None and doc.get("closed") is True:
        closed_at = ends_at or as_time(doc.get("updated")) or as_time(doc.get("published"))
    return PollDocument(
        options=tuple(found.values()),
        multiple=multiple,
        ends_at=ends_at,
        closed_at=closed_at,
        voters=_count(doc.get("votersCount")),
    )


def read_votes(value: JsonValue) -> tuple[VoteDocument, ...]:
    """The votes in the `object` of a Create; empty if anything else stands there. GoToSocial sends several in a list.

    They are as told: that they are the sender's own is for the caller to check, by their ids.
    """
    found: list[VoteDocument] = []
    for entry in objects(value, limit=MAX_OPTIONS):
        title, poll, uri = as_text(entry.get("name")), as_id(entry.get("inReplyTo")), as_id(entry.get("id"))
        if "Note" not in types(entry) or not title or poll is None or uri is None:
            return ()
        if as_text(entry.get("content")) or entry.get("contentMap"):
            return ()
        found.append(VoteDocument(uri, poll, " ".join(title.split())[:MAX_TITLE]))
    return tuple(found)


def question(note: JsonObject, poll: PollDocument) -> JsonObject:
    """A Note of ours as the Question that it asks. Counts that are not told are left out."""
    options: list[JsonValue] = []
    for option in poll.options:
        entry: JsonObject = {"type": "Note", "name": option.title}
        if option.votes is not None:
            entry["replies"] = {"type": "Collection", "totalItems": option.votes}
        options.append(entry)
    doc: JsonObject = {**note, "type": "Question", "anyOf" if poll.multiple else "oneOf": options}
    if poll.ends_at is not None:
        doc["endTime"] = iso(poll.ends_at)
    if poll.closed_at is not None:
        doc["closed"] = iso(poll.closed_at)
    if poll.voters is not None:
        doc["votersCount"] = poll.voters
    return doc


def vote(uri: str, *, author: str, poll: str, title: str, to: str) -> JsonObject:
    """One vote of ours. No `content`: that is how a vote is told from a reply."""
    return {"id": uri, "type": "Note", "attributedTo": author, "inReplyTo": poll, "name": title, "to": [to]}


def _votes(entry: JsonObject) -> int | None:
    """The count beside an option, or Misskey's own word for it."""
    replies = as_object(entry.get("replies"))
    counted = replies.get("totalItems") if replies is not None else entry.get("_misskey_votes")
    return _count(counted)


def _count(value: JsonValue) -> int | None:
    number = as_int(value)
    return None if number is None or number < 0 else min(number, _MOST_COUNTED)
