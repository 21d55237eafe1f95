# SPDX-License-Identifier: AGPL-3.0-or-later
"""Actors: what is kept of those elsewhere, whose a handle is, how people are found, and what a profile becomes."""

from datetime import timedelta

import pytest

from activitypub.actor import ActorDocument
from activitypub.signatures.keys import Algorithm, from_pem, generate, public_pem
from node import actors, members
from node.actors import ActorType, Picture, ProfileChange
from node.kernel import clock
from node.kernel.errors import Conflict, NotFound
from node.kernel.site import Site
from tests.support.builders import a_remote_actor, an_actor, keys


def keep(db, uri="https://far.example/users/ann", *, username="ann", domain="far.example", **more):
    document = ActorDocument(
        id=uri, type=more.pop("type", ActorType.PERSON), username=username, inbox=f"{uri}/inbox", **more
    )
    return db.write_now(actors.store_remote, document, domain=domain)


def test_an_actor_that_is_seen_again_is_the_same_and_changed(db):
    first = keep(db, name="Ann")
    second = keep(db, name="Ann B.")

    assert (second.id, second.display_name) == (first.id, "Ann B.")
    assert second.version > first.version


def test_what_a_remote_actor_says_of_itself_is_made_safe(db):
    found = keep(
        db,
        name="A\u202enn\x00" + "x" * 500,
        summary="<p>Hi<script>alert(1)</script><a href='javascript:x'>y</a></p>",
        fields=(("Site\x00", "<a href='https://far.example' onclick='x'>far</a>"),) * 30,
    )

    assert "\u202e" not in found.display_name
    assert len(found.display_name) <= 255
    assert "script" not in found.summary
    assert len(found.fields) == 20
    assert "onclick" not in found.fields[0].value


def test_a_person_does_not_turn_into_a_group(db):
    keep(db)

    assert keep(db, type=ActorType.GROUP).type is ActorType.PERSON


def test_a_handle_goes_to_whom_it_was_confirmed_for_last(db):
    old = keep(db)
    new = keep(db, "https://far.example/users/2")

    assert db.read_now(actors.by_handle, "Ann", "far.example").id == new.id
    assert db.read_now(actors.find, old.id).uri == old.uri


def test_nobody_elsewhere_takes_a_name_of_ours(db):
    ours = an_actor(db, "jane")

    keep(db, username="jane", domain="far.example")
    mine = db.write_now(
        actors.store_remote,
        ActorDocument(id=ours.uri, type=ActorType.PERSON, inbox=ours.inbox, username="evil"),
        domain="far.example",
    )

    assert db.read_now(actors.by_handle, "jane").id == ours.id
    assert (mine.id, mine.username) == (ours.id, "jane")


def test_keys_that_are_no_longer_listed_are_no_longer_known(db):
    uri = "https://far.example/users/ann"
    pems = [public_pem(generate(Algorithm.ED25519)) for _ in range(2)]
    both = tuple(from_pem(pem, key_id=f"{uri}#{number}", owner=uri) for number, pem in enumerate(pems))

    keep(db, keys=both)
    assert db.read_now(actors.public_key, f"{uri}#0").owner == uri
    keep(db, keys=both[1:])

    assert db.read_now(actors.public_key, f"{uri}#0") is None
    assert db.read_now(actors.public_key, f"{uri}#1").owner == uri


def test_private_keys_are_sealed_and_open_with_the_nodes_secret_only(db):
    ann = an_actor(db)

    key = db.read_now(actors.signing_key, db.site, ann.id)
    assert key.id == f"{ann.uri}#main-key"
    assert db.read_now(actors.public_key, key.id).verify(key.sign(b"x"), b"x")
    with pytest.raises(ValueError, match="secret_key"):
        db.read_now(actors.signing_key, Site(db.site.base_url, db.site.domain, secret="other" * 10), ann.id)
    with pytest.raises(NotFound):
        db.read_now(actors.signing_key, db.site, a_remote_actor(db).id)


def test_an_actor_who_is_gone_keeps_nothing_but_the_name(db):
    ann = an_actor(db, "ann", display_name="Ann B.", class_year=1999)

    db.write_now(actors.mark_deleted, ann)

    left = db.read_now(actors.find, ann.id)
    assert (left.username, left.display_name, left.class_year, left.is_active) == ("ann", "", None, False)
    with pytest.raises(NotFound):
        db.read_now(actors.get, ann.id)
    with pytest.raises(Conflict):
        db.write_now(actors.create_local, ActorType.PERSON, "Ann", keys())


def test_the_keys_of_one_who_is_gone_sign_the_news_and_go_then(db):
    ann = an_actor(db, "ann")
    db.write_now(actors.mark_deleted, ann)
    gone_at = db.read_now(actors.find, ann.id).deleted_at

    db.write_now(actors.drop_keys_of_gone, deleted_before=gone_at)
    assert db.read_now(actors.signing_key, db.site, ann.id).id == f"{ann.uri}#main-key"

    db.write_now(actors.drop_keys_of_gone, deleted_before=gone_at + timedelta(milliseconds=1))
    with pytest.raises(NotFound):
        db.read_now(actors.signing_key, db.site, ann.id)


def test_a_search_finds_people_here_first(db):
    a_remote_actor(db, "jane")
    ours = an_actor(db, "jane")

    assert [actor.acct for actor in db.read_now(actors.search, "@JANE")] == ["jane", "jane@far.example"]
    assert [actor.acct for actor in db.read_now(actors.search, "jane@far")] == ["jane@far.example"]
    assert db.read_now(actors.search, "  ") == []
    assert ours.acct == "jane"


def test_a_changed_profile_is_cleaned_and_can_be_emptied(db):
    ann = an_actor(db)
    change = ProfileChange(
        display_name="Ann\u202e B.",
        summary="Of <harbour> https://harbour.example",
        fields=[("Site", "https://ann.example"), ("", "")],
        avatar=Picture(file="a" * 32 + ".jpg", description="Me"),
        school="Harbour",
    )

    after = db.write_now(actors.change_profile, ann, change)

    assert after.display_name == "Ann B."
    assert "&lt;harbour&gt;" in after.summary
    assert 'href="https://harbour.example"' in after.summary
    assert len(after.fields) == 1
    assert after.fields[0].source == "https://ann.example"
    assert after.avatar.description == "Me"
    assert after.version > ann.version
    emptied = db.write_now(actors.change_profile, after, ProfileChange(summary="", school="", fields=[]))
    assert (emptied.summary, emptied.school, emptied.fields) == ("", None, ())


def test_an_actor_is_stale_after_a_day_and_one_of_ours_never(db):
    far, ours = a_remote_actor(db), an_actor(db)

    assert not actors.is_stale(far, clock.now())
    assert actors.is_stale(far, clock.now() + timedelta(days=1, seconds=1))
    assert not actors.is_stale(ours, clock.now() + timedelta(days=400))


def test_a_document_holds_what_all_may_know_and_nothing_else(db):
    ann = an_actor(db, "ann", display_name="Ann", class_year=1999, email="secret@mail.example")

    document = db.read_now(actors.document, db.site, ann)

    assert document["webfinger"] == f"ann@{db.site.domain}"
    assert document["publicKey"]["id"] == f"{ann.uri}#main-key"
    assert document["endpoints"]["sharedInbox"] == db.site.shared_inbox
    assert "secret@" not in str(document)
    assert "private" not in str(document).lower()


def test_the_members_row_of_the_association_lets_nobody_in(db):
    association = db.read_now(actors.association)

    assert db.read_now(members.get, association.id).password_hash == ""
