# SPDX-License-Identifier: AGPL-3.0-or-later
"""Films and sounds from outside, made harmless: decoded and encoded anew by ffmpeg, in a caged process (`cage`).

As with pictures, nothing is handed on but what is seen and heard: no place, no device, no chapters, no attached files.
ffmpeg is told which form to read and that it may open files only, so that a film cannot name other films, here or on the
network. It is not part of the node: where the machine has none, films are refused and everything else works.

One film at a time: it takes what the machine has, and people wait for pages meanwhile.
"""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from node.media.sniff import Container

MAX_SECONDS: Final = 10 * 60
MAX_SOUND_SECONDS: Final = 2 * 60 * 60
MAX_PIXELS: Final = 3840 * 2160
MAX_FRAME_RATE: Final = 120
"""What is taken in."""
SHOWN_SIDE: Final = 1280
SHOWN_FRAME_RATE: Final = 60
"""What is made of it at most."""

MEMORY: Final = 1 << 30
PROCESSOR_TIME: Final = 900
LARGEST: Final = 160 << 20
"""Bytes of memory, seconds, bytes of the file that comes out."""
WALL_TIME: Final = 1200.0
PROBE_TIME: Final = 30.0
_MAX_SAID: Final = 1 << 20

_CAGE: Final = Path(__file__).with_name("cage.py")
NOT_HERE: Final = "Films and sound recordings cannot be taken here. Please send pictures: JPEG, PNG, WebP or GIF."
DAMAGED: Final = "This file is damaged, or of a kind that cannot be read here."
TOO_LONG: Final = "This is too long: ten minutes for a film and two hours for a sound recording at most."
TOO_LARGE: Final = "This film is too large: 3840 x 2160 pixels and 120 pictures a second at most."


class BadFilm(Exception):
    """Why this film is not taken, as a sentence for the person who chose it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a film or a sound is. `duration` in seconds, bit rates in bits a second; no `width` for a sound."""

    duration: float
    bitrate: int = 0
    width: int | None = None
    height: int | None = None
    frame_rate: str = ""
    fps: float = 0.0
    audio_encode: str = ""
    audio_bitrate: int = 0
    audio_channels: str = ""

    @property
    def is_film(self) -> bool:
        """Whether there is something to see."""
        return self.width is not None

    def details(self) -> dict[str, object]:
        """As it is kept beside the file; sizes have columns of their own."""
        return {
            "duration": self.duration,
            "bitrate": self.bitrate,
            "frame_rate": self.frame_rate,
            "fps": self.fps,
            "audio_encode": self.audio_encode,
            "audio_bitrate": self.audio_bitrate,
            "audio_channels": self.audio_channels,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """What was made: a file of the folder it was made in, and of a film a PNG of how it looks at the beginning."""

    path: Path
    mime: str
    facts: Facts
    poster: bytes | None


class Films:
    """ffmpeg and ffprobe of this machine."""

    def __init__(self, ffmpeg: Path, ffprobe: Path) -> None:
        self._ffmpeg = ffmpeg
        self._ffprobe = ffprobe
        self._turn = asyncio.Semaphore(1)

    @classmethod
    def find(cls) -> "Films | None":
        """Those that the search path leads to, if they can make what browsers play; else None."""
        ffmpeg, ffprobe = shutil.which("ffmpeg"), shutil.which("ffprobe")
        if ffmpeg is None or ffprobe is None or not _makes_h264(ffmpeg):
            return None
        return cls(Path(ffmpeg), Path(ffprobe))

    async def convert(self, source: Path, container: Container, folder: Path) -> Film:
        """Make of `source` what browsers play; the files are made in `folder`, which is empty and the caller's to remove.

        Raises BadFilm.
        """
        async with self._turn:
            before = await self._probe(source, container, folder)
            _check(before)
            if not before.is_film:
                return await self._sound(source, container, folder)
            return await self._film(source, container, before, folder)

    async def _film(self, source: Path, container: Container, before: Facts, folder: Path) -> Film:
        made = folder / "film.mp4"
        with_sound = container is not Container.GIF and bool(before.audio_encode)
        sound = ["-map", "0:a:0", "-c:a", "aac", "-b:a", "128k", "-ac", "2"] if with_sound else ["-an"]
        await self._run(
            self._ffmpeg,
            *_reading(source, container),
            *("-map", "0:v:0", *sound, "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"),
            *("-vf", _filters(before), "-pix_fmt", "yuv420p"),
            *("-c:v", "libx264", "-preset", "veryfast", "-crf", "24", "-maxrate", "1800k", "-bufsize", "3600k"),
            *("-threads", "1", "-t", str(MAX_SECONDS), "-movflags", "+faststart", "-f", "mp4", f"file:{made}"),
            folder=folder,
            seconds=WALL_TIME,
        )
        facts = await self._probe(made, Container.MP4, folder)
        if not facts.is_film:
            raise BadFilm(DAMAGED)
        return Film(path=made, mime="video/mp4", facts=facts, poster=await self._poster(made, folder))

    async def _sound(self, source: Path, container: Container, folder: Path) -> Film:
        made = folder / "sound.m4a"
        await self._run(
            self._ffmpeg,
            *_reading(source, container),
            *("-map", "0:a:0", "-vn", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"),
            *("-c:a", "aac", "-b:a", "128k", "-ac", "2", "-threads", "1", "-t", str(MAX_SOUND_SECONDS)),
            *("-movflags", "+faststart", "-f", "mp4", f"file:{made}"),
            folder=folder,
            seconds=WALL_TIME,
        )
        facts = await self._probe(made, Container.MP4, folder)
        return Film(path=made, mime="audio/mp4", facts=facts, poster=None)

    async def _poster(self, film: Path, folder: Path) -> bytes:
        """The first picture of a film of our own making, to be drawn anew like any other picture."""
        made = folder / "poster.png"
        await self._run(
            self._ffmpeg,
            *_reading(film, Container.MP4),
            *("-map", "0:v:0", "-frames:v", "1", "-threads", "1", "-f", "image2", "-c:v", "png", f"file:{made}"),
            folder=folder,
            seconds=PROBE_TIME,
        )
        try:
            return await asyncio.to_thread(made.read_bytes)
        except OSError:
            raise BadFilm(DAMAGED) from None

    async def _probe(self, source: Path, container: Container, folder: Path) -> Facts:
        said = await self._run(
            self._ffprobe,
            *("-v", "error", "-protocol_whitelist", "file", "-f", container.value),
            *("-show_entries", "format=duration,bit_rate"),
            *("-show_entries", f"stream={_ASKED}", "-show_entries", "stream_disposition=attached_pic"),
            *("-of", "json", f"file:{source}"),
            folder=folder,
            seconds=PROBE_TIME,
        )
        try:
            return facts_of(json.loads(said))
        except ValueError:
            raise BadFilm(DAMAGED) from None

    async def _run(self, program: Path, *arguments: str, folder: Path, seconds: float) -> bytes:
        """What the program says. Raises BadFilm if it fails, says too much or takes too long; it is ended then."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            str(_CAGE),
            str(MEMORY),
            str(PROCESSOR_TIME),
            str(LARGEST),
            str(program),
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
            cwd=folder,
            start_new_session=True,
        )
        assert process.stdout is not None
        try:
            async with asyncio.timeout(seconds):
                said = await process.stdout.read(_MAX_SAID + 1)
                while len(said) <= _MAX_SAID and (more := await process.stdout.read(_MAX_SAID)):
                    said += more
                status = await process.wait() if len(said) <= _MAX_SAID else 1
        except TimeoutError:
            raise BadFilm(DAMAGED) from None
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await asyncio.shield(process.wait())
        if status != 0:
            raise BadFilm(DAMAGED)
        return said


_ASKED: Final = (
    "codec_type,codec_name,profile,width,height,avg_frame_rate,r_frame_rate,bit_rate,channel_layout,duration"
)


def _reading(source: Path, container: Container) -> Sequence[str]:
    return (
        *("-nostdin", "-hide_banner", "-loglevel", "error", "-y", "-threads", "1"),
        *("-protocol_whitelist", "file", "-f", container.value, "-i", f"file:{source}"),
    )


def _filters(before: Facts) -> str:
    """Smaller where it is too large, with even sides, which the encoder needs."""
    side = f"scale='min({SHOWN_SIDE},iw)':'min({SHOWN_SIDE},ih)':force_original_aspect_ratio=decrease"
    even = "scale='max(trunc(iw/2)*2,2)':'max(trunc(ih/2)*2,2)',setsar=1"
    slower = f",fps={SHOWN_FRAME_RATE}" if before.fps > SHOWN_FRAME_RATE else ""
    return f"{side},{even}{slower}"


def _check(facts: Facts) -> None:
    if facts.duration > (MAX_SECONDS if facts.is_film else MAX_SOUND_SECONDS):
        raise BadFilm(TOO_LONG)
    if facts.width is not None and facts.height is not None and facts.width * facts.height > MAX_PIXELS:
        raise BadFilm(TOO_LARGE)
    if facts.fps > MAX_FRAME_RATE:
        raise BadFilm(TOO_LARGE)


def facts_of(said: Any) -> Facts:
    """What ffprobe says of a file, which may be hostile, read with care. Raises ValueError if it is no film or sound."""
    if not isinstance(said, dict) or not isinstance(said.get("streams"), list):
        raise ValueError("ffprobe says nothing")
    streams = [one for one in said["streams"][:64] if isinstance(one, dict)]
    about = said.get("format")
    whole: Mapping[str, Any] = about if isinstance(about, dict) else {}
    film = next((one for one in streams if one.get("codec_type") == "video" and not _is_cover(one)), None)
    sound = next((one for one in streams if one.get("codec_type") == "audio"), None)
    if film is None and sound is None:
        raise ValueError("neither film nor sound")
    main = film if film is not None else sound
    assert main is not None
    rate = _text(film, "avg_frame_rate") if film is not None else ""
    fps = _rate(rate) or (_rate(rate := _text(film, "r_frame_rate")) if film is not None else 0.0)
    width, height = (_whole(film, "width"), _whole(film, "height")) if film is not None else (0, 0)
    if film is not None and not (width and height):
        raise ValueError("a film without a size")
    return Facts(
        duration=_number(whole, "duration") or _number(main, "duration"),
        bitrate=int(_number(whole, "bit_rate")),
        width=width or None,
        height=height or None,
        frame_rate=rate if fps else "",
        fps=round(fps, 3),
        audio_encode=_text(sound, "codec_name") if sound is not None else "",
        audio_bitrate=int(_number(sound, "bit_rate")) if sound is not None else 0,
        audio_channels=_text(sound, "channel_layout") if sound is not None else "",
    )


def _is_cover(stream: Mapping[str, Any]) -> bool:
    """The picture on a record's sleeve, which is no film."""
    disposition = stream.get("disposition")
    return isinstance(disposition, dict) and disposition.get("attached_pic") == 1


def _text(stream: Mapping[str, Any], name: str) -> str:
    value = stream.get(name)
    return value[:60] if isinstance(value, str) else ""


def _whole(stream: Mapping[str, Any], name: str) -> int:
    value = stream.get(name)
    return value if isinstance(value, int) and 0 < value <= 100_000 else 0


def _number(stream: Mapping[str, Any], name: str) -> float:
    """A number that is written as a text; 0 for one that is none, or beyond all sense."""
    try:
        value = float(str(stream.get(name)))
    except ValueError:
        return 0.0
    return value if 0 <= value < 1e9 else 0.0


def _rate(text: str) -> float:
    over, _, under = text.partition("/")
    try:
        value = float(over) / float(under or "1")
    except (ValueError, ZeroDivisionError):
        return 0.0
    return value if 0 < value < 1e6 else 0.0


@cache
def _makes_h264(ffmpeg: str) -> bool:
    """Whether this ffmpeg was built with the encoder whose films every browser plays. Asked once for each process."""
    try:
        said = subprocess.run(  # noqa: S603  # found on our own search path
            [ffmpeg, "-hide_banner", "-loglevel", "error", "-h", "encoder=libx264"],
            capture_output=True,
            timeout=10,
            check=False,
            env={},
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return said.returncode == 0 and b"libx264" in said.stdout
