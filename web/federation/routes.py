# SPDX-License-Identifier: AGPL-3.0-or-later
"""The addresses of federation. All are open; the outbox takes a member's token, the inboxes a signature."""

from typing import Final

from aiohttp import web

from web.federation import discovery, inbox, objects, outbox, threads
from web.routes import Auth, Endpoint, guarded

_SLUG: Final = "{slug:[a-z2-7]{26}}"

OUTBOX: Final = Endpoint("POST", f"/actors/{_SLUG}/outbox", outbox.post, Auth.USER, scope="write")

ROUTES: Final = (
    web.get("/.well-known/webfinger", discovery.webfinger_answer),
    web.get("/.well-known/host-meta", discovery.host_meta),
    web.get("/.well-known/host-meta.json", discovery.host_meta),
    web.get("/.well-known/nodeinfo", discovery.nodeinfo_links),
    web.get(r"/nodeinfo/{version:2\.[01]}", discovery.nodeinfo_document),
    web.get("/ns/alumnode.jsonld", discovery.context_document),
    web.post("/inbox", inbox.shared),
    web.get(f"/actors/{_SLUG}", objects.actor),
    web.post(f"/actors/{_SLUG}/inbox", inbox.personal),
    web.get(f"/actors/{_SLUG}/outbox", objects.outbox),
    web.post(f"/actors/{_SLUG}/outbox", guarded(OUTBOX)),
    web.get(f"/actors/{_SLUG}/followers", objects.followers),
    web.get(f"/actors/{_SLUG}/following", objects.following),
    web.get(f"/actors/{_SLUG}/featured", objects.featured),
    web.get(f"/actors/{_SLUG}/featured-tags", objects.featured_tags),
    web.get(f"/objects/{_SLUG}", objects.local_object),
    web.get(f"/objects/{_SLUG}/replies", threads.replies),
    web.get(f"/objects/{_SLUG}/likes", threads.likes),
    web.get(f"/objects/{_SLUG}/shares", threads.shares),
    web.get(r"/contexts/{number:\d{1,18}}", threads.context),
    web.get(f"/activities/{_SLUG}", objects.activity),
)
