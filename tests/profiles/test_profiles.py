# SPDX-License-Identifier: AGPL-3.0-or-later
"""Profiles as members write and read them: who sees what, what is refused, what runs out, and what is left of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from node import contacts, members, profiles, relationships
from node.actors import Reach, by_ids
from node.actors.tables import actors as actors_table
from node.kernel import audit, clock
from node.kernel.errors import Conflict, Invalid, NotFound, TooMany
from node.notices.tables import notices
from node.profiles import Ask, Career, Education, Facts, FederationMode, Kind, Label, Level, Listing, State, Verb, links
from node.profiles.tables import profile_entries
from node.profiles.tables import profiles as table
from node.relationships.erasure import delete_account
from node.wiring.reactions import REACTIONS
from tests.support import letters
from tests.support.builders import a_member

FACTS = Facts(
    given_name="Ana",
    family_name="Costa",
    birth_family_name="Silva",
    other_names=("Anita", "Ana Banana"),
    name_pronunciation="AH-na",
    pronouns="she/her",
    headline="Civil engineer, Lyon",
    languages=(("fr", "native"), ("en", "working")),
    city="Lyon",
    country="FR",
)
SEEK = Ask(text="A flat in Lyon for June", category="housing", tags=("Lyon",))


@pytest.fixture
def ana(db):
    """A member of the class of 2004."""
    return a_member(db, "ana", class_year=2004).actor


@pytest.fixture
def viewers(db, ana):
    """Somebody at each distance from Ana at which somebody here can stand; and nobody."""
    friend = a_member(db, "friend").actor
    db.write_now(contacts.ask, friend, ana)
    db.write_now(contacts.accept, ana, friend)
    classmate = a_member(db, "classmate", class_year=2004).actor
    schoolmate = a_member(db, "schoolmate").actor
    return {0: ana.id, 1: friend.id, 2: classmate.id, 3: schoolmate.id, 5: None}


def get(db, actor, viewer_id, later=timedelta(0)):
    return db.read_now(profiles.get, actor.id, viewer_id, clock.now() + later)


def add(db, actor, kind=Kind.SEEK, details=SEEK, level=Level.SCHOOL, **more):
    return db.write_now(profiles.add, actor.id, kind, details, level, **more)


def test_what_is_said_is_shown_up_to_its_level_and_to_nobody_farther(db, ana, viewers):
    db.write_now(profiles.answer, ana.id, federation_mode=FederationMode.OPEN)
    for level in Level:
        db.write_now(profiles.write, ana.id, FACTS, dict.fromkeys(profiles.rules.FIELDS, level))
        for distance, viewer in viewers.items():
            seen = get(db, ana, viewer).facts
            assert seen == (FACTS if level >= distance else Facts())


def test_each_entry_has_its_own_level(db, ana, viewers):
    db.write_now(profiles.answer, ana.id, federation_mode=FederationMode.OPEN)
    for level in Level:
        add(db, ana, Kind.SKILL, Label(label=f"Skill {level}"), level)
    for distance, viewer in viewers.items():
        seen = [entry.details.label for entry in get(db, ana, viewer).of(Kind.SKILL)]
        assert seen == [f"Skill {level}" for level in Level if level >= distance]


@pytest.mark.parametrize("mode", [None, *FederationMode])
def test_the_mode_holds_back_what_is_for_everybody(db, ana, viewers, mode):
    if mode is not None:
        db.write_now(profiles.answer, ana.id, federation_mode=mode)
    add(db, ana, Kind.INTEREST, Label(label="Choir"), Level.PUBLIC)
    assert get(db, ana, None).is_empty is (mode is not FederationMode.OPEN)
    assert not get(db, ana, viewers[3]).is_empty
    assert db.read_now(profiles.own, ana.id, clock.now()).entries[0].level is Level.PUBLIC


def test_nothing_said_is_nothing_to_see(db, ana, viewers):
    assert all(get(db, ana, viewer).is_empty for viewer in viewers.values())
    own = db.read_now(profiles.own, ana.id, clock.now())
    assert (own.listed_to, own.federation_mode) == (None, None)
    assert own.levels["birth_family_name"] == Level.CLASS


def test_levels_that_are_not_given_stay(db, ana):
    db.write_now(profiles.write, ana.id, FACTS, {"headline": Level.ME})
    db.write_now(profiles.write, ana.id, FACTS, {"location": Level.CONTACTS})
    levels = db.read_now(profiles.own, ana.id, clock.now()).levels
    assert (levels["headline"], levels["location"], levels["pronouns"]) == (0, 1, 3)
    for wrong in ({"headline": 6}, {"shoe_size": 3}):
        with pytest.raises(Invalid):
            db.write_now(profiles.write, ana.id, FACTS, wrong)


def test_an_answer_stays_until_it_is_given_anew(db, ana):
    db.write_now(profiles.answer, ana.id, listed_to=Listing.CLASS)
    db.write_now(profiles.answer, ana.id, federation_mode=FederationMode.LOCAL)
    own = db.read_now(profiles.own, ana.id, clock.now())
    assert (own.listed_to, own.federation_mode) == (Listing.CLASS, FederationMode.LOCAL)


@pytest.mark.parametrize("listing", [None, *Listing])
def test_who_is_listed_is_so_up_to_the_circle_they_chose(db, ana, viewers, listing):
    if listing is not None:
        db.write_now(profiles.answer, ana.id, listed_to=listing)
    for distance, viewer in viewers.items():
        clause = select(actors_table.c.id).where(
            actors_table.c.id == ana.id, profiles.is_listed(actors_table.c.id, viewer)
        )
        found = db.read_now(lambda conn, asked=clause: conn.execute(asked).first() is not None)
        assert found == ((listing or Listing.NOBODY).level >= distance)


def test_what_is_sought_is_shown_to_others_while_it_is_open(db, ana, viewers):
    number = add(db, ana)
    others = [viewer for distance, viewer in viewers.items() if 0 < distance <= 3]

    def open_to_others():
        return {bool(get(db, ana, viewer).entries) for viewer in others}

    assert open_to_others() == {True}
    for verb, state, visible in (
        (Verb.PAUSE, State.PAUSED, False),
        (Verb.RESUME, State.OPEN, True),
        (Verb.FULFIL, State.FULFILLED, False),
    ):
        assert db.write_now(profiles.act, ana.id, number, verb) is state
        assert open_to_others() == {visible}
        assert get(db, ana, ana.id).entries[0].state is state
    with pytest.raises(Conflict):
        db.write_now(profiles.act, ana.id, number, Verb.RENEW)


def test_a_draft_is_its_writers_until_it_is_published(db, ana, viewers):
    number = add(db, ana, draft=True)
    assert get(db, ana, viewers[3]).is_empty
    db.write_now(profiles.act, ana.id, number, Verb.PUBLISH)
    assert not get(db, ana, viewers[3]).is_empty


def test_it_runs_out_when_it_is_read_and_when_the_house_is_kept(db, ana, viewers, monkeypatch):
    number = add(db, ana, valid_until=clock.now() + timedelta(days=2))
    assert get(db, ana, viewers[3], timedelta(days=3)).is_empty
    assert get(db, ana, ana.id, timedelta(days=3)).entries[0].state is State.EXPIRED

    later = clock.now() + timedelta(days=3)
    monkeypatch.setattr("node.kernel.clock.now", lambda: later)
    db.write_now(profiles.sweep)
    stored = select(profile_entries.c.state)
    assert db.read_now(lambda conn: conn.execute(stored).scalar_one()) == State.EXPIRED
    assert db.write_now(profiles.act, ana.id, number, Verb.RENEW) is State.OPEN
    [entry] = get(db, ana, viewers[3]).entries
    assert entry.valid_until == later + timedelta(days=90)
    assert entry.renewals == 1


def test_it_is_renewed_four_times(db, ana, monkeypatch):
    number = add(db, ana)
    moment = clock.now()
    for turn in range(5):
        moment += timedelta(days=91)
        monkeypatch.setattr("node.kernel.clock.now", lambda now=moment: now)
        if turn < 4:
            db.write_now(profiles.act, ana.id, number, Verb.RENEW)
        else:
            with pytest.raises(TooMany):
                db.write_now(profiles.act, ana.id, number, Verb.RENEW)


def test_three_are_published_a_day_and_five_are_open(db, ana, monkeypatch):
    moment = clock.now()
    for _ in range(3):
        add(db, ana)
    with pytest.raises(TooMany):
        add(db, ana, Kind.OFFER)
    moment += timedelta(days=1, minutes=1)
    monkeypatch.setattr("node.kernel.clock.now", lambda: moment)
    add(db, ana)
    paused = add(db, ana)
    with pytest.raises(TooMany):
        add(db, ana)
    add(db, ana, Kind.OFFER)
    db.write_now(profiles.act, ana.id, paused, Verb.PAUSE)
    moment += timedelta(days=1, minutes=1)
    add(db, ana)
    with pytest.raises(TooMany):
        db.write_now(profiles.act, ana.id, paused, Verb.RESUME)


def test_there_are_as_many_entries_as_may_be(db, ana):
    for number in range(10):
        add(db, ana, Kind.EDUCATION, Education(school=f"School {number}"))
    with pytest.raises(Conflict):
        add(db, ana, Kind.EDUCATION, Education(school="One more"))


def test_a_skill_stands_once(db, ana):
    number = add(db, ana, Kind.SKILL, Label(label="Python"))
    with pytest.raises(Invalid):
        add(db, ana, Kind.SKILL, Label(label="PYTHON"))
    add(db, ana, Kind.INTEREST, Label(label="python"))
    db.write_now(profiles.change, ana.id, number, Label(label="PYTHON"), Level.ME)
    assert get(db, ana, ana.id).of(Kind.SKILL)[0].details == Label(label="PYTHON")


def test_an_education_of_ones_own_saying_makes_nobody_a_classmate(db, ana):
    bo = a_member(db, "bo").actor
    add(db, bo, Kind.EDUCATION, Education(school="Harbour Academy", class_year=2004))
    assert db.read_now(profiles.distance, bo.id, ana.id) == Level.SCHOOL


def test_entries_are_put_in_order_and_taken_away(db, ana):
    first, second, third = (add(db, ana, Kind.CAREER, Career(employer=name)) for name in "ABC")
    db.write_now(profiles.move_up, ana.id, third)
    db.write_now(profiles.move_up, ana.id, first)
    assert [entry.id for entry in get(db, ana, ana.id).entries] == [first, third, second]
    db.write_now(profiles.remove, ana.id, third)
    assert [entry.id for entry in get(db, ana, ana.id).entries] == [first, second]


def test_nobody_changes_what_is_somebody_elses(db, ana):
    number = add(db, ana)
    bo = a_member(db, "bo").actor
    for attempt in (
        (profiles.change, SEEK, Level.PUBLIC),
        (profiles.act, Verb.FULFIL),
        (profiles.move_up,),
        (profiles.remove,),
    ):
        fn, *more = attempt
        with pytest.raises(NotFound):
            db.write_now(fn, bo.id, number, *more)
    with pytest.raises(NotFound):
        db.read_now(profiles.entry, bo.id, number, clock.now())


def test_a_block_hides_all_that_is_not_for_everybody(db, ana, viewers):
    add(db, ana, Kind.SKILL, Label(label="Python"))
    assert not get(db, ana, viewers[2]).is_empty
    db.write_now(relationships.block, db.read_now(by_ids, [viewers[2]])[viewers[2]], ana)
    assert get(db, ana, viewers[2]).is_empty


def test_many_profiles_are_read_at_once(db, ana, viewers):
    add(db, ana, Kind.SKILL, Label(label="Python"))
    found = db.read_now(profiles.get_many, [ana.id, viewers[2], viewers[3]], viewers[3], clock.now())
    assert [bool(found[number].entries) for number in (ana.id, viewers[2], viewers[3])] == [True, False, False]
    assert db.read_now(profiles.get_many, [], None, clock.now()) == {}


def test_nothing_is_left_of_somebody_who_is_gone(db, ana):
    db.reactions = REACTIONS
    db.write_now(profiles.write, ana.id, FACTS, {})
    add(db, ana)
    db.write_now(delete_account, db.read_now(members.get, ana.id))
    for one in (table, profile_entries):
        assert db.read_now(lambda conn, rows=one: conn.execute(select(rows)).all()) == []


def test_a_letter_says_a_week_before_that_something_runs_out_and_says_it_once(db, ana, monkeypatch):
    db.site = replace(db.site, has_mail=True)
    soon = clock.now() + timedelta(days=6)
    add(db, ana, valid_until=soon)
    add(db, ana, Kind.OFFER, valid_until=clock.now() + timedelta(days=8))
    add(db, ana, draft=True, valid_until=soon)

    for _ in range(2):
        db.write_now(profiles.remind)

    [(to, letter)] = letters.in_queue(db)
    assert (to, letter["paragraphs"][0]) == ("ana@mail.example", SEEK.text)
    assert f"{soon:%Y-%m-%d}" in letter["paragraphs"][1]


def test_the_link_of_that_letter_renews_it_or_ends_it_for_two_weeks(db, ana, monkeypatch):
    number = add(db, ana, valid_until=clock.now() + timedelta(days=6))
    until = clock.now() + timedelta(days=14)
    token = links.address(db.site, number, until).rpartition("/")[2]
    for wrong in (
        "",
        "1",
        "1.2.3",
        token[:-1],
        token.replace(".", ".1", 1),
        f"{number + 1}{token[len(str(number)) :]}",
    ):
        with pytest.raises(NotFound):
            db.write_now(profiles.by_link, wrong, Verb.FULFIL)

    assert db.write_now(profiles.by_link, token, Verb.RENEW) is State.OPEN
    [entry] = get(db, ana, ana.id).entries
    assert (entry.renewals, entry.valid_until > until) == (1, True)
    db.write_now(profiles.by_link, token, Verb.RENEW)
    assert get(db, ana, ana.id).entries[0].renewals == 1
    assert db.write_now(profiles.by_link, token, Verb.FULFIL) is State.FULFILLED

    monkeypatch.setattr("node.kernel.clock.now", lambda: until)
    with pytest.raises(NotFound):
        db.write_now(profiles.by_link, token, Verb.FULFIL)


def test_each_change_of_state_is_kept_in_mind_without_a_word_of_it(db, ana, monkeypatch):
    db.write_now(profiles.answer, ana.id, listed_to=Listing.CLASS)
    db.write_now(profiles.answer, ana.id, listed_to=Listing.CLASS, federation_mode=FederationMode.LOCAL)
    number = add(db, ana)
    for verb in (Verb.PAUSE, Verb.PAUSE):
        db.write_now(profiles.act, ana.id, number, verb)
    later = clock.now() + timedelta(days=91)
    monkeypatch.setattr("node.kernel.clock.now", lambda: later)
    db.write_now(profiles.sweep)

    found = [(row.verb, row.actor_id, row.before, row.after) for row in db.read_now(audit.about, ana.id)]
    assert found == [
        ("ask", None, "paused", "expired"),
        ("ask", ana.id, "open", "paused"),
        ("ask", ana.id, "draft", "open"),
        ("open_profile", ana.id, "", "local"),
        ("list", ana.id, "", "class"),
    ]


def test_whoever_is_not_of_age_is_shown_to_their_school_at_most_until_the_day_on_which_they_are(db, ana, viewers):
    ben = a_member(db, "ben", class_year=2004).actor
    today = clock.now().date()
    add(db, ben, Kind.SKILL, Label(label="Choir"), Level.PUBLIC)
    db.write_now(profiles.answer, ben.id, federation_mode=FederationMode.OPEN)
    assert not get(db, ben, None).is_empty

    db.write_now(members.set_adult_on, ben.id, today + timedelta(days=2))

    assert get(db, ben, None).is_empty
    assert not get(db, ben, viewers[3]).is_empty
    young = db.read_now(by_ids, [ben.id])[ben.id]
    assert (young.reach, young.public_profile) == (Reach.PARTNERS, None)
    for wrong in ({"federation_mode": FederationMode.OPEN}, {"listed_to": Listing.PARTNERS}):
        with pytest.raises(Invalid):
            db.write_now(profiles.answer, ben.id, **wrong)
    db.write_now(members.let_grow_up, today + timedelta(days=3))
    db.write_now(profiles.answer, ben.id, federation_mode=FederationMode.OPEN)
    assert not get(db, ben, None).is_empty


def test_two_forms_that_were_opened_together_do_not_write_over_each_other(db, ana):
    number = add(db, ana)
    entry, own = (
        db.read_now(profiles.entry, ana.id, number, clock.now()),
        db.read_now(profiles.own, ana.id, clock.now()),
    )
    again = replace(SEEK, text="A flat in Nantes for June")
    for write in (
        lambda **more: db.write_now(profiles.change, ana.id, number, again, 3, **more),
        lambda **more: db.write_now(profiles.write, ana.id, FACTS, {}, **more),
    ):
        write(version=entry.version)
        with pytest.raises(Conflict):
            write(version=entry.version)
        write(version=entry.version + 1)
        write()
    assert own.version == entry.version == 1


def test_what_was_published_today_counts_also_after_it_is_taken_away(db, ana):
    for number in range(3):
        db.write_now(profiles.remove, ana.id, add(db, ana, details=replace(SEEK, text=f"A flat, the {number}. time")))
    with pytest.raises(TooMany):
        add(db, ana)
    draft = add(db, ana, draft=True)
    with pytest.raises(TooMany):
        db.write_now(profiles.act, ana.id, draft, Verb.PUBLISH)


def test_who_helped_is_thanked_and_hears_of_it(db, ana, viewers):
    number, other = add(db, ana), add(db, ana, details=replace(SEEK, text="Another flat in Lyon"))
    stranger, blocker = a_member(db, "zoe").actor, a_member(db, "yan").actor
    db.write_now(relationships.block, blocker, ana)

    for wrong in (["nobody"], ["ana"], ["yan"], ["zoe", "far@far.example"]):
        with pytest.raises(Invalid):
            db.write_now(profiles.fulfil, ana.id, number, thanks_to=wrong)
    with pytest.raises(Invalid):
        db.write_now(profiles.fulfil, ana.id, number, story="x" * 401)
    assert db.write_now(profiles.fulfil, ana.id, number, thanks_to=["@Friend", "zoe"], story="By a cousin.") is (
        State.FULFILLED
    )
    assert db.write_now(profiles.fulfil, ana.id, number, thanks_to=["classmate"]) is State.FULFILLED
    db.write_now(profiles.fulfil, ana.id, other)

    assert [told(db, one) for one in (viewers[1], stranger.id, viewers[2])] == [1, 1, 0]
    assert db.read_now(profiles.entry, ana.id, number, clock.now()).story == "By a cousin."
    db.write_now(profiles.remove, ana.id, number)


def test_the_staff_takes_an_ask_away_and_its_owner_reads_why(db, ana, viewers):
    number, draft = add(db, ana), add(db, ana, draft=True)
    skill = add(db, ana, Kind.SKILL, Label(label="Choir"))
    staff = viewers[3]
    for wrong in (draft, skill, number + 1):
        with pytest.raises(NotFound):
            db.write_now(profiles.take_away, staff, wrong, "Not ours")
    with pytest.raises(Invalid):
        db.write_now(profiles.take_away, staff, number, " ")

    assert db.write_now(profiles.take_away, staff, number, "It sells things.") == ana.id

    assert [entry.id for entry in get(db, ana, ana.id).of(Kind.SEEK)] == [draft]
    assert told(db, ana.id) == 1
    said = db.read_now(audit.about, ana.id)[0]
    assert (said.actor_id, said.before, said.after, said.reason) == (staff, "open", "removed", "It sells things.")


def test_words_to_choose_from_are_those_of_several_that_any_member_sees(db, ana, viewers):
    def labels():
        return list(db.read_now(profiles.labels, viewers[3], Kind.SKILL))

    ben = a_member(db, "ben", listed="school").actor
    db.write_now(profiles.answer, ana.id, listed_to=Listing.SCHOOL)
    for level, actor in ((Level.SCHOOL, ana), (Level.PUBLIC, ben)):
        add(db, actor, Kind.SKILL, Label(label="Choir"), level)
        add(db, actor, Kind.SKILL, Label(label=f"Rust of {actor.username}"), level)
        add(db, actor, Kind.SKILL, Label(label="Secrets"), Level.CLASS)
    assert labels() == ["Choir"]
    db.write_now(profiles.answer, ben.id, listed_to=Listing.CLASS)
    assert labels() == []


def told(db, actor_id):
    """How many things the association told somebody of what is sought."""
    about = notices.c.about
    wanted = select(func.count()).where(notices.c.member_id == actor_id, about.like("thanks:%") | about.like("ask:%"))
    return db.read_now(lambda conn: conn.execute(wanted).scalar_one())
