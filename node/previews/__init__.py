# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages say of themselves that posts link to: a title, a few words, a picture, who wrote it."""

from node.previews.actions import FETCH, drop_pictures, forget, written
from node.previews.queries import posts_linking_to, several, unused, with_old_pictures
from node.previews.tasks import Previewer
from node.previews.types import Preview

__all__ = [
    "FETCH",
    "Preview",
    "Previewer",
    "drop_pictures",
    "forget",
    "posts_linking_to",
    "several",
    "unused",
    "with_old_pictures",
    "written",
]
