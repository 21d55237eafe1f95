# SPDX-License-Identifier: AGPL-3.0-or-later
"""What apps learn of the node before and after login."""

import pytest

from tests.web.asking import BASE, Api
from tests.web.mastodon.conftest import Person


async def test_version_2_has_what_apps_refuse_to_start_without(api: Api) -> None:
    answer = await api.get("/api/v2/instance")
    node = answer.json

    assert node["domain"] == "harbour.example"
    assert node["version"].startswith("4.5.0 (compatible; Alumnode ")
    assert node["thumbnail"]["url"].startswith(BASE)
    assert node["configuration"]["urls"]["streaming"] == "wss://harbour.example"
    assert node["configuration"]["statuses"]["max_characters"] == 5000
    assert node["configuration"]["polls"].keys() == {
        "max_options", "max_characters_per_option", "min_expiration", "max_expiration",
    }  # fmt: skip
    assert node["configuration"]["media_attachments"]["image_size_limit"] < 2**31
    assert node["registrations"]["enabled"] is False
    assert node["contact"]["email"] == "board@harbour.example"
    assert node["contact"]["account"]["acct"] == "association"
    assert node["api_versions"] == {"mastodon": 8, "alumnode": 1}
    assert answer.headers["Cache-Control"].startswith("public")


async def test_version_1_has_the_bare_domain(api: Api, ada: Person) -> None:
    node = (await api.get("/api/v1/instance")).json

    assert node["uri"] == "harbour.example"
    assert node["urls"] == {"streaming_api": "wss://harbour.example"}
    assert node["stats"] == {"user_count": 1, "status_count": 0, "domain_count": 0}
    assert node["max_toot_chars"] == 5000


@pytest.mark.parametrize(
    "path",
    [
        "announcements", "filters", "followed_tags", "featured_tags", "conversations", "suggestions", "trends",
        "trends/tags", "trends/statuses", "trends/links", "custom_emojis", "instance/rules", "instance/peers",
        "scheduled_statuses", "domain_blocks",
    ],
)  # fmt: skip
async def test_what_nobody_has_made_is_an_empty_list(api: Api, ada: Person, path: str) -> None:
    answer = await api.get(f"/api/v1/{path}", ada.token)

    assert (answer.status, answer.json) == (200, [])


async def test_apps_are_told_the_languages_of_posts(api: Api) -> None:
    found = (await api.get("/api/v1/instance/languages")).json

    assert {"code": "fr", "name": "French"} in found
    assert [one["code"] for one in found] == sorted({one["code"] for one in found})
    assert {len(one["code"]) for one in found} == {2}


async def test_answers_to_a_member_are_kept_by_no_cache(api: Api, ada: Person) -> None:
    answer = await api.get("/api/v1/accounts/verify_credentials", ada.token)

    assert answer.headers["Cache-Control"] == "private, no-store"


async def test_members_are_told_which_servers_are_blocked(api: Api) -> None:
    from node.federation import hosts
    from tests.support.builders import a_member

    api.db.write_now(hosts.block, "bad.example", "spam")

    [told] = (await api.get("/api/v1/instance/domain_blocks", api.token(a_member(api.db)))).json

    assert (told["domain"], told["severity"], told["comment"]) == ("bad.example", "suspend", None)
    assert len(told["digest"]) == 64
    assert (await api.get("/api/v1/instance/domain_blocks")).status == 401
