# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages about other people are made of: leaving them alone, showing them, noting something about them.

    mute.html           MuteView          GET and POST /people/<actor id>/mute: length, notifications
    block_network.html  BlockNetworkView  GET and POST /people/<actor id>/block-network
    set_aside.html      SetAsideView      GET /settings/muted, /settings/blocked
    networks.html       NetworksView      GET and POST /settings/networks: domain; POST /settings/networks/unblock: domain
    requests.html       RequestsView      GET /requests
    shown.html          ShownView         GET /settings/shown; POST /settings/shown/tags: tag; .../tags/<id>/remove
    recommends.html     RecommendsView    GET /@<acct>/recommends
    settings.html       SettingsView      GET /settings

On a profile: /people/<actor id>/unmute, block, unblock, endorse, unendorse, remove-follower; note: comment; and
following: boosts, notify.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from web.pages.views import Fault, PersonView


@dataclass(frozen=True, slots=True, kw_only=True)
class MuteView:
    """How long, and of what, a member wants to hear nothing of somebody. `lengths` are (seconds, message id)."""

    template: ClassVar[str] = "mute.html"
    person: PersonView
    lengths: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockNetworkView:
    """Blocking the whole network of somebody, and how many follows that ends."""

    template: ClassVar[str] = "block_network.html"
    person: PersonView
    following: int
    followers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AsideView:
    """Somebody who is muted, until when if it ends, or blocked."""

    person: PersonView
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAsideView:
    """Whom the member mutes, or (`blocked`) blocks."""

    template: ClassVar[str] = "set_aside.html"
    people: tuple[AsideView, ...]
    blocked: bool = False
    older: str = ""
    newer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworksView:
    """The networks that the member blocks, and the form for another."""

    template: ClassVar[str] = "networks.html"
    domains: tuple[str, ...]
    domain: str = ""
    older: str = ""
    newer: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestsView:
    """Who asks to follow the member."""

    template: ClassVar[str] = "requests.html"
    people: tuple[PersonView, ...]
    older: str = ""
    newer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownView:
    """What else stands on the member's profile: hashtags (number, as written, how often used), and people.

    `used` are hashtags that they use and do not show.
    """

    template: ClassVar[str] = "shown.html"
    tags: tuple[tuple[int, str, int], ...] = ()
    used: tuple[str, ...] = ()
    people: tuple[PersonView, ...] = ()
    tag: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendsView:
    """The people whom somebody shows on their profile."""

    template: ClassVar[str] = "recommends.html"
    person: PersonView
    people: tuple[PersonView, ...]
    older: str = ""
    newer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsView:
    """All that a member can arrange, by what it is about."""

    template: ClassVar[str] = "settings.html"
