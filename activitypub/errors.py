# SPDX-License-Identifier: AGPL-3.0-or-later
"""What can be wrong with something another server said.

    ProtocolError
    ├── Malformed          its shape breaks a rule or a limit                     answered 400
    ├── SignatureInvalid   nothing proves who sent it                             answered 401
    └── NotAuthentic       it is known who sent it, and it is not theirs to say   answered 401

The reason is for our log and for the administrator of the other server, never for a member.
"""

from __future__ import annotations


class ProtocolError(Exception):
    """Refused because of what was sent, not because of anything on our side: trying again will not help."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Malformed(ProtocolError):
    """The document, id, key or header does not have the shape its specification gives it."""


class SignatureInvalid(ProtocolError):
    """There is no signature that covers this request, is fresh, and verifies."""


class NotAuthentic(ProtocolError):
    """The sender is proved, but the activity or the object belongs to somebody else."""
