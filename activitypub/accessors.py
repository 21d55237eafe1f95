# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reading one property of a document that somebody else wrote.

Any property may be missing, null, a string, an object, a list, a list of both or a language map. These functions are
the only access to properties: each takes whatever stands there and answers with a value of one type or with nothing.
None of them raises, looks anything up, or believes anything.

Source: ActivityStreams 2.0 section 4 for the shapes; what servers really send for the rest.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import urlsplit

from activitypub.origin import MAX_ID
from activitypub.parse import JsonObject, JsonValue

_AS = "https://www.w3.org/ns/activitystreams#"
_INT64 = 2**63
MAX_TYPE = 64
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,18})?")
_USUAL = "--T::Z"  # every third character of 2026-11-25T10:00:00Z, from the fifth on
_TIME = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
    r"(?:[Tt ](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,40}))?)?"
    r" ?(?P<offset>[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?[Zz]?)?"
)


def as_list(value: JsonValue) -> list[JsonValue]:
    """The entries of a list, a single value as a list of one, nothing for null; nulls in a list are dropped."""
    if isinstance(value, list):
        return [entry for entry in value if entry is not None]
    return [] if value is None else [value]


def as_object(value: JsonValue) -> JsonObject | None:
    """The object that stands here, alone or as the first object of a list."""
    return next((entry for entry in as_list(value) if isinstance(entry, dict)), None)


def objects(value: JsonValue, *, limit: int) -> list[JsonObject]:
    """The first `limit` objects that stand here; bare ids and texts are passed over."""
    found: list[JsonObject] = []
    for entry in as_list(value):
        if len(found) == limit:
            break
        if isinstance(entry, dict):
            found.append(entry)
    return found


def as_id(value: JsonValue) -> str | None:
    """The id of what stands here: a string, an object's `id`, a Link's `href`, or that of the first in a list.

    It is the string as written: nothing is normalised, because ids are compared byte by byte. One that is longer than
    `MAX_ID` counts as absent.
    """
    for entry in as_list(value):
        candidate: JsonValue = entry
        if isinstance(entry, dict):
            candidate = entry.get("id")
            if not isinstance(candidate, str) or not candidate:
                candidate = entry.get("href")
        if isinstance(candidate, str) and 0 < len(candidate) <= MAX_ID:
            return candidate
    return None


def ids(value: JsonValue) -> tuple[str, ...]:
    """Every id that stands here, each once, in order."""
    found = (as_id(entry) for entry in as_list(value) if not isinstance(entry, list))
    return tuple(dict.fromkeys(entry for entry in found if entry is not None))


def types(doc: JsonObject) -> tuple[str, ...]:
    """The types of a document, without the ActivityStreams prefix that some JSON-LD writers leave on.

    A name of more than `MAX_TYPE` characters is no type that anybody knows, and is passed over.
    """
    named = (entry for entry in as_list(doc.get("type")) if isinstance(entry, str))
    short = (entry.removeprefix(_AS).removeprefix("as:") for entry in named)
    return tuple(entry for entry in short if 0 < len(entry) <= MAX_TYPE)


def type_among(doc: JsonObject, known: Iterable[str]) -> str | None:
    """The first of the document's types that is in `known`."""
    wanted = frozenset(known)
    return next((entry for entry in types(doc) if entry in wanted), None)


def as_text(value: JsonValue) -> str | None:
    """One text, as written: a string, a whole number, `@value`, the first entry of a language map or of a list.

    None for an empty string, so that `or` works; HTML is not touched.
    """
    for entry in as_list(value):
        text = _one_text(entry)
        if text:
            return text
    return None


def text_of(doc: JsonObject, name: str, languages: Sequence[str] = ()) -> tuple[str | None, str | None]:
    """The text of property `name` and its language, read together with its `...Map` twin.

    A map with a single entry tells the language of the plain text (that is how Mastodon uses it). With several, the
    first of `languages` that it holds is taken, else the entry equal to the plain text, else the plain text itself.
    Some writers put the map, or `@value` and `@language`, into the property proper.
    """
    plain, language = _plain_text(doc.get(name))
    translations = _language_map(doc.get(f"{name}Map")) or _language_map(doc.get(name))
    for wanted in languages:
        for tag, text in translations.items():
            if tag.casefold() == wanted.casefold():
                return text, tag
    if plain is None:
        return next(((text, tag) for tag, text in translations.items()), (None, None))
    if language is None:
        if len(translations) == 1:
            language = next(iter(translations))
        else:
            language = next((tag for tag, text in translations.items() if text == plain), None)
    return plain, language


def as_url(value: JsonValue) -> str | None:
    """An http(s) address to show or to load: a string, a Link, an object's `url`; of several Links an HTML page first.

    Its host may differ from the host of the id (security rule: an address is for display, identity is `id`).
    """
    best: str | None = None
    for entry in as_list(value):
        if isinstance(entry, str):
            address, media_type = entry, None
        elif isinstance(entry, dict):
            inner = entry.get("href")
            address = inner if isinstance(inner, str) else (_string(entry.get("url")) or "")
            media_type = media_type_of(entry)
        else:
            continue
        if not is_web_address(address):
            continue
        if media_type == "text/html":
            return address
        best = best or address
    return best


def media_type_of(entry: JsonObject) -> str | None:
    """The media type an object claims, lower case, without parameters (`mimeType` is PeerTube's older word)."""
    claimed = _string(entry.get("mediaType")) or _string(entry.get("mimeType"))
    if claimed is None:
        return None
    plain = claimed.split(";", 1)[0].strip().lower()
    return plain if re.fullmatch(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,100}", plain) else None


def is_web_address(address: str) -> bool:
    """Whether `address` is an absolute http(s) address without credentials or characters that mislead."""
    if not 0 < len(address) <= MAX_ID or any(c <= " " or c in '\\"<>`\x7f' for c in address):
        return False
    try:
        parts = urlsplit(address)
        has_host = bool(parts.hostname)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and has_host and "@" not in parts.netloc


def as_time(value: JsonValue) -> datetime | None:
    """A moment in UTC.

    Accepts what the Fediverse writes: fractions of any length, an offset with or without colon or with a Z after it, a
    blank for the T, a date alone (its midnight). No offset means UTC. 24:00 is the next midnight, a leap second the
    second before it.
    """
    if isinstance(value, str) and len(value) == 20 and value[4::3] == _USUAL:
        with contextlib.suppress(ValueError):
            return datetime.fromisoformat(value)
    moment = as_local_time(value)
    if moment is None:
        return None
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return None


def as_local_time(value: JsonValue) -> datetime | None:
    """As `as_time`, but at the offset that was written, for events whose zone is not named."""
    text = next((entry for entry in as_list(value) if isinstance(entry, str)), None)
    if text is None or len(text) > 80:
        return None
    match = _TIME.fullmatch(text.strip())
    if match is None:
        return None
    part = match.groupdict()
    hour, minute, second = (int(part[name] or 0) for name in ("hour", "minute", "second"))
    carry = timedelta(0)
    if (hour, minute, second) == (24, 0, 0):
        hour, carry = 0, timedelta(days=1)
    try:
        moment = datetime(
            int(part["year"]),
            int(part["month"]),
            int(part["day"]),
            hour,
            minute,
            min(second, 59) if second == 60 else second,
            int((part["fraction"] or "0")[:6].ljust(6, "0")),
            tzinfo=_offset(part["offset"]),
        )
        moment += carry
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment


def is_date_only(value: JsonValue) -> bool:
    """Whether a time is a civil date without an hour (an all-day event)."""
    text = next((entry for entry in as_list(value) if isinstance(entry, str)), "")
    return re.fullmatch(r"\s*[0-9]{4}-[0-9]{2}-[0-9]{2}\s*", text) is not None


def iso(moment: datetime) -> str:
    """A moment as we write it: UTC, whole seconds, `Z`."""
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def iso_exact(moment: datetime) -> str:
    """A moment to the millisecond: for `updated`, so that two edits within one second can be told apart."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def as_int(value: JsonValue) -> int | None:
    """A 64-bit whole number, also when written as a float or as a string of digits."""
    for entry in as_list(value):
        if isinstance(entry, bool):
            continue
        if isinstance(entry, int):
            return entry if -_INT64 <= entry < _INT64 else None
        number = as_float(entry)
        if number is not None and number.is_integer() and abs(number) < 2**53:
            return int(number)
    return None


def as_float(value: JsonValue) -> float | None:
    """A finite number, also when written as a string."""
    for entry in as_list(value):
        if isinstance(entry, bool):
            continue
        if isinstance(entry, str) and _NUMBER.fullmatch(entry):
            return float(entry)
        if isinstance(entry, int | float) and abs(entry) < 1e300 and math.isfinite(entry):
            return float(entry)
    return None


def as_bool(value: JsonValue) -> bool | None:
    """True or false, also as those words; None when neither is said."""
    for entry in as_list(value):
        if isinstance(entry, bool):
            return entry
        if isinstance(entry, str) and entry.lower() in {"true", "false"}:
            return entry.lower() == "true"
    return None


def _string(value: JsonValue) -> str | None:
    return value if isinstance(value, str) and value else None


def _one_text(entry: JsonValue) -> str | None:
    if isinstance(entry, str):
        return entry or None
    if isinstance(entry, int) and not isinstance(entry, bool):
        return str(entry) if -_INT64 <= entry < _INT64 else None
    if isinstance(entry, dict):
        if "@value" in entry:
            return _string(entry["@value"])
        if "type" not in entry:
            return next(iter(_language_map(entry).values()), None)
    return None


def _plain_text(value: JsonValue) -> tuple[str | None, str | None]:
    for entry in as_list(value):
        if isinstance(entry, dict) and "@value" not in entry:
            continue
        text = _one_text(entry)
        if text:
            return text, _language(entry.get("@language")) if isinstance(entry, dict) else None
    return None, None


def _language_map(value: JsonValue) -> dict[str, str]:
    translations: dict[str, str] = {}
    for entry in as_list(value):
        if not isinstance(entry, dict) or "type" in entry or "@value" in entry:
            continue
        for tag, held in entry.items():
            language = _language(tag)
            text = held if isinstance(held, str) else next((t for t in as_list(held) if isinstance(t, str)), None)
            if language and text:
                translations.setdefault(language, text)
    return translations


def _language(value: JsonValue) -> str | None:
    return value if isinstance(value, str) and _LANGUAGE.fullmatch(value) and value != "und" else None


def _offset(text: str | None) -> timezone:
    if text is None or text in "Zz":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    distance = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-distance if text[0] == "-" else distance)
