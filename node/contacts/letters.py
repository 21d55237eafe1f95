# SPDX-License-Identifier: AGPL-3.0-or-later
"""The letters about contacts. Pure."""

from node.kernel.i18n import translator
from node.kernel.site import Site
from node.mail import Letter


def asked(site: Site, locale: str, person: str, message: str) -> Letter:
    """To somebody who is asked."""
    _ = translator(locale).gettext
    first = _("%(person)s would like to be a contact of yours.") % {"person": person}
    return Letter(
        subject=_("%(person)s asks to be a contact") % {"person": person},
        paragraphs=(first, message) if message else (first,),
        label=_("Answer"),
        link=f"{site.base_url}/contacts",
        foot=site.name,
        locale=locale,
    )


def accepted(site: Site, locale: str, person: str, username: str) -> Letter:
    """To the one who asked."""
    _ = translator(locale).gettext
    return Letter(
        subject=_("%(person)s is a contact of yours now") % {"person": person},
        paragraphs=(_("%(person)s has said yes.") % {"person": person},),
        label=_("See the profile"),
        link=f"{site.base_url}/@{username}",
        foot=site.name,
        locale=locale,
    )
