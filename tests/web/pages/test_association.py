# SPDX-License-Identifier: AGPL-3.0-or-later
"""Administrators write on the pages what the association says."""

from datetime import UTC, datetime, timedelta

import pytest

from node import instance
from node.instance import TextKind
from node.kernel import clock
from tests.support.builders import a_member

ADMIN = frozenset({"admin"})


@pytest.fixture
async def admin(services, browser, password_hash):
    """An administrator who is logged in; their clock is that of Paris in winter."""
    member = a_member(services.db, "rita", roles=("member", "admin"), password_hash=password_hash)
    await browser.log_in(member)
    return member


async def test_rules_are_added_worded_anew_and_taken_back(services, browser, admin):
    db = services.db
    assert "/staff/association" in (await browser.get("/staff")).text
    assert "0 rules" in (await browser.get("/staff/association")).words
    await browser.get("/staff/rules")

    await browser.post("/staff/rules", text="Be kind.", hint="As in class.")

    [rule] = db.read_now(instance.all_rules)
    assert (rule.text, rule.hint) == ("Be kind.", "As in class.")
    await browser.post(f"/staff/rules/{rule.id}", text="Be kinder.", hint="")
    [rule] = db.read_now(instance.all_rules)
    assert (rule.text, rule.hint) == ("Be kinder.", "")
    wrong = await browser.post(f"/staff/rules/{rule.id}", text=" ", hint="Kept")
    assert (wrong.status, 'value="Kept"' in wrong.text) == (422, True)
    await browser.post(f"/staff/rules/{rule.id}/remove")
    assert db.read_now(instance.all_rules) == []
    wrong = await browser.post("/staff/rules", text="x" * 501, hint="Kept")
    assert (wrong.status, "too long" in wrong.words, 'value="Kept"' in wrong.text) == (422, True, True)
    assert (await browser.post(f"/staff/rules/{rule.id}", text="Gone")).status == 404


@pytest.mark.parametrize("kind", list(TextKind))
async def test_a_text_is_written_and_a_later_version_waits(services, browser, admin, kind):
    today = clock.now().date()
    later = today + timedelta(days=30)
    await browser.get(f"/staff/texts/{kind}")

    await browser.post(f"/staff/texts/{kind}", text="We keep *little*.", day="")
    page = await browser.post(f"/staff/texts/{kind}", text="We keep less.", day=later.isoformat())

    assert ("It holds now" in page.words, "It is to come" in page.words) == (True, True)
    assert "<em>little</em>" in page.text
    found = services.db.read_now(instance.versions, kind)
    assert [(one.day, one.source) for one in found] == [(today, "We keep *little*."), (later, "We keep less.")]
    for wrong in ({"text": " ", "day": ""}, {"text": "Kept", "day": "2020-01-01"}, {"text": "Kept", "day": "soon"}):
        again = await browser.post(f"/staff/texts/{kind}", **wrong)
        assert (again.status, wrong["text"].strip() in again.text) == (422, True)
    assert "It holds since" in (await browser.get("/staff/association")).words


async def test_an_announcement_is_made_changed_ended_and_deleted(services, browser, admin):
    db = services.db
    await browser.get("/staff/announcements")

    page = await browser.post(
        "/staff/announcements", text="The archive opens.", starts="2031-01-10T19:00", ends="2031-01-10T21:00"
    )

    assert "The archive opens." in page.words
    [made] = db.read_now(instance.every, admin.id)
    zone_starts = made.starts_at
    assert (made.ends_at - made.starts_at, made.all_day) == (timedelta(hours=2), False)
    path = f"/staff/announcements/{made.id}"
    form = await browser.get(path)
    assert 'value="2031-01-10T19:00"' in form.text
    await browser.post(path, text="It opens.", starts="2031-01-10T00:00", ends="2031-01-11", all_day="1")
    [changed] = db.read_now(instance.every, admin.id)
    assert (changed.text, changed.starts_at, changed.ends_at) == (
        "It opens.",
        datetime(2031, 1, 10, tzinfo=UTC),
        datetime(2031, 1, 11, tzinfo=UTC),
    )
    assert 'value="2031-01-10T00:00"' in (await browser.get(path)).text
    assert "10 January 2031" in (await browser.get("/staff/announcements")).words
    await browser.post(f"{path}/end")
    assert "shown no more" in browser.page.words
    assert "Delete this announcement?" in (await browser.get(f"{path}/remove")).words
    await browser.post(f"{path}/remove")
    assert db.read_now(instance.every, admin.id) == []
    assert zone_starts.tzinfo is not None
    for rest in ("", "/end", "/remove"):
        await browser.get("/staff/announcements")
        assert (await browser.post(f"{path}{rest}", text="Gone")).status == 404


async def test_an_announcement_waits_for_its_time(services, browser, admin, ada):
    db = services.db
    await browser.get("/staff/announcements")

    page = await browser.post(
        "/staff/announcements", text="Les archives ouvrent.", publish="2031-01-10T19:00", language="fr"
    )

    assert "comes out" in page.words
    [made] = db.read_now(instance.every, admin.id)
    assert (made.language, made.published_at > clock.now()) == ("fr", True)
    assert "Les archives" not in (await browser.get("/")).words
    path = f"/staff/announcements/{made.id}"
    assert 'name="publish"' in (await browser.get(path)).text
    await browser.post(path, text="Les archives ouvrent.", publish="2020-01-10T19:00", language="fr")
    assert '<div class="content" lang="fr">' in (await browser.get("/")).text
    assert 'name="publish"' not in (await browser.get(path)).text
    wrong = await browser.post(path, text="Kept", language="<b>")
    assert (wrong.status, "This language is not known." in wrong.words) == (422, True)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"text": " "}, "Please write something."),
        ({"starts": "soon"}, "This is no date and time."),
        ({"starts": "2031-01-10T19:00", "ends": "2031-01-09T19:00"}, "The end must come after the beginning."),
        ({"publish": "2031-01-10T19:00", "ends": "2031-01-09T19:00"}, "It would be over before it comes out."),
        ({"ends": "2031-13-01", "all_day": "1"}, "This is no date and time."),
    ],
)
async def test_an_announcement_that_cannot_be_comes_back_with_what_was_typed(services, browser, admin, wrong, said):
    number = services.db.write_now(instance.announce, ADMIN, instance.Wording(text="Here"))
    for path in ("/staff/announcements", f"/staff/announcements/{number}"):
        await browser.get(path)

        page = await browser.post(path, **{"text": "Typed with care", **wrong})

        assert (page.status, said in page.words) == (422, True)
        assert all(value.strip() in page.text for name, value in wrong.items() if name != "publish")
    assert [one.text for one in services.db.read_now(instance.every, admin.id)] == ["Here"]


PATHS = ("/staff/association", "/staff/rules", "/staff/texts/privacy", "/staff/announcements", "/staff/announcements/1")


async def test_others_do_not_speak_for_the_association(services, browser, ada, password_hash):
    for path in PATHS:
        assert (await browser.get(path)).path.startswith("/login"), path
    mod = a_member(services.db, "mora", roles=("member", "moderator"), password_hash=password_hash)
    for member in (ada, mod):
        await browser.log_in(member)
        token = (await browser.get("/")).csrf
        for path in PATHS:
            assert (await browser.get(path)).status == 403, path
        for path in (
            *PATHS[1:],
            "/staff/rules/1/remove",
            "/staff/announcements/1/end",
            "/staff/announcements/1/remove",
        ):
            assert (await browser.post(path, csrf=token, text="Mine")).status == 403, path


async def test_there_is_no_other_text(browser, admin):
    assert (await browser.get("/staff/texts/jokes")).status == 404
