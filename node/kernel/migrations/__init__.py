# SPDX-License-Identifier: AGPL-3.0-or-later
"""The steps from one schema to the next, as Alembic runs them. `node.kernel.schema` is the door."""
