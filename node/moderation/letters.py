# SPDX-License-Identifier: AGPL-3.0-or-later
"""The letters about what the staff decided, in the reader's language. Pure."""

from collections.abc import Mapping
from typing import Final

from node.kernel.i18n import marked, translator
from node.kernel.site import Site
from node.mail import Letter
from node.moderation.rules import Sanction

DECIDED: Final[Mapping[Sanction, str]] = {
    Sanction.WARN: marked("The moderators have warned you. Nothing else has changed."),
    Sanction.LIMIT: marked("The moderators have limited your account: only your followers see your posts in lists."),
    Sanction.SUSPEND: marked("The moderators have suspended your account. Nobody sees it, and you cannot log in."),
}
_TAKEN_BACK: Final[Mapping[Sanction, str]] = {
    Sanction.WARN: marked("The warning is taken back."),
    Sanction.LIMIT: marked("Your account is not limited any more."),
    Sanction.SUSPEND: marked("Your account is open again. Please log in anew, in apps too."),
}


def decided(site: Site, locale: str, kind: Sanction, reason: str, link: str) -> Letter:
    """To whom it is about: what was decided, why, and how to answer."""
    _ = translator(locale).gettext
    return Letter(
        subject=_("A word from the moderators"),
        paragraphs=(
            _(DECIDED[kind]),
            reason,
            _("If you think that this is wrong, you can write to the administrators once, within thirty days."),
        ),
        label=_("Read it, and answer"),
        link=link,
        foot=site.name,
        locale=locale,
    )


def taken_back(site: Site, locale: str, kind: Sanction) -> Letter:
    """To whom it was about: it is over."""
    _ = translator(locale).gettext
    return Letter(
        subject=_("A word from the moderators"),
        paragraphs=(_(_TAKEN_BACK[kind]),),
        foot=site.name,
        locale=locale,
    )


def refused(site: Site, locale: str) -> Letter:
    """To whoever appealed: the decision holds."""
    _ = translator(locale).gettext
    return Letter(
        subject=_("The answer to your appeal"),
        paragraphs=(_("The administrators have read what you wrote. The decision holds."),),
        foot=site.name,
        locale=locale,
    )


def death_said(site: Site, locale: str) -> Letter:
    """To those who decide about it: somebody says that a member has died. No name stands in a letter."""
    _ = translator(locale).gettext
    return Letter(
        subject=_("Somebody writes that a member has died"),
        paragraphs=(_("Please ask before anything is done: nothing is announced, and nothing has changed yet."),),
        label=_("Read what was said"),
        link=f"{site.base_url}/staff/deaths",
        foot=site.name,
        locale=locale,
    )


def deletion_proposed(site: Site, locale: str, page: str) -> Letter:
    """To an administrator: another one wants to delete an account, and needs their yes."""
    _ = translator(locale).gettext
    return Letter(
        subject=_("Another administrator wants to delete an account"),
        paragraphs=(_("It needs your agreement within fourteen days, since it cannot be undone."),),
        label=_("Read about it"),
        link=f"{site.base_url}{page}",
        foot=site.name,
        locale=locale,
    )


def appealed(site: Site, locale: str, name: str) -> Letter:
    """To an administrator: somebody answers a decision."""
    _ = translator(locale).gettext
    return Letter(
        subject=_("Somebody appeals"),
        paragraphs=(_("%(person)s asks you to look again at what was decided about them.") % {"person": name},),
        label=_("Read the appeal"),
        link=f"{site.base_url}/staff/appeals",
        foot=site.name,
        locale=locale,
    )
