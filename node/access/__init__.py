# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who may act here for whom: browsers' sessions, applications, their codes and tokens; limits on attempts."""

from node.access.apps import OUT_OF_BAND, App, check_redirect_uri, find_app, is_secret_of, register_app
from node.access.codes import Request, check_request, exchange, issue_code
from node.access.idempotency import once
from node.access.links import (
    Link,
    Purpose,
    ask_confirmation,
    ask_reset,
    confirm_by_link,
    find_link,
    reset_by_link,
)
from node.access.revocations import REVOKED, Revocations
from node.access.scopes import KNOWN, allows, parse, within
from node.access.secrets import digest
from node.access.sessions import (
    Session,
    create_session,
    find_session,
    revoke_session,
    revoke_sessions,
    see,
    sessions_of,
)
from node.access.throttle import Limit, check
from node.access.tokens import (
    Caller,
    Granted,
    NewToken,
    find_token,
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
    "Granted",
    "Limit",
    "Link",
    "NewToken",
    "Purpose",
    "Request",
    "Revocations",
    "Session",
    "allows",
    "ask_confirmation",
    "ask_reset",
    "check",
    "check_redirect_uri",
    "check_request",
    "confirm_by_link",
    "create_session",
    "digest",
    "exchange",
    "find_app",
    "find_link",
    "find_session",
    "find_token",
    "is_secret_of",
    "issue_code",
    "issue_token",
    "note_use",
    "once",
    "parse",
    "register_app",
    "reset_by_link",
    "revoke",
    "revoke_by_number",
    "revoke_of_member",
    "revoke_session",
    "revoke_sessions",
    "see",
    "sessions_of",
    "tokens_of",
    "within",
]
