# SPDX-License-Identifier: AGPL-3.0-or-later
"""The association's own emoji: who may keep them, what they may be called, and what becomes of texts that name them."""

import pytest
from sqlalchemy import select

from node import actors, emojis, posts, relationships
from node.actors import ProfileChange
from node.emojis import rules
from node.kernel import queue
from node.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from node.posts import Draft, Kind, PollDraft
from node.posts.emojis import BATCH
from node.posts.tables import post_emojis
from tests.support.builders import a_member, a_post, a_remote_actor, an_actor
from tests.support.emojis import KEEPER, a_file, an_emoji, renew


def shown(db, number):
    """The words and the pictures' names of the emoji that a post shows, and its version."""
    post = db.read_now(posts.find, number)
    return [(one["shortcode"], one["url"].rpartition("/")[2][0]) for one in post.emojis], post.version


# -- rules ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (":cap:", ["cap"]),
        ("Hats off :cap:, all :cap: of you (:hat_2:)", ["cap", "hat_2"]),
        ("at 10:30:45", []),
        ("a:cap:b", []),
        ("::cap::", []),
        (":a: :b c:", []),
        (":cap::hat:", []),
        ("🎓:cap:🎓", ["cap"]),
        (f":{'x' * 40}: :{'x' * 41}:", ["x" * 40]),
        ("https://x.example/:8080:", ["8080"]),
    ],
)
def test_a_word_between_colons_stands_by_itself(text, words):
    assert rules.words_in(text) == words


def test_a_text_can_name_a_hundred():
    assert len(rules.words_in(" ".join(f":e{number}:" for number in range(150)))) == rules.MAX_IN_A_TEXT


@pytest.mark.parametrize("given", ["", "x", ":x:", "a b", "é", "cap!", "<b>", "x" * 41, "caps\n"])
def test_what_is_no_word_cannot_name_an_emoji(given):
    if given == "caps\n":
        assert rules.check_shortcode(given) == "caps"
        return
    with pytest.raises(Invalid):
        rules.check_shortcode(given)


# -- keeping them -----------------------------------------------------------------------------------------------------


def test_emoji_are_listed_by_category(db):
    an_emoji(db, "zebra", "z")
    an_emoji(db, ":cap:", "c", category="  Our   school ")
    an_emoji(db, "hidden", "h", visible_in_picker=False)
    off = an_emoji(db, "off", "o")
    db.write_now(emojis.change, KEEPER, off.id, disabled=True)

    assert [(one.shortcode, one.category) for one in db.read_now(emojis.listed)] == [
        ("zebra", ""),
        ("cap", "Our school"),
    ]
    assert len(db.read_now(emojis.every)) == 4


def test_a_word_is_taken_once(db):
    an_emoji(db, "cap")

    with pytest.raises(Conflict):
        an_emoji(db, "cap", "b")
    assert an_emoji(db, "Cap", "b").shortcode == "Cap"


@pytest.mark.parametrize("roles", [(), ("member",), ("board", "treasurer")])
def test_only_those_who_look_after_the_node_keep_emoji(db, roles):
    emoji = an_emoji(db)

    with pytest.raises(NotAllowed):
        db.write_now(emojis.add, roles, "hat", a_file())
    with pytest.raises(NotAllowed):
        db.write_now(emojis.replace_picture, roles, emoji.id, a_file())
    with pytest.raises(NotAllowed):
        db.write_now(emojis.change, roles, emoji.id, disabled=True)
    with pytest.raises(NotAllowed):
        db.write_now(emojis.remove, roles, emoji.id)


def test_one_that_is_not_there_cannot_be_changed(db):
    with pytest.raises(NotFound):
        db.write_now(emojis.change, KEEPER, 12, disabled=True)
    with pytest.raises(NotFound):
        db.write_now(emojis.remove, KEEPER, 12)


def test_a_category_has_a_length(db):
    with pytest.raises(Invalid):
        an_emoji(db, category="x" * 61)


def test_the_former_picture_stays_for_a_day(db):
    emoji = an_emoji(db, letter="a")

    db.write_now(emojis.replace_picture, KEEPER, emoji.id, a_file("b"))

    [entry] = [one for one in db.read_now(queue.listing, queue.Chosen()) if one.name == "media.remove"]
    assert entry.payload == {"files": [f"{'a' * 32}.png"]}
    assert entry.run_at - entry.created_at == emojis.actions.KEEP_FORMER


# -- in posts ---------------------------------------------------------------------------------------------------------


def test_a_post_shows_the_emoji_of_its_words(db):
    an_emoji(db, "cap", "c")
    an_emoji(db, "hat", "h")
    off = an_emoji(db, "off", "o")
    db.write_now(emojis.change, KEEPER, off.id, disabled=True)
    ada = an_actor(db, "ada")

    text = a_post(db, ada, "Hats off :hat: :none: :off:", spoiler_text="About a :cap:")
    asking = a_post(db, ada, "Which?", poll=PollDraft((":cap:", "none"), posts.MIN_POLL))

    assert [word for word, _ in shown(db, text)[0]] == ["hat", "cap"]
    assert shown(db, asking)[0] == [("cap", "c")]
    assert [one["shortcode"] for one in db.read_now(posts.poll_of, asking).emojis] == ["cap"]


def test_an_edit_shows_the_emoji_of_the_new_words(db):
    an_emoji(db, "cap", "c")
    an_emoji(db, "hat", "h")
    ada = an_actor(db, "ada")
    number = a_post(db, ada, ":cap:")

    for _ in range(2):
        db.write_now(posts.edit, ada, number, Draft(text=":hat:"))

    assert shown(db, number)[0] == [("hat", "h")]


def test_what_a_post_was_before_an_edit_is_shown_anew_too(db):
    emoji = an_emoji(db, "cap", "c")
    ada = an_actor(db, "ada")
    number = a_post(db, ada, "None", poll=PollDraft((":cap:", "none"), posts.MIN_POLL))
    db.write_now(posts.edit, ada, number, Draft(text="Now none either"))

    def states():
        found = db.read_now(posts.history, number, ada.id)
        return [[one["url"].rpartition("/")[2][0] for one in state.emojis] for state in found]

    assert states() == [["c"], []]
    db.write_now(emojis.replace_picture, KEEPER, emoji.id, a_file("d"))
    renew(db)
    assert states() == [["d"], []]
    db.write_now(emojis.remove, KEEPER, emoji.id)
    renew(db)
    assert states() == [[], []]


def test_what_was_written_before_an_emoji_came_stays_as_it_was(db):
    number = a_post(db, an_actor(db, "ada"), ":cap:")

    an_emoji(db, "cap")

    assert renew(db) == 0
    assert shown(db, number)[0] == []


def test_another_picture_is_shown_in_what_was_written_before(db):
    emoji = an_emoji(db, "cap", "c")
    number = a_post(db, an_actor(db, "ada"), ":cap:")
    _, version = shown(db, number)

    db.write_now(emojis.replace_picture, KEEPER, emoji.id, a_file("d"))
    renew(db)

    assert shown(db, number) == ([("cap", "d")], version + 1)


def test_one_that_is_turned_off_comes_back_when_it_is_turned_on(db):
    emoji = an_emoji(db, "cap", "c")
    number = a_post(db, an_actor(db, "ada"), ":cap:")

    db.write_now(emojis.change, KEEPER, emoji.id, disabled=True)
    renew(db)
    assert shown(db, number)[0] == []
    meanwhile = a_post(db, an_actor(db, "ben"), ":cap:")

    db.write_now(emojis.change, KEEPER, emoji.id, disabled=False)
    renew(db)
    assert shown(db, number)[0] == shown(db, meanwhile)[0] == [("cap", "c")]


def test_one_that_is_removed_leaves_its_word(db):
    emoji = an_emoji(db, "cap", "c")
    number = a_post(db, an_actor(db, "ada"), ":cap:")

    db.write_now(emojis.remove, KEEPER, emoji.id)
    renew(db)

    assert shown(db, number)[0] == []
    assert db.read_now(lambda conn: conn.execute(select(post_emojis)).all()) == []
    an_emoji(db, "cap", "d")
    assert renew(db) == 0


def test_a_change_that_is_none_changes_nothing(db):
    emoji = an_emoji(db, "cap", category="School")
    a_post(db, an_actor(db, "ada"), ":cap:")

    db.write_now(emojis.change, KEEPER, emoji.id, category="School ", visible_in_picker=True, disabled=False)

    assert renew(db) == 0


def test_many_posts_are_written_anew_some_at_a_time(db, monkeypatch):
    monkeypatch.setattr("node.posts.emojis.BATCH", 2)
    emoji = an_emoji(db, "cap", "c")
    ada = an_actor(db, "ada")
    numbers = [a_post(db, ada, f":cap: {number}") for number in range(5)]

    db.write_now(emojis.change, KEEPER, emoji.id, category="New")

    assert renew(db) == 3
    assert all(db.read_now(posts.find, number).emojis[0]["category"] == "New" for number in numbers)
    assert BATCH == 100


def test_those_of_other_servers_keep_their_own(db):
    an_emoji(db, "cap", "c")
    far = a_remote_actor(db, "ann")

    post = db.write_now(
        posts.write,
        posts.NewPost(
            uri=f"{far.uri}/1",
            url=f"{far.uri}/1",
            author=far,
            kind=Kind.NOTE,
            visibility=posts.Draft().visibility,
            created_at=far.created_at,
            content=":cap:",
        ),
    )

    assert post.emojis == ()


# -- in profiles ------------------------------------------------------------------------------------------------------


def test_a_profile_shows_the_emoji_of_its_texts(db):
    for word in ("cap", "hat", "coat"):
        an_emoji(db, word, word[0])
    ada = an_actor(db, "ada", display_name="Ada :cap:")
    assert [one["shortcode"] for one in ada.emojis] == ["cap"]

    change = ProfileChange(summary="A :hat:", fields=[("My :coat:", "none")])
    after = db.write_now(relationships.update_profile, ada, change)

    assert [one["shortcode"] for one in after.emojis] == ["cap", "hat", "coat"]
    plain = db.write_now(relationships.update_profile, after, ProfileChange(display_name="Ada"))
    assert [one["shortcode"] for one in plain.emojis] == ["hat", "coat"]


def test_profiles_are_shown_anew_when_an_emoji_changes(db):
    emoji = an_emoji(db, "cap", "c")
    ada, ben = an_actor(db, "ada", display_name="Ada :cap:"), an_actor(db, "ben")

    db.write_now(emojis.remove, KEEPER, emoji.id)

    after = db.read_now(actors.get, ada.id)
    assert (after.emojis, after.version) == ((), ada.version + 1)
    assert db.read_now(actors.get, ben.id).version == ben.version


def test_what_another_server_says_in_the_same_word_is_left_alone(db):
    emoji = an_emoji(db, "cap", "c")
    far = a_remote_actor(db, "ann")
    db.write_now(actors.touch, far.id, display_name="Ann :cap:")
    before = db.read_now(actors.get, far.id)

    db.write_now(emojis.change, KEEPER, emoji.id, category="x")

    assert db.read_now(actors.get, far.id) == before
    assert a_member(db).actor.emojis == ()
