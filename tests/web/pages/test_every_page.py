# SPDX-License-Identifier: AGPL-3.0-or-later
"""What holds for every page, made from the table of addresses: forms are our own, and pages for members are for them."""

from collections.abc import Iterator

from web.pages.routes import ROUTES

VALUES = {
    "acct": "ada",
    "cv_kind": "skill",
    "host": "far.example",
    "domain": "far.example",
    "kind": "privacy",
    "task": "posts.check_quote",
}
# Whoever has no account sends these: they are checked like all others, and need no login.
FOR_STRANGERS = {
    "/login",
    "/login/code",
    "/login/passkey",
    "/login/code/passkey",
    "/logout",
    "/sign-up",
    "/password",
    "/memorial/report",
}


def path_of(pattern: str) -> str:
    """An address that the pattern of a route takes; what it names is not there."""
    return "".join(_pieces(pattern))


def _pieces(pattern: str) -> Iterator[str]:
    name, depth = "", 0
    for character in pattern:
        depth += (character == "{") - (character == "}")
        if depth == 0:
            if name:
                yield VALUES.get(name[1:].partition(":")[0], "1")
                name = ""
            else:
                yield character
        else:
            name += character


MEMBERS_OWN = (
    "/settings",
    "/staff",
    "/lists",
    "/bookmarks",
    "/favourites",
    "/later",
    "/requests",
    "/notifications",
    "/messages",
)
FORMS = sorted({path_of(route.path) for route in ROUTES if route.method == "POST"})


def test_the_addresses_of_routes_are_filled_in():
    assert path_of("/a/{number:[0-9]{1,19}}/b/{acct:[a-z]+}") == "/a/1/b/ada"
    assert len(FORMS) > 100


async def test_no_form_is_taken_from_another_site(browser, ada):
    await browser.log_in(ada)
    token = (await browser.get("/")).csrf

    for path in FORMS:
        for how in ({"csrf": "wrong"}, {"csrf": ""}, {"csrf": token, "origin": "https://evil.example"}):
            page = await browser.post(path, **how)
            assert page.status == 403, (path, how)


async def test_a_stranger_changes_nothing(browser):
    await browser.get("/login")
    token = browser.page.csrf

    for path in FORMS:
        if path in FOR_STRANGERS or path.startswith(("/invite/", "/confirm/", "/email/", "/password/", "/appeal/")):
            continue
        page = await browser.post(path, csrf=token)
        assert page.path.startswith("/login") or page.status in (403, 404), path
        if not browser.page.csrf:
            await browser.get("/login")
            token = browser.page.csrf


async def test_what_is_a_members_own_leads_a_stranger_to_the_login(browser):
    pages = sorted({path_of(route.path) for route in ROUTES if route.method == "GET"})

    for path in (path for path in pages if path.startswith(MEMBERS_OWN)):
        assert (await browser.get(path)).path.startswith("/login"), path
