# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whom an incident concerns: by a file of the staff, a token, an account of the staff, another server, a time."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from activitypub.addressing import Visibility
from node import access, contacts, members, posts, privacy, profiles, relationships
from node.kernel import clock
from node.kernel.errors import Invalid
from node.posts import Draft
from node.privacy import Incident, Seen, Taken, Why, wording
from node.profiles import FederationMode
from node.relationships.actions import begin
from node.relationships.tables import partners
from tests.support.builders import a_member, a_remote_actor

HOST = "quays.example"


def found(db, kind, which="", since=None, until=None):
    told = db.read_now(privacy.find, kind, which, since, until)
    return {one.member.actor.username: set(one.why) for one in told}


@pytest.fixture
def people(db):
    """Four members and an administrator."""
    admin = a_member(db, "boss", roles=("member", "admin"))
    return {"admin": admin} | {name: a_member(db, name) for name in ("ana", "bo", "cy", "di")}


def test_a_file_knows_whose_data_it_held_and_who_took_it(db, people):
    numbers = [people["ana"].id, people["bo"].id, people["ana"].id]
    number = db.write_now(privacy.note_export, people["admin"].id, Taken.DUES, numbers, rows=3)

    assert found(db, Incident.EXPORT, str(number)) == {"ana": {Why.EXPORT}, "bo": {Why.EXPORT}}
    [one] = db.read_now(privacy.staff_exports_before)
    assert (one.by.username, one.what, one.row_count) == ("boss", Taken.DUES, 3)
    db.write_now(relationships.delete_account, people["ana"])
    assert set(found(db, Incident.EXPORT, str(number))) == {"bo"}


def test_a_stolen_token_touches_its_owner_and_whoever_trusted_them_with_something(db, people):
    ana, bo, cy, di = (people[name] for name in ("ana", "bo", "cy", "di"))
    app, _ = db.write_now(
        access.register_app, name="App", redirect_uris=["https://app.example/"], scopes="read", website=None
    )
    token = db.write_now(access.issue_token, app_id=app.id, member_id=ana.id, scopes=["read"]).secret
    db.write_now(posts.publish, bo.actor, Draft(text="@ana a secret", visibility=Visibility.DIRECT))
    db.write_now(posts.publish, cy.actor, Draft(text="@ana not for others, but no secret"))
    db.write_now(contacts.ask, di.actor, ana.actor)
    db.write_now(contacts.accept, ana.actor, di.actor)
    db.write_now(contacts.give, di.actor, ana.id, [contacts.Grant.EMAIL])
    expected = {"ana": {Why.OWNER}, "bo": {Why.MESSAGES}, "di": {Why.CONTACT}}

    [row] = db.read_now(access.tokens_of, ana.id)
    assert found(db, Incident.TOKEN, token) == expected
    assert found(db, Incident.TOKEN, str(row.id)) == expected


def test_an_account_of_the_staff_and_a_time_touch_whom_somebody_looked_at(db, people):
    admin, ana, bo, cy = (people[name] for name in ("admin", "ana", "bo", "cy"))
    db.write_now(privacy.looked, admin.id, ana.id, Seen.RECORD)
    db.write_now(privacy.note_export, admin.id, Taken.ROSTER, [bo.id], rows=1)
    db.write_now(privacy.looked, cy.id, bo.id, Seen.DUES)
    now = clock.now()
    before, after = now - timedelta(hours=1), now + timedelta(hours=1)

    assert found(db, Incident.STAFF, "boss", before, after) == {
        "boss": {Why.OWNER},
        "ana": {Why.LOOK},
        "bo": {Why.EXPORT},
    }
    assert found(db, Incident.TIME, "", before, after) == {"ana": {Why.LOOK}, "bo": {Why.LOOK, Why.EXPORT}}
    assert found(db, Incident.TIME, "", after) == {}
    assert found(db, Incident.STAFF, "boss", after) == {"boss": {Why.OWNER}}


def test_another_server_touches_those_it_follows_and_hears_from_and_a_partner_everybody_it_could_read(db, people):
    far = a_remote_actor(db, "far", host=HOST)
    db.write_now(begin, far, people["ana"].actor, f"{far.uri}#f", accepted=True)
    db.write_now(posts.publish, people["bo"].actor, Draft(text=f"@far@{HOST} hello", visibility=Visibility.DIRECT))
    expected = {"ana": {Why.FOLLOWED}, "bo": {Why.WROTE}}
    assert found(db, Incident.PARTNER, HOST.upper()) == expected
    assert found(db, Incident.PARTNER, HOST, clock.now() + timedelta(hours=1)) == {"ana": {Why.FOLLOWED}}

    db.write_now(profiles.answer, people["cy"].id, federation_mode=FederationMode.LOCAL)
    row = {"actor_id": far.id, "origin": f"https://{HOST}/", "created_at": clock.now()}
    db.write_now(lambda tx: tx.conn.execute(insert(partners), row))

    told = found(db, Incident.PARTNER, HOST)
    assert told["ana"] == {Why.FOLLOWED, Why.PROFILE}
    assert "cy" not in told
    assert set(told) == {"boss", "ana", "bo", "di"}


@pytest.mark.parametrize(
    ("kind", "which"),
    [
        (Incident.EXPORT, "12"),
        (Incident.EXPORT, "x"),
        (Incident.TOKEN, "nothing"),
        (Incident.TOKEN, "99"),
        (Incident.TOKEN, ""),
        (Incident.STAFF, "nobody"),
        (Incident.PARTNER, " "),
        (Incident.TIME, ""),
    ],
)
def test_what_nothing_is_known_of_is_refused(db, kind, which):
    with pytest.raises(Invalid):
        db.read_now(privacy.find, kind, which)


def test_the_table_is_computed_by_no_spreadsheet(db):
    member = a_member(db, "eve", display_name="=HYPERLINK(1)")
    [row] = [privacy.Touched(db.read_now(members.get, member.id), [Why.LOOK])]

    text = wording.as_csv([row], "fr").decode("utf-8-sig")

    assert text.splitlines()[1].split(";")[:3] == ["eve", "'=HYPERLINK(1)", "eve@mail.example"]
