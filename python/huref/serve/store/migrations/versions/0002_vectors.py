"""Common vectors, and the lists of tokens that they were made over."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables. The next start fills them from the bundles that are kept."""
    op.create_table(
        "vectors",
        sa.Column("number", _NUMBER, primary_key=True, autoincrement=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("profile", sa.String(32), nullable=False),
        sa.Column("tokens", sa.String(64), nullable=False),
        sa.Column("layers", sa.JSON, nullable=False),
        sa.Column("numbers", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("sha256", name="uq_vectors_sha256"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_vectors_profile", "vectors", ["profile", "tokens", "number"])
    op.create_table(
        "lists",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("tokens", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    """Drop them; both can be made again."""
    op.execute("DROP TABLE IF EXISTS vector_index")  # what `index.pgvector` makes
    op.drop_table("lists")
    op.drop_table("vectors")
