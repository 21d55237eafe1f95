# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keys made once for the whole run: RSA keys take long, and their bytes matter to no test."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from activitypub.signatures.keys import Algorithm, SigningKey, VerifyingKey, generate

OWNER = "https://peer.example/users/alex"


@pytest.fixture(scope="session")
def rsa() -> SigningKey:
    return SigningKey(f"{OWNER}#main-key", Algorithm.RSA, generate(Algorithm.RSA))


@pytest.fixture(scope="session")
def ed25519() -> SigningKey:
    return SigningKey(f"{OWNER}#ed25519-key", Algorithm.ED25519, generate(Algorithm.ED25519))


@pytest.fixture(scope="session", params=["rsa", "ed25519"])
def key(request, rsa, ed25519) -> SigningKey:
    return {"rsa": rsa, "ed25519": ed25519}[request.param]


@pytest.fixture(scope="session")
def public_half():
    def of(key: SigningKey, owner: str = OWNER) -> VerifyingKey:
        return VerifyingKey(key.id, owner, key.algorithm, key.private.public_key())

    return of


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
