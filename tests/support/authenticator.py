# SPDX-License-Identifier: AGPL-3.0-or-later
"""A device with passkeys, in software: answers as a browser's `PublicKeyCredential.toJSON` does (WebAuthn, 5.1 and 6.1).

Every fault that a device or a browser may have is an argument.
"""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

PRESENT, VERIFIED, BACKUP_ELIGIBLE, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


@dataclass(slots=True)
class Device:
    """One passkey. `count` stays 0 for the kind that lives in a cloud, and grows in a security key."""

    origin: str
    relying_party: str
    number: int = 1
    counts: bool = True
    verifies: bool = True
    count: int = 0
    key: ec.EllipticCurvePrivateKey = field(init=False)
    user_handle: str = ""

    def __post_init__(self) -> None:
        # A scalar of our choice, so that a test is the same each time.
        self.key = ec.derive_private_key(0x5EED + self.number, ec.SECP256R1())

    @property
    def credential_id(self) -> bytes:
        return hashlib.sha256(f"passkey {self.number}".encode()).digest()

    def make(self, options: str, **faults: Any) -> str:
        """The answer to `navigator.credentials.create`."""
        asked = json.loads(options)
        self.user_handle = asked["user"]["id"]
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + cbor2.dumps(public)
        data = self._data(ATTESTED, **faults) + attested
        statement = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", asked["challenge"], **faults)
        return self._credential({"clientDataJSON": client, "attestationObject": statement})

    def sign(self, options: str, **faults: Any) -> str:
        """The answer to `navigator.credentials.get`."""
        asked = json.loads(options)
        allowed = [one["id"] for one in asked.get("allowCredentials", [])]
        assert not allowed or bytes_to_base64url(self.credential_id) in allowed, (
            "a browser would not offer this passkey"
        )
        if self.counts:
            self.count += 1
        data = self._data(0, **faults)
        client = self._client("webauthn.get", asked["challenge"], **faults)
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        handle = base64url_to_bytes(faults.get("user_handle", self.user_handle))
        parts = {"clientDataJSON": client, "authenticatorData": data, "signature": faults.get("signature", signed)}
        return self._credential({**parts, **({"userHandle": handle} if handle else {})})

    def _client(self, kind: str, challenge: str, **faults: Any) -> bytes:
        said = {"type": faults.get("type", kind), "challenge": challenge, "origin": faults.get("origin", self.origin)}
        return json.dumps({**said, "crossOrigin": False}).encode()

    def _data(self, more: int, **faults: Any) -> bytes:
        flags = more | BACKUP_ELIGIBLE | BACKED_UP
        flags |= PRESENT if faults.get("present", True) else 0
        flags |= VERIFIED if faults.get("verified", self.verifies) else 0
        party = hashlib.sha256(faults.get("relying_party", self.relying_party).encode()).digest()
        return party + bytes([flags]) + int(faults.get("count", self.count)).to_bytes(4, "big")

    def _credential(self, response: dict[str, bytes]) -> str:
        number = bytes_to_base64url(self.credential_id)
        shown = {name: bytes_to_base64url(value) for name, value in response.items()}
        return json.dumps(
            {"id": number, "rawId": number, "type": "public-key", "clientExtensionResults": {}, "response": shown}
        )
