# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reports obey the table of their states, through what the staff and those whom they name do: what it lists leads where it
says, and all else is refused and changes nothing."""

import pytest

from node import actors, moderation, posts, relationships
from node.actors import Actor
from node.kernel import audit
from node.kernel.errors import Conflict, Refused
from node.moderation import ReportState, Sanction, queries
from node.moderation.handling import act, dismiss, take
from node.moderation.rules import ReportVerb, goes, report_after
from node.notices.tables import notices as notices_table
from tests.support.builders import a_member

# `state: verb->state`, several with semicolons, as the domain's table has them.
TABLE = """
open: take->in_hand; dismiss->dismissed
in_hand: act->acted; dismiss->dismissed
acted: appeal->appealed
appealed: uphold->closed; overturn->closed
"""
LISTED = {
    (ReportState(line.partition(": ")[0]), ReportVerb(move.partition("->")[0])): ReportState(move.partition("->")[2])
    for line in TABLE.strip().splitlines()
    for move in line.partition(": ")[2].split("; ")
}
# What has taken effect already.
AGAIN = {(state, verb): state for (_, verb), state in LISTED.items()}
WAYS = {
    ReportState.OPEN: (),
    ReportState.IN_HAND: ("take",),
    ReportState.DISMISSED: ("dismiss",),
    ReportState.ACTED: ("take", "act"),
    ReportState.APPEALED: ("take", "act", "appeal"),
    ReportState.CLOSED: ("take", "act", "appeal", "uphold"),
}


@pytest.mark.parametrize("verb", ReportVerb)
@pytest.mark.parametrize("state", ReportState)
def test_the_rule_is_the_table(state, verb):
    expected = LISTED.get((state, verb), AGAIN.get((state, verb)))
    assert goes(state, verb) is ((state, verb) in LISTED)
    if expected is None:
        with pytest.raises(Conflict):
            report_after(state, verb)
    else:
        assert report_after(state, verb) is expected


class Matter:
    """A report by Ada of Ben, and those who have to do with it."""

    def __init__(self, db):
        self.db = db
        self.ada, self.ben = a_member(db, "ada"), a_member(db, "ben")
        self.mora = a_member(db, "mora", roles=("member", "moderator"))
        self.chief = a_member(db, "chief", roles=("member", "admin"))
        self.number = db.write_now(moderation.report, self.ada.actor, self.ben.id).id

    @property
    def state(self):
        return self.db.read_now(queries.get, self.number).state

    def do(self, verb):
        if verb in ("take", "dismiss"):
            self.db.write_now({"take": take, "dismiss": dismiss}[verb], self.mora, self.number)
        elif verb == "act":
            self.db.write_now(self._decide)
        else:
            [decision] = self.db.read_now(moderation.decisions_about, self.ben.id)
            if verb == "appeal":
                self.db.write_now(moderation.appeal, self.ben, decision.id, "It was not me.")
            else:
                granted = verb == "overturn"
                self.db.write_now(lambda tx: moderation.answer(tx, self.chief, decision.id, granted=granted))

    def _decide(self, tx):
        act(tx, self.mora, self.number)
        target: Actor = actors.get(tx.conn, self.ben.id)
        moderation.decide(tx, self.mora, target, Sanction.LIMIT, "Spam", report_id=self.number)

    def told(self):
        """What the association tells Ada of it."""
        return self.db.read_now(
            lambda conn: conn.execute(
                notices_table.select().where(notices_table.c.about == f"report:{self.number}")
            ).all()
        )


@pytest.fixture
def matter(db):
    return Matter(db)


@pytest.mark.parametrize("verb", [verb.value for verb in ReportVerb if verb not in ("uphold", "overturn", "appeal")])
@pytest.mark.parametrize("state", ReportState)
def test_the_staff_does_what_the_table_lists_and_nothing_else(matter, state, verb):
    for step in WAYS[state]:
        matter.do(step)
    assert matter.state is state
    # Whoever decides at once has it in hand by that.
    may = (state, verb) in LISTED or (state, verb) == (ReportState.OPEN, "act")
    rows = len(matter.db.read_now(audit.about, matter.number))
    if may:
        matter.do(verb)
        assert matter.state is LISTED.get((state, verb), ReportState.ACTED)
        assert len(matter.db.read_now(audit.about, matter.number)) > rows
        return
    if (state, verb) in AGAIN and verb != "act":
        matter.do(verb)
    else:
        with pytest.raises(Refused):
            matter.do(verb)
    assert matter.state is state
    assert len(matter.db.read_now(audit.about, matter.number)) == rows


@pytest.mark.parametrize("answer", ["uphold", "overturn"])
def test_an_appeal_and_its_answer_close_it(matter, answer):
    for step in ("take", "act", "appeal", answer):
        matter.do(step)

    assert matter.state is ReportState.CLOSED
    found = [one for one in matter.db.read_now(audit.about, matter.ben.id) if one.verb.startswith("sanction.")]
    assert [(one.verb, one.after) for one in reversed(found)] == [
        ("sanction.limit", "decided"),
        ("sanction.limit", "appealed"),
        ("sanction.limit", "upheld" if answer == "uphold" else "overturned"),
    ]
    assert all("Spam" not in one.reason and "not me" not in one.reason for one in found)


@pytest.mark.parametrize(("verb", "words"), [("dismiss", "saw no reason"), ("act", "decided something")])
def test_whoever_reported_hears_the_result_and_nothing_of_what_was_decided(matter, verb, words):
    assert matter.told() == []
    matter.do(verb)

    [row] = matter.told()
    assert row.member_id == matter.ada.id
    text = matter.db.read_now(notices_text, row.post_id)
    assert words in text
    assert "@ben" in text
    assert not any(word in text for word in ("limit", "Spam", "mora"))


def notices_text(conn, post_id):
    return posts.find(conn, post_id).source


def test_nobody_is_told_of_a_report_by_somebody_who_is_gone(matter):
    matter.db.write_now(relationships.delete_account, matter.ada)
    matter.do("dismiss")
    assert matter.told() == []
