# SPDX-License-Identifier: AGPL-3.0-or-later
"""How an event is shown as a post, and as a document."""

from datetime import datetime

import pytest

from node import events, posts
from node.events import EventDraft, cards
from node.events.documents import event as event_document
from tests.support.builders import an_actor

DRAFT = EventDraft(
    title="Dinner & <dance>",
    text="Come *one*, come all. #harbour",
    start=datetime(2028, 3, 11, 19),  # noqa: DTZ001  # the clock on the wall
    end=datetime(2028, 3, 11, 23, 30),  # noqa: DTZ001  # as above
    timezone="Europe/Paris",
    place="The hall",
    street="Quay 1",
    postcode="17000",
    city="La Rochelle",
    country="France",
    online_url="https://meet.example/dinner",
    capacity=40,
)


@pytest.fixture
def published(db):
    """(the organiser, the event's number)."""
    organiser = an_actor(db, display_name="The committee")
    return organiser, db.write_now(events.publish, organiser, DRAFT)


def found(db, number):
    return db.read_now(posts.find, number), db.read_now(events.get, number, None)


@pytest.mark.parametrize(
    ("locale", "when"),
    [("en", "Sat 11 Mar 2028, 19:00–23:30 (Europe/Paris)"), ("fr", "sam. 11 mars 2028, 19:00–23:30 (Europe/Paris)")],
)
def test_the_day_the_hours_and_the_zone_stand_in_words(db, published, locale, when):
    _, event = found(db, published[1])

    assert cards.when(event, locale) == when
    assert cards.summary(event, locale) == f"{when}, The hall, Quay 1, 17000 La Rochelle"


def test_a_post_of_an_event_says_all_that_an_app_must_know(db, published):
    post, event = found(db, published[1])

    assert post.content.startswith("<p><strong>Dinner &amp; &lt;dance&gt;</strong></p>")
    for part in ("19:00", "La Rochelle", "https://meet.example/dinner", post.url, "Come *one*"):
        assert part in post.content
    assert post.spoiler_text == ""
    assert post.card["title"] == "Dinner & <dance>"
    assert post.card["url"] == post.url
    assert post.details["seats_left"] == 40
    assert post.details["start_time"] == "2028-03-11T18:00:00.000Z"
    assert event.start_local == "2028-03-11T19:00:00"


def test_seats_left_go_down_on_the_card(db, published):
    db.write_now(events.join, an_actor(db), published[1])

    post, event = found(db, published[1])
    assert (post.details["seats_left"], post.details["participants_count"], event.seats_left) == (39, 1, 39)


def test_a_cancelled_event_says_so_everywhere(db, published):
    organiser, number = published

    db.write_now(events.cancel_event, organiser, number)
    db.write_now(events.cancel_event, organiser, number)

    post, event = found(db, number)
    assert "Cancelled: Dinner" in post.content
    assert post.card["title"].startswith("Cancelled: ")
    assert cards.summary(event, "fr").startswith("Annulé")
    assert len(db.read_now(posts.history, number, None)) == 2


def test_an_event_with_an_end_on_another_day_names_both(db):
    draft = EventDraft(
        title="Regatta",
        start=datetime(2028, 7, 1, 9),  # noqa: DTZ001  # the clock on the wall
        end=datetime(2028, 7, 3, 17),  # noqa: DTZ001  # as above
        place="The harbour",
    )
    number = db.write_now(events.publish, an_actor(db), draft)

    assert cards.when(found(db, number)[1], "en") == "Sat 1 Jul 2028, 09:00 – Mon 3 Jul 2028, 17:00 (UTC)"


def test_an_event_without_a_place_is_online(db):
    draft = EventDraft(title="Call", start=DRAFT.start, online_url="https://meet.example/x")
    number = db.write_now(events.publish, an_actor(db), draft)

    assert cards.where(found(db, number)[1], "en") == "Online"


def test_the_document_is_what_others_read(db, published):
    organiser, number = published
    post, _ = found(db, number)

    document = db.read_now(event_document, db.site, post, organiser, locale="en")

    assert document["type"] == "Event"
    assert document["id"] == post.uri
    assert document["name"] == "Dinner & <dance>"
    assert document["attributedTo"] == organiser.uri
    assert document["startTime"].startswith("2028-03-11T19:00:00+01:00")
    assert document["timezone"] == "Europe/Paris"
    assert document["maximumAttendeeCapacity"] == 40
    assert document["location"]["type"] == "Place"
    assert document["location"]["address"]["addressLocality"] == "La Rochelle"
    assert all("mediaType" in attachment for attachment in document.get("attachment", []))


def test_a_changed_event_keeps_what_it_said_before_and_tells(db, published):
    organiser, number = published
    from dataclasses import replace

    db.write_now(events.change, organiser, number, replace(DRAFT, title="Dinner", capacity=None))

    post, event = found(db, number)
    assert (event.title, event.capacity, event.seats_left) == ("Dinner", None, None)
    assert post.edited_at is not None
    assert "<strong>Dinner</strong>" in post.content


def test_upcoming_events_are_read_soonest_first_by_those_who_may(db, published):
    from datetime import timedelta

    from activitypub.addressing import Visibility
    from node.kernel import clock

    soon = (clock.now() + timedelta(days=1)).replace(tzinfo=None)
    first = db.write_now(events.publish, an_actor(db), EventDraft(title="Soon", start=soon, place="Here"))
    db.write_now(
        events.publish,
        an_actor(db),
        EventDraft(title="Hidden", start=soon, place="Here", visibility=Visibility.PRIVATE),
    )

    upcoming = db.read_now(events.upcoming, None, clock.now())

    assert [event.post_id for event in upcoming] == [first, published[1]]
