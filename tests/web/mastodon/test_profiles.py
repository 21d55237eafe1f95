# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pins, shown hashtags and reports, as apps use them."""

import pytest

from node import actors, moderation, relationships
from node.kernel.paging import Page
from tests.support.builders import a_post
from tests.web.asking import BASE, Api
from tests.web.mastodon.conftest import Person


async def test_a_pinned_status_is_marked_and_listed(api: Api, ada: Person) -> None:
    kept, other = a_post(api.db, ada.member.actor, "Keep"), a_post(api.db, ada.member.actor, "Other")

    pinned = await api.post(f"/api/v1/statuses/{kept}/pin", ada.token)

    assert (pinned.status, pinned.json["pinned"]) == (200, True)
    listed = await api.get(f"/api/v1/accounts/{ada.id}/statuses?pinned=true")
    assert [one["id"] for one in listed.json] == [str(kept)]
    everything = await api.get(f"/api/v1/accounts/{ada.id}/statuses", ada.token)
    assert {one["id"]: one["pinned"] for one in everything.json} == {str(kept): True, str(other): False}
    assert (await api.post(f"/api/v1/statuses/{kept}/unpin", ada.token)).json["pinned"] is False
    assert (await api.get(f"/api/v1/accounts/{ada.id}/statuses?pinned=1")).json == []


async def test_a_sixth_pin_is_refused(api: Api, ada: Person) -> None:
    for number in range(5):
        assert (
            await api.post(f"/api/v1/statuses/{a_post(api.db, ada.member.actor, f'P{number}')}/pin", ada.token)
        ).status == 200

    answer = await api.post(f"/api/v1/statuses/{a_post(api.db, ada.member.actor)}/pin", ada.token)

    assert answer.status == 422
    instance = (await api.get("/api/v2/instance")).json
    assert instance["configuration"]["accounts"]["max_pinned_statuses"] == 5


async def test_hashtags_are_shown_on_a_profile(api: Api, ada: Person) -> None:
    a_post(api.db, ada.member.actor, "A walk #HarbourDays #Rain")

    shown = await api.post("/api/v1/featured_tags", ada.token, json={"name": "#HarbourDays"})

    assert shown.status == 200
    assert shown.json["name"] == "HarbourDays"
    assert (shown.json["url"], shown.json["statuses_count"]) == (f"{BASE}/tags/harbourdays", "1")
    assert (await api.get(f"/api/v1/accounts/{ada.id}/featured_tags")).json == [shown.json]
    assert (await api.get("/api/v1/featured_tags", ada.token)).json == [shown.json]
    assert [tag["name"] for tag in (await api.get("/api/v1/featured_tags/suggestions", ada.token)).json] == ["rain"]
    gone = await api.ask("DELETE", f"/api/v1/featured_tags/{shown.json['id']}", token=ada.token)
    assert (gone.status, gone.json) == (200, {})
    assert (await api.get("/api/v1/featured_tags", ada.token)).json == []
    assert (await api.post("/api/v1/featured_tags", ada.token, json={"name": ""})).status == 422


@pytest.mark.parametrize("category", ["spam", "other", "nonsense", None])
async def test_a_report_is_taken(api: Api, ada: Person, ben: Person, category: str | None) -> None:
    post_id = a_post(api.db, ben.member.actor, "Rude")

    answer = await api.post(
        "/api/v1/reports",
        ada.token,
        json={
            "account_id": str(ben.id),
            "status_ids": [str(post_id)],
            "comment": "Rude",
            "category": category,
            "forward": True,
        },
    )

    assert answer.status == 200
    assert answer.json["target_account"]["acct"] == "ben"
    assert (answer.json["status_ids"], answer.json["forwarded"]) == ([str(post_id)], False)
    assert answer.json["category"] == ("spam" if category == "spam" else "other")
    assert answer.json["action_taken"] is False
    [case] = api.db.read_now(moderation.cases, Page(), resolved=False)
    assert case.report.comment == "Rude"


async def test_a_report_about_nobody_is_not_found(api: Api, ada: Person) -> None:
    assert (await api.post("/api/v1/reports", ada.token, json={"account_id": "12"})).status == 404
    assert (await api.post("/api/v1/reports", ada.token, json={})).status == 404


async def test_an_account_that_has_moved_says_where(api: Api, ada: Person, ben: Person) -> None:
    api.db.write_now(relationships.add_alias, ben.member.actor, ada.member.actor)
    api.db.write_now(lambda tx: relationships.move_away(tx, ada.member.actor, actors.get(tx.conn, ben.member.id)))

    for path, token in (
        (f"/api/v1/accounts/{ada.id}", None),
        ("/api/v1/accounts/lookup?acct=ada", None),
        ("/api/v1/accounts/verify_credentials", ada.token),
    ):
        answer = await api.get(path, token)
        assert answer.json["moved"]["acct"] == "ben", path
        assert answer.json["moved"]["moved"] is None
