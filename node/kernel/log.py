# SPDX-License-Identifier: AGPL-3.0-or-later
"""Logging: one line an event, as text or JSON, with what must not be kept taken out.

The filter masks tokens, cookies, signatures and mail addresses wherever they appear in a line, as a second wall: code
must not log them in the first place.
"""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Final

_MASKS: Final = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}"), r"\1 ***"),
    (re.compile(r"(?i)\b(access_token|client_secret|code|code_verifier|token|password)=[^&\s\"']+"), r"\1=***"),
    (re.compile(r"\balm_[A-Za-z0-9_-]{8,}"), "alm_***"),
    (re.compile(r'(?i)\bsignature="?[A-Za-z0-9+/=]{16,}"?'), 'signature="***"'),
    (re.compile(r"(?i)\b(set-cookie|cookie):[^\r\n]*"), r"\1: ***"),
    (re.compile(r"(?<![@\w])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+"), "***@***"),
)
# Fields that `logging` puts on every record; what else is there came through `extra=`.
_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def scrub(line: str) -> str:
    """`line` without tokens, passwords, signatures, cookies and mail addresses.

    Fediverse handles (`@user@host`) have the form of mail addresses and keep their leading @, so they stay readable.
    """
    for pattern, replacement in _MASKS:
        line = pattern.sub(replacement, line)
    return line


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """One line of text; a traceback follows on lines of its own."""
        extra = " ".join(f"{key}={value}" for key, value in vars(record).items() if key not in _STANDARD)
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = f"{moment} {record.levelname.lower():7} {record.name}: {record.getMessage()}"
        if extra:
            line = f"{line} {extra}"
        if record.exc_info:
            line = f"{line}\n{self.formatException(record.exc_info)}"
        return scrub(line)


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """One JSON object in one line."""
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        entry.update({key: value for key, value in vars(record).items() if key not in _STANDARD})
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return scrub(json.dumps(entry, ensure_ascii=False, default=str))


def set_up(level: str, form: str) -> None:
    """Send everything from `level` up to standard error, in `form` (`text` or `json`). Call once, at start."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if form == "json" else _Text())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in ("asyncio", "aiohttp.access", "PIL", "alembic"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
