# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pictures of posts and profiles: taking them in, keeping them, giving them out."""

from node.media.actions import (
    attach,
    attach_remote,
    describe,
    detach,
    discard,
    follow_suspension,
    forget_owner,
    release,
    store_upload,
    sweep,
)
from node.media.queries import get, of_posts, owned
from node.media.sniff import FILM_TYPES, PICTURE_TYPES
from node.media.types import Media, MediaId, State

__all__ = [
    "FILM_TYPES",
    "PICTURE_TYPES",
    "Media",
    "MediaId",
    "State",
    "attach",
    "attach_remote",
    "describe",
    "detach",
    "discard",
    "follow_suspension",
    "forget_owner",
    "get",
    "of_posts",
    "owned",
    "release",
    "store_upload",
    "sweep",
]
