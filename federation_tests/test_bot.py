# SPDX-License-Identifier: AGPL-3.0-or-later
"""The bot of docs/developers/bots.md, word for word, at work: it posts, and answers somebody of another school."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from mastodon import Mastodon

from federation_tests.harness.clients import follow, notified
from federation_tests.harness.environments import bovine_python
from federation_tests.harness.network import Network
from federation_tests.harness.node import Account, Node
from federation_tests.harness.processes import Server
from federation_tests.harness.waiting import eventually

PAGE = Path(__file__).parents[1] / "docs/developers/bots.md"


@pytest.fixture
def archive(harbour: Node) -> Account:
    return harbour.add_member("archive")


@pytest.fixture
def bot(network: Network, harbour: Node, archive: Account, tmp_path: Path) -> Iterator[Server]:
    """The program of the page as a process of its own."""
    [code] = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len([line for line in code.splitlines() if line.strip()]) <= 35
    script = tmp_path / "bot.py"
    script.write_text(code, encoding="utf-8")
    token = harbour.run("token", "create", archive.username, "--scopes", "read write:statuses")
    env = {**network.python_client_env, "ACTOR": harbour.actor_id(archive.username), "TOKEN": token}
    app = harbour.app(archive.username)
    server = Server(
        "bot",
        [bovine_python(), script],
        env=env,
        cwd=tmp_path,
        log=network.folder / "bot.log",
        ready=lambda: app.me().statuses_count > 0,
    )
    server.start()
    yield server
    server.stop()


def test_the_bot_posts_and_answers(
    tilleuls: Node, camille: Account, harbour: Node, archive: Account, bot: Server
) -> None:
    app: Mastodon = tilleuls.app(camille.username)
    [posted] = harbour.app(archive.username).account_statuses(harbour.app(archive.username).me().id)
    assert "The archive is open" in posted.content
    follow(app, archive.handle)

    asked = app.status_post(f"@{archive.handle} Do you have the class photograph of 1998?", visibility="direct")

    answer = notified(app, "mention", archive.handle).status
    assert answer.in_reply_to_id == asked.id
    assert answer.visibility == "direct"
    assert "I have passed it on." in answer.content
    assert bot.running
    eventually(lambda: app.status_context(asked.id).descendants, within=10, until=lambda found: len(found) == 1)
