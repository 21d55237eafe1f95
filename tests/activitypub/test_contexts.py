# SPDX-License-Identifier: AGPL-3.0-or-later
"""The contexts we write."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from activitypub import contexts
from activitypub.build import EventDraft, NoteDraft, build_event, build_note
from activitypub.events import Place
from activitypub.parse import JsonObject, JsonValue

_NOW = datetime(2026, 11, 25, tzinfo=UTC)
_CORE_TERMS = """
id type name summary content contentMap url to cc tag attachment image icon published updated startTime endTime actor
attributedTo inReplyTo source replies location mediaType href totalItems items latitude longitude width height
"""
_CORE = frozenset(_CORE_TERMS.split())


@pytest.mark.parametrize("context", [contexts.ACTOR, contexts.OBJECT, contexts.EVENT])
def test_the_activitystreams_address_stands_there_literally(context: list[JsonValue]) -> None:
    assert context[0] == "https://www.w3.org/ns/activitystreams"
    assert {entry for entry in context if isinstance(entry, str)} <= {
        "https://www.w3.org/ns/activitystreams",
        "https://w3id.org/security/v1",
    }


def names(value: JsonValue) -> set[str]:
    if isinstance(value, list):
        return set().union(*map(names, value))
    if not isinstance(value, dict):
        return set()
    inner = [names(held) for name, held in value.items() if name not in {"@context", "contentMap"}]
    return {name for name in value if name not in {"@context", "contentMap"}}.union(*inner)


def defined(context: JsonValue) -> set[str]:
    assert isinstance(context, list)
    return {term for entry in context if isinstance(entry, dict) for term in entry}


@pytest.mark.parametrize(
    "doc",
    [
        build_note(
            NoteDraft(id="https://o.example/1", url="https://o.example/p", attributed_to="https://o.example/a",
                      content="x", to=(), cc=(), published=_NOW)
        ),
        build_event(
            EventDraft(id="https://o.example/1", url="https://o.example/p", attributed_to="https://o.example/a",
                       name="x", summary="x", content="x", to=(), cc=(), published=_NOW, start=_NOW,
                       zone="Europe/Paris", language="fr", online_url="https://m.example", capacity=3,
                       place=Place(name="x", street="s", postcode="1", city="c", country="d", latitude=1, longitude=2))
        ),
    ],
    ids=["note", "event"],
)  # fmt: skip
def test_every_term_we_write_is_defined(doc: JsonObject) -> None:
    terms = defined(doc["@context"])

    unknown = {
        name for name in names(doc) if name not in _CORE and name not in terms and name.split(":")[0] not in terms
    }

    assert unknown == set()


def test_our_vocabulary_is_a_context_document() -> None:
    doc = contexts.document()

    context = doc["@context"]
    assert isinstance(context, dict)
    assert context["alumnode"] == "urn:alumnode:ns:"
    assert {"classYear", "school"} <= context.keys()
    json.dumps(doc)
