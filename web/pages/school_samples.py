# SPDX-License-Identifier: AGPL-3.0-or-later
"""Samples of the pages about schools, for those who look at the templates without a node."""

from typing import Final

from web.pages.cv_section import DEGREES
from web.pages.school_views import ProgrammeView, SchoolEditView, SchoolLineView, SchoolsView, SchoolView
from web.pages.views import Fault

_TILLEULS: Final = SchoolLineView(id=1, slug="tilleuls", name="École des Tilleuls", place="Angoulême, France")
_MILL: Final = SchoolLineView(id=2, slug="mill-school", name="Mill School")
_MINING: Final = ProgrammeView(
    id=5, name="Mines", key="grande_ecole", degree=DEGREES["grande_ecole"], first_year="1950", last_year="1990"
)
_CHEMISTRY: Final = ProgrammeView(id=6, name="Chimie", key="master", degree=DEGREES["master"])
_TWICE: Final = Fault(message="There is a programme of this name already.", field="name-0")

SCHOOL_SAMPLES: Final = {
    "schools": SchoolsView(schools=(_TILLEULS,)),
    "schools-admin": SchoolsView(schools=(_TILLEULS, _MILL), may_edit=True),
    "school": SchoolView(
        school=_TILLEULS,
        short_name="Tilleuls",
        aliases=("École pratique",),
        website="https://tilleuls.example/",
        same_as=("https://anciens.example/schools/tilleuls",),
        programmes=(_MINING, _CHEMISTRY),
    ),
    "school-bare": SchoolView(school=_MILL, may_edit=True),
    "school-edit": SchoolEditView(
        school=_TILLEULS,
        name="École des Tilleuls",
        city="Angoulême",
        country="FR",
        programmes=(_MINING, _CHEMISTRY),
        degrees=tuple(DEGREES.items()),
        fresh=ProgrammeView(name="Chimie", faults=(_TWICE,)),
    ),
}
