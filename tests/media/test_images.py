# SPDX-License-Identifier: AGPL-3.0-or-later
"""What becomes of pictures from outside, and of the process that opens them."""

import asyncio
import io
import os
import random
import signal
import struct
import subprocess
import sys
import zlib
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

from node.kernel.errors import Invalid, Overloaded
from node.media import image_worker, images
from node.media.image_worker import BadImage, Result, avatar, emoji, header, picture
from node.media.images import MAX_FILE, ImagePool


def a_picture(size: tuple[int, int] = (300, 200), mode: str = "RGB", kind: str = "JPEG", **how: object) -> bytes:
    """The left half red, the right half blue."""
    image = Image.new("RGB", size, "red")
    ImageDraw.Draw(image).rectangle((size[0] // 2, 0, size[0], size[1]), fill="blue")
    image = image.convert(mode)
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def a_gif(frames: int, size: tuple[int, int] = (20, 10)) -> bytes:
    drawn = [Image.new("P", size, number % 200) for number in range(frames)]
    for number, frame in enumerate(drawn):
        frame.putpalette([value % 256 for value in range(768)])
        frame.putpixel((number % size[0], 0), 255)
    out = io.BytesIO()
    drawn[0].save(
        out, "GIF", save_all=True, append_images=drawn[1:], duration=[40 + number for number in range(frames)]
    )
    return out.getvalue()


def an_empty_png(width: int, height: int) -> bytes:
    """A PNG that promises this size and packs next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def colour(image: Image.Image, x: float, y: float) -> str:
    point = image.convert("RGB").getpixel((int(image.width * x), int(image.height * y)))
    assert isinstance(point, tuple)
    red, green, blue = point
    return "red" if red > 200 > 60 > blue else "blue" if blue > 200 > 60 > red else f"{red},{green},{blue}"


# ---- what is made


@pytest.mark.parametrize(
    ("kind", "mode", "mime"),
    [
        ("JPEG", "RGB", "image/jpeg"),
        ("JPEG", "CMYK", "image/jpeg"),
        ("JPEG", "L", "image/jpeg"),
        ("PNG", "RGB", "image/png"),
        ("PNG", "P", "image/png"),
        ("PNG", "RGBA", "image/png"),
        ("PNG", "LA", "image/png"),
        ("PNG", "1", "image/png"),
        ("WEBP", "RGB", "image/webp"),
        ("WEBP", "RGBA", "image/webp"),
        ("GIF", "P", "image/png"),
    ],
)
def test_a_picture_of_each_kind(kind: str, mode: str, mime: str) -> None:
    shown, preview = picture(a_picture(mode=mode, kind=kind)).pictures

    assert (shown.mime, shown.width, shown.height) == (mime, 300, 200)
    assert opened(shown.data).size == (300, 200)
    assert Image.MIME[str(opened(shown.data).format)] == mime
    assert (preview.mime, preview.width, preview.height) == ("image/jpeg", 300, 200)
    if mode in ("RGB", "RGBA", "P"):
        assert [colour(opened(shown.data), x, 0.5) for x in (0.1, 0.9)] == ["red", "blue"]


def test_a_sixteen_bit_picture_keeps_its_greys() -> None:
    out = io.BytesIO()
    Image.new("I;16", (10, 10), 128 * 256).save(out, "PNG")

    assert opened(picture(out.getvalue()).pictures[0].data).convert("L").getpixel((5, 5)) == 128


def test_large_pictures_are_made_smaller_and_small_ones_not_larger() -> None:
    shown, preview = picture(a_picture((4000, 1000))).pictures
    assert (shown.width, shown.height) == (2048, 512)
    assert 200_000 < preview.width * preview.height <= 640 * 360
    assert preview.width / preview.height == pytest.approx(4, rel=0.02)

    shown, preview = picture(a_picture((3, 2))).pictures
    assert (shown.width, shown.height) == (preview.width, preview.height) == (3, 2)

    shown, preview = picture(a_picture((11_000, 1), kind="PNG")).pictures
    assert (shown.width, shown.height) == (2048, 1)


def test_transparency_is_kept_in_picture_and_preview() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (50, 50), (255, 0, 0, 0)).save(out, "PNG")

    for made in picture(out.getvalue()).pictures:
        assert made.mime == "image/png"
        assert opened(made.data).convert("RGBA").getpixel((25, 25))[3] == 0  # type: ignore[index]  # RGBA has four bands


def test_a_heavy_png_becomes_a_webp() -> None:
    out = io.BytesIO()
    Image.frombytes("RGB", (700, 700), random.Random(1).randbytes(700 * 700 * 3)).save(out, "PNG")

    shown, preview = picture(out.getvalue()).pictures

    assert shown.mime == "image/webp"
    assert len(shown.data) < len(out.getvalue())
    assert preview.mime == "image/jpeg"


def test_a_moving_gif_goes_on_moving() -> None:
    shown, preview = picture(a_gif(5)).pictures

    moving = opened(shown.data)
    assert shown.mime == "image/gif"
    assert getattr(moving, "n_frames", 1) == 5
    assert moving.info["duration"] == 40
    assert preview.mime in ("image/jpeg", "image/png")
    assert getattr(opened(preview.data), "n_frames", 1) == 1


def test_a_large_moving_gif_is_made_smaller() -> None:
    shown, _ = picture(a_gif(3, (1600, 900))).pictures

    assert shown.width * shown.height <= 640 * 360


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_other_moving_pictures_stand_still(kind: str) -> None:
    frames = [Image.new("RGB", (20, 10), name) for name in ("red", "blue", "red")]
    out = io.BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:])

    shown, _ = picture(out.getvalue()).pictures

    assert getattr(opened(shown.data), "n_frames", 1) == 1
    assert colour(opened(shown.data), 0.5, 0.5) == "red"


@pytest.mark.parametrize("size", [(300, 200), (200, 300), (1, 1), (1, 500)])
def test_the_blurhash_has_the_picture_s_shape(size: tuple[int, int]) -> None:
    assert len(picture(a_picture(size)).blurhash) == 4 + 2 * 4 * 3


def test_an_avatar_is_the_middle_square() -> None:
    (made,) = avatar(a_picture((3000, 1000))).pictures
    assert (made.mime, made.width, made.height) == ("image/jpeg", 400, 400)
    assert [colour(opened(made.data), x, 0.5) for x in (0.1, 0.9)] == ["red", "blue"]

    (made,) = avatar(a_picture((100, 60), kind="PNG")).pictures
    assert (made.mime, made.width, made.height) == ("image/png", 60, 60)


def test_a_header_is_the_middle_banner() -> None:
    (made,) = header(a_picture((2000, 2000))).pictures
    assert (made.width, made.height) == (1500, 500)

    (made,) = header(a_picture((300, 300))).pictures
    assert (made.width, made.height) == (300, 100)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_an_emoji_is_small_and_keeps_its_transparency(kind: str) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (400, 200), (0, 0, 0, 0)).save(out, kind)

    shown, still = emoji(out.getvalue()).pictures

    assert shown == still
    assert (shown.mime, shown.width, shown.height) == ("image/png", 128, 64)
    assert opened(shown.data).convert("RGBA").getpixel((60, 30))[3] == 0  # type: ignore[index]  # RGBA has four bands
    assert emoji(a_picture((20, 10), kind=kind)).pictures[0].width == 20


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_a_moving_emoji_goes_on_moving_beside_one_at_rest(kind: str) -> None:
    frames = [Image.new("RGBA", (400, 400), (255, 0, 0, 255)), Image.new("RGBA", (400, 400), (0, 0, 255, 255))]
    out = io.BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=70, loop=0, lossless=True)

    shown, still = emoji(out.getvalue()).pictures

    assert (shown.mime, shown.width, still.mime, still.width) == (f"image/{kind.lower()}", 128, "image/png", 128)
    assert getattr(opened(shown.data), "n_frames", 1) == 2
    assert getattr(opened(still.data), "n_frames", 1) == 1
    assert colour(opened(still.data), 0.5, 0.5) == "red"


@pytest.mark.parametrize("data", [a_picture(), b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", a_gif(101)])
def test_what_cannot_be_an_emoji(data: bytes) -> None:
    with pytest.raises(BadImage):
        emoji(data)


# ---- what is left behind


def with_exif(orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "PhoneMaker"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 30.0)
    return a_picture((300, 200), exif=exif, comment=b"a secret comment")


def test_position_and_camera_are_removed() -> None:
    data = with_exif()
    assert b"PhoneMaker" in data
    assert b"a secret comment" in data

    for made in picture(data).pictures + avatar(data).pictures:
        assert b"PhoneMaker" not in made.data
        assert b"a secret comment" not in made.data
        assert b"Exif" not in made.data
        assert not opened(made.data).getexif()


def test_text_and_profiles_of_a_png_are_removed() -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "a secret comment")
    text.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>somewhere</x:xmpmeta>")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = a_picture(kind="PNG", pnginfo=text, icc_profile=profile)

    shown, preview = picture(data).pictures

    for made in (shown, preview):
        assert opened(made.data).info.keys() <= {
            "jfif",
            "jfif_version",
            "jfif_unit",
            "jfif_density",
            "progressive",
            "progression",
        }
    assert [colour(opened(shown.data), x, 0.5) for x in (0.1, 0.9)] == ["red", "blue"]


@pytest.mark.parametrize("profile", [b"nonsense", b"\x00" * 200, b"acsp" * 50])
def test_a_broken_colour_profile_does_no_harm(profile: bytes) -> None:
    shown, _ = picture(a_picture(icc_profile=profile)).pictures

    assert colour(opened(shown.data), 0.1, 0.5) == "red"


@pytest.mark.parametrize(
    ("orientation", "size", "top_left", "bottom_right"),
    [
        (1, (300, 200), "red", "blue"),
        (2, (300, 200), "blue", "red"),
        (3, (300, 200), "blue", "red"),
        (4, (300, 200), "red", "blue"),
        (5, (200, 300), "red", "blue"),
        (6, (200, 300), "red", "blue"),
        (7, (200, 300), "blue", "red"),
        (8, (200, 300), "blue", "red"),
        (9, (300, 200), "red", "blue"),
    ],
)
def test_a_turned_photograph_stands_upright(
    orientation: int, size: tuple[int, int], top_left: str, bottom_right: str
) -> None:
    shown, _ = picture(with_exif(orientation)).pictures

    assert (shown.width, shown.height) == size
    assert colour(opened(shown.data), 0.1, 0.1) == top_left
    assert colour(opened(shown.data), 0.9, 0.9) == bottom_right


@pytest.mark.parametrize(
    "polyglot",
    [
        a_picture(kind="PNG") + b"PK\x03\x04 and a whole archive",
        a_picture() + b"<script>alert(1)</script>",
        a_picture(comment=b"<html><script>alert(1)</script>"),
        a_gif(1) + b"/*;*/=1;<script>alert(1)</script>",
    ],
    ids=["archive", "after", "comment", "gif"],
)
def test_a_file_that_is_two_things_comes_out_as_one(polyglot: bytes) -> None:
    for made in picture(polyglot).pictures:
        assert b"script" not in made.data
        assert b"PK\x03\x04" not in made.data


# ---- what is refused


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", image_worker.NOT_A_PICTURE),
        (b"x", image_worker.NOT_A_PICTURE),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', image_worker.NOT_A_PICTURE),
        (b'{"type": "Person", "id": "https://our.example/users/sam"}', image_worker.NOT_A_PICTURE),
        (b"%PDF-1.7 ...", image_worker.NOT_A_PICTURE),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", image_worker.NOT_A_PICTURE),
        (b"BM" + bytes(100), image_worker.NOT_A_PICTURE),
        (a_picture(kind="BMP"), image_worker.NOT_A_PICTURE),
        (a_picture(kind="TIFF"), image_worker.NOT_A_PICTURE),
        (a_picture(kind="PPM"), image_worker.NOT_A_PICTURE),
        (a_picture(kind="ICO", size=(16, 16)), image_worker.NOT_A_PICTURE),
        (a_picture()[:-200], image_worker.DAMAGED),
        (a_picture(kind="PNG")[:-60], image_worker.DAMAGED),
        (a_picture(kind="WEBP")[:-20], image_worker.DAMAGED),
        (a_picture()[:100], None),
        (b"GIF89a/*\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;*/=1;alert(1)//", None),
        (an_empty_png(20_000, 20_000), image_worker.TOO_LARGE),
        (an_empty_png(12_001, 1), image_worker.TOO_LARGE),
        (an_empty_png(8_000, 5_001), image_worker.TOO_LARGE),
        (an_empty_png(2_000_000_000, 2_000_000_000), image_worker.TOO_LARGE),
        (an_empty_png(0, 10), None),
        (an_empty_png(10, 10), image_worker.DAMAGED),
        (a_gif(101), image_worker.TOO_LONG),
        (a_gif(9, (2500, 2000)), image_worker.TOO_LONG),
    ],
)
def test_what_is_not_a_picture_for_us_is_refused(data: bytes, why: str | None) -> None:
    for kind in (picture,) if why == image_worker.TOO_LONG else (picture, avatar, header):
        with pytest.raises(BadImage) as refused:
            kind(data)
        assert why is None or str(refused.value) == why


_GOOD = [a_picture((20, 10)), a_picture((20, 10), kind="PNG"), a_picture((20, 10), kind="WEBP"), a_gif(3)]


@given(st.sampled_from(_GOOD), st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=6))
@settings(max_examples=150, deadline=None)
def test_damage_is_refused_or_survived_but_never_an_accident(data: bytes, changes: Iterable[tuple[int, int]]) -> None:
    damaged = bytearray(data)
    for at, value in changes:
        damaged[at % len(damaged)] = value

    try:
        result = picture(bytes(damaged))
    except BadImage:
        return
    assert isinstance(result, Result)


# ---- the process


@pytest.fixture
async def pool() -> AsyncIterator[ImagePool]:
    made = ImagePool()
    yield made
    await made.close()


def pids(pool: ImagePool) -> list[int]:
    return [worker.process.pid for worker in pool._all]


async def test_the_pool_makes_pictures_in_another_process(pool: ImagePool) -> None:
    assert pids(pool) == [], "a quiet node has no worker"

    made = await pool.process(a_picture((3000, 2000)))
    face = await pool.avatar(a_picture(kind="PNG"))
    banner = await pool.header(a_picture(kind="PNG"))

    assert (made.original.mime, made.original.width, made.original.extension) == ("image/jpeg", 2048, ".jpg")
    assert opened(made.preview.data).size == (made.preview.width, made.preview.height)
    assert len(made.blurhash) == 28
    assert (face.width, face.height, face.extension) == (200, 200, ".png")
    assert (banner.width, banner.height) == (300, 100)
    (pid,) = pids(pool)
    assert pid != os.getpid()


async def test_what_cannot_be_used_is_refused_and_the_worker_goes_on(pool: ImagePool) -> None:
    await pool.avatar(a_picture())
    before = pids(pool)

    for data in (b"x", a_picture()[:-200], an_empty_png(20_000, 20_000)):
        with pytest.raises(Invalid) as refused:
            await pool.process(data)
        assert refused.value.field == "file"
    await pool.process(a_gif(2))

    assert pids(pool) == before


async def test_a_file_that_is_too_heavy_never_reaches_a_worker(pool: ImagePool) -> None:
    with pytest.raises(Invalid):
        await pool.process(bytes(MAX_FILE + 1))

    assert pids(pool) == []


async def test_a_worker_that_dies_at_work_costs_one_picture(pool: ImagePool) -> None:
    await pool.avatar(a_picture())
    (pid,) = pids(pool)
    os.kill(pid, signal.SIGSTOP)  # so that it is at work when it is killed
    waiting = asyncio.create_task(pool.process(a_picture((2000, 2000))))
    while pool._idle:  # there is no event to wait for that the pool itself would need
        await asyncio.sleep(0)

    os.kill(pid, signal.SIGKILL)

    with pytest.raises(Invalid):
        await waiting
    assert pids(pool) == []
    assert (await pool.process(a_picture())).original.width == 300


async def test_a_job_that_never_ends_is_ended(pool: ImagePool, monkeypatch: pytest.MonkeyPatch) -> None:
    await pool.avatar(a_picture())
    (pid,) = pids(pool)
    monkeypatch.setattr(images, "JOB_TIME", 0.1)
    os.kill(pid, signal.SIGSTOP)

    with pytest.raises(Invalid):
        await pool.process(a_picture())

    assert pids(pool) == []


async def test_a_worker_that_is_wronged_by_what_it_says_is_not_believed(
    pool: ImagePool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for number, said in enumerate(
        [
            b'{"pictures": [{"mime": "text/html", "width": 1, "height": 1, "size": 3}], "blurhash": ""}abc',
            b'{"pictures": [{"mime": "image/png", "width": 1, "height": 1, "size": 999999999}], "blurhash": ""}',
            b'{"pictures": [{"mime": "image/png", "width": "1", "height": 1, "size": 3}], "blurhash": ""}abc',
            b'{"pictures": [], "blurhash": ""}',
            b"{}",
            b"[]",
            b"nonsense",
        ]
    ):
        liar = tmp_path / f"liar{number}.py"
        length = said.index(b"}abc") + 1 if said.endswith(b"abc") else len(said)
        liar.write_text(
            f"import sys\nsys.stdin.buffer.read(10)\nsys.stdout.buffer.write({length.to_bytes(4, 'big') + said!r})\n"
            "sys.stdout.flush()\nsys.stdin.buffer.read()\n"
        )
        monkeypatch.setattr(images, "_WORKER", liar)
        with pytest.raises(Invalid):
            await pool.avatar(a_picture())
        await pool.close()


async def test_a_worker_is_replaced_after_its_jobs(pool: ImagePool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_JOBS", 2)
    await pool.avatar(a_picture())
    first = pids(pool)
    await pool.avatar(a_picture())

    assert pids(pool) == []
    await pool.avatar(a_picture())
    assert pids(pool) != first


async def test_an_idle_worker_goes_home(pool: ImagePool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "IDLE_TIME", 0.0)
    await pool.avatar(a_picture())
    (worker,) = pool._all

    async with asyncio.timeout(30):
        await worker.process.wait()

    assert pids(pool) == []


async def test_pictures_wait_for_each_other_but_not_without_end(
    pool: ImagePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "MAX_WAITING", 3)

    results = await asyncio.gather(*(pool.avatar(a_picture()) for _ in range(5)), return_exceptions=True)

    assert [type(result).__name__ for result in results] == ["Encoded"] * 3 + ["Overloaded"] * 2
    assert isinstance(results[4], Overloaded)
    assert len(pids(pool)) == 1


async def test_the_worker_is_in_a_cage(pool: ImagePool) -> None:
    await pool.avatar(a_picture())
    (pid,) = pids(pool)

    limits, environment = await asyncio.to_thread(
        lambda: (Path(f"/proc/{pid}/limits").read_text(), Path(f"/proc/{pid}/environ").read_bytes())
    )
    found = {line[:26].strip(): line[26:].split()[0] for line in limits.splitlines()[1:]}

    assert found["Max address space"] == str(512 << 20)
    assert found["Max file size"] == "0"
    assert found["Max core file size"] == "0"
    assert 20 <= int(found["Max cpu time"]) <= 25
    assert environment == b""


@pytest.mark.slow
async def test_the_largest_picture_fits_into_the_cage(pool: ImagePool) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (8000, 5000), (1, 2, 3, 4)).save(out, "PNG", compress_level=1)

    assert (await pool.process(out.getvalue())).original.width == 2048
    assert (await pool.process(a_gif(100, (600, 400)))).original.mime == "image/gif"


def test_what_the_worker_says_can_be_translated() -> None:
    said = {getattr(image_worker, name) for name in ("NOT_A_PICTURE", "TOO_LARGE", "TOO_LONG", "DAMAGED", "NO_EMOJI")}

    assert said == set(images.SAID_BY_THE_WORKER)


def test_the_worker_loads_nothing_of_the_node() -> None:
    code = (
        f"import runpy, sys; runpy.run_path({image_worker.__file__!r});"
        "print([name for name in sys.modules if name.split('.')[0] in ('node', 'activitypub', 'sqlalchemy', 'aiohttp')])"
    )

    assert (
        subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
    )
