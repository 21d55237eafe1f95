# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lists of people: those that members make, and those that the node keeps for them. Rows of a timeline point at posts;
what a post is, stands above."""
