# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the association says, as apps are told: rules, texts, announcements, and how members answer those."""

from datetime import timedelta
from urllib.parse import quote

import pytest

from node import instance
from node.instance import TextKind, Wording
from node.kernel import clock
from tests.support.builders import a_post
from tests.web.asking import Api
from tests.web.mastodon.conftest import Person

ADMIN = {"admin"}


async def test_the_rules_stand_in_their_order_and_in_both_documents_at_once(api: Api) -> None:
    assert (await api.get("/api/v2/instance")).json["rules"] == []
    first = api.db.write_now(instance.add_rule, ADMIN, "Be kind.", "To newcomers, too.")
    second = api.db.write_now(instance.add_rule, ADMIN, "No advertising.")

    found = (await api.get("/api/v1/instance/rules")).json
    assert found[0] == {"id": str(first), "text": "Be kind.", "hint": "To newcomers, too.", "translations": {}}
    assert [one["id"] for one in found] == [str(first), str(second)]

    api.db.write_now(instance.remove_rule, ADMIN, first)
    assert [one["id"] for one in (await api.get("/api/v1/instance/rules")).json] == [str(second)]


async def test_a_report_names_the_rules_that_are_broken(api: Api, ada: Person, ben: Person) -> None:
    rule = api.db.write_now(instance.add_rule, ADMIN, "Be kind.")
    given = {"account_id": ben.id, "category": "violation", "rule_ids": [str(rule), "12"]}

    answer = await api.post("/api/v1/reports", ada.token, json=given)

    assert (answer.status, answer.json["rule_ids"]) == (200, [str(rule)])


async def test_texts_are_not_there_until_they_are_written(api: Api) -> None:
    for path in ("privacy_policy", "terms_of_service", "terms_of_service/2026-01-01", "terms_of_service/never"):
        assert (await api.get(f"/api/v1/instance/{path}")).status == 404
    urls = (await api.get("/api/v2/instance")).json["configuration"]["urls"]
    assert (urls["privacy_policy"], urls["terms_of_service"]) == (None, None)


async def test_a_text_is_markdown_without_html(api: Api) -> None:
    source = "# Data\n\n**Nothing** is sold. <script>alert(1)</script> [bad](javascript:alert(1))"
    api.db.write_now(instance.write_text, ADMIN, TextKind.PRIVACY, source)

    content = (await api.get("/api/v1/instance/privacy_policy")).json["content"]

    assert "<strong>Nothing</strong>" in content
    assert "<script" not in content
    assert "href" not in content


async def test_terms_have_versions_by_day(api: Api) -> None:
    today = clock.now().date()
    later = today + timedelta(days=30)
    api.db.write_now(instance.write_text, ADMIN, TextKind.TERMS, "Old")
    api.db.write_now(instance.write_text, ADMIN, TextKind.TERMS, "New", later.isoformat())

    now = (await api.get("/api/v1/instance/terms_of_service")).json
    assert (now["effective_date"], now["effective"], now["content"]) == (today.isoformat(), True, "<p>Old</p>")
    assert now["succeeded_by"] == later.isoformat()
    coming = (await api.get(f"/api/v1/instance/terms_of_service/{later}")).json
    assert (coming["effective"], coming["content"], coming["succeeded_by"]) == (False, "<p>New</p>", None)


async def test_the_description_at_length_is_the_short_one_until_there_is_another(api: Api) -> None:
    before = (await api.get("/api/v1/instance/extended_description")).json["content"]
    api.db.write_now(instance.write_text, ADMIN, TextKind.DESCRIPTION, "Founded in *1901*.")

    after = (await api.get("/api/v1/instance/extended_description")).json["content"]

    assert after == "<p>Founded in <em>1901</em>.</p>" != before


async def test_twelve_weeks_are_counted(api: Api, ada: Person) -> None:
    a_post(api.db, ada.member.actor, "Hello")

    weeks = (await api.get("/api/v1/instance/activity")).json

    assert len(weeks) == 12
    assert weeks[0] == {"week": weeks[0]["week"], "statuses": "1", "logins": "0", "registrations": "1"}
    assert weeks[11]["statuses"] == "0"


async def test_an_announcement_is_shown_until_it_was_read(api: Api, ada: Person, ben: Person) -> None:
    number = api.db.write_now(instance.announce, ADMIN, Wording(text="We meet <soon>."))

    [shown] = (await api.get("/api/v1/announcements", ada.token)).json
    assert (shown["id"], shown["content"], shown["read"]) == (str(number), "<p>We meet &lt;soon&gt;.</p>", False)

    for _ in range(2):
        answer = await api.post(f"/api/v1/announcements/{number}/dismiss", ada.token)
        assert (answer.status, answer.json) == (200, {})
    assert (await api.get("/api/v1/announcements", ada.token)).json == []
    [again] = (await api.get("/api/v1/announcements?with_dismissed=true", ada.token)).json
    assert again["read"] is True
    assert len((await api.get("/api/v1/announcements", ben.token)).json) == 1
    assert (await api.post("/api/v1/announcements/12/dismiss", ada.token)).status == 404


async def test_an_announcement_is_over_with_its_last_day(api: Api, ada: Person) -> None:
    now = clock.now()
    for hours, all_day in ((-1, False), (-1, True), (-25, True)):
        ends = now + timedelta(hours=hours)
        wording = Wording(text=f"{hours} {all_day}", starts_at=ends, ends_at=ends, all_day=all_day)
        api.db.write_now(instance.announce, ADMIN, wording)

    [shown] = (await api.get("/api/v1/announcements", ada.token)).json

    assert (shown["content"], shown["all_day"]) == ("<p>-1 True</p>", True)


async def test_members_answer_with_emoji(api: Api, ada: Person, ben: Person) -> None:
    number = api.db.write_now(instance.announce, ADMIN, Wording(text="We won."))
    path = f"/api/v1/announcements/{number}/reactions/{quote('🎉')}"
    for who in (ada, ada, ben):
        assert (await api.ask("PUT", path, token=who.token)).json == {}

    [shown] = (await api.get("/api/v1/announcements", ada.token)).json
    assert shown["reactions"] == [{"name": "🎉", "count": 2, "me": True}]

    assert (await api.ask("DELETE", path, token=ada.token)).json == {}
    [shown] = (await api.get("/api/v1/announcements", ada.token)).json
    assert shown["reactions"] == [{"name": "🎉", "count": 1, "me": False}]
    assert (await api.ask("DELETE", path, token=ada.token)).status == 404


@pytest.mark.parametrize("name", ["x", "🎉🎉", "1", "blobcat"])
async def test_what_is_no_emoji_is_refused(api: Api, ada: Person, name: str) -> None:
    number = api.db.write_now(instance.announce, ADMIN, Wording(text="We won."))

    answer = await api.ask("PUT", f"/api/v1/announcements/{number}/reactions/{quote(name)}", token=ada.token)

    assert answer.status == 422


@pytest.mark.parametrize("name", ["👍🏽", "❤️", "🇫🇷", "3️⃣", "👩‍👩‍👧", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"])
async def test_every_kind_of_emoji_is_taken_and_no_more_than_eight(api: Api, ada: Person, name: str) -> None:
    number = api.db.write_now(instance.announce, ADMIN, Wording(text="We won."))
    for one in "😀😁😂😃😄😅😆":
        api.db.write_now(instance.react, ada.member.id, number, one)

    answer = await api.ask("PUT", f"/api/v1/announcements/{number}/reactions/{quote(name)}", token=ada.token)
    further = await api.ask("PUT", f"/api/v1/announcements/{number}/reactions/{quote('🐦')}", token=ada.token)

    assert (answer.status, further.status) == (200, 422)
