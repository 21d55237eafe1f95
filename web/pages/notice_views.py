# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages of notifications and messages are made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from node.kernel.html import Html
from web.pages.views import PersonView, PostView


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """One line: what happened (a message id), who did it, `more` of them, and the post it is about.

    `reactions` are the emoji with which some of the people did it, by their numbers.
    """

    key: str
    what: str
    people: tuple[PersonView, ...]
    reactions: Mapping[int, Html] = field(default_factory=dict)
    more: int = 0
    when: datetime
    post: PostView | None = None
    unread: bool = False
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestView:
    """Somebody whose notifications wait apart."""

    id: int
    person: PersonView
    count: int
    post: PostView | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationsView:
    """What the member was told, alike things together; and who waits because of their policy."""

    template: ClassVar[str] = "notifications.html"
    notices: tuple[NoticeView, ...] = ()
    requests: tuple[RequestView, ...] = ()
    older: str = ""
    newer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """A conversation: the others, and what was said last."""

    id: int
    people: tuple[PersonView, ...]
    post: PostView
    unread: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagesView:
    """A member's conversations, the latest first."""

    template: ClassVar[str] = "messages.html"
    messages: tuple[MessageView, ...] = ()
    older: str = ""
    newer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationSettingsView:
    """Whom the member wants to hear: (name of the rule, what it is about, what holds)."""

    template: ClassVar[str] = "notification_settings.html"
    rules: tuple[tuple[str, str, str], ...]
    choices: tuple[tuple[str, str], ...]
    push_private: bool = False
