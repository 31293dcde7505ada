"""What the OpenAPI document allows is answered within it, and what it forbids is refused: never with a 5xx.

The run of 10,000 cases is `python -m bench.openapi`; this is a small one of the same.
"""

from tests.fuzz.openapi_kit import ask_for_messages, ask_for_provisioning, running
from tests.story.house import Plan


def test_messages_are_answered_within_the_document(plan: Plan) -> None:
    with running(plan) as around:
        count = ask_for_messages(around, 40)
    assert count.cases >= 40
    assert count.at_the_slides >= 0.8 * count.cases, count


def test_provisioning_is_answered_within_the_document(plan: Plan) -> None:
    with running(plan) as around:
        count = ask_for_provisioning(around, 3)
    assert count.cases >= 60, count
