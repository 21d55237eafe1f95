# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keys: ours to sign with, those of others to verify with, and their written forms.

RSA (PKCS#1 v1.5) is what every server understands and is published as `publicKey.publicKeyPem`; Ed25519 is
published as a Multikey under `assertionMethod` (FEP-521a). The Multikey codec is bovine's. It is imported where it
is used: loading it costs more than loading all of this package, and a quiet node never needs it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, TypeAlias

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key

from activitypub.errors import Malformed

PrivateKey: TypeAlias = RSAPrivateKey | Ed25519PrivateKey
PublicKey: TypeAlias = RSAPublicKey | Ed25519PublicKey
Digest: TypeAlias = Literal["sha256", "sha512"]

RSA_BITS: Final = 2048
_RSA_LEAST: Final = 2048
_RSA_MOST: Final = 8192
_EXPONENT_MOST: Final = 2**32
"""Real keys use 65537; a huge exponent makes one verification cost as much as thousands."""

_MAX_PEM: Final = 16 * 1024
_MAX_MULTIBASE: Final = 2048
_HASHES: Final[dict[Digest, hashes.HashAlgorithm]] = {"sha256": hashes.SHA256(), "sha512": hashes.SHA512()}


class Algorithm(StrEnum):
    """The kinds of key in use; the value is what is stored."""

    RSA = "rsa"
    ED25519 = "ed25519"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key of one of our actors, under the id by which others find its public half."""

    id: str
    algorithm: Algorithm
    private: PrivateKey

    def sign(self, data: bytes) -> bytes:
        """The signature of `data`: RSASSA-PKCS1-v1_5 with SHA-256, or Ed25519."""
        if isinstance(self.private, RSAPrivateKey):
            return self.private.sign(data, PKCS1v15(), hashes.SHA256())
        return self.private.sign(data)


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A public key and the actor it speaks for. That the actor lists it is for the caller to have checked."""

    id: str
    owner: str
    algorithm: Algorithm
    public: PublicKey

    def verify(self, signature: bytes, data: bytes, digest: Digest = "sha256") -> bool:
        """Whether `signature` is this key's for `data`. `digest` matters to RSA only. Never raises."""
        try:
            if isinstance(self.public, RSAPublicKey):
                self.public.verify(signature, data, PKCS1v15(), _HASHES[digest])
            else:
                self.public.verify(signature, data)
        except (InvalidSignature, ValueError):
            return False
        return True


def generate(algorithm: Algorithm) -> PrivateKey:
    """A new private key. RSA takes a noticeable part of a second, so not inside a transaction."""
    if algorithm is Algorithm.RSA:
        return generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    return Ed25519PrivateKey.generate()


def private_bytes(key: PrivateKey) -> bytes:
    """PKCS#8 DER, not encrypted: the caller encrypts it before it is stored."""
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def load_private(der: bytes, *, key_id: str, algorithm: Algorithm) -> SigningKey:
    """The key that `private_bytes` wrote.

    The arithmetic of RSA keys is not checked again, since that takes longer than signing does: use this for keys
    that we made and kept, never for a key that somebody hands in.

    Raises:
        Malformed: not such a key, or of the other algorithm.
    """
    try:
        key = serialization.load_der_private_key(der, password=None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Malformed("The private key cannot be read.") from None
    if algorithm is Algorithm.RSA and isinstance(key, RSAPrivateKey):
        return SigningKey(key_id, algorithm, key)
    if algorithm is Algorithm.ED25519 and isinstance(key, Ed25519PrivateKey):
        return SigningKey(key_id, algorithm, key)
    raise Malformed("The private key is of another kind than it was stored as.")


def public_pem(key: PrivateKey | PublicKey) -> str:
    """SubjectPublicKeyInfo in PEM, for `publicKeyPem`."""
    return (
        _public(key)
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode("ascii")
    )


def public_multibase(key: Ed25519PrivateKey | Ed25519PublicKey) -> str:
    """`z6Mk...`, for `publicKeyMultibase` of a Multikey (Controlled Identifiers 1.0, 2.2.2)."""
    from bovine.crypto.multibase import encode_public_key_to_multibase

    encode: Callable[[PublicKey], str] = encode_public_key_to_multibase
    return encode(_public(key))


def from_pem(pem: str, *, key_id: str, owner: str) -> VerifyingKey:
    """The key in a `publicKeyPem`, in either of the two PEM forms that servers publish.

    Raises:
        Malformed: no public key, of a kind we do not verify, or an RSA key outside 2048 to 8192 bits.
    """
    if len(pem) > _MAX_PEM:
        raise Malformed("The public key is too long.")
    try:
        key = serialization.load_pem_public_key(pem.strip().encode("ascii"))
    except (ValueError, UnsupportedAlgorithm):
        raise Malformed("The public key cannot be read.") from None
    return _verifying(key, key_id, owner)


def from_multibase(value: str, *, key_id: str, owner: str) -> VerifyingKey:
    """The key in a `publicKeyMultibase`: Ed25519, or RSA within the same bounds as in `from_pem`.

    Raises:
        Malformed: not base 58 with a known key inside.
    """
    if not value.isascii() or not value.startswith("z") or len(value) > _MAX_MULTIBASE:
        raise Malformed("The public key is not a base 58 multibase value.")
    from bovine.crypto.multibase import decode_multibase_public_key

    decode: Callable[[str], object] = decode_multibase_public_key
    try:
        key = decode(value)
    except (ValueError, IndexError, UnsupportedAlgorithm):
        raise Malformed("The public key cannot be read.") from None
    return _verifying(key, key_id, owner)


def _public(key: PrivateKey | PublicKey) -> PublicKey:
    return key if isinstance(key, RSAPublicKey | Ed25519PublicKey) else key.public_key()


def _verifying(key: object, key_id: str, owner: str) -> VerifyingKey:
    match key:
        case Ed25519PublicKey():
            return VerifyingKey(key_id, owner, Algorithm.ED25519, key)
        case RSAPublicKey():
            if not _RSA_LEAST <= key.key_size <= _RSA_MOST:
                raise Malformed(f"The RSA key has {key.key_size} bits; 2048 to 8192 are accepted.")
            if key.public_numbers().e > _EXPONENT_MOST:
                raise Malformed("The RSA key has an exponent that is too large.")
            return VerifyingKey(key_id, owner, Algorithm.RSA, key)
        case _:
            raise Malformed("The public key is of a kind that is not in use here.")
