# SPDX-License-Identifier: AGPL-3.0-or-later
"""A request as it stood on the wire, which is what signatures are about.

Never a decoded or rebuilt URL: a path that was decoded and encoded again, or a query left out, is another request
to a signature.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from activitypub.errors import Malformed

_DEFAULT_PORTS: Final = {"https": ":443", "http": ":80"}


@dataclass(frozen=True, slots=True)
class Request:
    """`target` is the path and query exactly as on the request line, `authority` what the Host header said.

    Header values hold bytes beyond ASCII as UTF-8 with surrogate escapes, as Python's servers hand them over.
    """

    method: str
    target: str
    scheme: str
    authority: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The value of a header whatever the case of its name; several lines are joined as RFC 9110, 5.3 says."""
        wanted = name.lower()
        values = [value.strip(" \t") for key, value in self.headers if key.lower() == wanted]
        return ", ".join(values) if values else None

    def with_headers(self, added: Mapping[str, str]) -> Request:
        """The same request with these headers in place of any of the same names."""
        names = {name.lower() for name in added}
        kept = tuple(line for line in self.headers if line[0].lower() not in names)
        return replace(self, headers=kept + tuple(added.items()))

    @property
    def path(self) -> str:
        """The target without its query, as sent."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str | None:
        """What follows the question mark, as sent; None without one, which differs from an empty query."""
        _, mark, query = self.target.partition("?")
        return query if mark else None

    @property
    def has_content(self) -> bool:
        """Whether a digest of the body belongs to this request: always, except for reads without one."""
        return bool(self.body) or self.method not in {"GET", "HEAD"}


def plain_authority(authority: str, scheme: str) -> str:
    """`authority` in lower case and without the scheme's default port (RFC 9421, 2.2.3)."""
    return authority.lower().removesuffix(_DEFAULT_PORTS.get(scheme, ""))


def line_bytes(text: str) -> bytes:
    """One line of a string to sign as the bytes that were on the wire.

    Raises:
        Malformed: a line break in it, which would let one line pass for two, or a character that no header holds.
    """
    if "\n" in text or "\r" in text or "\0" in text:
        raise Malformed("A signed value has a line break in it.")
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise Malformed("A signed value cannot be encoded.") from None
