"""The composition root: settings become a gateway. It may import everything; only the command line imports it."""

from slidewire.runtime.gateway import Addresses, Gateway

__all__ = ["Addresses", "Gateway"]
