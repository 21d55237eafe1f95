# SPDX-License-Identifier: AGPL-3.0-or-later
"""What every command needs: the settings, the open database, and refusals told as one sentence on standard error."""

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, ParamSpec, TypeVar

import click

from node.kernel.config import ConfigError, Settings, load

if TYPE_CHECKING:
    from node.kernel.db import Database

P = ParamSpec("P")
R = TypeVar("R")


class Failed(Exception):
    """The command cannot do what it was asked; the text is one sentence that says why."""


def command(function: Callable[P, R]) -> Callable[P, R]:
    """Give a command `--config`, and end it with one sentence and exit code 1 when it is refused."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except (Failed, ConfigError) as error:
            stop(str(error))
        except KeyboardInterrupt:
            stop("Interrupted.")
        except click.ClickException:
            raise
        except Exception as error:
            sentence = _known(error)
            if sentence is None:
                raise
            stop(sentence)

    return click.option(
        "--config",
        "config",
        type=click.Path(dir_okay=False, path_type=Path),
        envvar="ALUMNODE_CONFIG",
        metavar="FILE",
        help="The configuration file; alumnode.toml in this folder if it is not given.",
    )(run)


def stop(sentence: str) -> NoReturn:
    """End the process with that sentence."""
    click.echo(sentence, err=True)
    sys.exit(1)


def _known(error: Exception) -> str | None:
    """The sentence of an error that a person can do something about; None for a fault of ours."""
    from sqlalchemy.exc import DBAPIError, OperationalError

    from node.kernel.errors import Refused
    from node.kernel.schema import SchemaError

    match error:
        case Refused():
            return error.message
        case SchemaError():
            return str(error)
        case OperationalError() | DBAPIError(connection_invalidated=True):
            return f"The database does not answer: {str(error.orig).strip().splitlines()[0]}."
        case _:
            return None


@contextmanager
def opened(config: Path | None) -> "Iterator[tuple[Settings, Database]]":
    """The settings and the database of a node that has been set up, closed at the end."""
    settings = load(config)
    with database(settings) as db:
        check_ready(db)
        yield settings, db


@contextmanager
def database(settings: Settings) -> "Iterator[Database]":
    """The database of these settings, whatever is in it, closed at the end."""
    from node.wiring.services import open_node_database

    try:
        db = open_node_database(settings)
    except (ValueError, ImportError) as error:
        raise Failed(f"The setting database_url cannot be used: {error}.") from None
    try:
        yield db
    finally:
        db.close()


def check_ready(db: "Database") -> None:
    """Raises Failed if the database is empty or old, SchemaError if it is too new."""
    from node.kernel import schema

    if db.read_now(schema.current) is None:
        raise Failed("The database is empty: run `alumnode init` first.")
    if not schema.is_current(db):
        raise Failed("The database is older than this version of Alumnode: run `alumnode migrate`.")
