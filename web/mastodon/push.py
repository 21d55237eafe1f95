# SPDX-License-Identifier: AGPL-3.0-or-later
"""Having an app told of notifications while it is closed. Source: Mastodon's documentation, methods/push.

Without `standard` a device is spoken to in the draft before RFC 8291, since older apps and relays know only that.
"""

from typing import Final

from aiohttp import web

from node import push
from node.federation.addresses import AddressRefused, target
from node.kernel.errors import Invalid
from node.push import ALERTS, Audience, Subscription, check_keys
from web import SERVICES, auth, params
from web.errors import NotSignedIn
from web.mastodon import entities
from web.mastodon.answers import db, json
from web.params import Params

MAX_ENDPOINT: Final = 2048


async def subscribe(request: web.Request) -> web.Response:
    """Tell this app from now on, in place of what it asked for before."""
    given = await params.read(request)
    wanted = given.table("subscription")
    keys = wanted.table("keys")
    found = await db(request).write(
        push.subscribe,
        token_id=_token_id(request),
        member_id=auth.me(request).id,
        token=auth.bearer_token(request) or "",
        endpoint=_endpoint(request, wanted.text("endpoint") or ""),
        keys=check_keys(keys.text("p256dh") or "", keys.text("auth") or ""),
        standard=wanted.flag("standard"),
        alerts=_alerts(given) or set(),
        policy=_policy(given) or Audience.ALL,
    )
    return await _answer(request, found)


async def show(request: web.Request) -> web.Response:
    """Of what this app is told."""
    return await _answer(request, await db(request).read(push.of_token, _token_id(request)))


async def change(request: web.Request) -> web.Response:
    """Tell it of other things."""
    given = await params.read(request)
    found = await db(request).write(push.change, _token_id(request), alerts=_alerts(given), policy=_policy(given))
    return await _answer(request, found)


async def remove(request: web.Request) -> web.Response:
    """Tell it no more."""
    await db(request).write(push.remove, _token_id(request))
    return json({})


async def _answer(request: web.Request, found: Subscription) -> web.Response:
    return json(entities.push_subscription(found, await request.app[SERVICES].push.public_key()))


def _token_id(request: web.Request) -> int:
    caller = auth.caller(request)
    if caller is None:
        raise NotSignedIn
    return caller.token_id


def _endpoint(request: web.Request, address: str) -> str:
    """The address as it will be asked for. Raises Invalid for one that is not on the open internet, as far as it tells
    by itself; what its name leads to is looked at with every message."""
    try:
        found = target(address, request.app[SERVICES].client.policy)
    except AddressRefused:
        raise Invalid("Validation failed: Endpoint is not a public https address", field="endpoint") from None
    if len(found.url) > MAX_ENDPOINT:
        raise Invalid("Validation failed: Endpoint is too long", field="endpoint")
    return found.url


def _alerts(given: Params) -> set[str] | None:
    """The kinds that are wanted; None if nothing is said of them."""
    data = given.table("data")
    if "alerts" not in data:
        return None
    chosen = data.table("alerts")
    return {kind for kind in ALERTS if chosen.flag(kind)}


def _policy(given: Params) -> Audience | None:
    said = given.table("data").text("policy") or given.text("policy")
    if not said:
        return None
    if said not in set(Audience):
        raise Invalid(f"'{said}' is not a valid policy", field="policy")
    return Audience(said)
