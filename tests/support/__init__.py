# SPDX-License-Identifier: AGPL-3.0-or-later
"""What tests share: databases, builders, and nodes that run in the test's own process."""
