# SPDX-License-Identifier: AGPL-3.0-or-later
"""RFC 9421 against an independent implementation, in both directions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, algorithms
from http_message_signatures.exceptions import InvalidSignature
from http_message_signatures.resolvers import MappingKeyResolver
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activitypub.errors import Malformed
from activitypub.signatures import rfc9421
from activitypub.signatures.check import claimed, verified
from activitypub.signatures.digest import content_digest
from activitypub.signatures.keys import Algorithm
from activitypub.signatures.message import Request

NOW = datetime(2026, 1, 1, 10, 0, tzinfo=UTC)


@dataclass
class Message:
    """What the other implementation takes for a request."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)


def message(request: Request) -> Message:
    return Message(request.method, f"{request.scheme}://{request.authority}{request.target}", dict(request.headers))


def other_side(key):
    algorithm = algorithms.RSA_V1_5_SHA256 if key.algorithm is Algorithm.RSA else algorithms.ED25519
    resolver = MappingKeyResolver(public_keys={key.id: key.private.public_key()}, private_keys={key.id: key.private})
    return {"signature_algorithm": algorithm, "key_resolver": resolver}


PATH = st.lists(st.text("abcXYZ019-._~@!$&'()*+,;=:", max_size=8) | st.just("%C3%A9"), max_size=4).map("/".join)
QUERY = st.none() | st.lists(
    st.sampled_from(["a=1", "b=x+y", "c=%20z", "d", "e=~*", "f=", "g=a/b?c"]), unique=True
).map("&".join)
REQUESTS = st.builds(
    lambda method, path, query, scheme, host, port, extra, body: Request(
        method=method,
        target=f"/{path}" + ("" if query is None else f"?{query}"),
        scheme=scheme,
        authority=host + port,
        headers=(("Content-Type", "application/activity+json"), ("X-Extra", extra)),
        body=body if method == "POST" else b"",
    ),
    st.sampled_from(["GET", "POST"]),
    PATH.filter(lambda path: not path.startswith("/")),
    QUERY,
    st.sampled_from(["https", "http"]),
    st.sampled_from(["our.example", "lyon.localhost"]),
    st.sampled_from(["", ":443", ":80", ":8001"]),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20),
    st.binary(min_size=1, max_size=40),
)
DERIVED = ["@method", "@target-uri", "@authority", "@scheme", "@request-target", "@path", "@query"]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(request_=REQUESTS)
def test_what_we_sign_the_other_side_verifies(request_, key):
    signed = request_.with_headers(rfc9421.sign(request_, key, NOW))

    [result] = HTTPMessageVerifier(**other_side(key)).verify(
        message(signed),
        max_age=None,
        body=signed.body or None,
        require_components=("@method", "@target-uri", "@authority"),
    )

    assert result.parameters["keyid"] == key.id


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    request_=REQUESTS,
    extra=st.lists(st.sampled_from([*DERIVED, "content-type", "x-extra"]), unique=True),
    data=st.data(),
)
def test_what_the_other_side_signs_we_verify(request_, extra, data, key, public_half):
    covered = list(dict.fromkeys(["@method", "@target-uri", *extra]))
    names = [part.partition("=")[0] for part in (request_.query or "").split("&") if part]
    covered += [
        f'"@query-param";name="{name}"'
        for name in data.draw(st.sets(st.sampled_from(names)) if names else st.just(set()))
    ]
    sent = message(request_)
    HTTPMessageSigner(**other_side(key)).sign(
        sent,
        key_id=key.id,
        created=NOW,
        covered_component_ids=data.draw(st.permutations(covered)),
        body=request_.body or None,
        include_alg=data.draw(st.booleans()),
        nonce=data.draw(st.none() | st.just('a"b\\c')),
        label=data.draw(st.sampled_from(["sig1", "pyhms", "*odd.label-1"])),
    )
    received = Request(
        request_.method,
        request_.target,
        request_.scheme,
        request_.authority,
        tuple(sent.headers.items()),
        request_.body,
    )

    claim = claimed(received, now=NOW, authorities=frozenset({request_.authority}))

    assert verified(claim, [public_half(key)]).id == key.id


def test_the_other_side_refuses_what_we_signed_for_another_body(ed25519):
    request = Request("POST", "/inbox", "https", "our.example", (), b"{}")
    signed = request.with_headers(rfc9421.sign(request, ed25519, NOW))

    with pytest.raises(InvalidSignature):
        HTTPMessageVerifier(**other_side(ed25519)).verify(message(signed), max_age=None, body=b"[]")


QUERIED = Request(
    "GET",
    "/parameters?var=this%20is%20a%20big%0Amultiline%20value&bar=with+plus+whitespace&fa%C3%A7ade%22%3A%20=something"
    "&twice=1&twice=2&empty",
    "https",
    "www.Example.com:443",
    (("X-Empty", ""), ("Content-Digest", content_digest(b""))),
)


@pytest.mark.parametrize(
    ("component", "line"),
    [
        ('"@method"', '"@method": GET'),
        ('"@authority"', '"@authority": www.example.com'),
        ('"@scheme"', '"@scheme": https'),
        ('"@path"', '"@path": /parameters'),
        ('"host"', '"host": www.Example.com:443'),
        ('"x-empty"', '"x-empty": '),
        # The examples of section 2.2.8.
        ('"@query-param";name="var"', '"@query-param";name="var": this%20is%20a%20big%0Amultiline%20value'),
        ('"@query-param";name="bar"', '"@query-param";name="bar": with%20plus%20whitespace'),
        ('"@query-param";name="fa%C3%A7ade%22%3A%20"', '"@query-param";name="fa%C3%A7ade%22%3A%20": something'),
        ('"@query-param";name="empty"', '"@query-param";name="empty": '),
    ],
)
def test_a_component_has_the_value_of_the_specification(component, line):
    [found] = rfc9421.read(f"a=({component})", "a=:AA==:")

    assert rfc9421.base(QUERIED, found.covered).decode().split("\n")[0] == line


def test_a_request_for_nothing_has_an_empty_query_and_a_root_path():
    [found] = rfc9421.read('a=("@path" "@query" "@request-target")', "a=:AA==:")

    base = rfc9421.base(Request("GET", "/", "https", "our.example", ()), found.covered).decode()

    assert base.startswith('"@path": /\n"@query": ?\n"@request-target": /\n')


@pytest.mark.parametrize(
    "component",
    [
        '"@status"',
        '"@unknown"',
        '"@signature-params"',
        '"x-missing"',
        '"X-Empty"',
        "x-empty",
        "1",
        '"@method" "@method"',
        '"@method";req',
        '"x-empty";bs',
        '"x-empty";tr',
        '"content-digest";sf',
        '"content-digest";key="sha-256"',
        '"@query-param"',
        '"@query-param";name=var',
        '"@query-param";name="lost"',
        '"@query-param";name="twice"',
        '"@query-param";name="var";req',
        " ".join(f'"@query-param";name="{number}"' for number in range(60)),
    ],
)
def test_a_component_that_is_unknown_missing_or_ambiguous_is_refused(component):
    [found] = rfc9421.read(f"a=({component})", "a=:AA==:")

    with pytest.raises(Malformed):
        rfc9421.base(QUERIED, found.covered)
