# SPDX-License-Identifier: AGPL-3.0-or-later
"""MediaAttachment."""

from collections.abc import Mapping

from node.kernel.site import Site
from node.media import Media
from web.mastodon.entities.common import Json
from web.media import proxy_url

_TYPES = frozenset({"image", "gifv", "video", "audio"})


def attachment(site: Site, media: Media) -> Json:
    """A picture or another file of a post. Remote pictures come through our proxy; sounds and films from their home."""
    is_image = media.type == "image"
    url: str | None
    preview: str | None
    if media.file is not None:
        url = site.media_url(media.file)
        preview = site.media_url(media.preview or media.file) if media.preview or is_image else None
    elif media.remote_url is None:  # not converted yet
        url, preview = None, site.media_url(media.preview) if media.preview else None
    else:
        url = proxy_url(site, media.remote_url) if is_image and media.remote_url else media.remote_url
        preview = url if is_image else None
    return {
        "id": str(media.id),
        "type": media.type if media.type in _TYPES else "unknown",
        "url": url,
        "preview_url": preview,
        "remote_url": media.remote_url,
        "preview_remote_url": None,
        "text_url": None,
        "meta": _meta(media),
        "description": media.description or None,
        "blurhash": media.blurhash,
    }


def _meta(media: Media) -> Json:
    meta: Json = {}
    if media.type != "audio":
        for name, width, height in (
            ("original", media.width, media.height),
            ("small", media.preview_width or media.width, media.preview_height or media.height),
        ):
            if width and height:
                meta[name] = {
                    "width": width,
                    "height": height,
                    "size": f"{width}x{height}",
                    "aspect": round(width / height, 6),
                }
    details = media.details or {}
    if "duration" in details:
        _add_film(meta, media, details)
    if media.focus_x is not None and media.focus_y is not None:
        meta["focus"] = {"x": media.focus_x, "y": media.focus_y}
    return meta


def _add_film(meta: Json, media: Media, details: Mapping[str, object]) -> None:
    """How long a film or a sound is, and how it is made."""
    seconds = float(str(details["duration"]))
    hours, rest = divmod(seconds, 3600)
    original = meta.get("original")
    film: Json = {"duration": seconds, "bitrate": details.get("bitrate", 0)}
    if media.type != "audio":
        film["frame_rate"] = details.get("frame_rate", "")
        meta["fps"] = details.get("fps", 0)
        if isinstance(original, dict):
            meta.update(original)
    meta["original"] = {**(original if isinstance(original, dict) else {}), **film}
    meta["length"] = f"{int(hours)}:{int(rest // 60):02}:{rest % 60:05.2f}"
    meta["duration"] = seconds
    for name in ("audio_encode", "audio_bitrate", "audio_channels"):
        if details.get(name):
            meta[name] = str(details[name])
