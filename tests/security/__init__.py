# SPDX-License-Identifier: AGPL-3.0-or-later
"""Attacks, block by block. Which test closes which one is told in docs/developers/security-tests.md."""
