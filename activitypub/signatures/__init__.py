# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who sent this request: HTTP signatures in both forms that the Fediverse speaks.

`cavage` (draft-cavage-http-signatures-12) and `rfc9421` make signatures and read them into a string to verify;
`check` is the one door for incoming requests and holds every rule on freshness and coverage; `keys` and `digest`
are what both forms need. Nothing here fetches a key: the caller takes the key id of a `Claim`, finds the keys of
its owner, and asks `check.verified`.
"""
