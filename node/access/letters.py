# SPDX-License-Identifier: AGPL-3.0-or-later
"""The letters about one's login, in the reader's language. Pure."""

from node.kernel.i18n import translator
from node.kernel.site import Site
from node.mail import Letter


def confirm(site: Site, locale: str, link: str) -> Letter:
    """To a newcomer: is this address yours?"""
    _ = translator(locale).gettext
    return Letter(
        subject=_("Please confirm your e-mail address"),
        paragraphs=(
            _("Somebody, probably you, has signed up with this address at %(name)s.") % {"name": site.name},
            _("If it was you, please confirm the address within three days. If not, there is nothing to do."),
        ),
        label=_("Confirm my address"),
        link=link,
        foot=site.name,
        locale=locale,
    )


def reset(site: Site, locale: str, link: str) -> Letter:
    """To a member who forgot the password."""
    _ = translator(locale).gettext
    return Letter(
        subject=_("A new password"),
        paragraphs=(
            _("Somebody, probably you, has asked for a new password at %(name)s.") % {"name": site.name},
            _(
                "The link is good for an hour, and once. If it was not you, there is nothing to do: nothing has changed."
            ),
        ),
        label=_("Choose a new password"),
        link=link,
        foot=site.name,
        locale=locale,
    )


def password_changed(site: Site, locale: str) -> Letter:
    """To a member whose password was changed by a link."""
    _ = translator(locale).gettext
    return Letter(
        subject=_("Your password has been changed"),
        paragraphs=(
            _("Every browser and every app is logged out. If it was not you, please write to the association at once."),
        ),
        foot=site.name,
        locale=locale,
    )


def welcome(site: Site, locale: str) -> Letter:
    """To a newcomer whom the association has let in."""
    _ = translator(locale).gettext
    return Letter(
        subject=_("Welcome"),
        paragraphs=(_("The association has let you in. You can log in now."),),
        label=_("Log in"),
        link=f"{site.base_url}/login?next=/welcome",
        foot=site.name,
        locale=locale,
    )


def turned_away(site: Site, locale: str) -> Letter:
    """To a newcomer whom the association has not let in."""
    _ = translator(locale).gettext
    return Letter(
        subject=_("Your sign-up"),
        paragraphs=(_("The association could not let you in. What you had given is deleted."),),
        foot=site.name,
        locale=locale,
    )


def change(site: Site, locale: str, link: str) -> Letter:
    """To a member's new address: is it yours?"""
    _ = translator(locale).gettext
    return Letter(
        subject=_("Your new e-mail address"),
        paragraphs=(
            _("A member of %(name)s has given this address as their new one.") % {"name": site.name},
            _("If it was you, please confirm it within a day. If not, there is nothing to do."),
        ),
        label=_("Confirm my address"),
        link=link,
        foot=site.name,
        locale=locale,
    )


def changed(site: Site, locale: str) -> Letter:
    """To a member's former address."""
    _ = translator(locale).gettext
    return Letter(
        subject=_("Your e-mail address has been changed"),
        paragraphs=(
            _("From now on letters go to another address. If it was not you, please write to the association."),
        ),
        foot=site.name,
        locale=locale,
    )


def app_added(site: Site, locale: str) -> Letter:
    """To a member whose login takes a code of an authenticator app from now on."""
    _ = translator(locale).gettext
    return _told(site, locale, _("An authenticator app has been added"), _("From now on your login takes its code."))


def app_removed(site: Site, locale: str) -> Letter:
    """To a member whose login takes no code any more."""
    _ = translator(locale).gettext
    return _told(
        site, locale, _("The authenticator app has been removed"), _("From now on your login takes no code of it.")
    )


def passkey_added(site: Site, locale: str, name: str) -> Letter:
    """To a member whose account a new passkey opens."""
    _ = translator(locale).gettext
    text = _("From now on the passkey “%(passkey)s” opens your account.") % {"passkey": name}
    return _told(site, locale, _("A passkey has been added"), text)


def passkey_removed(site: Site, locale: str, name: str) -> Letter:
    """To a member whose account a passkey opens no more."""
    _ = translator(locale).gettext
    text = _("The passkey “%(passkey)s” opens your account no more.") % {"passkey": name}
    return _told(site, locale, _("A passkey has been removed"), text)


def _told(site: Site, locale: str, subject: str, text: str) -> Letter:
    """A change of how one logs in."""
    _ = translator(locale).gettext
    if_not = _("If it was not you, please change your password and write to the association at once.")
    return Letter(subject=subject, paragraphs=(text, if_not), foot=site.name, locale=locale)
