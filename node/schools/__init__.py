# SPDX-License-Identifier: AGPL-3.0-or-later
"""The schools that this node serves, and what can be studied there. Who studied there is `members` and `profiles`."""

from node.schools.actions import add, add_programme, change, change_programme, remove, remove_programme
from node.schools.queries import School, all_of, by_slug, chosen, find, names, programmes
from node.schools.rules import DEGREES, Programme, SchoolDraft, check_admin

__all__ = [
    "DEGREES",
    "Programme",
    "School",
    "SchoolDraft",
    "add",
    "add_programme",
    "all_of",
    "by_slug",
    "change",
    "change_programme",
    "check_admin",
    "chosen",
    "find",
    "names",
    "programmes",
    "remove",
    "remove_programme",
]
