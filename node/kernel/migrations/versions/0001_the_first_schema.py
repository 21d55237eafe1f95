# SPDX-License-Identifier: AGPL-3.0-or-later
"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this schema."""
    op.create_table(
        "activities",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("uri", sa.String(length=2048), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=2048), nullable=False),
        sa.Column("object", sa.String(length=2048), nullable=True),
        sa.Column("object_type", sa.String(length=64), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("local", sa.Boolean(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activities")),
        sa.UniqueConstraint("uri", "type", "actor", name=op.f("uq_activities_uri_type_actor")),
    )
    op.create_index("ix_activities_object", "activities", ["object", "type"], unique=False)
    op.create_index("ix_activities_outbox", "activities", ["actor", "local", "public", "id"], unique=False)
    op.create_table(
        "actors",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("uri", sa.String(length=2048), nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("username", sa.String(length=255), nullable=False),
        sa.Column("username_key", sa.String(length=255), nullable=False),
        sa.Column("domain", sa.String(length=253), server_default="", nullable=False),
        sa.Column("display_name", sa.String(length=255), server_default="", nullable=False),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("summary_source", sa.Text(), server_default="", nullable=False),
        sa.Column("url", sa.String(length=2048), nullable=False),
        sa.Column("inbox", sa.String(length=2048), nullable=False),
        sa.Column("shared_inbox", sa.String(length=2048), nullable=True),
        sa.Column("outbox", sa.String(length=2048), nullable=True),
        sa.Column("followers", sa.String(length=2048), nullable=True),
        sa.Column("following", sa.String(length=2048), nullable=True),
        sa.Column("featured", sa.String(length=2048), nullable=True),
        sa.Column("featured_tags", sa.String(length=2048), nullable=True),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("bot", sa.Boolean(), nullable=False),
        sa.Column("discoverable", sa.Boolean(), nullable=False),
        sa.Column("indexable", sa.Boolean(), nullable=False),
        sa.Column("memorial", sa.Boolean(), nullable=False),
        sa.Column("hide_collections", sa.Boolean(), nullable=False),
        sa.Column("show_media", sa.Boolean(), nullable=False),
        sa.Column("show_media_replies", sa.Boolean(), nullable=False),
        sa.Column("show_featured", sa.Boolean(), nullable=False),
        sa.Column("attribution_domains", sa.JSON(), nullable=False),
        sa.Column("avatar", sa.JSON(), nullable=True),
        sa.Column("header", sa.JSON(), nullable=True),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("emojis", sa.JSON(), nullable=False),
        sa.Column("also_known_as", sa.JSON(), nullable=False),
        sa.Column("moved_to", sa.String(length=2048), nullable=True),
        sa.Column("moved_at", sa.BigInteger(), nullable=True),
        sa.Column("class_year", sa.Integer(), nullable=True),
        sa.Column("school", sa.String(length=255), nullable=True),
        sa.Column("statuses_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("followers_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("following_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_status_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=True),
        sa.Column("suspended_at", sa.BigInteger(), nullable=True),
        sa.Column("suspended_elsewhere", sa.Boolean(), nullable=False),
        sa.Column("reach", sa.String(length=16), server_default="open", nullable=False),
        sa.Column("reach_since", sa.BigInteger(), nullable=True),
        sa.Column("public_profile", sa.JSON(), nullable=True),
        sa.Column("away_since", sa.BigInteger(), nullable=True),
        sa.Column("limited_at", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actors")),
        sa.UniqueConstraint("uri", name=op.f("uq_actors_uri")),
        sa.UniqueConstraint("username_key", "domain", name=op.f("uq_actors_username_key_domain")),
    )
    op.create_index("ix_actors_people", "actors", ["domain", "type", "class_year", "username_key"], unique=False)
    op.create_table(
        "announcements",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=True),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("all_day", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
    )
    op.create_table(
        "apps",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("website", sa.String(length=2048), nullable=True),
        sa.Column("redirect_uris", sa.JSON(), nullable=False),
        sa.Column("scopes", sa.String(length=1000), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_apps")),
        sa.UniqueConstraint("client_id", name=op.f("uq_apps_client_id")),
    )
    op.create_table(
        "attempts",
        sa.Column("bucket", sa.String(length=255), nullable=False),
        sa.Column("window", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "window", name=op.f("pk_attempts")),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("verb", sa.String(length=32), nullable=False),
        sa.Column("before", sa.String(length=64), nullable=False),
        sa.Column("after", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_actor", "audit", ["actor_id"], unique=False)
    op.create_index("ix_audit_subject", "audit", ["subject_id", "id"], unique=False)
    op.create_table(
        "blocked_domains",
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.Column("reason", sa.String(length=500), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("domain", name=op.f("pk_blocked_domains")),
    )
    op.create_table(
        "custom_emojis",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("shortcode", sa.String(length=40), nullable=False),
        sa.Column("category", sa.String(length=60), server_default="", nullable=False),
        sa.Column("visible_in_picker", sa.Boolean(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("file", sa.String(length=100), nullable=False),
        sa.Column("still", sa.String(length=100), nullable=False),
        sa.Column("mime", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custom_emojis")),
        sa.UniqueConstraint("shortcode", name=op.f("uq_custom_emojis_shortcode")),
    )
    op.create_table(
        "death_tips",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_death_tips")),
    )
    op.create_table(
        "dues_association",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("legal_name", sa.String(length=200), nullable=False),
        sa.Column("legal_address", sa.Text(), nullable=False),
        sa.Column("legal_details", sa.Text(), nullable=False),
        sa.Column("how_to_pay", sa.Text(), nullable=False),
        sa.Column("reminders", sa.JSON(), nullable=False),
        sa.Column("badges", sa.Boolean(), nullable=False),
        sa.Column("gifts_declared", sa.Boolean(), nullable=False),
        sa.Column("gifts_articles", sa.JSON(), nullable=False),
        sa.Column("gifts_basis", sa.Text(), nullable=False),
        sa.Column("gifts_signer", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dues_association")),
    )
    op.create_table(
        "dues_counters",
        sa.Column("series", sa.String(length=8), nullable=False),
        sa.Column("year", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", "year", name=op.f("pk_dues_counters")),
    )
    op.create_table(
        "dues_plans",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("for_whom", sa.String(length=300), nullable=False),
        sa.Column("price", sa.String(length=8), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("months", sa.SmallInteger(), nullable=False),
        sa.Column("begins_month", sa.SmallInteger(), nullable=False),
        sa.Column("begins_day", sa.SmallInteger(), nullable=False),
        sa.Column("rolls_month", sa.SmallInteger(), nullable=True),
        sa.Column("rolls_day", sa.SmallInteger(), nullable=True),
        sa.Column("grace_days", sa.SmallInteger(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("audience", sa.String(length=16), nullable=False),
        sa.Column("young_years", sa.SmallInteger(), nullable=False),
        sa.Column("benefits", sa.JSON(), nullable=False),
        sa.Column("active_from", sa.Date(), nullable=True),
        sa.Column("active_to", sa.Date(), nullable=True),
        sa.Column("gift", sa.Boolean(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dues_plans")),
    )
    op.create_table(
        "hidden_trends",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("ref", sa.String(length=255), nullable=False),
        sa.Column("display", sa.String(length=2048), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "ref", name=op.f("pk_hidden_trends")),
    )
    op.create_table(
        "hosts",
        sa.Column("domain", sa.String(length=261), nullable=False),
        sa.Column("signature", sa.String(length=16), nullable=True),
        sa.Column("signature_learnt_at", sa.BigInteger(), nullable=True),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("last_success_at", sa.BigInteger(), nullable=True),
        sa.Column("last_failure_at", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_error", sa.String(length=500), nullable=True),
        sa.Column("held_since", sa.BigInteger(), nullable=True),
        sa.Column("probes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("gone_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("domain", name=op.f("pk_hosts")),
    )
    op.create_index(op.f("ix_hosts_held_since"), "hosts", ["held_since"], unique=False)
    op.create_table(
        "instance_rules",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("hint", sa.Text(), server_default="", nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instance_rules")),
    )
    op.create_table(
        "instance_texts",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "day", name=op.f("pk_instance_texts")),
    )
    op.create_table(
        "lost_addresses",
        sa.Column("address_hash", sa.String(length=32), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("address_hash", name=op.f("pk_lost_addresses")),
    )
    op.create_table(
        "mail_refusals",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("address_hash", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_refusals")),
    )
    op.create_index("ix_mail_refusals_address", "mail_refusals", ["address_hash", "created_at"], unique=False)
    op.create_index("ix_mail_refusals_created_at", "mail_refusals", ["created_at"], unique=False)
    op.create_table(
        "passkey_challenges",
        sa.Column("challenge_hash", sa.String(length=64), nullable=False),
        sa.Column("ceremony", sa.String(length=16), nullable=False),
        sa.Column("bound_to", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("challenge_hash", name=op.f("pk_passkey_challenges")),
    )
    op.create_index(op.f("ix_passkey_challenges_created_at"), "passkey_challenges", ["created_at"], unique=False)
    op.create_table(
        "push_keys",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("public", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_keys")),
    )
    op.create_table(
        "quote_stamps",
        sa.Column("uri", sa.String(length=2048), nullable=False),
        sa.Column("author_uri", sa.String(length=2048), nullable=False),
        sa.Column("quoting_uri", sa.String(length=2048), nullable=False),
        sa.Column("quoted_uri", sa.String(length=2048), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("uri", name=op.f("pk_quote_stamps")),
    )
    op.create_index("ix_quote_stamps_quoted", "quote_stamps", ["quoted_uri"], unique=False)
    op.create_index("ix_quote_stamps_quoting", "quote_stamps", ["quoting_uri"], unique=False)
    op.create_table(
        "retired_usernames",
        sa.Column("username_key", sa.String(length=255), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("username_key", name=op.f("pk_retired_usernames")),
    )
    op.create_table(
        "revocations",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revocations")),
    )
    op.create_table(
        "roster_objections",
        sa.Column("person_hash", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_hash", name=op.f("pk_roster_objections")),
    )
    op.create_table(
        "schools",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("short_name", sa.String(length=40), server_default="", nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("city", sa.String(length=120), server_default="", nullable=False),
        sa.Column("country", sa.String(length=2), server_default="", nullable=False),
        sa.Column("website", sa.String(length=2048), server_default="", nullable=False),
        sa.Column("same_as", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schools")),
        sa.UniqueConstraint("name", name=op.f("uq_schools_name")),
        sa.UniqueConstraint("slug", name=op.f("uq_schools_slug")),
    )
    op.create_table(
        "staff_actions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("report_id", sa.BigInteger(), nullable=True),
        sa.Column("target_id", sa.BigInteger(), nullable=True),
        sa.Column("domain", sa.String(length=261), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_actions")),
        sa.UniqueConstraint("position", name=op.f("uq_staff_actions_position")),
    )
    op.create_index(op.f("ix_staff_actions_report_id"), "staff_actions", ["report_id"], unique=False)
    op.create_index(op.f("ix_staff_actions_target_id"), "staff_actions", ["target_id"], unique=False)
    op.create_table(
        "staff_chain",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_chain")),
    )
    op.create_table(
        "tasks",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("queue", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("lane", sa.String(length=255), server_default="", nullable=False),
        sa.Column("sequence", sa.String(length=255), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("run_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.Column("parked_at", sa.BigInteger(), nullable=True),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("last_error", sa.String(length=500), nullable=True),
        sa.Column("once", sa.String(length=255), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
        sa.UniqueConstraint("once", name=op.f("uq_tasks_once")),
    )
    op.create_index("ix_tasks_due", "tasks", ["queue", "parked_at", "held", "run_at", "id"], unique=False)
    op.create_index("ix_tasks_sequence", "tasks", ["queue", "lane", "sequence", "id"], unique=False)
    op.create_table(
        "tombstones",
        sa.Column("uri", sa.String(length=2048), nullable=False),
        sa.Column("actor", sa.String(length=2048), nullable=False),
        sa.Column("type", sa.String(length=64), server_default="", nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("uri", name=op.f("pk_tombstones")),
    )
    op.create_index("ix_tombstones_deleted_at", "tombstones", ["deleted_at"], unique=False)
    op.create_table(
        "trends",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("ref", sa.String(length=255), nullable=False),
        sa.Column("display", sa.String(length=2048), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("accounts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "ref", name=op.f("pk_trends")),
    )
    op.create_index("ix_trends_score", "trends", ["kind", "score"], unique=False)
    op.create_table(
        "access_log",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("viewer_id", sa.BigInteger(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["actors.id"], name=op.f("fk_access_log_subject_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["viewer_id"], ["actors.id"], name=op.f("fk_access_log_viewer_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_log")),
    )
    op.create_index("ix_access_log_subject", "access_log", ["subject_id", "id"], unique=False)
    op.create_index("ix_access_log_viewer", "access_log", ["viewer_id"], unique=False)
    op.create_table(
        "account_notes",
        sa.Column("owner_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["actors.id"], name=op.f("fk_account_notes_owner_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["actors.id"], name=op.f("fk_account_notes_subject_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("owner_id", "subject_id", name=op.f("pk_account_notes")),
    )
    op.create_index("ix_account_notes_subject", "account_notes", ["subject_id"], unique=False)
    op.create_table(
        "actor_keys",
        sa.Column("uri", sa.String(length=2048), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("algorithm", sa.String(length=16), nullable=False),
        sa.Column("public", sa.Text(), nullable=False),
        sa.Column("private", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_actor_keys_actor_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("uri", name=op.f("pk_actor_keys")),
    )
    op.create_index(op.f("ix_actor_keys_actor_id"), "actor_keys", ["actor_id"], unique=False)
    op.create_table(
        "blocks",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("blocker_id", sa.BigInteger(), nullable=False),
        sa.Column("blocked_id", sa.BigInteger(), nullable=False),
        sa.Column("uri", sa.String(length=2048), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["blocked_id"], ["actors.id"], name=op.f("fk_blocks_blocked_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["blocker_id"], ["actors.id"], name=op.f("fk_blocks_blocker_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocks")),
        sa.UniqueConstraint("blocker_id", "blocked_id", name=op.f("uq_blocks_blocker_id_blocked_id")),
    )
    op.create_index(op.f("ix_blocks_blocked_id"), "blocks", ["blocked_id"], unique=False)
    op.create_table(
        "consents",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("text_version", sa.String(length=10), nullable=False),
        sa.Column("how", sa.String(length=16), nullable=False),
        sa.Column("given_at", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["actors.id"], name=op.f("fk_consents_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index("ix_consents_person", "consents", ["person_id", "purpose", "withdrawn_at"], unique=False)
    op.create_table(
        "contact_choices",
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("link_visibility", sa.String(length=16), nullable=False),
        sa.Column("show_path_to_me", sa.String(length=16), nullable=False),
        sa.Column("accept_from", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["actors.id"], name=op.f("fk_contact_choices_member_id")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_contact_choices")),
    )
    op.create_table(
        "contact_data",
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("phone", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("birthday", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["actors.id"], name=op.f("fk_contact_data_member_id")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_contact_data")),
    )
    op.create_table(
        "contacts",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("low_id", sa.BigInteger(), nullable=False),
        sa.Column("high_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("requested_by", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("message", sa.String(length=500), nullable=False),
        sa.Column("how_met", sa.String(length=120), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("low_id < high_id", name=op.f("ck_contacts_ck_contacts_order")),
        sa.ForeignKeyConstraint(["high_id"], ["actors.id"], name=op.f("fk_contacts_high_id")),
        sa.ForeignKeyConstraint(["low_id"], ["actors.id"], name=op.f("fk_contacts_low_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
        sa.UniqueConstraint("low_id", "high_id", name="uq_contacts_pair"),
    )
    op.create_index("ix_contacts_high_id", "contacts", ["high_id"], unique=False)
    op.create_index("ix_contacts_state", "contacts", ["state", "asked_at"], unique=False)
    op.create_table(
        "conversations",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.Column("people_key", sa.String(length=64), nullable=False),
        sa.Column("last_post_id", sa.BigInteger(), nullable=False),
        sa.Column("unread", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["actors.id"], name=op.f("fk_conversations_owner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
        sa.UniqueConstraint(
            "owner_id", "thread_id", "people_key", name=op.f("uq_conversations_owner_id_thread_id_people_key")
        ),
    )
    op.create_index("ix_conversations_owner", "conversations", ["owner_id", "last_post_id"], unique=False)
    op.create_index("ix_conversations_thread", "conversations", ["thread_id"], unique=False)
    op.create_table(
        "deaths",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reported_by", sa.BigInteger(), nullable=True),
        sa.Column("reported_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("removal_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["actors.id"], name=op.f("fk_deaths_decided_by"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["member_id"], ["actors.id"], name=op.f("fk_deaths_member_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["reported_by"], ["actors.id"], name=op.f("fk_deaths_reported_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deaths")),
    )
    op.create_index(op.f("ix_deaths_member_id"), "deaths", ["member_id"], unique=False)
    op.create_index(op.f("ix_deaths_removal_at"), "deaths", ["removal_at"], unique=False)
    op.create_index(op.f("ix_deaths_reported_by"), "deaths", ["reported_by"], unique=False)
    op.create_index("ix_deaths_state", "deaths", ["state", "id"], unique=False)
    op.create_table(
        "departures",
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("leaves_roster", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["actors.id"], name=op.f("fk_departures_member_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_departures")),
    )
    op.create_index(op.f("ix_departures_due_at"), "departures", ["due_at"], unique=False)
    op.create_table(
        "digests",
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("frequency", sa.String(length=8), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("seen_until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["actors.id"], name=op.f("fk_digests_member_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_digests")),
    )
    op.create_index("ix_digests_next_at", "digests", ["next_at"], unique=False)
    op.create_table(
        "directory_people",
        sa.Column("actor_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.Column("class_year", sa.Integer(), nullable=True),
        sa.Column(
            "class_key",
            sa.String(length=264).with_variant(sa.String(length=264, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "sort_key",
            sa.String(length=128).with_variant(sa.String(length=128, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["actors.id"], name=op.f("fk_directory_people_actor_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("actor_id", name=op.f("pk_directory_people")),
    )
    op.create_index("ix_directory_people_class", "directory_people", ["class_key", "since"], unique=False)
    op.create_index(
        "ix_directory_people_order", "directory_people", ["class_year", "sort_key", "actor_id", "listed"], unique=False
    )
    op.create_table(
        "directory_values",
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column(
            "value_key",
            sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("label", sa.String(length=255), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column(
            "class_key",
            sa.String(length=264).with_variant(sa.String(length=264, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["actors.id"], name=op.f("fk_directory_values_actor_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("actor_id", "kind", "value_key", name=op.f("pk_directory_values")),
    )
    op.create_index(
        "ix_directory_values_value",
        "directory_values",
        ["kind", "value_key", "level", "class_key", "actor_id"],
        unique=False,
    )
    op.create_table(
        "directory_watches",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column(
            "value_key",
            sa.String(length=264).with_variant(sa.String(length=264, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("label", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["actors.id"], name=op.f("fk_directory_watches_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_watches")),
        sa.UniqueConstraint("member_id", "kind", "value_key", name="uq_directory_watches_value"),
    )
    op.create_table(
        "directory_words",
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column(
            "word", sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column(
            "backwards",
            sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "sound",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column(
            "class_key",
            sa.String(length=264).with_variant(sa.String(length=264, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["actors.id"], name=op.f("fk_directory_words_actor_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("actor_id", "kind", "word", name=op.f("pk_directory_words")),
    )
    op.create_index("ix_directory_words_backwards", "directory_words", ["backwards", "word"], unique=False)
    op.create_index("ix_directory_words_sound", "directory_words", ["sound", "word"], unique=False)
    op.create_index(
        "ix_directory_words_word", "directory_words", ["word", "level", "class_key", "actor_id", "kind"], unique=False
    )
    op.create_table(
        "dismissed_suggestions",
        sa.Column("owner_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["actors.id"], name=op.f("fk_dismissed_suggestions_owner_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["actors.id"], name=op.f("fk_dismissed_suggestions_subject_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("owner_id", "subject_id", name=op.f("pk_dismissed_suggestions")),
    )
    op.create_index("ix_dismissed_suggestions_subject", "dismissed_suggestions", ["subject_id"], unique=False)
    op.create_table(
        "domain_blocks",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["actors.id"], name=op.f("fk_domain_blocks_owner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_domain_blocks")),
        sa.UniqueConstraint("owner_id", "domain", name=op.f("uq_domain_blocks_owner_id_domain")),
    )
    op.create_table(
        "dues_couples",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("partner_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("agreed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["actors.id"], name=op.f("fk_dues_couples_partner_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["actors.id"], name=op.f("fk_dues_couples_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_dues_couples")),
    )
    op.create_index("ix_dues_couples_partner_id", "dues_couples", ["partner_id"], unique=False)
    op.create_table(
        "dues_memberships",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("plan_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("paid_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["actors.id"], name=op.f("fk_dues_memberships_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["dues_plans.id"], name=op.f("fk_dues_memberships_plan_id")),
        sa.PrimaryKeyConstraint("person_id", "plan_id", name=op.f("pk_dues_memberships")),
    )
    op.create_index("ix_dues_memberships_paid_until", "dues_memberships", ["paid_until"], unique=False)
    op.create_index("ix_dues_memberships_plan_id", "dues_memberships", ["plan_id"], unique=False)
    op.create_table(
        "dues_payments",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("partner_id", sa.BigInteger(), nullable=True),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(length=140), nullable=False),
        sa.Column("bank_line", sa.String(length=64), nullable=True),
        sa.Column("declared", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("covers_from", sa.Date(), nullable=True),
        sa.Column("covers_to", sa.Date(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["actors.id"], name=op.f("fk_dues_payments_decided_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["actors.id"], name=op.f("fk_dues_payments_partner_id")),
        sa.ForeignKeyConstraint(["person_id"], ["actors.id"], name=op.f("fk_dues_payments_person_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["dues_plans.id"], name=op.f("fk_dues_payments_plan_id")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["actors.id"], name=op.f("fk_dues_payments_recorded_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dues_payments")),
        sa.UniqueConstraint("bank_line", name=op.f("uq_dues_payments_bank_line")),
    )
    op.create_index("ix_dues_payments_paid_on", "dues_payments", ["paid_on"], unique=False)
    op.create_index("ix_dues_payments_partner_id", "dues_payments", ["partner_id"], unique=False)
    op.create_index("ix_dues_payments_person_id", "dues_payments", ["person_id"], unique=False)
    op.create_index(op.f("ix_dues_payments_plan_id"), "dues_payments", ["plan_id"], unique=False)
    op.create_index("ix_dues_payments_state", "dues_payments", ["state", "created_at"], unique=False)
    op.create_table(
        "dues_people",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("receipt_name", sa.String(length=120), nullable=False),
        sa.Column("receipt_address", sa.String(length=500), nullable=False),
        sa.Column("exempt", sa.Boolean(), nullable=False),
        sa.Column("exempt_since", sa.Date(), nullable=True),
        sa.Column("exempt_until", sa.Date(), nullable=True),
        sa.Column("exempt_reason", sa.String(length=300), nullable=False),
        sa.Column("ended", sa.String(length=16), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("no_reminders_until", sa.Date(), nullable=True),
        sa.Column("reminded_for", sa.Date(), nullable=True),
        sa.Column("reminded_step", sa.Integer(), nullable=True),
        sa.Column("badge", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["actors.id"], name=op.f("fk_dues_people_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_dues_people")),
    )
    op.create_table(
        "endorsements",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("endorser_id", sa.BigInteger(), nullable=False),
        sa.Column("endorsed_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["endorsed_id"], ["actors.id"], name=op.f("fk_endorsements_endorsed_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["endorser_id"], ["actors.id"], name=op.f("fk_endorsements_endorser_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endorsements")),
        sa.UniqueConstraint("endorser_id", "endorsed_id", name=op.f("uq_endorsements_endorser_id_endorsed_id")),
    )
    op.create_index(op.f("ix_endorsements_endorsed_id"), "endorsements", ["endorsed_id"], unique=False)
    op.create_table(
        "erasures",
        sa.Column("actor_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_erasures_actor_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("actor_id", name=op.f("pk_erasures")),
    )
    op.create_index(op.f("ix_erasures_at"), "erasures", ["at"], unique=False)
    op.create_table(
        "exports",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("file", sa.String(length=40), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("ready_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["actors.id"], name=op.f("fk_exports_member_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
    )
    op.create_index(op.f("ix_exports_member_id"), "exports", ["member_id"], unique=False)
    op.create_table(
        "featured_tags",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("display", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["actors.id"], name=op.f("fk_featured_tags_actor_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_featured_tags")),
        sa.UniqueConstraint("actor_id", "name", name=op.f("uq_featured_tags_actor_id_name")),
    )
    op.create_table(
        "filters",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(length=256), nullable=False),
        sa.Column("context", sa.JSON(), nullable=False),
        sa.Column("action", sa.String(length=8), nullable=False),
        sa.Column("irreversible", sa.Boolean(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("action IN ('warn', 'hide', 'blur')", name=op.f("ck_filters_action")),
        sa.ForeignKeyConstraint(["owner_id"], ["actors.id"], name=op.f("fk_filters_owner_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filters")),
    )
    op.create_index(op.f("ix_filters_expires_at"), "filters", ["expires_at"], unique=False)
    op.create_index(op.f("ix_filters_owner_id"), "filters", ["owner_id"], unique=False)
    op.create_table(
        "followed_tags",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("display", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["actors.id"], name=op.f("fk_followed_tags_owner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_followed_tags")),
        sa.UniqueConstraint("owner_id", "name", name=op.f("uq_followed_tags_owner_id_name")),
    )
    op.create_index("ix_followed_tags_name", "followed_tags", ["name", "owner_id"], unique=False)
    op.create_index("ix_followed_tags_owner", "followed_tags", ["owner_id", "id"], unique=False)
    op.create_table(
        "follows",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("follower_id", sa.BigInteger(), nullable=False),
        sa.Column("followee_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("uri", sa.String(length=2048), nullable=False),
        sa.Column("show_boosts", sa.Boolean(), nullable=False),
        sa.Column("notify", sa.Boolean(), nullable=False),
        sa.Column("languages", sa.String(length=255), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('pending', 'accepted')", name=op.f("ck_follows_state")),
        sa.ForeignKeyConstraint(
            ["followee_id"], ["actors.id"], name=op.f("fk_follows_followee_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["follower_id"], ["actors.id"], name=op.f("fk_follows_follower_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follows")),
        sa.UniqueConstraint("follower_id", "followee_id", name=op.f("uq_follows_follower_id_followee_id")),
    )
    op.create_index("ix_follows_followee", "follows", ["followee_id", "state", "id"], unique=False)
    op.create_index("ix_follows_follower", "follows", ["follower_id", "state", "id"], unique=False)
    op.create_index(op.f("ix_follows_uri"), "follows", ["uri"], unique=False)
    op.create_table(
        "home_entries",
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("post_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.String(length=255), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["actors.id"], name=op.f("fk_home_entries_owner_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("owner_id", "post_id", name=op.f("pk_home_entries")),
    )
    op.create_index("ix_home_entries_author", "home_entries", ["owner_id", "author_id"], unique=False)
    op.create_index("ix_home_entries_post", "home_entries", ["post_id"], unique=False)
    op.create_table(
        "invitations",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("class_year", sa.Integer(), nullable=True),
        sa.Column("school", sa.String(length=255), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("max_uses", sa.Integer(), server_default="1", nullable=False),
        sa.Column("uses", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["actors.id"], name=op.f("fk_invitations_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
    )
    op.create_index("ix_invitations_created_by", "invitations", ["created_by"], unique=False)
    op.create_index("ix_invitations_state", "invitations", ["state", "expires_at"], unique=False)
    op.create_table(
        "lists",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(length=256), nullable=False),
        sa.Column("replies_policy", sa.String(length=16), nullable=False),
        sa.Column("exclusive", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("replies_policy IN ('followed', 'list', 'none')", name=op.f("ck_lists_replies_policy")),
        sa.ForeignKeyConstraint(["owner_id"], ["actors.id"], name=op.f("fk_lists_owner_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lists")),
    )
    op.create_index("ix_lists_owner", "lists", ["owner_id", "id"], unique=False)
    op.create_table(
        "mail_choices",
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("content", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["actors.id"], name=op.f("fk_mail_choices_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_mail_choices")),
    )
    op.create_table(
        "markers",
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("timeline", sa.String(length=16), nullable=False),
        sa.Column("last_read_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["actors.id"], name=op.f("fk_markers_owner_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("owner_id", "timeline", name=op.f("pk_markers")),
    )
    op.create_table(
        "media",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("mime", sa.String(length=100), nullable=False),
        sa.Column("file", sa.String(length=100), nullable=True),
        sa.Column("preview", sa.String(length=100), nullable=True),
        sa.Column("remote_url", sa.String(length=2048), nullable=True),
        sa.Column("description", sa.String(length=1500), server_default="", nullable=False),
        sa.Column("blurhash", sa.String(length=100), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("preview_width", sa.Integer(), nullable=True),
        sa.Column("preview_height", sa.Integer(), nullable=True),
        sa.Column("focus_x", sa.Float(), nullable=True),
        sa.Column("focus_y", sa.Float(), nullable=True),
        sa.Column("size", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.String(length=16), server_default="ready", nullable=False),
        sa.Column("raw", sa.String(length=100), nullable=True),
        sa.Column("details", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["actors.id"], name=op.f("fk_media_owner_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media")),
    )
    op.create_index("ix_media_owner", "media", ["owner_id"], unique=False)
    op.create_index(op.f("ix_media_post_id"), "media", ["post_id"], unique=False)
    op.create_index("ix_media_unattached", "media", ["post_id", "created_at"], unique=False)
    op.create_table(
        "members",
        sa.Column("actor_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_key", sa.String(length=254), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("locale", sa.String(length=8), server_default="en", nullable=False),
        sa.Column("timezone", sa.String(length=64), server_default="UTC", nullable=False),
        sa.Column("default_visibility", sa.String(length=16), server_default="public", nullable=False),
        sa.Column("default_sensitive", sa.Boolean(), nullable=False),
        sa.Column("default_language", sa.String(length=16), nullable=True),
        sa.Column("default_quote_policy", sa.String(length=16), server_default="public", nullable=False),
        sa.Column("expand_media", sa.String(length=16), server_default="default", nullable=False),
        sa.Column("expand_spoilers", sa.Boolean(), nullable=False),
        sa.Column("autoplay_gifs", sa.Boolean(), nullable=False),
        sa.Column("invited_by", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("approved_at", sa.BigInteger(), nullable=True),
        sa.Column("announced_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("signed_up_with", sa.BigInteger(), nullable=True),
        sa.Column("suspended_at", sa.BigInteger(), nullable=True),
        sa.Column("adult_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_members_actor_id")),
        sa.ForeignKeyConstraint(["invited_by"], ["actors.id"], name=op.f("fk_members_invited_by")),
        sa.PrimaryKeyConstraint("actor_id", name=op.f("pk_members")),
        sa.UniqueConstraint("email_key", name=op.f("uq_members_email_key")),
    )
    op.create_index(op.f("ix_members_adult_on"), "members", ["adult_on"], unique=False)
    op.create_index("ix_members_waiting", "members", ["approved_at", "confirmed_at"], unique=False)
    op.create_table(
        "memorial_wishes",
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("wish", sa.String(length=16), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["actors.id"], name=op.f("fk_memorial_wishes_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_memorial_wishes")),
    )
    op.create_table(
        "muted_threads",
        sa.Column("owner_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("thread_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["actors.id"], name=op.f("fk_muted_threads_owner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("owner_id", "thread_id", name=op.f("pk_muted_threads")),
    )
    op.create_index("ix_muted_threads_thread", "muted_threads", ["thread_id"], unique=False)
    op.create_table(
        "mutes",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("muter_id", sa.BigInteger(), nullable=False),
        sa.Column("muted_id", sa.BigInteger(), nullable=False),
        sa.Column("notifications", sa.Boolean(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["muted_id"], ["actors.id"], name=op.f("fk_mutes_muted_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["muter_id"], ["actors.id"], name=op.f("fk_mutes_muter_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mutes")),
        sa.UniqueConstraint("muter_id", "muted_id", name=op.f("uq_mutes_muter_id_muted_id")),
    )
    op.create_index(op.f("ix_mutes_expires_at"), "mutes", ["expires_at"], unique=False)
    op.create_index(op.f("ix_mutes_muted_id"), "mutes", ["muted_id"], unique=False)
    op.create_table(
        "notices",
        sa.Column("about", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["actors.id"], name=op.f("fk_notices_member_id")),
        sa.PrimaryKeyConstraint("about", "member_id", name=op.f("pk_notices")),
    )
    op.create_index("ix_notices_member_id", "notices", ["member_id"], unique=False)
    op.create_index("ix_notices_until", "notices", ["until"], unique=False)
    op.create_table(
        "notification_permissions",
        sa.Column("owner_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("from_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["from_id"], ["actors.id"], name=op.f("fk_notification_permissions_from_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["actors.id"], name=op.f("fk_notification_permissions_owner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("owner_id", "from_id", name=op.f("pk_notification_permissions")),
    )
    op.create_table(
        "notification_policies",
        sa.Column("owner_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("not_following", sa.String(length=8), nullable=False),
        sa.Column("not_followers", sa.String(length=8), nullable=False),
        sa.Column("new_accounts", sa.String(length=8), nullable=False),
        sa.Column("private_mentions", sa.String(length=8), nullable=False),
        sa.Column("limited_accounts", sa.String(length=8), nullable=False),
        sa.Column("push_private", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "limited_accounts IN ('accept', 'filter', 'drop')", name=op.f("ck_notification_policies_limited_accounts")
        ),
        sa.CheckConstraint(
            "new_accounts IN ('accept', 'filter', 'drop')", name=op.f("ck_notification_policies_new_accounts")
        ),
        sa.CheckConstraint(
            "not_followers IN ('accept', 'filter', 'drop')", name=op.f("ck_notification_policies_not_followers")
        ),
        sa.CheckConstraint(
            "not_following IN ('accept', 'filter', 'drop')", name=op.f("ck_notification_policies_not_following")
        ),
        sa.CheckConstraint(
            "private_mentions IN ('accept', 'filter', 'drop')", name=op.f("ck_notification_policies_private_mentions")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["actors.id"], name=op.f("fk_notification_policies_owner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("owner_id", name=op.f("pk_notification_policies")),
    )
    op.create_table(
        "notification_requests",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("from_id", sa.BigInteger(), nullable=False),
        sa.Column("last_post_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["from_id"], ["actors.id"], name=op.f("fk_notification_requests_from_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["actors.id"], name=op.f("fk_notification_requests_owner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_requests")),
        sa.UniqueConstraint("owner_id", "from_id", name=op.f("uq_notification_requests_owner_id_from_id")),
    )
    op.create_index(
        op.f("ix_notification_requests_last_post_id"), "notification_requests", ["last_post_id"], unique=False
    )
    op.create_index("ix_notification_requests_owner", "notification_requests", ["owner_id", "id"], unique=False)
    op.create_table(
        "notifications",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("from_id", sa.BigInteger(), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=True),
        sa.Column("report_id", sa.BigInteger(), nullable=True),
        sa.Column("details", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("once", sa.String(length=255), nullable=False),
        sa.Column("group_key", sa.String(length=64), nullable=True),
        sa.Column("filtered", sa.Boolean(), nullable=False),
        sa.Column("read", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["from_id"], ["actors.id"], name=op.f("fk_notifications_from_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["actors.id"], name=op.f("fk_notifications_owner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notifications_from", "notifications", ["owner_id", "from_id", "id"], unique=False)
    op.create_index("ix_notifications_group", "notifications", ["owner_id", "group_key", "id"], unique=False)
    op.create_index("ix_notifications_owner", "notifications", ["owner_id", "id"], unique=False)
    op.create_index("ix_notifications_post", "notifications", ["post_id"], unique=False)
    op.create_index("uq_notifications_once", "notifications", ["owner_id", "once"], unique=True)
    op.create_table(
        "partners",
        sa.Column("actor_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("origin", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_partners_actor_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("actor_id", name=op.f("pk_partners")),
    )
    op.create_table(
        "past_recipients",
        sa.Column("actor_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("inbox", sa.String(length=2048), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["actors.id"], name=op.f("fk_past_recipients_actor_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("actor_id", "inbox", name=op.f("pk_past_recipients")),
    )
    op.create_table(
        "posts",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("uri", sa.String(length=2048), nullable=False),
        sa.Column("url", sa.String(length=2048), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("local", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("visibility", sa.String(length=16), nullable=False),
        sa.Column("circle", sa.String(length=16), nullable=True),
        sa.Column("circle_year", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=500), server_default="", nullable=False),
        sa.Column("content", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("spoiler_text", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("sensitive", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("in_reply_to_id", sa.BigInteger(), nullable=True),
        sa.Column("in_reply_to_uri", sa.String(length=2048), nullable=True),
        sa.Column("in_reply_to_author_id", sa.BigInteger(), nullable=True),
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
        sa.Column("context", sa.String(length=2048), nullable=True),
        sa.Column("boost_of_id", sa.BigInteger(), nullable=True),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("emojis", sa.JSON(), nullable=False),
        sa.Column("quote_uri", sa.String(length=2048), nullable=True),
        sa.Column("quote_of_id", sa.BigInteger(), nullable=True),
        sa.Column("quote_state", sa.String(length=16), nullable=True),
        sa.Column("quote_stamp", sa.String(length=2048), nullable=True),
        sa.Column("reply_policy", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("quote_policy", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("quote_manual", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("card", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("card_author_id", sa.BigInteger(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=True),
        sa.Column("app_name", sa.String(length=120), nullable=True),
        sa.Column("app_website", sa.String(length=2048), nullable=True),
        sa.Column("replies_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("boosts_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("favourites_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("quotes_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("edited_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("circle IS NULL OR visibility = 'private'", name=op.f("ck_posts_circle")),
        sa.CheckConstraint(
            "visibility IN ('public', 'unlisted', 'private', 'direct')", name=op.f("ck_posts_visibility")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["actors.id"], name=op.f("fk_posts_author_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["boost_of_id"], ["posts.id"], name=op.f("fk_posts_boost_of_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["card_author_id"], ["actors.id"], name=op.f("fk_posts_card_author_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["in_reply_to_author_id"], ["actors.id"], name=op.f("fk_posts_in_reply_to_author_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["in_reply_to_id"], ["posts.id"], name=op.f("fk_posts_in_reply_to_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["quote_of_id"], ["posts.id"], name=op.f("fk_posts_quote_of_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
        sa.UniqueConstraint("author_id", "boost_of_id", name=op.f("uq_posts_author_id_boost_of_id")),
        sa.UniqueConstraint("uri", name=op.f("uq_posts_uri")),
    )
    op.create_index("ix_posts_author", "posts", ["author_id", "id"], unique=False)
    op.create_index(op.f("ix_posts_boost_of_id"), "posts", ["boost_of_id"], unique=False)
    op.create_index(op.f("ix_posts_in_reply_to_id"), "posts", ["in_reply_to_id"], unique=False)
    op.create_index(op.f("ix_posts_in_reply_to_uri"), "posts", ["in_reply_to_uri"], unique=False)
    op.create_index("ix_posts_public", "posts", ["visibility", "local", "id"], unique=False)
    op.create_index(op.f("ix_posts_quote_of_id"), "posts", ["quote_of_id"], unique=False)
    op.create_index(op.f("ix_posts_quote_uri"), "posts", ["quote_uri"], unique=False)
    op.create_index(op.f("ix_posts_thread_id"), "posts", ["thread_id"], unique=False)
    op.create_table(
        "previews",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("url", sa.String(length=2048), nullable=False),
        sa.Column("host", sa.String(length=255), server_default="", nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("card", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("file", sa.String(length=100), nullable=True),
        sa.Column("picture_url", sa.String(length=2048), nullable=True),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("fetched_at", sa.BigInteger(), nullable=True),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["actors.id"], name=op.f("fk_previews_author_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_previews")),
        sa.UniqueConstraint("key", name=op.f("uq_previews_key")),
    )
    op.create_index(op.f("ix_previews_author_id"), "previews", ["author_id"], unique=False)
    op.create_index("ix_previews_host", "previews", ["host", "state", "next_at"], unique=False)
    op.create_table(
        "profile_entries",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=True),
        sa.Column("valid_until", sa.BigInteger(), nullable=True),
        sa.Column("published_at", sa.BigInteger(), nullable=True),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.Column("renewals", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("story", sa.String(length=400), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("level BETWEEN 0 AND 5", name=op.f("ck_profile_entries_ck_profile_entries_level")),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_profile_entries_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profile_entries")),
    )
    op.create_index("ix_profile_entries_actor", "profile_entries", ["actor_id", "kind", "position"], unique=False)
    op.create_index("ix_profile_entries_state", "profile_entries", ["kind", "state", "valid_until"], unique=False)
    op.create_index("ix_profile_entries_valid_until", "profile_entries", ["valid_until"], unique=False)
    op.create_table(
        "profiles",
        sa.Column("actor_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("listed_to", sa.String(length=16), nullable=True),
        sa.Column("federation_mode", sa.String(length=16), nullable=True),
        sa.Column("given_name", sa.String(length=60), server_default="", nullable=False),
        sa.Column("given_name_level", sa.SmallInteger(), server_default="3", nullable=False),
        sa.Column("family_name", sa.String(length=60), server_default="", nullable=False),
        sa.Column("family_name_level", sa.SmallInteger(), server_default="3", nullable=False),
        sa.Column("birth_family_name", sa.String(length=60), server_default="", nullable=False),
        sa.Column("birth_family_name_level", sa.SmallInteger(), server_default="2", nullable=False),
        sa.Column("other_names", sa.JSON(), nullable=False),
        sa.Column("other_names_level", sa.SmallInteger(), server_default="2", nullable=False),
        sa.Column("name_pronunciation", sa.String(length=60), server_default="", nullable=False),
        sa.Column("name_pronunciation_level", sa.SmallInteger(), server_default="3", nullable=False),
        sa.Column("pronouns", sa.String(length=60), server_default="", nullable=False),
        sa.Column("pronouns_level", sa.SmallInteger(), server_default="3", nullable=False),
        sa.Column("headline", sa.String(length=120), server_default="", nullable=False),
        sa.Column("headline_level", sa.SmallInteger(), server_default="3", nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("languages_level", sa.SmallInteger(), server_default="3", nullable=False),
        sa.Column("city", sa.String(length=80), server_default="", nullable=False),
        sa.Column("country", sa.String(length=2), server_default="", nullable=False),
        sa.Column("location_level", sa.SmallInteger(), server_default="3", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_profiles_actor_id")),
        sa.PrimaryKeyConstraint("actor_id", name=op.f("pk_profiles")),
    )
    op.create_table(
        "programmes",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("degree", sa.String(length=16), nullable=False),
        sa.Column("first_year", sa.Integer(), nullable=True),
        sa.Column("last_year", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["school_id"], ["schools.id"], name=op.f("fk_programmes_school_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programmes")),
        sa.UniqueConstraint("school_id", "name", name="uq_programmes_name"),
    )
    op.create_table(
        "proposed_deletions",
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("proposed_by", sa.BigInteger(), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["actors.id"], name=op.f("fk_proposed_deletions_member_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["actors.id"], name=op.f("fk_proposed_deletions_proposed_by"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_proposed_deletions")),
    )
    op.create_table(
        "recipients",
        sa.Column("actor_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("activity_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.id"], name=op.f("fk_recipients_activity_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_recipients_actor_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("actor_id", "activity_id", name=op.f("pk_recipients")),
    )
    op.create_index(op.f("ix_recipients_activity_id"), "recipients", ["activity_id"], unique=False)
    op.create_table(
        "reports",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("uri", sa.String(length=2048), nullable=False),
        sa.Column("reporter_id", sa.BigInteger(), nullable=True),
        sa.Column("host", sa.String(length=261), server_default="", nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.Column("posts", sa.JSON(), nullable=False),
        sa.Column("rule_ids", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("category", sa.String(length=16), server_default="other", nullable=False),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.Column("forwarded", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), server_default="open", nullable=False),
        sa.Column("taken_by", sa.BigInteger(), nullable=True),
        sa.Column("resolved_at", sa.BigInteger(), nullable=True),
        sa.Column("resolved_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["reporter_id"], ["actors.id"], name=op.f("fk_reports_reporter_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["resolved_by"], ["actors.id"], name=op.f("fk_reports_resolved_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["taken_by"], ["actors.id"], name=op.f("fk_reports_taken_by"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["target_id"], ["actors.id"], name=op.f("fk_reports_target_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("uri", name=op.f("uq_reports_uri")),
    )
    op.create_index("ix_reports_host", "reports", ["host", "created_at"], unique=False)
    op.create_index("ix_reports_open", "reports", ["resolved_at", "id"], unique=False)
    op.create_index(op.f("ix_reports_reporter_id"), "reports", ["reporter_id"], unique=False)
    op.create_index(op.f("ix_reports_target_id"), "reports", ["target_id"], unique=False)
    op.create_table(
        "roster_claims",
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("given_name", sa.String(length=60), nullable=False),
        sa.Column("family_name", sa.String(length=60), nullable=False),
        sa.Column("class_year", sa.Integer(), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("student_number", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["actors.id"], name=op.f("fk_roster_claims_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_roster_claims")),
    )
    op.create_table(
        "roster_entries",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source_id", sa.String(length=64), nullable=False),
        sa.Column("family_name", sa.String(length=60), nullable=False),
        sa.Column("birth_family_name", sa.String(length=60), nullable=False),
        sa.Column("given_name", sa.String(length=60), nullable=False),
        sa.Column("other_names", sa.JSON(), nullable=False),
        sa.Column("names_key", sa.String(length=255), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("emails", sa.JSON(), nullable=False),
        sa.Column("deceased", sa.Boolean(), nullable=False),
        sa.Column("deceased_on", sa.Date(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("objected", sa.Boolean(), nullable=False),
        sa.Column("claimed_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["claimed_by"], ["actors.id"], name=op.f("fk_roster_entries_claimed_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_entries")),
        sa.UniqueConstraint("claimed_by", name=op.f("uq_roster_entries_claimed_by")),
    )
    op.create_index("ix_roster_entries_birth_date", "roster_entries", ["birth_date"], unique=False)
    op.create_index("ix_roster_entries_names_key", "roster_entries", ["names_key"], unique=False)
    op.create_index("ix_roster_entries_source_id", "roster_entries", ["source_id"], unique=False)
    op.create_table(
        "roster_imports",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("file", sa.LargeBinary(), nullable=True),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["actors.id"], name=op.f("fk_roster_imports_actor_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_imports")),
    )
    op.create_index(op.f("ix_roster_imports_actor_id"), "roster_imports", ["actor_id"], unique=False)
    op.create_index("ix_roster_imports_state", "roster_imports", ["state"], unique=False)
    op.create_table(
        "roster_summaries",
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["actors.id"], name=op.f("fk_roster_summaries_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_roster_summaries")),
    )
    op.create_table(
        "scheduled_posts",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("scheduled_at", sa.BigInteger(), nullable=False),
        sa.Column("draft", sa.JSON(), nullable=False),
        sa.Column("idempotency_key", sa.String(length=255), nullable=True),
        sa.Column("failure", sa.String(length=500), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["actors.id"], name=op.f("fk_scheduled_posts_author_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduled_posts")),
    )
    op.create_index("ix_scheduled_posts_author", "scheduled_posts", ["author_id", "id"], unique=False)
    op.create_table(
        "severed",
        sa.Column("event_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("followers", sa.Integer(), nullable=False),
        sa.Column("following", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["actors.id"], name=op.f("fk_severed_owner_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("event_id", "owner_id", name=op.f("pk_severed")),
    )
    op.create_table(
        "staff_exports",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["actors.id"], name=op.f("fk_staff_exports_by_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_exports")),
    )
    op.create_index(op.f("ix_staff_exports_by_id"), "staff_exports", ["by_id"], unique=False)
    op.create_table(
        "verifications",
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("appealed", sa.Boolean(), nullable=False),
        sa.Column("method", sa.String(length=16), server_default="", nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=500), server_default="", nullable=False),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("to_classmates", sa.Boolean(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["actors.id"], name=op.f("fk_verifications_decided_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["actors.id"], name=op.f("fk_verifications_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_verifications")),
        sa.UniqueConstraint("code", name=op.f("uq_verifications_code")),
    )
    op.create_index(op.f("ix_verifications_decided_by"), "verifications", ["decided_by"], unique=False)
    op.create_index("ix_verifications_state", "verifications", ["state", "since"], unique=False)
    op.create_table(
        "vouches",
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("by_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("how_known", sa.String(length=16), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("same_class", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["actors.id"], name=op.f("fk_vouches_by_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["member_id"], ["actors.id"], name=op.f("fk_vouches_member_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("member_id", "by_id", name=op.f("pk_vouches")),
    )
    op.create_index("ix_vouches_by_id", "vouches", ["by_id", "created_at"], unique=False)
    op.create_table(
        "announcement_dismissals",
        sa.Column("announcement_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcements.id"],
            name=op.f("fk_announcement_dismissals_announcement_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.actor_id"], name=op.f("fk_announcement_dismissals_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("announcement_id", "member_id", name=op.f("pk_announcement_dismissals")),
    )
    op.create_index(
        op.f("ix_announcement_dismissals_member_id"), "announcement_dismissals", ["member_id"], unique=False
    )
    op.create_table(
        "announcement_reactions",
        sa.Column("announcement_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcements.id"],
            name=op.f("fk_announcement_reactions_announcement_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.actor_id"], name=op.f("fk_announcement_reactions_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("announcement_id", "name", "member_id", name=op.f("pk_announcement_reactions")),
    )
    op.create_index(op.f("ix_announcement_reactions_member_id"), "announcement_reactions", ["member_id"], unique=False)
    op.create_table(
        "authenticators",
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.actor_id"], name=op.f("fk_authenticators_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_authenticators")),
    )
    op.create_table(
        "bookmarks",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_bookmarks_actor_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_bookmarks_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookmarks")),
        sa.UniqueConstraint("actor_id", "post_id", name=op.f("uq_bookmarks_actor_id_post_id")),
    )
    op.create_index("ix_bookmarks_actor", "bookmarks", ["actor_id", "id"], unique=False)
    op.create_index(op.f("ix_bookmarks_post_id"), "bookmarks", ["post_id"], unique=False)
    op.create_table(
        "codes",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("scopes", sa.String(length=1000), nullable=False),
        sa.Column("challenge", sa.String(length=128), nullable=True),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_codes_app_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.actor_id"], name=op.f("fk_codes_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_codes")),
    )
    op.create_table(
        "contact_sides",
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("grants", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("muted", sa.Boolean(), nullable=False),
        sa.Column("last_contact", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_contact_sides_contact_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["actors.id"], name=op.f("fk_contact_sides_owner_id")),
        sa.PrimaryKeyConstraint("contact_id", "owner_id", name=op.f("pk_contact_sides")),
    )
    op.create_index("ix_contact_sides_owner_id", "contact_sides", ["owner_id"], unique=False)
    op.create_table(
        "contact_tags",
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name_key", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_contact_tags_contact_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["actors.id"], name=op.f("fk_contact_tags_owner_id")),
        sa.PrimaryKeyConstraint("contact_id", "owner_id", "name_key", name=op.f("pk_contact_tags")),
    )
    op.create_index("ix_contact_tags_owner_id", "contact_tags", ["owner_id", "name_key"], unique=False)
    op.create_table(
        "conversation_posts",
        sa.Column("conversation_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("post_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_conversation_posts_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_conversation_posts_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("conversation_id", "post_id", name=op.f("pk_conversation_posts")),
    )
    op.create_index("ix_conversation_posts_post", "conversation_posts", ["post_id"], unique=False)
    op.create_table(
        "dues_receipts",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("series", sa.String(length=8), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("nameless", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["dues_payments.id"], name=op.f("fk_dues_receipts_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dues_receipts")),
        sa.UniqueConstraint("payment_id", "kind", name="uq_dues_receipts_payment"),
        sa.UniqueConstraint("series", "year", "number", name="uq_dues_receipts_number"),
    )
    op.create_index("ix_dues_receipts_nameless", "dues_receipts", ["nameless", "year"], unique=False)
    op.create_table(
        "edits",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("spoiler_text", sa.String(length=1000), nullable=False),
        sa.Column("sensitive", sa.Boolean(), nullable=False),
        sa.Column("media", sa.JSON(), nullable=False),
        sa.Column("poll", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("emojis", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_edits_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edits")),
    )
    op.create_index(op.f("ix_edits_post_id"), "edits", ["post_id"], unique=False)
    op.create_table(
        "erasure_hosts",
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["erasures.actor_id"], name=op.f("fk_erasure_hosts_actor_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("actor_id", "host", name=op.f("pk_erasure_hosts")),
    )
    op.create_table(
        "events",
        sa.Column("post_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("start_local", sa.String(length=19), nullable=False),
        sa.Column("end_local", sa.String(length=19), nullable=True),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("place_name", sa.String(length=255), server_default="", nullable=False),
        sa.Column("street", sa.String(length=255), server_default="", nullable=False),
        sa.Column("postcode", sa.String(length=32), server_default="", nullable=False),
        sa.Column("city", sa.String(length=255), server_default="", nullable=False),
        sa.Column("country", sa.String(length=64), server_default="", nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("online_url", sa.String(length=2048), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("remaining", sa.Integer(), nullable=True),
        sa.Column("going_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("join_mode", sa.String(length=16), server_default="free", nullable=False),
        sa.Column("external_url", sa.String(length=2048), nullable=True),
        sa.Column("status", sa.String(length=16), server_default="CONFIRMED", nullable=False),
        sa.CheckConstraint("status IN ('CONFIRMED', 'CANCELLED', 'TENTATIVE')", name=op.f("ck_events_status")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_events_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_events")),
    )
    op.create_index("ix_events_ends_at", "events", ["ends_at"], unique=False)
    op.create_index("ix_events_starts_at", "events", ["starts_at"], unique=False)
    op.create_table(
        "favourites",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("uri", sa.String(length=2048), nullable=False),
        sa.Column("reaction", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_favourites_actor_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_favourites_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_favourites")),
        sa.UniqueConstraint("actor_id", "post_id", name=op.f("uq_favourites_actor_id_post_id")),
    )
    op.create_index("ix_favourites_actor", "favourites", ["actor_id", "id"], unique=False)
    op.create_index("ix_favourites_post", "favourites", ["post_id", "id"], unique=False)
    op.create_table(
        "filter_keywords",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("filter_id", sa.BigInteger(), nullable=False),
        sa.Column("keyword", sa.String(length=512), nullable=False),
        sa.Column("whole_word", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["filter_id"], ["filters.id"], name=op.f("fk_filter_keywords_filter_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filter_keywords")),
    )
    op.create_index(op.f("ix_filter_keywords_filter_id"), "filter_keywords", ["filter_id"], unique=False)
    op.create_table(
        "filter_statuses",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("filter_id", sa.BigInteger(), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["filter_id"], ["filters.id"], name=op.f("fk_filter_statuses_filter_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filter_statuses")),
        sa.UniqueConstraint("filter_id", "post_id", name=op.f("uq_filter_statuses_filter_id_post_id")),
    )
    op.create_index(op.f("ix_filter_statuses_post_id"), "filter_statuses", ["post_id"], unique=False)
    op.create_table(
        "half_logins",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("next", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.actor_id"], name=op.f("fk_half_logins_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_half_logins")),
    )
    op.create_index(op.f("ix_half_logins_member_id"), "half_logins", ["member_id"], unique=False)
    op.create_table(
        "idempotency_keys",
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("result_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.actor_id"], name=op.f("fk_idempotency_keys_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member_id", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"], unique=False)
    op.create_table(
        "list_entries",
        sa.Column("list_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("post_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["lists.id"], name=op.f("fk_list_entries_list_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("list_id", "post_id", name=op.f("pk_list_entries")),
    )
    op.create_index("ix_list_entries_author", "list_entries", ["list_id", "author_id"], unique=False)
    op.create_index("ix_list_entries_post", "list_entries", ["post_id"], unique=False)
    op.create_table(
        "list_members",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("list_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["actors.id"], name=op.f("fk_list_members_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["list_id"], ["lists.id"], name=op.f("fk_list_members_list_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_members")),
        sa.UniqueConstraint("list_id", "account_id", name=op.f("uq_list_members_list_id_account_id")),
    )
    op.create_index("ix_list_members_account", "list_members", ["account_id", "list_id"], unique=False)
    op.create_index("ix_list_members_list", "list_members", ["list_id", "id"], unique=False)
    op.create_table(
        "mail_links",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("bound_to", sa.String(length=64), nullable=False),
        sa.Column("next", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.actor_id"], name=op.f("fk_mail_links_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_mail_links")),
    )
    op.create_index(op.f("ix_mail_links_created_at"), "mail_links", ["created_at"], unique=False)
    op.create_index(op.f("ix_mail_links_member_id"), "mail_links", ["member_id"], unique=False)
    op.create_table(
        "mentions",
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_mentions_actor_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_mentions_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", "actor_id", name=op.f("pk_mentions")),
    )
    op.create_index("ix_mentions_actor", "mentions", ["actor_id", "post_id"], unique=False)
    op.create_table(
        "passkeys",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(length=1023), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.actor_id"], name=op.f("fk_passkeys_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
    )
    op.create_index(op.f("ix_passkeys_member_id"), "passkeys", ["member_id"], unique=False)
    op.create_table(
        "pins",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_pins_actor_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_pins_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pins")),
        sa.UniqueConstraint("actor_id", "post_id", name=op.f("uq_pins_actor_id_post_id")),
    )
    op.create_index(op.f("ix_pins_post_id"), "pins", ["post_id"], unique=False)
    op.create_table(
        "polls",
        sa.Column("post_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("multiple", sa.Boolean(), nullable=False),
        sa.Column("hide_totals", sa.Boolean(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("voters_count", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_polls_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_polls")),
    )
    op.create_index(op.f("ix_polls_expires_at"), "polls", ["expires_at"], unique=False)
    op.create_table(
        "post_emojis",
        sa.Column("emoji_id", sa.BigInteger(), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_post_emojis_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("emoji_id", "post_id", name=op.f("pk_post_emojis")),
    )
    op.create_index(op.f("ix_post_emojis_post_id"), "post_emojis", ["post_id"], unique=False)
    op.create_table(
        "post_previews",
        sa.Column("post_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("preview_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_post_previews_post_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["preview_id"], ["previews.id"], name=op.f("fk_post_previews_preview_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_post_previews")),
    )
    op.create_index("ix_post_previews_preview", "post_previews", ["preview_id", "post_id"], unique=False)
    op.create_table(
        "post_tags",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_post_tags_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("name", "post_id", name=op.f("pk_post_tags")),
    )
    op.create_index("ix_post_tags_post", "post_tags", ["post_id"], unique=False)
    op.create_table(
        "profile_thanks",
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["profile_entries.id"], name=op.f("fk_profile_thanks_entry_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["actors.id"], name=op.f("fk_profile_thanks_person_id")),
        sa.PrimaryKeyConstraint("entry_id", "person_id", name=op.f("pk_profile_thanks")),
    )
    op.create_index(op.f("ix_profile_thanks_person_id"), "profile_thanks", ["person_id"], unique=False)
    op.create_table(
        "recovery_codes",
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.actor_id"], name=op.f("fk_recovery_codes_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member_id", "code_hash", name=op.f("pk_recovery_codes")),
    )
    op.create_table(
        "roster_addresses",
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["roster_entries.id"], name=op.f("fk_roster_addresses_entry_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("entry_id", "address", name=op.f("pk_roster_addresses")),
    )
    op.create_index("ix_roster_addresses_address", "roster_addresses", ["address"], unique=False)
    op.create_table(
        "roster_changes",
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["roster_imports.id"], name=op.f("fk_roster_changes_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "entry_id", name=op.f("pk_roster_changes")),
    )
    op.create_index("ix_roster_changes_entry_id", "roster_changes", ["entry_id"], unique=False)
    op.create_table(
        "roster_educations",
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("class_year", sa.Integer(), nullable=True),
        sa.Column("programme", sa.String(length=255), nullable=False),
        sa.Column("campus", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["roster_entries.id"], name=op.f("fk_roster_educations_entry_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("entry_id", "position", name=op.f("pk_roster_educations")),
    )
    op.create_index("ix_roster_educations_class_year", "roster_educations", ["class_year"], unique=False)
    op.create_table(
        "roster_invitations",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("invited_by", sa.BigInteger(), nullable=True),
        sa.Column("invitation_id", sa.BigInteger(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("reminded_at", sa.BigInteger(), nullable=True),
        sa.Column("taken_back_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["roster_entries.id"], name=op.f("fk_roster_invitations_entry_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitations.id"], name=op.f("fk_roster_invitations_invitation_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["actors.id"], name=op.f("fk_roster_invitations_invited_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_invitations")),
    )
    op.create_index(op.f("ix_roster_invitations_entry_id"), "roster_invitations", ["entry_id"], unique=False)
    op.create_index(op.f("ix_roster_invitations_invitation_id"), "roster_invitations", ["invitation_id"], unique=False)
    op.create_index("ix_roster_invitations_invited_by", "roster_invitations", ["invited_by", "sent_at"], unique=False)
    op.create_table(
        "roster_proposals",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("proposed_by", sa.BigInteger(), nullable=True),
        sa.Column("class_year", sa.Integer(), nullable=True),
        sa.Column("field", sa.String(length=24), nullable=False),
        sa.Column("before", sa.String(length=255), nullable=False),
        sa.Column("value", sa.String(length=255), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["actors.id"], name=op.f("fk_roster_proposals_decided_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["roster_entries.id"], name=op.f("fk_roster_proposals_entry_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["actors.id"], name=op.f("fk_roster_proposals_proposed_by"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_proposals")),
    )
    op.create_index(op.f("ix_roster_proposals_decided_by"), "roster_proposals", ["decided_by"], unique=False)
    op.create_index(op.f("ix_roster_proposals_entry_id"), "roster_proposals", ["entry_id"], unique=False)
    op.create_index(op.f("ix_roster_proposals_proposed_by"), "roster_proposals", ["proposed_by"], unique=False)
    op.create_index("ix_roster_proposals_state", "roster_proposals", ["state", "id"], unique=False)
    op.create_table(
        "sanctions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("report_id", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("appeal", sa.Text(), nullable=True),
        sa.Column("appealed_at", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("answered_by", sa.BigInteger(), nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["actors.id"], name=op.f("fk_sanctions_answered_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_sanctions_report_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["actors.id"], name=op.f("fk_sanctions_staff_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["target_id"], ["actors.id"], name=op.f("fk_sanctions_target_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sanctions")),
    )
    op.create_index("ix_sanctions_appeals", "sanctions", ["answered_at", "appealed_at"], unique=False)
    op.create_index("ix_sanctions_target", "sanctions", ["target_id", "id"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("user_agent", sa.String(length=255), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("proved_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.actor_id"], name=op.f("fk_sessions_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sessions_token_hash")),
    )
    op.create_index(op.f("ix_sessions_member_id"), "sessions", ["member_id"], unique=False)
    op.create_table(
        "staff_export_people",
        sa.Column("export_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["export_id"], ["staff_exports.id"], name=op.f("fk_staff_export_people_export_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["actors.id"], name=op.f("fk_staff_export_people_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("export_id", "person_id", name=op.f("pk_staff_export_people")),
    )
    op.create_index("ix_staff_export_people_person", "staff_export_people", ["person_id"], unique=False)
    op.create_table(
        "tokens",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("app_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("scopes", sa.String(length=1000), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["app_id"], ["apps.id"], name=op.f("fk_tokens_app_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.actor_id"], name=op.f("fk_tokens_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_tokens_token_hash")),
    )
    op.create_index(op.f("ix_tokens_app_id"), "tokens", ["app_id"], unique=False)
    op.create_index(op.f("ix_tokens_code_hash"), "tokens", ["code_hash"], unique=False)
    op.create_index(op.f("ix_tokens_member_id"), "tokens", ["member_id"], unique=False)
    op.create_table(
        "participations",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("uri", sa.String(length=2048), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'going', 'rejected', 'cancelled')", name=op.f("ck_participations_state")
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["actors.id"], name=op.f("fk_participations_actor_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["events.post_id"], name=op.f("fk_participations_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participations")),
        sa.UniqueConstraint("post_id", "actor_id", name=op.f("uq_participations_post_id_actor_id")),
    )
    op.create_index("ix_participations_actor", "participations", ["actor_id", "state"], unique=False)
    op.create_index(op.f("ix_participations_uri"), "participations", ["uri"], unique=False)
    op.create_table(
        "poll_options",
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("votes_count", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["polls.post_id"], name=op.f("fk_poll_options_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", "position", name=op.f("pk_poll_options")),
    )
    op.create_table(
        "poll_votes",
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_poll_votes_actor_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["post_id"], ["polls.post_id"], name=op.f("fk_poll_votes_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", "actor_id", "slot", name=op.f("pk_poll_votes")),
    )
    op.create_index("ix_poll_votes_actor", "poll_votes", ["actor_id"], unique=False)
    op.create_table(
        "push_subscriptions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("token_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("sealed_token", sa.LargeBinary(), nullable=False),
        sa.Column("endpoint", sa.String(length=2048), nullable=False),
        sa.Column("p256dh", sa.LargeBinary(), nullable=False),
        sa.Column("auth", sa.LargeBinary(), nullable=False),
        sa.Column("standard", sa.Boolean(), nullable=False),
        sa.Column("alerts", sa.JSON(), nullable=False),
        sa.Column("policy", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "policy IN ('all', 'followed', 'follower', 'none')", name=op.f("ck_push_subscriptions_policy")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.actor_id"], name=op.f("fk_push_subscriptions_member_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["token_id"], ["tokens.id"], name=op.f("fk_push_subscriptions_token_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_subscriptions")),
        sa.UniqueConstraint("token_id", name=op.f("uq_push_subscriptions_token_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_push_subscriptions_member_id"), "push_subscriptions", ["member_id"], unique=False)
