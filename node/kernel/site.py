# SPDX-License-Identifier: AGPL-3.0-or-later
"""The node's own name and addresses, and the box that its actors' private keys are kept in."""

import base64
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from node.kernel import ids

if TYPE_CHECKING:
    from cryptography.fernet import Fernet


@dataclass(frozen=True, slots=True)
class Site:
    """What every URI made here begins with: `base_url` without a slash at the end, `domain` as in handles.

    `has_mail`: letters can be sent from here. `has_previews`: the pages that posts link to are read. `names_missing`:
    members read who of their class is not here. `two_admins`: one administrator alone deletes nobody's account
    where there are others.
    """

    base_url: str
    domain: str
    name: str = ""
    secret: str = field(default="", repr=False)
    allow_http: bool = False
    has_mail: bool = False
    has_previews: bool = False
    names_missing: bool = True
    two_admins: bool = True

    def new_actor(self) -> str:
        """A fresh actor id. It never holds the handle, so that a changed name changes no id."""
        return f"{self.base_url}/actors/{ids.slug()}"

    def new_object(self) -> str:
        """A fresh object id."""
        return f"{self.base_url}/objects/{ids.slug()}"

    def new_activity(self) -> str:
        """A fresh activity id."""
        return f"{self.base_url}/activities/{ids.slug()}"

    @property
    def shared_inbox(self) -> str:
        """Where other servers deliver what is for several actors here."""
        return f"{self.base_url}/inbox"

    def is_local(self, uri: str) -> bool:
        """Whether `uri` is one of ours (by prefix: ids are compared as they are written)."""
        return uri.startswith(f"{self.base_url}/")

    def is_actor(self, uri: str) -> bool:
        """Whether `uri` has the form of one of our actors' ids, and not of something under it."""
        start = f"{self.base_url}/actors/"
        return uri.startswith(start) and "/" not in uri[len(start) :]

    def profile_url(self, username: str) -> str:
        """The page of a local actor."""
        return f"{self.base_url}/@{username}"

    def media_url(self, file: str) -> str:
        """Where a file of the media store is served."""
        return f"{self.base_url}/media/{file}"

    def tag_url(self, name: str) -> str:
        """The page of a hashtag."""
        return f"{self.base_url}/tags/{name}"

    def seal(self, secret: bytes) -> bytes:
        """`secret` encrypted under the node's key (Fernet: AES-128-CBC with HMAC-SHA-256)."""
        return self._box().encrypt(secret)

    def unseal(self, sealed: bytes) -> bytes:
        """What `seal` was given. Raises ValueError if the node's key has changed since."""
        from cryptography.fernet import InvalidToken

        try:
            return self._box().decrypt(sealed)
        except InvalidToken:
            raise ValueError("the node's secret_key is not the one its actors' keys were stored under") from None

    def _box(self) -> "Fernet":
        from cryptography.fernet import Fernet

        key = hashlib.blake2b(self.secret.encode(), digest_size=32, person=b"alumnode-keys").digest()
        return Fernet(base64.urlsafe_b64encode(key))

    def sign(self, purpose: str, value: str) -> str:
        """A keyed digest of `value` for one purpose, to tell what we made from what we did not (URL-safe, 32 chars)."""
        key = hashlib.blake2b(self.secret.encode(), digest_size=32, person=b"alumnode-sign").digest()
        digest = hashlib.blake2b(f"{purpose}\0{value}".encode(), key=key, digest_size=24).digest()
        return base64.urlsafe_b64encode(digest).decode()
