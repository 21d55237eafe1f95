# SPDX-License-Identifier: AGPL-3.0-or-later
"""Explicit lists of what belongs to what: activity handlers, tasks, reactions, documents. Nothing registers itself."""
