# SPDX-License-Identifier: AGPL-3.0-or-later
"""The OpenAPI document of this node: the endpoint tables with what is declared of each line."""

import functools
import re
from collections.abc import Iterable
from typing import Final

import orjson
from aiohttp import web

from node import access
from node.version import VERSION
from web import SERVICES
from web.mastodon.openapi.declarations import GROUPS, Declaration, Param, key
from web.mastodon.openapi.entities import SCHEMAS
from web.mastodon.openapi.shapes import Schema, ref
from web.routes import Auth, Endpoint

_PLACE: Final = re.compile(r"{([^}:]*)[^}]*}")
_IN_ADDRESS: Final = frozenset({"GET", "DELETE"})
_SECURITY: Final = "oauth"


async def show(request: web.Request) -> web.Response:
    """The document, for this node's own addresses."""
    body = _kept(request.app[SERVICES].settings.base_url)
    return web.Response(body=body, content_type="application/json", charset="utf-8")


@functools.lru_cache(4)
def _kept(base_url: str) -> bytes:
    return orjson.dumps(document(base_url, endpoints()))


def endpoints() -> tuple[Endpoint, ...]:
    """Every line of the tables."""
    # Late: the tables name handlers, one of which stands above.
    from web.mastodon.routes import ENDPOINTS
    from web.oauth.routes import ENDPOINTS as OAUTH
    from web.streaming.routes import ENDPOINTS as STREAMS

    return (*ENDPOINTS, *OAUTH, *STREAMS)


def document(base_url: str, lines: Iterable[Endpoint]) -> Schema:
    """The document as plain data. A line of which nothing is declared is left out."""
    paths: dict[str, dict[str, Schema]] = {}
    groups = {name: (title, declared) for title, group in GROUPS.items() for name, declared in group.items()}
    for line in lines:
        found = groups.get(key(line.method, line.path))
        if found is not None:
            path = _PLACE.sub(r"{\1}", line.path)
            paths.setdefault(path, {})[line.method.lower()] = _operation(line, *found)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Alumnode client API",
            "version": VERSION,
            "summary": "The client API of Mastodon, with what alumni need besides.",
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        },
        "servers": [{"url": base_url}],
        "tags": [{"name": title} for title in GROUPS],
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "headers": _HEADERS,
            "responses": {
                "Refusal": {
                    "description": "A refusal, with a sentence that may be shown.",
                    "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in _LIMIT_HEADERS},
                    "content": {"application/json": {"schema": ref("Error")}},
                }
            },
            "securitySchemes": {
                _SECURITY: {
                    "type": "oauth2",
                    "flows": {
                        "authorizationCode": {
                            "authorizationUrl": f"{base_url}/oauth/authorize",
                            "tokenUrl": f"{base_url}/oauth/token",
                            "scopes": dict.fromkeys(sorted(access.KNOWN), ""),
                        }
                    },
                }
            },
        },
    }


_HEADERS: Final[Schema] = {
    "X-RateLimit-Limit": {"schema": {"type": "integer"}, "description": "How often one may ask in a window."},
    "X-RateLimit-Remaining": {"schema": {"type": "integer"}, "description": "How often one still may."},
    "X-RateLimit-Reset": {
        "schema": {"type": "string", "format": "date-time"},
        "description": "When the window ends.",
    },
    "Link": {"schema": {"type": "string"}, "description": "The next and the previous page (RFC 8288)."},
}
_LIMIT_HEADERS: Final = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


def _operation(line: Endpoint, title: str, declared: Declaration) -> Schema:
    operation: Schema = {
        "operationId": key(line.method, line.path).lower().replace("/api/", "").translate(_TO_NAME),
        "summary": declared.summary,
        "tags": [title],
        "security": _security(line),
        "responses": {
            **{str(status): _answer(declared, schema) for status, schema in _successes(declared)},
            "4XX": {"$ref": "#/components/responses/Refusal"},
            "503": {"$ref": "#/components/responses/Refusal"},
        },
    }
    places: list[Schema] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PLACE.findall(line.path)
    ]
    if line.method in _IN_ADDRESS:
        places += [_in_address(param) for param in declared.params]
    elif declared.params:
        operation["requestBody"] = _body(declared)
    if line.method == "POST" and line.path == "/api/v1/statuses":
        places.append({"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 255}})
    if places:
        operation["parameters"] = places
    return operation


_TO_NAME: Final = str.maketrans({" ": "_", "/": "_", "{": "", "}": "", ".": "_"})


def _successes(declared: Declaration) -> Iterable[tuple[int, Schema]]:
    yield 200, declared.answers
    yield from declared.also.items()


def _answer(declared: Declaration, schema: Schema) -> Schema:
    if declared.is_stream:
        return {"description": "Events, one after the other.", "content": {"text/event-stream": {"schema": schema}}}
    headers = [*_LIMIT_HEADERS]
    if any(param.name == "max_id" for param in declared.params):
        headers.append("Link")
    return {
        "description": "What was asked for.",
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in headers},
        "content": {"application/json": {"schema": schema}},
    }


def _security(line: Endpoint) -> list[Schema]:
    match line.auth:
        case Auth.NONE:
            return []
        case Auth.OPTIONAL:
            return [{}, {_SECURITY: _scopes(line)}]
        case Auth.APP | Auth.USER:
            return [{_SECURITY: _scopes(line)}]


def _scopes(line: Endpoint) -> list[str]:
    return [line.scope] if line.scope else []


def _in_address(param: Param) -> Schema:
    is_list = param.schema.get("type") == "array"
    return {
        "name": f"{param.name}[]" if is_list else param.name,
        "in": "query",
        "required": param.needed,
        "schema": param.schema,
    }


def _body(declared: Declaration) -> Schema:
    schema: Schema = {
        "type": "object",
        "properties": {param.name: param.schema for param in declared.params},
    }
    needed = [param.name for param in declared.params if param.needed]
    if needed:
        schema["required"] = needed
    kinds = (
        ("multipart/form-data",) if declared.takes_file else ("application/json", "application/x-www-form-urlencoded")
    )
    return {"required": bool(needed), "content": {kind: {"schema": schema} for kind in kinds}}
