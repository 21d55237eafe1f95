# SPDX-License-Identifier: AGPL-3.0-or-later
"""The letter about a copy of one's data. Pure."""

from node.kernel.i18n import translator
from node.kernel.site import Site
from node.mail import Letter


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
