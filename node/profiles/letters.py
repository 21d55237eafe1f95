# SPDX-License-Identifier: AGPL-3.0-or-later
"""The letter about something sought or offered that runs out. Pure."""

from datetime import datetime

from node.kernel.i18n import translator
from node.kernel.site import Site
from node.mail import Letter


def runs_out(site: Site, locale: str, text: str, ends: datetime, link: str) -> Letter:
    """To its member, a week before."""
    _ = translator(locale).gettext
    return Letter(
        subject=_("What you wrote at %(name)s runs out soon") % {"name": site.name},
        paragraphs=(
            text,
            _("This ends on %(day)s. You can renew it, or say that it is found; the link is good for two weeks.")
            % {"day": f"{ends:%Y-%m-%d}"},
        ),
        label=_("Renew it, or say that it is found"),
        link=link,
        foot=site.name,
        locale=locale,
    )
