# SPDX-License-Identifier: AGPL-3.0-or-later
"""draft-cavage-http-signatures-12, the form that every server of the Fediverse speaks.

`read` and `base` only take apart and build; whether what is covered is enough, and fresh, is for `check` to say.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final

from activitypub.errors import Malformed
from activitypub.signatures import digest
from activitypub.signatures.keys import Algorithm, SigningKey
from activitypub.signatures.message import Request, line_bytes

_MAX_COVERED: Final = 50
_PARAMETER: Final = re.compile(r'\s*([A-Za-z]+)\s*=\s*(?:"([^"]*)"|([0-9]{1,15}(?:\.[0-9]{1,9})?))\s*(?:,|$)')
_NAME: Final = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+|\((?:request-target|created|expires)\)")


@dataclass(frozen=True, slots=True)
class Signature:
    """A `Signature` header as read. Times are Unix seconds; `covered` keeps its order, in lower case."""

    key_id: str
    algorithm: str | None
    covered: tuple[str, ...]
    created: str | None
    expires: str | None
    signature: bytes


def sign(request: Request, key: SigningKey, now: datetime) -> dict[str, str]:
    """The headers to add to `request` so that it is signed with its query.

    Content-Type and Accept are covered only when `request` already has them: what an HTTP client fills in later
    is not known here, and a signature over another value is worth nothing.
    """
    added = {"Date": format_datetime(now.astimezone(UTC), usegmt=True)}
    covered = ["(request-target)", "host", "date"]
    if request.has_content:
        added["Digest"] = digest.digest(request.body)
        covered.append("digest")
        covered += [name for name in ("content-type", "collection-synchronization") if request.header(name)]
    else:
        covered += ["accept"] if request.header("accept") else []
    signature = base64.b64encode(key.sign(base(request.with_headers(added), covered))).decode("ascii")
    # hs2019 leaves the algorithm to the key; there is no older name for Ed25519.
    algorithm = "rsa-sha256" if key.algorithm is Algorithm.RSA else "hs2019"
    added["Signature"] = (
        f'keyId="{key.id}",algorithm="{algorithm}",headers="{" ".join(covered)}",signature="{signature}"'
    )
    return added


def read(header: str) -> Signature:
    """The parts of a `Signature` header; times are read with or without quotes, as both are sent.

    Raises:
        Malformed: not that form, a parameter twice, or one missing that must be there.
    """
    parameters: dict[str, str] = {}
    at = 0
    while at < len(header):
        found = _PARAMETER.match(header, at)
        if found is None:
            raise Malformed(f"The Signature header cannot be read at character {at}.")
        if found[1] in parameters:
            raise Malformed(f"The Signature header has {found[1]} twice.")
        parameters[found[1]] = found[2] if found[2] is not None else found[3]
        at = found.end()
    try:
        signature = base64.b64decode(parameters["signature"], validate=True)
        key_id = parameters["keyId"]
    except KeyError as error:
        raise Malformed(f"The Signature header has no {error.args[0]}.") from None
    except (binascii.Error, ValueError):
        raise Malformed("The signature is not base64.") from None
    # Without a list only the date is signed (section 2.1.6).
    covered = tuple(parameters.get("headers", "date").lower().split(" "))
    if len(covered) > _MAX_COVERED or len(set(covered)) != len(covered):
        raise Malformed("The Signature header lists too many headers, or one twice.")
    if not all(_NAME.fullmatch(name) for name in covered):
        raise Malformed("The Signature header lists a header that cannot be one.")
    return Signature(
        key_id=key_id,
        algorithm=parameters.get("algorithm"),
        covered=covered,
        created=parameters.get("created"),
        expires=parameters.get("expires"),
        signature=signature,
    )


def base(
    request: Request,
    covered: Sequence[str],
    *,
    created: str | None = None,
    expires: str | None = None,
    target: str | None = None,
) -> bytes:
    """The string to sign (section 2.3). `target` stands in for the request's own when it is given.

    Raises:
        Malformed: a covered header is not in the request.
    """
    lines = []
    for name in covered:
        match name:
            case "(request-target)":
                wanted = request.target if target is None else target
                value: str | None = f"{request.method.lower()} {wanted}"
            case "(created)":
                value = created
            case "(expires)":
                value = expires
            case "host":
                value = request.authority
            case _:
                value = request.header(name)
        if value is None:
            raise Malformed(f"The signature covers {name}, which the request does not have.")
        lines.append(line_bytes(f"{name}: {value}"))
    return b"\n".join(lines)
