# SPDX-License-Identifier: AGPL-3.0-or-later
"""The roster: the graduates that the association knows of, whether they have an account or not, and how files of them
come in. Never federated, never shown to members.
"""

from node.roster.actions import (
    Options,
    Preview,
    apply_step,
    begin,
    discard,
    finish,
    forget_old,
    look,
    note_counts,
    open_sheet,
    options_of,
    preview,
    set_options,
    start,
    start_undo,
    steps,
    undo_step,
)
from node.roster.comparing import Entry, Mode, Verdict
from node.roster.queries import Import, count, everybody, file_of, find, get_import, imports, may_undo, to_undo
from node.roster.reading import ENCODINGS, MAX_BYTES, SEPARATORS, Sheet, Target, guesses, sample
from node.roster.rules import KEEPERS, ImportState, check_keeper
from node.roster.tasks import Importer, apply, take_back
from node.roster.values import proposed_name

__all__ = [
    "ENCODINGS",
    "KEEPERS",
    "MAX_BYTES",
    "SEPARATORS",
    "Entry",
    "Import",
    "ImportState",
    "Importer",
    "Mode",
    "Options",
    "Preview",
    "Sheet",
    "Target",
    "Verdict",
    "apply",
    "apply_step",
    "begin",
    "check_keeper",
    "count",
    "discard",
    "everybody",
    "file_of",
    "find",
    "finish",
    "forget_old",
    "get_import",
    "guesses",
    "imports",
    "look",
    "may_undo",
    "note_counts",
    "open_sheet",
    "options_of",
    "preview",
    "proposed_name",
    "sample",
    "set_options",
    "start",
    "start_undo",
    "steps",
    "take_back",
    "to_undo",
    "undo_step",
]
