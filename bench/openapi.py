"""``python -m bench.openapi``: 10,000 calls of what the OpenAPI document allows and forbids, J2 and /admin/v1.

The first answer that is a 5xx, or not within the document, ends it with what was asked.
"""

import argparse
import tempfile
from pathlib import Path

from tests.fuzz.openapi_kit import Count, ask_for_messages, ask_for_provisioning, running
from tests.story.house import Plan

#: Of the cases, how many are calls of J2; the rest is shared by the operations of /admin/v1.
_J2_SHARE = 0.7
_OPERATIONS_AND_MODES = 62


def main() -> None:
    """Ask, and count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000, help="calls in all (default 10000)")
    parser.add_argument("--seed", type=int, default=0, help="another seed makes other calls")
    asked = parser.parse_args()
    calls = round(asked.cases * _J2_SHARE)
    each = -(-(asked.cases - calls) // _OPERATIONS_AND_MODES)
    with tempfile.TemporaryDirectory() as folder:
        plan = Plan(f"sqlite:///{folder}/slidewire.db", Path(folder))
        with running(plan) as around:
            _print("J2", ask_for_messages(around, calls, asked.seed))
            _print("/admin/v1", ask_for_provisioning(around, each, asked.seed))


def _print(name: str, count: Count) -> None:
    print(f"{name}: {count.cases} cases, no 5xx, every answer within its schema")
    if count.with_key:
        share = count.at_the_slides / count.cases
        print(f"  {count.with_key} with a valid key; {count.at_the_slides} of them at the slide rules: {share:.0%}")
    for outcome, times in (count.outcomes + count.actions).most_common():
        print(f"  {outcome}: {times}")


if __name__ == "__main__":
    main()
