# SPDX-License-Identifier: AGPL-3.0-or-later
"""The register of what the association does with personal data (GDPR, article 30), made of the settings and of the very
constants by which things are forgotten. Pure.

What is switched off does not stand in it: a node without a mail server sends no letters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from node.kernel import audit
from node.kernel.config import Settings
from node.kernel.i18n import translator
from node.members.joining import KEPT_UNCONFIRMED
from node.privacy.rules import GRACE, KEPT_ACCESS, KEPT_EXPORT, TOLD_FOR
from node.roster.missing import REMIND


@dataclass(frozen=True, slots=True, kw_only=True)
class Processing:
    """What is done, with which data, on what ground, who sees it, and how long it is kept."""

    what: str
    data: str
    why: str
    who: str
    kept: str


def rows(settings: Settings, locale: str) -> Sequence[Processing]:
    """The register in a language."""
    words = translator(locale)
    _ = words.gettext

    def days(term: timedelta) -> str:
        return words.ngettext("%(days)s day", "%(days)s days", term.days) % {"days": term.days}

    contract = _("The contract of membership (GDPR, article 6.1 b)")
    consent = _("Consent, which can be taken back at any time (article 6.1 a)")
    interest = _("Legitimate interest (article 6.1 f); one can object")
    law = _("Accounting law (article 6.1 c)")
    staff = _("The association's staff, each for their task")
    found = [
        Processing(
            what=_("Accounts"),
            data=_("Name, username, e-mail address, password (as a digest), class, language, what was said at sign-up"),
            why=contract,
            who=staff,
            kept=_("As long as the account; %(days)s if the address is never confirmed")
            % {"days": days(KEPT_UNCONFIRMED)},
        ),
        Processing(
            what=_("Profile and directory"),
            data=_("What members write about themselves, each thing with the circle that it is for"),
            why=consent,
            who=_("The circle that the member chose for each thing; nobody by default"),
            kept=_("Until the member takes it back or leaves"),
        ),
        Processing(
            what=_("Posts, messages, pictures, events and answers to them"),
            data=_("What members write and send"),
            why=contract,
            who=_("Those to whom it is addressed, here and on other networks; staff only what was reported to them"),
            kept=_("Until the member deletes it or leaves"),
        ),
        Processing(
            what=_("Contacts, follows, blocks and lists"),
            data=_("Who knows, follows or avoids whom"),
            why=contract,
            who=_("The members themselves; no staff reads them"),
            kept=_("Until one of the two ends it or leaves"),
        ),
        Processing(
            what=_("Roster of graduates"),
            data=_("Names, birth date, classes and addresses, as the school or former lists have them"),
            why=interest,
            who=_("Secretaries; names and class to members of the same class"),
            kept=_("Until objection; objections are kept so that they hold"),
        ),
        Processing(
            what=_("Dues, payments and receipts"),
            data=_("Name, plan, amount, date, number of the receipt"),
            why=law,
            who=_("The member and the treasurers"),
            kept=_("Ten years after the year of the payment"),
        ),
        Processing(
            what=_("Moderation"),
            data=_("Reports, decisions with their reasons, appeals"),
            why=interest,
            who=_("Moderators, and the member who is concerned"),
            kept=_("As long as the account"),
        ),
        Processing(
            what=_("Log of changes, and of the staff's looks"),
            data=_("Who changed or looked at what, and when; never texts"),
            why=interest,
            who=_("Administrators; each member what concerns them"),
            kept=days(max(audit.KEPT, KEPT_ACCESS)),
        ),
        Processing(
            what=_("Files that the staff takes along"),
            data=_("Who took which list, when, and whose data it held"),
            why=interest,
            who=_("Administrators; each member what concerns them"),
            kept=days(KEPT_ACCESS),
        ),
        Processing(
            what=_("Accounts that are gone"),
            data=_("The username, so that nobody else gets it; the day; servers that have not deleted their copies"),
            why=interest,
            who=_("Administrators; the person by the link of the last letter, for %(days)s") % {"days": days(TOLD_FOR)},
            kept=_("For good; the account itself is deleted %(days)s after its owner asks") % {"days": days(GRACE)},
        ),
        Processing(
            what=_("Copies of one's data"),
            data=_("All that is kept about a member, as one file"),
            why=_("The right to receive it (articles 15 and 20)"),
            who=_("The member alone"),
            kept=days(KEPT_EXPORT),
        ),
    ]
    if settings.mail.is_on:
        found.append(
            Processing(
                what=_("Letters and invitations by e-mail"),
                data=_("E-mail address, and what the letter says"),
                why=interest,
                who=_("The association's mail server, and the reader"),
                kept=_("Until it is sent; addresses of invited classmates %(days)s") % {"days": days(REMIND)},
            )
        )
    return found
