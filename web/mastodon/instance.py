# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the node says of itself. Source: Mastodon's documentation, methods/instance."""

import hashlib
import time
from dataclasses import replace
from datetime import timedelta
from typing import Final

import orjson
from aiohttp import web
from sqlalchemy import Connection

from node import actors, federation, instance, posts
from node.actors import Actor
from node.instance import TextKind
from node.kernel import clock, html, i18n
from node.kernel.errors import NotFound
from node.members import figures as member_figures
from node.posts import figures as post_figures
from web import SERVICES
from web.mastodon import entities
from web.mastodon.answers import SHARED, db, json, site
from web.mastodon.entities.instances import Figures
from web.mastodon.rendering import raw

KEPT_SECONDS: Final = 60.0
WEEKS: Final = 12


class Kept:
    """Both answers as bytes, for as long as caches may keep them too: everybody asks for them, and figures change slowly."""

    def __init__(self) -> None:
        self._until = 0.0
        self._listens = False
        self._bodies: tuple[bytes, bytes] = (b"", b"")

    async def bodies(self, request: web.Request) -> tuple[bytes, bytes]:
        """(version 2, version 1)"""
        if not self._listens:
            self._listens = True
            db(request).bus.subscribe(instance.CHANGED, self._forget)
        if time.monotonic() >= self._until:
            association, figures = await db(request).read(_about)
            figures = replace(figures, films=request.app[SERVICES].uploads.takes_films)
            of = (site(request), request.app[SERVICES].settings, association, figures)
            key = await request.app[SERVICES].push.public_key()
            self._bodies = (
                orjson.dumps(entities.instance_v2(*of, vapid_key=key)),
                orjson.dumps(entities.instance_v1(*of)),
            )
            self._until = time.monotonic() + KEPT_SECONDS
        return self._bodies

    def _forget(self, _news: object) -> None:
        self._until = 0.0


INSTANCE: Final = web.AppKey("instance", Kept)


async def show(request: web.Request) -> web.Response:
    """Version 2."""
    body, _ = await request.app[INSTANCE].bodies(request)
    return raw(body, SHARED)


async def show_old(request: web.Request) -> web.Response:
    """Version 1."""
    _, body = await request.app[INSTANCE].bodies(request)
    return raw(body, SHARED)


def _about(conn: Connection) -> tuple[Actor | None, Figures]:
    try:
        association = actors.association(conn)
    except NotFound:
        association = None
    figures = Figures(
        members=actors.local_count(conn),
        posts=posts.local_count(conn),
        domains=len(federation.hosts.peers(conn)),
        rules=tuple(instance.all_rules(conn)),
        written=instance.written(conn, clock.now().date()),
    )
    return association, figures


async def peers(request: web.Request) -> web.Response:
    """The servers we have to do with."""
    return json(list(await db(request).read(federation.hosts.peers)), headers=SHARED)


async def blocked(request: web.Request) -> web.Response:
    """The servers with which this one has nothing to do, for members: it concerns whom they can reach."""
    domains = await db(request).read(federation.hosts.all_blocked)
    return json(
        [
            {
                "domain": domain,
                "digest": hashlib.sha256(domain.encode()).hexdigest(),
                "severity": "suspend",
                "comment": None,
            }
            for domain in domains
        ]
    )


async def description(request: web.Request) -> web.Response:
    """What the association says of itself at length, or else the short description."""
    try:
        return await _text(request, TextKind.DESCRIPTION)
    except NotFound:
        association = await db(request).read(actors.association)
        text = html.escape(request.app[SERVICES].settings.description)
        return json({"updated_at": entities.moment(association.updated_at), "content": text}, headers=SHARED)


async def privacy_policy(request: web.Request) -> web.Response:
    """What is done with data; 404 where nothing is written."""
    return await _text(request, TextKind.PRIVACY)


async def _text(request: web.Request, kind: TextKind) -> web.Response:
    found = await db(request).read(instance.text_on, kind, clock.now().date())
    return json(entities.extended_text(found), headers=SHARED)


async def terms_of_service(request: web.Request) -> web.Response:
    """The terms that hold; 404 where none are written."""
    today = clock.now().date()
    found = await db(request).read(instance.text_on, TextKind.TERMS, today)
    return json(entities.terms_of_service(found, today), headers=SHARED)


async def terms_of_day(request: web.Request) -> web.Response:
    """The terms that hold, or held, from a day on."""
    found = await db(request).read(instance.text_of_day, TextKind.TERMS, request.match_info["date"])
    return json(entities.terms_of_service(found, clock.now().date()), headers=SHARED)


async def rules(request: web.Request) -> web.Response:
    """The rules, in their order."""
    return json([entities.rule(one) for one in await db(request).read(instance.all_rules)], headers=SHARED)


async def activity(request: web.Request) -> web.Response:
    """The last twelve weeks, this one first. Who logged in is not kept, so that figure is 0."""
    monday = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    monday -= timedelta(days=monday.weekday())
    weeks = [monday - timedelta(weeks=back) for back in range(WEEKS)]
    written = await db(request).read(post_figures.weekly, weeks[-1])
    joined = await db(request).read(member_figures.weekly, weeks[-1])
    return json(
        [
            {
                "week": str(int(week.timestamp())),
                "statuses": str(written.get(week, 0)),
                "logins": "0",
                "registrations": str(joined.get(week, 0)),
            }
            for week in weeks
        ],
        headers=SHARED,
    )


async def languages(_request: web.Request) -> web.Response:
    """The languages that posts can be written in: since Mastodon 4.2, though its documentation does not name it."""
    return json([{"code": code, "name": name} for code, name in i18n.languages().items()], headers=SHARED)


async def translation_languages(_request: web.Request) -> web.Response:
    """Nothing is translated."""
    return json({}, headers=SHARED)
