"""Slidewire: a self-hosted MMS gateway."""

__version__ = "0.1.0"
