# SPDX-License-Identifier: AGPL-3.0-or-later
"""Passkeys: a key on the member's own device opens the account, alone or beside the password (WebAuthn, level 3).

    begin ──options──> the browser, the device ──response──> read ──> use_challenge ──> add, or prove

A challenge is kept here for five minutes, for one browser, one ceremony and one answer: whatever the answer is worth,
`use_challenge` is a transaction of its own, so that a wrong one uses it up too. Every passkey is made so that the device
knows its owner by itself (discoverable) and asks them for finger, face or PIN (user verification); that is why it is
enough alone. Only its public half is kept.
"""

import binascii
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import orjson
from sqlalchemy import Connection, delete, func, insert, select, update

from node import mail, members
from node.access import letters, second_steps
from node.access.secrets import digest
from node.access.tables import passkey_challenges, passkeys
from node.actors import ActorId
from node.kernel import ids
from node.kernel.db import Tx
from node.kernel.errors import Conflict, Invalid, NotFound
from node.kernel.site import Site
from node.kernel.text import clean_line

if TYPE_CHECKING:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

LIFETIME: Final = timedelta(minutes=5)
"""How long a challenge may be answered."""
MAX_PASSKEYS: Final = 20
MAX_NAME: Final = 60
_MAX_RESPONSE: Final = 16_384
"""Characters; the longest that devices send, with an attestation of several certificates, has half of that."""
_MAX_CREDENTIAL_ID: Final = 1023
"""Bytes (WebAuthn, 4: Credential ID)."""
_WRONG: Final = "This passkey did not open the account. Please try again."
_UNKNOWN: Final = "This passkey is not there any more."
# What the library raises for an answer that is bent: its own errors, and those of what it is built on.
_BENT: Final = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)
_log = logging.getLogger(__name__)


class Ceremony(StrEnum):
    """What a challenge is for."""

    ADD = "add"
    LOG_IN = "log-in"
    SECOND_STEP = "second-step"
    PROVE = "prove"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A passkey of a member, as they know it."""

    id: int
    name: str
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Response:
    """What a browser sent, taken apart far enough to find the challenge and the passkey. Nothing of it is proved yet."""

    credential: dict[str, Any]
    challenge: bytes
    credential_id: bytes
    user_handle: bytes | None


# -- asking -----------------------------------------------------------------------------------------------------------


def begin(tx: Tx, ceremony: Ceremony, bound_to: str) -> bytes:
    """A challenge for the browser that `bound_to` stands for: the digest of a secret which that browser alone has."""
    from webauthn.helpers import generate_challenge

    challenge = generate_challenge()
    tx.conn.execute(delete(passkey_challenges).where(passkey_challenges.c.created_at < tx.now - LIFETIME))
    tx.conn.execute(
        insert(passkey_challenges),
        {
            "challenge_hash": digest(challenge.hex()),
            "ceremony": ceremony,
            "bound_to": bound_to,
            "created_at": tx.now,
        },
    )
    return challenge


def begin_adding(tx: Tx, member_id: ActorId, bound_to: str) -> str:
    """What the browser needs to make a passkey, as JSON (`PublicKeyCredentialCreationOptionsJSON`)."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    member = members.get(tx.conn, member_id)
    options = generate_registration_options(
        rp_id=_relying_party(tx.site),
        rp_name=tx.site.name or tx.site.domain,
        user_id=_user_handle(tx.site, member_id),
        user_name=f"{member.actor.username}@{tx.site.domain}",
        user_display_name=member.actor.name,
        challenge=begin(tx, Ceremony.ADD, bound_to),
        timeout=int(LIFETIME.total_seconds() * 1000),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_descriptors(tx.conn, member_id),
    )
    return options_to_json(options)


def begin_proving(tx: Tx, ceremony: Ceremony, bound_to: str, member_id: ActorId | None = None) -> str:
    """What the browser needs to use a passkey, as JSON (`PublicKeyCredentialRequestOptionsJSON`).

    Without `member_id` whoever sits there chooses, and nothing is told about who has passkeys here.
    """
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import UserVerificationRequirement

    options = generate_authentication_options(
        rp_id=_relying_party(tx.site),
        challenge=begin(tx, ceremony, bound_to),
        timeout=int(LIFETIME.total_seconds() * 1000),
        allow_credentials=None if member_id is None else _descriptors(tx.conn, member_id),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


# -- the answer -------------------------------------------------------------------------------------------------------


def read(text: str) -> Response:
    """What a browser sent (`PublicKeyCredential.toJSON`). Raises Invalid for what is no answer at all."""
    from webauthn.helpers import base64url_to_bytes

    if not text:
        raise Invalid("Your browser has given no passkey. It may have none for this place, or scripts may be off.")
    try:
        if len(text) > _MAX_RESPONSE:
            raise ValueError
        credential = orjson.loads(text)
        said = orjson.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
        handle = credential["response"].get("userHandle")
        credential_id = base64url_to_bytes(credential["rawId"])
        if not 0 < len(credential_id) <= _MAX_CREDENTIAL_ID:
            raise ValueError
        return Response(
            credential,
            base64url_to_bytes(said["challenge"]),
            credential_id,
            base64url_to_bytes(handle) if handle else None,
        )
    except (*_BENT, binascii.Error):
        raise Invalid(_WRONG) from None


def use_challenge(tx: Tx, ceremony: Ceremony, bound_to: str, response: Response) -> bool:
    """Whether the answer is to a challenge of ours, given to this browser for this ceremony; it is used up by it."""
    used = tx.conn.execute(
        delete(passkey_challenges).where(
            passkey_challenges.c.challenge_hash == digest(response.challenge.hex()),
            passkey_challenges.c.ceremony == ceremony,
            passkey_challenges.c.bound_to == bound_to,
            passkey_challenges.c.created_at >= tx.now - LIFETIME,
        )
    )
    return used.rowcount == 1


def add(tx: Tx, member_id: ActorId, response: Response, name: str) -> list[str]:
    """Keep a new passkey, whose challenge `use_challenge` has taken; the member is told by letter.

    Recovery codes come back if it is the member's first second step, this once. Raises Invalid, and Conflict for a
    passkey that is here already.
    """
    from webauthn import verify_registration_response
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        made = verify_registration_response(
            credential=response.credential,
            expected_challenge=response.challenge,
            expected_rp_id=_relying_party(tx.site),
            expected_origin=tx.site.base_url,
            require_user_verification=True,
        )
    except (WebAuthnException, *_BENT) as refusal:
        _log.info("a passkey of member %s was not taken: %s", member_id, type(refusal).__name__)
        raise Invalid("This passkey could not be taken. Please try again.", field="name") from None
    known = select(passkeys.c.id).where(passkeys.c.credential_id == made.credential_id)
    if made.credential_id != response.credential_id or tx.conn.execute(known).one_or_none() is not None:
        raise Conflict("This passkey is here already.")
    mine = select(func.count()).select_from(passkeys).where(passkeys.c.member_id == member_id)
    if tx.conn.execute(mine).scalar_one() >= MAX_PASSKEYS:
        raise Conflict("You have as many passkeys as one may have. Please remove one that you do not use.")
    is_first = not second_steps.is_on(tx.conn, member_id)
    called = clean_line(name, MAX_NAME) or f"{tx.now:%Y-%m-%d}"
    tx.conn.execute(
        insert(passkeys),
        {
            "id": ids.new_id(tx.now),
            "member_id": member_id,
            "credential_id": made.credential_id,
            "public_key": made.credential_public_key,
            "sign_count": made.sign_count,
            "name": called,
            "created_at": tx.now,
        },
    )
    member = members.get(tx.conn, member_id)
    mail.post(tx, member.email, letters.passkey_added(tx.site, member.locale, called), member=member.id)
    _log.info("member %s has a new passkey", member_id)
    return second_steps.new_recovery_codes(tx, member_id) if is_first else []


def prove(tx: Tx, response: Response, member_id: ActorId | None = None) -> ActorId | None:
    """Whose passkey has signed, of this member or of anybody; None if none has.

    The challenge must have been taken by `use_challenge` before. A device that counts must have counted on since the
    last time: if it has not, there are two of it (WebAuthn, 6.1.1).
    """
    from webauthn import verify_authentication_response
    from webauthn.helpers.exceptions import WebAuthnException

    row = tx.conn.execute(select(passkeys).where(passkeys.c.credential_id == response.credential_id)).one_or_none()
    if row is None or member_id not in (None, row.member_id):
        return None
    # Who has not said before who they are is known by the handle alone, so there it must be given.
    handle = response.user_handle or (None if member_id is None else _user_handle(tx.site, row.member_id))
    if handle != _user_handle(tx.site, row.member_id):
        return None
    try:
        shown = verify_authentication_response(
            credential=response.credential,
            expected_challenge=response.challenge,
            expected_rp_id=_relying_party(tx.site),
            expected_origin=tx.site.base_url,
            credential_public_key=row.public_key,
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, *_BENT) as refusal:
        _log.warning("a passkey of member %s was refused: %s", row.member_id, refusal)
        return None
    counted = tx.conn.execute(
        update(passkeys)
        .where(passkeys.c.id == row.id, passkeys.c.sign_count == row.sign_count)
        .values(sign_count=shown.new_sign_count, used_at=tx.now)
    )
    return ActorId(row.member_id) if counted.rowcount == 1 else None


# -- the member's list ------------------------------------------------------------------------------------------------


def of_member(conn: Connection, member_id: ActorId) -> list[Passkey]:
    """A member's passkeys, the oldest first."""
    rows = conn.execute(
        select(passkeys.c.id, passkeys.c.name, passkeys.c.created_at, passkeys.c.used_at)
        .where(passkeys.c.member_id == member_id)
        .order_by(passkeys.c.id)
    )
    return [Passkey(**row._mapping) for row in rows]


def rename(tx: Tx, member_id: ActorId, passkey_id: int, name: str) -> None:
    """Call a passkey something else. Raises NotFound for one of somebody else, and Invalid for no name."""
    called = clean_line(name, MAX_NAME)
    if not called:
        raise Invalid("Please give the passkey a name.", field=f"name-{passkey_id}")
    done = tx.conn.execute(
        update(passkeys).where(passkeys.c.id == passkey_id, passkeys.c.member_id == member_id).values(name=called)
    )
    if done.rowcount == 0:
        raise NotFound(_UNKNOWN)


def remove(tx: Tx, member_id: ActorId, passkey_id: int) -> None:
    """A passkey opens nothing any more; the member is told by letter. Raises NotFound for one of somebody else."""
    its = (passkeys.c.id == passkey_id, passkeys.c.member_id == member_id)
    name = tx.conn.execute(select(passkeys.c.name).where(*its)).scalar_one_or_none()
    if name is None:
        raise NotFound(_UNKNOWN)
    tx.conn.execute(delete(passkeys).where(*its))
    second_steps.forget_codes_if_off(tx, member_id)
    member = members.get(tx.conn, member_id)
    mail.post(tx, member.email, letters.passkey_removed(tx.site, member.locale, name), member=member.id)
    _log.info("member %s has removed a passkey", member_id)


def _descriptors(conn: Connection, member_id: ActorId) -> "list[PublicKeyCredentialDescriptor]":
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    rows = conn.execute(
        select(passkeys.c.credential_id).where(passkeys.c.member_id == member_id).order_by(passkeys.c.id)
    )
    return [PublicKeyCredentialDescriptor(id=credential_id) for credential_id in rows.scalars()]


def _relying_party(site: Site) -> str:
    """The host that pages are at: where a passkey was made is where it works, and on no other name."""
    return urlsplit(site.base_url).hostname or site.domain


def _user_handle(site: Site, member_id: ActorId) -> bytes:
    # Nothing about the person, as it is kept on the device (WebAuthn, 14.6.1), and the same for each of their passkeys.
    return site.sign("passkey", str(member_id)).encode()
