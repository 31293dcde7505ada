"""The database's forms, oldest to newest."""
