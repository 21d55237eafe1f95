# SPDX-License-Identifier: AGPL-3.0-or-later
"""NodeInfo 2.0 and 2.1: what this server is, in numbers, and the same of another server read.

Software names are for people: nothing is decided by them (FEP-0151). A number that we do not publish is left out, never
zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from activitypub.accessors import as_object, as_text, as_url, objects
from activitypub.parse import JsonObject, JsonValue

Version = Literal["2.0", "2.1"]

APPLICATION: Final = "https://www.w3.org/ns/activitystreams#Application"
_SCHEMA: Final = "http://nodeinfo.diaspora.software/ns/schema/"
_MAX_LINKS: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeInfo:
    """`staff` are actor ids. The counts are None when the association does not publish them."""

    software_version: str
    name: str
    description: str = ""
    repository: str | None = None
    homepage: str | None = None
    open_registrations: bool = False
    users: int | None = None
    active_month: int | None = None
    active_half_year: int | None = None
    local_posts: int | None = None
    local_comments: int | None = None
    staff: tuple[str, ...] = ()
    software_name: str = "alumnode"


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """`document` is the newest NodeInfo we can read, `application` the server's own actor (FEP-2677)."""

    document: str | None = None
    application: str | None = None


def content_type(version: Version) -> str:
    """The media type of a NodeInfo document."""
    return f'application/json; profile="{_SCHEMA}{version}#"'


def well_known(base: str, application: str) -> JsonObject:
    """The links at `/.well-known/nodeinfo`.

    The schemas come first: Gancio takes the first link whatever its rel says. The server's actor comes last.
    """
    return {
        "links": [
            {"rel": f"{_SCHEMA}2.1", "href": f"{base}/nodeinfo/2.1"},
            {"rel": f"{_SCHEMA}2.0", "href": f"{base}/nodeinfo/2.0"},
            {"rel": APPLICATION, "type": "application/activity+json", "href": application},
        ]
    }


def document(info: NodeInfo, version: Version) -> JsonObject:
    """The NodeInfo document; 2.0 has no repository and no homepage."""
    software: JsonObject = {"name": info.software_name, "version": info.software_version}
    if version == "2.1":
        software |= _present({"repository": info.repository, "homepage": info.homepage})
    usage: JsonObject = {
        "users": _present(
            {"total": info.users, "activeMonth": info.active_month, "activeHalfyear": info.active_half_year}
        )
    }
    usage |= _present({"localPosts": info.local_posts, "localComments": info.local_comments})
    return {
        "version": version,
        "software": software,
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": []},
        "openRegistrations": info.open_registrations,
        "usage": usage,
        "metadata": {
            "nodeName": info.name,
            "nodeDescription": info.description,
            "staffAccounts": list(info.staff),
            "federation": {"enabled": True},
        },
    }


def read_links(doc: JsonObject) -> Links:
    """What `/.well-known/nodeinfo` of another server points to."""
    found: dict[str, str] = {}
    for link in objects(doc.get("links"), limit=_MAX_LINKS):
        rel, href = as_text(link.get("rel")), as_url(link.get("href"))
        if rel is not None and href is not None:
            found.setdefault(rel, href)
    return Links(document=found.get(f"{_SCHEMA}2.1") or found.get(f"{_SCHEMA}2.0"), application=found.get(APPLICATION))


def read_software(doc: JsonObject) -> tuple[str | None, str | None]:
    """Name and version of another server's software, shortened, to show to an administrator."""
    software = as_object(doc.get("software")) or {}
    name, version = as_text(software.get("name")), as_text(software.get("version"))
    return (name[:100] if name else None), (version[:100] if version else None)


def _present(values: dict[str, str | int | None]) -> JsonObject:
    kept: dict[str, JsonValue] = {name: value for name, value in values.items() if value is not None}
    return kept
