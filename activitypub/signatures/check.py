# SPDX-License-Identifier: AGPL-3.0-or-later
"""The one door for signed requests: what must be true before a signature means anything, then whose key made it.

    request ──claimed──> Claim(key_id, ...) ──(the caller finds the owner's keys)──> verified ──> VerifyingKey

`claimed` needs no key and fetches nothing, so what fails here costs no request to anyone. It asks that

- the request is for a name of ours, in origin form (a signature for another of our hosts is not for this one);
- all digest headers match the body, and a request with content has a signed one;
- method, target and host are covered, so that the signature cannot be moved to another path or server;
- the moment of signing is covered and lies between 12 hours ago and 1 hour ahead, and `expires` has not passed.
  Replays inside that window are harmless because an activity is applied once.

Which form it is follows from `Signature-Input`: with it RFC 9421, where one sufficient signature is enough, without
it draft-cavage. Nothing but `SignatureInvalid` is ever raised.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final

from activitypub.errors import Malformed, SignatureInvalid
from activitypub.signatures import cavage, digest, rfc9421
from activitypub.signatures.keys import Algorithm, Digest, VerifyingKey
from activitypub.signatures.message import Request, plain_authority
from activitypub.signatures.structured import MAX_FIELD

OLDEST: Final = timedelta(hours=12)
NEWEST: Final = timedelta(hours=1)

MAX_KEY_ID: Final = 2048
MAX_TARGET: Final = 8 * 1024
_MAX_BASE: Final = 64 * 1024

ACCEPT_SIGNATURE: Final = 'sig1=("@method" "@target-uri" "@authority" "content-digest");created'
ACCEPT_SIGNATURE_GET: Final = 'sig1=("@method" "@target-uri" "@authority");created'
"""Sent as `Accept-Signature` with a 401, so that the other side knows what would do (RFC 9421, 5.1)."""

_TARGETS: Final = (
    frozenset({"@target-uri"}),
    frozenset({"@authority", "@request-target"}),
    frozenset({"@authority", "@path", "@query"}),
)
_DIGESTS: Final = frozenset({"digest", "content-digest"})

_RFC_ALGORITHMS: Final = frozenset({rfc9421.RSA_SHA256, rfc9421.ED25519})
_CAVAGE_ALGORITHMS: Final = frozenset({"rsa-sha256", "rsa-sha512", "ed25519", "hs2019"})


class Scheme(StrEnum):
    """The two forms of signature, to answer and deliver in the form a server uses."""

    CAVAGE = "cavage"
    RFC9421 = "rfc9421"


@dataclass(frozen=True, slots=True)
class Claim:
    """A signature that would do, of a key not yet seen.

    `alternates` are further strings of which the signature may be: some servers leave the query out of the target
    of a signed GET, so that form is tried after the right one. `algorithm` is what the sender says, None if nothing.
    """

    key_id: str
    scheme: Scheme
    base: bytes
    signature: bytes
    algorithm: str | None = None
    alternates: tuple[bytes, ...] = ()


def claimed(request: Request, *, now: datetime, authorities: frozenset[str]) -> Claim:
    """The signature on `request`, once everything that needs no key is found in order.

    `authorities` are the names (`host` or `host:port`) under which this node is reached.

    Raises:
        SignatureInvalid: with the reason, for the log.
    """
    try:
        return _claimed(request, now, authorities)
    except Malformed as error:
        raise SignatureInvalid(error.reason) from None


def covers(claim: Claim, header: str) -> bool:
    """Whether the signature holds for that header too, and not only for what every signature must cover."""
    starts = (f"{header.lower()}: ".encode(), f'"{header.lower()}": '.encode())
    return any(line.startswith(starts) for line in claim.base.split(b"\n"))


def verified(claim: Claim, keys: Iterable[VerifyingKey]) -> VerifyingKey:
    """The one of `keys` that made the signature. They are the keys of one actor, who may have several.

    That the owner of the key is the actor of the activity is the caller's to check.

    Raises:
        SignatureInvalid: none of them did.
    """
    # The key that was named comes first; the others matter only while an actor changes keys.
    for key in sorted(keys, key=lambda key: key.id != claim.key_id):
        for algorithm_digest in _digests(claim.algorithm, key.algorithm):
            for base in (claim.base, *claim.alternates):
                if key.verify(claim.signature, base, algorithm_digest):
                    return key
    raise SignatureInvalid(f"No known key of {claim.key_id} made the signature.")


def _claimed(request: Request, now: datetime, authorities: frozenset[str]) -> Claim:
    ours = {plain_authority(authority, request.scheme) for authority in authorities}
    if plain_authority(request.authority, request.scheme) not in ours:
        raise SignatureInvalid("The request is not for a name of this node.")
    if not request.target.startswith("/") or len(request.target) > MAX_TARGET:
        raise SignatureInvalid("The request target is not a path, or too long.")
    signature, signature_input = request.header("signature"), request.header("signature-input")
    if signature is None:
        raise SignatureInvalid("The request is not signed.")
    if len(signature) > MAX_FIELD:
        raise SignatureInvalid("The Signature header is too long.")
    digests = digest.matching(request)
    if signature_input is not None:
        claim = _rfc9421(request, signature_input, signature, now, digests)
    else:
        claim = _cavage(request, signature, now, digests)
    if not claim.key_id or len(claim.key_id) > MAX_KEY_ID:
        raise SignatureInvalid("The key id is empty or too long.")
    if len(claim.base) > _MAX_BASE:
        raise SignatureInvalid("The signature covers too much.")
    return claim


def _cavage(request: Request, header: str, now: datetime, digests: frozenset[str]) -> Claim:
    found = cavage.read(header)
    covered = frozenset(found.covered)
    if not covered >= {"(request-target)", "host"}:
        raise SignatureInvalid("The signature does not cover the target and the host.")
    _need_digest(request, covered, digests)
    if found.algorithm is not None and found.algorithm.lower() not in _CAVAGE_ALGORITHMS:
        raise SignatureInvalid("The signature is of an algorithm that is not in use here.")
    moments = []
    if "date" in covered:
        moments.append(_http_date(request.header("date")))
    if "(created)" in covered:
        moments.append(_unix_time(found.created))
    if not moments:
        raise SignatureInvalid("The signature does not cover when it was made.")
    expires = None if found.expires is None else _unix_time(found.expires)
    for moment in moments:
        _need_fresh(moment, expires, now)
    base = cavage.base(request, found.covered, created=found.created, expires=found.expires)
    alternates: tuple[bytes, ...] = ()
    if request.query is not None and not request.has_content:
        alternates = (
            cavage.base(request, found.covered, created=found.created, expires=found.expires, target=request.path),
        )
    return Claim(found.key_id, Scheme.CAVAGE, base, found.signature, found.algorithm, alternates)


def _rfc9421(request: Request, signature_input: str, signature: str, now: datetime, digests: frozenset[str]) -> Claim:
    refused = SignatureInvalid("Signature-Input and Signature have no signature in common.")
    for found in rfc9421.read(signature_input, signature):
        try:
            return _sufficient(request, found, now, digests)
        except Malformed as error:
            refused = SignatureInvalid(error.reason)
        except SignatureInvalid as error:
            refused = error
    raise refused


def _sufficient(request: Request, found: rfc9421.Signature, now: datetime, digests: frozenset[str]) -> Claim:
    covered = found.names
    if "@method" not in covered or not any(covered >= target for target in _TARGETS):
        raise SignatureInvalid("The signature does not cover the method and the whole target.")
    _need_digest(request, covered, digests)
    if found.algorithm is not None and found.algorithm not in _RFC_ALGORITHMS:
        raise SignatureInvalid("The signature is of an algorithm that is not in use here.")
    if found.created is None:
        raise SignatureInvalid("The signature does not say when it was made.")
    _need_fresh(found.created, found.expires, now)
    return Claim(found.key_id, Scheme.RFC9421, rfc9421.base(request, found.covered), found.signature, found.algorithm)


def _need_digest(request: Request, covered: frozenset[str], digests: frozenset[str]) -> None:
    """A body counts as signed only through a digest header that is present (so it matched) and covered."""
    if request.has_content and not covered & digests & _DIGESTS:
        raise SignatureInvalid("The signature covers no digest of the body.")


def _need_fresh(made: float, expires: float | None, now: datetime) -> None:
    moment = now.timestamp()
    if made < moment - OLDEST.total_seconds():
        raise SignatureInvalid("The signature is older than 12 hours.")
    if made > moment + NEWEST.total_seconds():
        raise SignatureInvalid("The signature is dated more than an hour ahead.")
    if expires is not None and expires < moment:
        raise SignatureInvalid("The signature has expired.")


def _http_date(value: str | None) -> float:
    try:
        date = parsedate_to_datetime(value or "")
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        raise SignatureInvalid("The Date header is missing or cannot be read.") from None


def _unix_time(value: str | None) -> float:
    # Fractions of a second occur, although the draft has whole numbers for `created`.
    if value is None or not value.isascii() or not value.replace(".", "", 1).isdigit():
        raise SignatureInvalid("A time in the signature is missing or no number.")
    return float(value)


def _digests(algorithm: str | None, kind: Algorithm) -> tuple[Digest, ...]:
    """The digests to try for a key of this kind; none when the sender names the other kind of key.

    `hs2019` and a missing name leave it to the key; for RSA nearly everyone means SHA-256 then, some SHA-512.
    """
    match (algorithm or "hs2019").lower():
        case "rsa-sha256" | rfc9421.RSA_SHA256:
            return ("sha256",) if kind is Algorithm.RSA else ()
        case "rsa-sha512":
            return ("sha512",) if kind is Algorithm.RSA else ()
        case rfc9421.ED25519:
            return ("sha256",) if kind is Algorithm.ED25519 else ()
        case _:
            return ("sha256", "sha512") if kind is Algorithm.RSA else ("sha256",)
