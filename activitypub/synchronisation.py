# SPDX-License-Identifier: AGPL-3.0-or-later
"""Followers collection synchronisation (FEP-8fcf): the header that tells a server how its part of a collection looks.

The digest is made of the ids of the followers of one server, in any order, so two servers compare without sending a list.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from activitypub.errors import Malformed

HEADER: Final = "Collection-Synchronization"
MAX_HEADER: Final = 8192
_PARAMETER: Final = re.compile(r'\s*([A-Za-z]+)="([^"]*)"\s*(?:,|$)')
_DIGEST: Final = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Synchronisation:
    """`collection` is whose followers it is about, `url` where the receiver's part of it is read."""

    collection: str
    url: str
    digest: str


def digest(uris: Iterable[str]) -> str:
    """The hashes (SHA-256) of the ids, combined by exclusive or, in hexadecimal digits."""
    combined = 0
    for uri in uris:
        combined ^= int.from_bytes(hashlib.sha256(uri.encode()).digest(), "big")
    return f"{combined:064x}"


def write(said: Synchronisation) -> str:
    """The value of the header."""
    return f'collectionId="{said.collection}", url="{said.url}", digest="{said.digest}"'


def read(value: str) -> Synchronisation:
    """What a header says.

    Raises:
        Malformed: not that form, a parameter twice or missing, or a digest that is none.
    """
    parameters: dict[str, str] = {}
    at = 0
    while at < len(value) <= MAX_HEADER:
        found = _PARAMETER.match(value, at)
        if found is None or found[1] in parameters:
            raise Malformed("The Collection-Synchronization header cannot be read.")
        parameters[found[1]] = found[2]
        at = found.end()
    try:
        said = Synchronisation(parameters["collectionId"], parameters["url"], parameters["digest"].lower())
    except KeyError as error:
        raise Malformed(f"The Collection-Synchronization header has no {error.args[0]}.") from None
    if not _DIGEST.fullmatch(said.digest):
        raise Malformed("The Collection-Synchronization header has no proper digest.")
    return said
