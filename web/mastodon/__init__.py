# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mastodon's client API. A file per page of its method documentation; `routes` is the table of all endpoints."""
