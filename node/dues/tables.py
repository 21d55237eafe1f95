# SPDX-License-Identifier: AGPL-3.0-or-later
"""Plans, who pays them, payments and their receipts. No number of a card or an account of a member is anywhere here."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from node.kernel.clock import Moment
from node.kernel.db import metadata

# One row: what the association says of itself on receipts, and how it is paid.
dues_association = Table(
    "dues_association",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("currency", String(3), nullable=False),
    Column("legal_name", String(200), nullable=False),
    Column("legal_address", Text, nullable=False),
    # Number in a register, or what else has to stand on a receipt.
    Column("legal_details", Text, nullable=False),
    Column("how_to_pay", Text, nullable=False),
    # Days before (negative) and after the last day paid for on which members are reminded.
    Column("reminders", JSON, nullable=False),
    # Whether members may show on their page that their dues are paid.
    Column("badges", Boolean, nullable=False),
    # What an administrator declares of receipts for gifts: none are given without.
    Column("gifts_declared", Boolean, nullable=False),
    Column("gifts_articles", JSON, nullable=False),
    Column("gifts_basis", Text, nullable=False),
    Column("gifts_signer", String(200), nullable=False),
)

dues_plans = Table(
    "dues_plans",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", String(120), nullable=False),
    Column("for_whom", String(300), nullable=False),
    Column("price", String(8), nullable=False),
    # In minor units of the currency.
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("period", String(8), nullable=False),
    Column("months", SmallInteger, nullable=False),
    Column("begins_month", SmallInteger, nullable=False),
    Column("begins_day", SmallInteger, nullable=False),
    Column("rolls_month", SmallInteger),
    Column("rolls_day", SmallInteger),
    Column("grace_days", SmallInteger, nullable=False),
    # Of a sliding price: [years after the class year, amount].
    Column("steps", JSON, nullable=False),
    Column("audience", String(16), nullable=False),
    Column("young_years", SmallInteger, nullable=False),
    Column("benefits", JSON, nullable=False),
    Column("active_from", Date),
    Column("active_to", Date),
    Column("gift", Boolean, nullable=False),
    # No longer offered; those who paid it keep what they have.
    Column("closed_at", Moment),
    Column("created_at", Moment, nullable=False),
)

# What somebody has paid for, plan by plan: the sum of their confirmed payments, kept beside them.
dues_memberships = Table(
    "dues_memberships",
    metadata,
    Column("person_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("plan_id", BigInteger, ForeignKey("dues_plans.id"), primary_key=True, autoincrement=False),
    Column("joined_on", Date, nullable=False),
    Column("paid_until", Date),
    Index("ix_dues_memberships_plan_id", "plan_id"),
    # Whom to remind.
    Index("ix_dues_memberships_paid_until", "paid_until"),
)

# What is said of somebody whatever they pay.
dues_people = Table(
    "dues_people",
    metadata,
    Column("person_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    # Name and address as they want them on receipts.
    Column("receipt_name", String(120), nullable=False),
    Column("receipt_address", String(500), nullable=False),
    Column("exempt", Boolean, nullable=False),
    Column("exempt_since", Date),
    Column("exempt_until", Date),
    Column("exempt_reason", String(300), nullable=False),
    Column("ended", String(16)),
    Column("ended_on", Date),
    Column("no_reminders_until", Date),
    # The last reminder: how many days after that last day paid for, which it was about.
    Column("reminded_for", Date),
    Column("reminded_step", Integer),
    # To whom their page shows that their dues are paid: a step of the ladder.
    Column("badge", SmallInteger, nullable=False),
)

# Two members who pay together: asked for by one, agreed to by the other. Nobody is in two that are agreed to.
dues_couples = Table(
    "dues_couples",
    metadata,
    Column("person_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("partner_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("agreed_at", Moment),
    Index("ix_dues_couples_partner_id", "partner_id"),
)

dues_payments = Table(
    "dues_payments",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    # Kept when the member leaves: an association must show its accounts for years.
    Column("person_id", BigInteger, ForeignKey("actors.id"), nullable=False),
    # For whom it counts besides, where a couple pays; as it was when it was confirmed.
    Column("partner_id", BigInteger, ForeignKey("actors.id")),
    Column("plan_id", BigInteger, ForeignKey("dues_plans.id"), nullable=False, index=True),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    # What a period cost when this was announced or recorded.
    Column("price", BigInteger, nullable=False),
    Column("method", String(16), nullable=False),
    Column("paid_on", Date, nullable=False),
    Column("reference", String(140), nullable=False),
    # The line of a bank's file that it was taken from, so that none is taken twice.
    Column("bank_line", String(64), unique=True),
    # Whether they said that the plan is for somebody like them.
    Column("declared", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    # The member who announced it, or the treasurer who recorded it; and who decided.
    Column("recorded_by", BigInteger, ForeignKey("actors.id", ondelete="SET NULL")),
    Column("decided_by", BigInteger, ForeignKey("actors.id", ondelete="SET NULL")),
    Column("reason", String(500), nullable=False),
    Column("covers_from", Date),
    Column("covers_to", Date),
    Column("created_at", Moment, nullable=False),
    Column("confirmed_at", Moment),
    Column("closed_at", Moment),
    Index("ix_dues_payments_person_id", "person_id"),
    Index("ix_dues_payments_partner_id", "partner_id"),
    # Those that wait, and the export of a year.
    Index("ix_dues_payments_state", "state", "created_at"),
    Index("ix_dues_payments_paid_on", "paid_on"),
)

# The last number of each year, in each series. The row is locked from taking a number to the end of the transaction, so
# that a number is there if, and only if, its receipt is.
dues_counters = Table(
    "dues_counters",
    metadata,
    # dues, or gifts.
    Column("series", String(8), primary_key=True),
    Column("year", SmallInteger, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
)

dues_receipts = Table(
    "dues_receipts",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("series", String(8), nullable=False),
    Column("year", SmallInteger, nullable=False),
    Column("number", Integer, nullable=False),
    # receipt, or credit_note for one that is taken back.
    Column("kind", String(16), nullable=False),
    Column("payment_id", BigInteger, ForeignKey("dues_payments.id"), nullable=False),
    Column("issued_on", Date, nullable=False),
    # The document as it was issued. It never changes, but that its names go when the law no longer wants them.
    Column("document", JSON, nullable=False),
    Column("nameless", Boolean, nullable=False, default=False),
    UniqueConstraint("series", "year", "number", name="uq_dues_receipts_number"),
    UniqueConstraint("payment_id", "kind", name="uq_dues_receipts_payment"),
    # Those whose names are due to go.
    Index("ix_dues_receipts_nameless", "nameless", "year"),
)
