# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a post may be. Pure."""

from typing import Final

from node.kernel.errors import Invalid
from node.kernel.text import length
from node.posts.types import Draft

MAX_CHARACTERS: Final = 5000
MAX_MEDIA: Final = 4


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
