# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a signed request must show before anything in it is believed."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activitypub.errors import SignatureInvalid
from activitypub.signatures import cavage, check, rfc9421
from activitypub.signatures.check import claimed, verified
from activitypub.signatures.digest import content_digest, digest
from activitypub.signatures.keys import Algorithm, SigningKey, VerifyingKey, generate
from activitypub.signatures.message import Request
from activitypub.signatures.structured import InnerList, Item, serialise_inner_list

OURS = frozenset({"our.example", "www.our.example:8443"})
BODY = (
    b'{"@context":"https://www.w3.org/ns/activitystreams","id":"https://peer.example/a/1","type":"Create",'
    b'"actor":"https://peer.example/users/alex","object":{"type":"Note","content":"Hello class of 1998"}}'
)
NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
SCHEMES = {"cavage": cavage.sign, "rfc9421": rfc9421.sign}


def post(target: str = "/inbox", body: bytes = BODY, authority: str = "our.example") -> Request:
    headers = (("Host", authority), ("Content-Type", "application/activity+json"), ("User-Agent", "Peer/1.0"))
    return Request("POST", target, "https", authority, headers, body)


def get(target: str = "/actors/a") -> Request:
    headers = (("Host", "our.example"), ("Accept", "application/activity+json"))
    return Request("GET", target, "https", "our.example", headers)


def with_cavage(
    request: Request,
    key: SigningKey,
    covered: str = "(request-target) host date digest content-type",
    *,
    parameters: str = 'algorithm="rsa-sha256",',
    created: str | None = None,
    expires: str | None = None,
    date: str | None = format_datetime(NOW, usegmt=True),
    **added: str,
) -> Request:
    """`request` as a server signs it that chooses what to cover by itself."""
    headers = {"Digest": digest(request.body)} if request.body else {}
    if date is not None:
        headers["Date"] = date
    headers |= {name.replace("_", "-"): value for name, value in added.items()}
    request = request.with_headers(headers)
    signature = key.sign(cavage.base(request, covered.split(" "), created=created, expires=expires))
    times = "".join(f"{name}={value}," for name, value in (("created", created), ("expires", expires)) if value)
    return request.with_headers(
        {
            "Signature": f'keyId="{key.id}",{parameters}{times}headers="{covered}",'
            f'signature="{base64.b64encode(signature).decode()}"'
        }
    )


def rfc_headers(
    request: Request, key: SigningKey, covered: Sequence[str], label: str = "sig1", **parameters: int | str | None
) -> dict[str, str]:
    defaults: dict[str, int | str | None] = {"created": int(NOW.timestamp()), "keyid": key.id}
    given_ = {name: value for name, value in (defaults | parameters).items() if value is not None}
    inner = InnerList(tuple(Item(name) for name in covered), given_)
    signature = base64.b64encode(key.sign(rfc9421.base(request, inner))).decode()
    return {"Signature-Input": f"{label}={serialise_inner_list(inner)}", "Signature": f"{label}=:{signature}:"}


def with_rfc9421(
    request: Request,
    key: SigningKey,
    covered: Sequence[str] = ("@method", "@target-uri", "content-digest"),
    **parameters: int | str | None,
) -> Request:
    if request.body:
        request = request.with_headers({"Content-Digest": content_digest(request.body)})
    return request.with_headers(rfc_headers(request, key, covered, **parameters))


def check_all(request: Request, keys: Sequence[VerifyingKey], now: datetime = NOW) -> VerifyingKey:
    return verified(claimed(request, now=now, authorities=OURS), keys)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(post(), id="delivery"),
        pytest.param(get(), id="fetch"),
        pytest.param(get("/actors/a/followers?page=true&min_id=1"), id="fetch with a query"),
        pytest.param(post(authority="www.our.example:8443"), id="delivery to another name of ours"),
        pytest.param(post(body=b""), id="delivery of nothing"),
    ],
)
def test_what_we_sign_we_believe(scheme, request_, key, public_half):
    signed = request_.with_headers(SCHEMES[scheme](request_, key, NOW))

    claim = claimed(signed, now=NOW, authorities=OURS)

    assert (claim.scheme, claim.key_id) == (scheme, key.id)
    assert verified(claim, [public_half(key)]) == public_half(key)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_signing_covers_only_headers_that_will_be_sent(scheme, key):
    bare = replace(get(), headers=(("Host", "our.example"),))

    added = SCHEMES[scheme](bare, key, NOW)

    assert "accept" not in str(added)
    assert not {"Host", "Accept", "Content-Type", "User-Agent"} & added.keys()


def test_a_signed_date_is_an_http_date(rsa):
    paris = NOW.astimezone(datetime.fromisoformat("2026-11-25T11:00+01:00").tzinfo)

    assert cavage.sign(post(), rsa, paris)["Date"] == "Wed, 25 Nov 2026 10:00:00 GMT"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_key_of_somebody_else_does_not_verify(scheme, rsa, ed25519, public_half):
    signed = post().with_headers(SCHEMES[scheme](post(), rsa, NOW))
    other = VerifyingKey(rsa.id, "https://peer.example/users/eve", Algorithm.RSA, generate(Algorithm.RSA).public_key())

    for keys in ([], [other], [public_half(ed25519)], [other, public_half(ed25519)]):
        with pytest.raises(SignatureInvalid):
            check_all(signed, keys)
    assert check_all(signed, [other, public_half(ed25519), public_half(rsa)]) == public_half(rsa)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="unsigned"),
        pytest.param({"Signature": ""}, id="empty"),
        pytest.param({"Signature": "garbage"}, id="garbage"),
        pytest.param({"Signature": 'keyId="k",headers="date"'}, id="no signature"),
        pytest.param({"Signature": 'headers="(request-target) host date digest",signature="AA=="'}, id="no key id"),
        pytest.param(
            {"Signature": 'keyId="",headers="(request-target) host date digest",signature="AA=="'}, id="empty key id"
        ),
        pytest.param(
            {"Signature": 'keyId="k",keyId="l",headers="(request-target) host date digest",signature="AA=="'},
            id="two key ids",
        ),
        pytest.param(
            {"Signature": 'keyId="k",headers="(request-target) host date digest",signature="A"'}, id="not base64"
        ),
        pytest.param(
            {"Signature": 'keyId="k",headers="(request-target) host date digest date",signature="AA=="'},
            id="a header twice",
        ),
        pytest.param(
            {"Signature": 'keyId="k",headers="(request-target) host date digest x-lost",signature="AA=="'},
            id="a header that is not there",
        ),
        pytest.param(
            {"Signature": 'keyId="k",headers="(request-target)  host date digest",signature="AA=="'},
            id="a header without a name",
        ),
        pytest.param(
            {"Signature": f'keyId="{"k" * 3000}",headers="(request-target) host date digest",signature="AA=="'},
            id="long key id",
        ),
        pytest.param({"Signature": 'keyId="k",signature="' + "A" * 20_000 + '"'}, id="long header"),
        pytest.param({"Signature-Input": 'sig1=("@method")'}, id="input alone"),
        pytest.param({"Signature-Input": "sig1", "Signature": "sig1=:AA==:"}, id="input is no list"),
        pytest.param(
            {"Signature-Input": 'a=("@method" "@target-uri");created=1', "Signature": "b=:AA==:"}, id="other label"
        ),
        pytest.param({"Signature-Input": "", "Signature": ""}, id="both empty"),
        pytest.param({"Signature-Input": "sig1=(", "Signature": "sig1=:AA==:"}, id="input cut off"),
        pytest.param(
            {
                "Signature-Input": ", ".join(f'l{n}=("@method")' for n in range(9)),
                "Signature": ", ".join(f"l{n}=:AA==:" for n in range(9)),
            },
            id="too many labels",
        ),
    ],
)
def test_a_request_without_a_readable_signature_is_refused(headers):
    signed = post().with_headers(
        {"Date": format_datetime(NOW, usegmt=True), "Digest": digest(BODY), "Content-Digest": content_digest(BODY)}
        | headers
    )

    with pytest.raises(SignatureInvalid):
        claimed(signed, now=NOW, authorities=OURS)


# What must be covered


@pytest.mark.parametrize(
    ("covered", "enough"),
    [
        ("(request-target) host date digest content-type", True),
        ("(request-target) host date digest", True),
        ("digest date host (request-target)", True),
        ("(request-target) host date content-digest", True),
        ("host date digest", False),
        ("(request-target) date digest", False),
        ("(request-target) host digest", False),
        ("(request-target) host date", False),
        ("(request-target) host date content-type", False),
        ("date", False),
    ],
)
def test_a_cavage_signature_covers_target_host_moment_and_body(covered, enough, rsa, public_half):
    signed = with_cavage(post(), rsa, covered, content_digest=content_digest(BODY))

    if enough:
        assert check_all(signed, [public_half(rsa)])
    else:
        with pytest.raises(SignatureInvalid):
            check_all(signed, [public_half(rsa)])


@pytest.mark.parametrize(
    ("covered", "enough"),
    [
        (("@method", "@target-uri", "content-digest"), True),
        (("@method", "@target-uri", "@authority", "content-digest"), True),
        (("@method", "@target-uri", "digest"), True),
        (("@method", "@authority", "@path", "@query", "content-digest"), True),
        (("@method", "@authority", "@request-target", "content-digest", "@scheme", "host"), True),
        (("@target-uri", "content-digest"), False),
        (("@method", "content-digest"), False),
        (("@method", "@path", "@query", "content-digest"), False),
        (("@method", "@authority", "@path", "content-digest"), False),
        (("@method", "@authority", "@query", "content-digest"), False),
        (("@method", "@request-target", "content-digest"), False),
        (("@method", "@target-uri"), False),
        (("@method", "@target-uri", "content-type"), False),
        ((), False),
    ],
)
def test_an_rfc9421_signature_covers_method_target_and_body(covered, enough, key, public_half):
    signed = with_rfc9421(post().with_headers({"Digest": digest(BODY)}), key, covered)

    if enough:
        assert check_all(signed, [public_half(key)])
    else:
        with pytest.raises(SignatureInvalid):
            check_all(signed, [public_half(key)])


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_fetch_needs_no_digest_unless_it_has_a_body(scheme, rsa, public_half):
    signed = get().with_headers(SCHEMES[scheme](get(), rsa, NOW))

    assert check_all(signed, [public_half(rsa)])
    with pytest.raises(SignatureInvalid):
        check_all(replace(signed, body=b"{}"), [public_half(rsa)])


# The body


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda request: replace(request, body=BODY + b" "), id="body changed"),
        pytest.param(lambda request: replace(request, body=b""), id="body removed"),
        pytest.param(
            lambda request: replace(request, body=b"{}").with_headers({"Digest": digest(b"{}")}), id="digest changed"
        ),
        pytest.param(
            lambda request: replace(request, body=b"{}").with_headers({"Content-Digest": content_digest(b"{}")}),
            id="content-digest changed",
        ),
        pytest.param(
            lambda request: replace(request, body=b"{}").with_headers(
                {"Digest": digest(b"{}"), "Content-Digest": content_digest(b"{}")}
            ),
            id="both digests changed",
        ),
        pytest.param(
            lambda request: request.with_headers({"Digest": digest(b"{}"), "Content-Digest": content_digest(BODY)}),
            id="a wrong one beside",
        ),
        pytest.param(
            lambda request: replace(
                request, headers=tuple(line for line in request.headers if not line[0].lower().endswith("digest"))
            ),
            id="digests removed",
        ),
    ],
)
def test_a_body_other_than_the_signed_one_is_refused(scheme, change, rsa, public_half):
    signed = post().with_headers(SCHEMES[scheme](post(), rsa, NOW))

    with pytest.raises(SignatureInvalid):
        check_all(change(signed), [public_half(rsa)])


def test_an_unsigned_digest_does_not_stand_in_for_the_signed_one(ed25519, public_half):
    # A library in use accepted this: the signature covers Content-Digest, the check looked at Digest.
    signed = with_rfc9421(post(), ed25519)
    forged = replace(signed, body=b'{"type":"Delete"}').with_headers({"Digest": digest(b'{"type":"Delete"}')})

    assert check_all(signed, [public_half(ed25519)])
    with pytest.raises(SignatureInvalid):
        check_all(forged, [public_half(ed25519)])


def test_a_signed_digest_must_be_one_that_was_checked(rsa, public_half):
    md5 = base64.b64encode(hashlib.md5(BODY).digest()).decode()

    signed = with_cavage(post(), rsa, "(request-target) host date digest", Digest=f"MD5={md5}")

    with pytest.raises(SignatureInvalid):
        check_all(signed, [public_half(rsa)])


@pytest.mark.parametrize("name", ["SHA-256", "sha-256", "Sha-256"])
def test_the_name_of_a_digest_may_be_in_any_case(name, rsa, public_half):
    value = digest(BODY).replace("SHA-256", name)

    assert check_all(with_cavage(post(), rsa, Digest=value), [public_half(rsa)])


# The target


TARGETS = [
    "/users/sam/followers_synchronization?authority=https%3A%2F%2Fpeer.example&page=true",
    "/users/sam/followers_synchronization?authority=https%3a%2f%2fpeer.example",
    "/users/sam?",
    "/users/sam?q=a+b",
    "/users/sam?a=1&a=2",
    "/users/sam?a=b?c=d",
    "/users/%40sam",
    "/users/@sam",
    "//users//sam",
    "/users/%73am",
    "/users/../sam",
    "/?page=true&min_id=1",
]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    "sign",
    [
        pytest.param(lambda r, k: with_cavage(r, k, "(request-target) host date"), id="cavage"),
        pytest.param(lambda r, k: with_rfc9421(r, k, ("@method", "@target-uri")), id="target-uri"),
        pytest.param(lambda r, k: with_rfc9421(r, k, ("@method", "@authority", "@path", "@query")), id="path, query"),
        pytest.param(
            lambda r, k: with_rfc9421(r, k, ("@method", "@authority", "@request-target")), id="request-target"
        ),
    ],
)
def test_the_target_is_signed_as_the_request_line_has_it(target, sign, rsa, public_half):
    signed = sign(get(target), rsa)

    assert check_all(signed, [public_half(rsa)])
    for other in (target + "&", target.replace("%3A", "%3a") + "x", "/" + target, target[:-1] + "!"):
        with pytest.raises(SignatureInvalid):
            check_all(replace(signed, target=other), [public_half(rsa)])


def test_a_fetch_signed_without_its_query_is_accepted(rsa, public_half):
    # Several servers leave the query out of what they sign.
    signed = with_cavage(get("/outbox"), rsa, "(request-target) host date")

    assert check_all(replace(signed, target="/outbox?page=true"), [public_half(rsa)])
    with pytest.raises(SignatureInvalid):
        check_all(replace(signed, target="/inbox?page=true"), [public_half(rsa)])


def test_a_delivery_signed_without_its_query_is_refused(rsa, public_half):
    signed = with_cavage(post("/inbox"), rsa)

    with pytest.raises(SignatureInvalid):
        check_all(replace(signed, target="/inbox?as=admin"), [public_half(rsa)])


@pytest.mark.parametrize("covered", [("@method", "@target-uri"), ("@method", "@authority", "@path", "@query")])
def test_an_rfc9421_fetch_is_never_accepted_without_its_query(covered, rsa, public_half):
    signed = with_rfc9421(get("/outbox"), rsa, covered)

    with pytest.raises(SignatureInvalid):
        check_all(replace(signed, target="/outbox?page=true"), [public_half(rsa)])


@pytest.mark.parametrize("target", ["", "*", "https://our.example/inbox", "inbox", "/" + "a" * 9000])
def test_a_target_that_is_no_path_is_refused(target, rsa):
    signed = with_cavage(post(target), rsa)

    with pytest.raises(SignatureInvalid):
        claimed(signed, now=NOW, authorities=OURS)


# The host


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    ("authority", "ours"),
    [
        ("our.example", True),
        ("OUR.example", True),
        ("our.example:443", True),
        ("www.our.example:8443", True),
        ("our.example:8443", False),
        ("www.our.example", False),
        ("our.example.", False),
        ("evil.example", False),
        ("our.example.evil.example", False),
        ("our.example@evil.example", False),
        ("", False),
    ],
)
def test_only_requests_for_a_name_of_ours_are_looked_at(scheme, authority, ours, rsa, public_half):
    request = post(authority=authority)
    signed = request.with_headers(SCHEMES[scheme](request, rsa, NOW))

    if ours:
        assert check_all(signed, [public_half(rsa)])
    else:
        with pytest.raises(SignatureInvalid):
            check_all(signed, [public_half(rsa)])


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_was_signed_for_another_name_of_ours_is_refused(scheme, rsa, public_half):
    signed = post().with_headers(SCHEMES[scheme](post(), rsa, NOW))

    with pytest.raises(SignatureInvalid):
        check_all(replace(signed, authority="www.our.example:8443"), [public_half(rsa)])


# The moment


HOUR = timedelta(hours=1)
MOMENTS = [
    pytest.param(timedelta(0), True, id="now"),
    pytest.param(-11 * HOUR, True, id="11 hours ago"),
    pytest.param(-12 * HOUR, True, id="12 hours ago"),
    pytest.param(-12 * HOUR - timedelta(seconds=1), False, id="just over 12 hours ago"),
    pytest.param(-13 * HOUR, False, id="13 hours ago"),
    pytest.param(timedelta(minutes=59), True, id="59 minutes ahead"),
    pytest.param(HOUR + timedelta(seconds=1), False, id="just over an hour ahead"),
    pytest.param(2 * HOUR, False, id="2 hours ahead"),
    pytest.param(timedelta(days=-2000), False, id="years ago"),
]


@pytest.mark.parametrize(("offset", "fresh"), MOMENTS)
@pytest.mark.parametrize(
    "sign",
    [
        pytest.param(lambda r, k, at: with_cavage(r, k, date=format_datetime(at, usegmt=True)), id="date"),
        pytest.param(
            lambda r, k, at: with_cavage(
                r, k, "(request-target) (created) host digest", created=str(int(at.timestamp())), date=None
            ),
            id="(created)",
        ),
        pytest.param(lambda r, k, at: with_rfc9421(r, k, created=int(at.timestamp())), id="rfc9421"),
    ],
)
def test_a_signature_is_good_from_twelve_hours_ago_to_one_ahead(sign, offset, fresh, rsa, public_half):
    signed = sign(post(), rsa, NOW + offset)

    if fresh:
        assert check_all(signed, [public_half(rsa)])
    else:
        with pytest.raises(SignatureInvalid):
            check_all(signed, [public_half(rsa)])


def test_a_fresh_created_does_not_freshen_an_old_date(rsa, public_half):
    signed = with_cavage(
        post(),
        rsa,
        "(request-target) (created) host date digest",
        created=str(int(NOW.timestamp())),
        date=format_datetime(NOW - 13 * HOUR, usegmt=True),
    )

    with pytest.raises(SignatureInvalid):
        check_all(signed, [public_half(rsa)])


@pytest.mark.parametrize(
    "date",
    [
        "",
        "yesterday",
        "2026-11-25T10:00:00Z",
        "Wed, 25 Nov 99999 10:00:00 GMT",
        "Wed, 25 Nov 2026 99:00:00 GMT",
        "Wed, 25 Nov 2026 10:00:00 +9999999",
    ],
)
def test_a_date_that_cannot_be_read_is_refused(date, rsa):
    with pytest.raises(SignatureInvalid):
        claimed(with_cavage(post(), rsa, date=date), now=NOW, authorities=OURS)


@pytest.mark.parametrize(("offset", "good"), [(timedelta(seconds=30), True), (timedelta(seconds=-1), False)])
def test_expires_is_kept(offset, good, rsa, public_half):
    expires = int((NOW + offset).timestamp())
    covered = "(request-target) (created) (expires) host digest"
    made = str(int((NOW - HOUR).timestamp()))

    for signed in (
        with_rfc9421(post(), rsa, created=int(made), expires=expires),
        with_cavage(post(), rsa, covered, created=made, expires=str(expires)),
        with_cavage(post(), rsa, parameters=f'expires="{expires}",'),
    ):
        if good:
            assert check_all(signed, [public_half(rsa)])
        else:
            with pytest.raises(SignatureInvalid):
                check_all(signed, [public_half(rsa)])


@pytest.mark.parametrize("created", [None, "1764064800", "soon"])
def test_an_rfc9421_signature_without_a_number_for_created_is_refused(created, rsa):
    with pytest.raises(SignatureInvalid):
        claimed(with_rfc9421(post(), rsa, created=created), now=NOW, authorities=OURS)


@pytest.mark.parametrize("created", ["soon", "-1", "", "1" * 400, "nan", "1e9", "١"])
def test_a_cavage_time_that_is_no_number_is_refused(created, rsa):
    signed = with_cavage(
        post(), rsa, "(request-target) (created) host digest", parameters=f'created="{created}",', created=created
    ).with_headers({})
    header = signed.header("signature").replace(f"created={created},", "", 1)

    with pytest.raises(SignatureInvalid):
        claimed(signed.with_headers({"Signature": header}), now=NOW, authorities=OURS)


def test_the_same_request_again_is_still_a_valid_signature(rsa, public_half):
    # A replay has no second effect because activities are applied once, not because it is refused here.
    signed = with_cavage(post(), rsa)

    assert check_all(signed, [public_half(rsa)]) == check_all(signed, [public_half(rsa)], NOW + 11 * HOUR)


# Algorithms


@pytest.mark.parametrize("named", ['algorithm="rsa-sha256",', 'algorithm="hs2019",', 'algorithm="RSA-SHA256",', ""])
def test_rsa_with_sha256_has_several_names(named, rsa, public_half):
    assert check_all(with_cavage(post(), rsa, parameters=named), [public_half(rsa)])


@pytest.mark.parametrize("named", ['algorithm="ed25519",', 'algorithm="hs2019",', ""])
def test_ed25519_is_verified_in_cavage_too(named, ed25519, public_half):
    assert check_all(with_cavage(post(), ed25519, parameters=named), [public_half(ed25519)])


class Sha512Key(SigningKey):
    """An RSA key as some servers use it."""

    __slots__ = ()

    def sign(self, data: bytes) -> bytes:
        return self.private.sign(data, padding.PKCS1v15(), hashes.SHA512())


@pytest.mark.parametrize(("named", "good"), [("rsa-sha512", True), ("hs2019", True), ("rsa-sha256", False)])
def test_rsa_with_sha512_is_accepted_under_its_names(named, good, rsa, public_half):
    signed = with_cavage(post(), Sha512Key(rsa.id, rsa.algorithm, rsa.private), parameters=f'algorithm="{named}",')

    if good:
        assert check_all(signed, [public_half(rsa)])
    else:
        with pytest.raises(SignatureInvalid):
            check_all(signed, [public_half(rsa)])


@pytest.mark.parametrize("named", ["hmac-sha256", "ecdsa-sha256", "none", "rsa-sha1"])
def test_other_algorithms_are_refused(named, rsa):
    with pytest.raises(SignatureInvalid):
        claimed(with_cavage(post(), rsa, parameters=f'algorithm="{named}",'), now=NOW, authorities=OURS)
    with pytest.raises(SignatureInvalid):
        claimed(with_rfc9421(post(), rsa, alg=named), now=NOW, authorities=OURS)


def test_an_algorithm_of_the_other_kind_of_key_does_not_verify(rsa, public_half):
    with pytest.raises(SignatureInvalid):
        check_all(with_rfc9421(post(), rsa, alg="ed25519"), [public_half(rsa)])


# Several signatures


def test_one_sufficient_signature_among_several_is_enough(rsa, ed25519, public_half):
    request = post().with_headers({"Content-Digest": content_digest(BODY)})
    proxy = rfc_headers(request, rsa, ["@authority"], "proxy")
    wrong = {"Signature-Input": f'odd=("@method");created="x";keyid="{rsa.id}"', "Signature": "odd=:AA==:"}
    theirs = rfc_headers(request, ed25519, ["@method", "@target-uri", "content-digest"], "theirs")
    signed = request.with_headers(
        {name: ", ".join((wrong[name], proxy[name], theirs[name])) for name in ("Signature-Input", "Signature")}
    )

    assert claimed(signed, now=NOW, authorities=OURS).key_id == ed25519.id
    assert check_all(signed, [public_half(ed25519)])


def test_headers_on_several_lines_are_one_header(rsa, public_half):
    signed = with_cavage(
        replace(get(), headers=(("Accept", "application/activity+json"), ("accept", " application/ld+json "))),
        rsa,
        "(request-target) host date accept",
    )

    assert b"accept: application/activity+json, application/ld+json" in cavage.base(signed, ["accept"])
    assert check_all(signed, [public_half(rsa)])


def test_a_line_break_in_a_covered_value_is_refused(rsa):
    signed = with_cavage(post(), rsa, "(request-target) host date digest")
    headers = signed.header("signature").replace("digest", "digest x-split")

    with pytest.raises(SignatureInvalid):
        claimed(
            signed.with_headers({"Signature": headers, "X-Split": "a\nhost: evil.example"}),
            now=NOW,
            authorities=OURS,
        )


# Whatever comes


@pytest.fixture(scope="session")
def signed_both(ed25519):
    request = post("/users/sam/inbox?a=b")
    return {name: request.with_headers(sign(request, ed25519, NOW)) for name, sign in SCHEMES.items()}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_covered_byte_can_be_changed(scheme, signed_both, public_half, ed25519, data):
    signed = signed_both[scheme]
    covered = {
        "cavage": ["target", "authority", "method", "body", "Date", "Digest", "Content-Type", "Signature"],
        "rfc9421": ["target", "authority", "method", "body", "Content-Digest", "Signature-Input", "Signature"],
    }[scheme]
    part = data.draw(st.sampled_from(covered))
    before = getattr(signed, part) if part.islower() else signed.header(part)
    at = data.draw(st.integers(0, len(before) - 1))
    if isinstance(before, bytes):
        after = before[:at] + bytes([before[at] ^ data.draw(st.integers(1, 255))]) + before[at + 1 :]
    else:
        after = before[:at] + data.draw(st.characters(min_codepoint=33, max_codepoint=126)) + before[at + 1 :]
    changed = replace(signed, **{part: after}) if part.islower() else signed.with_headers({part: after})

    try:
        key = check_all(changed, [public_half(ed25519)])
    except SignatureInvalid:
        return
    # What still verifies is the same statement: another case, another label, another hint of the algorithm.
    assert key.id == ed25519.id
    assert changed.body == signed.body
    assert changed.target == signed.target
    assert changed.method.lower() == signed.method.lower()
    assert changed.authority.lower() == signed.authority.lower()
    assert part not in {"Date", "Content-Type"} or after == before
    if "igest" in part:
        assert after == before


NAMES = ["Signature", "Signature-Input", "Digest", "Content-Digest", "Date", "Content-Type"]
PIECES = st.sampled_from(
    [
        'keyId="https://peer.example/users/alex#main-key"',
        'headers="(request-target) host date digest"',
        'headers="(request-target) (created) host digest"',
        'signature="AA=="',
        "created=1795600800",
        "expires=99999999999",
        'sig1=("@method" "@target-uri" "content-digest")',
        'sig1=("@method" "@authority" "@path" "@query" "@query-param";name="a" "digest")',
        ";created=1795600800",
        ';keyid="k"',
        "sig1=:AA==:",
        digest(BODY),
        content_digest(BODY),
        format_datetime(NOW, usegmt=True),
        ",",
        ";",
    ]
)
VALUES = (
    st.text(max_size=30)
    | st.lists(PIECES, max_size=6).map(",".join)
    | st.lists(PIECES, max_size=6).map("".join)
    | st.text("0123456789 :,GMT+-JanWed", max_size=30)
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    headers=st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=6),
    target=st.just("/inbox") | st.text(max_size=20).map("/".__add__),
    method=st.sampled_from(["POST", "GET", "DELETE", "ÿ"]),
)
def test_whatever_is_sent_is_verified_or_refused(headers, target, method, public_half, ed25519):
    request = Request(method, target, "https", "our.example", tuple(headers), BODY)

    with pytest.raises(SignatureInvalid):
        check_all(request, [public_half(ed25519)])


def test_a_401_says_what_would_do():
    inner = check.ACCEPT_SIGNATURE

    assert inner == 'sig1=("@method" "@target-uri" "@authority" "content-digest");created'
