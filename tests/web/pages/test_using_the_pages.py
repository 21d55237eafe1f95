# SPDX-License-Identifier: AGPL-3.0-or-later
"""What members do on the pages, without scripts: sign up, log in, write, follow, answer an event, change what is theirs."""

import re
from datetime import timedelta

import pytest

from activitypub.addressing import Visibility
from node import events, members, posts, profiles, relationships
from node.actors import ProfileChange
from node.kernel.paging import Page
from node.posts import PollDraft
from node.profiles import Listing
from tests.support.builders import a_post
from tests.web.pages.conftest import PASSWORD

EVENT = {
    "title": "Summer on the quay",
    "text": "Bring a chair.",
    "start_date": "2027-06-12",
    "start_time": "19:00",
    "zone": "Europe/London",
    "place": "The old quay",
}


async def test_somebody_with_an_invitation_signs_up_and_is_at_home(services, browser):
    token, _ = services.db.write_now(members.create_invitation, class_year=2004)

    shown = await browser.get(f"/invite/{token}")
    assert "Class of 2004" in shown.words
    page = await browser.post(
        f"/invite/{token}", name="Carla Reyes", username="Carla", email="carla@mail.example", password=PASSWORD
    )

    assert (page.status, page.path.partition("?")[0]) == (200, "/welcome")
    assert "Welcome. Your account is ready." in page.words
    carla = services.db.read_now(members.by_login, "carla@mail.example")
    assert (carla.actor.username, carla.actor.class_year, carla.actor.school) == ("carla", 2004, "Harbour Academy")


async def test_looking_at_an_invitation_uses_nothing_up_and_a_second_use_is_refused(services, browser):
    token, _ = services.db.write_now(members.create_invitation)
    for _ in range(3):
        assert (await browser.get(f"/invite/{token}")).status == 200
    form = {"name": "Carla", "email": "c@mail.example", "password": PASSWORD}
    await browser.post(f"/invite/{token}", username="carla", **form)
    browser.cookie = ""

    assert (await browser.get(f"/invite/{token}")).status == 409


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("username", "a", "2 to 30 letters"),
        ("username", "admin", "reserved"),
        ("email", "nowhere", "e-mail address"),
        ("password", "short", "at least 10 characters"),
        ("password", "aaaaaaaaaaaa", "too easy to guess"),
        ("class_year", "long ago", "four digits"),
        ("name", " ", "how you are called"),
    ],
)
async def test_a_form_that_cannot_be_used_comes_back_with_what_was_typed(services, browser, field, value, words):
    token, _ = services.db.write_now(members.create_invitation)
    await browser.get(f"/invite/{token}")
    form = {"name": "Carla", "username": "carla", "email": "c@mail.example", "password": PASSWORD, "class_year": "2004"}

    page = await browser.post(f"/invite/{token}", **{**form, field: value})

    assert page.status == 422
    assert words in page.words
    assert 'value="c@mail.example"' in page.text or field == "email"
    assert PASSWORD not in page.text


async def test_a_wrong_password_and_an_unknown_name_are_answered_alike(browser, ada):
    await browser.get("/login")
    wrong = await browser.post("/login", login="ada", password="not her password")
    await browser.get("/login")
    unknown = await browser.post("/login", login="nobody", password="not her password")

    assert (wrong.status, unknown.status) == (403, 403)
    assert wrong.words.replace("ada", "") == unknown.words.replace("nobody", "")


async def test_login_leads_back_to_where_one_wanted_to_go(browser, ada):
    page = await browser.get("/people")
    assert page.path == "/login?next=%2Fpeople"

    page = await browser.post("/login", login="ada@mail.example", password=PASSWORD, next="/people")

    assert (page.status, page.path) == (200, "/people")


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
async def test_login_leads_nowhere_else(browser, ada, address):
    await browser.get("/login")

    page = await browser.post("/login", login="ada", password=PASSWORD, next=address)

    assert (page.status, page.path) == (200, "/")


MEMBERS_ONLY = [
    "/dues",
    "/staff/dues",
    "/people",
    "/people/elsewhere",
    "/settings/profile",
    "/settings/access",
    "/events/new",
    "/@ada/followers",
    "/@ada/following",
]


@pytest.mark.parametrize("path", MEMBERS_ONLY)
async def test_pages_for_members_lead_a_visitor_to_the_login(browser, ada, path):
    assert (await browser.get(path)).path.startswith("/login?next=")


@pytest.mark.parametrize("path", ["/about", "/events", "/events/past", "/login", "/@ada", "/local", "/tags/quay"])
async def test_pages_for_everybody_are_open(browser, ada, path):
    page = await browser.get(path)

    assert page.status == 200
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    "path", ["/@nobody", "/@ada/123", "/events/123", "/invite/unknown", "/nowhere", "/static/x.css"]
)
async def test_what_is_not_there_is_answered_with_a_page(browser, ada, path):
    page = await browser.get(path)

    assert page.status == 404
    assert "<h1>" in page.text


async def test_a_member_posts_and_sees_it_at_home(services, browser, ada):
    await browser.log_in(ada)

    page = await browser.post("/posts", text="The boats are back #quay", visibility="public", next="/")

    assert "Your post is out." in page.words
    assert "The boats are back" in page.words
    assert "The boats are back" in (await browser.get("/tags/quay")).words


async def test_an_empty_post_comes_back_with_its_warning(browser, ada):
    await browser.log_in(ada)

    page = await browser.post("/posts", text="", warning="About eels", visibility="private")

    assert page.status == 422
    assert 'value="About eels"' in page.text


@pytest.mark.parametrize("fault", ["no token", "another origin", "no origin"])
async def test_a_form_from_elsewhere_changes_nothing(services, browser, ada, fault):
    await browser.log_in(ada)
    origin = {"another origin": "https://evil.example", "no origin": None}.get(fault, "https://harbour.example")

    page = await browser.post("/posts", text="Forged", csrf="" if fault == "no token" else None, origin=origin)

    assert page.status == 403
    assert list(services.db.read_now(posts.of_author, ada.id, ada.id, Page())) == []


async def test_the_buttons_under_a_post_do_what_they_say(services, browser, ada, ben):
    post_id = a_post(services.db, ben.actor, "A question")
    await browser.log_in(ada)
    await browser.get(f"/@ben/{post_id}")

    for verb in ("favourite", "boost"):
        await browser.post(f"/posts/{post_id}/{verb}", next=f"/@ben/{post_id}")
    liked = services.db.read_now(posts.flags, ada.id, [post_id])[post_id]
    for verb in ("unfavourite", "unboost"):
        await browser.post(f"/posts/{post_id}/{verb}", next=f"/@ben/{post_id}")

    assert (liked.favourited, liked.boosted) == (True, True)
    assert services.db.read_now(posts.flags, ada.id, [post_id]) == {}


async def test_an_answer_stands_in_the_thread(services, browser, ada, ben):
    post_id = a_post(services.db, ben.actor, "Who has a boat?")
    await browser.log_in(ada)
    page = await browser.get(f"/@ben/{post_id}")
    assert ">@ben" in page.text or "@ben " in page.text

    await browser.post("/posts", text="@ben I have", reply_to=str(post_id), next=f"/@ben/{post_id}")

    assert "I have" in (await browser.get(f"/@ben/{post_id}")).words
    assert services.db.read_now(posts.find, post_id).replies_count == 1


async def test_a_followers_only_post_is_not_there_for_others(services, browser, ada, ben):
    post_id = a_post(services.db, ben.actor, "Marker of a secret", visibility=Visibility.PRIVATE)
    await browser.log_in(ada)

    for path in (f"/@ben/{post_id}", "/@ben", "/local", "/"):
        assert "Marker of a secret" not in (await browser.get(path)).text
    assert (await browser.get(f"/@ben/{post_id}")).status == 404


async def test_deleting_asks_first_and_is_for_the_author_alone(services, browser, ada, ben):
    post_id = a_post(services.db, ada.actor, "Oops")
    others = a_post(services.db, ben.actor, "Mine")
    await browser.log_in(ada)

    assert "Delete this post?" in (await browser.get(f"/@ada/{post_id}/delete")).words
    await browser.post(f"/@ada/{post_id}/delete")

    assert services.db.read_now(posts.find, post_id) is None
    assert (await browser.get(f"/@ben/{others}/delete")).status == 404
    await browser.get("/")
    assert (await browser.post(f"/@ben/{others}/delete")).status == 404


async def test_following_and_unfollowing(services, browser, ada, ben):
    await browser.log_in(ada)
    await browser.get("/people?q=okoro")

    page = await browser.post(f"/people/{ben.id}/follow", next="/people")
    assert "You follow this account now." in page.words
    assert services.db.read_now(relationships.is_following, ada.id, ben.id)

    await browser.post(f"/people/{ben.id}/unfollow", next="/people")
    assert not services.db.read_now(relationships.is_following, ada.id, ben.id)


async def test_a_locked_member_decides_about_followers(services, browser, ada, ben):
    services.db.write_now(relationships.update_profile, ben.actor, ProfileChange(locked=True))
    services.db.write_now(relationships.follow, ada.actor, services.db.read_now(members.get, ben.id).actor)
    await browser.log_in(ben)
    assert "Ada Winter" in (await browser.get("/")).words

    await browser.post(f"/requests/{ada.id}/accept", next="/")

    assert services.db.read_now(relationships.is_following, ada.id, ben.id)


async def test_people_are_found_by_name_and_class(services, browser, ada, ben):
    services.db.write_now(profiles.answer, ben.id, listed_to=Listing.SCHOOL)
    await browser.log_in(ada)

    assert "Ben Okoro" in (await browser.get("/people?q=okor")).words
    assert "Ben Okoro" in (await browser.get("/people?class_year=1998")).words
    assert "Ben Okoro" not in (await browser.get("/people?class_year=2004")).words


async def test_an_event_is_published_answered_changed_and_cancelled(services, browser, ada, ben):
    await browser.log_in(ada)
    await browser.get("/events/new")
    page = await browser.post("/events/new", **EVENT, capacity="1")
    assert "Your event is published." in page.words
    path = page.path.partition("?")[0]
    event_id = int(path.rpartition("/")[2])

    other = type(browser)(browser.client)
    await other.log_in(ben)
    await other.get(path)
    assert "You are going." in (await other.post(f"{path}/going", next=path)).words
    await browser.get(path)
    assert (await browser.post(f"{path}/going", next=path)).status == 409  # the one seat is taken
    assert "Ben Okoro" in (await browser.get(path)).words  # the organiser sees who comes

    await browser.get(f"{path}/edit")
    await browser.post(f"{path}/edit", **{**EVENT, "title": "Autumn on the quay"}, capacity="2")
    assert "Autumn on the quay" in (await browser.get(path)).words

    await browser.get(f"{path}/cancel")
    await browser.post(f"{path}/cancel")
    assert services.db.read_now(events.get, event_id, None).status == "CANCELLED"
    await other.get(path)
    await other.post(f"{path}/not-going", next=path)
    assert services.db.read_now(events.participation, event_id, ben.id).state == "cancelled"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": "x"}, "3 to 120 characters"),
        ({"start_date": ""}, "when the event begins"),
        ({"start_date": "yesterday"}, "the day as 2027-03-12"),
        ({"start_date": "2020-01-01"}, "in the future"),
        ({"start_date": "2027-03-28", "start_time": "01:30"}, "does not exist on that day"),
        ({"end_date": "2027-06-11", "end_time": "20:00"}, "must end after it begins"),
        ({"place": ""}, "where the event takes place"),
        ({"capacity": "many"}, "number of seats"),
        ({"zone": "Atlantis"}, "time zone"),
        ({"as_association": "1"}, "Only the association's staff"),
    ],
)
async def test_an_event_that_cannot_be_is_refused_with_what_was_typed(browser, ada, change, words):
    await browser.log_in(ada)
    await browser.get("/events/new")

    page = await browser.post("/events/new", **{**EVENT, **change})

    assert page.status in (403, 422)
    assert words in page.words
    assert "Bring a chair." in page.text


async def test_only_the_organiser_may_change_an_event(services, browser, ada, ben):
    await browser.log_in(ada)
    await browser.get("/events/new")
    path = (await browser.post("/events/new", **EVENT)).path.partition("?")[0]
    other = type(browser)(browser.client)
    await other.log_in(ben)

    assert (await other.get(f"{path}/edit")).status == 404
    await other.get(path)
    assert (await other.post(f"{path}/edit", **EVENT)).status == 404
    assert (await other.post(f"{path}/cancel", csrf=(await other.get(path)).csrf)).status == 404


async def test_a_member_changes_their_profile(services, browser, ada):
    await browser.log_in(ada)
    await browser.get("/settings/profile")

    page = await browser.post(
        "/settings/profile",
        name="Ada Winter-Lund",
        about="Builds bridges.",
        class_year="1998",
        field_name_1="City",
        field_value_1="Port Ellery",
        locale="fr",
        zone="Europe/Paris",
    )

    assert "Ada Winter-Lund" in page.words
    after = services.db.read_now(members.get, ada.id)
    assert (after.locale, after.timezone, after.actor.class_year) == ("fr", "Europe/Paris", 1998)
    assert "Builds bridges." in page.words
    assert 'lang="fr"' in page.text


async def test_a_new_password_needs_the_old_one_and_logs_others_out(browser, ada):
    await browser.log_in(ada)
    elsewhere = type(browser)(browser.client)
    await elsewhere.log_in(ada)
    await browser.get("/settings/access")

    refused = await browser.post("/settings/access/password", current="not it", password="a new long password")
    assert refused.status == 422
    await browser.post("/settings/access/password", current=PASSWORD, password="a new long password")

    assert (await browser.get("/people")).path == "/people"
    assert (await elsewhere.get("/people")).path.startswith("/login")
    await elsewhere.post("/login", login="ada", password="a new long password", next="/people")
    assert (await elsewhere.get("/people")).path == "/people"


async def test_a_session_can_be_ended_from_another_browser(browser, ada):
    await browser.log_in(ada)
    elsewhere = type(browser)(browser.client)
    await elsewhere.log_in(ada)

    page = await browser.get("/settings/access")
    number = re.search(r"/settings/access/sessions/(\d+)/end", page.text)[1]
    await browser.post(f"/settings/access/sessions/{number}/end")

    assert (await elsewhere.get("/people")).path.startswith("/login")


async def test_logging_out_ends_the_session_on_the_server(browser, ada):
    await browser.log_in(ada)
    kept = browser.cookie
    await browser.post("/logout")
    browser.cookie = kept

    assert (await browser.get("/people")).path.startswith("/login")


async def test_other_servers_are_led_to_the_documents(services, browser, ada):
    post_id = a_post(services.db, ada.actor)
    accept = {"Accept": "application/activity+json"}
    sent = {"Host": "harbour.example", **accept}

    for path, uri in (("/@ada", ada.actor.uri), (f"/@ada/{post_id}", services.db.read_now(posts.find, post_id).uri)):
        async with browser.client.get(path, headers=sent, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (302, uri)
            assert "Accept" in answer.headers["Vary"]


@pytest.mark.parametrize("language", ["fr", "fr-CA,fr;q=0.9,en;q=0.5"])
async def test_a_visitor_is_answered_in_their_language(browser, language):
    page = await browser.get("/login", **{"Accept-Language": language})

    assert 'lang="fr"' in page.text
    assert "Mot de passe" in page.words


async def test_a_member_votes_in_a_poll_and_sees_the_result(services, browser, ada, ben):
    poll = PollDraft(("Old hall", "New hall"), timedelta(days=1))
    post_id = a_post(services.db, ben.actor, "Where?", poll=poll)
    await browser.log_in(ada)
    page = await browser.get(f"/@ben/{post_id}")
    assert 'type="radio"' in page.text

    page = await browser.post(f"/posts/{post_id}/vote", next=f"/@ben/{post_id}", **{"choices[]": "1"})

    assert (page.status, page.path) == (200, f"/@ben/{post_id}?done=voted")
    assert "Your vote counts." in page.words
    assert "New hall" in page.words
    assert "1 person voted · open until" in page.words
    assert 'type="radio"' not in page.text


async def test_a_vote_without_an_answer_is_refused(services, browser, ada, ben):
    post_id = a_post(services.db, ben.actor, "Where?", poll=PollDraft(("A", "B"), timedelta(days=1)))
    await browser.log_in(ada)
    await browser.get("/")

    page = await browser.post(f"/posts/{post_id}/vote")

    assert page.status == 422
    assert "Please choose an answer first." in page.words


async def test_a_member_asks_a_question_on_the_page(services, browser, ada):
    await browser.log_in(ada)
    await browser.get("/")

    page = await browser.post(
        "/posts", text="Where?", visibility="public", option_1="Old hall", option_3="New hall", open_days="7"
    )

    assert (page.status, page.path) == (200, "/?done=posted")
    [number] = services.db.read_now(posts.of_author, ada.id, ada.id, Page())
    poll = services.db.read_now(posts.poll_of, number)
    assert [option.title for option in poll.options] == ["Old hall", "New hall"]
    assert (
        timedelta(days=6) < poll.expires_at - services.db.read_now(posts.find, number).created_at <= timedelta(days=7)
    )
    assert "0 people voted · open until" in page.words


async def test_a_poll_with_one_answer_comes_back_with_what_was_typed(browser, ada):
    await browser.log_in(ada)
    await browser.get("/")

    page = await browser.post("/posts", text="Where?", visibility="public", option_2="Old hall", multiple="1")

    assert page.status == 422
    assert 'value="Old hall"' in page.text
    assert "Options must have more than one item" in page.words
