# SPDX-License-Identifier: AGPL-3.0-or-later
"""What was rendered is kept, and never shown once it is old."""

import orjson
import pytest

from node import actors, relationships
from node.actors import ProfileChange
from tests.support.builders import a_remote_actor, an_actor
from web.mastodon.kept import Accounts, Kept


def shown(db, accounts, actor):
    return orjson.loads(db.read_now(accounts.by_ids, {actor.id})[actor.id].body)


def test_an_account_is_rendered_once_and_anew_after_every_change(db):
    accounts, ada, far = Accounts(db.site), an_actor(db, "ada"), a_remote_actor(db)
    first = db.read_now(accounts.by_ids, {ada.id})[ada.id]
    assert db.read_now(accounts.by_ids, {ada.id})[ada.id] is first

    db.write_now(relationships.update_profile, ada, ProfileChange(display_name="Ada Winter"))
    assert shown(db, accounts, ada)["display_name"] == "Ada Winter"
    db.write_now(relationships.actions.begin, far, ada, f"{far.uri}#f", accepted=True)
    assert shown(db, accounts, ada)["followers_count"] == 1
    db.write_now(actors.limit, ada, on=True)
    assert shown(db, accounts, ada)["limited"] is True
    assert db.read_now(accounts.by_ids, {ada.id})[ada.id].actor.limited_at is not None


def test_whoever_is_not_there_is_not_found(db):
    assert db.read_now(Accounts(db.site).by_ids, {12345}) == {}
    assert db.read_now(Accounts(db.site).by_ids, ()) == {}


@pytest.mark.parametrize("most", [1, 3, 10])
def test_what_is_asked_for_stays_and_the_rest_goes(most):
    kept: Kept[int, str] = Kept(most)
    for number in range(100):
        kept.put(number, str(number))
        kept.get(0)

    assert kept.get(0) == "0"
    assert sum(kept.get(number) is not None for number in range(100)) <= 2 * most + 2
