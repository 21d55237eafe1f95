# SPDX-License-Identifier: AGPL-3.0-or-later
"""A digest header that does not match the body, in any form, is found out."""

from __future__ import annotations

import base64
import hashlib

import pytest

from activitypub.errors import SignatureInvalid
from activitypub.signatures.digest import content_digest, digest, matching
from activitypub.signatures.message import Request

BODY = b'{"hello": "world"}'
SHA256 = "X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE="
SHA512 = "WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew=="
OTHER = base64.b64encode(hashlib.sha256(b"other").digest()).decode()


def request(*headers: tuple[str, str]) -> Request:
    return Request("POST", "/inbox", "https", "our.example", headers, BODY)


def test_digests_have_the_values_of_the_specifications():
    # draft-cavage-12 appendix C; RFC 9421 appendix B.2 and RFC 9530.
    assert digest(BODY) == f"SHA-256={SHA256}"
    assert content_digest(BODY) == f"sha-256=:{SHA256}:"


@pytest.mark.parametrize(
    ("headers", "names"),
    [
        ((), set()),
        ((("Digest", f"SHA-256={SHA256}"),), {"digest"}),
        ((("digest", f"sha-256={SHA256}"),), {"digest"}),
        ((("Digest", f"sha-512={SHA512}"),), {"digest"}),
        ((("Digest", f"MD5=abcd, SHA-256={SHA256}"),), {"digest"}),
        ((("Digest", f"SHA-256={SHA256},SHA-512={SHA512}"),), {"digest"}),
        ((("Content-Digest", f"sha-256=:{SHA256}:"),), {"content-digest"}),
        ((("Content-Digest", f"sha-512=:{SHA512}:, md5=:AAAA:"),), {"content-digest"}),
        (
            (("Digest", f"SHA-256={SHA256}"), ("Content-Digest", f"sha-512=:{SHA512}:")),
            {"digest", "content-digest"},
        ),
    ],
)
def test_headers_that_match_are_named(headers, names):
    assert matching(request(*headers)) == names


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param((("Digest", f"SHA-256={OTHER}"),), id="another body"),
        pytest.param((("Digest", f"SHA-256={SHA256},SHA-512={OTHER}"),), id="one of two wrong"),
        pytest.param((("Digest", f"SHA-256={SHA256},SHA-256={OTHER}"),), id="same algorithm twice"),
        pytest.param((("Digest", f"SHA-256={SHA256}"), ("Digest", f"SHA-256={OTHER}")), id="header twice"),
        pytest.param(
            (("Digest", f"SHA-256={SHA256}"), ("Content-Digest", f"sha-256=:{OTHER}:")), id="content-digest wrong"
        ),
        pytest.param((("Digest", f"SHA-256={OTHER}"), ("Content-Digest", f"sha-256=:{SHA256}:")), id="digest wrong"),
        pytest.param((("Digest", "MD5=+mtFyMxaLfRIbnkYYIBHFw=="),), id="only MD5"),
        pytest.param((("Content-Digest", "md5=:+mtFyMxaLfRIbnkYYIBHFw==:"),), id="only md5"),
        pytest.param((("Digest", ""),), id="empty"),
        pytest.param((("Content-Digest", ""),), id="empty content-digest"),
        pytest.param((("Digest", f"SHA-256={SHA256[:-1]}"),), id="padding lost"),
        pytest.param((("Digest", f"SHA-256={SHA256[:-5]}"),), id="cut off"),
        pytest.param((("Digest", f"SHA-256=:{SHA256}:"),), id="new form under the old name"),
        pytest.param((("Content-Digest", f"SHA-256={SHA256}"),), id="old form under the new name"),
        pytest.param((("Content-Digest", f'sha-256="{SHA256}"'),), id="a string, not bytes"),
        pytest.param((("Content-Digest", f"sha-256=:{SHA256}:, sha-256=:{OTHER}:"),), id="member twice"),
        pytest.param((("Digest", f"SHA-256={SHA256}" + "," * 2000),), id="too long"),
        pytest.param((("Digest", f"SHA-1=qvTGHdzF6KLavt4PO0gs2a6pQ00={SHA256}"),), id="padding inside"),
    ],
)
def test_headers_that_do_not_match_are_refused(headers):
    with pytest.raises(SignatureInvalid):
        matching(request(*headers))
