"""The dialects that are served: where, and who reads them. A new one is one line here, its fields in wire.FIELDS."""

from collections.abc import Callable
from dataclasses import dataclass

from slidewire.api.envelope import Envelope, WireLimits
from slidewire.api.j2 import J2Reader
from slidewire.api.m1 import M1Reader
from slidewire.api.w13 import W13Reader
from slidewire.api.wire import Call
from slidewire.domain.message import Dialect

#: Raises FaultError: E100 when there is nothing or too much, E108 for what cannot be read (settled 1 a).
Read = Callable[[Envelope], Call]


@dataclass(frozen=True, slots=True)
class Address:
    """Where a dialect is served (nobody is redirected: api.md 1.1), and what makes its reader."""

    paths: tuple[str, ...]
    reader: Callable[[WireLimits], Read]


ADDRESSES: dict[Dialect, Address] = {
    Dialect.W13: Address(
        ("/API/wxml/1.3/", "/API/wxml/1.3", "/API/wxml/1.3/index.php"), lambda limits: W13Reader(limits.depth).read
    ),
    Dialect.M1: Address(("/ep/v1/", "/ep/v1"), lambda limits: M1Reader(limits).read),
    Dialect.J2: Address(("/ep/v2/", "/ep/v2"), lambda limits: J2Reader(limits).read),
}
