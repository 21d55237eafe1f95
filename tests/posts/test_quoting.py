# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who may quote what, how quotes are counted, and who is told of what happens to a quote."""

from dataclasses import replace

import orjson
import pytest
from sqlalchemy import select

from activitypub.addressing import PUBLIC, Visibility
from node import notifications, posts, relationships
from node.federation.tables import activities
from node.kernel.errors import Invalid, NotAllowed, NotFound
from node.kernel.paging import Page
from node.posts import Draft, QuotePolicy, QuoteState, policies
from node.posts.policies import Consent, Group, QuoteApproval
from node.relationships import Relationship
from tests.support.builders import a_post, a_remote_actor, an_actor


def a_quote(db, author, quoted, **more):
    return a_post(db, author, "Hear, hear", quoted_id=quoted, **more)


def found(db, post_id):
    return db.read_now(posts.find, post_id)


def count(db, post_id):
    return found(db, post_id).quotes_count


def told(db, member):
    return [(one.type, one.post_id) for one in db.read_now(notifications.page, member.id, Page())]


def last_said(db, kind):
    rows = db.read_now(
        lambda conn: conn.execute(
            select(activities.c.body).where(activities.c.type == kind).order_by(activities.c.id)
        ).all()
    )
    return orjson.loads(rows[-1].body)


@pytest.mark.parametrize(
    ("policy", "stranger", "follower"),
    [(None, True, True), (QuotePolicy.PUBLIC, True, True), (QuotePolicy.FOLLOWERS, False, True),
     (QuotePolicy.NOBODY, False, False)],
)  # fmt: skip
def test_the_author_says_who_may_quote(db, policy, stranger, follower):
    author, one, other = an_actor(db), an_actor(db), an_actor(db)
    db.write_now(relationships.follow, other, author)
    post_id = a_post(db, author, quote_policy=policy)

    for person, may in ((one, stranger), (other, follower), (author, True)):
        if may:
            assert found(db, a_quote(db, person, post_id)).quote_state is QuoteState.ACCEPTED
        else:
            with pytest.raises(NotAllowed):
                a_quote(db, person, post_id)


@pytest.mark.parametrize("visibility", [Visibility.PRIVATE, Visibility.DIRECT])
def test_what_is_not_open_is_quoted_by_its_author_at_the_most(db, visibility):
    author, reader = an_actor(db, "author"), an_actor(db, "reader")
    post_id = a_post(db, author, "For @reader", visibility=visibility)

    with pytest.raises(NotAllowed):
        a_quote(db, reader, post_id)
    if visibility is Visibility.DIRECT:
        with pytest.raises(NotAllowed):
            a_quote(db, author, post_id)
    else:
        assert found(db, a_quote(db, author, post_id)).visibility is Visibility.PRIVATE


def test_a_private_mention_quotes_only_those_whom_it_names(db):
    author, reader = an_actor(db, "author"), an_actor(db)
    post_id = a_post(db, author)

    with pytest.raises(Invalid):
        a_quote(db, reader, post_id, visibility=Visibility.DIRECT)
    a_post(db, reader, "@author Hear", quoted_id=post_id, visibility=Visibility.DIRECT)

    assert count(db, post_id) == 1


def test_quotes_are_counted_as_long_as_they_stand(db):
    author, one, other = an_actor(db), an_actor(db), an_actor(db)
    post_id = a_post(db, author)
    first, second, own = a_quote(db, one, post_id), a_quote(db, other, post_id), a_quote(db, author, post_id)
    version = found(db, post_id).version

    assert count(db, post_id) == 3
    db.write_now(posts.revoke_quote, author, post_id, first)
    assert count(db, post_id) == 2
    db.write_now(posts.delete_post, other, second)
    assert count(db, post_id) == 1
    assert found(db, post_id).version > version
    db.write_now(posts.delete_post, author, post_id)
    assert found(db, own).quote_state is QuoteState.DELETED


def test_the_quotes_of_a_post_are_those_that_the_viewer_may_see(db):
    author, one, other = an_actor(db), an_actor(db), an_actor(db)
    post_id = a_post(db, author)
    open_quote, secret = a_quote(db, one, post_id), a_quote(db, one, post_id, visibility=Visibility.PRIVATE)
    taken_back = a_quote(db, other, post_id)
    db.write_now(posts.revoke_quote, author, post_id, taken_back)

    assert db.read_now(posts.quoting_ids, post_id, one.id, Page()) == [secret, open_quote]
    assert db.read_now(posts.quoting_ids, post_id, None, Page()) == [open_quote]
    assert db.read_now(posts.quoting_ids, post_id, one.id, Page(limit=1, max_id=secret)) == [open_quote]
    with pytest.raises(NotFound):
        db.read_now(posts.quoting_ids, a_post(db, author, visibility=Visibility.DIRECT), other.id, Page())


def test_whoever_quotes_a_post_is_told_in_their_own_post_when_it_changes(db):
    author, quoter = an_actor(db), an_actor(db)
    post_id = a_post(db, author)
    quoting = a_quote(db, quoter, post_id)

    db.write_now(posts.edit, author, post_id, Draft(text="Changed"))

    assert told(db, author) == [("quote", quoting)]
    assert told(db, quoter) == [("quoted_update", quoting)]


def test_another_policy_is_told_to_others_and_is_no_edit(db):
    author, quoter = an_actor(db), an_actor(db)
    post_id = a_post(db, author)
    quoting = a_quote(db, quoter, post_id)

    db.write_now(posts.set_quote_policy, author, post_id, QuotePolicy.FOLLOWERS)
    update = last_said(db, "Update")
    db.write_now(posts.set_quote_policy, author, post_id, QuotePolicy.NOBODY)

    assert update["object"]["interactionPolicy"] == {"canQuote": {"automaticApproval": [author.followers]}}
    assert last_said(db, "Update")["object"]["interactionPolicy"] == {"canQuote": {"automaticApproval": [author.uri]}}
    assert "updated" not in update["object"]
    assert found(db, post_id).edited_at is None
    assert found(db, quoting).quote_state is QuoteState.ACCEPTED
    assert policies.chosen_quote_policy(found(db, post_id)) is QuotePolicy.NOBODY
    with pytest.raises(NotFound):
        db.write_now(posts.set_quote_policy, quoter, post_id, QuotePolicy.PUBLIC)


def test_an_edit_keeps_the_policy_or_changes_it(db):
    author = an_actor(db)
    post_id = a_post(db, author, quote_policy=QuotePolicy.FOLLOWERS)

    db.write_now(posts.edit, author, post_id, Draft(text="x"))
    assert policies.chosen_quote_policy(found(db, post_id)) is QuotePolicy.FOLLOWERS
    db.write_now(posts.edit, author, post_id, Draft(text="x", quote_policy=QuotePolicy.PUBLIC))

    assert policies.chosen_quote_policy(found(db, post_id)) is QuotePolicy.PUBLIC


STRANGER = Relationship()
FOLLOWER = replace(STRANGER, following=True)
FOLLOWED = replace(STRANGER, followed_by=True)


@pytest.mark.parametrize(
    ("automatic", "manual", "between", "consent"),
    [
        ([PUBLIC], [], STRANGER, Consent.AUTOMATIC),
        (["followers"], [], STRANGER, Consent.DENIED),
        (["followers"], [], FOLLOWER, Consent.AUTOMATIC),
        (["following"], [], FOLLOWED, Consent.AUTOMATIC),
        (["followers"], [PUBLIC], STRANGER, Consent.MANUAL),
        (["followers"], [PUBLIC], FOLLOWER, Consent.AUTOMATIC),
        (["https://far.example/lists/1"], [], FOLLOWER, Consent.UNKNOWN),
        ([], ["https://far.example/users/zoe"], STRANGER, Consent.DENIED),
        (None, None, STRANGER, Consent.UNKNOWN),
    ],
)
def test_what_somebody_who_would_like_to_quote_has_to_expect(db, automatic, manual, between, consent):
    far = a_remote_actor(db, "zoe")
    names = {"followers": far.followers, "following": far.following}
    here = found(db, a_post(db, an_actor(db)))

    def ids(given):
        return None if given is None else tuple(names.get(one, one) for one in given)

    post = replace(here, local=False, author_id=far.id, quote_policy=ids(automatic), quote_manual=ids(manual))
    approval = policies.quote_approval(post, far)

    assert approval.consent_for(here.author_id, between) is consent
    assert approval.consent_for(None) is Consent.DENIED
    assert approval.consent_for(far.id) is Consent.AUTOMATIC


def test_a_policy_is_told_in_words(db):
    author = an_actor(db)

    def of(**more):
        return policies.quote_approval(found(db, a_post(db, author, **more)), author)

    assert of() == QuoteApproval(author.id, (Group.PUBLIC,))
    assert of(quote_policy=QuotePolicy.FOLLOWERS) == QuoteApproval(author.id, (Group.FOLLOWERS,))
    assert of(quote_policy=QuotePolicy.NOBODY) == QuoteApproval(author.id)
    assert of(visibility=Visibility.PRIVATE) == QuoteApproval(author.id)
    assert of(visibility=Visibility.DIRECT) == QuoteApproval(author.id, author_may=False)
