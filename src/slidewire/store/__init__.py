"""Durable truth: small functions that take a SQLAlchemy Connection."""
