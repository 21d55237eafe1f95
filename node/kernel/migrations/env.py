# SPDX-License-Identifier: AGPL-3.0-or-later
"""Run by Alembic. The connection, and for writing a new step the tables, come from the caller through `attributes`."""

from typing import Literal

from alembic import context
from sqlalchemy import Connection, MetaData
from sqlalchemy.types import TypeDecorator


def render_item(kind: str, item: object, _autogen_context: object) -> str | Literal[False]:
    """A step must hold when the code has moved on, so it names no type of ours."""
    return f"sa.{item.impl_instance!r}" if kind == "type" and isinstance(item, TypeDecorator) else False


connection: Connection = context.config.attributes["connection"]
metadata: MetaData | None = context.config.attributes.get("metadata")
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=context.config.attributes["batch"],
    render_item=render_item,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
