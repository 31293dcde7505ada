"""``python -m slidewire``: the same as the command ``slidewire``."""

from slidewire.cli import main

main()
