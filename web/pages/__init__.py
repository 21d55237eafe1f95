# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages for members and visitors: what they show (`views`), in which words (`words`)."""
