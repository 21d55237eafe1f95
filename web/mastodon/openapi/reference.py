# SPDX-License-Identifier: AGPL-3.0-or-later
"""docs/api.md, written from the endpoint tables and what is declared of them: `make docs` writes it, a test holds it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from web.limits import Limit
from web.mastodon.openapi import document
from web.mastodon.openapi.declarations import GROUPS, Declaration, Param, key
from web.mastodon.openapi.differences import DIFFERS, MISSING
from web.mastodon.openapi.shapes import Schema
from web.routes import Auth, Endpoint

FILE: Final = Path(__file__).resolve().parents[3] / "docs" / "api.md"

_INTRODUCTION: Final = """\
# The client API

Any app for Mastodon works with this node: it answers the client API of Mastodon, and here stands what it answers. This
page is written by `make docs` from the same tables by which requests are routed and guarded; the same, for programs, is
at `/api/openapi.json` (OpenAPI 3.1), with every entity field by field. [Mastodon's own documentation][theirs] says what
the parts mean; what is otherwise here is said below, with the reason.

[theirs]: https://docs.joinmastodon.org/client/intro/

## What holds everywhere

- **Parameters** may stand in the address, in a form (`urlencoded` or `multipart`) or in JSON, at every endpoint, and are
  merged. A list is `key[]`, nested things are `key[name]`. What is not known is ignored; a `limit` that is too high is
  cut. A slash at the end of an address changes nothing.
- **Numbers of things** are texts of digits and sort by time. Two are JSON numbers, as in Mastodon: the `id` of a push
  subscription, and `most_recent_notification_id`.
- **Pages** come with a `Link` header (`next`, `prev`), which repeats the other parameters. A short page is not the last
  one; the last one has no `next`.
- **Refusals** are `{"error": "A sentence."}` with the code that Mastodon uses. What one may not see is 404.
  Some have a lasting name too, as `error_code`: `E_INVITE_USED`, `E_UNDER_AGE`.
- **Limits**: each answer says in `X-RateLimit-Limit`, `-Remaining` and `-Reset` (a moment in ISO 8601) how often one may
  ask. The count is per token, or per address without one:
{limits}
- **Scripts of other sites** may ask (`Access-Control-Allow-Origin: *`), with a token and never with a cookie.
- **Repeats**: an `Idempotency-Key` with a new post makes it once, also while the first attempt still runs.
- **Polling**: answers to GET carry a weak `ETag`; `If-None-Match` is answered 304. What a member sees is
  `private, no-store`; what strangers see may be kept for a short while.

In the tables, *anyone* needs no token; *anyone, more with a token* shows a member what is theirs to see. A scope is
covered by the wider one of the same name (`read` covers `read:statuses`), and `follow` covers those of relationships.
"""


def page(lines: Iterable[Endpoint]) -> str:
    """The whole page."""
    by_key = {key(line.method, line.path): line for line in lines}
    parts = [_INTRODUCTION.replace("{limits}", "\n".join(_limits()))]
    for title, group in GROUPS.items():
        rows = [(by_key[name], declared) for name, declared in group.items() if name in by_key]
        if not rows:
            continue
        parts.append(f"## {title}\n")
        parts.append("| endpoint | what for | who | scope | takes | answers |\n| --- | --- | --- | --- | --- | --- |")
        parts.append("\n".join(_row(line, declared) for line, declared in rows) + "\n")
        otherwise = [
            f"- `{_shown(by_key[name])}`: {DIFFERS[name]}" for name in group if name in DIFFERS and name in by_key
        ]
        if otherwise:
            parts.append("Otherwise than in Mastodon:\n")
            parts.append("\n".join(otherwise) + "\n")
    missing = sorted((name for name in MISSING if name not in by_key), key=lambda name: name.partition(" ")[2])
    parts.append("## What Mastodon has and this node has not\n")
    parts.append("| operation | why |\n| --- | --- |")
    parts.append("\n".join(f"| `{name}` | {MISSING[name]} |" for name in missing) + "\n")
    return "\n".join(parts)


def _limits() -> Iterable[str]:
    named = {
        Limit.GENERAL: "in general",
        Limit.MEDIA: "files",
        Limit.DELETE: "deletions, reports",
        Limit.REGISTER: "registrations of apps, sign-ups",
        Limit.TOKEN: "tokens",
    }
    for limit, name in named.items():
        yield f"  {limit.value.most} in {limit.value.seconds // 60} minutes ({name});"


_WHO: Final = {
    Auth.NONE: "anyone",
    Auth.OPTIONAL: "anyone, more with a token",
    Auth.APP: "an app",
    Auth.USER: "a member",
}


def _row(line: Endpoint, declared: Declaration) -> str:
    scope = f"`{line.scope}`" if line.scope and line.auth is not Auth.NONE else ""
    takes = ", ".join(_param(param) for param in declared.params)
    answers = "events" if declared.is_stream else _named(declared.answers)
    return f"| `{_shown(line)}` | {declared.summary} | {_WHO[line.auth]} | {scope} | {takes} | {answers} |"


def _shown(line: Endpoint) -> str:
    return f"{line.method} {line.path}"


def _param(param: Param) -> str:
    brackets = "[]" if param.schema.get("type") == "array" else ""
    return f"`{param.name}{brackets}`" + (" (needed)" if param.needed else "")


def _named(schema: Schema) -> str:
    """A schema in a word or two."""
    match schema:
        case {"$ref": str(name)}:
            return name.rpartition("/")[2]
        case {"type": "array", "items": dict(item)}:
            return f"list of {_named(item)}"
        case {"anyOf": list(several)}:
            return " or ".join(dict.fromkeys(_named(one) for one in several))
        case {"type": "object", "additionalProperties": False} if "properties" not in schema:
            return "`{}`"
        case {"type": "string"}:
            return "text"
        case {"type": str(kind)}:
            return kind
        case _:
            return "JSON"


def main() -> None:
    """Write the page."""
    FILE.write_text(page(document.endpoints()), encoding="utf-8")


if __name__ == "__main__":
    main()
