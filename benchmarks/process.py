# SPDX-License-Identifier: AGPL-3.0-or-later
"""Processes under measurement: starting them, and what they have cost so far."""

import asyncio
import sys
import tempfile
import time
from pathlib import Path


def cpu_seconds(pid: int) -> float:
    """CPU time of a process and all its threads, user and system.

    By the process's own clock (clock_getcpuclockid(3), of which Python lacks the name), which counts nanoseconds where
    `/proc` counts hundredths of a second.
    """
    return time.clock_gettime((~pid << 3) | 2)


def resident_mib(pid: int) -> float:
    """Resident memory of a process in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(pid)


async def spawn_bare_server() -> tuple[asyncio.subprocess.Process, int]:
    """The bare aiohttp server of `benchmarks.floors`, with its port."""
    folder = Path(tempfile.mkdtemp(prefix="alumnode-bench-"))
    port_file = folder / "port"
    code = (
        "import asyncio, pathlib\n"
        "try:\n import uvloop; run = uvloop.run\nexcept ImportError: run = asyncio.run\n"
        "from benchmarks.floors import bare\n"
        f"run(bare(pathlib.Path({str(port_file)!r})))"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
    while not port_file.exists() or not port_file.read_text():
        await asyncio.sleep(0.01)
    port = int(port_file.read_text())
    port_file.unlink()
    folder.rmdir()
    return process, port
