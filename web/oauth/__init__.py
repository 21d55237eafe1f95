# SPDX-License-Identifier: AGPL-3.0-or-later
"""OAuth 2 for apps: RFC 6749 (code flow and client credentials), 7636 (S256), 7009, 8414. No password grant, no implicit."""
