# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a post may be. Pure."""

from datetime import timedelta
from typing import Final

from activitypub.addressing import Visibility
from node.kernel.errors import Invalid
from node.kernel.text import length
from node.posts.types import Draft, PollDraft, Post
from node.relationships import Circle

MAX_CHARACTERS: Final = 5000
MAX_MEDIA: Final = 4
MAX_POLL_OPTIONS: Final = 4
MAX_POLL_OPTION: Final = 50
MIN_POLL: Final = timedelta(minutes=5)
MAX_POLL: Final = timedelta(seconds=2_629_746)
_WIDTH: Final = {circle: width for width, circle in enumerate(Circle)}


def check_draft(draft: Draft) -> None:
    """Raises Invalid for a post without text and pictures, or with too much of either."""
    if not draft.text.strip() and not draft.media_ids:
        raise Invalid("Validation failed: Text can't be blank", field="status")
    if length(draft.text) + length(draft.spoiler_text) > MAX_CHARACTERS:
        raise Invalid(f"Validation failed: Text character limit of {MAX_CHARACTERS} exceeded", field="status")
    if len(draft.media_ids) > MAX_MEDIA:
        raise Invalid(f"Cannot attach more than {MAX_MEDIA} files.", field="media_ids")
    if len(draft.spoiler_text) > 1000:
        raise Invalid("The content warning is too long.", field="spoiler_text")
    if draft.poll is not None:
        if draft.media_ids:
            raise Invalid("Validation failed: A post has pictures or a poll, not both", field="poll")
        check_poll(draft.poll)


def check_circle(draft: Draft, parent: Post | None, class_year: int | None) -> tuple[Circle | None, int | None]:
    """The circle that a post goes to, and of the circle `class` which; `class_year` is the author's.

    An answer in a circle stays in it, unless it is for certain people or for a narrower circle. Raises Invalid.
    """
    if draft.circle is not None and draft.visibility is not Visibility.PRIVATE:
        raise Invalid("A post to a circle has the visibility “private”.", field="visibility")
    circle = draft.circle
    if parent is not None and parent.circle is not None and draft.visibility is not Visibility.DIRECT:
        if circle in (None, parent.circle):
            return parent.circle, parent.circle_year
        if _WIDTH[circle] > _WIDTH[parent.circle]:
            raise Invalid("An answer cannot go to more people than what it answers.", field="visibility")
    return circle, year_of(circle, class_year)


def year_of(circle: Circle | None, class_year: int | None) -> int | None:
    """Which class the circle `class` of an author with this class year is; None for any other readers. Raises Invalid."""
    if circle is not Circle.CLASS:
        return None
    if class_year is None:
        raise Invalid(
            "Your profile does not say your class year. Please fill it in first, or choose other readers.",
            field="visibility",
        )
    return class_year


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
