# SPDX-License-Identifier: AGPL-3.0-or-later
"""A test network: names under .localhost, a private CA, and one https proxy (Caddy) in front of everybody.

Needs no root and no hosts file: the proxy listens on one free high port of the loopback address, so a server's
authority is `name.localhost:PORT`, in handles as well. Who asks for a name must take `*.localhost` for the loopback
address itself (RFC 6761 section 6.3): browsers do, Caddy does not need to, the peers and clients here are helped
(`loopback_names/`, the peers' own scripts).
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import requests
import trustme

from federation_tests.harness.processes import Server, free_port

LOOPBACK_NAMES = Path(__file__).parent / "loopback_names"


@dataclass(frozen=True, slots=True)
class Site:
    """A name of the network: where the world finds it, and the port the server behind it must listen on."""

    name: str
    authority: str
    port: int

    @property
    def url(self) -> str:
        return f"https://{self.authority}"


@dataclass(slots=True)
class Network:
    """Made once a session. Names are added while it runs; the proxy reloads without closing anybody's connection."""

    folder: Path
    port: int = field(default_factory=free_port)
    _ca: trustme.CA = field(default_factory=trustme.CA)
    _sites: dict[str, Site] = field(default_factory=dict)
    _proxy: Server | None = None

    @property
    def ca_file(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def env(self) -> dict[str, str]:
        """What makes any client process trust the CA: OpenSSL's, requests', Node's and curl's variable."""
        ca = str(self.ca_file)
        return {
            "SSL_CERT_FILE": ca,
            "REQUESTS_CA_BUNDLE": ca,
            "NODE_EXTRA_CA_CERTS": ca,
            "CURL_CA_BUNDLE": ca,
            "NO_PROXY": "localhost,.localhost,127.0.0.1",
            "no_proxy": "localhost,.localhost,127.0.0.1",
        }

    @property
    def python_client_env(self) -> dict[str, str]:
        """`env`, and names under .localhost for a client written in Python that knows no such thing (toot)."""
        return {**self.env, "PYTHONPATH": str(LOOPBACK_NAMES)}

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._ca.cert_pem.write_to_path(str(self.ca_file))
        self._write()
        self._proxy = Server(
            "proxy",
            [_caddy(), "run", "--config", self._config],
            env=self._caddy_env,
            cwd=self.folder,
            log=self.folder / "caddy.log",
            ready=self._answers,
        )
        self._proxy.start()

    def stop(self) -> None:
        if self._proxy:
            self._proxy.stop()

    def site(self, name: str) -> Site:
        """The site of this name, added when it is new; `name` is one label."""
        if name in self._sites:
            return self._sites[name]
        site = Site(name, f"{name}.localhost:{self.port}", free_port())
        self._sites[name] = site
        certificate = self._ca.issue_cert(f"{name}.localhost")
        with (self.folder / f"{name}.pem").open("wb") as chain:
            chain.writelines(blob.bytes() for blob in certificate.cert_chain_pems)
        certificate.private_key_pem.write_to_path(str(self.folder / f"{name}.key"))
        self._write()
        if self._proxy:
            subprocess.run(
                [_caddy(), "reload", "--config", self._config, "--address", f"unix/{self._admin}"],
                env={**os.environ, **self._caddy_env},
                check=True,
                capture_output=True,
                timeout=20,
            )
        return site

    # ---- the proxy's configuration ----

    @property
    def _config(self) -> Path:
        return self.folder / "caddy.json"

    @property
    def _admin(self) -> Path:
        return self.folder / "admin.sock"

    @property
    def _caddy_env(self) -> dict[str, str]:
        return {"XDG_CONFIG_HOME": str(self.folder), "XDG_DATA_HOME": str(self.folder), "HOME": str(self.folder)}

    def _answers(self) -> bool:
        try:
            return requests.get(f"http://127.0.0.1:{self.port}/", timeout=2).status_code == 400
        except requests.RequestException:
            return False

    def _write(self) -> None:
        sites = list(self._sites.values())
        pairs = [
            {"certificate": str(self.folder / f"{one.name}.pem"), "key": str(self.folder / f"{one.name}.key")}
            for one in sites
        ]
        config = {
            "admin": {"listen": f"unix/{self._admin}", "config": {"persist": False}},
            "logging": {"logs": {"default": {"level": "WARN"}}},
            "apps": {
                "tls": {"certificates": {"load_files": pairs}},
                "http": {
                    "servers": {
                        "everybody": {
                            "listen": [f"127.0.0.1:{self.port}"],
                            "protocols": ["h1", "h2"],
                            "automatic_https": {"disable": True},
                            "tls_connection_policies": [{}],
                            "routes": [_route(one) for one in sites],
                        }
                    }
                },
            },
        }
        self._config.write_text(json.dumps(config, indent=1))


def _route(site: Site) -> dict[str, object]:
    proxy = {
        "handler": "reverse_proxy",
        "upstreams": [{"dial": f"127.0.0.1:{site.port}"}],
        "flush_interval": -1,  # streams are passed on event by event
        "stream_close_delay": "1h",  # a reload for another name leaves WebSockets open
    }
    return {"match": [{"host": [f"{site.name}.localhost"]}], "handle": [proxy], "terminal": True}


def _caddy() -> Path:
    return Path(sys.executable).parent / "caddy"
