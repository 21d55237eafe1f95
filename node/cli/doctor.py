# SPDX-License-Identifier: AGPL-3.0-or-later
"""`alumnode doctor`."""

from node.kernel.config import Settings


def examine(settings: Settings) -> bool:
    return True
