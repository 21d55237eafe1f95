# SPDX-License-Identifier: AGPL-3.0-or-later
"""host-meta (RFC 6415): where our WebFinger is, and where another host's is.

Mobilizon asks here first; some hosts whose handles live elsewhere redirect only this. Another host's XML is searched
for one attribute and never given to an XML parser.
"""

from __future__ import annotations

import re
from typing import Final
from xml.sax.saxutils import quoteattr, unescape

from activitypub.parse import JsonObject
from activitypub.webfinger import is_subscribe_template

XRD_CONTENT_TYPE: Final = "application/xrd+xml; charset=utf-8"
JSON_CONTENT_TYPE: Final = "application/jrd+json"
MAX_XRD: Final = 65_536

_LINK = re.compile(r"<(?:[A-Za-z]{1,20}:)?Link\b([^<>]{0,4000})>")
_ATTRIBUTE = re.compile(r"\b(rel|template)\s{0,5}=\s{0,5}(?:\"([^\"<>]{0,2000})\"|'([^'<>]{0,2000})')")


def xrd(base: str) -> str:
    """Our host-meta as XML."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">\n'
        f'  <Link rel="lrdd" type="application/jrd+json" template={quoteattr(_template(base))}/>\n'
        "</XRD>\n"
    )


def jrd(base: str) -> JsonObject:
    """Our host-meta as JSON."""
    return {"links": [{"rel": "lrdd", "type": "application/jrd+json", "template": _template(base)}]}


def read_xrd(text: str) -> str | None:
    """The WebFinger template, with `{uri}` in it, of another host's XML; None if there is no usable one."""
    for link in _LINK.finditer(text[:MAX_XRD]):
        said = {name: double or single for name, double, single in _ATTRIBUTE.findall(link[1])}
        template = unescape(said.get("template", ""))
        if said.get("rel") == "lrdd" and is_subscribe_template(template):
            return template
    return None


def _template(base: str) -> str:
    return f"{base}/.well-known/webfinger?resource={{uri}}"
