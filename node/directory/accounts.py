# SPDX-License-Identifier: AGPL-3.0-or-later
"""Finding accounts from an app: members of this node as the directory finds them, then all others whom the node knows."""

from collections.abc import Sequence

from sqlalchemy import Connection

from node import actors, relationships
from node.actors import Actor
from node.directory.queries import by_name
from node.kernel.db import long_read
from node.relationships import directory


@long_read
def accounts(
    conn: Connection, words: str, viewer_id: int | None, *, limit: int = 20, offset: int = 0, following: bool = False
) -> Sequence[Actor]:
    """Those whose name or handle it is, for completing a mention and for finding somebody.

    A member is found by whoever they are listed to, however the name is written; by the whole handle by everybody, since
    whoever knows it needs no search. Strangers find the members who want to be found (`discoverable`).
    """
    # Whoever is named by the whole handle stands at the top, then the directory's, then those of other networks.
    others = directory.search(
        conn, words, viewer_id, limit=limit + offset, following=following, members=viewer_id is None
    )
    viewer = actors.find(conn, viewer_id) if viewer_id is not None else None
    here: list[int] = []
    if viewer is not None and "@" not in words.strip().removeprefix("@"):
        here = by_name(conn, viewer, words)
        if following:
            ties = relationships.between(conn, viewer.id, here)
            here = [number for number in here if ties[number].following]
    named = [actor for actor in others if actor.is_local]
    known = {actor.id for actor in named}
    wanted = [number for number in here if number not in known][: limit + offset]
    found = actors.by_ids(conn, wanted)
    members = [found[number] for number in wanted if number in found and found[number].is_active]
    everybody = [*named, *members, *(actor for actor in others if not actor.is_local)]
    return everybody[offset : offset + limit]
