"""What ``slidewire demo`` and ``slidewire playground`` run: a gateway, a simulated carrier and a message between them.

Everything listens on loopback and keeps its files in one folder. Only the command line imports this.
"""
