# SPDX-License-Identifier: AGPL-3.0-or-later
"""A picture, or another file, of a post."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from node.actors import ActorId

MediaId = NewType("MediaId", int)


class State(StrEnum):
    """How far a file is. Only one that is ready can be in a post."""

    READY = "ready"
    WAITING = "waiting"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A row of `media`. A local file has `file` and `preview` (names in the store), a remote one `remote_url`."""

    id: MediaId
    owner_id: ActorId
    post_id: int | None
    position: int
    type: str
    mime: str
    file: str | None
    preview: str | None
    remote_url: str | None
    description: str
    blurhash: str | None
    width: int | None
    height: int | None
    preview_width: int | None
    preview_height: int | None
    focus_x: float | None
    focus_y: float | None
    size: int
    state: State
    raw: str | None
    details: Mapping[str, object] | None
    created_at: datetime
