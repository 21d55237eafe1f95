# SPDX-License-Identifier: AGPL-3.0-or-later
"""Passkeys: made, used alone and beside the password, and every answer that must open nothing."""

import html
import json
import re
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update
from webauthn.helpers import bytes_to_base64url

from node import access
from node.access import Ceremony, passkeys
from node.access.tables import passkey_challenges, recovery_codes, sessions
from node.access.tables import passkeys as kept
from node.kernel.errors import Conflict, Invalid
from node.members.tables import members as member_rows
from tests.support import letters
from tests.support.authenticator import Device
from tests.web.asking import BASE, HOST
from tests.web.pages.conftest import COOKIE, PASSWORD
from tests.web.pages.test_security import code, half_in, switched_on

NEW = "/settings/security/passkeys/new"


@pytest.fixture
def device():
    return Device(BASE, HOST)


def options(page):
    """What the page would have the browser hand to the device."""
    return html.unescape(re.search(r'data-options="([^"]*)"', page.text)[1])


async def added(browser, device, name="My telephone", **faults):
    answer = device.make(options(await browser.get(NEW)), **faults)
    return await browser.post("/settings/security/passkeys", credential=answer, name=name)


async def with_passkey(browser, member, device):
    """A member who has a passkey, and is logged out; their recovery codes."""
    await browser.log_in(member)
    page = await added(browser, device)
    browser.cookie = ""
    return re.findall(r"<code>([a-z2-9-]+)</code>", page.text)


async def asked(browser, device, next_page="/people", **faults):
    await browser.get(f"/login/passkey?next={next_page}")
    return await browser.post("/login/passkey", credential=device.sign(options(browser.page), **faults), next=next_page)


# -- making one -------------------------------------------------------------------------------------------------------


async def test_a_first_passkey_comes_with_recovery_codes_and_a_letter(services, browser, ada, device):
    letters.with_mail(services)
    await browser.log_in(ada)

    page = await added(browser, device)

    assert len(re.findall(r"<code>[a-z2-9-]+</code>", page.text)) == access.second_steps.CODES
    [(to, letter)] = letters.waiting(services)
    assert (to, letter["subject"]) == (ada.email, "A passkey has been added")
    assert "My telephone" in letter["paragraphs"][0]
    assert "My telephone" in (await browser.get("/settings/security")).words


async def test_the_question_names_the_node_and_tells_nothing_about_the_person(browser, ada, device):
    await browser.log_in(ada)

    question = json.loads(options(await browser.get(NEW)))

    assert question["rp"]["id"] == HOST
    assert question["authenticatorSelection"]["userVerification"] == "required"
    assert question["authenticatorSelection"]["residentKey"] == "required"
    assert str(ada.id) not in str(question["user"]["id"])


async def test_a_second_one_brings_no_new_codes_and_the_first_is_excluded(services, browser, ada, device):
    codes = await with_passkey(browser, ada, device)
    await asked(browser, device)
    await browser.get(NEW)
    assert [one["id"] for one in json.loads(options(browser.page))["excludeCredentials"]] == [
        json.loads(device.sign('{"challenge": ""}'))["id"]
    ]

    page = await added(browser, Device(BASE, HOST, number=2), "The key in the drawer")

    assert page.path == "/settings/security?done=passkey"
    await half_in(browser)
    assert (await browser.post("/login/code", code=codes[0])).path == "/people"


async def test_the_same_passkey_is_not_taken_twice(browser, ada, device):
    await browser.log_in(ada)
    await added(browser, device)

    assert (await added(browser, device)).status == 409


async def test_making_one_asks_for_the_password_anew(services, browser, ada, device):
    await browser.log_in(ada)
    await browser.get(NEW)
    answer = device.make(options(browser.page))
    services.db.write_now(lambda tx: tx.conn.execute(update(sessions).values(proved_at=tx.now - timedelta(minutes=16))))

    assert (await browser.get(NEW)).path == f"/settings/prove?next={NEW}"
    page = await browser.post("/settings/security/passkeys", credential=answer, name="x")
    assert page.path == f"/settings/prove?next={NEW}"
    assert (await browser.post("/settings/prove", password=PASSWORD, next=NEW)).path == NEW


@pytest.mark.parametrize(
    "fault",
    [
        {"origin": "https://elsewhere.example"},
        {"relying_party": "elsewhere.example"},
        {"verified": False},
        {"present": False},
        {"type": "webauthn.get"},
    ],
    ids=lambda fault: next(iter(fault)),
)
async def test_a_passkey_that_is_not_rightly_made_is_not_kept(services, browser, ada, device, fault):
    await browser.log_in(ada)

    assert (await added(browser, device, **fault)).status == 422

    assert services.db.read_now(access.passkeys_of, ada.id) == []
    assert not services.db.read_now(access.second_step_is_on, ada.id)


async def test_nobody_has_more_passkeys_than_can_be_looked_through(browser, ada, monkeypatch):
    monkeypatch.setattr(passkeys, "MAX_PASSKEYS", 2)
    await browser.log_in(ada)
    for number in (1, 2):
        await added(browser, Device(BASE, HOST, number=number))

    assert (await added(browser, Device(BASE, HOST, number=3))).status == 409


# -- logging in -------------------------------------------------------------------------------------------------------


async def test_a_passkey_opens_the_account_alone(services, browser, ada, device):
    await with_passkey(browser, ada, device)

    page = await asked(browser, device, "/people")

    assert (page.status, page.path) == (200, "/people")
    assert browser.cookie
    assert services.db.read_now(access.passkeys_of, ada.id)[0].used_at is not None


async def test_the_question_of_the_login_names_nobodys_passkeys(browser, ada, device):
    await with_passkey(browser, ada, device)

    question = json.loads(options(await browser.get("/login/passkey")))

    assert question.get("allowCredentials", []) == []
    assert question["rpId"] == HOST
    assert question["userVerification"] == "required"


async def test_beside_the_password_it_is_the_second_step(browser, ada, device):
    await with_passkey(browser, ada, device)

    page = await half_in(browser)

    assert page.path == "/login/code"
    assert browser.cookie == ""
    assert "authenticator app" not in page.words
    page = await browser.post("/login/code/passkey", credential=device.sign(options(page)))
    assert (page.status, page.path) == (200, "/people")


async def test_who_has_both_may_use_either(browser, ada, device):
    secret, _ = await switched_on(browser, ada)
    assert (await added(browser, device)).path == "/settings/security?done=passkey"
    page = await half_in(browser)
    assert (await browser.post("/login/code/passkey", credential=device.sign(options(page)))).path == "/people"
    await half_in(browser)

    assert (await browser.post("/login/code", code=code(secret))).path == "/people"


async def test_a_recovery_code_opens_for_those_who_have_passkeys_alone(browser, ada, device):
    codes = await with_passkey(browser, ada, device)
    await half_in(browser)

    assert (await browser.post("/login/code", code=codes[0])).path == "/people"

    await half_in(browser)
    assert (await browser.post("/login/code", code=codes[0])).status == 422


async def test_a_device_that_does_not_count_opens_again_and_again(browser, ada):
    device = Device(BASE, HOST, counts=False)
    await with_passkey(browser, ada, device)
    assert (await asked(browser, device)).status == 200
    browser.cookie = ""

    assert (await asked(browser, device)).status == 200


async def test_whoever_is_suspended_does_not_get_in(services, browser, ada, device):
    await with_passkey(browser, ada, device)
    services.db.write_now(lambda tx: tx.conn.execute(update(member_rows).values(suspended_at=tx.now)))

    assert (await asked(browser, device)).status == 422
    assert browser.cookie == ""


async def test_it_leads_back_to_the_app_that_signs_in_in_its_language(services, browser, ada, device):
    await with_passkey(browser, ada, device)
    app = {"client_name": "Ice", "redirect_uris": "icecubesapp://", "scopes": "read"}
    async with browser.client.post("/api/v1/apps", json=app, headers={"Host": HOST}) as answer:
        client_id = (await answer.json())["client_id"]
    wish = f"response_type=code&client_id={client_id}&redirect_uri=icecubesapp%3A%2F%2F&scope=read&lang=fr"
    page = await browser.get(f"/oauth/authorize?{wish}")
    assert 'lang="fr"' in page.text
    link = html.unescape(re.search(r'href="(/login/passkey[^"]*)"', page.text)[1])

    page = await browser.get(link)
    assert 'lang="fr"' in page.text
    back = html.unescape(re.search(r'name="next" value="([^"]*)"', page.text)[1])
    page = await browser.post("/login/passkey", credential=device.sign(options(page)), next=back)

    assert page.path.startswith("/oauth/authorize?")
    assert 'lang="fr"' in page.text
    assert 'name="decision"' in page.text


# -- what must open nothing -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        {"origin": "https://elsewhere.example"},
        {"origin": f"{BASE}.elsewhere.example"},
        {"relying_party": "elsewhere.example"},
        {"verified": False},
        {"present": False},
        {"type": "webauthn.create"},
        {"signature": b"\x30\x06\x02\x01\x01\x02\x01\x01"},
        {"signature": b""},
        {"user_handle": "c29tZWJvZHkgZWxzZQ"},
        {"user_handle": ""},
        {"count": 0},
    ],
    ids=lambda fault: "-".join(map(str, next(iter(fault.items()))))[:40],
)
async def test_an_answer_with_a_fault_opens_nothing(browser, ada, device, fault):
    await with_passkey(browser, ada, device)
    await asked(browser, device)
    browser.cookie = ""

    page = await asked(browser, device, **fault)

    assert (page.status, browser.cookie) == (422, "")


async def test_an_answer_is_good_once(browser, ada, device):
    await with_passkey(browser, ada, device)
    answer = device.sign(options(await browser.get("/login/passkey")))
    secret = browser.others[f"{COOKIE}-passkey"]
    assert (await browser.post("/login/passkey", credential=answer)).status == 200
    browser.cookie, browser.others[f"{COOKIE}-passkey"] = "", secret

    page = await browser.post("/login/passkey", credential=answer)

    assert (page.status, browser.cookie) == (422, "")


async def test_a_refused_answer_uses_the_challenge_up(services, browser, ada, device):
    await with_passkey(browser, ada, device)
    question = options(await browser.get("/login/passkey"))
    await browser.post("/login/passkey", credential=device.sign(question, verified=False))

    page = await browser.post("/login/passkey", credential=device.sign(question))

    assert (page.status, "sent already" in page.words) == (422, True)


async def test_a_challenge_is_good_for_five_minutes(services, browser, ada, device):
    await with_passkey(browser, ada, device)
    question = options(await browser.get("/login/passkey"))
    services.db.write_now(
        lambda tx: tx.conn.execute(update(passkey_challenges).values(created_at=tx.now - timedelta(minutes=6)))
    )

    assert (await browser.post("/login/passkey", credential=device.sign(question))).status == 422


async def test_challenges_that_nobody_answered_are_swept(services, browser):
    await browser.get("/login/passkey")
    services.db.write_now(
        lambda tx: tx.conn.execute(update(passkey_challenges).values(created_at=tx.now - timedelta(minutes=6)))
    )

    await browser.get("/login/passkey")

    assert services.db.read_now(lambda conn: conn.scalar(select(func.count()).select_from(passkey_challenges))) == 1


async def test_a_challenge_is_for_the_browser_that_was_asked(browser, ada, device):
    await with_passkey(browser, ada, device)
    question = options(await browser.get("/login/passkey"))
    browser.others[f"{COOKIE}-passkey"] = "of another browser"

    assert (await browser.post("/login/passkey", credential=device.sign(question))).status == 422


async def test_a_challenge_is_for_one_ceremony(services, browser, ada, device):
    await with_passkey(browser, ada, device)
    bound_to = access.digest("a browser")
    question = services.db.write_now(access.begin_passkey, Ceremony.PROVE, bound_to, ada.id)
    answer = access.read_passkey(device.sign(question))

    assert not services.db.write_now(access.use_passkey_challenge, Ceremony.LOG_IN, bound_to, answer)
    assert services.db.write_now(access.use_passkey_challenge, Ceremony.PROVE, bound_to, answer)


async def test_a_passkey_of_somebody_else_is_no_second_step(browser, ada, ben, device):
    await with_passkey(browser, ada, device)
    other = Device(BASE, HOST, number=2)
    await with_passkey(browser, ben, other)
    page = await half_in(browser)
    question = json.loads(options(page))

    page = await browser.post(
        "/login/code/passkey", credential=other.sign(json.dumps({"challenge": question["challenge"]}))
    )

    assert (page.status, browser.cookie) == (422, "")


async def test_the_second_step_cannot_be_tried_without_end(browser, ada, device):
    await with_passkey(browser, ada, device)
    await half_in(browser)
    for _ in range(10):
        await browser.post("/login/code/passkey", credential="{}")

    assert (await browser.post("/login/code/passkey", credential="{}")).status == 429


async def test_without_half_a_login_there_is_no_second_step(browser, ada, device):
    await with_passkey(browser, ada, device)
    browser.others.clear()

    assert (await browser.post("/login/code/passkey", credential="{}")).path == "/login"


@pytest.mark.parametrize("path", ["/login/passkey", "/settings/prove/passkey", "/settings/security/passkeys"])
async def test_what_is_no_answer_is_refused_in_words(browser, ada, path):
    await browser.log_in(ada)
    for bent in ("", "x", "[]", "{}", "null", '{"response": 1}', "[" * 5000, "x" * 20_000):
        await browser.get("/settings/security")

        page = await browser.post(path, credential=bent, name="x")

        assert (page.status, "passkey" in page.words) == (422, True)


MADE = ("attestationObject", "clientDataJSON", "rawId", "id", "type", "response")
SIGNED = ("authenticatorData", "signature", "clientDataJSON", "userHandle", "rawId", "id", "type", "response")
BENT = st.one_of(
    st.none(), st.integers(), st.text(max_size=40), st.binary(max_size=200).map(bytes_to_base64url), st.lists(st.none())
)


def bend(answer, place, value):
    """The answer with another value in one place."""
    sent = json.loads(answer)
    (sent["response"] if place in sent["response"] else sent)[place] = value
    return json.dumps(sent)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(made=st.sampled_from(MADE), signed=st.sampled_from(SIGNED), value=BENT)
def test_a_bent_answer_opens_nothing_and_breaks_nothing(services, ada, made, signed, value):
    db, device = services.db, Device(BASE, HOST, counts=False)

    bent = bend(device.make(db.write_now(access.begin_adding_passkey, ada.id, "x")), made, value)
    with pytest.raises((Invalid, Conflict)):
        db.write_now(lambda tx: access.add_passkey(tx, ada.id, access.read_passkey(bent), "x"))

    if not db.read_now(access.passkeys_of, ada.id):
        whole = access.read_passkey(device.make(db.write_now(access.begin_adding_passkey, ada.id, "x")))
        db.write_now(access.add_passkey, ada.id, whole, "x")
    device.make(db.write_now(access.begin_adding_passkey, ada.id, "x"))
    bent = bend(device.sign(db.write_now(access.begin_passkey, Ceremony.LOG_IN, "x")), signed, value)
    try:
        answer = access.read_passkey(bent)
    except Invalid:
        return
    assert db.write_now(access.prove_by_passkey, answer) is None


async def test_another_site_cannot_send_the_forms(services, browser, ada, device):
    await browser.log_in(ada)
    answer = device.make(options(await browser.get(NEW)))

    page = await browser.post("/settings/security/passkeys", credential=answer, name="x", origin="https://evil.example")

    assert page.status == 403
    assert services.db.read_now(access.passkeys_of, ada.id) == []


# -- proving oneself --------------------------------------------------------------------------------------------------


async def test_a_passkey_proves_who_sits_there(services, browser, ada, device):
    await browser.log_in(ada)
    await added(browser, device)
    services.db.write_now(lambda tx: tx.conn.execute(update(sessions).values(proved_at=tx.now - timedelta(minutes=16))))
    page = await browser.get(NEW)
    question = options(page)
    refused = await browser.post("/settings/prove/passkey", credential=device.sign(question, verified=False), next=NEW)
    assert refused.status == 422

    page = await browser.post("/settings/prove/passkey", credential=device.sign(options(refused)), next=NEW)

    assert page.path == NEW


# -- the list ---------------------------------------------------------------------------------------------------------


async def one_of(services, member):
    return services.db.read_now(access.passkeys_of, member.id)[0].id


async def test_a_removed_passkey_opens_nothing_and_the_codes_go_with_the_last(services, browser, ada, device):
    letters.with_mail(services)
    await browser.log_in(ada)
    await added(browser, device)
    await browser.get("/settings/security")

    page = await browser.post(f"/settings/security/passkeys/{await one_of(services, ada)}/remove")

    assert page.path == "/settings/security?done=ended"
    assert letters.waiting(services)[-1][1]["subject"] == "A passkey has been removed"
    assert services.db.read_now(lambda conn: conn.scalar(select(func.count()).select_from(recovery_codes))) == 0
    browser.cookie = ""
    assert (await asked(browser, device)).status == 422
    assert (await half_in(browser)).path == "/people"


async def test_with_the_app_turned_off_passkeys_and_codes_stay(services, browser, ada, device):
    letters.with_mail(services)
    await switched_on(browser, ada)
    await added(browser, device)
    await browser.get("/settings/security")

    await browser.post("/settings/security/off")

    assert [letter["subject"] for _, letter in letters.waiting(services)] == [
        "An authenticator app has been added",
        "A passkey has been added",
        "The authenticator app has been removed",
    ]
    assert services.db.read_now(access.recovery_codes_left, ada.id) == access.second_steps.CODES
    assert (await half_in(browser)).path == "/login/code"


async def test_a_passkey_is_called_something_else(services, browser, ada, device):
    await browser.log_in(ada)
    await added(browser, device, "")
    number = await one_of(services, ada)
    await browser.get("/settings/security")

    page = await browser.post(f"/settings/security/passkeys/{number}/rename", name="  Blue <b>key</b> ")

    assert page.path == "/settings/security?done=saved"
    assert "Blue <b>key</b>" in page.words
    assert (await browser.post(f"/settings/security/passkeys/{number}/rename", name=" ")).status == 422


@pytest.mark.parametrize("what", ["rename", "remove"])
async def test_passkeys_of_others_are_not_there(services, browser, ada, ben, device, what):
    await with_passkey(browser, ada, device)
    number = await one_of(services, ada)
    await browser.log_in(ben)

    for one in (number, 1):
        await browser.get("/settings/security")
        assert (await browser.post(f"/settings/security/passkeys/{one}/{what}", name="mine")).status == 404

    assert services.db.read_now(access.passkeys_of, ada.id)[0].name == "My telephone"


async def test_removing_one_asks_for_the_password_anew(services, browser, ada, device):
    await browser.log_in(ada)
    await added(browser, device)
    await browser.get("/settings/security")
    services.db.write_now(lambda tx: tx.conn.execute(update(sessions).values(proved_at=tx.now - timedelta(minutes=16))))

    page = await browser.post(f"/settings/security/passkeys/{await one_of(services, ada)}/remove")

    assert page.path == "/settings/prove?next=/settings/security"
    assert len(services.db.read_now(access.passkeys_of, ada.id)) == 1


@pytest.mark.parametrize("path", [NEW, "/settings/security"])
async def test_these_pages_are_for_members(browser, path):
    assert (await browser.get(path)).path.startswith("/login?next=")


async def test_what_is_kept_opens_nothing(services, browser, ada, device):
    await with_passkey(browser, ada, device)

    row = services.db.read_now(lambda conn: conn.execute(select(kept)).one())

    private = device.key.private_numbers().private_value.to_bytes(32, "big")
    assert private not in bytes(row.public_key)
    assert services.db.read_now(lambda conn: conn.execute(select(passkey_challenges)).all()) == []


async def test_where_no_scripts_run_the_pages_say_so(browser, ada, device):
    await browser.log_in(ada)
    for page in (await browser.get(NEW), await browser.get("/login/passkey")):
        assert re.search(r"<noscript>.*your password.*</noscript>", page.text, re.DOTALL)
