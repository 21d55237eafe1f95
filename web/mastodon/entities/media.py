# SPDX-License-Identifier: AGPL-3.0-or-later
"""MediaAttachment."""

from node.kernel.site import Site
from node.media import Media
from web.mastodon.entities.common import Json
from web.media import proxy_url

_TYPES = frozenset({"image", "gifv", "video", "audio"})


def attachment(site: Site, media: Media) -> Json:
    """A picture or another file of a post. Remote pictures come through our proxy; sounds and films from their home."""
    is_image = media.type == "image"
    if media.file is not None:
        url: str | None = site.media_url(media.file)
        preview: str | None = site.media_url(media.preview or media.file)
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
    if media.focus_x is not None and media.focus_y is not None:
        meta["focus"] = {"x": media.focus_x, "y": media.focus_y}
    return meta
