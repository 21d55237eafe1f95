# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the software of others sends: one file of cases for each, told again with names, hosts and texts of our own."""
