# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a device may ask for, and what it is told of. Pure."""

import base64
import binascii
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from node.kernel.errors import Invalid
from node.notifications import Kind

ALERTS: Final = (
    Kind.MENTION,
    Kind.STATUS,
    Kind.BOOST,
    Kind.FOLLOW,
    Kind.FOLLOW_REQUEST,
    Kind.FAVOURITE,
    Kind.POLL,
    Kind.UPDATE,
    Kind.QUOTE,
    Kind.QUOTED_UPDATE,
    Kind.SIGN_UP,
    Kind.REPORT,
)
_POINT: Final = 65
_SECRET: Final = 16
# The curve NIST P-256: y^2 = x^3 - 3x + b over the field of this prime. Source: FIPS 186-4, D.1.2.3.
_PRIME: Final = 2**256 - 2**224 + 2**192 + 2**96 - 1
_B: Final = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B


class Audience(StrEnum):
    """Whose doings a device is told of."""

    ALL = "all"
    FOLLOWED = "followed"
    FOLLOWER = "follower"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a device: a point on the curve P-256, and a secret shared with it."""

    p256dh: bytes
    auth: bytes


def check_keys(p256dh: str, auth: str) -> Keys:
    """The keys as a device writes them, in either alphabet of base64. Raises Invalid for what no key can be."""
    point, secret = _decoded(p256dh), _decoded(auth)
    if len(point) != _POINT or point[0] != 4 or not _is_on_curve(point):
        raise Invalid("Validation failed: Subscription key is not valid", field="subscription[keys][p256dh]")
    if len(secret) != _SECRET:
        raise Invalid("Validation failed: Subscription secret is not valid", field="subscription[keys][auth]")
    return Keys(point, secret)


def wants(alerts: Collection[str], kind: Kind) -> bool:
    """Whether a device with these alerts is told of this kind."""
    return kind in alerts and kind in ALERTS


def _is_on_curve(point: bytes) -> bool:
    x, y = int.from_bytes(point[1:33], "big"), int.from_bytes(point[33:], "big")
    return x < _PRIME and y < _PRIME and (y * y - (x * x * x - 3 * x + _B)) % _PRIME == 0


def _decoded(text: str) -> bytes:
    plain = text.strip().rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""
