# SPDX-License-Identifier: AGPL-3.0-or-later
"""Members found from apps: as the directory finds them, and by nobody to whom they are not listed."""

import pytest

from node import relationships
from node.actors import ProfileChange
from node.kernel import audit
from tests.support.builders import a_member, a_remote_actor
from web import limits


@pytest.fixture
def loic(db):
    """Somebody with an accent, listed to the school."""
    return a_member(db, "loic_lf", display_name="Loïc Le Fèvre", listed="school").actor


async def found(api, token, words, path="/api/v1/accounts/search", **params):
    answer = await api.get(path, token, params={"q": words, **params})
    assert answer.status == 200
    return [one["acct"] for one in (answer.json["accounts"] if "v2" in path else answer.json)]


@pytest.mark.parametrize("path", ["/api/v1/accounts/search", "/api/v2/search"])
async def test_a_name_is_found_without_its_accents(api, db, ada, loic, path):
    a_remote_actor(db, "lefevre", host="far.example")
    for words in ("lefevre", "LEFEVRE"):
        assert await found(api, ada.token, words, path) == ["loic_lf", "lefevre@far.example"]
    assert await found(api, ada.token, "Le Fèvre", path) == ["loic_lf"]
    assert await found(api, ada.token, "loic lefebre", path) == ["loic_lf"]
    assert await found(api, ada.token, "lefevre", path, offset=1) == ["lefevre@far.example"]
    assert await found(api, ada.token, "lefevre", path, limit=1) == ["loic_lf"]


@pytest.mark.parametrize("path", ["/api/v1/accounts/search", "/api/v2/search"])
async def test_who_is_listed_to_nobody_is_found_by_the_whole_handle_alone(api, db, ada, path):
    a_member(db, "hidden_one", display_name="Hidden Person")
    for words in ("hidden", "Hidden Person", "hidden_on"):
        assert await found(api, ada.token, words, path) == []
    for words in ("hidden_one", "@hidden_one"):
        assert await found(api, ada.token, words, path) == ["hidden_one"]


async def test_strangers_find_those_who_want_to_be_found(api, db, loic):
    assert await found(api, None, "fèvre", "/api/v2/search") == []
    db.write_now(relationships.update_profile, loic, ProfileChange(discoverable=True))
    assert await found(api, None, "fèvre", "/api/v2/search") == ["loic_lf"]


async def test_only_those_whom_one_follows(api, db, ada, loic):
    assert await found(api, ada.token, "lefevre", following="true") == []
    await api.post(f"/api/v1/accounts/{loic.id}/follow", ada.token)
    assert await found(api, ada.token, "lefevre", following="true") == ["loic_lf"]


async def test_nobody_copies_the_directory_by_an_app(api, ada, loic, monkeypatch):
    monkeypatch.setattr(limits, "is_loopback", lambda _: False)
    counters = api.app[limits.COUNTERS]
    for _ in range(limits.Limit.SEARCH.value.most):
        counters.take(limits.Limit.SEARCH, ada.member.id)
    assert (await api.get("/api/v1/accounts/search", ada.token, params={"q": "loic"})).status == 429
    assert (await api.get("/api/v2/search", ada.token, params={"q": "loic"})).status == 429


async def test_an_app_opens_as_many_profiles_a_day_as_a_browser(api, db, ada, ben, loic, monkeypatch):
    far = a_remote_actor(db, "far")
    monkeypatch.setattr(limits, "is_loopback", lambda _: False)
    counters, limit = api.app[limits.COUNTERS], limits.Limit.PROFILES
    one, by_handle = f"/api/v1/accounts/{loic.id}", "/api/v1/accounts/lookup?acct=loic_lf"
    assert [(await api.get(path, ada.token)).status for path in (one, by_handle)] == [200, 200]
    # What is found, other networks and oneself do not count.
    for path in ("/api/v1/accounts/search?q=loic", f"/api/v1/accounts/{far.id}", f"/api/v1/accounts/{ada.member.id}"):
        assert (await api.get(path, ada.token)).status == 200
    assert counters.take(limit, ada.member.id).used == 3
    while counters.take(limit, ada.member.id).used < limit.value.most:
        pass
    # Somebody new, since an answer that is kept is nothing new to whoever had it.
    for path in (f"/api/v1/accounts/{ben.id}", by_handle):
        answer = await api.get(path, ada.token)
        assert (answer.status, answer.json["error_code"]) == (429, "E_RATE")
        assert 0 < int(answer.headers["Retry-After"]) <= limit.value.seconds
    assert (await api.get(f"/api/v1/accounts/{far.id}", ada.token)).status == 200
    assert (await api.get(f"/api/v1/accounts/{ben.id}")).status == 200
    written = [entry.reason for entry in db.read_now(audit.about, ada.member.id) if entry.verb == "too_many"]
    assert written == ["profiles"]
