# SPDX-License-Identifier: AGPL-3.0-or-later
"""For each line of the endpoint tables: what it is for, what it takes, what it answers.

The tables in the `routes` modules say how something is reached and by whom; here stands what is said there. A line that
has no declaration, or a declaration that has no line, fails a test. Addresses are written with `{}` for what varies.

Parameters of GET stand in the address, all others in the body, in any form that `web.params` reads. A list is sent as
`name[]`. Whatever is not declared is ignored.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from web.mastodon.openapi.entities import CONTEXTS, NOTIFICATION_TYPES, VISIBILITY
from web.mastodon.openapi.shapes import (
    ANYTHING,
    COUNT,
    EMPTY,
    FLAG,
    ID,
    TEXT,
    Schema,
    either,
    entity,
    many,
    maybe,
    one_of,
    ref,
    table,
)


@dataclass(frozen=True, slots=True)
class Param:
    """Something that may be sent. `needed`: without it the answer is a refusal."""

    name: str
    schema: Schema
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Declaration:
    """What an endpoint is for, what it takes, and what it answers.

    `also` are further answers that are no refusals, by status code. A stream answers events, not JSON.
    """

    summary: str
    answers: Schema
    params: tuple[Param, ...] = ()
    also: Mapping[int, Schema] = field(default_factory=dict)
    is_stream: bool = False

    @property
    def takes_file(self) -> bool:
        """Whether a file may be among what is sent."""
        return any(param.schema is FILE for param in self.params)


FILE: Final[Schema] = {"type": "string", "format": "binary"}
_STRING: Final[Schema] = {"type": "string"}


def key(method: str, path: str) -> str:
    """An endpoint as the declarations name it: `GET /api/v1/accounts/{}`."""
    return f"{method} {re.sub(r'{[^}]*}', '{}', path)}"


def says(
    summary: str, answers: Schema | str, *params: Param | tuple[Param, ...], also: Mapping[int, Schema] | None = None
) -> Declaration:
    """A declaration; an entity may be given by its name."""
    flat: list[Param] = []
    for one in params:
        flat += [one] if isinstance(one, Param) else one
    return Declaration(summary, ref(answers) if isinstance(answers, str) else answers, tuple(flat), also or {})


def stream(summary: str, *params: Param) -> Declaration:
    """A stream of events."""
    return Declaration(summary, TEXT, params, is_stream=True)


def text(name: str, *words: str, needed: bool = False) -> Param:
    """A text, or one of these words."""
    return Param(name, one_of(*words) if words else _STRING, needed)


def flag(name: str) -> Param:
    """True or false, as a word or as JSON has it."""
    return Param(name, FLAG)


def number(name: str) -> Param:
    """A whole number."""
    return Param(name, {"type": "integer"})


def an_id(name: str, *, needed: bool = False) -> Param:
    """The number of something."""
    return Param(name, ID, needed)


def texts(name: str, *words: str) -> Param:
    """A list of texts."""
    return Param(name, many(one_of(*words) if words else _STRING))


def ids(name: str) -> Param:
    """A list of numbers of things."""
    return Param(name, many(ID))


def part(name: str, **fields: Schema) -> Param:
    """Something with parts, of which each may be left out."""
    return Param(name, entity(fields, optional=fields))


PAGE: Final = (an_id("max_id"), an_id("since_id"), an_id("min_id"), number("limit"))
SLICE: Final = (number("limit"), number("offset"))
KINDS: Final = (texts("types", *NOTIFICATION_TYPES), texts("exclude_types", *NOTIFICATION_TYPES))
SUPPORTED: Final = texts("supported_types")
TIMELINE: Final = (flag("local"), flag("remote"), flag("only_media"), *PAGE)
POLICY: Final = text("quote_approval_policy", "public", "followers", "nobody")
POLL: Final = part("poll", options=many(TEXT), expires_in=COUNT, multiple=FLAG, hide_totals=FLAG)
DRAFT: Final = (
    text("status"),
    ids("media_ids"),
    Param(
        "media_attributes",
        many(entity({"id": ID, "description": TEXT, "focus": TEXT}, optional=("description", "focus"))),
    ),
    POLL,
    text("spoiler_text"),
    flag("sensitive"),
    text("language"),
    POLICY,
)
CIRCLE: Final = text("circle", "class", "school", "partners")
PICTURES: Final = (
    Param("avatar", FILE),
    text("avatar_description"),
    Param("header", FILE),
    text("header_description"),
)
PROFILE: Final = (
    text("display_name"),
    text("note"),
    *PICTURES,
    flag("locked"),
    flag("bot"),
    flag("discoverable"),
    flag("hide_collections"),
    flag("indexable"),
    texts("attribution_domains"),
    Param("fields_attributes", either(many(ANYTHING), ANYTHING)),
)
FILTER: Final = (
    text("title"),
    Param("context", CONTEXTS),
    text("filter_action", "warn", "hide", "blur"),
    number("expires_in"),
    Param(
        "keywords_attributes",
        many(
            entity(
                {"id": ID, "keyword": TEXT, "whole_word": FLAG, "_destroy": FLAG},
                optional=("id", "keyword", "whole_word", "_destroy"),
            )
        ),
    ),
)
OLD_FILTER: Final = (
    text("phrase"),
    Param("context", CONTEXTS),
    flag("irreversible"),
    flag("whole_word"),
    number("expires_in"),
)
KEYWORD: Final = (text("keyword"), flag("whole_word"))
LIST: Final = (text("title"), text("replies_policy", "followed", "list", "none"), flag("exclusive"))
ALERTS: Final = part("data", alerts=table(FLAG), policy=TEXT)
SUBSCRIPTION: Final = part(
    "subscription",
    endpoint=TEXT,
    keys=entity({"p256dh": TEXT, "auth": TEXT}, optional=("p256dh", "auth")),
    standard=FLAG,
)
MEDIA: Final = (Param("thumbnail", FILE), text("description"), text("focus"))
DOMAIN: Final = text("domain", needed=True)
LAST_READ: Final = entity({"last_read_id": ID}, optional=("last_read_id",))
ACCOUNTS: Final = many("Account")
STATUSES: Final = many("Status")

_INSTANCE: Final = {
    "GET /api/v2/instance": says("The node: its name, what may be sent to it, how one joins.", "Instance"),
    "GET /api/v1/instance": says("The same, for older apps.", "V1Instance"),
    "GET /api/v1/instance/peers": says("The servers that this one knows.", many(TEXT)),
    "GET /api/v1/instance/activity": says("Posts, logins and sign-ups of twelve weeks.", many("Activity")),
    "GET /api/v1/instance/rules": says("The rules of this node.", many("Rule")),
    "GET /api/v1/instance/domain_blocks": says(
        "The servers that this one has nothing to do with.", many("DomainBlock")
    ),
    "GET /api/v1/instance/extended_description": says("What the association says of itself.", "ExtendedDescription"),
    "GET /api/v1/instance/privacy_policy": says("What is done with data.", "PrivacyPolicy"),
    "GET /api/v1/instance/terms_of_service": says("The terms of use.", "TermsOfService"),
    "GET /api/v1/instance/terms_of_service/{}": says("The terms of use of a day.", "TermsOfService"),
    "GET /api/v1/instance/languages": says("The languages that a post can be written in.", many("Language")),
    "GET /api/v1/instance/translation_languages": says("Between which languages is translated.", table(many(TEXT))),
    "GET /api/v1/custom_emojis": says("The emoji that may be used here.", many("CustomEmoji")),
    "GET /api/v1/announcements": says(
        "What the association announces at the moment.", many("Announcement"), flag("with_dismissed")
    ),
    "POST /api/v1/announcements/{}/dismiss": says("An announcement was read.", EMPTY),
    "PUT /api/v1/announcements/{}/reactions/{}": says(
        "Answer an announcement with an emoji, or the name of one of the node's own.", EMPTY
    ),
    "DELETE /api/v1/announcements/{}/reactions/{}": says("Take that back.", EMPTY),
    "GET /api/v1/directory": says(
        "The people here and known here who want to be found.",
        ACCOUNTS,
        text("order", "active", "new"),
        flag("local"),
        SLICE,
    ),
    "GET /api/oembed": says(
        "How a public post is embedded in a page.",
        "OEmbed",
        text("url", needed=True),
        number("maxwidth"),
        number("maxheight"),
    ),
    "GET /api/openapi.json": says("This description of the API.", ANYTHING),
}

_APPS: Final = {
    "POST /api/v1/apps": says(
        "Register an app.",
        "CredentialApplication",
        text("client_name", needed=True),
        Param("redirect_uris", either(many(TEXT), TEXT), needed=True),
        text("scopes"),
        text("website"),
    ),
    "GET /api/v1/apps/verify_credentials": says("The app that the token belongs to.", "VerifiedApplication"),
    "GET /.well-known/oauth-authorization-server": says("How one signs in here (RFC 8414).", "ServerMetadata"),
    "POST /oauth/token": says(
        "Exchange a code for a token, or get one for the app itself.",
        "Token",
        text("grant_type", "authorization_code", "client_credentials", needed=True),
        text("client_id"),
        text("client_secret"),
        text("code"),
        text("redirect_uri"),
        text("code_verifier"),
        text("scope"),
    ),
    "POST /oauth/revoke": says(
        "End a token.", EMPTY, text("client_id"), text("client_secret"), text("token", needed=True)
    ),
    "GET /oauth/userinfo": says("Who has logged in, as OpenID Connect names things.", "UserInfo"),
    "POST /oauth/userinfo": says("The same.", "UserInfo"),
    "POST /api/v1/accounts": says(
        "Sign up.",
        "Token",
        text("username", needed=True),
        text("email", needed=True),
        text("password", needed=True),
        flag("agreement"),
        text("locale"),
        text("reason"),
        text("date_of_birth"),
    ),
    "POST /api/v1/emails/confirmations": says("Send the link that confirms the address again.", EMPTY, text("email")),
    "GET /api/v1/emails/check_confirmation": says("Whether the address is confirmed.", FLAG),
}

_ACCOUNTS: Final = {
    "GET /api/v1/accounts/verify_credentials": says("Oneself.", "CredentialAccount"),
    "PATCH /api/v1/accounts/update_credentials": says(
        "Change one's profile and defaults.",
        "CredentialAccount",
        PROFILE,
        part("source", privacy=VISIBILITY, sensitive=FLAG, language=TEXT, quote_policy=TEXT),
    ),
    "GET /api/v1/profile": says("One's profile as it was typed.", "Profile"),
    "PATCH /api/v1/profile": says(
        "Change one's profile.",
        "Profile",
        PROFILE,
        flag("show_media"),
        flag("show_media_replies"),
        flag("show_featured"),
    ),
    "PUT /api/v1/profile": says(
        "The same.",
        "Profile",
        PROFILE,
        flag("show_media"),
        flag("show_media_replies"),
        flag("show_featured"),
    ),
    "DELETE /api/v1/profile/avatar": says("Remove one's picture.", "CredentialAccount"),
    "DELETE /api/v1/profile/header": says("Remove the picture behind one's profile.", "CredentialAccount"),
    "GET /api/v1/preferences": says("What one has chosen for posting and reading.", "Preferences"),
    "GET /api/v1/accounts": says("Several accounts by their ids.", ACCOUNTS, ids("id")),
    "GET /api/v1/accounts/{}": says("An account.", "Account"),
    "GET /api/v1/accounts/lookup": says("An account by its handle.", "Account", text("acct", needed=True)),
    "GET /api/v1/accounts/search": says(
        "Accounts whose name or handle begins so.",
        ACCOUNTS,
        text("q", needed=True),
        flag("resolve"),
        flag("following"),
        SLICE,
    ),
    "GET /api/v1/accounts/relationships": says(
        "What stands between oneself and others.", many("Relationship"), ids("id"), flag("with_suspended")
    ),
    "GET /api/v1/accounts/familiar_followers": says(
        "Who of those one follows follows somebody.", many("FamiliarFollowers"), ids("id")
    ),
    "GET /api/v1/accounts/{}/statuses": says(
        "What somebody posted.",
        STATUSES,
        flag("only_media"),
        flag("exclude_replies"),
        flag("exclude_reblogs"),
        flag("exclude_direct"),
        flag("pinned"),
        text("tagged"),
        PAGE,
    ),
    "GET /api/v1/accounts/{}/followers": says("Who follows somebody.", ACCOUNTS, PAGE),
    "GET /api/v1/accounts/{}/following": says("Whom somebody follows.", ACCOUNTS, PAGE),
    "GET /api/v1/accounts/{}/lists": says("One's lists that somebody is on.", many("List")),
    "GET /api/v1/accounts/{}/featured_tags": says("The hashtags on somebody's profile.", many("FeaturedTag")),
    "GET /api/v1/accounts/{}/endorsements": says("Whom somebody recommends on their profile.", ACCOUNTS, PAGE),
    "GET /api/v1/accounts/{}/identity_proofs": says("Nothing; Mastodon has given this up.", many(ANYTHING)),
    "POST /api/v1/accounts/{}/follow": says(
        "Follow somebody, or change how.", "Relationship", flag("reblogs"), flag("notify"), texts("languages")
    ),
    "POST /api/v1/accounts/{}/unfollow": says("Follow somebody no more.", "Relationship"),
    "POST /api/v1/accounts/{}/remove_from_followers": says("Be followed no more.", "Relationship"),
    "POST /api/v1/accounts/{}/block": says("Block somebody.", "Relationship"),
    "POST /api/v1/accounts/{}/unblock": says("Block somebody no more.", "Relationship"),
    "POST /api/v1/accounts/{}/mute": says(
        "Mute somebody, for so many seconds or for good.", "Relationship", flag("notifications"), number("duration")
    ),
    "POST /api/v1/accounts/{}/unmute": says("Mute somebody no more.", "Relationship"),
    "POST /api/v1/accounts/{}/note": says("A note on somebody for oneself.", "Relationship", text("comment")),
    "POST /api/v1/accounts/{}/endorse": says("Recommend somebody on one's profile.", "Relationship"),
    "POST /api/v1/accounts/{}/unendorse": says("Recommend them no more.", "Relationship"),
    "POST /api/v1/accounts/{}/pin": says("The older name of `endorse`.", "Relationship"),
    "POST /api/v1/accounts/{}/unpin": says("The older name of `unendorse`.", "Relationship"),
    "GET /api/v1/follow_requests": says("Who asks to follow.", ACCOUNTS, PAGE),
    "POST /api/v1/follow_requests/{}/authorize": says("Let somebody follow.", "Relationship"),
    "POST /api/v1/follow_requests/{}/reject": says("Do not let them.", "Relationship"),
    "GET /api/v1/blocks": says("Whom one blocks.", ACCOUNTS, PAGE),
    "GET /api/v1/mutes": says("Whom one mutes.", many("MutedAccount"), PAGE),
    "GET /api/v1/domain_blocks": says("The servers that one blocks for oneself.", many(TEXT), PAGE),
    "POST /api/v1/domain_blocks": says("Block a server for oneself.", EMPTY, DOMAIN),
    "DELETE /api/v1/domain_blocks": says("Block it no more.", EMPTY, DOMAIN),
    "GET /api/v1/domain_blocks/preview": says("What a block would end.", "DomainBlockPreview", DOMAIN),
    "GET /api/v1/endorsements": says("Whom one recommends.", ACCOUNTS, PAGE),
    "GET /api/v1/featured_tags": says("The hashtags on one's profile.", many("FeaturedTag")),
    "POST /api/v1/featured_tags": says("Put a hashtag there.", "FeaturedTag", text("name", needed=True)),
    "DELETE /api/v1/featured_tags/{}": says("Take it away.", EMPTY),
    "GET /api/v1/featured_tags/suggestions": says("Hashtags that one uses often.", many("Tag")),
    "GET /api/v2/suggestions": says("Whom one may know.", many("Suggestion"), SLICE),
    "GET /api/v1/suggestions": says("The same, accounts alone.", ACCOUNTS, SLICE),
    "DELETE /api/v1/suggestions/{}": says("Suggest this one no more.", EMPTY),
    "POST /api/v1/reports": says(
        "Report somebody to the staff.",
        "Report",
        an_id("account_id", needed=True),
        ids("status_ids"),
        ids("rule_ids"),
        text("comment"),
        text("category", "spam", "legal", "violation", "other"),
        flag("forward"),
    ),
}

_STATUSES: Final = {
    "POST /api/v1/statuses": says(
        "Post something, now or later.",
        either(ref("Status"), ref("ScheduledStatus")),
        DRAFT,
        Param("visibility", one_of("public", "unlisted", "private", "direct", "class", "school", "partners")),
        CIRCLE,
        an_id("in_reply_to_id"),
        an_id("quoted_status_id"),
        text("scheduled_at"),
    ),
    "GET /api/v1/statuses": says("Several posts by their ids.", STATUSES, ids("id")),
    "GET /api/v1/statuses/{}": says("A post.", "Status"),
    "PUT /api/v1/statuses/{}": says("Edit one's post.", "Status", DRAFT),
    "DELETE /api/v1/statuses/{}": says(
        "Delete one's post; what comes back can be posted anew.", "Status", flag("delete_media")
    ),
    "GET /api/v1/statuses/{}/context": says("What a post answers, and what answers it.", "Context"),
    "GET /api/v1/statuses/{}/history": says("What a post said before, oldest first.", many("StatusEdit")),
    "GET /api/v1/statuses/{}/source": says("What one typed.", "StatusSource"),
    "GET /api/v1/statuses/{}/favourited_by": says("Who likes a post.", ACCOUNTS, PAGE),
    "GET /api/v1/statuses/{}/reblogged_by": says("Who boosted it.", ACCOUNTS, PAGE),
    "GET /api/v1/statuses/{}/quotes": says("What quotes it.", STATUSES, PAGE),
    "POST /api/v1/statuses/{}/quotes/{}/revoke": says("Take back the consent to a quote.", "Status"),
    "PUT /api/v1/statuses/{}/interaction_policy": says("Who may quote one's post.", "Status", POLICY),
    "POST /api/v1/statuses/{}/favourite": says("Like a post.", "Status"),
    "POST /api/v1/statuses/{}/unfavourite": says("Like it no more.", "Status"),
    "POST /api/v1/statuses/{}/reblog": says("Boost a post.", "Status", Param("visibility", VISIBILITY)),
    "POST /api/v1/statuses/{}/unreblog": says("Take the boost back.", "Status"),
    "POST /api/v1/statuses/{}/bookmark": says("Keep a post for oneself.", "Status"),
    "POST /api/v1/statuses/{}/unbookmark": says("Keep it no more.", "Status"),
    "POST /api/v1/statuses/{}/mute": says("Hear no more of a conversation.", "Status"),
    "POST /api/v1/statuses/{}/unmute": says("Hear of it again.", "Status"),
    "POST /api/v1/statuses/{}/pin": says("Show one's post at the top of one's profile.", "Status"),
    "POST /api/v1/statuses/{}/unpin": says("Show it there no more.", "Status"),
    "POST /api/v1/statuses/{}/translate": says("A translation.", "Translation", text("lang")),
    "GET /api/v1/favourites": says("What one likes.", STATUSES, PAGE),
    "GET /api/v1/bookmarks": says("What one keeps.", STATUSES, PAGE),
    "GET /api/v1/scheduled_statuses": says("What is to be posted later.", many("ScheduledStatus"), PAGE),
    "GET /api/v1/scheduled_statuses/{}": says("One of them.", "ScheduledStatus"),
    "PUT /api/v1/scheduled_statuses/{}": says("Another time for it.", "ScheduledStatus", text("scheduled_at")),
    "DELETE /api/v1/scheduled_statuses/{}": says("Do not post it.", EMPTY),
    "GET /api/v1/polls/{}": says("A poll.", "Poll"),
    "POST /api/v1/polls/{}/votes": says("Vote.", "Poll", Param("choices", many(either(COUNT, TEXT)), needed=True)),
    "POST /api/v2/media": says(
        "Send a file for a post; 202 while it is worked on.",
        "MediaAttachment",
        Param("file", FILE, needed=True),
        MEDIA,
        also={202: ref("MediaAttachment")},
    ),
    "POST /api/v1/media": says("The same, for older apps.", "MediaAttachment", Param("file", FILE, needed=True), MEDIA),
    "GET /api/v1/media/{}": says(
        "One's file; 206 while it is worked on.", "MediaAttachment", also={206: ref("MediaAttachment")}
    ),
    "PUT /api/v1/media/{}": says("Describe it.", "MediaAttachment", MEDIA),
    "DELETE /api/v1/media/{}": says("Remove it, as long as it is in no post.", EMPTY),
}

_TIMELINES: Final = {
    "GET /api/v1/timelines/home": says("What those whom one follows posted.", STATUSES, PAGE),
    "GET /api/v1/timelines/public": says("What was posted for everybody.", STATUSES, TIMELINE),
    "GET /api/v1/timelines/tag/{}": says(
        "What was posted with a hashtag.", STATUSES, texts("any"), texts("all"), texts("none"), TIMELINE
    ),
    "GET /api/v1/timelines/list/{}": says("What the people on a list posted.", STATUSES, PAGE),
    "GET /api/v1/timelines/link": says("What was posted about a page.", STATUSES, text("url", needed=True), PAGE),
    "GET /api/v1/timelines/direct": says("What was sent to one alone.", STATUSES, PAGE),
    "GET /api/v1/markers": says("How far one has read.", "Markers", texts("timeline", "home", "notifications")),
    "POST /api/v1/markers": says(
        "Note how far one has read.", "Markers", Param("home", LAST_READ), Param("notifications", LAST_READ)
    ),
    "GET /api/v1/conversations": says("What one talks about with few.", many("Conversation"), PAGE),
    "DELETE /api/v1/conversations/{}": says("Show a conversation no more.", EMPTY),
    "POST /api/v1/conversations/{}/read": says("It was read.", "Conversation"),
    "POST /api/v1/conversations/{}/unread": says("It is to be read again.", "Conversation"),
    "GET /api/v1/lists": says("One's lists, and those that the node makes.", many("List")),
    "POST /api/v1/lists": says("A new list.", "List", LIST),
    "GET /api/v1/lists/{}": says("A list.", "List"),
    "PUT /api/v1/lists/{}": says("Change it.", "List", LIST),
    "DELETE /api/v1/lists/{}": says("Delete it.", EMPTY),
    "GET /api/v1/lists/{}/accounts": says("Who is on it.", ACCOUNTS, PAGE),
    "POST /api/v1/lists/{}/accounts": says("Put people on it.", EMPTY, ids("account_ids")),
    "DELETE /api/v1/lists/{}/accounts": says("Take them off.", EMPTY, ids("account_ids")),
    "GET /api/v1/tags/{}": says("A hashtag, and how often it was used.", "Tag"),
    "POST /api/v1/tags/{}/follow": says("Follow it.", "Tag"),
    "POST /api/v1/tags/{}/unfollow": says("Follow it no more.", "Tag"),
    "POST /api/v1/tags/{}/feature": says("Put it on one's profile.", "Tag"),
    "POST /api/v1/tags/{}/unfeature": says("Take it from there.", "Tag"),
    "GET /api/v1/followed_tags": says("The hashtags that one follows.", many("Tag"), PAGE),
    "GET /api/v2/search": says(
        "People, posts and hashtags; an address or a handle is looked up elsewhere.",
        "Search",
        text("q", needed=True),
        text("type", "accounts", "hashtags", "statuses"),
        flag("resolve"),
        flag("following"),
        an_id("account_id"),
        flag("exclude_unreviewed"),
        SLICE,
        an_id("max_id"),
        an_id("min_id"),
    ),
    "GET /api/v1/search": says(
        "The same, with hashtags as texts.", "SearchV1", text("q", needed=True), flag("resolve")
    ),
    "GET /api/v1/trends": says("The older name of `trends/tags`.", many("Tag"), SLICE),
    "GET /api/v1/trends/tags": says("The hashtags that many use at the moment.", many("Tag"), SLICE),
    "GET /api/v1/trends/statuses": says("The posts that many like at the moment.", STATUSES, SLICE),
    "GET /api/v1/trends/links": says("The pages that many talk about.", many("TrendsLink"), SLICE),
}

_NOTIFICATIONS: Final = {
    "GET /api/v1/notifications": says(
        "What one is told, one by one.",
        many("Notification"),
        KINDS,
        an_id("account_id"),
        flag("include_filtered"),
        SUPPORTED,
        PAGE,
    ),
    "GET /api/v1/notifications/unread_count": says(
        "How much of it is new.", "Count", KINDS, an_id("account_id"), number("limit")
    ),
    "POST /api/v1/notifications/clear": says("Remove all of it.", EMPTY),
    "POST /api/v1/notifications/dismiss": says("The older form of the next.", EMPTY, an_id("id")),
    "GET /api/v1/notifications/{}": says("One of them.", "Notification", SUPPORTED),
    "POST /api/v1/notifications/{}/dismiss": says("Remove it.", EMPTY),
    "GET /api/v2/notifications": says(
        "What one is told, alike things together.",
        "GroupedNotificationsResults",
        KINDS,
        texts("grouped_types"),
        text("expand_accounts", "full", "partial_avatars"),
        an_id("account_id"),
        flag("include_filtered"),
        SUPPORTED,
        PAGE,
    ),
    "GET /api/v2/notifications/unread_count": says(
        "How many groups are new.", "Count", KINDS, texts("grouped_types"), an_id("account_id"), number("limit")
    ),
    "GET /api/v2/notifications/{}": says("A group.", "GroupedNotificationsResults", SUPPORTED),
    "GET /api/v2/notifications/{}/accounts": says("Everybody in a group.", ACCOUNTS),
    "POST /api/v2/notifications/{}/dismiss": says("Remove a group.", EMPTY),
    "GET /api/v2/notifications/policy": says("Of whom one wants to be told.", "NotificationPolicy"),
    "PATCH /api/v2/notifications/policy": says(
        "Change that.",
        "NotificationPolicy",
        *(
            text(name, "accept", "filter", "drop")
            for name in (
                "for_not_following",
                "for_not_followers",
                "for_new_accounts",
                "for_private_mentions",
                "for_limited_accounts",
            )
        ),
    ),
    "PUT /api/v2/notifications/policy": says(
        "The same.",
        "NotificationPolicy",
        *(
            text(name, "accept", "filter", "drop")
            for name in (
                "for_not_following",
                "for_not_followers",
                "for_new_accounts",
                "for_private_mentions",
                "for_limited_accounts",
            )
        ),
    ),
    "GET /api/v1/notifications/policy": says("The same, for older apps.", "V1NotificationPolicy"),
    "PUT /api/v1/notifications/policy": says(
        "Change that.",
        "V1NotificationPolicy",
        *(
            flag(name)
            for name in (
                "filter_not_following",
                "filter_not_followers",
                "filter_new_accounts",
                "filter_private_mentions",
            )
        ),
    ),
    "PATCH /api/v1/notifications/policy": says(
        "The same.",
        "V1NotificationPolicy",
        *(
            flag(name)
            for name in (
                "filter_not_following",
                "filter_not_followers",
                "filter_new_accounts",
                "filter_private_mentions",
            )
        ),
    ),
    "GET /api/v1/notifications/requests": says(
        "Of whom one was not told, because of that.", many("NotificationRequest"), PAGE
    ),
    "GET /api/v1/notifications/requests/{}": says("One of them.", "NotificationRequest"),
    "POST /api/v1/notifications/requests/{}/accept": says("Be told of this one from now on.", EMPTY),
    "POST /api/v1/notifications/requests/{}/dismiss": says("Do not.", EMPTY),
    "POST /api/v1/notifications/requests/accept": says("Be told of several.", EMPTY, ids("id")),
    "POST /api/v1/notifications/requests/dismiss": says("Do not be told of several.", EMPTY, ids("id")),
    "GET /api/v1/notifications/requests/merged": says("Whether those accepted have come in.", "Merged"),
    "POST /api/v1/push/subscription": says(
        "Be told while the app is closed.", "WebPushSubscription", SUBSCRIPTION, ALERTS
    ),
    "GET /api/v1/push/subscription": says("How one is told then.", "WebPushSubscription"),
    "PUT /api/v1/push/subscription": says("Change that.", "WebPushSubscription", ALERTS, text("policy")),
    "DELETE /api/v1/push/subscription": says("Do not be told.", EMPTY),
    "GET /api/v2/filters": says("One's filters.", many("Filter")),
    "POST /api/v2/filters": says("A new filter.", "Filter", FILTER),
    "GET /api/v2/filters/{}": says("A filter.", "Filter"),
    "PUT /api/v2/filters/{}": says("Change it.", "Filter", FILTER),
    "DELETE /api/v2/filters/{}": says("Delete it.", EMPTY),
    "GET /api/v2/filters/{}/keywords": says("Its words.", many("FilterKeyword")),
    "POST /api/v2/filters/{}/keywords": says("Another word.", "FilterKeyword", KEYWORD),
    "GET /api/v2/filters/keywords/{}": says("One of its words.", "FilterKeyword"),
    "PUT /api/v2/filters/keywords/{}": says("Change the word.", "FilterKeyword", KEYWORD),
    "DELETE /api/v2/filters/keywords/{}": says("Delete the word.", EMPTY),
    "GET /api/v2/filters/{}/statuses": says("The single posts in it.", many("FilterStatus")),
    "POST /api/v2/filters/{}/statuses": says("Put a post in.", "FilterStatus", an_id("status_id", needed=True)),
    "GET /api/v2/filters/statuses/{}": says("One of these.", "FilterStatus"),
    "DELETE /api/v2/filters/statuses/{}": says("Take it out.", maybe(either(ref("FilterStatus"), EMPTY))),
    "GET /api/v1/filters": says("One's filters, a word each, for older apps.", many("V1Filter")),
    "POST /api/v1/filters": says("A new word.", "V1Filter", OLD_FILTER),
    "GET /api/v1/filters/{}": says("A word.", "V1Filter"),
    "PUT /api/v1/filters/{}": says("Change it.", "V1Filter", OLD_FILTER),
    "DELETE /api/v1/filters/{}": says("Delete it.", EMPTY),
}

_TAG: Final = text("tag", needed=True)
_STREAMS: Final = {
    "GET /api/v1/streaming": stream(
        "All streams over one WebSocket.", text("stream"), text("tag"), text("list"), text("access_token")
    ),
    "GET /api/v1/streaming/health": stream("Whether streams are served."),
    "GET /api/v1/streaming/user": stream("One's home and what one is told."),
    "GET /api/v1/streaming/user/notification": stream("What one is told."),
    "GET /api/v1/streaming/public": stream("What is posted for everybody.", flag("only_media")),
    "GET /api/v1/streaming/public/local": stream("Of it what is posted here.", flag("only_media")),
    "GET /api/v1/streaming/public/remote": stream("Of it what is posted elsewhere.", flag("only_media")),
    "GET /api/v1/streaming/hashtag": stream("What is posted with a hashtag.", _TAG),
    "GET /api/v1/streaming/hashtag/local": stream("Of it what is posted here.", _TAG),
    "GET /api/v1/streaming/list": stream("What the people on a list post.", text("list", needed=True)),
    "GET /api/v1/streaming/direct": stream("One's conversations."),
}

GROUPS: Final[Mapping[str, Mapping[str, Declaration]]] = {
    "The node": _INSTANCE,
    "Apps and signing in": _APPS,
    "Accounts": _ACCOUNTS,
    "Posts": _STATUSES,
    "Timelines, lists, search": _TIMELINES,
    "Notifications and filters": _NOTIFICATIONS,
    "Streams": _STREAMS,
}
DECLARATIONS: Final[Mapping[str, Declaration]] = {
    name: declaration for group in GROUPS.values() for name, declaration in group.items()
}
