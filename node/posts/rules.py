# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a post may be. Pure."""

from datetime import timedelta
from typing import Final

from node.kernel.errors import Invalid
from node.kernel.text import length
from node.posts.types import Draft, PollDraft

MAX_CHARACTERS: Final = 5000
MAX_MEDIA: Final = 4
MAX_POLL_OPTIONS: Final = 4
MAX_POLL_OPTION: Final = 50
MIN_POLL: Final = timedelta(minutes=5)
MAX_POLL: Final = timedelta(seconds=2_629_746)


def check_draft(draft: Draft) -> None:
    """Raises Invalid for a post without text and pictures, or with too much of either."""
    if not draft.text.strip() and not draft.media_ids:
        raise Invalid("Validation failed: Text can't be blank", field="status")
    if length(draft.text) + length(draft.spoiler_text) > MAX_CHARACTERS:
        raise Invalid(f"Validation failed: Text character limit of {MAX_CHARACTERS} exceeded", field="status")
    if len(draft.media_ids) > MAX_MEDIA:
        raise Invalid(f"Validation failed: Cannot attach more than {MAX_MEDIA} files.", field="media_ids")
    if len(draft.spoiler_text) > 1000:
        raise Invalid("The content warning is too long.", field="spoiler_text")
    if draft.poll is not None:
        if draft.media_ids:
            raise Invalid("Validation failed: A post has pictures or a poll, not both", field="poll")
        check_poll(draft.poll)


def check_poll(poll: PollDraft) -> None:
    """Raises Invalid for a poll with too few, too many, too long or equal answers, or one that is open too long."""
    if len(poll.options) < 2:
        raise Invalid("Validation failed: Options must have more than one item", field="poll")
    if len(poll.options) > MAX_POLL_OPTIONS:
        raise Invalid(f"Validation failed: Options can't contain more than {MAX_POLL_OPTIONS} items", field="poll")
    if any(length(option) > MAX_POLL_OPTION for option in poll.options):
        raise Invalid(
            f"Validation failed: Options can't be longer than {MAX_POLL_OPTION} characters each", field="poll"
        )
    if len({option.casefold() for option in poll.options}) != len(poll.options):
        raise Invalid("Validation failed: Options contain duplicate items", field="poll")
    if poll.open_for < MIN_POLL:
        raise Invalid("Validation failed: Expires at is too soon", field="poll")
    if poll.open_for > MAX_POLL:
        raise Invalid("Validation failed: Expires at is too far into the future", field="poll")
