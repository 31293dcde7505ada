"""How much a commit is worth on this database: what Success means can be no more than that (durability 28)."""

from sqlalchemy import Connection, text

#: Settings of PostgreSQL under which a commit that was answered can be lost, and what to say of them.
_UNSAFE = {
    "fsync": "fsync is off: a crash of the server's machine can lose or break everything",
    "full_page_writes": "full_page_writes is off: a crash in the middle of a write can break the database",
    "synchronous_commit": "synchronous_commit is off: a crash of the server can lose messages that were accepted",
}


def commit_risks(connection: Connection) -> list[str]:
    """What could lose a message after its Success, each as a sentence; empty when nothing could."""
    if connection.dialect.name != "postgresql":
        return []  # our own connections set synchronous=FULL
    risks = [words for name, words in _UNSAFE.items() if _setting(connection, name) == "off"]
    if not _setting(connection, "synchronous_standby_names").strip():
        risks.append(
            "no synchronous standby is named (synchronous_standby_names): if the server is lost with its disk,"
            " so are the messages that no standby had received"
        )
    return risks


def _setting(connection: Connection, name: str) -> str:
    return str(connection.execute(text("SELECT current_setting(:name)"), {"name": name}).scalar())
