# SPDX-License-Identifier: AGPL-3.0-or-later
"""The letters about dues. Pure."""

from datetime import date

from node.dues import wording
from node.kernel.i18n import short_day, translator
from node.kernel.site import Site
from node.mail import Letter


def confirmed(site: Site, locale: str, *, amount: int, currency: str, receipt_id: int, until: date | None) -> Letter:
    """To a member whose payment has come."""
    _ = translator(locale).gettext
    thanks = _("Thank you: %(amount)s have arrived.") % {"amount": wording.figures(amount, currency, locale)}
    paid = _("Your dues are paid until %(day)s.") % {"day": short_day(until, locale)} if until is not None else ""
    return Letter(
        subject=_("Your payment to %(name)s") % {"name": site.name},
        paragraphs=(thanks, paid) if paid else (thanks,),
        label=_("Your receipt"),
        link=f"{site.base_url}/dues/receipts/{receipt_id}",
        foot=site.name,
        locale=locale,
    )


def rejected(site: Site, locale: str, *, amount: int, currency: str, reason: str) -> Letter:
    """To a member who said that they paid, where nothing is found."""
    _ = translator(locale).gettext
    first = _("The treasurer has not found the payment of %(amount)s that you announced.") % {
        "amount": wording.figures(amount, currency, locale)
    }
    return Letter(
        subject=_("Your payment to %(name)s was not found") % {"name": site.name},
        paragraphs=(first, reason) if reason else (first,),
        label=_("See your dues"),
        link=f"{site.base_url}/dues",
        foot=site.name,
        locale=locale,
    )


def reminder(site: Site, locale: str, *, until: date, today: date, link: str, reference: str) -> Letter:
    """Before or after the last day that somebody has paid for. `link` opens without a login."""
    _ = translator(locale).gettext
    day = {"day": short_day(until, locale), "name": site.name}
    if today <= until:
        subject = _("Your dues to %(name)s are paid until %(day)s") % day
        first = _("Your dues are paid until %(day)s. You can renew them now; the new period is added to the old one.")
    else:
        subject = _("Your dues to %(name)s were paid until %(day)s") % day
        first = _("Your dues were paid until %(day)s. If you would like to renew them, here is how.")
    return Letter(
        subject=subject,
        paragraphs=(
            first % day,
            _("Please write %(reference)s on your payment, so that it can be told whose it is.")
            % {"reference": reference},
            _("Whatever you decide, your account, your contacts and what you wrote stay as they are."),
            _(
                "If you have just paid, please take no notice. In your settings, under dues, you can stop reminders for"
                " a year."
            ),
        ),
        label=_("How to pay"),
        link=link,
        foot=site.name,
        locale=locale,
    )


def notice(locale: str, *, until: date, today: date) -> str:
    """What the association says of it in the apps, once."""
    _ = translator(locale).gettext
    words = _("Your dues are paid until %(day)s.") if today <= until else _("Your dues were paid until %(day)s.")
    return words % {"day": short_day(until, locale)}
