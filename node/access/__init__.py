# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who may act here for whom: browsers' sessions, applications, their codes and tokens; limits on attempts."""

from node.access.apps import OUT_OF_BAND, App, check_redirect_uri, find_app, is_secret_of, redirects_of, register_app
from node.access.authenticators import address as authenticator_address
from node.access.authenticators import begin as begin_authenticator
from node.access.authenticators import is_on as authenticator_is_on
from node.access.authenticators import pending as pending_secret
from node.access.authenticators import prove as take_second_step
from node.access.authenticators import turn_off as turn_off_authenticator
from node.access.authenticators import turn_on as turn_on_authenticator
from node.access.codes import Request, check_request, exchange, issue_code
from node.access.half_logins import HalfLogin, begin_login, end_half_logins, find_half_login
from node.access.idempotency import once, renumber
from node.access.links import (
    Link,
    Purpose,
    appeal_link,
    ask_change,
    ask_confirmation,
    ask_reset,
    change_by_link,
    confirm_by_link,
    find_link,
    newcomer_link,
    reset_by_link,
    return_by_link,
    return_link,
)
from node.access.passkeys import Ceremony, Passkey
from node.access.passkeys import Response as PasskeyResponse
from node.access.passkeys import add as add_passkey
from node.access.passkeys import begin_adding as begin_adding_passkey
from node.access.passkeys import begin_proving as begin_passkey
from node.access.passkeys import of_member as passkeys_of
from node.access.passkeys import prove as prove_by_passkey
from node.access.passkeys import read as read_passkey
from node.access.passkeys import remove as remove_passkey
from node.access.passkeys import rename as rename_passkey
from node.access.passkeys import use_challenge as use_passkey_challenge
from node.access.revocations import REVOKED, Revocations
from node.access.scopes import KNOWN, allows, parse, within
from node.access.second_steps import codes_left as recovery_codes_left
from node.access.second_steps import is_on as second_step_is_on
from node.access.second_steps import new_recovery_codes
from node.access.second_steps import turn_off as turn_off_second_step
from node.access.secrets import digest
from node.access.sessions import (
    LoggedIn,
    Session,
    create_session,
    find_session,
    revoke_session,
    revoke_sessions,
    see,
    sessions_of,
)
from node.access.sessions import prove as prove_session
from node.access.throttle import Limit, check
from node.access.tokens import (
    Caller,
    Granted,
    NewToken,
    find_token,
    interrupt,
    issue_token,
    note_use,
    revoke,
    revoke_by_number,
    revoke_of_member,
    tokens_of,
)

__all__ = [
    "KNOWN",
    "OUT_OF_BAND",
    "REVOKED",
    "App",
    "Caller",
    "Ceremony",
    "Granted",
    "HalfLogin",
    "Limit",
    "Link",
    "LoggedIn",
    "NewToken",
    "Passkey",
    "PasskeyResponse",
    "Purpose",
    "Request",
    "Revocations",
    "Session",
    "add_passkey",
    "allows",
    "appeal_link",
    "ask_change",
    "ask_confirmation",
    "ask_reset",
    "authenticator_address",
    "authenticator_is_on",
    "begin_adding_passkey",
    "begin_authenticator",
    "begin_login",
    "begin_passkey",
    "change_by_link",
    "check",
    "check_redirect_uri",
    "check_request",
    "confirm_by_link",
    "create_session",
    "digest",
    "end_half_logins",
    "exchange",
    "find_app",
    "find_half_login",
    "find_link",
    "find_session",
    "find_token",
    "interrupt",
    "is_secret_of",
    "issue_code",
    "issue_token",
    "new_recovery_codes",
    "newcomer_link",
    "note_use",
    "once",
    "parse",
    "passkeys_of",
    "pending_secret",
    "prove_by_passkey",
    "prove_session",
    "read_passkey",
    "recovery_codes_left",
    "redirects_of",
    "register_app",
    "remove_passkey",
    "rename_passkey",
    "renumber",
    "reset_by_link",
    "return_by_link",
    "return_link",
    "revoke",
    "revoke_by_number",
    "revoke_of_member",
    "revoke_session",
    "revoke_sessions",
    "second_step_is_on",
    "see",
    "sessions_of",
    "take_second_step",
    "tokens_of",
    "turn_off_authenticator",
    "turn_off_second_step",
    "turn_on_authenticator",
    "use_passkey_challenge",
    "within",
]
