# SPDX-License-Identifier: AGPL-3.0-or-later
"""Invented content for the pages of profiles."""

from dataclasses import replace
from typing import Final

from node.profiles import Kind
from web.pages.cv_section import KINDS, NEW, CvSectionView, EntryGroupView, EntryLineView, LanguageView
from web.pages.cv_views import AskFoundView, AskLinkView, AskRemoveView, CvEntryView, CvView, FactView
from web.pages.samples import CLAIRE, MARGUERITE, NOW
from web.pages.views import Fault, ProfileView, View

_SCHOOL: Final = EntryLineView(
    id=1,
    head="Harbour Academy",
    words=("Master",),
    notes=("Hydraulics",),
    class_year=2004,
    since="2000",
    until="2004",
    level="My school",
)
_WORK: Final = EntryLineView(
    id=2, head="Quays and Sons", notes=("Engineer", "Lyon"), since="2019-03", text="Bridges.", level="Everyone"
)
_SEEK: Final = EntryLineView(
    id=3,
    head="A flat in Lyon for June",
    words=("Housing",),
    tags=("Lyon",),
    level="My class",
    state="Open",
    ends=NOW,
    verbs=(("fulfil", "It is found"), ("pause", "Pause")),
)
_GROUPS: Final = tuple(
    EntryGroupView(kind=kind, title=KINDS[kind], add=NEW[kind], entries=entries)
    for kind, entries in ((Kind.EDUCATION, (_SCHOOL,)), (Kind.CAREER, (_WORK, _SCHOOL)), (Kind.SEEK, (_SEEK,)))
)
_SECTION: Final = CvSectionView(
    name="Marguerite Aubert",
    birth_name="Petit",
    other_names=("Margot",),
    pronunciation="mar-guh-REET",
    pronouns="she/her",
    headline="Civil engineer, Lyon",
    place="Lyon, FR",
    languages=(LanguageView(tag="fr", fluency="first language"),),
    groups=_GROUPS,
    is_empty=False,
)

CV_SAMPLES: Final[dict[str, View]] = {
    "cv": CvView(
        facts=(FactView(name="headline", label="In one line", value="Civil engineer", level="3", maxlength=120),),
        city="Lyon",
        country="FR",
        languages="fr native",
        public_fields=("In one line",),
        public_entries=("Quays and Sons",),
        groups=_GROUPS,
    ),
    "cv-faults": CvView(
        faults=(Fault(message="Please read what becomes public, and tick that you want it.", field="sure"),),
    ),
    **{f"cv-{kind}": CvEntryView(kind=kind, title=NEW[kind]) for kind in Kind},
    "cv-education-known": CvEntryView(
        kind="education", title=NEW[Kind.EDUCATION], schools=("Harbour Academy",), programmes=("Hydraulics",)
    ),
    "cv-change": CvEntryView(
        kind="skill",
        title="Skills",
        id=1,
        label="Rust",
        faults=(Fault(message="This stands there already.", field="label"),),
    ),
    "ask-link": AskLinkView(key="1.2.x", text="A flat in Lyon for June", state="Open", ends=NOW),
    "ask-link-done": AskLinkView(
        key="1.2.x", text="A flat in Lyon", state="Found", can_renew=False, can_fulfil=False, done=True
    ),
    "ask-found": AskFoundView(
        id=3,
        text="A flat in Lyon for June",
        thanks_to="claire",
        faults=(
            Fault(message="Please name members of this network, by the name after the @.", field="thanks_to"),
            Fault(message="Please write at most 400 characters.", field="story"),
        ),
    ),
    "ask-remove": AskRemoveView(
        id=3,
        text="A flat in Lyon for June",
        name="Marguerite Aubert",
        path="/@marguerite",
        faults=(Fault(message="Please say why.", field="reason"),),
    ),
    "profile-cv-moderated": ProfileView(person=MARGUERITE, cv=replace(_SECTION, moderated=True)),
    "profile-cv": ProfileView(person=MARGUERITE, cv=_SECTION),
    "profile-cv-as": ProfileView(person=CLAIRE, cv=CvSectionView(mine=True, as_whom="public")),
}
