# SPDX-License-Identifier: AGPL-3.0-or-later
"""The emoji of this node, which its members mean by a word between colons."""
