# SPDX-License-Identifier: AGPL-3.0-or-later
"""The environments of peers and of clients, made on demand from their lock files and kept until these change.

A stamp file holds the hash of the lock file it was made from, so a second run costs a few milliseconds; a file lock
lets parallel test processes wait for one installation instead of doing two into the same folder.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

PEERS = Path(__file__).parents[1] / "peers"
CLIENTS = Path(__file__).parents[1] / "clients"
FEDIFY = PEERS / "fedify"
BOVINE = PEERS / "bovine"
ACTIVE_BOXES = PEERS / "active_boxes"
PUBBY = PEERS / "pubby"
INPUTS = PEERS / "inputs"
JAVASCRIPT_CLIENTS = CLIENTS / "javascript"
WEB_CLIENT = CLIENTS / "web"
INSTALLED_WITHIN = 300.0


def missing(reason: str) -> NoReturn:
    """Skip the test for want of something on this machine; a failure where everything must be there (CI)."""
    if os.environ.get("ALUMNODE_TEST_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def node_js(folder: Path = FEDIFY) -> Path:
    """The Node.js to run the scripts of this folder with, their packages installed."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        missing(f"the scripts in {folder.name} need node and npm")

    def install() -> None:
        _run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder)

    _once(folder, folder / "package-lock.json", folder / "node_modules", install)
    return Path(node)


def bovine_python() -> Path:
    """The interpreter of bovine's environment."""
    return _python(BOVINE)


def active_boxes_python() -> Path:
    """The interpreter of active-boxes' environment."""
    return _python(ACTIVE_BOXES)


def pubby_python() -> Path:
    """The interpreter of pubby's environment."""
    return _python(PUBBY)


def web_client_python() -> Path:
    """The interpreter of the environment that holds a Mastodon client for browsers, and serves it."""
    return _python(WEB_CLIENT)


def inputs_python() -> Path:
    """The interpreter of the environment that holds other people's example objects."""
    return _python(INPUTS)


def _python(folder: Path) -> Path:
    uv = Path(sys.executable).parent / "uv"
    if not uv.exists():
        missing(f"the environment of {folder.name} needs uv beside the interpreter that runs the tests")
    environment, requirements = folder / ".venv", folder / "requirements.txt"
    python = environment / "bin" / "python"

    def install() -> None:
        _run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, environment], cwd=folder)
        _run([uv, "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", requirements], cwd=folder)

    _once(folder, requirements, environment, install)
    return python


def _once(folder: Path, lock_file: Path, environment: Path, install: Callable[[], None]) -> None:
    digest = hashlib.sha256(lock_file.read_bytes()).hexdigest()
    stamp = environment / ".made-from"
    with _held(f"alumnode-{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}.lock"):
        if stamp.exists() and stamp.read_text() == digest:
            return
        try:
            install()
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            output = error.output.decode(errors="replace") if error.output else ""
            missing(f"the environment in {folder.name} could not be made: {error}\n{output[-2000:]}")
        stamp.write_text(digest)


@contextmanager
def _held(name: str) -> Iterator[None]:
    with (Path(tempfile.gettempdir()) / name).open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _run(command: list[str | Path], cwd: Path) -> None:
    # What makes clients trust the test network's CA must not reach the package managers.
    env = {name: value for name, value in os.environ.items() if name != "REQUESTS_CA_BUNDLE"}
    subprocess.run(
        command,
        cwd=cwd,
        env=env,
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=INSTALLED_WITHIN,
    )
