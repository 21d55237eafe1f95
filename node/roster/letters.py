# SPDX-License-Identifier: AGPL-3.0-or-later
"""The letter to a missing classmate. Pure."""

from node.kernel.i18n import translator
from node.kernel.site import Site
from node.mail import Letter


def invitation(site: Site, locale: str, *, inviter: str, name: str, link: str) -> Letter:
    """In the language of the one who invites: most likely it was that of the school."""
    _ = translator(locale).gettext
    return Letter(
        subject=_("%(person)s invites you to %(name)s") % {"person": inviter, "name": site.name},
        paragraphs=(
            _("Hello %(person)s,") % {"person": name},
            _("%(person)s was in your class and would like to meet you again at %(name)s, the network of your school.")
            % {"person": inviter, "name": site.name},
            _("The link is for you alone and good for 30 days. If you do nothing, you get one reminder and no more."),
        ),
        label=_("Have a look"),
        link=link,
        foot=site.name,
        locale=locale,
    )
