# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reports about people and posts: made here, received from other servers, and dealt with by the staff."""
