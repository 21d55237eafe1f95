# SPDX-License-Identifier: AGPL-3.0-or-later
"""Holds every answer of the client API that the suite sees against what is declared of it, and, where a description of
Mastodon's own API is at hand, against that too.

`ALUMNODE_TEST_ORACLE` names that description, an OpenAPI document; without it one that lies beside the checkout is taken.
"""

import functools
import json
import os
import re
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs

from web.mastodon.openapi import DECLARATIONS, SCHEMAS, Declaration
from web.mastodon.openapi.declarations import key
from web.mastodon.openapi.shapes import Schema, ref
from web.mastodon.routes import ENDPOINTS
from web.oauth.routes import ENDPOINTS as OAUTH
from web.routes import Endpoint
from web.streaming.routes import ENDPOINTS as STREAMS

EVERY: tuple[Endpoint, ...] = (*ENDPOINTS, *OAUTH, *STREAMS)
ROOT = Path(__file__).parents[2]
_BESIDE = ROOT.parent / "shared" / "oracle"
_NAME = "mastodon-openapi.json"
_OURS = ("/api/", "/oauth/", "/.well-known/oauth")
_PLACE = re.compile(r"{[^}]*}")


class Broken(AssertionError):
    """An answer is not what was declared."""


def declared(endpoint: Endpoint) -> Declaration | None:
    """What is declared of a line of the tables."""
    return DECLARATIONS.get(key(endpoint.method, endpoint.path))


@functools.cache
def _addresses() -> tuple[tuple[re.Pattern[str], Endpoint], ...]:
    # What is written out goes before what varies, as in the router.
    ordered = sorted(EVERY, key=lambda one: (len(_PLACE.findall(one.path)), -len(one.path)))
    return tuple((re.compile(_PLACE.sub("[^/]+", one.path) + "/?"), one) for one in ordered)


@functools.lru_cache(2048)
def endpoint_of(method: str, path: str) -> Endpoint | None:
    """The line of the tables that answers this address."""
    for pattern, endpoint in _addresses():
        if endpoint.method == method and pattern.fullmatch(path):
            return endpoint
    return None


def check(method: str, address: str, status: int, body: Any) -> None:
    """Raises Broken if an answer of the client API differs from its declaration. Other addresses pass."""
    path = address.partition("?")[0]
    if not path.startswith(_OURS) or method in ("HEAD", "OPTIONS") or body is None:
        return
    if status >= 400:
        hold(body, ref("Error"), f"{method} {path} ({status})")
        return
    endpoint = endpoint_of(method, path)
    found = declared(endpoint) if endpoint is not None else None
    if found is None or found.is_stream or status in (204, 304):
        return
    schema = found.also.get(status, found.answers)
    hold(body, schema, f"{method} {path}")
    oracle = theirs()
    if oracle is not None:
        oracle.hold(method, endpoint.path if endpoint is not None else path, status, body)


def hold(body: Any, schema: Schema, what: str) -> None:
    """Raises Broken if a value has not that form."""
    validator, whole = _validator(json.dumps(schema, sort_keys=True))
    if not validator.is_valid(body):
        raise Broken(f"{what}: {_told(whole, body)}")


def _told(schema: Schema, body: Any) -> str:
    """What is wrong. Found by the slower validator, which says it better."""
    found = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(body))
    place = "/".join(map(str, found.absolute_path)) or "all of it"
    return f"{place}: {found.message[:400]} (the schemas stand in web/mastodon/openapi/entities.py)"


@functools.cache
def _validator(schema: str) -> tuple[Any, Schema]:
    whole = {**json.loads(schema), "components": {"schemas": SCHEMAS}}
    return jsonschema_rs.Draft202012Validator(whole), whole


class Oracle:
    """Mastodon's API as somebody else describes it, with what is known to be wrong there put right."""

    def __init__(self, document: dict[str, Any]) -> None:
        """Over an OpenAPI document."""
        schemas = document["components"]["schemas"]
        # A quote with a post is also a form of one without; one that is of two forms is right, too.
        _loosen(document)
        # It knows too few words here, and takes a list for one of its items.
        access = schemas["Instance"]["properties"]["configuration"]["properties"]["timelines_access"]
        for feed in access["properties"].values():
            for side in feed["properties"].values():
                side["enum"] = ["public", "authenticated", "disabled"]
        old = document["paths"]["/api/v1/filters"]["get"]["responses"]["200"]["content"]["application/json"]
        old["schema"] = {"type": "array", "items": old["schema"]}
        # Apps read a number here, and the description's own samples have one.
        subscription = schemas["WebPushSubscription"]
        subscription["properties"]["id"] = {"type": "integer"}
        subscription["properties"]["alerts"].pop("required", None)
        self._document = document
        self._paths = {
            key(method.upper(), path): operation
            for path, item in document["paths"].items()
            for method, operation in item.items()
            if isinstance(operation, dict) and "responses" in operation
        }

    @property
    def operations(self) -> frozenset[str]:
        """What there is, as `key` names it."""
        return frozenset(self._paths)

    def hold(self, method: str, path: str, status: int, body: Any) -> None:
        """Raises Broken if an answer is none that this describes."""
        found = self._validator(key(method, path), str(status))
        if found is not None and not found[0].is_valid(body):
            raise Broken(f"{method} {path}, as Mastodon has it: {_told(found[1], body)}")

    @functools.cache  # noqa: B019  # one object for the whole run
    def _validator(self, operation: str, status: str) -> tuple[Any, Schema] | None:
        found = self._paths.get(operation, {}).get("responses", {}).get(status, {})
        schema = found.get("content", {}).get("application/json", {}).get("schema")
        if schema is None:
            return None
        whole = {**schema, "components": self._document["components"]}
        return jsonschema_rs.Draft202012Validator(whole), whole


def _loosen(part: Any) -> None:
    if isinstance(part, dict):
        if "oneOf" in part:
            part["anyOf"] = part.pop("oneOf")
        part = part.values()
    if not isinstance(part, str | int | float | None):
        for inner in part:
            _loosen(inner)


@functools.cache
def theirs() -> Oracle | None:
    """The description of Mastodon's API, if there is one on this machine."""
    given = os.environ.get("ALUMNODE_TEST_ORACLE")
    place = Path(given) if given else _BESIDE
    file = place / _NAME if place.is_dir() else place
    return Oracle(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else None
