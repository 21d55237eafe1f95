# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whatever a profile says appears to a reader exactly when its level is at least their distance: at every door.

The doors: the page, the account in the client API (by number and by handle), the directory's search, and the actor's
document. The levels are drawn at random, the same ones each time.
"""

import random
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest

from node import contacts, directory, profiles
from node.directory import Wanted
from node.kernel import clock
from node.profiles import Ask, Career, Education, Facts, FederationMode, Kind, Label, Listing
from tests.support.builders import a_member
from tests.web.asking import BASE

# Words that look and sound like nothing else, so that a search for one finds no other.
FACTS = Facts(
    given_name="Zebulon",
    family_name="Mirabaud",
    birth_family_name="Oxenstierna",
    other_names=("Pumpernickel",),
    name_pronunciation="Wilhelmshaven",
    headline="Kaleidoscope",
    pronouns="thon-thons",
    languages=(("tlh", "basic"),),
    city="Quimperlay",
)
FIELD_WORDS = {
    "given_name": "Zebulon",
    "family_name": "Mirabaud",
    "birth_family_name": "Oxenstierna",
    "other_names": "Pumpernickel",
    "name_pronunciation": "Wilhelmshaven",
    "headline": "Kaleidoscope",
    "pronouns": "thon-thons",
    "languages": "tlh",
    "location": "Quimperlay",
}
ENTRIES = {
    Kind.EDUCATION: (Education(school="Wythenshawe", programme="Hydrodynamik"), ("Wythenshawe", "Hydrodynamik")),
    Kind.CAREER: (Career(employer="Flugzeugwerft"), ("Flugzeugwerft",)),
    Kind.SKILL: (Label(label="Jurisprudenz"), ("Jurisprudenz",)),
    Kind.INTEREST: (Label(label="Vexillology"), ("Vexillology",)),
    Kind.SEEK: (Ask(text="Bibliotheksschrank"), ("Bibliotheksschrank",)),
    Kind.OFFER: (Ask(text="Gewuerztraminer"), ("Gewuerztraminer",)),
}
IN_APPS = {"Kaleidoscope", "Quimperlay", "Hydrodynamik", "Flugzeugwerft", "Bibliotheksschrank", "Gewuerztraminer"}
# The directory has no names of schools that are not this one, no interests, no languages and no pronouns.
SEARCHED = {
    "Zebulon", "Mirabaud", "Oxenstierna", "Kaleidoscope", "Quimperlay", "Hydrodynamik", "Flugzeugwerft", "Jurisprudenz",
    "Bibliotheksschrank", "Gewuerztraminer",
}  # fmt: skip
# No name goes into an actor's document but the one that the member is called by.
NOT_TOLD_OTHERS = {"Zebulon", "Mirabaud", "Oxenstierna", "Pumpernickel", "Wilhelmshaven"}
WORDS = {*FIELD_WORDS.values(), *(word for _, words in ENTRIES.values() for word in words)}
TOLD_OTHERS = WORDS - NOT_TOLD_OTHERS
SAID = {"name", "summary", "attachment"}
ACTIVITY = {"Accept": "application/activity+json"}


@pytest.fixture
def ana(api):
    """Whose profile it is."""
    return a_member(api.db, "ana", class_year=2004)


@pytest.fixture
def readers(api, ana):
    """A member at each distance that a member here can have, and a stranger."""
    friend = a_member(api.db, "friend", class_year=1990)
    api.db.write_now(contacts.ask, friend.actor, ana.actor)
    api.db.write_now(contacts.accept, ana.actor, friend.actor)
    found = {
        0: ana,
        1: friend,
        2: a_member(api.db, "classmate", class_year=2004),
        3: a_member(api.db, "schoolmate", class_year=1990),
    }
    return [(distance, one, api.session(one), api.token(one)) for distance, one in found.items()] + [
        (5, None, {}, None)
    ]


def written(api, ana, chance, mode):
    """The words of a new profile with their levels as they count."""
    levels = {name: chance.randrange(6) for name in FIELD_WORDS}
    api.db.write_now(profiles.write, ana.id, FACTS, levels)
    counting = {FIELD_WORDS[name]: level for name, level in levels.items()}
    for entry in api.db.read_now(profiles.own, ana.id, clock.now()).entries:
        level = chance.randrange(6)
        api.db.write_now(profiles.change, ana.id, entry.id, entry.details, level)
        counting |= dict.fromkeys(ENTRIES[entry.kind][1], level)
    api.db.write_now(profiles.answer, ana.id, listed_to=Listing.PARTNERS, federation_mode=mode)
    return {word: min(level, mode.cap) for word, level in counting.items()}


async def test_a_value_appears_at_a_door_if_its_level_is_at_least_the_distance(api, ana, readers):
    chance = random.Random(4)
    for kind, (details, _) in ENTRIES.items():
        api.db.write_now(profiles.add, ana.id, kind, details, 0)
    for mode in FederationMode:
        counting = written(api, ana, chance, mode)
        for distance, reader, session, token in readers:
            expected = {word for word, level in counting.items() if level >= distance}

            def at(text):
                return {word for word in WORDS if word in text}

            assert at((await api.get("/@ana", headers=session)).text) == expected
            for path in (f"/api/v1/accounts/{ana.id}", "/api/v1/accounts/lookup?acct=ana"):
                assert at((await api.get(path, token)).text) == expected & IN_APPS
            # What everybody is told alike holds only what is for everybody.
            for path in (f"/api/v1/accounts?id[]={ana.id}", "/api/v1/accounts/search?q=ana"):
                assert at((await api.get(path, token)).text) <= {word for word, level in counting.items() if level >= 5}
            if reader is not None and distance > 0:
                found = {word for word in SEARCHED if ana.id in searched(api, reader, word)}
                assert found == expected & SEARCHED
        answer = await api.get(ana.actor.uri.removeprefix(BASE), headers=ACTIVITY)
        # To other servers there is no such account unless it is for everybody; then they read what is public of it.
        assert answer.status == (200 if mode is FederationMode.OPEN else 404)
        if mode is FederationMode.OPEN:
            public = {word for word, level in counting.items() if level >= 5}
            # Ids and keys hold letters at random.
            said = {name: value for name, value in answer.json.items() if name in SAID or name.startswith("sc:")}
            assert at(orjson.dumps(said).decode()) == public & TOLD_OTHERS
            assert {word for word in WORDS if len(word) > 5 and word in answer.text} <= public


def searched(api, reader, word):
    return [person.id for person in api.db.read_now(directory.search, reader.actor, Wanted(words=word)).people]


async def test_what_has_run_out_or_is_paused_is_at_no_door(api, ana, readers, monkeypatch):
    for kind in (Kind.SEEK, Kind.OFFER):
        api.db.write_now(profiles.add, ana.id, kind, ENTRIES[kind][0], 3, valid_until=clock.now() + timedelta(days=2))
    later = clock.now() + timedelta(days=3)
    _, _, session, token = readers[3]
    assert "Gewuerztraminer" in (await api.get("/@ana", headers=session)).text
    monkeypatch.setattr("node.kernel.clock.now", lambda: later)
    for text in (
        (await api.get("/@ana", headers=session)).text,
        (await api.get(f"/api/v1/accounts/{ana.id}", token)).text,
    ):
        assert "Gewuerztraminer" not in text
        assert "Bibliotheksschrank" not in text


async def test_a_profile_in_an_app_has_its_lines_in_order_and_as_text(api, ana, readers):
    api.db.write_now(profiles.write, ana.id, replace(FACTS, city="<b>Lyon</b>"), {})
    for kind, (details, _) in ENTRIES.items():
        api.db.write_now(profiles.add, ana.id, kind, details, 3)
    api.db.write_now(profiles.add, ana.id, Kind.CAREER, Career(employer="Before", until="2020-01"), 3)
    seen = (await api.get(f"/api/v1/accounts/{ana.id}", readers[3][3])).json
    assert seen["note"] == "<p>Kaleidoscope</p>"
    assert [(field["name"], field["value"]) for field in seen["fields"]] == [
        ("Class", "2004"),
        ("Programme", "Hydrodynamik"),
        ("City", "&lt;b&gt;Lyon&lt;/b&gt;"),
        ("Employer", "Flugzeugwerft"),
        ("Seeks", "Bibliotheksschrank"),
        ("Offers", "Gewuerztraminer"),
    ]
