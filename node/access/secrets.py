# SPDX-License-Identifier: AGPL-3.0-or-later
"""How secrets of 256 random bits are kept: as their SHA-256, which needs no salt."""

import hashlib


def digest(secret: str) -> str:
    """What is stored in place of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
