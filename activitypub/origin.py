# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which server an id belongs to, and whether an actor may act on an object.

Ids are opaque strings, compared as they are. They are taken apart here only to learn their origin, and only when
there is exactly one way to write them: an id that a URL library would write differently (upper-case host, default
port, trailing dot, dot segments, an escaped letter) is refused, because a second spelling is how one server comes
to look like another.

Whether plain `http` may be used at all is decided where documents are fetched, through `origin(allow_http=...)`:
tests and demonstrations on one machine need it. `same_origin` and `may_act_on` only compare; the scheme is part
of the origin, so `http` never speaks for `https`.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import idna

from activitypub.errors import Malformed

MAX_ID: Final = 2048
"""In characters."""

_DEFAULT_PORTS: Final = {"https": 443, "http": 80}

# The characters of RFC 3986, with the brackets and the bar that are seen unescaped in queries, and the second '#'
# that WordPress writes into fragments.
_ID: Final = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<authority>[a-z0-9._:\[\]-]+)"
    r"(?P<path>(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?)"
    r"(?:\?(?P<query>[A-Za-z0-9._~!$&'()*+,;=:@%/?\[\]|-]+))?"
    r"(?:#(?P<fragment>[A-Za-z0-9._~!$&'()*+,;=:@%/?\[\]|#-]+))?"
)
_AUTHORITY: Final = re.compile(r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>[1-9][0-9]{0,4}))?")
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
# Escaped letters, digits, '-', '.' and '_': URL libraries turn them back, so such an id has two spellings.
# An escaped '~' is left alone, since older encoders made it.
_NEEDLESS_ESCAPE: Final = re.compile(r"%(?:2[DdEe]|3[0-9]|4[1-9A-Fa-f]|5[0-9AaFf]|6[1-9A-Fa-f]|7[0-9Aa])")
_DOT_SEGMENT: Final = re.compile(r"/\.\.?(?:/|$)")
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMERIC_LABEL: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port; two ids are of the same server when all three are equal."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        """As it stands at the start of an id: the default port is left out."""
        if self.port == _DEFAULT_PORTS[self.scheme]:
            return f"{self.scheme}://{self.host}"
        return f"{self.scheme}://{self.host}:{self.port}"


def origin(uri: str, *, allow_http: bool = False) -> Origin:
    """The server that owns `uri`. A fragment is allowed and does not matter.

    With `allow_http`, `http` ids, addresses such as `127.0.0.1` and names of one label such as `localhost` are
    accepted as well.

    Raises:
        Malformed: `uri` is no http(s) id, names no proper host, or could be written in another way.
    """
    if len(uri) > MAX_ID:
        raise Malformed("The id is longer than 2048 characters.")
    found = _ID.fullmatch(uri)
    if found is None:
        raise Malformed("The id is not an http(s) URL in its plain form.")
    scheme, rest = found["scheme"], uri[found.end("authority") :]
    if scheme == "http" and not allow_http:
        raise Malformed("The id does not start with https.")
    if "%" in rest and (_BAD_ESCAPE.search(rest) or _NEEDLESS_ESCAPE.search(rest)):
        raise Malformed("The id is escaped in a way that allows another spelling.")
    if "/." in found["path"] and _DOT_SEGMENT.search(found["path"]):
        raise Malformed("The id has a dot segment.")
    return _server(scheme, found["authority"], allow_http)


@lru_cache(maxsize=2048)
def _server(scheme: str, text: str, allow_http: bool) -> Origin:
    """The server that an authority names. Kept, since a few servers send most of what comes. Raises Malformed."""
    authority = _AUTHORITY.fullmatch(text)
    if authority is None:
        raise Malformed("The id names no proper host.")
    port = int(authority["port"] or _DEFAULT_PORTS[scheme])
    if port > 65535 or (authority["port"] and port == _DEFAULT_PORTS[scheme]):
        raise Malformed("The id gives a port that is out of range or need not be given.")
    host = authority["host"]
    if not (allow_http and _is_address(host)):
        if normalise_host(host) != host:
            raise Malformed("The id's host is not in its normal form.")
        if "." not in host and not allow_http:
            raise Malformed("The id's host is no public name.")
    return Origin(scheme, host, port)


def normalise_host(host: str) -> str:
    """The one spelling of a host name: lower case, A-labels, no trailing dot. Doing it twice changes nothing.

    Labels that are ASCII already are kept as they are, `xn--` ones too: names with emoji or underscores exist and
    cannot be had again from IDNA 2008. Names of one label pass; `origin` is stricter.

    Raises:
        Malformed: no DNS name: empty or overlong labels, a last label that resolvers read as a number (so every
            IPv4 address), a port, user information, an escape, or Unicode that UTS 46 does not map.
    """
    if len(host) > 1000:
        raise Malformed("The host name is too long.")
    if not host.isascii():
        host = _a_labels(host)
    host = host.lower().removesuffix(".")
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise Malformed("The host name is not a DNS name.")
    if _NUMERIC_LABEL.fullmatch(labels[-1]):
        raise Malformed("The host name is a number.")
    return host


def same_origin(a: str, b: str) -> bool:
    """Whether both ids belong to one server; no when either is malformed."""
    try:
        return origin(a, allow_http=True) == origin(b, allow_http=True)
    except Malformed:
        return False


_OWNER_ONLY: Final = frozenset({"Create", "Update", "Delete", "Undo", "Add", "Remove"})
_ANSWERS: Final = frozenset({"Accept", "TentativeAccept", "Reject", "TentativeReject"})
_REFERENCES: Final = frozenset(
    {
        "Announce",
        "Block",
        "Dislike",
        "EmojiReact",
        "Flag",
        "Follow",
        "Ignore",
        "Invite",
        "Join",
        "Leave",
        "Like",
        "Listen",
        "Offer",
        "Read",
        "View",
    }
)


def may_act_on(actor: str, object_id: str, attributed_to: str | None, verb: str) -> bool:
    """Whether `actor`, who is proved to have sent it, may do `verb` to the object (FEP-fe34, ActivityPub section 7).

    `attributed_to` is who the object belongs to according to the copy that would be acted on: `attributedTo` of an
    object, `actor` of an activity, None when it does not say. Nothing here makes an unknown verb or a missing owner
    pass, and what is refused may still be fetched from its own id and believed from there.

    | verb                    | `object_id`, `attributed_to`                     | allowed when                       |
    |-------------------------|--------------------------------------------------|------------------------------------|
    | Create, Update, Delete  | the object, its owner                            | same origin, and the owner is the  |
    | Undo                    | the undone activity, its actor                   | actor                              |
    | Add, Remove             | the collection (`target`), its owner             |                                    |
    | Update, Delete, Move    | an actor, which owns itself                      | it is the actor                    |
    | Accept, Reject, ...     | the answered activity, the one who was asked     | the one asked is the actor         |
    | Follow, Like, Announce, | what is referred to                              | always: nothing is believed about  |
    | Flag, Offer, Join, ...  |                                                  | the object but that it was named   |

    Rights that a third actor gives (a group's moderators) come on top and are the feature's to check.
    """
    try:
        at = origin(actor, allow_http=True)
        of = origin(object_id, allow_http=True)
    except Malformed:
        return False
    if object_id == actor and verb in {"Update", "Delete", "Move"}:
        return True
    if verb in _OWNER_ONLY:
        return at == of and attributed_to == actor
    if verb in _ANSWERS:
        return attributed_to == actor
    return verb in _REFERENCES


def _a_labels(host: str) -> str:
    labels = []
    for label in re.split("[.。．｡]", host):
        if label.isascii():
            labels.append(label)
            continue
        try:
            labels.append(idna.encode(label, uts46=True).decode("ascii"))
        except (idna.IDNAError, UnicodeError):
            raise Malformed("The host name is not a valid international name.") from None
    return ".".join(labels)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True
