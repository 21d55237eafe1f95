# SPDX-License-Identifier: AGPL-3.0-or-later
"""A server as a process of its own: started, ready, killed, its output kept in a file."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

READY_WITHIN = 80.0
STOPPED_WITHIN = 30.0


def free_port() -> int:
    """A loopback port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """One process that serves. `ready` is asked until it says yes; the end is always by process id."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        env: Mapping[str, str],
        cwd: Path,
        log: Path,
        ready: Callable[[], bool],
    ) -> None:
        self.name = name
        self.log = log
        self._command = [str(part) for part in command]
        self._env = {**os.environ, **env}
        self._cwd = cwd
        self._ready = ready
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None, f"{self.name} is not running"
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> float:
        """Start and wait until it is ready; returns the seconds that took.

        Raises:
            AssertionError: it ended, or was not ready in time; with the end of its log.
        """
        began = time.monotonic()
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command,
                env=self._env,
                cwd=self._cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        pause = 0.02
        while not self._ready():
            if not self.running:
                code = self._process.returncode
                self._process = None
                raise AssertionError(f"{self.name} ended with {code} before it was ready\n{self.tail()}")
            if time.monotonic() - began > READY_WITHIN:
                self.kill()
                raise AssertionError(f"{self.name} was not ready within {READY_WITHIN} s\n{self.tail()}")
            time.sleep(pause)
            pause = min(pause * 1.5, 0.25)
        return time.monotonic() - began

    def stop(self) -> int:
        """Ask it to end (SIGTERM) and return its exit status; killed when it does not within `STOPPED_WITHIN`."""
        if self._process is None:
            return 0
        process, self._process = self._process, None
        process.terminate()
        try:
            return process.wait(STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL): nothing is flushed, nobody is told."""
        if self._process is None:
            return
        process, self._process = self._process, None
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.wait()

    def tail(self, lines: int = 40) -> str:
        """The end of its output, for the message of a failed test."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join([f"--- {self.name}: {self.log}", *text.splitlines()[-lines:]])
