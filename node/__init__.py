# SPDX-License-Identifier: AGPL-3.0-or-later
"""The association's node, cut by capability: rules, tables, queries, actions, activities, tasks. No web framework."""
