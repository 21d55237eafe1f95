# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which files may stand together in a post. Pure."""

from collections.abc import Sequence

from node.kernel.errors import Invalid
from node.media.types import Media, State


def check_together(items: Sequence[Media]) -> None:
    """Raises Invalid for files that are not ready, and for a film or a sound that is not alone.

    The sentences are Mastodon's: apps show them, and some know them.
    """
    if any(item.state is State.WAITING for item in items):
        raise Invalid(
            "Cannot attach files that have not finished processing. Try again in a moment!", field="media_ids"
        )
    if any(item.state is State.FAILED for item in items):
        raise Invalid("Validation failed: This file could not be processed.", field="media_ids")
    if len(items) > 1 and any(item.type in ("video", "audio") for item in items):
        raise Invalid(
            "Validation failed: Cannot attach a video to a post that already contains images", field="media_ids"
        )
