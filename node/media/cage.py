# SPDX-License-Identifier: AGPL-3.0-or-later
"""Becomes another program, after it has given up memory, processor time, file sizes and the network. Run as a file.

    python -I cage.py MEMORY SECONDS FILE_SIZE PROGRAM ARGUMENT...

This file imports nothing of the node. The limits are those of the process, so the program keeps them. The network goes
where the kernel allows processes without rights to leave it; where it does not, the program is only told to use files.
"""

import contextlib
import ctypes
import os
import resource
import sys

_NEW_USER = 0x10000000
_NEW_NETWORK = 0x40000000


def main(arguments: list[str]) -> None:
    """Put this process into the cage and run the program in it."""
    memory, seconds, file_size = (int(value) for value in arguments[:3])
    program = arguments[3:]
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).unshare(_NEW_USER | _NEW_NETWORK)
    os.nice(10)
    os.umask(0o077)
    for limit, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, file_size),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(limit, (most, most))
    os.execve(program[0], program, {})  # noqa: S606  # no shell is wanted, and nothing of the environment


if __name__ == "__main__":
    main(sys.argv[1:])
