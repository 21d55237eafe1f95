# SPDX-License-Identifier: AGPL-3.0-or-later
"""What apps know from Mastodon and is otherwise here, or not here at all, and why. It stands in docs/api.md."""

from collections.abc import Mapping
from typing import Final

_COLLECTIONS: Final = "Collections come with API version 10, which this node does not promise."
_TRENDS: Final = (
    "Found once an hour from what this node alone holds, among those who want to be found; what fewer than three accounts "
    "talk about is not told. The staff hides what should not stand there; nothing has to be reviewed first."
)
_REPORTS: Final = "A look back at one's year is not made here."

MISSING: Final[Mapping[str, str]] = {
    "GET /api/v1/accounts/{}/collections": _COLLECTIONS,
    "GET /api/v1/accounts/{}/in_collections": _COLLECTIONS,
    "POST /api/v1/collections": _COLLECTIONS,
    "GET /api/v1/collections/{}": _COLLECTIONS,
    "PATCH /api/v1/collections/{}": _COLLECTIONS,
    "DELETE /api/v1/collections/{}": _COLLECTIONS,
    "POST /api/v1/collections/{}/items": _COLLECTIONS,
    "DELETE /api/v1/collections/{}/items/{}": _COLLECTIONS,
    "POST /api/v1/collections/{}/items/{}/revoke": _COLLECTIONS,
    "GET /api/v1/annual_reports": _REPORTS,
    "GET /api/v1/annual_reports/{}": _REPORTS,
    "POST /api/v1/annual_reports/{}/generate": _REPORTS,
    "POST /api/v1/annual_reports/{}/read": _REPORTS,
    "GET /api/v1/annual_reports/{}/state": _REPORTS,
    "GET /api/v1/accounts/{}/identity_proofs": "Mastodon has given this up, and no app asks for it.",
    "GET /api/v1_alpha/async_refreshes/{}": "Replies that are fetched later are shown when a thread is opened again.",
}
"""Operations of Mastodon that this node has not, as `declarations.key` names them. An app gets 404 and says so."""

DIFFERS: Final[Mapping[str, str]] = {
    "GET /api/v1/accounts/{}": (
        "The class year is a line among `fields`, so that every app shows it. `created_at` is midnight of the day, and "
        "`roles` is always a list."
    ),
    "GET /api/v1/accounts/relationships": (
        "`alumnode.contact` says whether the two are contacts: `none`, `requested`, `confirmed`, or `declined` to the one "
        "who said no. `contact_asks_me` tells who has to answer. Contacts are made and ended on the pages."
    ),
    "GET /api/v1/statuses/{}": (
        "`visibility` is always one of the four that apps know. A post for a circle says `private`, and "
        "`alumnode.circle` names it. `alumnode` also holds the time and the place of an event."
    ),
    "GET /api/v1/polls/{}": (
        "An event that takes answers here is a poll with two answers, in the member's language; it ends with the event, or "
        "is over when that is cancelled. `votes_count` is how many come. The other answer has none: who does not come is "
        "counted nowhere. `own_votes` is the viewer's answer, wherever it was given, also before the organiser's server has "
        "said yes."
    ),
    "POST /api/v1/polls/{}/votes": (
        "Voting in an event says whether one comes, and may be done again: the last answer counts. No notification comes "
        "when the event is over."
    ),
    "POST /api/v1/statuses": (
        "`circle` (or the circle's name as `visibility`) chooses who sees the post: `class`, `school` or `partners`."
    ),
    "GET /api/v1/lists": "Lists that the node makes (one's class, one's school) are among them; they cannot be changed.",
    "GET /api/v2/instance": "`api_versions.alumnode` counts what is added to Mastodon's API here.",
    "GET /api/v1/trends/tags": _TRENDS,
    "GET /api/v1/trends/statuses": _TRENDS,
    "GET /api/v1/trends/links": _TRENDS,
    "GET /api/v1/timelines/link": "Posts about any page are found, not only about those that trend.",
    "POST /api/v1/statuses/{}/translate": "Nothing is translated here; `configuration.translation.enabled` says so.",
    "GET /api/v2/suggestions": "Classmates come first, then others of the school, then those whom one's own follows.",
    "GET /api/v1/instance/activity": "When members log in is not kept, so `logins` is always 0.",
    "PUT /api/v1/announcements/{}/reactions/{}": "Eight different ones at most.",
    "GET /api/v1/instance/domain_blocks": "For members only, and without the reasons.",
    "GET /api/v1/directory": "Only those who wish to be found, as everywhere.",
    "POST /oauth/token": "`password` is no kind of grant here. A token does not run out; its owner ends it.",
    "GET /api/v1/streaming": (
        "A stream needs a token of a member. It ends within two seconds of the token, also where the token was ended by "
        "another process. An unknown name is answered with an error frame, and the socket stays open."
    ),
}
"""What is otherwise here, by operation."""
