# SPDX-License-Identifier: AGPL-3.0-or-later
"""Invented content for the pages on which members arrange things for themselves, and the staff for everybody."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from activitypub.addressing import Visibility
from node.kernel.html import EMPTY, escape
from node.posts import QuotePolicy
from web.pages.filter_views import FilterFormView, FilterPostView, FiltersView, FilterView, NamedPostView, WordView
from web.pages.post_views import EditPostView, HistoryView, KeptView, RedraftView, StateView, WhoView
from web.pages.relation_views import (
    AsideView,
    BlockNetworkView,
    MuteView,
    NetworksView,
    RecommendsView,
    RequestsView,
    SetAsideView,
    SettingsView,
    ShownView,
)
from web.pages.samples import HELLO, INES, MARGUERITE, NOW, PICTURES, QUESTION, REPLY, SAM, YOUSSEF
from web.pages.views import (
    CaseView,
    ComposerView,
    EditProfileView,
    Fault,
    ListPageView,
    ListView,
    MediaView,
    ProfileView,
    Relation,
    ReportFormView,
    ReportsView,
    TiesView,
    View,
)

_CONTEXTS = (
    ("home", "On the home page and in lists", True),
    ("public", "Among public posts and under hashtags", False),
)
_ACTIONS = (("warn", "Fold the post and say which filter it meets", True), ("hide", "Leave the post out", False))
_LENGTHS = (("", "Without an end", False), ("3600", "An hour", False))
_FILES = (
    MediaView(id=31, kind="image", url="/media/hall.png", preview="/media/hall.png", description="The hall"),
    MediaView(id=32, kind="audio", mime="audio/mpeg", url="/media/bell.mp3", description="The bell of the library"),
)
_PLAYED = (
    MediaView(
        id=33, kind="video", mime="video/mp4", url="/media/race.mp4", preview="/media/race.png", width=1280, height=720
    ),
    MediaView(id=34, kind="gifv", mime="video/mp4", url="/media/oar.mp4", description="An oar in the water"),
    _FILES[1],
)

MEMBER_SAMPLES: Final[dict[str, View]] = {
    "filters": FiltersView(
        filters=(
            FilterView(
                id=1,
                title="The final",
                action=_ACTIONS[0][1],
                contexts=(_CONTEXTS[0][1], _CONTEXTS[1][1]),
                words=tuple(f"word {number}" for number in range(9)),
                posts_count=2,
                ends_at=NOW + timedelta(hours=5),
            ),
            FilterView(
                id=2, title="Old", action=_ACTIONS[1][1], contexts=(), ends_at=NOW - timedelta(days=1), over=True
            ),
        )
    ),
    "filters-none": FiltersView(filters=()),
    "filter-new": FilterFormView(
        actions=_ACTIONS, contexts=_CONTEXTS, lengths=_LENGTHS, words=tuple(WordView(key=f"new{n}") for n in (1, 2, 3))
    ),
    "filter-edit": FilterFormView(
        id=1,
        title="The final",
        actions=_ACTIONS,
        contexts=_CONTEXTS,
        lengths=_LENGTHS,
        ends_at=NOW + timedelta(hours=5),
        words=(WordView(key="41", keyword="penalty"), WordView(key="new1", keyword="goal", whole=False)),
        more=2,
        posts=(NamedPostView(id=7, post=HELLO), NamedPostView(id=8, post=None)),
        faults=(
            Fault(message="Validation failed: Keyword can't be blank", field="words"),
            Fault(message="Validation failed: Context None or invalid context supplied", field="context"),
        ),
    ),
    "filter-post": FilterPostView(post=REPLY, filters=((1, "The final"),)),
    "filter-post-first": FilterPostView(
        post=REPLY, filters=(), faults=(Fault(message="Validation failed: Title can't be blank", field="title"),)
    ),
    "filtered": ListPageView(
        list=ListView(id=117675000000000000, title="Rowers & friends"),
        posts=(
            replace(HELLO, filtered=("The final", "Spoilers")),
            replace(REPLY, blurred=("Insects",)),
        ),
    ),
    "post-edit": EditPostView(
        post=PICTURES,
        text="Two views from the old library.",
        warning="Dust",
        sensitive=True,
        media=_FILES,
        faults=(Fault(message="Cannot attach more than 4 files.", field="image"),),
    ),
    "post-edit-poll": EditPostView(
        post=QUESTION,
        text="Where shall the spring meeting be?",
        options=("In the old library", "By the lake", "", ""),
        open_days=3,
        has_votes=True,
    ),
    "redraft": RedraftView(
        post=PICTURES,
        composer=ComposerView(text="Two views", replaces=104, media=_FILES, max_characters=500),
    ),
    "history": HistoryView(
        post=REPLY,
        states=(
            StateView(since=NOW, text=REPLY.text),
            StateView(since=NOW - timedelta(hours=1), text=REPLY.text, answers=("Yes", "No")),
            StateView(since=NOW - timedelta(hours=5), text=HELLO.text, warning="Old times", media=("The bus", "")),
        ),
    ),
    "who": WhoView(
        post=HELLO,
        shares=False,
        people=(INES, SAM),
        reactions={SAM.id: escape("🎉")},
        older="/@marguerite/101/favourites?before=1",
    ),
    "who-nobody": WhoView(post=HELLO, shares=True),
    "bookmarks": KeptView(posts=(replace(HELLO, bookmarked=True, muted=True),), newer="/bookmarks?after=1"),
    "favourites-none": KeptView(posts=(), favourites=True),
    "played": ListPageView(
        list=ListView(id=117675000000000000, title="Films"),
        posts=(replace(REPLY, author=MARGUERITE, media=_PLAYED),),
    ),
    "profile-followed": ProfileView(
        dues_paid=True,
        person=replace(INES, relation=Relation.FOLLOWING, follows_you=True),
        ties=TiesView(
            following=True,
            boosts=True,
            notify=True,
            followed_by=True,
            muting=True,
            muting_until=NOW + timedelta(days=2),
            endorsed=True,
            note="Met at the dinner of 2024; wants to be asked about dams.",
        ),
        recommends=(MARGUERITE, YOUSSEF),
        recommends_more=True,
    ),
    "profile-blocked": ProfileView(
        person=replace(INES, relation=Relation.BLOCKED),
        ties=TiesView(blocking=True, muting=True, network_blocked=True),
    ),
    "mute": MuteView(person=INES, lengths=(("", "Until I take it back"), ("3600", "An hour"))),
    "block-network": BlockNetworkView(person=INES, following=1, followers=12),
    "muted": SetAsideView(people=(AsideView(person=SAM), AsideView(person=INES, until=NOW + timedelta(hours=3)))),
    "blocked": SetAsideView(people=(AsideView(person=SAM),), blocked=True, older="/settings/blocked?before=1"),
    "muted-nobody": SetAsideView(people=()),
    "blocked-nobody": SetAsideView(people=(), blocked=True),
    "networks": NetworksView(
        domains=("spam.example",),
        domain="not a name",
        faults=(Fault(message="Validation failed: Domain is not a valid domain name", field="domain"),),
    ),
    "networks-none": NetworksView(domains=()),
    "requests": RequestsView(people=(INES, SAM)),
    "requests-none": RequestsView(people=()),
    "shown": ShownView(
        tags=((1, "Sailing", 12), (2, "Montclair50", 1)),
        used=("rivers", "dams"),
        people=(INES,),
        tag="two words",
        faults=(Fault(message="A hashtag is letters and digits without spaces.", field="tag"),),
    ),
    "shown-nothing": ShownView(),
    "recommends": RecommendsView(person=MARGUERITE, people=(INES, SAM), newer="/@marguerite/recommends?after=1"),
    "recommends-nobody": RecommendsView(person=MARGUERITE, people=()),
    "settings": SettingsView(),
    "report-rules": ReportFormView(
        person=SAM,
        others=((HELLO, True), (replace(REPLY, text=EMPTY), False)),
        categories=(("spam", "Spam", False), ("violation", "Against the rules", True)),
        rules=((1, "Be kind.", True), (2, "No advertising.", False)),
    ),
    "reports-rules": ReportsView(
        cases=(
            CaseView(
                id=3, target=SAM, reporter=None, created_at=NOW, category="Against the rules", rules=("Be kind.",)
            ),
        ),
    ),
    "profile-media": ProfileView(person=INES, part="media", posts=(PICTURES,)),
    "edit-profile-full": EditProfileView(
        name="Claire Delaunay",
        hide_collections=True,
        show_featured=False,
        has_avatar=True,
        has_header=True,
        visibility=Visibility.DIRECT,
        quote_policy=QuotePolicy.FOLLOWERS,
    ),
}
