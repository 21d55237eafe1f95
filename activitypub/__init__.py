# SPDX-License-Identifier: AGPL-3.0-or-later
"""The protocol: what other servers send and expect, byte by byte.

Pure functions over plain values: no database, no web framework, no event loop, no clock of its own. Everything that
comes from elsewhere is read here into types that the rest may trust, or refused with a `ProtocolError`.
"""
