"""The command line: arguments in, one call out. Every module imports what is heavy inside its commands only."""

from slidewire.cli.app import main

__all__ = ["main"]
