# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages say of themselves that posts link to."""
