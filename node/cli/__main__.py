# SPDX-License-Identifier: AGPL-3.0-or-later
"""`python -m node.cli`, the same as `alumnode`."""

from node.cli import main

main()
