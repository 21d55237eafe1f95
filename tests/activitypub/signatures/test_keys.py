# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keys keep their meaning through each of their written forms, and odd ones are refused."""

from __future__ import annotations

import pytest
from bovine.crypto.multibase import decode_multibase_public_key, encode_public_key_to_multibase
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from activitypub.errors import Malformed
from activitypub.signatures.keys import (
    Algorithm,
    from_multibase,
    from_pem,
    generate,
    load_private,
    private_bytes,
    public_multibase,
    public_pem,
)

KEY_ID = "https://peer.example/users/alex#main-key"
OWNER = "https://peer.example/users/alex"


def test_a_stored_key_signs_what_its_published_half_verifies(key):
    stored = load_private(private_bytes(key.private), key_id=key.id, algorithm=key.algorithm)
    published = from_pem(public_pem(key.private), key_id=key.id, owner=OWNER)

    signature = stored.sign(b"hello")

    assert published.verify(signature, b"hello")
    assert not published.verify(signature, b"hullo")
    assert not published.verify(signature[:-1] + bytes([signature[-1] ^ 1]), b"hello")
    assert not published.verify(b"", b"hello")
    assert (published.id, published.owner, published.algorithm) == (key.id, OWNER, key.algorithm)


def test_a_key_is_not_read_as_the_other_kind(rsa, ed25519):
    with pytest.raises(Malformed):
        load_private(private_bytes(rsa.private), key_id=KEY_ID, algorithm=Algorithm.ED25519)
    with pytest.raises(Malformed):
        load_private(private_bytes(ed25519.private), key_id=KEY_ID, algorithm=Algorithm.RSA)
    with pytest.raises(Malformed):
        load_private(b"not a key", key_id=KEY_ID, algorithm=Algorithm.RSA)


def test_rsa_keys_are_made_with_2048_bits():
    assert generate(Algorithm.RSA).key_size == 2048


def test_an_rsa_signature_may_be_over_sha512_when_asked(rsa, public_half):
    signature = rsa.private.sign(b"hello", padding.PKCS1v15(), hashes.SHA512())

    assert public_half(rsa).verify(signature, b"hello", "sha512")
    assert not public_half(rsa).verify(signature, b"hello")


def test_a_multikey_is_what_bovine_reads_and_writes(ed25519):
    value = public_multibase(ed25519.private)

    assert value.startswith("z6Mk")
    assert value == public_multibase(ed25519.private.public_key())
    assert decode_multibase_public_key(value) == ed25519.private.public_key()
    assert from_multibase(value, key_id=KEY_ID, owner=OWNER).verify(ed25519.sign(b"hello"), b"hello")


def test_a_published_multikey_has_its_published_bytes():
    # The first Ed25519 example of the did:key specification: the key of an all-zero seed.
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    value = "z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"

    assert public_multibase(key) == value
    assert from_multibase(value, key_id=KEY_ID, owner=OWNER).public == key.public_key()


def test_an_rsa_multikey_is_read(rsa):
    value = encode_public_key_to_multibase(rsa.private.public_key())

    assert from_multibase(value, key_id=KEY_ID, owner=OWNER).algorithm is Algorithm.RSA


def test_a_pem_in_the_older_form_and_with_other_line_ends_is_read(rsa):
    older = rsa.private.public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode()

    assert from_pem(older, key_id=KEY_ID, owner=OWNER).public == rsa.private.public_key()
    assert from_pem("\n " + public_pem(rsa.private).replace("\n", "\r\n"), key_id=KEY_ID, owner=OWNER).public == (
        rsa.private.public_key()
    )


def rsa_pem(bits: int, exponent: int = 65537) -> str:
    # Only the size and the exponent matter here, so no primes are looked for.
    numbers = RSAPublicNumbers(exponent, (1 << (bits - 1)) + 1)
    return public_pem(numbers.public_key())


@pytest.mark.parametrize(
    "pem",
    [
        pytest.param(lambda: "", id="empty"),
        pytest.param(lambda: "MCowBQYDK2VwAyEA", id="no header"),
        pytest.param(lambda: "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", id="no key inside"),
        pytest.param(lambda: "-----BEGIN PUBLIC KEY-----\né\n-----END PUBLIC KEY-----\n", id="not ASCII"),
        pytest.param(lambda: "x" * 20_000, id="too long"),
        pytest.param(lambda: rsa_pem(1024), id="1024 bits"),
        pytest.param(lambda: rsa_pem(2047), id="2047 bits"),
        pytest.param(lambda: rsa_pem(8193), id="8193 bits"),
        pytest.param(lambda: rsa_pem(2048, exponent=2**64 + 1), id="huge exponent"),
        pytest.param(
            lambda: (
                ec.generate_private_key(ec.SECP256R1())
                .public_key()
                .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
                .decode()
            ),
            id="elliptic curve",
        ),
    ],
)
def test_a_pem_without_a_usable_key_is_refused(pem):
    with pytest.raises(Malformed):
        from_pem(pem(), key_id=KEY_ID, owner=OWNER)


@pytest.mark.parametrize("bits", [2048, 8192])
def test_rsa_keys_at_the_bounds_are_taken(bits):
    assert from_pem(rsa_pem(bits), key_id=KEY_ID, owner=OWNER).public.key_size == bits


@pytest.mark.parametrize(
    "value",
    [
        "",
        "z",
        "z0OIl",
        "zé",
        "u7QEJX5oaWV2XITmHhA7xPIRIAEZxtAkpvt8VzaYnoQwS5g",
        "z6Mk",
        "z6MkekwC6R9bj9ErToB7AiZJfyCSDhaZe1UxhDbCqJrhqp",
        "z" + "1" * 4000,
        pytest.param(
            encode_public_key_to_multibase(ec.generate_private_key(ec.SECP256R1()).public_key()), id="another curve"
        ),
    ],
)
def test_a_multibase_value_without_a_usable_key_is_refused(value):
    with pytest.raises(Malformed):
        from_multibase(value, key_id=KEY_ID, owner=OWNER)


@given(st.text(max_size=60), st.text("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", max_size=80))
def test_any_text_is_a_key_or_malformed(pem, encoded):
    for read, text in ((from_pem, pem), (from_multibase, "z" + encoded), (from_multibase, pem)):
        try:
            read(text, key_id=KEY_ID, owner=OWNER)
        except Malformed:
            continue
