# SPDX-License-Identifier: AGPL-3.0-or-later
"""Put on PYTHONPATH of a client that runs as a process: names under `localhost` are the loopback address there.

RFC 6761 section 6.3 wants that of every resolver; glibc without nss-myhostname does not do it.
"""

import socket

_getaddrinfo = socket.getaddrinfo


def getaddrinfo(host, *args, **kwargs):  # type: ignore[no-untyped-def]  # stands in for a function of many forms
    name = host.decode() if isinstance(host, bytes) else host
    if isinstance(name, str) and name.rstrip(".").endswith(".localhost"):
        host = "127.0.0.1"
    return _getaddrinfo(host, *args, **kwargs)


socket.getaddrinfo = getaddrinfo
