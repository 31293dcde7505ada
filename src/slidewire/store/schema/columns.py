"""What the columns of all tables are made of."""

from sqlalchemy import BigInteger, Boolean, Column, MetaData, String, Text

metadata = MetaData(
    naming_convention={"pk": "pk_%(table_name)s", "ix": "ix_%(table_name)s_%(column_0_N_name)s"},
)

#: Ids compare byte by byte on both databases; a language's rules would only cost time.
ID = String().with_variant(String(collation="C"), "postgresql")


def key_text(name: str, *, key: bool = False) -> Column[str]:
    """An id, or what is looked for as one."""
    return Column(name, ID, primary_key=key, nullable=False)


def words(name: str) -> Column[str]:
    """Text, empty unless it is said."""
    return Column(name, Text, nullable=False, server_default="")


def moment(name: str) -> Column[int]:
    """A time, or another count that grows large."""
    return Column(name, BigInteger, nullable=False)


def flag(name: str) -> Column[bool]:
    """Yes or no."""
    return Column(name, Boolean, nullable=False)
