# SPDX-License-Identifier: AGPL-3.0-or-later
"""The process that opens pictures from outside, and what it makes of them. Started by `images.ImagePool`, as a file.

Nothing of a picture is handed on but its pixels: every output is drawn anew, so that hidden positions, previews of what
was cut off, and files that are a picture and a script at once do not survive. Only four decoders are ever tried; the
header is checked before a pixel is unpacked.

This file imports nothing of the node and runs with an empty environment, bounded memory and processor time, and no right
to write files. What it says to the node is lengths, numbers and bytes, never anything that is executed on reading.

    request    length, {"kind": "picture" | "avatar" | "header" | "emoji", "size": n}, n bytes
    answer     length, {"pictures": [{"mime", "width", "height", "size"}, ...], "blurhash": "..."}, the bytes in order
               length, {"refused": "a sentence for the member"}
"""

import io
import json
import os
import resource
import struct
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, NamedTuple

import blurhash
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MAX_PIXELS = 40_000_000
MAX_SIDE = 12_000
MAX_FRAMES = 100

SHOWN_SIDE = 2048
PREVIEW_AREA = 640 * 360
AVATAR_SIDE = 400
HEADER_SIZE = (1500, 500)
EMOJI_SIDE = 128
HEAVY_PNG = 1 << 20
"""Bytes; a PNG that comes out heavier is a photograph and becomes a WebP."""

MEMORY = 512 << 20
PROCESSOR_TIME = 20
"""Seconds a job."""

NOT_A_PICTURE = "This file is not a picture that can be shown here. Use JPEG, PNG, WebP or GIF."
TOO_LARGE = "This picture is too large: 40 megapixels and 12,000 pixels a side at most."
TOO_LONG = "This animation is too long: 100 frames at most, of 40 megapixels together."
DAMAGED = "This picture is damaged and cannot be read."
NO_EMOJI = "An emoji must be a PNG, a GIF or a WebP."

_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class BadImage(Exception):
    """Why this picture is not taken, as a sentence for the person who chose it."""


class Made(NamedTuple):
    """A picture that was drawn anew."""

    data: bytes
    mime: str
    width: int
    height: int


class Result(NamedTuple):
    """One or two pictures (what is shown, and its preview), and the blurhash of what is shown."""

    pictures: tuple[Made, ...]
    blurhash: str


def picture(data: bytes) -> Result:
    """A picture of a post: at most 2048 pixels a side, and a preview of the area of 640 x 360.

    JPEG stays JPEG, WebP stays WebP, PNG stays PNG unless it is heavy, and a moving GIF goes on moving, smaller.

    Raises:
        BadImage: another format, too large, too long, or damaged.
    """
    with _opened(data) as source:
        if source.format == "GIF" and getattr(source, "is_animated", False):
            shown = _animation(source)
            source.seek(0)
            still = _pixels(source, SHOWN_SIDE)
        else:
            still = _pixels(source, SHOWN_SIDE)
            shown = _encoded(still, str(source.format))
    small = _within_area(still, PREVIEW_AREA)
    return Result((shown, _encoded(small, "JPEG", quality=80)), _blurhash(small))


def avatar(data: bytes) -> Result:
    """The middle square of a picture, at most 400 pixels a side."""
    return _cut(data, (AVATAR_SIDE, AVATAR_SIDE))


def header(data: bytes) -> Result:
    """The middle of a picture in the shape of a profile's header, at most 1500 x 500."""
    return _cut(data, HEADER_SIZE)


def emoji(data: bytes) -> Result:
    """An emoji at most 128 pixels a side, and the same at rest. A moving GIF or WebP goes on moving in its own form.

    Raises:
        BadImage: as for a picture, and for a JPEG, which has no transparency.
    """
    with _opened(data) as source:
        if source.format == "JPEG":
            raise BadImage(NO_EMOJI)
        moves = source.format in ("GIF", "WEBP") and getattr(source, "is_animated", False)
        shown = _animation(source, side=EMOJI_SIDE, kind=str(source.format)) if moves else None
        if shown is not None:
            source.seek(0)
        still = _pixels(source, EMOJI_SIDE)
        at_rest = _encoded(still, "PNG")
    return Result((shown or at_rest, at_rest), "")


KINDS: dict[str, Callable[[bytes], Result]] = {
    "picture": picture,
    "avatar": avatar,
    "header": header,
    "emoji": emoji,
}


def _cut(data: bytes, size: tuple[int, int]) -> Result:
    with _opened(data) as source:
        whole = _pixels(source, SHOWN_SIDE)
        kind = str(source.format)
    width, height = size
    scale = min(1.0, whole.width / width, whole.height / height)
    cut = ImageOps.fit(whole, (max(round(width * scale), 1), max(round(height * scale), 1)), Image.Resampling.LANCZOS)
    return Result((_encoded(cut, "JPEG" if kind == "JPEG" else "PNG"),), _blurhash(cut))


@contextmanager
def _opened(data: bytes) -> Iterator[Image.Image]:
    """The picture with its header read and found within bounds; whatever a decoder raises becomes BadImage."""
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        with warnings.catch_warnings():
            # Broken metadata, which Pillow warns of, is common in photographs and is thrown away in any case.
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as source:
                if source.width * source.height > MAX_PIXELS or max(source.size) > MAX_SIDE:
                    raise BadImage(TOO_LARGE)
                yield source
    except UnidentifiedImageError:
        raise BadImage(NOT_A_PICTURE) from None
    except (Image.DecompressionBombWarning, Image.DecompressionBombError, MemoryError):
        raise BadImage(TOO_LARGE) from None
    except (OSError, EOFError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, struct.error):
        raise BadImage(DAMAGED) from None


def _pixels(source: Image.Image, side: int) -> Image.Image:
    """The picture upright, in sRGB, as RGB or RGBA, at most `side` pixels a side, with nothing attached to it."""
    turn = _UPRIGHT.get(_orientation(source))
    profile = source.info.get("icc_profile")
    if source.format == "JPEG":
        source.draft(source.mode, (side, side))  # lets the decoder skip what would be scaled away
    source.load()
    image = _scaled(_continuous(source), side / max(source.size))
    if turn is not None:
        image = image.transpose(turn)
    image = _in_srgb(image, profile)
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    image.info.clear()
    return image


def _orientation(source: Image.Image) -> int:
    try:
        return int(source.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001  # whatever is wrong with the metadata, the picture may be shown as it lies
        return 1


def _continuous(source: Image.Image) -> Image.Image:
    """The picture in a mode that can be scaled: RGB, CMYK or grey, with transparency or without."""
    if source.mode in ("I", "F") or source.mode.startswith("I;16"):
        return source.convert("F").point(lambda value: value / 256).convert("L")
    if "transparency" in source.info or source.mode in ("PA", "La", "RGBa"):
        return source.convert("RGBA")
    # The picture itself, not a copy: twice the largest picture does not fit into the memory that there is.
    return source if source.mode in ("RGB", "RGBA", "CMYK", "L", "LA") else source.convert("RGB")


def _in_srgb(image: Image.Image, profile: object) -> Image.Image:
    if image.mode == "LA":
        image = image.convert("RGBA")
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    colours = image.convert("RGB") if alpha is not None else image
    if isinstance(profile, bytes) and profile:
        try:
            converted = ImageCms.profileToProfile(
                colours, io.BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            colours = converted or colours
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a profile that cannot be read is left out, and the numbers are taken for sRGB
    colours = colours.convert("RGB")
    if alpha is not None:
        colours.putalpha(alpha)
    return colours


def _within_area(image: Image.Image, area: int) -> Image.Image:
    return _scaled(image, (area / (image.width * image.height)) ** 0.5)


def _scaled(image: Image.Image, scale: float) -> Image.Image:
    """A copy, smaller by `scale`; never larger."""
    if scale >= 1:
        return image.copy()
    size = (max(int(image.width * scale + 1e-6), 1), max(int(image.height * scale + 1e-6), 1))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _encoded(image: Image.Image, kind: str, *, quality: int = 85) -> Made:
    """The file. Where JPEG cannot keep the transparency it is a PNG."""
    out = io.BytesIO()
    if kind == "WEBP":
        image.save(out, "WEBP", quality=quality, method=4)
    elif kind == "JPEG" and image.mode == "RGB":
        image.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    else:
        image.save(out, "PNG", optimize=True)
        if out.tell() > HEAVY_PNG:
            return _encoded(image, "WEBP", quality=90)
        kind = "PNG"
    return Made(out.getvalue(), f"image/{kind.lower()}", image.width, image.height)


def _animation(source: Image.Image, *, side: int | None = None, kind: str = "GIF") -> Made:
    """The moving picture of the form `kind`, at most `side` pixels a side, or else of the area of a preview."""
    frames: list[Image.Image] = []
    durations: list[int] = []
    for number in range(MAX_FRAMES + 1):
        try:
            source.seek(number)
        except EOFError:
            break
        if number == MAX_FRAMES or source.width * source.height * (number + 1) > MAX_PIXELS:
            raise BadImage(TOO_LONG)
        whole = source.convert("RGBA")
        frame = _within_area(whole, PREVIEW_AREA) if side is None else _scaled(whole, side / max(whole.size))
        frame.info.clear()
        frames.append(frame)
        durations.append(min(max(int(source.info.get("duration", 100)), 20), 10_000))
    out = io.BytesIO()
    more = {"disposal": 2} if kind == "GIF" else {"quality": 85, "method": 4}
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=durations, loop=0, **more)
    return Made(out.getvalue(), f"image/{kind.lower()}", frames[0].width, frames[0].height)


def _blurhash(image: Image.Image) -> str:
    small = image.copy()
    small.thumbnail((32, 32))
    if small.mode == "RGBA":
        white = Image.new("RGBA", small.size, "white")
        white.alpha_composite(small)
        small = white
    points = small.convert("RGB").tobytes()
    row = small.width * 3
    rows = [[list(points[at : at + 3]) for at in range(line, line + row, 3)] for line in range(0, len(points), row)]
    wide = image.width >= image.height
    return str(blurhash.encode(rows, components_x=4 if wide else 3, components_y=3 if wide else 4))


# ---- the process


def read_message(source: BinaryIO) -> dict[str, object] | None:
    """The next request or answer without the bytes that follow it; None at the end."""
    length = source.read(4)
    if len(length) < 4:
        return None
    message = json.loads(source.read(int.from_bytes(length, "big")))
    return message if isinstance(message, dict) else None


def written_message(message: dict[str, object]) -> bytes:
    """The message with its length before it."""
    body = json.dumps(message).encode()
    return len(body).to_bytes(4, "big") + body


def answered(kind: str, data: bytes) -> bytes:
    """The answer to one request."""
    try:
        result = KINDS[kind](data)
    except BadImage as refused:
        return written_message({"refused": str(refused)})
    described = [
        {"mime": made.mime, "width": made.width, "height": made.height, "size": len(made.data)}
        for made in result.pictures
    ]
    message: dict[str, object] = {"pictures": described, "blurhash": result.blurhash}
    return written_message(message) + b"".join(made.data for made in result.pictures)


def _put_in_cage() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))


def _allow_processor_time() -> None:
    """The limit counts from the start of the process, so it is moved on before each job."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + 1 + PROCESSOR_TIME
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def main() -> None:
    """Answer requests from the standard input until it ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints is not an answer
    Image.preinit()
    _put_in_cage()
    requests = sys.stdin.buffer
    while (request := read_message(requests)) is not None:
        _allow_processor_time()
        answers.write(answered(str(request["kind"]), requests.read(int(str(request["size"])))))
        answers.flush()


if __name__ == "__main__":
    main()
