# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whole nodes as processes, against each other and against independent peers; one scenario a file, told as a story."""
