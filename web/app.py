# SPDX-License-Identifier: AGPL-3.0-or-later
"""The web application: which routes there are, and what holds for every request.

One middleware: is the request for this host, and what is said when something is refused. Headers that every answer
carries (CORS, rate limits, protection of pages) are put on just before it leaves, so that streams carry them too.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import TYPE_CHECKING, Final

from aiohttp import http_exceptions, web

from activitypub.errors import ProtocolError
from node import access
from node.kernel import db as database
from node.kernel.errors import Refused
from web import SERVICES, auth, errors, media, routes
from web.auth import CALLERS, Callers, LoginNeeded
from web.federation.negotiation import KEPT, Kept
from web.keeping import ANSWERS, Answers
from web.limits import ALLOWANCE, COUNTERS, Counters
from web.mastodon import instance
from web.mastodon import routes as mastodon_routes
from web.mastodon.instance import INSTANCE
from web.mastodon.rendering import STATUSES, Statuses
from web.oauth import routes as oauth_routes
from web.streaming import HUB, Hub
from web.streaming import routes as streaming_routes

if TYPE_CHECKING:
    from node.wiring.services import Services

__all__ = ["SERVICES", "make_app"]

MAX_BODY: Final = 1024 * 1024
"""Bytes of a request's body, but for pictures, which `web.params` counts."""

CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
_PAGE_HEADERS: Final = {
    "Content-Security-Policy": CSP,
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "private, no-store",
    "Vary": "Accept, Cookie, Authorization, Signature",
}
# Whom other sites' scripts may ask. Never with credentials: a cookie opens none of these.
_OPEN: Final = (
    "/api/",
    "/oauth/token",
    "/oauth/revoke",
    "/oauth/userinfo",
    "/.well-known/",
    "/nodeinfo",
    "/media/",
    "/proxy/",
    "/actors/",
    "/objects/",
)
_EXPOSED: Final = (
    "Link, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-Id, Mastodon-Async-Refresh"
)
_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE, OPTIONS",
    "Access-Control-Max-Age": "86400",
}
_ALLOWED_HEADERS: Final = "Authorization, Content-Type, Idempotency-Key"
# Asked by whoever watches over the process, under any name.
_WATCHED: Final = frozenset({"/healthz", "/readyz", "/health"})


def make_app(services: "Services", *, background: bool = True) -> web.Application:
    """The application over the parts of a node. With `background` it also works off the queue while it runs."""
    app = web.Application(middlewares=[_guard], client_max_size=MAX_BODY)
    app[SERVICES] = services
    app[COUNTERS] = Counters(services.settings.proxies)
    app[STATUSES] = Statuses(services.db.site, services.db.bus, locale=services.settings.locale)
    app[KEPT] = Kept()
    app[ANSWERS] = Answers(services.db)
    app[INSTANCE] = instance.Kept()
    app.on_response_prepare.append(_on_prepare)
    app.cleanup_ctx.append(_callers)
    app.cleanup_ctx.append(_hub)
    if background:
        app.cleanup_ctx.append(_worker)
    app.add_routes(_HEALTH)
    app.add_routes(media.ROUTES)
    routes.add(app, mastodon_routes.ENDPOINTS)
    routes.add(app, oauth_routes.ENDPOINTS)
    app.add_routes(oauth_routes.PAGES)
    routes.add(app, streaming_routes.ENDPOINTS)
    for further in _further_routes():
        app.add_routes(further)
    return app


def _further_routes() -> Iterable[Iterable[web.AbstractRouteDef]]:
    # Imported late: both import what stands above.
    from web.federation.routes import ROUTES as FEDERATION
    from web.pages.routes import ROUTES as PAGES

    return FEDERATION, PAGES


async def _callers(app: web.Application) -> AsyncIterator[None]:
    app[CALLERS] = Callers(app[SERVICES].db)
    # What another process revoked is told here within a second or so, and ends open streams.
    watch = asyncio.create_task(access.Revocations(app[SERVICES].db).run())
    yield
    watch.cancel()
    await asyncio.gather(watch, return_exceptions=True)
    app[CALLERS].close()


async def _hub(app: web.Application) -> AsyncIterator[None]:
    hub = app[HUB] = Hub(app[SERVICES].db, app[STATUSES], app[CALLERS])
    hub.start()
    # Streams last for hours: they must end before the server waits for its requests to end.
    app.on_shutdown.append(lambda _app: hub.close())
    yield
    await hub.close()


async def _worker(app: web.Application) -> AsyncIterator[None]:
    await app[SERVICES].start()
    yield
    await app[SERVICES].close()


@web.middleware
async def _guard(request: web.Request, handler: auth.Handler) -> web.StreamResponse:
    """What holds for every request, and how every refusal is answered."""
    try:
        if request.path not in _WATCHED and not _is_for_us(request):
            return errors.answer(request, 421, "This is another server.")
        if request.method == "OPTIONS" and request.path.startswith(_OPEN):
            return _preflight(request)
        return await handler(request)
    except LoginNeeded as refused:
        return web.Response(status=302, headers={"Location": refused.location})
    except (Refused, ProtocolError) as refused:
        return errors.refusal(request, refused)
    except web.HTTPException as error:
        if error.status < 400:  # a way to another page
            raise
        return errors.http_error(request, error)
    except (web.RequestPayloadError, http_exceptions.BadHttpMessage):
        return errors.answer(request, 400, "The request cannot be read.")
    except Exception as error:  # noqa: BLE001  # the edge: logged there, and the asker gets an answer
        if database.is_unavailable(error):
            return errors.unavailable(request)
        return errors.failure(request, error)


def _is_for_us(request: web.Request) -> bool:
    """Whether the Host is ours. What came for another name must not be answered as ours (a rebound or stale name)."""
    authorities = request.app[SERVICES].settings.authorities
    host = request.headers.get("Host", "").lower()
    if host in authorities:
        return True
    name, _, port = host.rpartition(":")
    return port in ("80", "443") and name in authorities


def _preflight(request: web.Request) -> web.Response:
    asked = request.headers.get("Access-Control-Request-Headers")
    headers = {**_PREFLIGHT, "Access-Control-Allow-Headers": asked or _ALLOWED_HEADERS}
    return web.Response(status=204, headers=headers)


async def _on_prepare(request: web.Request, response: web.StreamResponse) -> None:
    headers = response.headers
    path = request.path
    if path.startswith(_OPEN):
        headers["Access-Control-Allow-Origin"] = "*"
        headers["Access-Control-Expose-Headers"] = _EXPOSED
    allowance = request.get(ALLOWANCE)
    if allowance is not None:
        headers["X-RateLimit-Limit"] = str(allowance.limit)
        headers["X-RateLimit-Remaining"] = str(allowance.remaining)
        headers["X-RateLimit-Reset"] = allowance.reset
        headers.setdefault("Cache-Control", "private, no-store")
    headers.setdefault("X-Content-Type-Options", "nosniff")
    if response.content_type == "text/html":
        framed = "frame-ancestors *" in headers.get("Content-Security-Policy", "")
        for name, value in _PAGE_HEADERS.items():
            if not (framed and name == "X-Frame-Options"):
                headers.setdefault(name, value)
    if request.app[SERVICES].settings.base_url.startswith("https"):
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")


async def _alive(_request: web.Request) -> web.Response:
    """The process answers."""
    return web.Response(text="OK")


async def _ready(request: web.Request) -> web.Response:
    """The database answers too."""
    await request.app[SERVICES].db.read(database.ping)
    return web.Response(text="OK")


_HEALTH: Final = (web.get("/healthz", _alive), web.get("/health", _alive), web.get("/readyz", _ready))
