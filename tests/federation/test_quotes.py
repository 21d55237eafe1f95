# SPDX-License-Identifier: AGPL-3.0-or-later
# ruff: noqa: ARG005  # every row of a table takes what the table hands out
"""Quotes: posts elsewhere that quote, the consent they need, and ours, given and taken back."""

import orjson
import pytest

from activitypub.addressing import PUBLIC, Visibility
from node import notifications, posts, relationships
from node.kernel.errors import NotAllowed, NotFound
from node.kernel.paging import Page
from node.posts import Draft, QuoteState
from node.posts.tables import quote_stamps
from node.wiring.documents import local_object
from tests.support.builders import a_post, an_actor
from tests.support.peers import CONTEXT, Peers, moment
from web.mastodon.rendering import Statuses
from web.pages import convert


@pytest.fixture
async def met(node, peers: Peers):
    """(the node, the peers, our Bob, Ann elsewhere whom he follows)."""
    bob, ann = an_actor(node.db, "bob"), peers.person("ann")
    await node.services.resolver.actor(ann.uri)
    node.follows(bob, ann.uri)
    peers.seen.clear()
    return node, peers, bob, ann


def found(node, uri):
    return node.read(posts.by_uri, uri)


def ours(node, bob, **more):
    return node.read(posts.find, a_post(node.db, bob, "Quote me", **more))


def a_request(ann, quoted, quoting, **more):
    """A QuoteRequest as Mastodon sends it."""
    return {
        "@context": CONTEXT,
        "id": f"{quoting}/quote",
        "type": "QuoteRequest",
        "actor": ann.uri,
        "object": quoted,
        "instrument": {"id": quoting, "type": "Note", "attributedTo": ann.uri, "quote": quoted},
        **more,
    }


def a_stamp(author, quoting, quoted, number=1):
    return {
        "@context": CONTEXT,
        "id": f"{author.uri}/stamps/{number}",
        "type": "QuoteAuthorization",
        "attributedTo": author.uri,
        "interactingObject": quoting,
        "interactionTarget": quoted,
    }


def shown(node, uri, viewer=None):
    """The status as an app gets it."""
    return orjson.loads(node.read(Statuses(node.db.site, node.db.bus).one, found(node, uri).id, viewer))


# -- others quote others ----------------------------------------------------------------------------------------------


async def test_what_a_post_quotes_is_looked_up_and_shown_once_its_author_agrees(met):
    node, peers, bob, ann = met
    carol = peers.person("carol", "other")
    quoted = peers.serve(carol.note("<p>The first word</p>"))
    note = ann.note()
    stamp = peers.serve(a_stamp(carol, note["id"], quoted["id"]))

    await node.hear(peers, ann.create(note | {"quote": quoted["id"], "quoteAuthorization": stamp["id"]}), by=ann)

    post = found(node, note["id"])
    assert (post.quote_state, post.quote_of_id) == (QuoteState.ACCEPTED, found(node, quoted["id"]).id)
    status = shown(node, note["id"], bob.id)
    assert status["quote"]["state"] == "accepted"
    assert status["quote"]["quoted_status"]["content"] == "<p>The first word</p>"
    assert status["quote"]["quoted_status"]["quote"] is None
    [page] = node.read(convert.post_list, node.db.site, [post.id], bob.id)
    assert page.quote is not None
    assert page.quote.text == "<p>The first word</p>"


async def test_a_quote_without_consent_is_not_shown(met):
    node, peers, bob, ann = met
    carol = peers.person("carol", "other")
    quoted = peers.serve(carol.note())
    note = ann.note(_misskey_quote=quoted["id"], quoteUrl=quoted["id"])

    await node.hear(peers, ann.create(note), by=ann)

    assert shown(node, note["id"])["quote"] == {"state": "pending", "quoted_status": None}
    [page] = node.read(convert.post_list, node.db.site, [found(node, note["id"]).id], bob.id)
    assert page.quote is None
    assert "not agreed" in page.quote_note


FORGED = {
    "by the one who quotes": lambda ann, carol, note, quoted: a_stamp(ann, note, quoted),
    "for another quote": lambda ann, carol, note, quoted: a_stamp(carol, f"{note}0", quoted),
    "of another post": lambda ann, carol, note, quoted: a_stamp(carol, note, f"{quoted}0"),
}


@pytest.mark.parametrize("made", FORGED.values(), ids=FORGED)
async def test_a_consent_that_is_not_the_authors_to_this_quote_counts_for_nothing(met, made):
    node, peers, _, ann = met
    carol = peers.person("carol", "other")
    quoted = peers.serve(carol.note())
    note = ann.note()
    stamp = peers.serve(made(ann, carol, note["id"], quoted["id"]))

    await node.hear(peers, ann.create(note | {"quote": quoted["id"], "quoteAuthorization": stamp["id"]}), by=ann)

    assert found(node, note["id"]).quote_state is QuoteState.PENDING


async def test_quoting_oneself_needs_no_consent(met):
    node, peers, _, ann = met
    quoted = peers.serve(ann.note("<p>Before</p>"))
    note = ann.note(quote=quoted["id"])

    await node.hear(peers, ann.create(note), by=ann)

    assert shown(node, note["id"])["quote"]["quoted_status"]["content"] == "<p>Before</p>"


async def test_a_consent_may_come_with_an_update_that_is_no_edit(met):
    node, peers, _, ann = met
    carol = peers.person("carol", "other")
    quoted = peers.serve(carol.note())
    note = ann.note(quote=quoted["id"])
    await node.hear(peers, ann.create(note), by=ann)
    stamp = peers.serve(a_stamp(carol, note["id"], quoted["id"]))

    await node.hear(peers, ann.says("Update", note | {"quoteAuthorization": stamp["id"]}), by=ann)

    post = found(node, note["id"])
    assert (post.quote_state, post.edited_at) == (QuoteState.ACCEPTED, None)


async def test_a_chain_of_quotes_is_not_followed(met):
    node, peers, _, ann = met
    third = peers.serve(ann.note("<p>3</p>"))
    second = peers.serve(ann.note("<p>2</p>", quote=third["id"]))
    first = ann.note("<p>1</p>", quote=second["id"])

    await node.hear(peers, ann.create(first), by=ann)

    assert found(node, second["id"]) is not None
    assert found(node, third["id"]) is None
    assert shown(node, first["id"])["quote"]["quoted_status"]["quote"] == {"state": "pending", "quoted_status_id": None}


async def test_posts_that_quote_each_other_are_shown_once(met):
    node, peers, _, ann = met
    first, second = ann.note(), ann.note()
    for one, other in ((first, second), (second, first)):
        one["quote"] = other["id"]
        peers.serve(one)

    await node.hear(peers, ann.create(first), by=ann)
    await node.hear(peers, ann.create(second), by=ann)

    status = shown(node, first["id"])
    assert status["quote"]["quoted_status"]["uri"] == second["id"]
    assert status["quote"]["quoted_status"]["quote"]["quoted_status_id"] == status["id"]


async def test_a_withdrawn_consent_hides_the_quote(met):
    node, peers, _, ann = met
    carol = peers.person("carol", "other")
    quoted = peers.serve(carol.note())
    note = ann.note()
    stamp = peers.serve(a_stamp(carol, note["id"], quoted["id"]))
    await node.hear(peers, ann.create(note | {"quote": quoted["id"], "quoteAuthorization": stamp["id"]}), by=ann)

    await node.hear(peers, ann.says("Delete", stamp["id"]), by=ann)
    assert found(node, note["id"]).quote_state is QuoteState.ACCEPTED
    await node.hear(peers, carol.says("Delete", stamp["id"]), by=carol)

    assert shown(node, note["id"])["quote"] == {"state": "revoked", "quoted_status": None}


async def test_a_deleted_post_leaves_its_quotes_without_it(met):
    node, peers, _, ann = met
    quoted = peers.serve(ann.note())
    note = ann.note(quote=quoted["id"])
    await node.hear(peers, ann.create(note), by=ann)

    await node.hear(peers, ann.says("Delete", quoted["id"]), by=ann)

    assert shown(node, note["id"])["quote"] == {"state": "deleted", "quoted_status": None}


async def test_a_quoted_post_is_shown_to_those_only_who_may_see_it(met):
    node, peers, bob, ann = met
    dan = an_actor(node.db, "dan")
    quoted = ann.note(to=[ann.followers], cc=[])
    await node.hear(peers, ann.create(quoted), by=ann)
    note = ann.note(quote=quoted["id"])
    await node.hear(peers, ann.create(note), by=ann)

    assert shown(node, note["id"], bob.id)["quote"]["state"] == "accepted"
    assert shown(node, note["id"], dan.id)["quote"] == {"state": "unauthorized", "quoted_status": None}
    [page] = node.read(convert.post_list, node.db.site, [found(node, note["id"]).id], dan.id)
    assert "cannot see" in page.quote_note


# -- others quote ours ------------------------------------------------------------------------------------------------


async def test_a_request_for_an_open_post_is_granted_with_a_stamp_that_can_be_read(met):
    node, peers, bob, ann = met
    post = ours(node, bob)
    note = ann.note(quote=post.uri)
    await node.hear(peers, ann.create(note), by=ann)

    await node.hear(peers, a_request(ann, post.uri, note["id"]), by=ann)

    [accept] = [seen for seen in peers.received() if seen["type"] == "Accept"]
    assert (accept["object"]["type"], accept["object"]["id"]) == ("QuoteRequest", f"{note['id']}/quote")
    served = node.read(local_object, node.db.site, accept["result"], None).document
    assert (served["type"], served["attributedTo"]) == ("QuoteAuthorization", bob.uri)
    assert (served["interactingObject"], served["interactionTarget"]) == (note["id"], post.uri)
    assert found(node, note["id"]).quote_state is QuoteState.ACCEPTED
    told = [(one.type, one.post_id) for one in node.read(notifications.page, bob.id, Page())]
    assert told == [("quote", found(node, note["id"]).id)]


async def test_asking_twice_gives_the_same_stamp(met):
    node, peers, bob, ann = met
    post = ours(node, bob)
    quoting = f"{ann.uri}/statuses/77"

    await node.hear(peers, a_request(ann, post.uri, quoting), by=ann)
    await node.hear(peers, a_request(ann, post.uri, quoting, id=f"{quoting}/again"), by=ann)

    first, second = [seen["result"] for seen in peers.received() if seen["type"] == "Accept"]
    assert first == second
    assert node.count(quote_stamps) == 1


async def test_a_request_for_a_post_to_followers_is_refused_and_one_for_a_hidden_post_is_not_answered(met):
    node, peers, bob, ann = met
    hidden, private = ours(node, bob, visibility=Visibility.PRIVATE), ours(node, bob, visibility=Visibility.PRIVATE)
    await node.hear(peers, a_request(ann, hidden.uri, f"{ann.uri}/statuses/1"), by=ann)
    assert not [seen for seen in peers.received() if seen["type"] in ("Accept", "Reject")]

    node.followed_by(ann.uri, bob)
    await node.hear(peers, a_request(ann, private.uri, f"{ann.uri}/statuses/2"), by=ann)

    assert [seen["type"] for seen in peers.received() if seen["type"] in ("Accept", "Reject")] == ["Reject"]
    assert node.count(quote_stamps) == 0


VOID = {
    "of another server": lambda ann, post: a_request(ann, post.uri, "http://other.localhost/1", id=f"{ann.uri}/q"),
    "without a post": lambda ann, post: a_request(ann, post.uri, f"{ann.uri}/1", instrument=None),
    "for nothing of ours": lambda ann, post: a_request(ann, f"{post.uri}x", f"{ann.uri}/statuses/1"),
}


@pytest.mark.parametrize("made", VOID.values(), ids=VOID)
async def test_a_void_request_is_not_answered(met, made):
    node, peers, bob, ann = met
    post = ours(node, bob)

    await node.hear(peers, made(ann, post), by=ann)

    assert node.count(quote_stamps) == 0
    assert not [seen for seen in peers.received() if seen["type"] in ("Accept", "Reject")]


async def test_one_who_is_blocked_gets_no_consent(met):
    node, peers, bob, ann = met
    post = ours(node, bob)
    node.write(relationships.block, bob, node.actor(ann.uri))

    await node.hear(peers, a_request(ann, post.uri, f"{ann.uri}/statuses/1"), by=ann)

    assert node.count(quote_stamps) == 0


async def test_a_consent_can_be_taken_back_by_the_author_alone(met):
    node, peers, bob, ann = met
    dan = an_actor(node.db, "dan")
    post = ours(node, bob)
    note = ann.note(quote=post.uri)
    await node.hear(peers, ann.create(note), by=ann)
    await node.hear(peers, a_request(ann, post.uri, note["id"]), by=ann)
    [stamp] = [seen["result"] for seen in peers.received() if seen["type"] == "Accept"]
    quoting = found(node, note["id"])

    with pytest.raises(NotFound):
        node.write(posts.revoke_quote, dan, post.id, quoting.id)
    node.write(posts.revoke_quote, bob, post.id, quoting.id)
    await node.work()

    assert found(node, note["id"]).quote_state is QuoteState.REVOKED
    [delete] = [seen for seen in peers.received() if seen["type"] == "Delete"]
    assert delete["object"]["id"] == stamp
    served = node.read(local_object, node.db.site, stamp, None)
    assert (served.gone, served.document["formerType"]) == (True, "QuoteAuthorization")


async def test_our_posts_say_who_may_quote_them(met):
    node, _, bob, _ = met
    ours(node, bob)
    ours(node, bob, visibility=Visibility.PRIVATE)

    policies = [one["object"]["interactionPolicy"] for one in node.stored("Create")]

    assert policies == [
        {"canQuote": {"automaticApproval": [PUBLIC]}},
        {"canQuote": {"automaticApproval": [bob.uri]}},
    ]


# -- ours quote others ------------------------------------------------------------------------------------------------


async def quoting(met, **more):
    """(our post that quotes, Carol whom it quotes, her post), the request sent."""
    node, peers, bob, ann = met
    carol = peers.person("carol", "other")
    quoted = peers.serve(carol.note("<p>The first word</p>", **more))
    number = await node.services.resolver.post(quoted["id"])
    node.followed_by(ann.uri, bob)
    post = node.read(posts.find, node.write(posts.publish, bob, Draft(text="Hear, hear", quoted_id=number)))
    await node.work()
    return post, carol, quoted


def asked(peers):
    [request] = [seen for seen in peers.received("other") if seen["type"] == "QuoteRequest"]
    return request


async def test_a_quote_is_asked_for_and_shown_when_the_author_agrees(met):
    node, peers, bob, _ = met
    post, carol, quoted = await quoting(met)
    request = asked(peers)
    assert (request["object"], request["instrument"]["id"]) == (quoted["id"], post.uri)
    assert request["instrument"]["quote"] == quoted["id"]
    assert shown(node, post.uri, bob.id)["quote"]["state"] == "pending"
    stamp = peers.serve(a_stamp(carol, post.uri, quoted["id"]))

    await node.hear(peers, carol.says("Accept", request, result=stamp["id"]), by=carol)

    assert shown(node, post.uri, bob.id)["quote"]["state"] == "accepted"
    [update] = [seen for seen in peers.received() if seen["type"] == "Update"]
    assert update["object"]["quoteAuthorization"] == stamp["id"]
    assert update["object"]["content"].startswith('<p class="quote-inline">RE: <a href="')
    assert "updated" not in update["object"]
    assert "quote-inline" not in shown(node, post.uri, bob.id)["content"]


async def test_a_yes_without_a_true_stamp_is_none(met):
    node, peers, _, ann = met
    post, carol, quoted = await quoting(met)
    request = asked(peers)
    stamp = peers.serve(a_stamp(carol, f"{post.uri}x", quoted["id"]))

    await node.hear(peers, carol.says("Accept", request, result=stamp["id"]), by=carol)
    other = peers.serve(a_stamp(ann, post.uri, quoted["id"]))
    await node.hear(peers, ann.says("Accept", request, result=other["id"]), by=ann)

    assert found(node, post.uri).quote_state is QuoteState.PENDING


async def test_a_no_leaves_the_quote_unshown(met):
    node, peers, bob, _ = met
    post, carol, _ = await quoting(met)

    await node.hear(peers, carol.says("Reject", asked(peers)), by=carol)

    assert shown(node, post.uri, bob.id)["quote"] == {"state": "rejected", "quoted_status": None}


async def test_who_may_not_quote_is_told_so(met):
    with pytest.raises(NotAllowed, match="does not let you quote"):
        await quoting(met, interactionPolicy={"canQuote": {"automaticApproval": []}})
    node, _, bob, _ = met
    private = a_post(node.db, an_actor(node.db, "dan"), "Not for you", visibility=Visibility.PRIVATE)
    with pytest.raises(NotFound):
        node.write(posts.publish, bob, Draft(text="Look", quoted_id=private))


async def test_people_here_are_quoted_with_a_stamp_at_once_and_told(met):
    node, _, bob, _ = met
    dan = an_actor(node.db, "dan")
    post = ours(node, bob)

    number = node.write(posts.publish, dan, Draft(text="Hear, hear", quoted_id=post.id))

    [create] = [one["object"] for one in node.stored("Create") if one["object"].get("quote")]
    served = node.read(local_object, node.db.site, create["quoteAuthorization"], None).document
    assert (served["attributedTo"], served["interactionTarget"]) == (bob.uri, post.uri)
    assert [(one.type, one.post_id) for one in node.read(notifications.page, bob.id, Page())] == [("quote", number)]
    assert node.stored("QuoteRequest") == []
    node.write(posts.revoke_quote, bob, post.id, number)
    assert node.read(posts.find, number).quote_state is QuoteState.REVOKED


async def test_quoting_oneself_needs_no_stamp(met):
    node, _, bob, _ = met
    post = ours(node, bob, visibility=Visibility.PRIVATE)

    number = node.write(posts.publish, bob, Draft(text="As I said", quoted_id=post.id))

    assert node.read(posts.find, number).quote_state is QuoteState.ACCEPTED
    assert node.count(quote_stamps) == 0


# -- whom an author elsewhere lets answer -----------------------------------------------------------------------------

POLICIES = {
    "everybody": (lambda ann, bob: [PUBLIC], True),
    "nobody": (lambda ann, bob: [], False),
    "somebody else": (lambda ann, bob: ["http://far.localhost/users/eve"], False),
    "followers": (lambda ann, bob: [ann.followers], True),
    "whom she follows": (lambda ann, bob: [f"{ann.uri}/following"], False),
    "Bob": (lambda ann, bob: [bob.uri], True),
}


@pytest.mark.parametrize(("allowed", "may"), POLICIES.values(), ids=POLICIES)
async def test_an_answer_is_taken_from_those_whom_the_author_lets_answer(met, allowed, may):
    node, peers, bob, ann = met
    note = ann.note(interactionPolicy={"canReply": {"automaticApproval": allowed(ann, bob)}})
    await node.hear(peers, ann.create(note), by=ann)
    number = found(node, note["id"]).id

    def answer():
        node.write(posts.publish, bob, Draft(text="Well said", in_reply_to_id=number))

    if may:
        answer()
    else:
        with pytest.raises(NotAllowed, match="certain people"):
            answer()


async def test_whoever_is_named_may_always_answer(met):
    node, peers, bob, ann = met
    note = ann.note(
        cc=[bob.uri],
        tag=[{"type": "Mention", "href": bob.uri, "name": "@bob"}],
        interactionPolicy={"canReply": {"automaticApproval": []}},
    )
    await node.hear(peers, ann.create(note), by=ann)

    node.write(posts.publish, bob, Draft(text="Thanks", in_reply_to_id=found(node, note["id"]).id))


async def test_a_policy_may_be_lifted_by_an_edit(met):
    node, peers, bob, ann = met
    note = ann.note(interactionPolicy={"canReply": {"automaticApproval": []}})
    await node.hear(peers, ann.create(note), by=ann)

    edited = note | {"interactionPolicy": None, "content": "<p>New</p>", "updated": moment()}
    await node.hear(peers, ann.says("Update", edited), by=ann)

    assert node.read(posts.may_reply, found(node, note["id"]), bob)
