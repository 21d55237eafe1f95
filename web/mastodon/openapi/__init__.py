# SPDX-License-Identifier: AGPL-3.0-or-later
"""What this API takes and answers, declared once and used four times.

    shapes        words to say what a value looks like (JSON Schema)
    entities      every entity that is answered, in those words
    declarations  for each line of the endpoint tables: what it is for, what it takes, what it answers
    differences   what apps know from Mastodon and is otherwise here, or not here at all
    document      the OpenAPI document at /api/openapi.json
    reference     docs/api.md

The tests hold every answer that they see against the entities, so the document is true.
"""

from web.mastodon.openapi.declarations import DECLARATIONS, Declaration, Param
from web.mastodon.openapi.entities import SCHEMAS

__all__ = ["DECLARATIONS", "SCHEMAS", "Declaration", "Param"]
