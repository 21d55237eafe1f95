# SPDX-License-Identifier: AGPL-3.0-or-later
"""What members say about themselves beyond their account, each value with the circle that it is for."""

from node.profiles.ladder import Level, distance, distance_to, distances, shown

__all__ = [
    "Level",
    "distance",
    "distance_to",
    "distances",
    "shown",
]
