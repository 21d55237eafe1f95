# SPDX-License-Identifier: AGPL-3.0-or-later
"""What many people write about and pass on at present."""
