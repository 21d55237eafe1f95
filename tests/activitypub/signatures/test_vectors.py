# SPDX-License-Identifier: AGPL-3.0-or-later
"""The published examples: RFC 9421 section 4.3 and appendix B, draft-cavage-12 appendix C.

They are years old and mostly cover too little, so they are tried below the door of `check`: the string to sign
must be theirs to the byte, and the published signature must verify over it. RSA-PSS, ECDSA and HMAC are in use
nowhere in the Fediverse and are verified here only with the library, to prove the strings.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from activitypub.errors import Malformed, SignatureInvalid
from activitypub.signatures import cavage, rfc9421
from activitypub.signatures.check import claimed
from activitypub.signatures.digest import matching
from activitypub.signatures.keys import Algorithm, SigningKey, VerifyingKey, from_pem
from activitypub.signatures.message import Request

RFC_RSA = """-----BEGIN RSA PUBLIC KEY-----
MIIBCgKCAQEAhAKYdtoeoy8zcAcR874L8cnZxKzAGwd7v36APp7Pv6Q2jdsPBRrw
WEBnez6d0UDKDwGbc6nxfEXAy5mbhgajzrw3MOEt8uA5txSKobBpKDeBLOsdJKFq
MGmXCQvEG7YemcxDTRPxAleIAgYYRjTSd/QBwVW9OwNFhekro3RtlinV0a75jfZg
kne/YiktSvLG34lw2zqXBDTC5NHROUqGTlML4PlNZS5Ri2U4aCNx2rUPRcKIlE0P
uKxI4T+HIaFpv8+rdV6eUgOrB2xeI1dSFFn/nnv5OoZJEIB+VmuKn3DCUcCZSFlQ
PSXSfBDiUGhwOw76WuSSsf1D4b/vLoJ10wIDAQAB
-----END RSA PUBLIC KEY-----
"""

RFC_RSA_PSS = """-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr4tmm3r20Wd/PbqvP1s2
+QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct+Lh1GH45x28Rw3Ry53mm+
oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHq
gDsznjPFmTOtCEcN2Z1FpWgchwuYLPL+Wokqltd11nqqzi+bJ9cvSKADYdUAAN5W
Utzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4
aOT9v6d+nb4bnNkQVklLQ3fVAvJm+xdDOp9LCNCN48V2pnDOkFV6+U9nV5oyc6XI
2wIDAQAB
-----END PUBLIC KEY-----
"""

RFC_ED25519_PRIVATE = """-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF
-----END PRIVATE KEY-----
"""

RFC_ED25519 = """-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=
-----END PUBLIC KEY-----
"""

RFC_SECRET = "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=="

BODY = b'{"hello": "world"}'
RFC_DIGEST = "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:"

RFC_REQUEST = Request(
    method="POST",
    target="/foo?param=Value&Pet=dog",
    scheme="https",
    authority="example.com",
    headers=(
        ("Host", "example.com"),
        ("Date", "Tue, 20 Apr 2021 02:07:55 GMT"),
        ("Content-Type", "application/json"),
        ("Content-Digest", RFC_DIGEST),
        ("Content-Length", "18"),
    ),
    body=BODY,
)
PROXIED = Request(
    method="POST",
    target="/foo?param=Value&Pet=dog",
    scheme="http",
    authority="origin.host.internal.example",
    headers=(
        *RFC_REQUEST.headers[1:],
        ("Forwarded", "for=192.0.2.123;host=example.com;proto=https"),
    ),
    body=BODY,
)
TRANSFORMED = Request(
    method="GET",
    target="/demo?name1=Value1&Name2=value2",
    scheme="https",
    authority="example.org",
    headers=(
        ("Host", "example.org"),
        ("Date", "Fri, 15 Jul 2022 14:24:55 GMT"),
        ("Accept", "application/json"),
        ("Accept", "*/*"),
    ),
)


def pss(signature: bytes, base: bytes) -> bool:
    key = load_pem_public_key(RFC_RSA_PSS.encode())
    key.verify(signature, base, padding.PSS(padding.MGF1(hashes.SHA512()), 64), hashes.SHA512())
    return True


def pkcs1(signature: bytes, base: bytes) -> bool:
    return from_pem(RFC_RSA, key_id="test-key-rsa", owner="").verify(signature, base)


def ed25519(signature: bytes, base: bytes) -> bool:
    return from_pem(RFC_ED25519, key_id="test-key-ed25519", owner="").verify(signature, base)


def hmac_sha256(signature: bytes, base: bytes) -> bool:
    return hmac.digest(base64.b64decode(RFC_SECRET), base, hashlib.sha256) == signature


RFC_EXAMPLES = [
    pytest.param(
        RFC_REQUEST,
        '();created=1618884473;keyid="test-key-rsa-pss";nonce="b3k2pp5k7z-50gnwp.yemd"',
        [],
        "d2pmTvmbncD3xQm8E9ZV2828BjQWGgiwAaw5bAkgibUopemLJcWDy/lkbbHAve4cRAtx31Iq786U7it++wgGxbtRxf8Udx7zFZsckzXa"
        "JMkA7ChG52eSkFxykJeNqsrWH5S+oxNFlD4dzVuwe8DhTSja8xxbR/Z2cOGdCbzR72rgFWhzx2VjBqJzsPLMIQKhO4DGezXehhWwE56Y"
        "CE+O6c0mKZsfxVrogUvA4HELjVKWmAvtl6UnCh8jYzuVG5WSb/QEVPnP5TmcAnLH1g+s++v6d4s8m0gCw1fV5/SITLq9mhho8K3+7EPY"
        "TU8IU1bLhdxO5Nyt8C8ssinQ98Xw9Q==",
        pss,
        id="B.2.1 minimal",
    ),
    pytest.param(
        RFC_REQUEST,
        '("@authority" "content-digest" "@query-param";name="Pet");created=1618884473'
        ';keyid="test-key-rsa-pss";tag="header-example"',
        ['"@authority": example.com', f'"content-digest": {RFC_DIGEST}', '"@query-param";name="Pet": dog'],
        "LjbtqUbfmvjj5C5kr1Ugj4PmLYvx9wVjZvD9GsTT4F7GrcQEdJzgI9qHxICagShLRiLMlAJjtq6N4CDfKtjvuJyE5qH7KT8UCMkSowOB"
        "4+ECxCmT8rtAmj/0PIXxi0A0nxKyB09RNrCQibbUjsLS/2YyFYXEu4TRJQzRw1rLEuEfY17SARYhpTlaqwZVtR8NV7+4UKkjqpcAoFqW"
        "FQh62s7Cl+H2fjBSpqfZUJcsIk4N6wiKYd4je2U/lankenQ99PZfB4jY3I5rSV2DSBVkSFsURIjYErOs0tFTQosMTAoxk//0RoKUqiYY"
        "8Bh0aaUEb0rQl3/XaVe4bXTugEjHSw==",
        pss,
        id="B.2.2 selected",
    ),
    pytest.param(
        RFC_REQUEST,
        '("date" "@method" "@path" "@query" "@authority" "content-type" "content-digest" "content-length")'
        ';created=1618884473;keyid="test-key-rsa-pss"',
        [
            '"date": Tue, 20 Apr 2021 02:07:55 GMT',
            '"@method": POST',
            '"@path": /foo',
            '"@query": ?param=Value&Pet=dog',
            '"@authority": example.com',
            '"content-type": application/json',
            f'"content-digest": {RFC_DIGEST}',
            '"content-length": 18',
        ],
        "bbN8oArOxYoyylQQUU6QYwrTuaxLwjAC9fbY2F6SVWvh0yBiMIRGOnMYwZ/5MR6fb0Kh1rIRASVxFkeGt683+qRpRRU5p2voTp768Zr"
        "CUb38K0fUxN0O0iC59DzYx8DFll5GmydPxSmme9v6ULbMFkl+V5B1TP/yPViV7KsLNmvKiLJH1pFkh/aYA2HXXZzNBXmIkoQoLd7YfW9"
        "1kE9o/CCoC1xMy7JA1ipwvKvfrs65ldmlu9bpG6A9BmzhuzF8Eim5f8ui9eH8LZH896+QIF61ka39VBrohr9iyMUJpvRX2Zbhl5ZJzSR"
        "xpJyoEZAFL2FUo5fTIztsDZKEgM4cUA==",
        pss,
        id="B.2.3 full",
    ),
    pytest.param(
        RFC_REQUEST,
        '("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"',
        [
            '"date": Tue, 20 Apr 2021 02:07:55 GMT',
            '"@authority": example.com',
            '"content-type": application/json',
        ],
        "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=",
        hmac_sha256,
        id="B.2.5 hmac",
    ),
    pytest.param(
        RFC_REQUEST,
        '("date" "@method" "@path" "@authority" "content-type" "content-length")'
        ';created=1618884473;keyid="test-key-ed25519"',
        [
            '"date": Tue, 20 Apr 2021 02:07:55 GMT',
            '"@method": POST',
            '"@path": /foo',
            '"@authority": example.com',
            '"content-type": application/json',
            '"content-length": 18',
        ],
        "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==",
        ed25519,
        id="B.2.6 ed25519",
    ),
    pytest.param(
        TRANSFORMED,
        '("@method" "@path" "@authority" "accept");created=1618884473;keyid="test-key-ed25519"',
        ['"@method": GET', '"@path": /demo', '"@authority": example.org', '"accept": application/json, */*'],
        "ZT1kooQsEHpZ0I1IjCqtQppOmIqlJPeo7DHR3SoMn0s5JZ1eRGS0A+vyYP9t/LXlh5QMFFQ6cpLt2m0pmj3NDA==",
        ed25519,
        id="B.4 transformations",
    ),
    pytest.param(
        PROXIED,
        '("@method" "@authority" "@path" "content-digest" "content-type" "content-length" "forwarded")'
        ';created=1618884480;keyid="test-key-rsa";alg="rsa-v1_5-sha256";expires=1618884540',
        [
            '"@method": POST',
            '"@authority": origin.host.internal.example',
            '"@path": /foo',
            f'"content-digest": {RFC_DIGEST}',
            '"content-type": application/json',
            '"content-length": 18',
            '"forwarded": for=192.0.2.123;host=example.com;proto=https',
        ],
        "S6ZzPXSdAMOPjN/6KXfXWNO/f7V6cHm7BXYUh3YD/fRad4BCaRZxP+JH+8XY1I6+8Cy+CM5g92iHgxtRPz+MjniOaYmdkDcnL9cCpXJl"
        "eXsOckpURl49GwiyUpZ10KHgOEe11sx3G2gxI8S0jnxQB+Pu68U9vVcasqOWAEObtNKKZd8tSFu7LB5YAv0RAGhB8tmpv7sFnIm9y+7X"
        "5kXQfi8NMaZaA8i2ZHwpBdg7a6CMfwnnrtflzvZdXAsD3LH2TwevU+/PBPv0B6NMNk93wUs/vfJvye+YuI87HU38lZHowtznbLVdp770"
        "I6VHR6WfgS9ddzirrswsE1w5o0LV/g==",
        pkcs1,
        id="4.3 proxy",
    ),
]


@pytest.mark.parametrize(("request_", "parameters", "lines", "signature", "verifies"), RFC_EXAMPLES)
def test_rfc9421_examples_verify_over_our_signature_base(
    request_: Request,
    parameters: str,
    lines: list[str],
    signature: str,
    verifies: Callable[[bytes, bytes], bool],
):
    [found] = rfc9421.read(f"sig={parameters}", f"sig=:{signature}:")

    base = rfc9421.base(request_, found.covered)

    assert base.decode() == "\n".join([*lines, f'"@signature-params": {parameters}'])
    assert verifies(found.signature, base)


def test_rfc9421_ed25519_example_is_what_we_sign():
    key = SigningKey("test-key-ed25519", Algorithm.ED25519, load_pem_private_key(RFC_ED25519_PRIVATE.encode(), None))
    covered = '("date" "@method" "@path" "@authority" "content-type" "content-length")'
    [found] = rfc9421.read(f'sig={covered};created=1618884473;keyid="test-key-ed25519"', "sig=:AA==:")

    signature = key.sign(rfc9421.base(RFC_REQUEST, found.covered))

    assert base64.b64encode(signature).decode() == (
        "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
    )


def test_a_signature_over_a_response_status_is_not_for_requests():
    # B.2.4 signs a response.
    [found] = rfc9421.read('sig=("@status" "content-type");created=1;keyid="test-key-ecc-p256"', "sig=:AA==:")

    with pytest.raises(Malformed):
        rfc9421.base(RFC_REQUEST, found.covered)


def test_the_digest_of_the_rfc_request_matches_its_body():
    assert matching(RFC_REQUEST) == {"content-digest"}


CAVAGE_KEY = """-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDCFENGw33yGihy92pDjZQhl0C3
6rPJj+CvfSC8+q28hxA161QFNUd13wuCTUcq0Qd2qsBe/2hFyc2DCJJg0h1L78+6
Z4UMR7EOcpfdUE9Hf3m/hs+FUR45uBJeDK1HSFHD8bHKD6kv8FPGfJTotc+2xjJw
oYi+1hqp1fIekaxsyQIDAQAB
-----END PUBLIC KEY-----
"""
CAVAGE_DIGEST = "SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE="
CAVAGE_REQUEST = Request(
    method="POST",
    target="/foo?param=value&pet=dog",
    scheme="https",
    authority="example.com",
    headers=(
        ("Host", "example.com"),
        ("Date", "Sun, 05 Jan 2014 21:31:40 GMT"),
        ("Content-Type", "application/json"),
        ("Digest", CAVAGE_DIGEST),
        ("Content-Length", "18"),
    ),
    body=BODY,
)

CAVAGE_EXAMPLES = [
    pytest.param(
        "",
        ["date: Sun, 05 Jan 2014 21:31:40 GMT"],
        "SjWJWbWN7i0wzBvtPl8rbASWz5xQW6mcJmn+ibttBqtifLN7Sazz6m79cNfwwb8DMJ5cou1s7uEGKKCs+FLEEaDV5lp7q25WqS+lavg7"
        "T8hc0GppauB6hbgEKTwblDHYGEtbGmtdHgVCk9SuS13F0hZ8FD0k/5OxEPXe5WozsbM=",
        id="C.1 default",
    ),
    pytest.param(
        'headers="(request-target) host date",',
        [
            "(request-target): post /foo?param=value&pet=dog",
            "host: example.com",
            "date: Sun, 05 Jan 2014 21:31:40 GMT",
        ],
        "qdx+H7PHHDZgy4y/Ahn9Tny9V3GP6YgBPyUXMmoxWtLbHpUnXS2mg2+SbrQDMCJypxBLSPQR2aAjn7ndmw2iicw3HMbe8VfEdKFYRqzi"
        "c+efkb3nndiv/x1xSHDJWeSWkx3ButlYSuBskLu6kd9Fswtemr3lgdDEmn04swr2Os0=",
        id="C.2 basic",
    ),
    pytest.param(
        'headers="(request-target) host date content-type digest content-length",',
        [
            "(request-target): post /foo?param=value&pet=dog",
            "host: example.com",
            "date: Sun, 05 Jan 2014 21:31:40 GMT",
            "content-type: application/json",
            f"digest: {CAVAGE_DIGEST}",
            "content-length: 18",
        ],
        "vSdrb+dS3EceC9bcwHSo4MlyKS59iFIrhgYkz8+oVLEEzmYZZvRs8rgOp+63LEM3v+MFHB32NfpB2bEKBIvB1q52LaEUHFv120V01IL+"
        "TAD48XaERZFukWgHoBTLMhYS2Gb51gWxpeIq8knRmPnYePbF5MOkR0Zkly4zKH7s1dE=",
        id="C.3 all",
    ),
]


@pytest.mark.parametrize(("listed", "lines", "signature"), CAVAGE_EXAMPLES)
def test_cavage_examples_verify_over_our_string(listed: str, lines: list[str], signature: str):
    # The key has 1024 bits and would be refused from a server.
    key = VerifyingKey("Test", "", Algorithm.RSA, load_pem_public_key(CAVAGE_KEY.encode()))
    found = cavage.read(f'keyId="Test",algorithm="rsa-sha256",{listed}signature="{signature}"')

    base = cavage.base(CAVAGE_REQUEST, found.covered)

    assert base.decode() == "\n".join(lines)
    assert key.verify(found.signature, base)


def test_the_times_of_the_draft_are_read_without_quotes():
    found = cavage.read(
        'keyId="Test",algorithm="hs2019",created=1402170695, expires=1402170699,'
        'headers="(request-target) (created) (expires)",signature="AA=="'
    )

    assert (found.created, found.expires) == ("1402170695", "1402170699")
    assert cavage.base(CAVAGE_REQUEST, found.covered, created=found.created, expires=found.expires).decode() == (
        "(request-target): post /foo?param=value&pet=dog\n(created): 1402170695\n(expires): 1402170699"
    )


@pytest.mark.parametrize("now", [datetime(2026, 11, 25, tzinfo=UTC), datetime(2021, 4, 20, 2, 8, tzinfo=UTC)])
def test_the_signature_of_2021_lets_no_other_body_through(now):
    # A library in use accepted this: the digest of the example is not covered, so body and digest may be replaced.
    body = b'{"type": "Delete"}'
    forged = Request(
        method="POST",
        target=RFC_REQUEST.target,
        scheme="https",
        authority="example.com",
        headers=(
            ("Date", "Tue, 20 Apr 2021 02:07:55 GMT"),
            ("Content-Type", "application/json"),
            ("Content-Length", "18"),
            ("Content-Digest", f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"),
            (
                "Signature-Input",
                'sig=("date" "@method" "@path" "@authority" "content-type" "content-length")'
                ';created=1618884473;keyid="test-key-ed25519"',
            ),
            (
                "Signature",
                "sig=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:",
            ),
        ),
        body=body,
    )

    with pytest.raises(SignatureInvalid):
        claimed(forged, now=now, authorities=frozenset({"example.com"}))
