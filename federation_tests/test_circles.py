# SPDX-License-Identifier: AGPL-3.0-or-later
"""Camille writes to her class, to her school, and to the partner schools; Amara, at a partner, reads the last alone."""

from typing import Any

import pytest
import requests
from mastodon import Mastodon

from federation_tests.harness.clients import found, here, never_on_home, on_home
from federation_tests.harness.node import Account, Node
from federation_tests.harness.waiting import eventually


@pytest.fixture(scope="module")
def partners(tilleuls: Node, harbour: Node) -> None:
    """Each association has named the other: both follow, and both have accepted."""
    tilleuls.run("partner", "add", harbour.association)
    harbour.run("partner", "add", tilleuls.association)
    for node in (tilleuls, harbour):
        eventually(lambda node=node: node.run("partner", "list"), within=10, until=lambda said: "active" in said)


@pytest.fixture(scope="module")
def reader(partners: None, tilleuls: Node, harbour: Node, camille: Account, amara: Account) -> Mastodon:
    """Amara's app; she follows Camille, so that only the circle decides."""
    app = harbour.app(amara.username)
    camilles = found(app, camille.handle)
    app.account_follow(camilles.id)
    eventually(lambda: app.account_relationships([camilles.id])[0].following, within=10)
    return app


def posted(node: Node, who: Account, text: str, circle: str) -> Any:
    """Mastodon.py lets no other words through than Mastodon's, so this asks by itself."""
    headers = {"Authorization": f"Bearer {node.token(who.username)}"}
    given = {"status": text, "visibility": "private", "circle": circle}
    answer = requests.post(f"{node.url}/api/v1/statuses", json=given, headers=headers, timeout=10)
    assert answer.ok, answer.text
    assert answer.json()["alumnode"] == {"circle": circle}
    return answer.json()


def test_what_is_for_partner_schools_is_read_there(
    reader: Mastodon, tilleuls: Node, harbour: Node, camille: Account
) -> None:
    kofi = harbour.add_member("kofi_circles", class_year=2001)

    status = posted(tilleuls, camille, "Entre écoles", "partners")

    seen = on_home(reader, status["uri"])
    assert seen.visibility == "private"
    assert seen["alumnode"]["circle"] == "partners"
    assert here(harbour.app(kofi.username), status["uri"]).content == seen.content


def test_what_is_for_the_class_or_the_school_is_not(reader: Mastodon, tilleuls: Node, camille: Account) -> None:
    own = [posted(tilleuls, camille, "Entre nous", circle) for circle in ("class", "school")]
    marker = tilleuls.app(camille.username).status_post("Bonjour à tous")

    on_home(reader, marker.uri)
    for status in own:
        assert never_on_home(reader, status["uri"])
        assert reader.search_v2(status["uri"], resolve=True).statuses == []


def test_an_answer_from_the_partner_comes_back_into_the_circle(
    reader: Mastodon, tilleuls: Node, camille: Account
) -> None:
    camilles = tilleuls.app(camille.username)
    status = posted(tilleuls, camille, "Qui vient en juin ?", "partners")
    seen = on_home(reader, status["uri"])

    answer = reader.status_post(f"@{camille.handle} We do.", in_reply_to_id=seen.id, visibility="private")

    def arrived() -> list[Any]:
        return [one for one in camilles.status_context(status["id"]).descendants if one.uri == answer.uri]

    [back] = eventually(arrived, within=10)
    assert back["alumnode"]["circle"] == "partners"
