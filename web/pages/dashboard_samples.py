# SPDX-License-Identifier: AGPL-3.0-or-later
"""Invented content for the page of those who run the association."""

from datetime import date
from typing import Final

from web.pages.dashboard_views import (
    ClassFigureView,
    DashboardView,
    FigureView,
    MonthFigureView,
    WaysView,
    WayView,
)
from web.pages.views import View

DASHBOARD_SAMPLES: Final[dict[str, View]] = {
    "dashboard": DashboardView(
        ways=(
            WaysView(
                title="Members",
                ways=(
                    WayView(path="/staff/sign-ups", label="Who would like to join", waiting=3),
                    WayView(path="/staff/roster", label="Roster"),
                ),
            ),
        ),
        figures=(
            FigureView(name="Members", number=1250),
            FigureView(name="Members who came in the last 30 days", number=0, few=True),
        ),
        classes=(ClassFigureView(year=1976, number=0, few=True), ClassFigureView(year=1998, number=45)),
        months=(
            MonthFigureView(month=date(2027, 1, 1), number=0, few=True),
            MonthFigureView(month=date(2027, 2, 1), number=15),
        ),
        may_export=True,
    ),
    "dashboard-bare": DashboardView(ways=()),
}
