# SPDX-License-Identifier: AGPL-3.0-or-later
"""Live updates for apps, over WebSocket and server-sent events. Source: Mastodon's documentation, methods/streaming."""

from web.streaming.hub import HUB, Event, Hub, Listener

__all__ = ["HUB", "Event", "Hub", "Listener"]
