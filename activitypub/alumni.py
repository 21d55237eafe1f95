# SPDX-License-Identifier: AGPL-3.0-or-later
"""Our own vocabulary: the class year and the school in an actor document, and the circle that a post is to.

Class year and school are claims of the server that wrote the document, for people who opened them to the public; neither
proves membership. Servers that do not know the vocabulary see the same in the profile fields.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from activitypub.accessors import as_id, as_int
from activitypub.addressing import Audience
from activitypub.origin import same_origin
from activitypub.parse import JsonObject

CLASS_YEAR: Final = "alumnode:classYear"
SCHOOL: Final = "alumnode:school"
CIRCLE: Final = "alumnode:circle"

EARLIEST_CLASS: Final = 1850
LATEST_CLASS: Final = 2150


@dataclass(frozen=True, slots=True, kw_only=True)
class AlumniClaims:
    """`school` is the id of the association's actor; either may be absent."""

    class_year: int | None = None
    school: str | None = None


def read(doc: JsonObject) -> AlumniClaims:
    """The claims in an actor document; a year outside any living memory counts as absent."""
    year = as_int(doc.get(CLASS_YEAR))
    if year is not None and not EARLIEST_CLASS <= year <= LATEST_CLASS:
        year = None
    return AlumniClaims(class_year=year, school=as_id(doc.get(SCHOOL)))


def read_circle(doc: JsonObject, uri: str, audience: Audience) -> str | None:
    """The collection of the circle that the object `uri` is to: of its own server, and really among those addressed."""
    circle = as_id(doc.get(CIRCLE))
    return circle if circle in audience.recipients and circle is not None and same_origin(circle, uri) else None


def terms(claims: AlumniClaims) -> JsonObject:
    """The properties to merge into an actor document: only those that are open to the public."""
    doc: JsonObject = {}
    if claims.class_year is not None:
        doc[CLASS_YEAR] = claims.class_year
    if claims.school is not None:
        doc[SCHOOL] = claims.school
    return doc
