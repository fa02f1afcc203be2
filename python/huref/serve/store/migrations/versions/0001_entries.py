"""Entries, reports and tokens."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "entries",
        sa.Column("number", _NUMBER, primary_key=True, autoincrement=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("accepted", sa.String(20), nullable=False),
        sa.Column("file", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("commitment", sa.String(64), nullable=False),
        sa.Column("vector", sa.String(64)),
        sa.Column("bundle", sa.String(64)),
        sa.Column("about", sa.JSON, nullable=False),
        sa.Column("position", sa.BigInteger),
        sa.UniqueConstraint("sha256", name="uq_entries_sha256"),
        sqlite_autoincrement=True,
    )
    for column in ("commitment", "vector", "bundle", "position"):
        op.create_index(f"ix_entries_{column}", "entries", [column])
    op.create_table(
        "reports",
        sa.Column("number", _NUMBER, primary_key=True, autoincrement=True),
        sa.Column("file", sa.String(64), nullable=False),
        sa.Column("verifier", sa.String(100), nullable=False),
        sa.Column("report", sa.JSON, nullable=False),
        sa.UniqueConstraint("file", "verifier", name="uq_reports_file"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("created", sa.String(20), nullable=False),
        sa.Column("expires", sa.String(20)),
        sa.Column("revoked", sa.String(20)),
    )


def downgrade() -> None:
    """Drop them, with all that is in them."""
    for table in ("tokens", "reports", "entries"):
        op.drop_table(table)
