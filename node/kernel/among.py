# SPDX-License-Identifier: AGPL-3.0-or-later
"""`among(column, "ids")`: rows whose column is one of many values that are bound as one.

SQLAlchemy's own `in_` writes a mark for each value into the statement, anew each time: for twenty numbers that takes
longer than the statement itself. Here the text stays what it is. SQLite gets the values as JSON, PostgreSQL as an array.
"""

from collections.abc import Collection
from typing import Any, Final

import orjson
from sqlalchemy import BigInteger, BindParameter, ColumnElement, String, bindparam
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


class _Values(TypeDecorator[Collection[Any]]):
    """Numbers or texts, bound as one value."""

    impl = String
    cache_ok = True

    def __init__(self, *, of_texts: bool = False) -> None:
        super().__init__()
        self.of_texts = of_texts

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """An array on PostgreSQL."""
        if dialect.name == "postgresql":
            from sqlalchemy.dialects.postgresql import ARRAY  # which a node on SQLite does not load

            return dialect.type_descriptor(ARRAY(String() if self.of_texts else BigInteger()))
        return dialect.type_descriptor(String())

    def process_bind_param(self, value: Collection[Any] | None, dialect: Dialect) -> Any:
        """Any collection will do."""
        values = list(value or ())
        return values if dialect.name == "postgresql" else orjson.dumps(values).decode()


class _Listed(FunctionElement[Any]):
    """The values as rows."""

    name = "listed"
    inherit_cache = True


@compiles(_Listed, "sqlite")
def _in_sqlite(element: _Listed, compiler: SQLCompiler, **options: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(element.clauses, **options)}))"  # noqa: S608  # a mark


@compiles(_Listed, "postgresql")
def _in_postgresql(element: _Listed, compiler: SQLCompiler, **options: Any) -> str:
    return f"(SELECT unnest({compiler.process(element.clauses, **options)}))"


NUMBERS: Final = _Values()
TEXTS: Final = _Values(of_texts=True)


def among(column: ColumnElement[Any], name: str = "ids", type_: _Values = NUMBERS) -> ColumnElement[bool]:
    """Whether the column is one of those that are bound under `name`: a collection of numbers, or of `TEXTS`."""
    values: BindParameter[Collection[Any]] = bindparam(name, type_=type_)
    return column.bool_op("IN")(_Listed(values))
