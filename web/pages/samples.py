# SPDX-License-Identifier: AGPL-3.0-or-later
"""Invented people, posts and events for the page of parts, which developers look at while they work on the look.

The same samples fill every page in the tests of the templates. `SAMPLES` has at least one view for every template.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from activitypub.addressing import Visibility
from node.kernel.html import escape, render_plain, sanitise
from node.kernel.i18n import translator
from web.pages.directory_views import FacetGroupView, FacetView, PeopleView, WatchesView, WatchLineView, WatchView
from web.pages.emoji_views import EmojisView, EmojiView, EmojiWordsView
from web.pages.notice_views import (
    MessagesView,
    MessageView,
    NoticeView,
    NotificationSettingsView,
    NotificationsView,
    RequestView,
)
from web.pages.security_views import (
    CodesView,
    NewPasskeyView,
    PasskeyRow,
    PasskeyView,
    ProveView,
    SecondStepView,
    SecurityView,
)
from web.pages.trend_views import ExploreView, TrendingTag, TrendRow, TrendsView
from web.pages.views import (
    AboutView,
    AccessView,
    AccountView,
    AnnouncementView,
    Answer,
    AppView,
    AuthorizeCodeView,
    AuthorizeView,
    CaseView,
    ComposerView,
    ConfirmView,
    ConnectionsView,
    EditProfileView,
    EmbedView,
    ErrorView,
    EventFormView,
    EventPageView,
    EventsView,
    EventValues,
    EventView,
    Fault,
    FieldView,
    FollowedTagsView,
    ForgottenView,
    Frame,
    HomeView,
    InviteView,
    Kind,
    LaneView,
    LaterView,
    LinkView,
    ListEditView,
    ListPageView,
    ListsView,
    ListView,
    LoginBackView,
    LoginView,
    LookupView,
    MatchView,
    MediaView,
    NewcomerView,
    NewPasswordView,
    PartnerView,
    PartsView,
    PersonView,
    Place,
    PollOptionView,
    PollView,
    PostsView,
    PostView,
    ProfileView,
    QuotesView,
    Relation,
    ReportFormView,
    ReportsView,
    RuleView,
    ServerView,
    SessionView,
    SignUpsView,
    SignUpView,
    SiteView,
    TaskView,
    TextView,
    ThreadView,
    UpkeepView,
    View,
    VouchView,
    WaitingPostView,
    WaitView,
)

NOW: Final = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
PARIS: Final = ZoneInfo("Europe/Paris")
_SCHOOL = "École de Montclair"
_PICTURE = (
    "/_parts/picture.png"  # answered by nobody: shows how a page looks while a picture is missing, and its description
)

CLAIRE: Final = PersonView(
    id=1, acct="claire", name="Claire Delaunay", class_year=1998, school=_SCHOOL, relation=Relation.SELF
)
YOUSSEF: Final = PersonView(id=2, acct="youssef", name="Youssef Benali", class_year=2019, school=_SCHOOL)
MARGUERITE: Final = PersonView(
    id=3,
    acct="marguerite",
    name="Marguerite Sorel-Vandenbroucke",
    class_year=1976,
    school=_SCHOOL,
    relation=Relation.FOLLOWING,
    follows_you=True,
)
INES: Final = PersonView(
    id=4,
    acct="ines@alumni.portbleu.example",
    name="Inès Okafor",
    class_year=2004,
    school="Institut de Port-Bleu",
    asks_first=True,
    follows_you=True,
    url="https://alumni.portbleu.example/@ines",
)
SAM: Final = PersonView(
    id=5, acct="sam@social.example", name="sam", relation=Relation.REQUESTED, url="https://social.example/@sam"
)
ASSOCIATION: Final = PersonView(
    id=6,
    acct="association",
    name="Montclair Alumni",
    kind=Kind.ASSOCIATION,
    school=_SCHOOL,
    relation=Relation.FOLLOWING,
)
PARTNER: Final = PersonView(
    id=7,
    acct="association@alumni.portbleu.example",
    name="Anciens de Port-Bleu",
    kind=Kind.ASSOCIATION,
    school="Institut de Port-Bleu",
    relation=Relation.FOLLOWING,
)
PEOPLE: Final = (CLAIRE, YOUSSEF, MARGUERITE, INES, SAM, ASSOCIATION)

DINNER: Final = EventView(
    id=201,
    title="Winter dinner of all classes",
    organiser=ASSOCIATION,
    starts_at=datetime(2026, 12, 11, 18, 0, tzinfo=UTC),
    ends_at=datetime(2026, 12, 11, 21, 30, tzinfo=UTC),
    zone=PARIS,
    place="Brasserie du Théâtre",
    address="3 rue des Tanneurs, 63000 Montclair",
    text=render_plain("A long table, short speeches.\n\nTell us if you bring somebody from another school."),
    capacity=40,
    remaining=7,
    going_count=33,
    answer=Answer.GOING,
)
TALK: Final = EventView(
    id=202,
    title="Open talk: rivers and cities",
    organiser=PARTNER,
    starts_at=datetime(2027, 1, 14, 22, 0, tzinfo=UTC),
    zone=ZoneInfo("America/Toronto"),
    online_url="https://meet.portbleu.example/rivers",
    going_count=1,
    announced_by=ASSOCIATION,
    url="https://alumni.portbleu.example/events/88",
)
PICNIC: Final = EventView(
    id=203,
    title="Picnic at the lake",
    organiser=YOUSSEF,
    starts_at=datetime(2027, 5, 22, 9, 0, tzinfo=UTC),
    ends_at=datetime(2027, 5, 23, 14, 0, tzinfo=UTC),
    zone=PARIS,
    place="Lac Vert",
    capacity=12,
    remaining=0,
    going_count=12,
    visibility=Visibility.PRIVATE,
)
HIKE: Final = EventView(
    id=204,
    title="Autumn walk",
    organiser=ASSOCIATION,
    starts_at=datetime(2026, 10, 3, 7, 0, tzinfo=UTC),
    zone=PARIS,
    place="Gare de Montclair",
    going_count=18,
)
CALLED_OFF: Final = EventView(
    id=205,
    title="Visit of the glass works",
    organiser=ASSOCIATION,
    starts_at=datetime(2026, 12, 2, 13, 0, tzinfo=UTC),
    zone=PARIS,
    going_count=4,
    cancelled=True,
    mine=True,
)
ASKED: Final = EventView(
    id=206,
    title="Evening for mentors",
    organiser=PARTNER,
    starts_at=datetime(2026, 12, 4, 18, 0, tzinfo=UTC),
    zone=PARIS,
    place="Port-Bleu",
    answer=Answer.PENDING,
    remaining=20,
)

HELLO: Final = PostView(
    id=101,
    author=MARGUERITE,
    text=render_plain(
        "Sorting the photographs of the 1976 class trip. Who remembers the bus?\n\n#Montclair50 https://archive.example/"
        "collections/montclair/1976/class-trip",
        tag_url=lambda tag: f"/tags/{tag}",
    ),
    created_at=NOW - timedelta(minutes=12),
    replies=3,
    boosts=2,
    favourites=1204,
    favourited=True,
    link=LinkView(
        url="https://archive.example/collections/montclair/1976/class-trip",
        title="The class trip of 1976, in 214 photographs",
        description="Two buses, one lake, and a driver who lost his cap. Lent by the families, and open to corrections.",
        provider="Montclair Archive",
        image=MediaView(kind="image", url=_PICTURE, description="A bus in front of the school", width=678, height=339),
        author=INES,
        language="en",
    ),
)
REPLY: Final = PostView(
    id=102,
    author=INES,
    text=sanitise("<p>I still have the driver’s cap. <b>Truly.</b></p>"),
    created_at=NOW - timedelta(hours=5),
    edited_at=NOW - timedelta(hours=4),
    visibility=Visibility.UNLISTED,
    reply_to=MARGUERITE.name,
    url="https://alumni.portbleu.example/@ines/102",
    language="en",
)
PINNED: Final = replace(REPLY, id=109, reply_to="")
WARNED: Final = PostView(
    id=103,
    author=YOUSSEF,
    text=render_plain("The bridge at Lac Vert holds, but only just."),
    created_at=NOW - timedelta(days=2),
    visibility=Visibility.PRIVATE,
    warning="About the flood",
    sensitive=True,
    media=(MediaView(kind="image", url=_PICTURE, description="A bridge above brown water", width=1200, height=800),),
)
PICTURES: Final = PostView(
    id=104,
    author=CLAIRE,
    text=render_plain("Two views from the old library."),
    created_at=NOW - timedelta(days=40),
    media=(
        MediaView(kind="image", url=_PICTURE, description="The reading room", width=1200, height=800),
        MediaView(kind="image", url=_PICTURE, description="", width=800, height=1200),
        MediaView(kind="audio", url="/media/bell.ogg", description="The bell of the library"),
    ),
    sensitive=True,
    mine=True,
    url="https://alumni.montclair.example/@claire/104",
    boosted=True,
    boosts=1,
)
LETTER: Final = PostView(
    id=105,
    author=SAM,
    title="Ten years after",
    text=sanitise("<p>A long letter.</p><ul><li>One</li><li>Two</li></ul>"),
    created_at=NOW - timedelta(days=3),
    boosted_by=MARGUERITE,
    visibility=Visibility.DIRECT,
)
ANNOUNCED: Final = PostView(
    id=202, author=PARTNER, text=TALK.text, created_at=NOW - timedelta(hours=30), event=TALK, boosted_by=ASSOCIATION
)
QUESTION: Final = PostView(
    id=106,
    author=ASSOCIATION,
    text=render_plain("Where shall the spring meeting be?"),
    created_at=NOW - timedelta(hours=2),
    poll=PollView(
        options=(PollOptionView(title="In the old library"), PollOptionView(title="By the lake")),
        people=12,
        ends_at=NOW + timedelta(days=2),
    ),
)
ANSWERED: Final = PostView(
    id=107,
    author=YOUSSEF,
    text=render_plain("Which of these would you read in a letter from the association?"),
    created_at=NOW - timedelta(days=9),
    poll=PollView(
        options=(
            PollOptionView(title="Who works where", votes=31, percent=62, chosen=True),
            PollOptionView(title="Old photographs", votes=44, percent=88),
        ),
        multiple=True,
        voted=True,
        over=True,
        people=50,
        ends_at=NOW - timedelta(days=2),
    ),
)
QUOTING: Final = PostView(
    id=108, author=INES, text=render_plain("I was on that bus."), created_at=NOW - timedelta(minutes=5), quote=HELLO
)
UNQUOTED: Final = PostView(
    id=109,
    author=SAM,
    text=render_plain("See for yourselves."),
    created_at=NOW - timedelta(minutes=3),
    quote_note="It quotes a post that has been deleted.",
)
POSTS: Final = (HELLO, REPLY, WARNED, PICTURES, LETTER, ANNOUNCED, QUESTION, ANSWERED, QUOTING, UNQUOTED)
EVENTS: Final = (DINNER, TALK, PICNIC, HIKE, CALLED_OFF, ASKED)

COMPOSER: Final = ComposerView(max_characters=500)
FAULTY_COMPOSER: Final = ComposerView(
    text="Too much",
    warning="A long one",
    visibility=Visibility.PRIVATE,
    max_characters=500,
    reply_to=101,
    reply_to_name=MARGUERITE.name,
    faults=(
        Fault(message="Please give an e-mail address, such as name@example.org.", field="example"),
        Fault(message="Something went wrong here"),
    ),
)
SITE: Final = SiteView(
    name="Montclair Alumni",
    domain="alumni.montclair.example",
    school=_SCHOOL,
    description="The network of all who learned at Montclair.",
    version="0.1.0",
)


def frame(locale: str = "en", *, viewer: PersonView | None = CLAIRE, place: Place = Place.NONE) -> Frame:
    """The frame around a sample page, with something waiting if there is a viewer."""
    return Frame(
        site=SITE,
        words=translator(locale),
        zone=PARIS,
        now=NOW,
        here="/_parts",
        place=place,
        viewer=viewer,
        csrf="sample",
        waiting=(INES, SAM) if viewer else (),
        coming=(DINNER,) if viewer else (),
    )


PARTS: Final = PartsView(
    people=PEOPLE, posts=POSTS, events=EVENTS, composer=FAULTY_COMPOSER, years=tuple(range(1936, 2026, 10))
)

_LOGIN_FAULT = Fault(message="Wrong e-mail address or password.")
_YEAR_FAULT = Fault(message="Please give the class as a year of four digits.", field="class_year")

_ROWERS: Final = ListView(id=117675000000000000, title="Rowers & friends")
SAMPLES: Final[dict[str, View]] = {
    "lists": ListsView(lists=(ListView(id=1, title="My class", built_in=True), _ROWERS)),
    "lists-failed": ListsView(
        lists=(), faults=(Fault(message="Validation failed: Title can't be blank", field="title"),)
    ),
    "list": ListPageView(list=_ROWERS, posts=(REPLY,), older=f"/lists/{_ROWERS.id}?before=1"),
    "list-built-in": ListPageView(list=ListView(id=1, title="My class", built_in=True)),
    "list-edit": ListEditView(list=_ROWERS, exclusive=True, people=(INES, SAM), others=(MARGUERITE,)),
    "followed-tags": FollowedTagsView(tags=(("rowing", "Rowing"),)),
    "followed-tags-empty": FollowedTagsView(tags=()),
    "notifications": NotificationsView(
        notices=(
            NoticeView(
                key="favourite-101-1",
                what="Your post, liked",
                people=(INES, SAM),
                reactions={INES.id: escape("🎉")},
                more=4,
                when=NOW - timedelta(hours=1),
                post=REPLY,
                unread=True,
            ),
            NoticeView(key="ungrouped-2", what="New report", people=(SAM,), when=NOW, path="/staff/reports"),
        ),
        requests=(RequestView(id=1, person=SAM, count=3, post=REPLY),),
        older="/notifications?before=1",
    ),
    "notifications-empty": NotificationsView(),
    "messages": MessagesView(messages=(MessageView(id=1, people=(INES, SAM), post=REPLY, unread=True),)),
    "messages-empty": MessagesView(),
    "notification-settings": NotificationSettingsView(
        rules=(("not_following", "People whom you do not follow", "filter"),),
        choices=(("accept", "Tell me"), ("filter", "Keep apart until I say yes"), ("drop", "Do not tell me")),
        push_private=True,
    ),
    "parts": PARTS,
    "login": LoginView(),
    "login-failed": LoginView(login="claire", next="/events/201", faults=(_LOGIN_FAULT,)),
    "login-waiting": LoginView(login="claire", standing="/sign-up/answer/abc", faults=(_LOGIN_FAULT,)),
    "invite": InviteView(token="k3tq", class_year="2019", class_year_fixed=True),  # noqa: S106 (an address, not a secret)
    "invite-school": InviteView(token="k3tq", schools=("École des Tilleuls", "Mill School"), school="Mill School"),  # noqa: S106
    "invite-faulty": InviteView(token="k3tq", name="Claire", class_year="98", faults=(_YEAR_FAULT,)),  # noqa: S106
    "home": HomeView(
        waits=(
            WaitView(path="/contacts", what="People who ask to be your contact", number=2),
            WaitView(path="/welcome", what="Say who may find you here"),
        ),
        composer=COMPOSER,
        posts=POSTS,
        older="/?before=100",
        announcements=(
            AnnouncementView(id=1, content=render_plain("The archive is open on Saturday."), published_at=NOW),
        ),
    ),
    "home-empty": HomeView(composer=COMPOSER, posts=(), suggestions=(YOUSSEF, MARGUERITE)),
    "profile": ProfileView(
        person=INES,
        about=render_plain("Hydrologist. I like to be asked about rivers."),
        header=_PICTURE,
        fields=(
            FieldView(name="Work", value=render_plain("Water agency of Port-Bleu")),
            FieldView(name="Website", value=render_plain("https://okafor.example"), verified=True),
        ),
        posts_count=1204,
        followers_count=1,
        following_count=38,
        pinned=(PINNED,),
        tags=("Sailing",),
        indexable=True,
        memorial=True,
        posts=(REPLY,),
        older="/@ines@alumni.portbleu.example?before=1",
    ),
    "account": AccountView(
        address="@claire@montclair.example",
        aliases=(("https://old.example/users/claire", "@claire@old.example"),),
        moved_to=INES,
        target="@ines@alumni.portbleu.example",
        deletes_on=NOW + timedelta(days=14),
        in_roster=True,
        faults=(Fault(message="There is no such account.", field="target"),),
    ),
    "login-back": LoginBackView(action="/login/back/abc"),
    "report": ReportFormView(person=SAM, post=REPLY, forward=True),
    "reports": ReportsView(
        cases=(
            CaseView(
                id=1,
                target=SAM,
                reporter=CLAIRE,
                created_at=NOW - timedelta(hours=3),
                comment="The same advertisement under every post.",
                category="Spam",
                posts=(REPLY,),
                missing=1,
                forwarded=True,
            ),
        ),
        waiting=1,
    ),
    "upkeep": UpkeepView(
        lanes=(
            LaneView(
                host="alumni.lakeside.example",
                waiting=1204,
                held=1204,
                parked=3,
                oldest=NOW - timedelta(days=2),
                error="the host did not answer in time",
            ),
            LaneView(host="social.example", waiting=2, held=0, parked=0, oldest=NOW - timedelta(minutes=1)),
        ),
        tasks=(
            TaskView(name="federation.deliver", waiting=1206, parked=3),
            TaskView(name="node.housekeeping", waiting=1, parked=0),
        ),
        servers=(
            ServerView(domain="spam.example", state="blocked", blocked=True),
            ServerView(
                domain="alumni.lakeside.example",
                name="alumni.lakeside.example",
                state="down: asked now and then",
                last_success=NOW - timedelta(days=2),
                error="the host did not answer in time",
            ),
        ),
        older="/staff/queue?after=social.example",
    ),
    "upkeep-empty": UpkeepView(lanes=(), tasks=(), servers=()),
    "reports-resolved": ReportsView(
        cases=(
            CaseView(
                id=2,
                target=SAM,
                reporter=None,
                created_at=NOW - timedelta(days=3),
                category="Other",
                resolver=CLAIRE,
                resolved_at=NOW - timedelta(days=2),
                state="Dismissed",
                is_open=False,
            ),
        ),
        resolved=True,
    ),
    "profile-own": ProfileView(person=CLAIRE, joined=NOW - timedelta(days=400), posts=(), posts_count=0),
    "profile-moved": ProfileView(person=SAM, moved_to=INES),
    "connections": ConnectionsView(person=CLAIRE, followers=True, people=PEOPLE[1:], count=5),
    "edit-profile": EditProfileView(
        name="Claire Delaunay",
        about="Architect in Lyon.",
        class_year="98",
        fields=(("Work", "Architect"),),
        locale="fr",
        locales=(("en", "English"), ("fr", "Français")),
        zone="Europe/Paris",
        zones=("Europe/Paris", "UTC"),
        faults=(_YEAR_FAULT,),
    ),
    "second-step": SecondStepView(),
    "second-step-passkey": SecondStepView(has_app=False, passkey='{"challenge": "x"}'),
    "passkey": PasskeyView(options='{"challenge": "x"}', next="/people"),
    "passkey-refused": PasskeyView(
        options="{}", faults=(Fault(message="This passkey did not open the account. Please try again."),)
    ),
    "passkey-new": NewPasskeyView(options='{"challenge": "x"}', name="My telephone"),
    "prove-passkey": ProveView(next="/settings/security", passkey="{}"),
    "sign-up": SignUpView(needs_reason=True),
    "sign-up-open": SignUpView(name="Agathe", username="agathe", email="agathe@mail.example"),
    "prove": ProveView(next="/settings/security"),
    "codes": CodesView(codes=("abcd-efgh-jkmn-pqrs", "2345-6789-abcd-efgh")),
    "security": SecurityView(),
    "security-setting-up": SecurityView(secret="ABCD EFGH", picture=render_plain("A picture")),  # noqa: S106  # of a sample
    "security-on": SecurityView(is_on=True, codes_left=9, email="ada@mail.example", has_mail=True),
    "security-passkeys": SecurityView(
        passkeys=(
            PasskeyRow(id=1, name="My telephone", since=NOW, last_used=NOW),
            PasskeyRow(id=2, name="The key in the drawer", since=NOW),
        ),
        codes_left=10,
    ),
    "forgotten": ForgottenView(next="/people"),
    "forgotten-no-mail": ForgottenView(has_mail=False),
    "new-password": NewPasswordView(
        token="abc",  # noqa: S106  # of a sample
        faults=(Fault(message="Please choose a password of at least 10 characters.", field="password"),),
    ),
    "sign-ups": SignUpsView(
        newcomers=(
            NewcomerView(
                id=9,
                name="Agathe Roux",
                username="agathe",
                email="agathe@mail.example",
                class_year=2011,
                reason="I was in the choir.",
                since=NOW,
                was=("Agathe Roux", "2011", "1988-04-03", "M00042"),
                matches=(MatchView(id=4, name="Agathe Roux", classes=("2011 Chimie",), points=70),),
                doubts=("The date of birth differs.", "Several people fit nearly as well."),
                vouches=(VouchView(by="Ben", how="We were in the same class", text="Yes.", same_class=True),),
            ),
            NewcomerView(
                id=8,
                name="Inês Duarte",
                username="ines",
                email="",
                class_year=2011,
                reason="",
                since=NOW,
                asked="Which programme were you in?",
                answer="Chemistry.",
                may_decide=False,
            ),
        ),
        waiting=1,
        own_class=2011,
        chosen=9,
        faults=(Fault(message="Please write something.", field="reason"),),
    ),
    "sign-ups-none": SignUpsView(newcomers=()),
    "access": AccessView(
        sessions=(
            SessionView(id=1, name="Firefox on Linux", last_seen=NOW, is_this=True),
            SessionView(id=2, name="", last_seen=NOW - timedelta(days=20)),
        ),
        apps=(
            AppView(
                id=1,
                name="Tuba",
                scopes=("read", "write", "follow", "push"),
                since=NOW - timedelta(days=90),
                last_used=NOW,
            ),
        ),
    ),
    "access-no-apps": AccessView(sessions=(), apps=()),
    "post": ThreadView(
        post=HELLO,
        indexable=True,
        descendants=(REPLY,),
        composer=ComposerView(reply_to=101, reply_to_name=MARGUERITE.name, text="@marguerite "),
    ),
    "embed": EmbedView(post=HELLO),
    "post-private": ThreadView(post=WARNED, ancestors=(HELLO,)),
    "tag": PostsView(posts=(HELLO,), tag="montclair50"),
    "local": PostsView(posts=()),
    "quotes": QuotesView(post=HELLO, quotes=(HELLO,), mine=True),
    "no_quotes": QuotesView(post=HELLO, quotes=()),
    "later": LaterView(
        posts=(
            WaitingPostView(id=1, text="See you at the hall.", at=NOW),
            WaitingPostView(id=2, text="Yes, I will.", at=NOW, failure="There is no such post."),
        )
    ),
    "nothing_later": LaterView(posts=()),
    "people": PeopleView(
        people=PEOPLE[:3],
        count=41,
        years=((2019, 4), (1998, 12), (1976, 0)),
        has_class=True,
        asks=True,
        more="/people?page=2",
    ),
    "people-narrow": PeopleView(
        people=PEOPLE[:2],
        count=200,
        years=((1998, 12),),
        query="lefebre",
        within=5,
        values={"city": "Lyon", "seek": "job", "country": "France", "skill": "Rowing"},
        distance="theirs",
        active=True,
        schools=("École des Quais", "École du Port"),
        has_class=True,
        categories=(("job", "Job"),),
        is_open=False,
        too_many=True,
        similar=True,
        groups=(
            FacetGroupView(title="City", facets=(FacetView(label="Brest", count=12, path="/people?city=Brest"),)),
            FacetGroupView(
                title="They seek", facets=(FacetView(label="Job", count=3, path="/people?seek=job", word=True),)
            ),
        ),
        watches=(
            WatchView(kind="city", value="Lyon", label="Lyon"),
            WatchView(kind="skill", value="Rowing", label="Rowing", id=4),
        ),
        newer="/people?q=lefebre&page=1",
        more="/people?q=lefebre&page=3",
    ),
    "watches": WatchesView(
        watches=(
            WatchLineView(id=1, what="Class", label="1998", path="/people?class_year=1998"),
            WatchLineView(id=2, what="City", label="Lyon", path="/people?city=Lyon"),
        )
    ),
    "watches-none": WatchesView(watches=()),
    "people-none": PeopleView(people=(), count=0, years=((1998, 12),), query="zz", class_year=1998, is_open=False),
    "lookup": LookupView(query="@ines@alumni.portbleu.example", searched=True, person=INES, post=ANNOUNCED),
    "lookup-nothing": LookupView(query="@nobody@nowhere.example", searched=True),
    "events": EventsView(events=(DINNER, TALK, PICNIC, CALLED_OFF, ASKED), may_create=True),
    "events-none": EventsView(events=(), may_create=True),
    "events-past": EventsView(events=(HIKE,), past=True),
    "event": EventPageView(event=DINNER, attendees=(MARGUERITE, YOUSSEF, INES), replies=(REPLY,)),
    "event-elsewhere": EventPageView(event=TALK),
    "event-own": EventPageView(event=CALLED_OFF, attendees=(CLAIRE,)),
    "event-form": EventFormView(
        values=EventValues(start_date="2027-03-12", start_time="19:00", zone="Europe/Paris"),
        zones=("Europe/Paris", "UTC"),
        may_speak_for_association=True,
        faults=(Fault(message="This time zone is not known. An example is Europe/Paris.", field="zone"),),
    ),
    "event-form-change": EventFormView(values=EventValues(title="Picnic"), zones=("UTC",), event_id=203),
    "authorize": AuthorizeView(
        app_name="Tuba",
        website="https://tuba.geopjr.dev/",
        returns_to="tuba://auth_code",
        scopes=("read", "write", "follow", "push"),
        hidden=(("client_id", "x"), ("state", "y")),
    ),
    "authorize-code": AuthorizeCodeView(code="Z3JhbnRlZC1mb3Itb25jZQ"),
    "about": AboutView(
        contact_email="bureau@montclair.example",
        members_count=41,
        posts_count=1,
        association=ASSOCIATION,
        partners=(PartnerView(name="Anciens de Port-Bleu", domain="alumni.portbleu.example"),),
        rules=(RuleView(text="Be kind.", hint="As in class."),),
        has_privacy=True,
        has_terms=True,
    ),
    "about-alone": AboutView(),
    "text": TextView(
        title="Privacy policy", content=escape("We keep your name and your class."), since=date(2026, 9, 1)
    ),
    "confirm": ConfirmView(
        title="Delete this post",
        text="It will be taken back from the other networks as well. This cannot be undone.",
        button="Delete this post",
        action="/@claire/104/delete",
        back="/@claire/104",
        subject="Two views from the old library.",
    ),
    "emojis": EmojisView(
        groups=(
            ("", (EmojiView(id=1, shortcode="cap", url="/media/cap.png"),)),
            (
                "Animals",
                (
                    EmojiView(id=2, shortcode="owl", url="/media/owl.gif", off=True),
                    EmojiView(id=3, shortcode="fox", url="/media/fox.png", offered=False),
                ),
            ),
        ),
        shortcode="c p",
        category="Animals",
        faults=(
            Fault(message="Please choose a word of 2 to 40 letters a to z, digits and underscores.", field="shortcode"),
        ),
    ),
    "emojis-none": EmojisView(),
    "emoji-words": EmojiWordsView(groups=(("", (EmojiView(id=1, shortcode="cap", url="/media/cap.png"),)),)),
    "emoji-words-none": EmojiWordsView(),
    "explore": ExploreView(
        tags=(TrendingTag(name="Montclair50", path="/tags/montclair50", accounts=12),),
        links=(HELLO.link,) if HELLO.link is not None else (),
        posts=(QUESTION,),
    ),
    "explore-nothing": ExploreView(),
    "trends": TrendsView(
        shown=(
            ("Hashtags", (TrendRow(kind="tag", ref="lake", display="#Lake", path="/tags/lake", accounts=1),)),
            ("Pages", ()),
        ),
        hidden=(TrendRow(kind="link", ref="0", display="https://shop.example/", path="https://shop.example/"),),
    ),
    **{f"error-{status}": ErrorView(status=status) for status in (400, 401, 403, 404, 409, 410, 422, 500)},
    "error-429": ErrorView(status=429, message="Too many requests", retry_after=30),
    "error-503": ErrorView(status=503),
}
