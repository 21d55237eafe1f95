# SPDX-License-Identifier: AGPL-3.0-or-later
"""What can be known without a container engine: the files name the same servers, and nothing floats."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # its types are not among our packages

from . import servers

COMPOSE: dict[str, Any] = yaml.safe_load((servers.FOLDER / "compose.yaml").read_text(encoding="utf-8"))
CONTAINERFILES = sorted(servers.FOLDER.glob("*/Containerfile"))
EVERYBODY = (servers.OURS, *servers.PEERS)


@pytest.mark.parametrize("server", EVERYBODY)
def test_every_server_has_a_name_behind_the_proxy(server: str) -> None:
    assert servers.host(server) in COMPOSE["services"]["proxy"]["networks"]["default"]["aliases"]
    assert f"{servers.host(server)} {{\n\treverse_proxy {server}:" in (servers.FOLDER / "Caddyfile").read_text()


@pytest.mark.parametrize("peer", servers.PEERS)
def test_a_peer_starts_with_its_profile_alone_and_is_waited_for(peer: str) -> None:
    services = {name: one for name, one in COMPOSE["services"].items() if name.partition("-")[0] == peer}

    assert all(one["profiles"] == [peer] for one in services.values())
    assert "healthcheck" in services[peer]
    assert peer in (servers.FOLDER / "run").read_text(encoding="utf-8")


@pytest.mark.parametrize("service", sorted(COMPOSE["services"]))
def test_nothing_floats(service: str) -> None:
    described = COMPOSE["services"][service]
    if "build" in described:
        context = (servers.FOLDER / described["build"]["context"]).resolve()
        assert (context / described["build"]["dockerfile"]).is_file()
    else:
        image, _, tag = described["image"].partition(":")
        assert image.count("/") >= 2
        assert tag.removeprefix("v")[:1].isdigit()


@pytest.mark.parametrize("file", CONTAINERFILES, ids=lambda file: file.parent.name)
def test_a_build_starts_from_a_named_version_and_its_files_are_there(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    context = servers.FOLDER.parents[1] if file.parent.name == servers.OURS else file.parent

    for line in text.splitlines():
        if line.startswith("FROM "):
            assert ":" in line.split()[1]
            assert not line.split()[1].endswith(":latest")
        elif line.startswith("COPY ") and "--from" not in line:
            assert all((context / source).exists() for source in line.split()[1:-1])


def test_only_files_that_are_here_or_made_are_mounted() -> None:
    for described in COMPOSE["services"].values():
        for mount in described.get("volumes", ()):
            source = mount.partition(":")[0]
            assert source.startswith("./.made") or (servers.FOLDER / source).is_file()


def test_the_proxy_can_read_its_file(tmp_path: Path) -> None:
    caddy = Path(sys.executable).parent / "caddy"
    done = subprocess.run(
        [caddy, "adapt", "--config", servers.FOLDER / "Caddyfile", "--adapter", "caddyfile"],
        env={"HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_only_known_peers_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALUMNODE_TEST_COMPOSE", "mastodon lemmy")
    assert servers.standing() == {"mastodon", "lemmy"}

    monkeypatch.setenv("ALUMNODE_TEST_COMPOSE", "mastodont")
    with pytest.raises(AssertionError, match="mastodont"):
        servers.standing()
