# SPDX-License-Identifier: AGPL-3.0-or-later
"""The addresses of federation. Other servers' are open, inboxes take a signature; members' programs bring a token."""

from typing import Final

from aiohttp import web

from web.federation import circles, discovery, emojis, inbox, mailbox, objects, outbox, synchronisation, threads
from web.federation.reading import for_readers
from web.limits import Limit
from web.routes import Endpoint, guarded, guarded_with_token

_SLUG: Final = "{slug:[a-z2-7]{26}}"

# The scope that the outbox asks for is that of the activity.
BY_MEMBERS: Final = (
    Endpoint("POST", f"/actors/{_SLUG}/outbox", outbox.post),
    Endpoint("GET", f"/actors/{_SLUG}/inbox", mailbox.inbox, scope="read"),
    Endpoint("GET", f"/actors/{_SLUG}/events", mailbox.events, scope="read", is_stream=True),
    Endpoint("POST", f"/actors/{_SLUG}/proxy", mailbox.proxy, scope="read", limit=Limit.PROXY),
)
# Open; a member's token shows what is theirs besides.
WITH_TOKEN: Final = (
    Endpoint("GET", f"/actors/{_SLUG}", objects.actor, scope="read:accounts"),
    Endpoint("GET", f"/actors/{_SLUG}/followers", for_readers(objects.followers), scope="read:accounts"),
    Endpoint("GET", f"/actors/{_SLUG}/following", for_readers(objects.following), scope="read:accounts"),
    Endpoint("GET", f"/actors/{_SLUG}/featured", for_readers(objects.featured), scope="read:accounts"),
    Endpoint("GET", f"/actors/{_SLUG}/featured-tags", for_readers(objects.featured_tags), scope="read:accounts"),
    Endpoint("GET", f"/actors/{_SLUG}/outbox", for_readers(objects.outbox), scope="read:statuses"),
    Endpoint("GET", f"/objects/{_SLUG}", for_readers(objects.local_object, browsers_too=True), scope="read:statuses"),
    Endpoint("GET", f"/activities/{_SLUG}", for_readers(objects.activity), scope="read:statuses"),
    Endpoint("GET", r"/circles/{name:school|partners|class/\d{4}}", for_readers(circles.circle), scope="read:statuses"),
)

ROUTES: Final = (
    web.get("/.well-known/webfinger", discovery.webfinger_answer),
    web.get("/.well-known/host-meta", discovery.host_meta),
    web.get("/.well-known/host-meta.json", discovery.host_meta),
    web.get("/.well-known/nodeinfo", discovery.nodeinfo_links),
    web.get(r"/nodeinfo/{version:2\.[01]}", discovery.nodeinfo_document),
    web.get("/ns/alumnode.jsonld", discovery.context_document),
    web.post("/inbox", inbox.shared),
    web.post(f"/actors/{_SLUG}/inbox", inbox.personal),
    *(web.route(one.method, one.path, guarded(one)) for one in BY_MEMBERS),
    *(web.get(one.path, guarded_with_token(one)) for one in WITH_TOKEN),
    web.get(f"/actors/{_SLUG}/followers_synchronization", synchronisation.followers),
    web.get(f"/objects/{_SLUG}/replies", for_readers(threads.replies)),
    web.get(f"/objects/{_SLUG}/likes", for_readers(threads.likes)),
    web.get(f"/objects/{_SLUG}/shares", for_readers(threads.shares)),
    web.get(r"/emojis/{number:\d{1,18}}", for_readers(emojis.show, browsers_too=True)),
    web.get(r"/contexts/{number:\d{1,18}}", for_readers(threads.context)),
)
