# SPDX-License-Identifier: AGPL-3.0-or-later
"""The addresses of the pages. Those for members lead to the login and back; every form is checked to be our own."""

from typing import Final

from aiohttp import web

from node import moderation, posts, relationships
from node.federation import hosts
from node.kernel import queue
from node.notifications import requests as waiting
from web.pages import about, account, events, home, joining, login, notices, people, reports, security, settings, upkeep
from web.pages import posts as post_pages

_ACCT: Final = "{acct:[A-Za-z0-9_.@:-]+}"
_POST: Final = "{post_id:[0-9]{1,19}}"
_ACTOR: Final = "{actor_id:[0-9]{1,19}}"
_HOST: Final = r"{host:[a-z0-9.:\[\]_-]{1,261}}"
_DOMAIN: Final = "{domain:[a-z0-9._-]{1,253}}"
_NUMBER: Final = "{number:[0-9]{1,19}}"

ROUTES: Final = (
    web.get("/", home.show),
    web.get("/about", about.show),
    web.get("/login", login.show),
    web.post("/login", login.log_in),
    web.post("/logout", login.log_out),
    web.get("/login/code", security.ask_code),
    web.post("/login/code", security.take_code),
    web.get("/settings/prove", security.ask_proof),
    web.post("/settings/prove", security.take_proof),
    web.get("/settings/security", security.show),
    web.post("/settings/security/begin", security.begin),
    web.post("/settings/security/on", security.turn_on),
    web.post("/settings/security/off", security.turn_off),
    web.post("/settings/security/codes", security.new_codes),
    web.get("/confirm/{token}", joining.confirm),
    web.post("/confirm/{token}", joining.confirmed),
    web.get("/password", joining.forgotten),
    web.post("/password", joining.ask_reset),
    web.get("/password/{token}", joining.new_password),
    web.post("/password/{token}", joining.set_password),
    web.get("/staff/sign-ups", joining.sign_ups),
    web.post(f"/staff/sign-ups/{_NUMBER}/approve", joining.approve),
    web.post(f"/staff/sign-ups/{_NUMBER}/turn-away", joining.turn_away),
    web.get("/invite/{token}", login.invitation),
    web.post("/invite/{token}", login.sign_up),
    web.post("/posts", home.publish),
    web.post(f"/posts/{_POST}/vote", post_pages.vote),
    web.post(f"/posts/{_POST}/favourite", home.action(posts.favourite)),
    web.post(f"/posts/{_POST}/unfavourite", home.action(posts.unfavourite)),
    web.post(f"/posts/{_POST}/boost", home.action(posts.boost)),
    web.post(f"/posts/{_POST}/unboost", home.action(posts.unboost)),
    web.post(f"/posts/{_POST}/pin", home.action(posts.pin)),
    web.post(f"/posts/{_POST}/unpin", home.action(posts.unpin)),
    web.get("/local", post_pages.local),
    web.get("/tags/{name}", post_pages.tagged),
    web.get("/people", people.people),
    web.get("/people/elsewhere", people.elsewhere),
    web.get("/authorize_interaction", people.remote_follow),
    web.post(f"/people/{_ACTOR}/follow", people.follow),
    web.post(f"/people/{_ACTOR}/unfollow", people.towards(relationships.unfollow, "unfollowed")),
    web.post(f"/requests/{_ACTOR}/accept", people.towards(relationships.accept_request, "accepted")),
    web.post(f"/requests/{_ACTOR}/reject", people.towards(relationships.reject_request, "rejected")),
    web.get("/events", events.upcoming(past=False)),
    web.get("/events/past", events.upcoming(past=True)),
    web.get("/events/new", events.new),
    web.post("/events/new", events.publish),
    web.get(f"/events/{_POST}", events.show),
    web.get(f"/events/{_POST}/edit", events.edit),
    web.post(f"/events/{_POST}/edit", events.save),
    web.get(f"/events/{_POST}/cancel", events.confirm_cancel),
    web.post(f"/events/{_POST}/cancel", events.cancel),
    web.post(f"/events/{_POST}/going", events.going),
    web.post(f"/events/{_POST}/not-going", events.not_going),
    web.get(f"/people/{_ACTOR}/report", reports.show),
    web.post(f"/people/{_ACTOR}/report", reports.send),
    web.get("/staff/queue", upkeep.show),
    web.post(f"/staff/queue/hosts/{_HOST}/retry", upkeep.of_host(queue.retry_now)),
    web.post(f"/staff/queue/hosts/{_HOST}/drop", upkeep.of_host(queue.drop)),
    web.post("/staff/queue/tasks/{task:[a-z._-]{1,64}}/retry", upkeep.of_task(queue.retry_now)),
    web.post("/staff/queue/tasks/{task:[a-z._-]{1,64}}/drop", upkeep.of_task(queue.drop)),
    web.post(f"/staff/queue/domains/{_DOMAIN}/block", upkeep.of_domain(hosts.block)),
    web.post(f"/staff/queue/domains/{_DOMAIN}/unblock", upkeep.of_domain(hosts.unblock)),
    web.get("/staff/reports", reports.index),
    web.post(f"/staff/reports/{_NUMBER}/resolve", reports.handling(moderation.resolve)),
    web.post(f"/staff/reports/{_NUMBER}/reopen", reports.handling(moderation.reopen)),
    web.get("/notifications", notices.show),
    web.post("/notifications/clear", notices.clear),
    web.post(f"/notifications/requests/{_NUMBER}/accept", notices.answering(waiting.accept, "heard")),
    web.post(f"/notifications/requests/{_NUMBER}/dismiss", notices.answering(waiting.dismiss, "deleted")),
    web.get("/messages", notices.messages),
    web.post(f"/messages/{_NUMBER}/read", notices.mark_read),
    web.get("/settings/notifications", notices.show_settings),
    web.post("/settings/notifications", notices.save_settings),
    web.get("/settings/profile", settings.show),
    web.post("/settings/profile", settings.save),
    web.get("/settings/account", account.show),
    web.post("/settings/account/aliases", account.add_alias),
    web.post("/settings/account/aliases/remove", account.remove_alias),
    web.post("/settings/account/move", account.move),
    web.post("/settings/account/stay", account.stay),
    web.post("/settings/account/delete", account.delete),
    web.get("/settings/access", settings.show_access),
    web.post("/settings/access/password", settings.change_password),
    web.post(f"/settings/access/sessions/{_NUMBER}/end", settings.end_session),
    web.post(f"/settings/access/apps/{_NUMBER}/end", settings.end_app),
    web.get(f"/@{_ACCT}/followers", people.connections(followers=True)),
    web.get(f"/@{_ACCT}/following", people.connections(followers=False)),
    web.get(f"/@{_ACCT}/{_POST}", post_pages.thread),
    web.get(f"/@{_ACCT}/{_POST}/delete", post_pages.confirm_delete),
    web.post(f"/@{_ACCT}/{_POST}/delete", post_pages.delete),
    web.get(f"/@{_ACCT}", people.profile),
    web.get("/static/{name}", about.static_file),
    web.get("/robots.txt", about.robots),
    web.get("/_parts", about.parts),
)
