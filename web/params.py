# SPDX-License-Identifier: AGPL-3.0-or-later
"""The one reader of parameters: query, urlencoded form, multipart and JSON, merged into one tree.

Apps send the same parameters in all four ways, so every endpoint takes them all. Keys nest as Rack has it: `key[]` is a
list, `key[name]` a table, `key[][name]` a list of tables in which a repeated name begins the next table; `key[0][name]`
and JSON lists are taken for lists too, and so is a JSON key that is literally `media_ids[]`. JSON null means that the
parameter was not given.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import parse_qsl

import orjson
from aiohttp import BodyPartReader, web

from web import SERVICES
from web.errors import BadRequest, TooLarge

MAX_FIELDS: Final = 1000
MAX_DEPTH: Final = 6
MAX_TEXT: Final = 256 * 1024
MAX_NUMBER: Final = (1 << 63) - 1
_FALSE: Final = frozenset({"0", "f", "F", "false", "FALSE", "False", "off", "OFF"})
# Parts that hold a file whether or not the app gives it a name.
_FILE_FIELDS: Final = frozenset({"file", "avatar", "header", "thumbnail", "image"})
_JSON: Final = frozenset({"application/json", "text/json"})


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was sent. What it is called and said to be is the sender's word, and of no use."""

    data: bytes


Value: TypeAlias = "str | int | float | bool | Upload | list[Value] | dict[str, Value] | None"


class Params:
    """What was sent. Every accessor answers None, or nothing, for what is absent or of no use: garbage is not given."""

    __slots__ = ("_tree",)

    def __init__(self, tree: Mapping[str, Value]) -> None:
        """Over a tree as `read` makes it."""
        self._tree = tree

    def __contains__(self, name: str) -> bool:
        return self._tree.get(name) is not None

    def text(self, name: str) -> str | None:
        """A text; of several, the last."""
        return _text(self._tree.get(name))

    def texts(self, name: str) -> list[str]:
        """A list of texts; a single text is a list of one."""
        return [text for item in _items(self._tree.get(name)) if (text := _text(item)) is not None]

    def integer(self, name: str) -> int | None:
        """A whole number of 64 bits."""
        return _integer(self._tree.get(name))

    def integers(self, name: str) -> list[int]:
        """Those of a list that are whole numbers."""
        return [number for item in _items(self._tree.get(name)) if (number := _integer(item)) is not None]

    def number(self, name: str) -> int | None:
        """The number of something, never negative."""
        found = self.integer(name)
        return found if found is not None and found >= 0 else None

    def boolean(self, name: str) -> bool | None:
        """False for 0, f, false and off, None for an empty text, True for all else."""
        value = self._tree.get(name)
        if isinstance(value, bool):
            return value
        text = _text(value)
        return None if not text else text not in _FALSE

    def flag(self, name: str) -> bool:
        """As `boolean`; what is not given is False."""
        return self.boolean(name) or False

    def table(self, name: str) -> "Params":
        """What is nested under a name; empty if there is nothing."""
        value = self._tree.get(name)
        return Params(value if isinstance(value, dict) else {})

    def tables(self, name: str) -> list["Params"]:
        """A list of tables."""
        return [Params(item) for item in _items(self._tree.get(name)) if isinstance(item, dict)]

    def upload(self, name: str) -> Upload | None:
        """A file; one of no bytes is none."""
        value = self._tree.get(name)
        return value if isinstance(value, Upload) and value.data else None

    def fingerprint(self) -> bytes:
        """The same bytes for the same parameters, in whatever form they were sent."""
        return orjson.dumps(self._tree, default=_digest, option=orjson.OPT_SORT_KEYS)


_PARAMS: Final = web.RequestKey("params", Params)


async def read(request: web.Request) -> Params:
    """The parameters of a request. Raises BadRequest for a body that cannot be read, TooLarge for one too long."""
    if _PARAMS in request:
        return request[_PARAMS]
    tree: dict[str, Value] = {}
    _merge(tree, request.query.items())
    if request.method not in ("GET", "HEAD") and request.can_read_body:
        await _read_body(request, tree)
    params = Params(tree)
    request[_PARAMS] = params
    return params


def query(request: web.Request) -> Params:
    """Those of the query alone: for handlers of GET, which need not wait."""
    tree: dict[str, Value] = {}
    _merge(tree, request.query.items())
    return Params(tree)


async def _read_body(request: web.Request, tree: dict[str, Value]) -> None:
    kind = request.content_type.lower()
    if kind == "multipart/form-data":
        await _read_multipart(request, tree)
        return
    body = await request.read()
    if kind in _JSON or kind.endswith("+json"):
        if body.strip():
            _merge_json(tree, body)
    elif kind == "application/x-www-form-urlencoded" or "Content-Type" not in request.headers:
        try:
            pairs = parse_qsl(body.decode(errors="replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
        except ValueError:
            raise BadRequest("There are too many parameters.") from None
        _merge(tree, pairs)


def _merge_json(tree: dict[str, Value], body: bytes) -> None:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadRequest("The JSON in the request cannot be read.") from None
    if not isinstance(found, dict):
        raise BadRequest("The JSON in the request must be an object.")
    cleaned = _clean(found, MAX_DEPTH)
    assert isinstance(cleaned, dict)
    for key, value in cleaned.items():
        if value is None:
            continue
        if "[" in key:
            for item in value if isinstance(value, list) else [value]:
                _merge(tree, [(key, item)])
        else:
            tree[key] = value


async def _read_multipart(request: web.Request, tree: dict[str, Value]) -> None:
    most = request.app[SERVICES].settings.limits.max_upload
    try:
        reader = await request.multipart()
        count = 0
        total = 0
        while (part := await reader.next()) is not None:
            count += 1
            if not isinstance(part, BodyPartReader) or part.name is None or count > MAX_FIELDS:
                raise BadRequest("The form in the request cannot be read.")
            is_file = part.filename is not None or part.name.partition("[")[0] in _FILE_FIELDS
            data = await _bounded(part, most if is_file else MAX_TEXT)
            total += len(data)
            if total > 3 * most:
                raise TooLarge
            value = Upload(data) if is_file else _clean_text(data.decode(errors="replace"))
            _merge(tree, [(part.name, value)])
    except (ValueError, AssertionError):
        raise BadRequest("The form in the request cannot be read.") from None


async def _bounded(part: BodyPartReader, most: int) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk(64 * 1024):
        data += chunk
        if len(data) > most:
            raise TooLarge
    return bytes(data)


def _merge(tree: dict[str, Value], pairs: Iterable[tuple[str, Value]]) -> None:
    for key, value in pairs:
        path = _path(key)
        if path is not None:
            _put(tree, path, _clean_text(value) if isinstance(value, str) else value)


def _path(key: str) -> list[str] | None:
    """`a[b][]` as a, b and the empty step that stands for a list. None for one nested deeper than anything we read."""
    head, bracket, rest = key.partition("[")
    if not head:
        return None
    if not bracket:
        return [head]
    steps = rest.removesuffix("]").split("][")
    return [head, *steps] if len(steps) < MAX_DEPTH else None


def _put(table: dict[str, Value], path: list[str], value: Value) -> None:
    """Set what `path` leads to. Where it contradicts what was sent before, the earlier stays."""
    name, rest = path[0], path[1:]
    here = table.get(name)
    if not rest:
        if here is None:
            table[name] = value
        elif isinstance(here, list):
            here.append(value)
        elif not isinstance(here, dict):
            table[name] = [here, value]
        return
    if rest[0] != "":
        if here is None:
            here = table[name] = {}
        if isinstance(here, dict):
            _put(here, rest, value)
        return
    if here is None:
        here = table[name] = []
    elif not isinstance(here, list | dict):
        here = table[name] = [here]
    if not isinstance(here, list):
        return
    if len(rest) == 1:
        here.append(value)
        return
    last = here[-1] if here else None
    if not isinstance(last, dict) or _is_taken(last, rest[1:]):
        last = {}
        here.append(last)
    _put(last, rest[1:], value)


def _is_taken(table: dict[str, Value], path: list[str]) -> bool:
    value: Value = table
    for step in path:
        if step == "" or not isinstance(value, dict) or step not in value:
            return False
        value = value[step]
    return True


def _clean(value: Value, depth: int) -> Value:
    """JSON without NUL characters, and none of it deeper than anything we read."""
    if isinstance(value, str):
        return _clean_text(value)
    if isinstance(value, list | dict) and depth == 0:
        raise BadRequest("The JSON in the request is nested too deeply.")
    if isinstance(value, list):
        return [_clean(item, depth - 1) for item in value]
    if isinstance(value, dict):
        return {_clean_text(key): _clean(item, depth - 1) for key, item in value.items()}
    return value


def _clean_text(text: str) -> str:
    """Without what no database takes: NUL, and halves of surrogate pairs."""
    if text.isascii():
        return text.replace("\0", "") if "\0" in text else text
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _text(value: Value) -> str | None:
    if isinstance(value, list):
        value = value[-1] if value else None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return None


def _integer(value: Value) -> int | None:
    text = _text(value)
    if text is None:
        return None
    text = text.strip()
    digits = text.removeprefix("-")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 20:
        return None
    number = int(text)
    return number if abs(number) <= MAX_NUMBER else None


def _items(value: Value) -> list[Value]:
    if value is None:
        return []
    if isinstance(value, dict):
        # `key[0]=a&key[1]=b`: in the order given.
        return list(value.values()) if all(key.isdigit() for key in value) else [value]
    return value if isinstance(value, list) else [value]


def _digest(value: object) -> str:
    if isinstance(value, Upload):
        return hashlib.sha256(value.data).hexdigest()
    raise TypeError
