# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every table of the node, gathered for migrations and for tests that make a fresh database."""

import node.access.tables
import node.actors.tables
import node.contacts.tables
import node.digests.tables
import node.directory.tables
import node.dues.tables
import node.emojis.tables
import node.events.tables
import node.federation.tables
import node.instance.tables
import node.kernel.audit
import node.kernel.queue
import node.lists.tables
import node.mail.tables
import node.media.tables
import node.members.tables
import node.moderation.tables
import node.notices.tables
import node.notifications.tables
import node.posts.tables
import node.previews.tables
import node.privacy.tables
import node.profiles.tables
import node.push.tables
import node.relationships.filters.tables
import node.relationships.tables
import node.roster.tables
import node.schools.tables
import node.timelines.tables
import node.trends.tables  # noqa: F401  # imported for what it registers
from node.kernel.db import metadata

__all__ = ["metadata"]
