# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pictures: taking them in, describing them, giving them out so that they do no harm."""

import io
from typing import Any

import pytest
from aiohttp import FormData

from tests.web.asking import BASE, Api
from tests.web.mastodon.conftest import Person
from web.media import ProxyCache, _plain_png, picture_type, proxy_url


def _form(data: bytes, *, named: bool = True, **fields: str) -> FormData:
    form = FormData(default_to_multipart=True)
    if named:
        form.add_field("file", io.BytesIO(data), filename="holiday.jpg", content_type="image/jpeg")
    else:
        form.add_field("file", io.BytesIO(data))
    for name, value in fields.items():
        form.add_field(name, value)
    return form


PICTURE = _plain_png(64, 48)


@pytest.mark.parametrize("path", ["/api/v1/media", "/api/v2/media"])
@pytest.mark.parametrize("named", [True, False], ids=["named", "without a name"])
async def test_a_picture_is_finished_when_the_answer_comes(api: Api, ada: Person, path: str, named: bool) -> None:
    form = _form(PICTURE, named=named, description="A grey quay", focus="-0.5,0.25")

    made = await api.post(path, ada.token, data=form)

    assert made.status == 200, made.text
    assert (made.json["type"], made.json["description"]) == ("image", "A grey quay")
    assert made.json["url"].startswith(f"{BASE}/media/")
    assert made.json["meta"]["original"] == {"width": 64, "height": 48, "size": "64x48", "aspect": 1.333333}
    assert made.json["meta"]["focus"] == {"x": -0.5, "y": 0.25}
    assert made.json["blurhash"]


async def test_a_picture_can_be_described_and_posted(api: Api, ada: Person, ben: Person) -> None:
    media_id = (await api.post("/api/v2/media", ada.token, data=_form(PICTURE))).json["id"]
    path = f"/api/v1/media/{media_id}"
    assert (await api.get(path, ada.token)).json["description"] is None

    described = await api.ask("PUT", path, token=ada.token, json={"description": "A quay"})
    posted = await api.post("/api/v1/statuses", ada.token, json={"media_ids[]": [media_id]})

    assert described.json["description"] == "A quay"
    assert [one["id"] for one in posted.json["media_attachments"]] == [media_id]
    seen = await api.get(f"/api/v1/statuses/{posted.json['id']}", ben.token)
    assert seen.json["media_attachments"][0]["description"] == "A quay"
    with_media = await api.get(f"/api/v1/accounts/{ada.id}/statuses?only_media=1")
    assert len(with_media.json) == 1


async def test_the_description_can_be_changed_with_the_post(api: Api, ada: Person) -> None:
    media_id = (await api.post("/api/v2/media", ada.token, data=_form(PICTURE))).json["id"]
    posted = await api.post("/api/v1/statuses", ada.token, json={"status": "x", "media_ids": [media_id]})

    edited = await api.ask(
        "PUT",
        f"/api/v1/statuses/{posted.json['id']}",
        token=ada.token,
        json={"status": "x", "media_ids": [media_id], "media_attributes": [{"id": media_id, "description": "New"}]},
    )

    assert edited.json["media_attachments"][0]["description"] == "New"


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", "Validation failed: File can't be blank"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (PICTURE[:60], None),
    ],
    ids=["empty", "svg", "cut off"],
)
async def test_what_is_no_picture_is_refused(api: Api, ada: Person, data: bytes, error: str | None) -> None:
    answer = await api.post("/api/v2/media", ada.token, data=_form(data))

    assert answer.status == 422
    assert answer.json["error"] == error or error is None


async def test_an_upload_may_be_larger_than_other_bodies_up_to_its_limit(api: Api, ada: Person) -> None:
    over_the_usual = await api.post("/api/v2/media", ada.token, data=_form(b"\0" * 1_040_000 + b"\0" * 1_000_000))
    too_large = await api.post("/api/v2/media", ada.token, data=_form(b"\0" * (16 * 1024 * 1024 + 1)))

    assert over_the_usual.status == 422
    assert too_large.status == 413


async def test_a_file_is_given_out_inert(api: Api, ada: Person) -> None:
    url = (await api.post("/api/v2/media", ada.token, data=_form(PICTURE))).json["url"].removeprefix(BASE)

    whole = await api.get(url)
    part = await api.get(url, headers={"Range": "bytes=0-3"})

    assert whole.status == 200
    assert whole.headers["Content-Type"] in ("image/png", "image/webp", "image/jpeg")
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    assert whole.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "immutable" in whole.headers["Cache-Control"]
    assert whole.headers.getall("Access-Control-Allow-Origin") == ["*"]
    assert (part.status, part.headers["Content-Length"]) == (206, "4")


@pytest.mark.parametrize("name", ["../../alumnode.db", "..%2f..%2falumnode.db", "x.png", "a" * 32 + ".svg", "%00.png"])
async def test_no_other_file_is_given_out(api: Api, name: str) -> None:
    assert (await api.get(f"/media/{name}")).status == 404


async def test_somebody_without_a_picture_has_a_plain_one(api: Api) -> None:
    for path in ("/avatars/original/missing.png", "/headers/original/missing.png"):
        answer = await api.get(path)
        assert (answer.status, answer.headers["Content-Type"]) == (200, "image/png")


async def test_an_avatar_is_taken_with_the_profile(api: Api, ada: Person) -> None:
    form = FormData()
    form.add_field("avatar", PICTURE, filename="me.png")
    form.add_field("display_name", "Ada")

    changed = await api.ask("PATCH", "/api/v1/accounts/update_credentials", token=ada.token, data=form)

    assert changed.status == 200, changed.text
    assert changed.json["avatar"].startswith(f"{BASE}/media/")
    assert (await api.get(changed.json["avatar"].removeprefix(BASE))).status == 200


async def test_the_proxy_fetches_only_what_we_signed(api: Api) -> None:
    good = proxy_url(api.db.site, "https://far.example/cat.png").removeprefix(BASE)
    _, _, signature, encoded = good.split("/")
    other = proxy_url(api.db.site, "https://far.example/dog.png").split("/")[-1]

    for path in (f"/proxy/{signature}/{other}", f"/proxy/{'A' * 32}/{encoded}", f"/proxy/{signature}/!!", "/proxy/x/y"):
        assert (await api.get(path)).status == 404


async def test_what_the_proxy_has_kept_is_given_out_inert(api: Api) -> None:
    import hashlib

    url = "https://far.example/cat.png"
    cache = ProxyCache(api.services.settings.data_dir / "proxy")
    cache.keep(hashlib.sha256(url.encode()).hexdigest(), PICTURE, "png")

    answer = await api.get(proxy_url(api.db.site, url).removeprefix(BASE))

    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/png")
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_the_cache_lets_the_least_used_go(tmp_path: Any) -> None:
    import os

    cache = ProxyCache(tmp_path, most=2500)
    for age, name in enumerate(("aa", "bb", "cc")):
        path, _ = cache.keep(name * 32, b"\x89PNG\r\n\x1a\n" + b"x" * 1000, "png")
        os.utime(path, (1_000_000 + age, 1_000_000 + age))
    cache.find("aa" * 32)

    cache.sweep()

    assert cache.find("bb" * 32) is None
    assert cache.find("aa" * 32) is not None


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"GIF89a", "image/gif"),
        (b"<svg", None),
        (b"<html>", None),
        (b"%PDF-1.7", None),
        (b"", None),
    ],
)
def test_a_picture_is_known_by_its_first_bytes(data: bytes, kind: str | None) -> None:
    found = picture_type(data)

    assert (found[0] if found else None) == kind
