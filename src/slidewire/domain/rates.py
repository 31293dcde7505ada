"""Rates as people write them: so many in a second, a minute or an hour."""

import re

#: Seconds in each unit of a rate.
_UNITS = {"s": 1.0, "min": 60.0, "h": 3600.0}
_RATE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)\s*/\s*([a-z]+)")


def parse_rate(text: str) -> float:
    """So many a second from what people write: ``50/s``, ``100/min``, ``0.5/s``, ``3600/h``. Raises ValueError."""
    found = _RATE.fullmatch(text.strip())
    if found is None or found[2] not in _UNITS:
        raise ValueError(f"{text!r} is no rate; write it as 50/s, 100/min or 3600/h")
    rate = float(found[1]) / _UNITS[found[2]]
    if rate <= 0:
        raise ValueError(f"{text!r}: a rate is more than zero")
    return rate
