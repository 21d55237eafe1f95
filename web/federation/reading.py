# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who reads: a member by their program's token, another server by its signature, or nobody whom we know.

A member whose account is not for every server is not there for those whom it is not for (`node.relationships.reach`).

Where the setting `federation.require_signed_reads` is on, nobody whom we know reads no more than is needed to check our
signatures and to find us: the node's actor, the stub of every other one, WebFinger and NodeInfo.
"""

from typing import Final

from aiohttp import web

from activitypub.parse import JsonObject
from activitypub.signatures.check import ACCEPT_SIGNATURE_GET
from node.actors import Actor, Reach
from node.relationships import reach
from web import SERVICES, auth
from web.auth import Handler
from web.errors import json_response
from web.federation.negotiation import PRIVATE, signed_request, wants_activity

_SIGNER: Final = web.RequestKey("signer", Actor)
_LOOKED: Final = web.RequestKey("signer_looked_up", bool)
_STUB: Final = frozenset(
    {
        "@context",
        "id",
        "type",
        "preferredUsername",
        "webfinger",
        "inbox",
        "endpoints",
        "publicKey",
        "assertionMethod",
    }
)


async def signer(request: web.Request) -> Actor | None:
    """The actor of another server who signed this request; None without a signature that proves anything.

    Raises NotAllowed for a server that is blocked here.
    """
    if not request.get(_LOOKED):
        request[_LOOKED] = True
        found = await request.app[SERVICES].inbox.authenticate(signed_request(request))
        if found is not None:
            request[_SIGNER] = found
    return request.get(_SIGNER)


async def reader(request: web.Request) -> Actor | None:
    """Through whose eyes something is read: the member whose token it is, or the actor who signed."""
    if auth.caller(request) is not None:
        return auth.me(request)
    return await signer(request)


async def check_welcome(request: web.Request) -> None:
    """Raises NotAllowed if the request is signed, rightly or wrongly, in the name of a server that is blocked here."""
    await request.app[SERVICES].inbox.welcome(signed_request(request))


async def admits(request: web.Request, subject: Actor) -> bool:
    """Whether there is this actor of ours for whoever reads. Who that is, is asked only where it matters."""
    if subject.reach is Reach.OPEN:
        return True
    return await request.app[SERVICES].db.read(reach.admits, subject, await reader(request))


async def must_be_known(request: web.Request) -> bool:
    """Whether this reader is refused all but what is open to everybody: signatures are required, and there is none."""
    if not request.app[SERVICES].settings.federation.require_signed_reads:
        return False
    return await reader(request) is None


def stub(document: JsonObject) -> JsonObject:
    """What of an actor everybody may see: who they are, where to write to them, and their keys."""
    return {name: value for name, value in document.items() if name in _STUB}


def for_readers(handler: Handler, *, browsers_too: bool = False) -> Handler:
    """Refuse blocked servers, and where signatures are required whoever did not sign. Browsers are led on to the page,
    where the handler does so."""

    async def handle(request: web.Request) -> web.StreamResponse:
        await check_welcome(request)
        required = request.app[SERVICES].settings.federation.require_signed_reads
        if required and not (browsers_too and not wants_activity(request)) and await must_be_known(request):
            return json_response(
                {"error": "This node asks for signed requests."},
                status=401,
                headers={"Accept-Signature": ACCEPT_SIGNATURE_GET, "Cache-Control": PRIVATE},
            )
        answer = await handler(request)
        if required:
            answer.headers["Cache-Control"] = PRIVATE
        return answer

    return handle
