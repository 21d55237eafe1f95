# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a file is, by its first bytes. What its sender says of it is never asked."""

from enum import StrEnum
from typing import Final

PICTURE_TYPES: Final = ("image/jpeg", "image/png", "image/gif", "image/webp")
FILM_TYPES: Final = (
    "video/mp4",
    "video/quicktime",
    "video/webm",
    "video/ogg",
    "audio/mpeg",
    "audio/mp3",
    "audio/mp4",
    "audio/x-m4a",
    "audio/aac",
    "audio/ogg",
    "audio/webm",
    "audio/flac",
    "audio/wav",
    "audio/x-wav",
)
"""What apps may offer to send where films are taken; how a file is read is decided by `container_of`."""


class Container(StrEnum):
    """The form that a film or a sound comes in, under the name by which ffmpeg reads it.

    It is told which one to read. Left to itself it would also open lists of further files, here or on the network.
    """

    MP4 = "mov"
    MATROSKA = "matroska"
    OGG = "ogg"
    MP3 = "mp3"
    AAC = "aac"
    FLAC = "flac"
    WAV = "wav"
    GIF = "gif"


HEAD: Final = 16
"""Bytes that are enough to tell."""
_HEIC: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_STILL: Final = frozenset({b"avif", b"avis"})


def container_of(data: bytes) -> Container | None:
    """The form of a film or a sound; None for anything else, pictures too."""
    if data[4:8] == b"ftyp":
        return None if data[8:12] in _HEIC | _STILL else Container.MP4
    if data.startswith(b"\x1a\x45\xdf\xa3"):
        return Container.MATROSKA
    if data.startswith(b"OggS"):
        return Container.OGG
    if data.startswith(b"fLaC"):
        return Container.FLAC
    if data.startswith(b"RIFF") and data[8:12] == b"WAVE":
        return Container.WAV
    if data.startswith(b"ID3"):
        return Container.MP3
    if len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0:
        # Both begin with set bits; the two that name the layer are zero in AAC (ISO/IEC 13818-7, ADTS).
        return Container.AAC if data[1] & 0xF6 == 0xF0 else (Container.MP3 if data[1] & 0x06 else None)
    return None


def is_heic(data: bytes) -> bool:
    """A photograph in the form that telephones of one maker keep them in, which the image library does not read."""
    return data[4:8] == b"ftyp" and data[8:12] in _HEIC
