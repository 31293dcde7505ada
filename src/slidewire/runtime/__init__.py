"""The composition root: settings become a gateway. It may import everything; only the command line imports it.

Nothing is imported here: a command beside a gateway wants the store alone, and to start quickly.
"""
