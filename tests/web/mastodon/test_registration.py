# SPDX-License-Identifier: AGPL-3.0-or-later
"""Signing up through an app: what is refused and how, and what the token opens before and after the address is proved."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from node import access, members, roster
from node.kernel import clock
from node.kernel.errors import NotFound
from tests.support import letters
from tests.support.builders import a_member
from tests.web.asking import Api
from web.mastodon.instance import INSTANCE

GOOD = {
    "username": "nina",
    "email": "nina@mail.example",
    "password": "a quiet harbour at dawn",
    "agreement": "true",
    "locale": "fr-CA",
    "reason": "I was in the choir.",
}


async def _signed_up(api: Api, **changed: str) -> Any:
    return await api.post("/api/v1/accounts", api.token(None), data={**GOOD, **changed})


async def test_a_newcomer_is_let_in_by_the_link_in_the_letter(api: Api) -> None:
    letters.with_mail(api.services, "open")

    answer = await _signed_up(api)

    assert answer.status == 200, answer.text
    assert answer.json.keys() == {"access_token", "token_type", "scope", "created_at"}
    token = answer.json["access_token"]
    me = await api.get("/api/v1/accounts/verify_credentials", token)
    assert (me.status, me.json["username"]) == (200, "nina")
    closed = await api.get("/api/v1/timelines/home", token)
    assert (closed.status, closed.json) == (403, {"error": "Your login is missing a confirmed e-mail address"})
    assert (await api.get("/api/v1/emails/check_confirmation", token)).json is False
    assert (await api.get("/api/v1/accounts/lookup", params={"acct": "nina"})).status == 404
    [(to, letter)] = letters.waiting(api.services)
    assert (to, letter["locale"]) == ("nina@mail.example", "fr")
    link = letter["link"].rpartition("/")[2]

    await api.db.write(access.confirm_by_link, link)

    assert (await api.get("/api/v1/timelines/home", token)).status == 200
    assert (await api.get("/api/v1/emails/check_confirmation", token)).json is True
    assert (await api.get("/api/v1/accounts/lookup", params={"acct": "nina"})).status == 200


async def test_where_the_staff_decides_a_newcomer_waits_for_it(api: Api) -> None:
    letters.with_mail(api.services, "approval")
    token = (await _signed_up(api)).json["access_token"]
    [(_, letter)] = letters.waiting(api.services)
    nina = await api.db.write(access.confirm_by_link, letter["link"].rpartition("/")[2])

    closed = await api.get("/api/v1/timelines/home", token)

    assert (closed.status, closed.json) == (403, {"error": "Your login is currently pending approval"})
    secretary = a_member(api.db, roles=("secretary",))
    waiting = api.db.read_now(roster.waiting, secretary)
    assert [one.reason for one, _ in waiting] == ["I was in the choir."]
    await api.db.write(members.approve, nina)
    assert (await api.get("/api/v1/timelines/home", token)).status == 200


async def test_in_testing_the_token_works_at_once(api: Api) -> None:
    letters.with_mail(api.services, "approval")
    api.services.settings = replace(api.services.settings, testing=True)

    token = (await _signed_up(api)).json["access_token"]

    assert (await api.get("/api/v1/timelines/home", token)).status == 200
    assert letters.waiting(api.services) == []


async def test_nobody_signs_up_where_it_is_closed(api: Api) -> None:
    answer = await _signed_up(api)

    assert (answer.status, answer.json) == (403, {"error": "This action is not allowed"})


async def test_an_app_without_a_token_or_the_scope_signs_nobody_up(api: Api) -> None:
    letters.with_mail(api.services, "open")

    assert (await api.post("/api/v1/accounts", data=GOOD)).status == 401
    reading = api.token(None, scopes=("read",))
    assert (await api.post("/api/v1/accounts", reading, data=GOOD)).status == 403


@pytest.mark.parametrize(
    ("changed", "field", "error"),
    [
        ({"username": ""}, "username", "ERR_BLANK"),
        ({"username": "ni na"}, "username", "ERR_INVALID"),
        ({"username": "admin"}, "username", "ERR_RESERVED"),
        ({"username": "ADA"}, "username", "ERR_TAKEN"),
        ({"email": "nowhere"}, "email", "ERR_INVALID"),
        ({"email": "Ada@Mail.example"}, "email", "ERR_TAKEN"),
        ({"password": "short"}, "password", "ERR_TOO_SHORT"),
        ({"password": "x" * 201}, "password", "ERR_TOO_LONG"),
        ({"password": "aaaaaaaaaaaa"}, "password", "ERR_INVALID"),
        ({"agreement": "false"}, "agreement", "ERR_ACCEPTED"),
        ({"reason": " "}, "reason", "ERR_BLANK"),
        ({"date_of_birth": ""}, "date_of_birth", "ERR_BLANK"),
        ({"date_of_birth": "long ago"}, "date_of_birth", "ERR_INVALID"),
        ({"date_of_birth": "2020-02-30"}, "date_of_birth", "ERR_INVALID"),
        ({"date_of_birth": "2024-01-01"}, "date_of_birth", "ERR_BELOW_LIMIT"),
    ],
)
async def test_what_is_wrong_is_told_field_by_field(api: Api, changed: dict[str, str], field: str, error: str) -> None:
    letters.with_mail(api.services, "approval", minimum_age=16)
    a_member(api.db, "ada")

    answer = await _signed_up(api, **{"date_of_birth": "1990-01-01", **changed})

    assert answer.status == 422
    assert answer.json["error"].startswith("Validation failed: ")
    assert list(answer.json["details"]) == [field]
    assert [one["error"] for one in answer.json["details"][field]] == [error]
    assert answer.json["details"][field][0]["description"]


async def test_of_the_young_the_day_is_kept_on_which_they_come_of_age(api: Api) -> None:
    letters.with_mail(api.services, "open", minimum_age=15)
    today = clock.now().date()
    born = date(today.year - 16, 1, 1)

    for name, day, kept in (("nina", born, date(born.year + 18, 1, 1)), ("olga", date(1990, 1, 1), None)):
        await _signed_up(api, username=name, email=f"{name}@mail.example", date_of_birth=day.isoformat())
        member = api.db.read_now(members.by_login, name)
        assert member is not None
        assert member.adult_on == kept


async def test_everything_that_is_wrong_is_told_at_once(api: Api) -> None:
    letters.with_mail(api.services, "open")

    answer = await api.post("/api/v1/accounts", api.token(None), json={})

    assert answer.json["details"].keys() == {"username", "email", "password", "agreement"}


async def test_the_letter_is_sent_again_to_another_address(api: Api) -> None:
    letters.with_mail(api.services, "open")
    token = (await _signed_up(api)).json["access_token"]

    answer = await api.post("/api/v1/emails/confirmations", token, data={"email": "other@mail.example"})

    assert (answer.status, answer.json) == (200, {})
    [(_, first), (to, second)] = letters.waiting(api.services)
    assert to == "other@mail.example"
    with pytest.raises(NotFound):
        await api.db.write(access.confirm_by_link, first["link"].rpartition("/")[2])
    await api.db.write(access.confirm_by_link, second["link"].rpartition("/")[2])
    late = await api.post("/api/v1/emails/confirmations", token)
    assert (late.status, late.json) == (
        403,
        {"error": "This method is only available while the e-mail is awaiting confirmation"},
    )


async def test_another_app_cannot_have_the_letter_sent_again(api: Api) -> None:
    letters.with_mail(api.services, "open")
    await _signed_up(api)
    nina = api.db.read_now(members.by_login, "nina")

    answer = await api.post("/api/v1/emails/confirmations", api.token(nina))

    assert answer.status == 403
    assert "originally signed-up with" in answer.json["error"]


async def test_a_mailbox_gets_few_letters(api: Api) -> None:
    letters.with_mail(api.services, "open")
    token = (await _signed_up(api)).json["access_token"]

    answers = [(await api.post("/api/v1/emails/confirmations", token)).status for _ in range(6)]

    assert answers == [200, 200, 200, 200, 200, 429]


@pytest.mark.parametrize("mode", ["closed", "approval", "open"])
async def test_the_instance_says_whether_one_can_sign_up(api: Api, mode: str) -> None:
    letters.with_mail(api.services, mode)
    api.app[INSTANCE]._until = 0.0

    new = (await api.get("/api/v2/instance")).json["registrations"]
    old = (await api.get("/api/v1/instance")).json

    assert (new["enabled"], new["approval_required"]) == (mode != "closed", mode == "approval")
    assert (old["registrations"], old["approval_required"]) == (mode != "closed", mode == "approval")


async def test_whoever_signs_up_in_an_app_gets_a_link_to_say_who_they_were(api: Api) -> None:
    letters.with_mail(api.services, "approval")
    await _signed_up(api)
    [(_, letter)] = letters.waiting(api.services)
    nina = await api.db.write(access.confirm_by_link, letter["link"].rpartition("/")[2])

    [claim] = [letter for to, letter in letters.waiting(api.services) if "/sign-up/answer/" in letter["link"]]

    found = await api.db.read(access.find_link, access.Purpose.NEWCOMER, claim["link"].rpartition("/")[2])
    assert found.member.id == nina.id
    assert claim["locale"] == "fr"
