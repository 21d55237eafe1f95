# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the commands do about events and partner schools."""

import asyncio

from node import actors, events, posts, relationships
from node.actors import Actor
from node.cli.context import Failed
from node.events import EventDraft
from node.kernel.config import Settings
from node.kernel.db import Database, Tx
from node.kernel.errors import NotFound
from node.posts import Post
from node.relationships import Partnership


def create_event(settings: Settings, db: Database, draft: EventDraft, *, by: str) -> Post:
    """Publish an event of a local actor. Raises Refused."""

    def publish(tx: Tx) -> Post:
        organiser = actors.by_handle(tx.conn, by.removeprefix("@"))
        if organiser is None or not organiser.is_active:
            raise NotFound(f"There is no member called {by}.")
        post = posts.find(tx.conn, events.publish(tx, organiser, draft, locale=settings.locale))
        assert post is not None
        return post

    return db.write_now(publish)


def add_partner(settings: Settings, association: str) -> Partnership:
    """Look another association up and offer it a partnership, or accept theirs.

    `association` is its handle, the address of its actor or page, or the domain of its node.
    Raises Failed if it cannot be found, Invalid if it is no association.
    """
    return asyncio.run(_add_partner(settings, association.strip()))


async def _add_partner(settings: Settings, association: str) -> Partnership:
    from node.wiring.services import Services

    services = Services(settings)
    try:
        found: Actor | int | None
        if association.startswith(("https://", "http://")):
            found = await services.resolver.anything(association)
        else:
            handle = association if "@" in association else f"association@{association}"
            found = await services.resolver.actor_by_handle(handle)
        if not isinstance(found, Actor):
            raise Failed(f"{association} cannot be found; see that the other node runs, and how its handle is written.")
        await services.db.write(relationships.want_partner, found)
        known = await services.db.read(relationships.partners)
        return next(one for one in known if one.association.id == found.id)
    finally:
        await services.close(grace=0)
