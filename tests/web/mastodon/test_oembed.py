# SPDX-License-Identifier: AGPL-3.0-or-later
"""Showing a post on another site: who may be shown, and that the frame can do no harm."""

import pytest

from activitypub.addressing import Visibility
from tests.support.builders import a_post
from tests.web.asking import BASE, Api
from tests.web.mastodon.conftest import Person


async def test_a_public_post_can_be_shown_on_another_site(api: Api, ada: Person) -> None:
    post_id = a_post(api.db, ada.member.actor, "Boats on the quay")
    page = f"{BASE}/@ada/{post_id}"

    answer = await api.get("/api/oembed", params={"url": page, "maxwidth": "300"})

    assert answer.status == 200, answer.text
    assert (answer.json["type"], answer.json["version"], answer.json["width"]) == ("rich", "1.0", 300)
    assert answer.json["author_name"] == "Ada Quay"
    assert f'src="{page}/embed"' in answer.json["html"]
    embedded = await api.get(f"/@ada/{post_id}/embed", headers={**api.session(ada.member), "Accept": "text/html"})
    assert embedded.status == 200
    assert "Boats on the quay" in embedded.text
    assert "<form" not in embedded.text
    assert "frame-ancestors *" in embedded.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in embedded.headers
    shown = await api.get(f"/@ada/{post_id}", headers={"Accept": "text/html"})
    assert 'type="application/json+oembed"' in shown.text
    assert shown.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("visibility", [Visibility.PRIVATE, Visibility.DIRECT])
async def test_no_other_post_is_shown(api: Api, ada: Person, visibility: Visibility) -> None:
    post_id = a_post(api.db, ada.member.actor, "For few", visibility=visibility)

    assert (await api.get("/api/oembed", params={"url": f"{BASE}/@ada/{post_id}"})).status == 404
    assert (await api.get(f"/@ada/{post_id}/embed")).status == 404


@pytest.mark.parametrize("address", ["", "https://far.example/@ann/1", f"{BASE}/@ada/1", f"{BASE}/about", "nonsense"])
async def test_what_is_no_post_of_ours_is_not_found(api: Api, address: str) -> None:
    assert (await api.get("/api/oembed", params={"url": address})).status == 404


async def test_the_form_that_is_not_written_is_refused(api: Api, ada: Person) -> None:
    post_id = a_post(api.db, ada.member.actor, "Boats")

    answer = await api.get("/api/oembed", params={"url": f"{BASE}/@ada/{post_id}", "format": "xml"})

    assert answer.status == 501
