# SPDX-License-Identifier: AGPL-3.0-or-later
"""The administrator's page of what waits in the queue and of the servers that we have to do with."""

from collections.abc import Callable
from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from node.federation import hosts
from node.federation.hosts import HostState
from node.kernel import queue
from node.kernel.db import Tx, long_read
from node.kernel.errors import NotAllowed
from node.kernel.i18n import marked
from node.kernel.queue import Chosen
from web import SERVICES, auth, csrf
from web.auth import Handler
from web.pages.frames import done, respond
from web.pages.views import LaneView, ServerView, TaskView, UpkeepView

PAGE: Final = 100
STATES: Final = {
    "well": marked("answers"),
    "failing": marked("fails at times"),
    "held": marked("down: asked now and then"),
    "gone": marked("says that it is no more"),
    "blocked": marked("blocked"),
}


async def _check_admin(request: web.Request) -> None:
    """Raises LoginNeeded, or NotAllowed for whoever is no administrator."""
    member = await auth.visiting_member(request)
    if not member.is_admin:
        raise NotAllowed


async def show(request: web.Request) -> web.Response:
    """The page."""
    await _check_admin(request)
    view = await request.app[SERVICES].db.read(_view, request.query.get("after", ""))
    return await respond(request, view)


@long_read
def _view(conn: Connection, after: str) -> UpkeepView:
    refused = set(hosts.all_blocked(conn))
    found = hosts.listing(conn, after=after, limit=PAGE)
    servers = [_server(host, not refused.isdisjoint(hosts.domains_of(host.domain))) for host in found]
    named = {server.domain for server in servers}
    if not after:
        unheard = sorted(refused - named)
        servers[:0] = [ServerView(domain=domain, state=STATES["blocked"], blocked=True) for domain in unheard]
    return UpkeepView(
        lanes=tuple(
            LaneView(
                host=lane.lane,
                waiting=lane.waiting,
                held=lane.held,
                parked=lane.parked,
                oldest=lane.oldest,
                error=lane.error or "",
            )
            for lane in queue.lanes(conn, queue.DELIVERY)
        ),
        tasks=tuple(
            TaskView(name=name, waiting=waiting, parked=parked) for name, waiting, parked in queue.counts(conn)
        ),
        servers=tuple(servers),
        older=f"/staff/queue?after={found[-1].domain}" if len(found) == PAGE else "",
    )


def _server(host: HostState, blocked: bool) -> ServerView:
    state = "well"
    if blocked:
        state = "blocked"
    elif host.gone_at is not None:
        state = "gone"
    elif host.held_since is not None:
        state = "held"
    elif host.failures:
        state = "failing"
    return ServerView(
        domain=host.domain.partition(":")[0],
        name=host.domain,
        state=STATES[state],
        blocked=blocked,
        last_success=host.last_success_at,
        error=host.last_error or "",
    )


def of_host(act: Callable[[Tx, Chosen], int]) -> Handler:
    """Do something with all that waits for a host, or was given up."""

    async def handle(request: web.Request) -> web.StreamResponse:
        await csrf.check(request)
        await _check_admin(request)
        chosen = Chosen(queue=queue.DELIVERY, lane=request.match_info["host"])
        await request.app[SERVICES].db.write(act, chosen)
        return done("/staff/queue", "saved")

    return handle


def of_task(act: Callable[[Tx, Chosen], int]) -> Handler:
    """Do something with what was given up of one kind of task."""

    async def handle(request: web.Request) -> web.StreamResponse:
        await csrf.check(request)
        await _check_admin(request)
        await request.app[SERVICES].db.write(act, Chosen(name=request.match_info["task"], parked=True))
        return done("/staff/queue", "saved")

    return handle
