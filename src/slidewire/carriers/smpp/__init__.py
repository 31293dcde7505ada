"""SMS over SMPP 3.4: codec, text, session and carrier of our own (why: design/dependencies.md)."""
