# SPDX-License-Identifier: AGPL-3.0-or-later
"""WebPushSubscription. Its number is a number, which apps read into 32 bits."""

from node.push import ALERTS, Subscription
from web.mastodon.entities.common import Json


def push_subscription(found: Subscription, server_key: str) -> Json:
    """Where an app is told, and of what."""
    return {
        "id": found.id,
        "endpoint": found.endpoint,
        "standard": found.standard,
        "server_key": server_key,
        "alerts": {str(kind): kind in found.alerts for kind in ALERTS},
        "policy": found.policy,
    }
