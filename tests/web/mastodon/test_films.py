# SPDX-License-Identifier: AGPL-3.0-or-later
"""Films and sounds: taken in, converted after the answer, and refused where they cannot be."""

import asyncio
import io
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData
from PIL import Image

from node.kernel import queue
from node.media import films
from node.media.films import Films
from node.wiring.services import Services
from tests.web.asking import BASE, Api
from tests.web.mastodon.conftest import Person
from web.media import _plain_png

FILM = b"\0\0\0\x18ftypisom" + bytes(64)
WAITS = "Cannot attach files that have not finished processing. Try again in a moment!"
PROBE = """#!/bin/sh
cat <<'EOF'
{"streams": [{"codec_type": "video", "codec_name": "h264", "width": 64, "height": 48, "avg_frame_rate": "25/1"},
             {"codec_type": "audio", "codec_name": "aac", "channel_layout": "stereo", "bit_rate": "128000"}],
 "format": {"duration": "1.5", "bit_rate": "200000"}}
EOF
"""


def a_form(data: bytes, **fields: Any) -> FormData:
    form = FormData(default_to_multipart=True)
    form.add_field("file", io.BytesIO(data), filename="x.bin")
    for name, value in fields.items():
        form.add_field(name, io.BytesIO(value) if isinstance(value, bytes) else value)
    return form


def a_program(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text)
    file.chmod(0o755)
    return file


@pytest.fixture
def converter(tmp_path: Path, services: Services) -> Films:
    """A small program of ours in the place of ffmpeg: it writes what it is told to, a film or a picture of it."""
    (tmp_path / "poster.png").write_bytes(_plain_png(64, 48))
    ffmpeg = a_program(
        tmp_path,
        "ffmpeg",
        f'#!/bin/sh\nfor last; do :; done\nout="${{last#file:}}"\n'
        f'case "$out" in *.png) /bin/cat {tmp_path}/poster.png > "$out";; *) echo film > "$out";; esac\n',
    )
    made = Films(ffmpeg, a_program(tmp_path, "ffprobe", PROBE))
    services.uploads._films = made
    return made


async def convert(api: Api) -> None:
    for task in await api.db.write(queue.claim, queue.WORK, limit=9, per_lane=9, busy={}):
        if task.name == "media.convert":
            await api.services.uploads.convert(task)
            await api.db.write(queue.complete, task.id)


@pytest.mark.usefixtures("converter")
async def test_a_film_is_converted_after_the_answer(api: Api, ada: Person) -> None:
    sent = await api.post("/api/v2/media", ada.token, data=a_form(FILM, description="Boats"))
    path = f"/api/v1/media/{sent.json['id']}"
    before = await api.get(path, ada.token)
    too_early = await api.post("/api/v1/statuses", ada.token, json={"status": "x", "media_ids": [sent.json["id"]]})

    await convert(api)

    assert (sent.status, sent.json["type"], sent.json["url"]) == (202, "video", None)
    assert before.status == 206
    assert (too_early.status, too_early.json["error"]) == (422, WAITS)
    after = await api.get(path, ada.token)
    assert after.status == 200
    assert after.json["url"].startswith(f"{BASE}/media/")
    assert after.json["url"].endswith(".mp4")
    assert after.json["preview_url"].endswith((".jpg", ".png"))
    assert after.json["meta"]["length"] == "0:00:01.50"
    assert after.json["meta"]["original"]["frame_rate"] == "25/1"
    given = await api.get(after.json["url"].removeprefix(BASE), headers={"Range": "bytes=1-2"})
    assert (given.status, given.text, given.headers["Content-Type"]) == (206, "il", "video/mp4")
    posted = await api.post("/api/v1/statuses", ada.token, json={"media_ids": [sent.json["id"]]})
    assert posted.json["media_attachments"][0]["type"] == "video"


@pytest.mark.usefixtures("converter")
async def test_the_older_form_waits(api: Api, ada: Person) -> None:
    sent = await api.post("/api/v1/media", ada.token, data=a_form(FILM))

    assert sent.status == 200
    assert sent.json["url"].endswith(".mp4")


@pytest.mark.usefixtures("converter")
async def test_a_film_stands_alone(api: Api, ada: Person) -> None:
    film = (await api.post("/api/v1/media", ada.token, data=a_form(FILM))).json["id"]
    picture = (await api.post("/api/v2/media", ada.token, data=a_form(_plain_png(9, 9)))).json["id"]

    answer = await api.post("/api/v1/statuses", ada.token, json={"status": "x", "media_ids": [picture, film]})

    assert answer.status == 422
    assert "Cannot attach a video to a post that already contains images" in answer.json["error"]


async def test_what_cannot_be_converted_is_told(api: Api, ada: Person, converter: Films, tmp_path: Path) -> None:
    converter._ffmpeg = a_program(tmp_path, "broken", "#!/bin/sh\nexit 1\n")
    sent = await api.post("/api/v2/media", ada.token, data=a_form(FILM))

    await convert(api)

    answer = await api.get(f"/api/v1/media/{sent.json['id']}", ada.token)
    assert (answer.status, answer.json["error"]) == (422, films.DAMAGED)
    assert list((api.services.settings.data_dir / "media").rglob(".work-*")) == []


async def test_films_are_refused_without_ffmpeg(api: Api, ada: Person) -> None:
    api.services.uploads._films = None

    answer = await api.post("/api/v2/media", ada.token, data=a_form(FILM))
    heic = await api.post("/api/v2/media", ada.token, data=a_form(b"\0\0\0\x18ftypheic" + bytes(40)))

    assert (answer.status, answer.json["error"]) == (422, films.NOT_HERE)
    assert (heic.status, "HEIC" in heic.json["error"]) == (422, True)
    known = (await api.get("/api/v2/instance")).json["configuration"]["media_attachments"]
    assert (known["video_size_limit"], "video/mp4" in known["supported_mime_types"]) == (0, False)


@pytest.mark.usefixtures("converter")
async def test_the_node_says_that_it_takes_films(api: Api) -> None:
    known = (await api.get("/api/v2/instance")).json["configuration"]["media_attachments"]

    assert known["video_size_limit"] == api.services.settings.limits.max_upload
    assert "video/mp4" in known["supported_mime_types"]


@pytest.mark.usefixtures("converter")
async def test_an_upload_can_be_deleted_until_it_is_in_a_post(api: Api, ada: Person, ben: Person) -> None:
    path = f"/api/v1/media/{(await api.post('/api/v2/media', ada.token, data=a_form(_plain_png(9, 9)))).json['id']}"
    used = (await api.post("/api/v2/media", ada.token, data=a_form(_plain_png(9, 9)))).json["id"]
    await api.post("/api/v1/statuses", ada.token, json={"media_ids": [used]})

    assert (await api.ask("DELETE", path, token=ben.token)).status == 404
    assert (await api.ask("DELETE", path, token=ada.token)).json == {}
    assert (await api.get(path, ada.token)).status == 404
    refused = await api.ask("DELETE", f"/api/v1/media/{used}", token=ada.token)
    assert (refused.status, refused.json["error"]) == (422, "Media attachment is currently used by a status")


async def test_a_thumbnail_is_shown_in_place_of_the_picture(api: Api, ada: Person) -> None:
    sent = await api.post("/api/v2/media", ada.token, data=a_form(_plain_png(300, 200), thumbnail=_plain_png(30, 60)))

    assert sent.json["meta"]["small"]["size"] == "30x60"
    form = FormData(default_to_multipart=True)
    form.add_field("thumbnail", io.BytesIO(_plain_png(50, 20)))
    changed = await api.ask("PUT", f"/api/v1/media/{sent.json['id']}", token=ada.token, data=form)
    assert changed.json["meta"]["small"]["size"] == "50x20"


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
async def test_ffmpeg_makes_a_film_of_an_animation_and_removes_what_a_film_says_of_its_place(
    api: Api, ada: Person, tmp_path: Path
) -> None:
    if api.services.uploads._films is None:
        pytest.skip("ffmpeg makes no H.264 here")
    frames = [Image.new("P", (31, 21), number * 60) for number in range(4)]
    for frame in frames:
        frame.putpalette([value % 256 for value in range(768)])
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=100)
    film = tmp_path / "film.mov"
    source = ("-f", "lavfi", "-i", "testsrc=duration=1:size=64x48:rate=10", "-metadata", "location=+48.85+002.35/")
    await asyncio.to_thread(subprocess.run, ["ffmpeg", "-v", "error", *source, str(film)], check=True)

    moving = await api.post("/api/v1/media", ada.token, data=a_form(out.getvalue()))
    shown = await api.post("/api/v1/media", ada.token, data=a_form(film.read_bytes()))

    assert (moving.status, moving.json["type"]) == (200, "gifv")
    assert shown.json["meta"]["original"]["size"] == "64x48"
    kept = api.services.store.path(shown.json["url"].rpartition("/")[2])
    assert kept is not None
    assert b"+48.85" in film.read_bytes()
    assert b"+48.85" not in kept[0].read_bytes()
