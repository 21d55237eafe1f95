# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where a request of ours may go: which addresses, which host names, which URLs. Pure: no network.

Every fetch and every delivery goes to a place that somebody else named, so the question is answered by a list of what is
allowed. `ipaddress.is_global` is not that list: it says yes to several forms under which loopback can be reached
(`64:ff9b::7f00:1`, `2002:7f00:1::`, `::127.0.0.1`). Host names must look like public DNS names before they are looked up,
because resolvers read `0x7f.1`, `2130706433` and full-width digits as addresses.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from pathlib import Path
from urllib.parse import quote

from activitypub.errors import Malformed
from activitypub.origin import normalise_host

MAX_URL = 4096

# The IANA IPv4 special-purpose registry, with multicast.
_IPV4_REFUSED = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
# The one global block of IPv6, less protocol assignments (Teredo, ORCHID, ...), documentation, 6to4 and AS112.
_IPV6_GLOBAL = IPv6Network("2000::/3")
_IPV6_REFUSED = tuple(
    IPv6Network(block) for block in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48")
)

_URL = re.compile(r"(https?)://([^/?#\\@%]+)((?:[/?][^#]*)?)", re.IGNORECASE)
_NOT_IN_URL = re.compile("[\x00-\x20\x7f-\xa0\\\\\u2028\u2029\ud800-\udfff]")
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::([0-9]{1,5}))?")
_TOP_LEVEL = re.compile(r"[a-z]{2,63}|xn--[a-z0-9-]+")
_NEVER_PUBLIC = frozenset({"localhost", "local", "internal", "invalid", "onion", "lan", "home", "corp", "localdomain"})
_DEFAULT_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class ClientPolicy:
    """What the outgoing client may do. The defaults are for the open internet; the rest is for one machine's tests.

    `allow_loopback` admits loopback addresses, the names `localhost` and `*.localhost`, and any port. `ca_file` is
    trusted besides the system's certificate authorities.
    """

    allow_loopback: bool = False
    allow_http: bool = False
    ca_file: Path | None = None
    user_agent: str = "Alumnode/0.1"
    allowed_ports: frozenset[int] = frozenset({443})


class AddressRefused(OSError):
    """This place is never asked: its URL, its host name or its address is not on the list of what is allowed.

    An `OSError`, so that the HTTP library takes it from the resolver as it takes a failed look-up.
    """


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that may be requested. `url` is written exactly as it goes out; `authority` is what the Host header says."""

    url: str
    scheme: str
    host: str
    port: int
    authority: str


def is_public(address: str | IPv4Address | IPv6Address) -> bool:
    """Whether this address belongs to the open internet. Forms that wrap an IPv4 address are refused whatever they wrap."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv4Address):
        return not any(parsed in block for block in _IPV4_REFUSED)
    if parsed.scope_id is not None:
        return False
    return parsed in _IPV6_GLOBAL and not any(parsed in block for block in _IPV6_REFUSED)


def may_connect(address: str, policy: ClientPolicy) -> bool:
    """Whether a connection may be made to this address."""
    if is_public(address):
        return True
    try:
        return policy.allow_loopback and ip_address(address).is_loopback
    except ValueError:
        return False


def check_host(host: str, policy: ClientPolicy) -> str:
    """The host in its one spelling (lower case, A-labels), or AddressRefused if it is no public DNS name."""
    if policy.allow_loopback and (is_local_name(host) or _is_loopback_literal(host)):
        return host.lower()
    try:
        name = normalise_host(host)
    except Malformed as error:
        raise AddressRefused(error.reason) from None
    labels = name.split(".")
    if len(labels) < 2 or not _TOP_LEVEL.fullmatch(labels[-1]) or labels[-1] in _NEVER_PUBLIC:
        raise AddressRefused("The host is not a public DNS name.")
    return name


def is_local_name(host: str) -> bool:
    """Whether RFC 6761, section 6.3, makes this a name of the machine itself."""
    labels = host.lower().split(".")
    return labels[-1] == "localhost" and all(re.fullmatch(r"[a-z0-9_-]{1,63}", label) for label in labels)


def target(url: str, policy: ClientPolicy) -> Target:
    """The URL as it may be sent: without fragment, host normalised, path and query as they are but for non-ASCII letters.

    Raises:
        AddressRefused: another scheme, a user part, a port that is not allowed, a host that is none, characters
            that libraries read in different ways.
    """
    found = _URL.fullmatch(url.split("#", 1)[0])
    if len(url) > MAX_URL or found is None or _NOT_IN_URL.search(url):
        raise AddressRefused("This is not a URL that can be asked for.")
    scheme, rest = found[1].lower(), found[3]
    if scheme == "http" and not policy.allow_http:
        raise AddressRefused("Only https is used.")
    authority = _AUTHORITY.fullmatch(found[2])
    if authority is None:
        raise AddressRefused("The URL names no proper host.")
    host = check_host(authority[1], policy)
    default = _DEFAULT_PORTS[scheme]
    port = int(authority[2] or default)
    if not _port_allowed(port, scheme, policy):
        raise AddressRefused("The port is not allowed.")
    shown = host if port == default else f"{host}:{port}"
    if not rest.startswith("/"):
        rest = f"/{rest}"
    sent = f"{scheme}://{shown}" + (rest if rest.isascii() else quote(rest, safe=_ASCII))
    return Target(sent, scheme, host.strip("[]"), port, shown)


_ASCII = "".join(map(chr, range(0x21, 0x7F)))


def _port_allowed(port: int, scheme: str, policy: ClientPolicy) -> bool:
    if policy.allow_loopback:
        return 0 < port < 65536
    return port in policy.allowed_ports or (scheme == "http" and port == _DEFAULT_PORTS["http"])


def _is_loopback_literal(host: str) -> bool:
    if host.startswith("["):
        host = host[1:-1]
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
