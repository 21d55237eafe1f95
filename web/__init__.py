# SPDX-License-Identifier: AGPL-3.0-or-later
"""The faces of the node: client API, OAuth, streaming, federation endpoints, pages. No SQL here, and no rules."""

from typing import TYPE_CHECKING

from aiohttp.web import AppKey

if TYPE_CHECKING:
    from node.wiring.services import Services

SERVICES: "AppKey[Services]" = AppKey("services")
"""What every handler works with: `request.app[SERVICES].db` and its neighbours."""
