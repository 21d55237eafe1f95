# SPDX-License-Identifier: AGPL-3.0-or-later
"""Filter, its parts, and FilterResult. Source: entities/Filter, FilterKeyword, FilterStatus, FilterResult, V1::Filter."""

from collections.abc import Iterable

import orjson

from node.relationships.filters import Filter, FilteredPost, Keyword, Match
from web.mastodon.entities.common import Json, moment_or_none


def content_filter(found: Filter) -> Json:
    """A filter with all its parts."""
    return {
        "id": str(found.id),
        "title": found.title,
        "context": list(found.contexts),
        "expires_at": moment_or_none(found.expires_at),
        "filter_action": found.action,
        "keywords": [filter_keyword(word) for word in found.keywords],
        "statuses": [filter_status(one) for one in found.posts],
    }


def filter_keyword(word: Keyword) -> Json:
    """Words that a filter looks for."""
    return {"id": str(word.id), "keyword": word.keyword, "whole_word": word.whole_word}


def filter_status(one: FilteredPost) -> Json:
    """A post that a filter names."""
    return {"id": str(one.id), "status_id": str(one.post_id)}


def old_filter(found: Filter, word: Keyword) -> Json:
    """A keyword as an older app knows filters."""
    return {
        "id": str(word.id),
        "phrase": word.keyword,
        "context": list(found.contexts),
        "whole_word": word.whole_word,
        "expires_at": moment_or_none(found.expires_at),
        "irreversible": found.irreversible,
    }


def filter_results(matches: Iterable[Match]) -> bytes:
    """Which of the viewer's filters a status meets, as a JSON list."""
    return orjson.dumps(
        [
            {
                "filter": content_filter(match.filter),
                "keyword_matches": list(match.keywords) or None,
                "status_matches": [str(number) for number in match.post_ids] or None,
            }
            for match in matches
        ]
    )
