# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages inside one process, after a commit: waking workers, feeding streams, dropping what is cached.

Nothing here is stored, so nothing that must not be lost may travel this way. Everything runs on the event loop's thread.
"""

import contextlib
from collections import defaultdict
from collections.abc import Callable, Iterator

Listener = Callable[[object], None]


class Bus:
    """Topics and who listens to them. A listener must not block and must not raise."""

    def __init__(self) -> None:
        self._listeners: defaultdict[str, list[Listener]] = defaultdict(list)

    def publish(self, topic: str, message: object = None) -> None:
        """Hand `message` to everyone who listens to `topic` now."""
        for listener in tuple(self._listeners.get(topic, ())):
            listener(message)

    def subscribe(self, topic: str, listener: Listener) -> Callable[[], None]:
        """Listen to `topic`; the function that comes back ends it (twice is harmless)."""
        self._listeners[topic].append(listener)

        def leave() -> None:
            with contextlib.suppress(ValueError):
                self._listeners[topic].remove(listener)
            if not self._listeners[topic]:
                self._listeners.pop(topic, None)

        return leave

    @contextlib.contextmanager
    def listening(self, topic: str, listener: Listener) -> Iterator[None]:
        """Listen to `topic` for as long as the block runs."""
        leave = self.subscribe(topic, listener)
        try:
            yield
        finally:
            leave()
