# SPDX-License-Identifier: AGPL-3.0-or-later
"""`alumnode init`: the configuration file, the database, the node's actor and the association's."""

import json
import os
import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from node.cli.context import Failed, database
from node.kernel.config import Settings, load

Values = Mapping[str, str | int | bool]


def set_up(file: Path, values: Values, federation: Values) -> Settings:
    """Make a node from nothing. Nothing is left behind if it fails half-way, and nothing that exists is overwritten."""
    os.umask(0o077)
    text = configuration({**values, "secret_key": secrets.token_urlsafe(48)}, federation)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        raise Failed(f"The configuration file {file} exists already; remove it to begin anew.") from None
    except OSError as error:
        raise Failed(f"The configuration file {file} cannot be written: {error.strerror}.") from None
    try:
        settings = load(file)
        prepare(settings)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    return settings


def prepare(settings: Settings) -> None:
    """Bring the database to the present schema and make the two actors that every node has."""
    from node import actors, members
    from node.kernel import schema

    with database(settings) as db:
        schema.upgrade(db)
        with ThreadPoolExecutor(2) as threads:
            node_keys, association_keys = threads.map(lambda _: actors.make_keys(), range(2))
        db.write_now(
            members.set_up_node,
            name=settings.name,
            description=settings.description,
            school=settings.school,
            node_keys=node_keys,
            association_keys=association_keys,
        )


def configuration(values: Values, federation: Values) -> str:
    """The text of a configuration file. Empty values are left out: they are the defaults."""
    lines = ["# The settings of this Alumnode. Every setting is described in docs/host/configuration.md.", ""]
    lines += [f"{name} = {_value(value)}" for name, value in values.items() if value != ""]
    if federation:
        lines += ["", "[federation]", *(f"{name} = {_value(value)}" for name, value in federation.items())]
    return "\n".join(lines) + "\n"


def _value(value: str | int | bool) -> str:
    # A TOML basic string is written like a JSON string, but for the DEL character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
