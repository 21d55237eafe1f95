# SPDX-License-Identifier: AGPL-3.0-or-later
"""Older and newer pages of a list, by the number of the last thing on a page."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from node.kernel.paging import Page

LENGTH: Final = 20


def asked(request: web.Request) -> Page:
    """The page that the address asks for: `before` or `after` a number."""
    return Page(limit=LENGTH, max_id=_number(request, "before"), min_id=_number(request, "after"))


def _number(request: web.Request, name: str) -> int | None:
    text = request.query.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def neighbours(path: str, numbers: Sequence[int], page: Page, **more: str) -> tuple[str, str]:
    """(newer, older): the addresses of the pages beside this one; empty where there is none."""
    if not numbers:
        return "", ""
    newer = f"{path}?{urlencode({**more, 'after': numbers[0]})}" if page.max_id or page.min_id else ""
    older = f"{path}?{urlencode({**more, 'before': numbers[-1]})}" if len(numbers) >= page.limit else ""
    return newer, older
