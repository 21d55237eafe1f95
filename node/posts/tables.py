# SPDX-License-Identifier: AGPL-3.0-or-later
"""Statuses and what hangs on them. A boost is a row of its own that points at what it boosts; an event is a post too."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from node.kernel.clock import Moment
from node.kernel.db import metadata

posts = Table(
    "posts",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("uri", String(2048), nullable=False, unique=True),
    Column("url", String(2048), nullable=False),
    Column("author_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False),
    Column("local", Boolean, nullable=False),
    # note, article, page, question, event, image, audio, video; boost
    Column("kind", String(16), nullable=False),
    Column("visibility", String(16), nullable=False),
    # class, school or partners: who may read it instead of the followers. Such a post has the visibility `private`.
    Column("circle", String(16)),
    # Of the circle `class`: which one, as it was when the post was written.
    Column("circle_year", Integer),
    Column("title", String(500), nullable=False, server_default=""),
    Column("content", Text, nullable=False, server_default=""),
    Column("source", Text, nullable=False, server_default=""),
    Column("spoiler_text", String(1000), nullable=False, server_default=""),
    Column("sensitive", Boolean, nullable=False, default=False),
    Column("language", String(16)),
    Column("in_reply_to_id", BigInteger, ForeignKey("posts.id", ondelete="SET NULL"), index=True),
    Column("in_reply_to_uri", String(2048), index=True),
    Column("in_reply_to_author_id", BigInteger, ForeignKey("actors.id", ondelete="SET NULL")),
    # The first post of the thread as far as we know it; threads are read by it in one statement.
    Column("thread_id", BigInteger, nullable=False, index=True),
    # The collection of the whole thread (FEP-7888), as the first post of it names it; replies take it over.
    Column("context", String(2048)),
    Column("boost_of_id", BigInteger, ForeignKey("posts.id", ondelete="CASCADE"), index=True),
    Column("tags", JSON, nullable=False, default=list),
    Column("emojis", JSON, nullable=False, default=list),
    # What it quotes, whether its author agreed (pending, accepted, rejected, revoked, deleted), and by which stamp.
    Column("quote_uri", String(2048), index=True),
    Column("quote_of_id", BigInteger, ForeignKey("posts.id", ondelete="SET NULL"), index=True),
    Column("quote_state", String(16)),
    Column("quote_stamp", String(2048)),
    # Whom an author lets answer, and quote: ids of actors and collections; null where nothing is said.
    Column("reply_policy", JSON(none_as_null=True)),
    Column("quote_policy", JSON(none_as_null=True)),
    # Those who may quote as well, but only after a yes by hand.
    Column("quote_manual", JSON(none_as_null=True)),
    # What a client shows for something that is more than text: a link card (of an event, or of the page that is linked
    # to), who here or elsewhere wrote that page, and our own details.
    Column("card", JSON(none_as_null=True)),
    Column("card_author_id", BigInteger, ForeignKey("actors.id", ondelete="SET NULL")),
    Column("details", JSON),
    Column("app_name", String(120)),
    Column("app_website", String(2048)),
    Column("replies_count", Integer, nullable=False, server_default="0"),
    Column("boosts_count", Integer, nullable=False, server_default="0"),
    Column("favourites_count", Integer, nullable=False, server_default="0"),
    # Quotes that the author agreed to.
    Column("quotes_count", Integer, nullable=False, server_default="0"),
    # Goes up with every change that a reader could see; what is rendered is kept under (id, version).
    Column("version", Integer, nullable=False, server_default="1"),
    Column("created_at", Moment, nullable=False),
    Column("edited_at", Moment),
    UniqueConstraint("author_id", "boost_of_id"),
    CheckConstraint("visibility IN ('public', 'unlisted', 'private', 'direct')", name="visibility"),
    CheckConstraint("circle IS NULL OR visibility = 'private'", name="circle"),
    # A profile's posts, newest first.
    Index("ix_posts_author", "author_id", "id"),
    # The public timelines, newest first.
    Index("ix_posts_public", "visibility", "local", "id"),
)

mentions = Table(
    "mentions",
    metadata,
    Column("post_id", BigInteger, ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True),
    Column("actor_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True),
    # False: addressed without being named in the text; may read it, is not notified.
    Column("named", Boolean, nullable=False, default=True),
    Index("ix_mentions_actor", "actor_id", "post_id"),
)

post_tags = Table(
    "post_tags",
    metadata,
    Column("name", String(255), primary_key=True),
    Column("post_id", BigInteger, ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_post_tags_post", "post_id"),
)

# Which of the association's emoji a post of ours names, or named before an edit, so that those posts are shown anew when
# one changes. Without a foreign key to the emoji: the posts of one that is gone are still to be found.
post_emojis = Table(
    "post_emojis",
    metadata,
    Column("emoji_id", BigInteger, primary_key=True),
    Column("post_id", BigInteger, ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, index=True),
)

favourites = Table(
    "favourites",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("actor_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False),
    Column("post_id", BigInteger, ForeignKey("posts.id", ondelete="CASCADE"), nullable=False),
    # The Like activity's id, which its Undo names.
    Column("uri", String(2048), nullable=False),
    # What an emoji reaction from elsewhere showed: a word or an emoji, and of a word the address of its picture.
    Column("reaction", JSON(none_as_null=True)),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("actor_id", "post_id"),
    Index("ix_favourites_post", "post_id", "id"),
    # One's own favourites, newest first.
    Index("ix_favourites_actor", "actor_id", "id"),
)

bookmarks = Table(
    "bookmarks",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("actor_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False),
    Column("post_id", BigInteger, ForeignKey("posts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("actor_id", "post_id"),
    Index("ix_bookmarks_actor", "actor_id", "id"),
)

# A post of kind `question` has one row here; its number is also the poll's.
polls = Table(
    "polls",
    metadata,
    Column("post_id", BigInteger, ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("multiple", Boolean, nullable=False),
    # No counts for anybody before the end.
    Column("hide_totals", Boolean, nullable=False, default=False),
    # When it closes, or closed; null for one without an end.
    Column("expires_at", Moment, index=True),
    # How many people voted; null where another server does not tell.
    Column("voters_count", Integer),
)

poll_options = Table(
    "poll_options",
    metadata,
    Column("post_id", BigInteger, ForeignKey("polls.post_id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("title", String(500), nullable=False),
    Column("votes_count", Integer, nullable=False, server_default="0"),
)

poll_votes = Table(
    "poll_votes",
    metadata,
    Column("post_id", BigInteger, ForeignKey("polls.post_id", ondelete="CASCADE"), primary_key=True),
    Column("actor_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True),
    # The option; in a poll with a single choice always -1, so that the key allows one vote for each person.
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Index("ix_poll_votes_actor", "actor_id"),
)

# Consents to quotes: those that we give, and those of others as fetched from their own ids.
quote_stamps = Table(
    "quote_stamps",
    metadata,
    Column("uri", String(2048), primary_key=True),
    Column("author_uri", String(2048), nullable=False),
    Column("quoting_uri", String(2048), nullable=False),
    Column("quoted_uri", String(2048), nullable=False),
    Column("created_at", Moment, nullable=False),
    Index("ix_quote_stamps_quoting", "quoting_uri"),
    Index("ix_quote_stamps_quoted", "quoted_uri"),
)

edits = Table(
    "edits",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("post_id", BigInteger, ForeignKey("posts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("content", Text, nullable=False),
    Column("spoiler_text", String(1000), nullable=False),
    Column("sensitive", Boolean, nullable=False),
    Column("media", JSON, nullable=False, default=list),
    # The answers that a poll had then; null where there was none.
    Column("poll", JSON(none_as_null=True)),
    Column("emojis", JSON, nullable=False, default=list),
    Column("created_at", Moment, nullable=False),
)

# What is to be published later. `draft` is what its author wrote; `failure` says why it could not be published.
scheduled_posts = Table(
    "scheduled_posts",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("author_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False),
    Column("scheduled_at", Moment, nullable=False),
    Column("draft", JSON, nullable=False),
    Column("idempotency_key", String(255)),
    Column("failure", String(500)),
    Column("created_at", Moment, nullable=False),
    # One's own, latest first, and how many there are on a day.
    Index("ix_scheduled_posts_author", "author_id", "id"),
)

# What somebody keeps at the head of their profile, here or as their server says: the `featured` collection.
pins = Table(
    "pins",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("actor_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False),
    Column("post_id", BigInteger, ForeignKey("posts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("actor_id", "post_id"),
)

# The hashtags that somebody shows on their profile: the `featuredTags` collection.
featured_tags = Table(
    "featured_tags",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("actor_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False),
    # Folded, as in `post_tags`; `display` is as it was written.
    Column("name", String(255), nullable=False),
    Column("display", String(255), nullable=False),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("actor_id", "name"),
)

# Direct posts as a member sees them: one row for each thread and circle of people in it.
conversations = Table(
    "conversations",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("owner_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False),
    Column("thread_id", BigInteger, nullable=False),
    # The others, and a digest of them that the unique key can hold.
    Column("people", JSON, nullable=False),
    Column("people_key", String(64), nullable=False),
    Column("last_post_id", BigInteger, nullable=False),
    Column("unread", Boolean, nullable=False, default=False),
    UniqueConstraint("owner_id", "thread_id", "people_key"),
    # A member's conversations, the one with the newest post first.
    Index("ix_conversations_owner", "owner_id", "last_post_id"),
    Index("ix_conversations_thread", "thread_id"),
)

conversation_posts = Table(
    "conversation_posts",
    metadata,
    Column(
        "conversation_id",
        BigInteger,
        ForeignKey("conversations.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("post_id", BigInteger, ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Index("ix_conversation_posts_post", "post_id"),
)
