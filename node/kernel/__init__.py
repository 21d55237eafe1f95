# SPDX-License-Identifier: AGPL-3.0-or-later
"""What every capability stands on: database, queue, worker, ids, clock, configuration, errors, text. Knows no domain."""
