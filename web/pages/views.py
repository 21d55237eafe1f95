# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages show, as plain values: a handler fills in one view, `web.rendering.page` turns it into the page.

Every template takes two names: `frame` (a `Frame`: who looks, in which language, what stands around) and `view`, one of
the classes below. A view names its own template, so there is one place to look:

    login.html           LoginView          POST /login: login, password, next
    sign_up.html         SignUpView         POST /sign-up: name, username, email, password, reason
    forgotten.html       ForgottenView      POST /password: email, next
    new_password.html    NewPasswordView    POST /password/<token>: password
    sign_ups.html        SignUpsView        GET /staff/sign-ups; POST /staff/sign-ups/<id>/approve and turn-away
    invite.html          InviteView         POST /invite/<token>: name, username, email, password, class_year
    home.html            HomeView           GET /
    profile.html         ProfileView        GET /@<acct>
    connections.html     ConnectionsView    GET /@<acct>/followers and /following
    edit_profile.html    EditProfileView    POST /settings/profile: name, about, class_year, locked, discoverable,
                                            field_name_1..4, field_value_1..4, avatar, header (files), locale, zone
    access.html          AccessView         GET /settings/access; POST /settings/access/sessions/<id>/end,
                                            /settings/access/apps/<id>/end and
                                            /settings/access/password: current, password
    post.html            ThreadView         GET /@<acct>/<post id>
    quotes.html          QuotesView         GET /@<acct>/<post id>/quotes; POST /posts/<id>/quotes/<quoting id>/revoke
    later.html           LaterView          GET /later; POST /later/<id>/cancel
    posts.html           PostsView          GET /tags/<name>, /local
    lookup.html          LookupView         GET /people/elsewhere?q=
    events.html          EventsView         GET /events, /events/past
    event.html           EventPageView      GET /events/<id>
    event_form.html      EventFormView      POST /events/new, /events/<id>/edit: the names of `EventValues`
    authorize.html       AuthorizeView      POST /oauth/authorize: decision (allow | deny) and `hidden`
    authorize_code.html  AuthorizeCodeView  GET /oauth/authorize/native
    about.html           AboutView          GET /about
    confirm.html         ConfirmView        GET <thing>/delete and the like; POST to the same address
    upkeep.html          UpkeepView         GET /staff/queue; POST /staff/queue/hosts/<host>/retry and drop,
                                            /staff/queue/tasks/<task>/retry and drop,
                                            /staff/queue/domains/<domain>/block and unblock
    lists.html           ListsView          GET /lists; POST /lists: title
    list.html            ListPageView       GET /lists/<id>
    list_edit.html       ListEditView       POST /lists/<id>/edit: title, replies_policy, exclusive; /lists/<id>/people:
                                            person; /lists/<id>/people/<actor id>/remove; /lists/<id>/delete
    followed_tags.html   FollowedTagsView   GET /settings/tags; POST /settings/tags and /settings/tags/unfollow: tag
    error.html           ErrorView          any status from 400
    parts_example.html   PartsView          GET /_parts, where testing is on

Forms inside the parts post to these addresses, each with `csrf` and `next` (where to come back to):

    /posts                          text, warning, visibility, language, reply_to, quote, quote_policy, later,
                                    image (file), image_description, option_1..4, open_days, multiple
    /posts/<id>/vote                choices[]
    /posts/<id>/favourite           and unfavourite, boost, unboost
    /people/<actor id>/follow       and unfollow
    /requests/<actor id>/accept     and reject
    /events/<id>/going              and not-going
    /logout

Texts that a visitor may have typed stay `str` and are escaped. Only `Html` is printed as it is. Addresses go through
`safe_url`. Times are aware; a template shows them on the frame's clock, an event also on the clock of its place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from enum import StrEnum
from typing import ClassVar, Protocol
from urllib.parse import quote

from activitypub.addressing import Visibility
from activitypub.handles import shown_host
from node.contacts import State
from node.kernel.html import EMPTY, Html, escape, plain_text, with_emojis
from node.kernel.i18n import Translator
from node.posts import QuotePolicy
from node.relationships import Circle
from web.pages.cv_section import CvSectionView


class View(Protocol):
    """A value that a page can be made of."""

    template: ClassVar[str]


class Place(StrEnum):
    """The places of the menu; `NONE` for a page that belongs to none of them."""

    HOME = "home"
    PEOPLE = "people"
    EVENTS = "events"
    ME = "me"
    NONE = ""


class Kind(StrEnum):
    """What an account is, where that is worth a word."""

    PERSON = "person"
    ASSOCIATION = "association"
    GROUP = "group"
    ROBOT = "robot"


class Relation(StrEnum):
    """How the viewer stands to a person; `NONE` also for a visitor, who has no viewer."""

    SELF = "self"
    NONE = "none"
    FOLLOWING = "following"
    REQUESTED = "requested"
    BLOCKED = "blocked"


class Answer(StrEnum):
    """What the viewer said to an event. `PENDING`: sent to the other network, which has not answered yet."""

    NONE = "none"
    PENDING = "pending"
    GOING = "going"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with a form. `message` is a message id; an empty `field` means the form as a whole."""

    message: str
    field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonView:
    """Somebody, here or elsewhere, as they appear in lists and beside posts. `acct` is bare for people of this node."""

    id: int
    acct: str
    name: str
    avatar: str = ""
    class_year: int | None = None
    school: str = ""
    kind: Kind = Kind.PERSON
    relation: Relation = Relation.NONE
    follows_you: bool = False
    asks_first: bool = False
    url: str = ""
    emojis: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Their page on this node."""
        return f"/@{quote(self.acct, safe='@')}"

    @property
    def shown_name(self) -> Html:
        """Their name, with the pictures that their server means by words in it."""
        return with_emojis(escape(self.name), self.emojis)

    @property
    def is_local(self) -> bool:
        """Whether they belong to this node."""
        return "@" not in self.acct

    @property
    def domain(self) -> str:
        """Their network, empty for this one."""
        return self.acct.partition("@")[2]

    @property
    def handle(self) -> str:
        """The handle as people may read it; a network in another script is spelt out where it could mislead."""
        name, at, host = self.acct.partition("@")
        return f"@{name}{at}{shown_host(host)}" if at else f"@{name}"

    @property
    def initials(self) -> str:
        """Up to two letters that stand in for a portrait."""
        words = [word for word in self.name.split() if word[0].isalnum()]
        chosen = [words[0], words[-1]] if len(words) > 1 else words
        return "".join(word[0].upper() for word in chosen)


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaView:
    """A picture or another file of a post. `kind`: image, gifv, video, audio or unknown. Sizes are in pixels.

    `mime` says that it is a film or a sound of this node, which the page plays.
    """

    id: int = 0
    mime: str = ""
    kind: str
    url: str
    preview: str = ""
    description: str = ""
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkView:
    """The page that a post links to, as it presents itself. `provider` is its name or its host; `author` has an account."""

    url: str
    title: str
    description: str = ""
    provider: str = ""
    image: MediaView | None = None
    author_name: str = ""
    author: PersonView | None = None
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """An event. `place` is its name and `address` one line; `zone` is the place's own clock.

    `remaining` is None where there is no limit or none is told. `external_url` is where one signs up if the organiser
    takes answers elsewhere only. `announced_by` is the association that passed it on, if it is not the organiser.
    """

    id: int
    title: str
    organiser: PersonView
    starts_at: datetime
    ends_at: datetime | None = None
    zone: tzinfo
    place: str = ""
    address: str = ""
    online_url: str = ""
    text: Html = EMPTY
    emojis: Mapping[str, str] = field(default_factory=dict)
    visibility: Visibility = Visibility.PUBLIC
    circle: Circle | None = None
    capacity: int | None = None
    remaining: int | None = None
    going_count: int = 0
    cancelled: bool = False
    answer: Answer = Answer.NONE
    announced_by: PersonView | None = None
    external_url: str = ""
    url: str = ""
    mine: bool = False

    @property
    def path(self) -> str:
        """Its page on this node."""
        return f"/events/{self.id}"

    @property
    def audience(self) -> Visibility | Circle:
        """Who may read it."""
        return self.circle or self.visibility

    @property
    def is_full(self) -> bool:
        """Whether there is a limit and it is reached."""
        return self.remaining is not None and self.remaining <= 0

    def is_over(self, now: datetime) -> bool:
        """Whether it has ended; an event without an end lasts to the end of its day, taken as twelve hours."""
        return (now - self.starts_at).total_seconds() > 12 * 3600 if self.ends_at is None else now > self.ends_at


@dataclass(frozen=True, slots=True, kw_only=True)
class PollOptionView:
    """One answer of a poll. `votes` is None where the count is hidden until the end."""

    title: str
    votes: int | None = None
    percent: int = 0
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PollView:
    """A poll. `voted`: the viewer's vote is given, or it is their own poll. `people` counts voters, or else votes."""

    options: tuple[PollOptionView, ...]
    multiple: bool = False
    voted: bool = False
    over: bool = False
    people: int = 0
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostView:
    """A post. `url` is its page at its origin, `reply_to` the name of whom it answers.

    `title` is that of an article or a page; an event's post has `event` and shows its ticket instead of the text.
    `quote` is the post that it quotes, `quote_note` the message id of why that is not shown. `filtered` are the titles of
    the viewer's filters that fold it, `blurred` of those that fold its pictures.
    """

    id: int
    author: PersonView
    text: Html
    created_at: datetime
    emojis: Mapping[str, str] = field(default_factory=dict)
    visibility: Visibility = Visibility.PUBLIC
    circle: Circle | None = None
    edited_at: datetime | None = None
    title: str = ""
    warning: str = ""
    sensitive: bool = False
    language: str = ""
    media: tuple[MediaView, ...] = ()
    event: EventView | None = None
    poll: PollView | None = None
    link: LinkView | None = None
    quote: "PostView | None" = None
    quote_note: str = ""
    boosted_by: PersonView | None = None
    reply_to: str = ""
    replies: int = 0
    boosts: int = 0
    favourites: int = 0
    quotes: int = 0
    favourited: bool = False
    boosted: bool = False
    bookmarked: bool = False
    muted: bool = False
    pinned: bool = False
    mine: bool = False
    url: str = ""
    filtered: tuple[str, ...] = ()
    blurred: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """Its page on this node."""
        return f"{self.author.path}/{self.id}"

    @property
    def excerpt(self) -> str:
        """What it says, without markup; of one with a warning, only that."""
        return self.warning or self.title or " ".join(plain_text(self.text).split())

    @property
    def audience(self) -> Visibility | Circle:
        """Who may read it."""
        return self.circle or self.visibility

    @property
    def may_be_pinned(self) -> bool:
        """A post to certain people only is not kept where others look."""
        return self.visibility is not Visibility.DIRECT

    @property
    def may_be_boosted(self) -> bool:
        """Only what anyone may read is passed on."""
        return self.visibility in (Visibility.PUBLIC, Visibility.UNLISTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteView:
    """The association and its node. `theme` and the other addresses of files come from `web.rendering`."""

    name: str
    domain: str
    school: str = ""
    description: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What stands around every page. `here` is path and query of this page, to come back to after an action.

    `staff`: the viewer looks after the node's people; `admin`: after the node; `keeper`: after the roster; `office`: they
    have any part in running the association. `notice` is the message id of what has just happened. `waiting` are people
    who ask to follow, `coming` the next events the viewer goes to; both stand in the margin.
    """

    site: SiteView
    words: Translator
    zone: tzinfo
    now: datetime
    here: str = "/"
    place: Place = Place.NONE
    viewer: PersonView | None = None
    staff: bool = False
    admin: bool = False
    keeper: bool = False
    office: bool = False
    csrf: str = ""
    notice: str = ""
    waiting: tuple[PersonView, ...] = ()
    coming: tuple[EventView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposerView:
    """The form of a new post, with what was typed if it had to be shown again.

    `options` are the answers of a poll, empty where there is none; it is open for `open_days`. `audiences` are the readers
    to choose among, `visibility` those who are chosen. `replaces` is the post that is written anew, `media` are its files.
    """

    text: str = ""
    warning: str = ""
    visibility: Visibility | Circle = Visibility.PUBLIC
    audiences: tuple[Visibility | Circle, ...] = tuple(Visibility)
    language: str = ""
    reply_to: int | None = None
    reply_to_name: str = ""
    quote: int | None = None
    quote_name: str = ""
    quote_policy: QuotePolicy = QuotePolicy.PUBLIC
    later: str = ""
    options: tuple[str, ...] = ("", "", "", "")
    open_days: int = 1
    multiple: bool = False
    max_characters: int = 5000
    replaces: int | None = None
    media: tuple[MediaView, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginView:
    """The log-in form. No text of other people stands on it (a post could show a false form).

    `standing` is where somebody who is not let in yet, and gave the right password, sees how far that is.
    """

    template: ClassVar[str] = "login.html"
    login: str = ""
    next: str = ""
    may_sign_up: bool = False
    standing: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUpView:
    """Signing up without an invitation. `needs_reason`: the association decides, and wants to know who asks.

    With a `minimum_age` the date of birth is asked of everybody.
    """

    template: ClassVar[str] = "sign_up.html"
    schools: tuple[str, ...] = ()
    school: str = ""
    name: str = ""
    username: str = ""
    email: str = ""
    reason: str = ""
    given_name: str = ""
    family_name: str = ""
    class_year: str = ""
    birth_date: str = ""
    student_number: str = ""
    to_classmates: bool = False
    needs_reason: bool = False
    minimum_age: int = 0
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgottenView:
    """Asking for a new password. Without `has_mail` the page says that no letter can be sent."""

    template: ClassVar[str] = "forgotten.html"
    next: str = ""
    has_mail: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPasswordView:
    """Choosing a new password, behind a link from a letter."""

    template: ClassVar[str] = "new_password.html"
    token: str
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchView:
    """Somebody of the roster who may be a newcomer, with points up to 200."""

    id: int
    name: str
    classes: tuple[str, ...]
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VouchView:
    """What a member said of a newcomer; `how` is a message id."""

    by: str
    how: str
    text: str
    same_class: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewcomerView:
    """Somebody who has signed up and waits for the association's yes.

    `was` is who they say they were at school; `matches` are those of the roster who fit, `doubts` (message ids) what
    speaks against the best of them. `asked` is what they were asked last, or why they were refused, `answer` what they
    wrote; `may_decide` is false while their answer is awaited.
    """

    id: int
    name: str
    username: str
    email: str
    class_year: int | None
    reason: str
    since: datetime
    was: tuple[str, ...] = ()
    matches: tuple[MatchView, ...] = ()
    doubts: tuple[str, ...] = ()
    vouches: tuple[VouchView, ...] = ()
    asked: str = ""
    answer: str = ""
    may_decide: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUpsView:
    """Who waits to be let in, for those who decide. `own_class`: the viewer decides about their class alone.

    `chosen` is the number of the newcomer whose form was sent with a fault, `reason` what it held.
    """

    template: ClassVar[str] = "sign_ups.html"
    newcomers: tuple[NewcomerView, ...]
    waiting: int = 0
    older: str = ""
    own_class: int | None = None
    chosen: int | None = None
    reason: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginBackView:
    """Whether somebody who has hidden their account, and has just given the password, wants to show it again."""

    template: ClassVar[str] = "login_back.html"
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteView:
    """Sign-up by an invitation. `class_year_fixed`: the invitation says the class, so it is shown and not asked.
    `schools` are those to choose among, where it names none that there is."""

    template: ClassVar[str] = "invite.html"
    token: str
    name: str = ""
    username: str = ""
    email: str = ""
    class_year: str = ""
    class_year_fixed: bool = False
    birth_date: str = ""
    minimum_age: int = 0
    schools: tuple[str, ...] = ()
    school: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementView:
    """What the association announces, until the member puts it away."""

    id: int
    content: Html
    published_at: datetime
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitView:
    """What waits for a member on a page; `what` is a message id, `number` how much it is, 0 where there is one thing."""

    path: str
    what: str
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeView:
    """Home: the composer and the posts of those the member follows. `suggestions` help where there is nothing yet."""

    template: ClassVar[str] = "home.html"
    composer: ComposerView
    posts: tuple[PostView, ...]
    older: str = ""
    newer: str = ""
    suggestions: tuple[PersonView, ...] = ()
    announcements: tuple[AnnouncementView, ...] = ()
    waits: tuple[WaitView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """A line of a profile. `verified`: the page it leads to links back."""

    name: str
    value: Html
    verified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TiesView:
    """What stands between a viewer and the person of a profile, beyond their `relation`; `note` is the viewer's own.

    `contact` is how they stand as contacts, `asks_me` that the person waits for the viewer's answer.
    """

    following: bool = False
    boosts: bool = False
    notify: bool = False
    followed_by: bool = False
    muting: bool = False
    muting_until: datetime | None = None
    blocking: bool = False
    network_blocked: bool = False
    endorsed: bool = False
    note: str = ""
    contact: State = State.NONE
    asks_me: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """Somebody through whom one gets to another, and the class year of whoever comes next."""

    person: PersonView
    then_class: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysView:
    """How one is connected to somebody: how many stand between the two (0: no way is known), and over whom."""

    between: int = 0
    steps: tuple[StepView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileView:
    """Somebody's page. Posts of a person elsewhere are those this node has seen.

    `ties` are there for a viewer who is somebody else, `ways` for one who could be a contact. `recommends` are some of
    the people that they show. `part` says which posts stand there: without answers (empty), with `answers`, or those
    with `media`, if that is offered.
    """

    template: ClassVar[str] = "profile.html"
    person: PersonView
    ties: TiesView | None = None
    ways: WaysView | None = None
    recommends: tuple[PersonView, ...] = ()
    recommends_more: bool = False
    part: str = ""
    offers_media: bool = True
    about: Html = EMPTY
    cv: CvSectionView | None = None
    header: str = ""
    fields: tuple[FieldView, ...] = ()
    posts_count: int = 0
    followers_count: int = 0
    following_count: int = 0
    joined: datetime | None = None
    moved_to: PersonView | None = None
    pinned: tuple[PostView, ...] = ()
    tags: tuple[str, ...] = ()
    indexable: bool = False
    memorial: bool = False
    dues_paid: bool = False
    posts: tuple[PostView, ...] = ()
    older: str = ""
    newer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionsView:
    """Who follows a person (`followers`), or whom they follow."""

    template: ClassVar[str] = "connections.html"
    person: PersonView
    followers: bool
    people: tuple[PersonView, ...]
    count: int = 0
    # Whether this person lets others see them.
    shown: bool = True
    older: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditProfileView:
    """The member's own profile as a form. `fields` are name and value as typed, at most four."""

    template: ClassVar[str] = "edit_profile.html"
    name: str
    about: str = ""
    class_year: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    locked: bool = False
    discoverable: bool = False
    indexable: bool = False
    hide_collections: bool = False
    show_featured: bool = True
    show_media: bool = True
    show_media_replies: bool = True
    has_avatar: bool = False
    has_header: bool = False
    visibility: Visibility = Visibility.PUBLIC
    quote_policy: QuotePolicy = QuotePolicy.PUBLIC
    locale: str = ""
    locales: tuple[tuple[str, str], ...] = ()
    zone: str = ""
    zones: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """A browser that is logged in."""

    id: int
    name: str
    last_seen: datetime
    is_this: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AppView:
    """An app that acts for the member."""

    id: int
    name: str
    scopes: tuple[str, ...]
    since: datetime
    last_used: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessView:
    """Who is logged in as the member, to be ended one by one."""

    template: ClassVar[str] = "access.html"
    sessions: tuple[SessionView, ...]
    apps: tuple[AppView, ...]
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadView:
    """A post with what came before and after. `composer` is there for those who may answer."""

    template: ClassVar[str] = "post.html"
    post: PostView
    ancestors: tuple[PostView, ...] = ()
    descendants: tuple[PostView, ...] = ()
    composer: ComposerView | None = None
    indexable: bool = False
    answers_closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedView:
    """A post by itself, for a frame on another site. It is shown as a stranger sees it, whoever looks."""

    template: ClassVar[str] = "embed.html"
    post: PostView


@dataclass(frozen=True, slots=True, kw_only=True)
class PostsView:
    """A list of posts: those with a hashtag, or with an empty `tag` the public ones of this node."""

    template: ClassVar[str] = "posts.html"
    posts: tuple[PostView, ...]
    tag: str = ""
    older: str = ""
    newer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotesView:
    """The posts that quote a post. `mine`: it is the viewer's, who may take a quote back."""

    template: ClassVar[str] = "quotes.html"
    post: PostView
    quotes: tuple[PostView, ...]
    mine: bool = False
    older: str = ""
    newer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingPostView:
    """A post that is to be published later. `failure` says why it was not at its time."""

    id: int
    text: str
    at: datetime
    failure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterView:
    """What the member has set for later."""

    template: ClassVar[str] = "later.html"
    posts: tuple[WaitingPostView, ...]
    older: str = ""
    newer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupView:
    """Finding somebody, or a post or event, of another network by handle or address. `searched`: there was a query."""

    template: ClassVar[str] = "lookup.html"
    query: str = ""
    searched: bool = False
    person: PersonView | None = None
    post: PostView | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsView:
    """Events to come, or those that are `past`, latest first."""

    template: ClassVar[str] = "events.html"
    events: tuple[EventView, ...]
    past: bool = False
    may_create: bool = False
    more: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPageView:
    """An event. `attendees` are those the viewer may see, which can be fewer than `event.going_count`."""

    template: ClassVar[str] = "event.html"
    event: EventView
    attendees: tuple[PersonView, ...] = ()
    replies: tuple[PostView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventValues:
    """What was typed into the event form, under the names of its fields. Dates as 2027-03-12, times as 19:00."""

    title: str = ""
    text: str = ""
    start_date: str = ""
    start_time: str = ""
    end_date: str = ""
    end_time: str = ""
    zone: str = ""
    place: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    online_url: str = ""
    capacity: str = ""
    readers: Visibility | Circle = Visibility.PUBLIC
    as_association: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFormView:
    """A new event, or with `event_id` one that is changed. Changing the organiser or audience is not possible then."""

    template: ClassVar[str] = "event_form.html"
    values: EventValues = field(default_factory=EventValues)
    audiences: tuple[Visibility | Circle, ...] = (Visibility.PUBLIC, Visibility.UNLISTED, Visibility.PRIVATE)
    zones: tuple[str, ...] = ()
    may_speak_for_association: bool = False
    event_id: int | None = None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizeView:
    """An app asks to act for the member. `returns_to` says in words where the answer goes (a host, or the app).

    `hidden` are the parameters of the request, which the form hands back. The page's Content-Security-Policy must admit
    the redirect in `form-action`.
    """

    template: ClassVar[str] = "authorize.html"
    app_name: str
    website: str = ""
    returns_to: str = ""
    scopes: tuple[str, ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizeCodeView:
    """The code that the member carries to an app that cannot be called back (`urn:ietf:wg:oauth:2.0:oob`)."""

    template: ClassVar[str] = "authorize_code.html"
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerView:
    """A node that this one is partner with."""

    name: str
    domain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleView:
    """A rule, and a sentence that explains it."""

    text: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutView:
    """What this node is, for whom, and with whom."""

    template: ClassVar[str] = "about.html"
    contact_email: str = ""
    members_count: int = 0
    posts_count: int = 0
    association: PersonView | None = None
    partners: tuple[PartnerView, ...] = ()
    content: Html = EMPTY
    rules: tuple[RuleView, ...] = ()
    has_privacy: bool = False
    has_terms: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TextView:
    """A text of the association at length; `title` is a message id, `content` has passed the sanitiser."""

    template: ClassVar[str] = "text.html"
    title: str
    content: Html
    since: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmView:
    """A question before something that cannot be undone. All texts are message ids but `subject`, what it is about."""

    template: ClassVar[str] = "confirm.html"
    title: str
    text: str
    button: str
    action: str
    back: str
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorView:
    """A refusal as a page. `message` is a message id, empty where the status says enough; `retry_after` in seconds."""

    template: ClassVar[str] = "error.html"
    status: int
    message: str = ""
    retry_after: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartsView:
    """Every part once or more, to look at while working on them."""

    template: ClassVar[str] = "parts_example.html"
    people: tuple[PersonView, ...]
    posts: tuple[PostView, ...]
    events: tuple[EventView, ...]
    composer: ComposerView
    years: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFormView:
    """Reporting somebody, with a post of theirs where one is meant, and `others` that may be added (with: it is).

    `categories` are (value, message id, chosen), `rules` (number, text, chosen).
    """

    template: ClassVar[str] = "report.html"
    person: PersonView
    post: PostView | None = None
    others: tuple[tuple[PostView, bool], ...] = ()
    categories: tuple[tuple[str, str, bool], ...] = ()
    rules: tuple[tuple[int, str, bool], ...] = ()
    comment: str = ""
    forward: bool = False
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """A report, as the staff sees it. `reporter` is None where nobody is known any more."""

    id: int
    target: PersonView
    reporter: PersonView | None
    created_at: datetime
    comment: str = ""
    category: str = ""
    rules: tuple[str, ...] = ()
    posts: tuple[PostView, ...] = ()
    missing: int = 0
    forwarded: bool = False
    resolver: PersonView | None = None
    resolved_at: datetime | None = None
    state: str = ""
    is_open: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneView:
    """What waits to be sent to one host; `error` is what went wrong last."""

    host: str
    waiting: int
    held: int
    parked: int
    oldest: datetime
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView:
    """How much there is of one kind of task."""

    name: str
    waiting: int
    parked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerView:
    """Another server. `name` has the port, where there is one; `state` is a message id; `domain` can be blocked."""

    domain: str
    state: str
    name: str = ""
    blocked: bool = False
    last_success: datetime | None = None
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpkeepView:
    """What waits in the queue, and the servers that we have to do with, for administrators."""

    template: ClassVar[str] = "upkeep.html"
    lanes: tuple[LaneView, ...]
    tasks: tuple[TaskView, ...]
    servers: tuple[ServerView, ...]
    older: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportsView:
    """The reports that wait for the staff, or those that were dealt with."""

    template: ClassVar[str] = "reports.html"
    cases: tuple[CaseView, ...]
    resolved: bool = False
    waiting: int = 0
    older: str = ""
    newer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """Moving here and away, hiding and deleting the account. `aliases` are (id on the wire, what to call it)."""

    template: ClassVar[str] = "account.html"
    address: str
    aliases: tuple[tuple[str, str], ...] = ()
    moved_to: PersonView | None = None
    may_move: bool = True
    # When the account would be deleted if its owner asked now, and whether the association's list names them.
    deletes_on: datetime | None = None
    in_roster: bool = False
    alias: str = ""
    target: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListView:
    """A list of people. The title of a `built_in` one is a message id."""

    id: int
    title: str
    built_in: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListsView:
    """All of a member's lists, and the form of a new one with what was typed if it had to be shown again."""

    template: ClassVar[str] = "lists.html"
    lists: tuple[ListView, ...]
    title: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPageView:
    """What stands on a list."""

    template: ClassVar[str] = "list.html"
    list: ListView
    posts: tuple[PostView, ...] = ()
    older: str = ""
    newer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListEditView:
    """A list's name, its rules, who is on it, and who could be (`others`)."""

    template: ClassVar[str] = "list_edit.html"
    list: ListView
    replies_policy: str = "list"
    exclusive: bool = False
    people: tuple[PersonView, ...] = ()
    others: tuple[PersonView, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedTagsView:
    """The hashtags that a member follows: (folded, as written)."""

    template: ClassVar[str] = "followed_tags.html"
    tags: tuple[tuple[str, str], ...]
