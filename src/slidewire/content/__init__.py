"""Bytes in, carrier-ready bytes out."""
