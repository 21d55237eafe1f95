# SPDX-License-Identifier: AGPL-3.0-or-later
"""How the domain says no. Each refusal carries one sentence that may be shown to a member.

    Refused
    ├── NotFound      it is not there, or you may not know that it is
    ├── Gone          it was there and has been deleted for good
    ├── NotAllowed    you are known, and this is not yours to do
    ├── Conflict      the thing's present state forbids this
    ├── Invalid       what was given cannot be used (`field` names it, where there is one)
    ├── TooMany       a limit is reached; `retry_after` is in seconds
    └── Overloaded    the node is too busy, or the other server did not answer; try again

Which status code each becomes is decided in `web.errors` and nowhere else. The sentences are English message ids: the
faces translate them.
"""

from typing import Self


class Refused(Exception):
    """The base of every refusal. `message` is a sentence for a person and never holds internals.

    `code` is a lasting name (`E_...`) for programs, where the kind and the status code do not say enough; pages never
    show it. It is set by `coded`.
    """

    code: str = ""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def coded(self, code: str) -> Self:
        """The same with a name for programs."""
        self.code = code
        return self


class NotFound(Refused):
    """Nothing there, or nothing that the asker may know of."""

    def __init__(self, message: str = "Record not found") -> None:
        super().__init__(message)


class Gone(Refused):
    """It existed and was deleted."""

    def __init__(self, message: str = "This has been deleted.") -> None:
        super().__init__(message)


class NotAllowed(Refused):
    """The asker is known and has no right to this."""

    def __init__(self, message: str = "This action is not allowed") -> None:
        super().__init__(message)


class Conflict(Refused):
    """The thing's present state forbids this."""


class Invalid(Refused):
    """Input that cannot be used; `field` is the name of the form field or parameter, if one is to blame."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class TooMany(Refused):
    """A rate or a quota is used up; `retry_after` in seconds."""

    def __init__(self, message: str = "Too many requests", *, retry_after: int = 60) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Overloaded(Refused):
    """Not now: this node is busy, or another server did not answer; `retry_after` in seconds."""

    def __init__(
        self, message: str = "This cannot be done at the moment. Please try again.", *, retry_after: int = 5
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
