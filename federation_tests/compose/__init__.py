# SPDX-License-Identifier: AGPL-3.0-or-later
"""A node of this checkout against the programs that publish images or source, in containers. See README.md."""
