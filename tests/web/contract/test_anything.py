# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whatever the document allows may be sent, and more: no answer is a fault of ours, and every refusal is JSON.

What is tried is made from the document that the node publishes, by rules that give the same on every run.
"""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from aiohttp.test_utils import TestServer
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from schemathesis.generation import GenerationMode

from tests.support import contract
from tests.support.builders import a_member, a_post
from tests.web.asking import HOST, Api
from web.mastodon.openapi import document
from web.mastodon.openapi.declarations import GROUPS

_LEFT_OUT = {"Streams"}
_TRIES = settings(
    max_examples=8,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    verbosity=Verbosity.quiet,
    suppress_health_check=list(HealthCheck),
)


def _operations(group: str) -> Iterator[Any]:
    schema = schemathesis.openapi.from_dict(document.document(f"https://{HOST}", document.endpoints()))
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.definition.raw["tags"] == [group]:
            yield operation


def _try_all(base: str, token: str, group: str) -> int:
    """Send what the document of a group allows, and some that it does not. Runs in a thread of its own."""
    count = 0
    sent = {"Host": HOST, "Authorization": f"Bearer {token}"}
    for operation in _operations(group):
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            if mode is GenerationMode.NEGATIVE and not (operation.query or operation.body):
                continue

            @_TRIES
            @given(case=operation.as_strategy(generation_mode=mode))
            def attempt(case: Any) -> None:
                nonlocal count
                count += 1
                answer = case.call(base_url=base, headers=sent, timeout=20)
                told = f"{answer.status_code} {case.as_curl_command()} {answer.text[:200]}"
                assert answer.status_code < 500 or answer.status_code == 503, told
                if answer.status_code not in (204, 304):
                    assert "json" in answer.headers["content-type"][0], told
                    contract.check(case.method, case.formatted_path, answer.status_code, answer.json())

            attempt()
    return count


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)  # the database has no part in this
@pytest.mark.parametrize("group", [name for name in GROUPS if name not in _LEFT_OUT])
async def test_nothing_that_may_be_sent_breaks_it(api: Api, group: str) -> None:
    ada = a_member(api.db, "ada")
    a_post(api.db, ada.actor)
    server = api.client.server
    assert isinstance(server, TestServer)

    count = await asyncio.to_thread(_try_all, f"http://127.0.0.1:{server.port}", api.token(ada), group)

    assert count > 10
