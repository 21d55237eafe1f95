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
from node.privacy.hiding import deactivate, reactivate
from node.privacy.leaving import cancel_deletion, depart, due_departures, schedule_deletion
from node.privacy.queries import Consent, Export, Look, export, exports_of, looks, of
from node.privacy.rules import GRACE, KEPT_ACCESS, KEPT_EXPORT, Purpose, Seen, may_ask_again

__all__ = [
    "GRACE",
    "KEPT_ACCESS",
    "KEPT_EXPORT",
    "MAKE",
    "REMOVE",
    "Archive",
    "Consent",
    "Export",
    "Exporter",
    "Look",
    "Part",
    "Purpose",
    "Seen",
    "ask_export",
    "cancel_deletion",
    "deactivate",
    "depart",
    "due_departures",
    "export",
    "export_made",
    "exports_of",
    "forget_actor",
    "give",
    "looked",
    "looked_through",
    "looks",
    "may_ask_again",
    "of",
    "reactivate",
    "schedule_deletion",
    "settle",
    "settle_settings",
    "sweep",
    "withdraw",
]
