# SPDX-License-Identifier: AGPL-3.0-or-later
"""The letters that wait to be sent, opened."""

import base64
from dataclasses import replace
from typing import Any

import orjson

from node import mail
from node.kernel import queue
from node.kernel.config import Mail, Registrations
from node.kernel.db import Database
from node.wiring.services import Services


def with_mail(services: Services, mode: str = "closed", **changed: Any) -> None:
    """Let a node of a test send letters, and take newcomers as `mode` says."""
    services.settings = replace(
        services.settings,
        mail=Mail(host="mail.example"),
        registrations=Registrations(mode=mode, **changed),
    )
    services.db.site = replace(services.db.site, has_mail=True)


def waiting(services: Services) -> list[tuple[str, dict[str, Any]]]:
    """(address, letter), oldest first."""
    return in_queue(services.db)


def in_queue(db: Database) -> list[tuple[str, dict[str, Any]]]:
    """The same of a database alone."""
    rows = db.read_now(queue.listing, queue.Chosen(name=mail.SEND))
    found = [orjson.loads(db.site.unseal(base64.b64decode(str(row.payload["sealed"])))) for row in rows]
    return [(one["to"], one["letter"]) for one in found]


def path_of(services: Services, letter: dict[str, Any]) -> str:
    """Where the link of a letter leads on this node."""
    base = services.settings.base_url
    assert letter["link"].startswith(f"{base}/")
    return str(letter["link"].removeprefix(base))
