# SPDX-License-Identifier: AGPL-3.0-or-later
"""What other servers ask and send: discovery, actors, objects, collections, inboxes, and the client-to-server outbox."""
