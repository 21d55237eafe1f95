# SPDX-License-Identifier: AGPL-3.0-or-later
"""The letter about a copy of one's data. Pure."""

from node.kernel.i18n import translator
from node.kernel.site import Site
from node.mail import Letter


def leaving(site: Site, locale: str, day: str) -> Letter:
    """To whoever asked for their account to be deleted."""
    _ = translator(locale).gettext
    return Letter(
        subject=_("Your account is deleted on %(day)s") % {"day": day},
        paragraphs=(
            _(
                "You have asked for your account to be deleted. Until then you can keep it: log in, and nothing happens."
            ),
        ),
        label=_("Keep the account"),
        link=f"{site.base_url}/login",
        foot=site.name,
        locale=locale,
    )


def staying(site: Site, locale: str) -> Letter:
    """To whoever logged in before it was."""
    _ = translator(locale).gettext
    return Letter(
        subject=_("Your account stays"),
        paragraphs=(
            _("You have logged in, so your account is not deleted. If you still want that, please say so again."),
        ),
        foot=site.name,
        locale=locale,
    )


def gone(site: Site, locale: str, link: str) -> Letter:
    """The last letter, to whoever has left. `link` needs no account."""
    _ = translator(locale).gettext
    return Letter(
        subject=_("Your account has been deleted"),
        paragraphs=(
            _(
                "Every server that may have a copy of what you published has been asked to delete it. Nobody can force "
                "them: for thirty days this page tells which have not said that they did."
            ),
        ),
        label=_("What became of the copies"),
        link=link,
        foot=site.name,
        locale=locale,
    )


def export_ready(site: Site, locale: str) -> Letter:
    """To whoever asked for it; the file itself is never sent."""
    _ = translator(locale).gettext
    return Letter(
        subject=_("The copy of your data is ready"),
        paragraphs=(
            _("You have asked for a copy of all that is kept about you here. It is ready, and stays for seven days."),
        ),
        label=_("Download it"),
        link=f"{site.base_url}/settings/export",
        foot=site.name,
        locale=locale,
    )
