# SPDX-License-Identifier: AGPL-3.0-or-later
"""Activities: the envelope read, and ours written.

The envelope says who does what to which object. Nothing in it is proved by reading it: the inbox compares `actor`
with the signer and `id` with the actor's server before anything else happens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from activitypub import addressing, contexts
from activitypub.accessors import as_id, as_object, as_time, ids, iso, types
from activitypub.errors import Malformed
from activitypub.parse import JsonObject, JsonValue

_INTRANSITIVE = frozenset({"Arrive", "Travel", "Question"})
"""Activities that have no object (Activity Vocabulary section 3.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityDocument:
    """`object` is as it stands in the document; of a list, `object_id` and `object_type` are those of the first.

    `id` is None when the activity has none (GoToSocial's Delete, Mastodon's Add, Misskey's Accept).
    """

    type: str
    actor: str
    id: str | None = None
    object: JsonValue = None
    object_id: str | None = None
    object_type: str | None = None
    target_id: str | None = None
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    published: datetime | None = None
    doc: JsonObject

    @property
    def embedded(self) -> JsonObject | None:
        """The object itself when it is in the activity, not only its id."""
        return as_object(self.object)


def read(doc: JsonObject) -> ActivityDocument:
    """The envelope of an activity of any type, known or not.

    Raises:
        Malformed: no type, not exactly one actor, an object that is missing or no object, an id that is no text, or
            too many recipients.
    """
    kinds = types(doc)
    if not kinds:
        raise Malformed("no type")
    actors = ids(doc.get("actor"))
    if len(actors) != 1:
        raise Malformed("an activity has exactly one actor")
    uri, item = doc.get("id"), doc.get("object")
    if isinstance(uri, dict | list):
        raise Malformed("an id is a text")
    if isinstance(item, bool | int | float):
        raise Malformed("an object is an object or its id")
    if not item and kinds[0] not in _INTRANSITIVE:
        raise Malformed("no object")
    inner = as_object(item)
    inner_types = types(inner) if inner is not None else ()
    to, cc = addressing.addressees(doc)
    return ActivityDocument(
        type=kinds[0],
        actor=actors[0],
        # Friendica once sent a number here; that is the same as none.
        id=as_id(uri) if isinstance(uri, str) else None,
        object=item,
        object_id=as_id(item),
        object_type=inner_types[0] if inner_types else None,
        target_id=as_id(doc.get("target")),
        to=to,
        cc=cc,
        published=as_time(doc.get("published")),
        doc=doc,
    )


def build(
    kind: str,
    *,
    id: str,  # noqa: A002  the protocol's word
    actor: str,
    object: str | JsonObject,  # noqa: A002
    to: Sequence[str] = (),
    cc: Sequence[str] = (),
    target: str | None = None,
    published: datetime | None = None,
    **extra: JsonValue,
) -> JsonObject:
    """An activity of ours, ready to be stored and sent.

    An embedded object is put in whole, since many servers cannot resolve an id alone in Accept, Reject and Undo; its
    `@context` is taken off, and hidden recipients are dropped. `to` and `cc` are lists or absent.
    """
    context: JsonValue = contexts.OBJECT
    item: JsonValue = object
    if isinstance(object, dict):
        # Only a context of ours: under a stranger's, the words of our activity could mean something else.
        if object.get("@context") in (contexts.ACTOR, contexts.EVENT, contexts.QUOTE):
            context = object["@context"]
        item = _inlined(object)
    doc: JsonObject = {"@context": context, "id": id, "type": kind, "actor": actor, "object": item}
    if to:
        doc["to"] = list(to)
    if cc:
        doc["cc"] = list(cc)
    if target is not None:
        doc["target"] = target
    if published is not None:
        doc["published"] = iso(published)
    return addressing.without_hidden(doc | extra)


def _inlined(doc: JsonObject) -> JsonObject:
    """The document without `@context`, also inside its own object (an Undo of an Accept of a Follow)."""
    bare: JsonObject = {name: value for name, value in doc.items() if name != "@context"}
    inner = bare.get("object")
    if isinstance(inner, dict):
        bare["object"] = _inlined(inner)
    return bare
