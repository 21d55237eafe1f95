# SPDX-License-Identifier: AGPL-3.0-or-later
"""Digests of the body: `Digest` (RFC 3230, as draft-cavage signers send it) and `Content-Digest` (RFC 9530).

A signature covers the body only through one of these, so they are checked against the raw bytes before anything
else is believed, and *all* that are present must agree: a right one that nobody signed beside a wrong one that
somebody did (or the other way round) is a forgery, not a choice.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from typing import Final

from activitypub.errors import Malformed, SignatureInvalid
from activitypub.signatures import structured
from activitypub.signatures.message import Request

_MAX_HEADER: Final = 1024
_INSTANCE: Final = re.compile(r"([A-Za-z0-9-]+)=([A-Za-z0-9+/=]+)")


def digest(body: bytes) -> str:
    """The value of a `Digest` header; upper case because some old servers compare it so."""
    return f"SHA-256={base64.b64encode(hashlib.sha256(body).digest()).decode('ascii')}"


def content_digest(body: bytes) -> str:
    """The value of a `Content-Digest` header."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode('ascii')}:"


def matching(request: Request) -> frozenset[str]:
    """Which digest headers the request has, in lower case, after all of them were found to match its body.

    Algorithms other than SHA-256 and SHA-512 are passed over, but a header with nothing else proves nothing.

    Raises:
        SignatureInvalid: a digest header is malformed, has no usable algorithm, or differs from the body.
    """
    present = set()
    for name, read in (("digest", _instance_digests), ("content-digest", _content_digests)):
        value = request.header(name)
        if value is None:
            continue
        if len(value) > _MAX_HEADER:
            raise SignatureInvalid(f"The {name} header is too long.")
        usable = False
        for algorithm, claimed in read(value):
            actual = _hash(algorithm, request.body)
            if actual is None:
                continue
            if not hmac.compare_digest(actual, claimed):
                raise SignatureInvalid(f"The {name} header does not match the body.")
            usable = True
        if not usable:
            raise SignatureInvalid(f"The {name} header has neither SHA-256 nor SHA-512.")
        present.add(name)
    return frozenset(present)


def _hash(algorithm: str, body: bytes) -> bytes | None:
    match algorithm.lower():
        case "sha-256":
            return hashlib.sha256(body).digest()
        case "sha-512":
            return hashlib.sha512(body).digest()
        case _:
            return None


def _instance_digests(value: str) -> list[tuple[str, bytes]]:
    digests = []
    for part in value.split(","):
        found = _INSTANCE.fullmatch(part.strip(" \t"))
        if found is None:
            raise SignatureInvalid("The digest header is malformed.")
        algorithm = found[1].lower()
        if algorithm not in {"sha-256", "sha-512"}:
            continue
        try:
            digests.append((algorithm, base64.b64decode(found[2], validate=True)))
        except binascii.Error:
            raise SignatureInvalid("The digest header is not base64.") from None
    return digests


def _content_digests(value: str) -> list[tuple[str, bytes]]:
    try:
        members = structured.dictionary(value)
    except Malformed as error:
        raise SignatureInvalid(error.reason) from None
    return [
        (algorithm, member.value)
        for algorithm, member in members.items()
        if isinstance(member, structured.Item) and isinstance(member.value, bytes)
    ]
