# SPDX-License-Identifier: AGPL-3.0-or-later
"""Files of media, given out so that they can do no harm: a fixed type, never sniffed, in a sandbox, kept for good.

Remote pictures come through `/proxy/<signature>/<address>`: the reader's browser never meets the other server. Only
addresses that we signed are fetched, only pictures are passed on, and what was fetched is kept in a folder with a bound.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import struct
import zlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from aiohttp import web

from node.actors import Picture
from node.emojis import Shown
from node.federation.client import MEDIA_TIME, FetchFailed
from node.kernel.errors import NotFound, Overloaded
from node.kernel.site import Site
from web import SERVICES

MEBIBYTE: Final = 1024 * 1024
MAX_REMOTE: Final = 16 * MEBIBYTE
MAX_EMOJI: Final = 256 * 1024
MAX_CACHE: Final = 1024 * MEBIBYTE
_PICTURE: Final = "media"
_EMOJI: Final = "emoji"
_KEPT_FOR_GOOD: Final = "public, max-age=31536000, immutable"
_INERT: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Content-Disposition": "inline",
    "Cache-Control": _KEPT_FOR_GOOD,
}
_MAGIC: Final = (
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (b"GIF87a", "image/gif", "gif"),
    (b"GIF89a", "image/gif", "gif"),
)
_TYPES: Final = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "avif": "image/avif",
}


# -- addresses --------------------------------------------------------------------------------------------------------


def proxy_url(site: Site, url: str) -> str:
    """Where the remote picture at `url` is served here. One of our own files is served where it is."""
    if site.is_local(url):
        return url
    return f"{site.base_url}/proxy/{site.sign(_PICTURE, url)}/{_encoded(url)}"


def emoji_url(site: Site, url: str) -> str:
    """Where a remote emoji is served here: like a picture, but only if it is small."""
    return f"{site.base_url}/proxy/{site.sign(_EMOJI, url)}/{_encoded(url)}"


def emoji_address(site: Site, emoji: Shown) -> str:
    """Where an emoji that stands with a post or an actor is served: one of ours where it is, others through the proxy.

    Only our own have an `id`: what another server says of an address is never believed to be a file of ours.
    """
    return emoji["url"] if "id" in emoji else emoji_url(site, emoji["url"])


def emoji_urls(site: Site, emojis: Iterable[Shown]) -> dict[str, str]:
    """Shortcode to address, of the emoji that stand with a post or an actor."""
    return {emoji["shortcode"]: emoji_address(site, emoji) for emoji in emojis}


def picture_url(site: Site, picture: Picture | None) -> str | None:
    """Where an avatar or a header is served, or None if there is none."""
    if picture is None:
        return None
    if picture.file is not None:
        return site.media_url(picture.file)
    return proxy_url(site, picture.url) if picture.url else None


def missing_avatar(site: Site) -> str:
    """The picture of somebody who has none. Apps know it by the end of its name."""
    return f"{site.base_url}/avatars/original/missing.png"


def missing_header(site: Site) -> str:
    """The same for headers."""
    return f"{site.base_url}/headers/original/missing.png"


# -- handlers ---------------------------------------------------------------------------------------------------------


async def own(request: web.Request) -> web.StreamResponse:
    """A file that a member uploaded (in the form we gave it). Parts of it can be asked for, which films need."""
    store = request.app[SERVICES].store
    found = await asyncio.to_thread(store.path, request.match_info["file"])
    if found is None:
        raise NotFound
    path, mime = found
    return _file(path, mime)


async def remote(request: web.Request) -> web.StreamResponse:
    """A remote picture, from our copy or fetched now."""
    services = request.app[SERVICES]
    url = _address(request.match_info["url"])
    limit = _limit(services.db.site, url, request.match_info["signature"])
    cache_folder = ProxyCache(services.settings.data_dir / "proxy")
    name = hashlib.sha256(url.encode()).hexdigest()
    kept = await asyncio.to_thread(cache_folder.find, name)
    if kept is None:
        try:
            answer = await services.client.get(
                url, accept="image/*", limit=limit, total=MEDIA_TIME, same_origin_redirects=False
            )
        except FetchFailed as error:
            raise (Overloaded() if error.retryable else NotFound()) from None
        kind = picture_type(answer.body)
        if kind is None:
            raise NotFound
        kept = await asyncio.to_thread(cache_folder.keep, name, answer.body, kind[1])
    path, mime = kept
    return _file(path, mime)


async def missing(request: web.Request) -> web.Response:
    """The plain picture of somebody who has none."""
    size = (1500, 500) if request.path.startswith("/headers") else (400, 400)
    return web.Response(body=_plain_png(*size), content_type="image/png", headers=_INERT)


ROUTES: Final = (
    web.get("/media/{file}", own),
    web.get("/proxy/{signature}/{url}", remote),
    web.get("/avatars/original/missing.png", missing),
    web.get("/headers/original/missing.png", missing),
)


# -- the cache of remote pictures -------------------------------------------------------------------------------------


class ProxyCache:
    """Remote pictures in a folder, up to a bound; those that were asked for longest ago go first. Blocking."""

    def __init__(self, folder: Path, *, most: int = MAX_CACHE) -> None:
        """`most` is in bytes."""
        self._folder = folder
        self._most = most

    def find(self, name: str) -> tuple[Path, str] | None:
        """The kept file of that name and its type; asking for it counts as a use."""
        for suffix, mime in _TYPES.items():
            path = self._folder / name[:2] / f"{name}.{suffix}"
            try:
                path.touch(exist_ok=True) if path.is_file() else None
            except OSError:
                continue
            if path.is_file():
                return path, mime
        return None

    def keep(self, name: str, data: bytes, suffix: str) -> tuple[Path, str]:
        """Keep a picture, and make room if the folder is full. Now and then is often enough for that."""
        path = self._folder / name[:2] / f"{name}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(".part")
        half.write_bytes(data)
        half.replace(path)
        if int(name[-2:], 16) < 8:
            self.sweep()
        return path, _TYPES[suffix]

    def sweep(self) -> None:
        """Remove the least used until nine tenths of the bound are left."""
        files = sorted(
            ((state.st_mtime, state.st_size, path) for path in self._folder.rglob("*.*") if (state := path.stat())),
            key=lambda item: item[0],
        )
        total = sum(size for _, size, _ in files)
        if total <= self._most:
            return
        for _, size, path in files:
            path.unlink(missing_ok=True)
            total -= size
            if total <= self._most * 9 // 10:
                return


def picture_type(data: bytes) -> tuple[str, str] | None:
    """(type, suffix) of a picture by its first bytes; None for anything that we do not pass on, SVG above all."""
    for magic, mime, suffix in _MAGIC:
        if data.startswith(magic):
            return mime, suffix
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp", "webp"
    if data[4:12] in (b"ftypavif", b"ftypavis"):
        return "image/avif", "avif"
    return None


def _file(path: Path, mime: str) -> web.FileResponse:
    response = web.FileResponse(path, headers=_INERT)
    response.content_type = mime
    return response


def _limit(site: Site, url: str, signature: str) -> int:
    """How many bytes may be fetched for an address that we signed as this kind of picture; raises NotFound."""
    for purpose, limit in ((_PICTURE, MAX_REMOTE), (_EMOJI, MAX_EMOJI)):
        if hmac.compare_digest(site.sign(purpose, url).encode(), signature.encode()):
            return limit
    raise NotFound


def _encoded(url: str) -> str:
    return base64.urlsafe_b64encode(url.encode()).rstrip(b"=").decode()


def _address(encoded: str) -> str:
    try:
        return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
    except (binascii.Error, ValueError):
        raise NotFound from None


@cache
def _plain_png(width: int, height: int) -> bytes:
    """A plain grey picture (PNG: one palette colour, one bit a pixel)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    row = b"\0" * (1 + (width + 7) // 8)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 3, 0, 0, 0)),
            chunk(b"PLTE", bytes((0xC9, 0xC4, 0xB8))),
            chunk(b"IDAT", zlib.compress(row * height, 9)),
            chunk(b"IEND", b""),
        )
    )
