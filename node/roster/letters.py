# SPDX-License-Identifier: AGPL-3.0-or-later
"""The letters to a missing classmate, to newcomers while they wait, and to those who vouched. Pure."""

from collections.abc import Sequence

from node.kernel import i18n
from node.kernel.i18n import translator
from node.kernel.site import Site
from node.mail import Item, Letter, Section


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


def waiting(site: Site, locale: str, names: Sequence[str], count: int) -> Letter:
    """To somebody who decides about newcomers: how many wait, and the names of the latest."""
    words = translator(locale)
    _ = words.gettext
    title = words.ngettext("%(count)s person would like to join", "%(count)s people would like to join", count) % {
        "count": i18n.number(count, locale)
    }
    return Letter(
        subject=title,
        paragraphs=(_("They wait for an answer. You get one letter a day while somebody does."),),
        sections=(Section(_("The latest"), tuple(Item(name) for name in names)),),
        label=_("Look at who waits"),
        link=f"{site.base_url}/staff/sign-ups",
        foot=site.name,
        locale=locale,
    )


def association_invites(site: Site, locale: str, link: str) -> Letter:
    """In the language of the secretary who invites."""
    _ = translator(locale).gettext
    return Letter(
        subject=_("An invitation to %(name)s") % {"name": site.name},
        paragraphs=(
            _("The association of your school invites you to %(name)s, its network.") % {"name": site.name},
            _("The link is for you alone and good for 30 days. If you do nothing, nothing happens."),
        ),
        label=_("Have a look"),
        link=link,
        foot=site.name,
        locale=locale,
    )


def checking(site: Site, locale: str, link: str) -> Letter:
    """To a newcomer who waits; the same whatever the roster says."""
    _ = translator(locale).gettext
    return Letter(
        subject=_("Your sign-up is being looked at"),
        paragraphs=(
            _("The association looks at who you are, and writes to you. That can take some days."),
            _(
                "Meanwhile you can say who you were at school, ask classmates to vouch for you, and see how far it is. "
                "The link is for you alone."
            ),
        ),
        label=_("Look at my sign-up"),
        link=link,
        foot=site.name,
        locale=locale,
    )


def question(site: Site, locale: str, words: str, link: str) -> Letter:
    """To a newcomer of whom those who decide want to know something."""
    _ = translator(locale).gettext
    return Letter(
        subject=_("A question about your sign-up"),
        paragraphs=(
            _("The association would like to know:"),
            words,
            _("Please answer within 30 days. After that you can write to the association once more."),
        ),
        label=_("Answer"),
        link=link,
        foot=site.name,
        locale=locale,
    )


def refused(site: Site, locale: str, words: str, link: str, *, may_appeal: bool) -> Letter:
    """To a newcomer who is refused, with the reason."""
    _ = translator(locale).gettext
    left = _("If that is wrong, you can write to the association once. What you gave is deleted after 90 days.")
    if not may_appeal:
        left = _("What you gave is deleted after 90 days, or at once if you wish.")
    return Letter(
        subject=_("Your sign-up"),
        paragraphs=(_("The association could not let you in. This is why:"), words, left),
        label=_("Look at my sign-up"),
        link=link,
        foot=site.name,
        locale=locale,
    )


def lapsed(site: Site, locale: str, link: str) -> Letter:
    """To a newcomer who has not answered."""
    _ = translator(locale).gettext
    return Letter(
        subject=_("Your sign-up"),
        paragraphs=(
            _("You were asked something, and did not answer within 30 days."),
            _(
                "If you would still like to join, you can write to the association once. "
                "What you gave is deleted after 90 days."
            ),
        ),
        label=_("Look at my sign-up"),
        link=link,
        foot=site.name,
        locale=locale,
    )


def revoked(site: Site, locale: str, person: str) -> Letter:
    """To a member who vouched for somebody who is no member any more."""
    _ = translator(locale).gettext
    return Letter(
        subject=_("Somebody for whom you vouched"),
        paragraphs=(
            _("You vouched for %(person)s. The association has found that they are not who they said.")
            % {"person": person},
            _("There is nothing to do. Please vouch only for those you know."),
        ),
        foot=site.name,
        locale=locale,
    )


def joined(locale: str, name: str) -> str:
    """A line to whoever invited a missing classmate, who has come."""
    return translator(locale).gettext("%(name)s, whom you invited, is here now.") % {"name": name}
