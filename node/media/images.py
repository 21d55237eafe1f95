# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pictures from outside, made harmless: the node's side of the process that opens them (`image_worker`).

Image decoders are where memory errors are found year after year, so the node itself never runs one. A worker is started
when the first picture comes, stopped when none has come for a minute (a quiet node pays nothing), and replaced after a
hundred jobs or when anything goes wrong. A picture that breaks its worker is refused; the next one gets a new worker.
"""

import asyncio
import json
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from node.kernel.errors import Invalid, Overloaded
from node.kernel.i18n import marked

MAX_FILE = 16 << 20
"""Bytes."""
MAX_JOBS = 100
MAX_WAITING = 20
JOB_TIME = 30.0
IDLE_TIME = 60.0
"""Seconds."""

_WORKER = Path(__file__).with_name("image_worker.py")
_MAX_MESSAGE = 16 << 10
_MIMES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
_TOO_HEAVY = marked("This picture is too large: 16 MB at most.")
_DAMAGED = marked("This picture is damaged and cannot be read.")
SAID_BY_THE_WORKER = (
    _DAMAGED,
    marked("This file is not a picture that can be shown here. Use JPEG, PNG, WebP or GIF."),
    marked("This picture is too large: 40 megapixels and 12,000 pixels a side at most."),
    marked("This animation is too long: 100 frames at most, of 40 megapixels together."),
    marked("An emoji must be a PNG, a GIF or a WebP."),
)
"""For the catalogues: the worker imports nothing of the node."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A picture file of our own making; `width` and `height` in pixels."""

    data: bytes
    mime: str
    width: int
    height: int

    @property
    def extension(self) -> str:
        """What the file name ends in, with the dot."""
        return {"image/jpeg": ".jpg"}.get(self.mime, f".{self.mime.partition('/')[2]}")


@dataclass(frozen=True, slots=True)
class Processed:
    """A picture of a post: what is shown, its preview (never moving), and the blurhash shown until it is there."""

    original: Encoded
    preview: Encoded
    blurhash: str


class ImagePool:
    """Makes pictures in `workers` processes. To be used in one event loop.

    Each method raises Invalid (field `file`) for what is not a picture, is too large or is damaged, and Overloaded when
    too many pictures wait.
    """

    def __init__(self, workers: int = 1) -> None:
        self._free = asyncio.Semaphore(workers)
        self._idle: deque[_Worker] = deque()
        self._all: set[_Worker] = set()
        self._waiting = 0

    async def process(self, data: bytes) -> Processed:
        """The picture of a post: at most 2048 pixels a side, and a preview of about 640 x 360."""
        (original, preview), blurhash = await self._made("picture", data, 2)
        return Processed(original, preview, blurhash)

    async def avatar(self, data: bytes) -> Encoded:
        """A square of at most 400 pixels a side from the middle of the picture."""
        return (await self._made("avatar", data, 1))[0][0]

    async def header(self, data: bytes) -> Encoded:
        """A banner of at most 1500 x 500 from the middle of the picture."""
        return (await self._made("header", data, 1))[0][0]

    async def emoji(self, data: bytes) -> tuple[Encoded, Encoded]:
        """An emoji of at most 128 pixels a side, and the same at rest: one and the same if nothing moves."""
        shown, still = (await self._made("emoji", data, 2))[0]
        return shown, still

    async def close(self) -> None:
        """End all workers, also those at work. The pool can be used again afterwards."""
        self._idle.clear()
        for worker in list(self._all):
            await self._end(worker)

    async def _made(self, kind: str, data: bytes, count: int) -> tuple[list[Encoded], str]:
        if len(data) > MAX_FILE:
            raise Invalid(_TOO_HEAVY, field="file")
        if self._waiting >= MAX_WAITING:
            raise Overloaded
        self._waiting += 1
        try:
            async with self._free:
                worker = self._idle.pop() if self._idle else await self._started()
                answer = await self._asked(worker, kind, data)
        finally:
            self._waiting -= 1
        if isinstance(answer, str):
            raise Invalid(answer, field="file")
        if len(answer.pictures) != count:
            raise Invalid(_DAMAGED, field="file")
        return answer.pictures, answer.blurhash

    async def _asked(self, worker: "_Worker", kind: str, data: bytes) -> "_Answer | str":
        """The worker's answer or the reason why there is none. The worker ends here unless it may be used again."""
        reusable = False
        try:
            async with asyncio.timeout(JOB_TIME):
                answer = await worker.ask(kind, data)
            reusable = worker.jobs < MAX_JOBS
        except (OSError, EOFError, ValueError, LookupError, TypeError):
            return _DAMAGED
        else:
            return answer
        finally:
            if reusable and worker in self._all:
                self._idle.append(worker)
                worker.rest(IDLE_TIME, lambda: self._retire(worker))
            else:
                await asyncio.shield(self._end(worker))

    async def _started(self) -> "_Worker":
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            str(_WORKER),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
            cwd="/",
        )
        worker = _Worker(process)
        self._all.add(worker)
        return worker

    def _retire(self, worker: "_Worker") -> None:
        """End a worker that nobody has needed for a while."""
        if worker in self._idle:
            self._idle.remove(worker)
            worker.ending = asyncio.ensure_future(self._end(worker))

    async def _end(self, worker: "_Worker") -> None:
        self._all.discard(worker)
        await worker.end()


@dataclass(frozen=True, slots=True)
class _Answer:
    pictures: list[Encoded]
    blurhash: str


class _Worker:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process = process
        self.requests = process.stdin
        self.answers = process.stdout
        self.jobs = 0
        self.ending: asyncio.Future[None] | None = None
        self._alarm: asyncio.TimerHandle | None = None

    async def ask(self, kind: str, data: bytes) -> _Answer | str:
        """The pictures, or the worker's reason for refusing. Raises OSError, EOFError or ValueError if it broke."""
        self._wake()
        self.jobs += 1
        request = json.dumps({"kind": kind, "size": len(data)}).encode()
        self.requests.write(len(request).to_bytes(4, "big") + request + data)
        await self.requests.drain()
        length = int.from_bytes(await self.answers.readexactly(4), "big")
        if length > _MAX_MESSAGE:
            raise ValueError("the worker says too much")
        message = json.loads(await self.answers.readexactly(length))
        if "refused" in message:
            return str(message["refused"])
        return _Answer(
            [await self._picture(about) for about in message["pictures"][:2]], str(message["blurhash"])[:100]
        )

    async def _picture(self, about: dict[str, object]) -> Encoded:
        mime, width, height, size = about["mime"], about["width"], about["height"], about["size"]
        # The worker has read a hostile file; it is believed no more than one that sends us a picture.
        if (
            mime not in _MIMES
            or not isinstance(width, int)
            or not isinstance(height, int)
            or not isinstance(size, int)
            or not 0 < size <= 2 * MAX_FILE
        ):
            raise ValueError("the worker describes no picture")
        return Encoded(await self.answers.readexactly(size), str(mime), width, height)

    def rest(self, seconds: float, then: Callable[[], None]) -> None:
        self._alarm = asyncio.get_running_loop().call_later(seconds, then)

    async def end(self) -> None:
        self._wake()
        if self.process.returncode is None:
            self.process.kill()
        self.requests.close()
        await self.process.wait()

    def _wake(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
