# SPDX-License-Identifier: AGPL-3.0-or-later
"""A node as other people's client suites need it: plain http on localhost, and no limits there."""

from dataclasses import replace

import pytest

from node.kernel.config import ConfigError, Federation, Settings, load
from node.wiring.services import Services
from tests.support.builders import a_member
from tests.web import asking
from tests.web.asking import Api

ORIGIN = "localhost:3000"
# The database has no part in this.
pytestmark = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


@pytest.fixture
async def services(services: Services) -> Services:
    """The services of a node for tests, which calls itself like another program."""
    changed = replace(
        services.settings,
        domain=ORIGIN,
        web_domain=ORIGIN,
        name="Mastodon",
        testing=True,
        federation=Federation(allow_http=True),
    )
    services.settings = changed
    services.db.site = replace(services.db.site, base_url=changed.base_url, domain=ORIGIN, allow_http=True)
    return services


@pytest.fixture(autouse=True)
def _host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "HOST", ORIGIN)


async def test_every_address_is_plain_http_there(api: Api) -> None:
    ada = a_member(api.db, "ada")

    about = (await api.get("/api/v2/instance/")).json
    me = (await api.get("/api/v1/accounts/verify_credentials/", api.token(ada))).json

    assert (about["title"], about["domain"]) == ("Mastodon", ORIGIN)
    assert about["configuration"]["urls"]["streaming"] == f"ws://{ORIGIN}"
    for address in (me["url"], me["uri"], me["avatar"]):
        assert address.startswith(f"http://{ORIGIN}/")


async def test_a_password_is_no_grant_even_there(api: Api) -> None:
    form = {"grant_type": "password", "username": "ada", "password": "x", "client_id": "x", "client_secret": "x"}

    answer = await api.post("/oauth/token", data=form)

    assert answer.status in (400, 401)
    assert answer.json["error"] in ("unsupported_grant_type", "invalid_client")


@pytest.mark.parametrize("testing", [True, False])
async def test_logging_in_is_not_limited_on_this_machine(api: Api, *, testing: bool) -> None:
    a_member(api.db, "ada")
    api.services.settings = replace(api.services.settings, testing=testing)
    form, headers = {"login": "ada", "password": "wrong"}, {"Origin": f"http://{ORIGIN}"}

    told = {(await api.post("/login", data=form, headers=headers)).status for _ in range(11)}

    assert (429 in told) is not testing


def test_a_public_node_is_never_so(settings: Settings) -> None:
    environ = {
        "ALUMNODE_DOMAIN": "harbour.example",
        "ALUMNODE_NAME": "Mastodon",
        "ALUMNODE_SECRET_KEY": "s" * 40,
        "ALUMNODE_TESTING": "true",
    }
    with pytest.raises(ConfigError, match="testing"):
        load(None, environ)
    local = load(None, {**environ, "ALUMNODE_DOMAIN": ORIGIN, "ALUMNODE_FEDERATION__ALLOW_HTTP": "true"})
    assert (local.base_url, local.testing) == (f"http://{ORIGIN}", True)
