# SPDX-License-Identifier: AGPL-3.0-or-later
"""HTTP Message Signatures, RFC 9421, for requests.

`read` and `base` only take apart and build; whether what is covered is enough, and fresh, is for `check` to say.
All derived components of requests are known. Parameters of components other than the `name` of `@query-param`
(`sf`, `key`, `bs`, `req`, `tr`) are refused: no server of the Fediverse sends them, and to ignore one would be to
verify something else than was signed.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl, quote

from activitypub.errors import Malformed
from activitypub.signatures import digest
from activitypub.signatures.keys import Algorithm, SigningKey
from activitypub.signatures.message import Request, line_bytes, plain_authority
from activitypub.signatures.structured import (
    InnerList,
    Item,
    Parameters,
    Token,
    dictionary,
    serialise_inner_list,
    serialise_item,
)

RSA_SHA256: Final = "rsa-v1_5-sha256"
ED25519: Final = "ed25519"

_LABEL: Final = "sig1"
_MAX_COVERED: Final = 50
_MAX_LABELS: Final = 8


@dataclass(frozen=True, slots=True)
class Signature:
    """One member of `Signature-Input` with its bytes.

    Its parameters are read when asked for and raise `Malformed` when they are of the wrong type, so that one bad
    signature does not spoil another in the same header. Times are Unix seconds.
    """

    label: str
    covered: InnerList
    signature: bytes

    @property
    def names(self) -> frozenset[str]:
        """What is covered as a whole; a single query parameter is not."""
        return frozenset(
            item.value for item in self.covered.items if isinstance(item.value, str) and not item.parameters
        )

    @property
    def key_id(self) -> str:
        """`keyid`, which a signature must have here though the specification lets it be left out."""
        key_id = self._text("keyid")
        if key_id is None:
            raise Malformed("A signature names no key.")
        return key_id

    @property
    def algorithm(self) -> str | None:
        """`alg`, None when it is left to the key."""
        return self._text("alg")

    @property
    def created(self) -> int | None:
        """`created`, None when it is not said."""
        return self._seconds("created")

    @property
    def expires(self) -> int | None:
        """`expires`, None when the signer sets no end."""
        return self._seconds("expires")

    def _text(self, name: str) -> str | None:
        value = self.covered.parameters.get(name)
        if value is None or (isinstance(value, str) and not isinstance(value, Token)):
            return value
        raise Malformed(f"The signature parameter {name} is not a string.")

    def _seconds(self, name: str) -> int | None:
        value = self.covered.parameters.get(name)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        raise Malformed(f"The signature parameter {name} is not a whole number.")


def sign(request: Request, key: SigningKey, now: datetime) -> dict[str, str]:
    """The headers to add to `request`: what Mastodon and Fedify ask for, with the authority for proxies' sake."""
    covered = ["@method", "@target-uri", "@authority"]
    added = {}
    if request.has_content:
        added["Content-Digest"] = digest.content_digest(request.body)
        covered.append("content-digest")
        covered += ["collection-synchronization"] if request.header("collection-synchronization") else []
    inner = InnerList(
        tuple(Item(name) for name in covered),
        {
            "created": int(now.timestamp()),
            "keyid": key.id,
            "alg": RSA_SHA256 if key.algorithm is Algorithm.RSA else ED25519,
        },
    )
    signature = key.sign(base(request.with_headers(added), inner))
    added["Signature-Input"] = f"{_LABEL}={serialise_inner_list(inner)}"
    added["Signature"] = f"{_LABEL}=:{base64.b64encode(signature).decode('ascii')}:"
    return added


def read(signature_input: str, signature: str) -> list[Signature]:
    """The signatures that two such headers hold together, in the order of `Signature-Input`.

    A label that is in one header only, or is not of the right type in one, belongs to no signature.

    Raises:
        Malformed: a header is no dictionary, or there are too many labels.
    """
    inputs, values = dictionary(signature_input), dictionary(signature)
    if len(inputs) > _MAX_LABELS:
        raise Malformed("The request has too many signatures.")
    found = []
    for label, covered in inputs.items():
        value = values.get(label)
        if isinstance(covered, InnerList) and isinstance(value, Item) and isinstance(value.value, bytes):
            found.append(Signature(label, covered, value.value))
    return found


def base(request: Request, covered: InnerList) -> bytes:
    """The signature base (section 2.5) of `request` for these components and parameters.

    Raises:
        Malformed: a component is unknown, not in the request, ambiguous, or listed twice.
    """
    if len(covered.items) > _MAX_COVERED:
        raise Malformed("The signature covers too many components.")
    lines = []
    seen = set()
    for item in covered.items:
        identifier = serialise_item(item)
        if identifier in seen:
            raise Malformed(f"The signature covers {identifier} twice.")
        seen.add(identifier)
        lines.append(line_bytes(f"{identifier}: {_component(request, item)}"))
    lines.append(line_bytes(f'"@signature-params": {serialise_inner_list(covered)}'))
    return b"\n".join(lines)


def _component(request: Request, item: Item) -> str:
    """The value of one component (sections 2.1 and 2.2)."""
    name = item.value
    if not isinstance(name, str) or isinstance(name, Token) or name != name.lower():
        raise Malformed("A component's name is not a string in lower case.")
    if name == "@query-param":
        return _query_parameter(request, item.parameters)
    if item.parameters:
        raise Malformed(f"The component {name} has a parameter that is not read here.")
    match name:
        case "@method":
            return request.method
        case "@target-uri":
            # As the request would be written out (RFC 9110, 7.1); only @authority has a normal form.
            return f"{request.scheme}://{request.authority}{request.target}"
        case "@authority":
            return plain_authority(request.authority, request.scheme)
        case "@scheme":
            return request.scheme.lower()
        case "@request-target":
            return request.target
        case "@path":
            return request.path or "/"
        case "@query":
            return f"?{request.query or ''}"
        case "host":
            return request.authority
    value = None if name.startswith("@") else request.header(name)
    if value is None:
        raise Malformed(f"The signature covers {name}, which a request does not have or this one lacks.")
    return value


def _query_parameter(request: Request, parameters: Parameters) -> str:
    """Section 2.2.8: the one value of a parameter, decoded and encoded again in the form that a browser writes."""
    name = parameters.get("name")
    if parameters.keys() != {"name"} or not isinstance(name, str) or isinstance(name, Token):
        raise Malformed("The component @query-param names no parameter.")
    try:
        pairs = parse_qsl(request.query or "", keep_blank_values=True, max_num_fields=_MAX_COVERED)
    except ValueError:
        raise Malformed("The query has too many parameters.") from None
    values = [value for key, value in pairs if _form_encoded(key) == name]
    if len(values) != 1:
        raise Malformed("The query does not have that parameter exactly once.")
    return _form_encoded(values[0])


def _form_encoded(text: str) -> str:
    return quote(text, safe="*").replace("~", "%7E")
