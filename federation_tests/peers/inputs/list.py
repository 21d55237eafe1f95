# SPDX-License-Identifier: AGPL-3.0-or-later
"""Print the example objects and activities of two packages as JSON: what a server may find in its inbox.

Runs in an environment of its own (requirements.txt beside it). Arguments: the sending actor's id, the receiving actor's.
Ids are made anew by both packages in each run; here they are counted instead, so that two runs say the same.
"""

import itertools
import json
import sys
from collections.abc import Iterator
from typing import Any
from unittest import mock

sender, receiver = sys.argv[1:]
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
count = itertools.count(1)


def pasture() -> Iterator[dict[str, Any]]:
    """The objects are put into a whole Note, as the package's own tool does, and sent in a Create."""
    from fediverse_pasture_inputs import available

    for group, data in sorted(available.items()):
        for number, example in enumerate(data.examples):
            uri = f"{sender}/objects/pasture-{group}-{number}"
            note = {
                "@context": ["https://www.w3.org/ns/activitystreams", {"Hashtag": "as:Hashtag"}],
                "type": "Note",
                "id": uri,
                "attributedTo": sender,
                "to": [PUBLIC],
                "cc": [receiver],
                "published": "2026-03-01T12:00:00Z",
                "content": "text",
            }
            # Nothing for a value is the package's word for "without".
            thing = {name: value for name, value in (note | example).items() if value is not None}
            create = {
                "@context": "https://www.w3.org/ns/activitystreams",
                "type": "Create",
                "id": f"{uri}/create",
                "actor": sender,
                "to": [PUBLIC],
                "cc": [receiver],
                "object": thing,
            }
            yield {"suite": "pasture", "group": group, "case": str(number), "activity": create}


def parsing() -> Iterator[dict[str, Any]]:
    """Activities as the package makes them."""
    import funfedi_parsing_test_cases as cases

    environment = cases.Environment(
        sending_actor_profile={"type": "Person", "id": sender, "followers": f"{sender}/followers"},
        receiving_actor=receiver,
    )
    for suite in (cases.activity_suite, cases.event_suite, cases.notes_suite, cases.poll_suite):
        for group, name in suite.names:
            with mock.patch("secrets.token_urlsafe", side_effect=lambda *_: f"made-{next(count)}"):
                made = suite.retrieve(group, name).maker.to_send(environment)
            yield {"suite": "parsing", "group": group, "case": name, "activity": made.activity}


text = json.dumps([*pasture(), *parsing()], ensure_ascii=False, indent=1)
# The first package sends from a host of its own test network.
print(
    text.replace("http://pasture-one-actor/actor", sender).replace(
        "http://pasture-one-actor", sender.rpartition("/")[0]
    )
)
