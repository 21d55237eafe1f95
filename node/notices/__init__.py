# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the association tells one member, in a place that every app shows: a direct post with a link to where they act.

Such a post is written here and read here; no other server ever hears of it. It is `about` a matter, which its slice
names (`contact:12`), and is gone from every app once the matter is closed.
"""

from node.notices.actions import close, forget_member, sweep, tell

__all__ = ["close", "forget_member", "sweep", "tell"]
