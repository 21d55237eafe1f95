# SPDX-License-Identifier: AGPL-3.0-or-later
"""Data protection: what members agreed to, who looked at their data, and the copy of it that they may take along."""

from node.privacy.actions import (
    MAKE,
    REMOVE,
    ask_export,
    export_made,
    forget_actor,
    give,
    looked,
    looked_through,
    settle,
    settle_settings,
    sweep,
    withdraw,
)
from node.privacy.archive import Archive, Exporter, Part
from node.privacy.erasures import Erasure, by_link, last_erasures, note_erasure
from node.privacy.hiding import deactivate, reactivate
from node.privacy.leaving import cancel_deletion, depart, due_departures, schedule_deletion
from node.privacy.queries import Consent, Export, Look, export, exports_of, looks, of
from node.privacy.rules import GRACE, KEPT_ACCESS, KEPT_EXPORT, Purpose, Seen, Taken, may_ask_again
from node.privacy.taken import StaffExport, note_export, staff_exports_before
from node.privacy.touched import Incident, Touched, Why, find

__all__ = [
    "GRACE",
    "KEPT_ACCESS",
    "KEPT_EXPORT",
    "MAKE",
    "REMOVE",
    "Archive",
    "Consent",
    "Erasure",
    "Export",
    "Exporter",
    "Incident",
    "Look",
    "Part",
    "Purpose",
    "Seen",
    "StaffExport",
    "Taken",
    "Touched",
    "Why",
    "ask_export",
    "by_link",
    "cancel_deletion",
    "deactivate",
    "depart",
    "due_departures",
    "export",
    "export_made",
    "exports_of",
    "find",
    "forget_actor",
    "give",
    "last_erasures",
    "looked",
    "looked_through",
    "looks",
    "may_ask_again",
    "note_erasure",
    "note_export",
    "of",
    "reactivate",
    "schedule_deletion",
    "settle",
    "settle_settings",
    "staff_exports_before",
    "sweep",
    "withdraw",
]
