"""The table of MMS or SMS in the docs says what the rules say."""

from dataclasses import replace

from tests.docs.pages import DOCS
from tests.story.choices import COLUMNS, Obstacle, combinations, rule


def test_the_table_of_mms_or_sms_is_that_of_the_rules() -> None:
    text = (DOCS / "explanation" / "mms-or-sms.md").read_text()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    ruled = [
        [obstacle.value, *(rule(replace(c, obstacle=obstacle, operator_given=False)).words for c in COLUMNS.values())]
        for obstacle in Obstacle
    ]
    assert rows[0] == ["What stands in the way", *COLUMNS]
    assert rows[2:] == ruled


def test_the_table_leaves_nothing_out() -> None:
    """What the columns do not tell apart makes no difference."""
    for sms_route in (True, False):
        for case in combinations(sms_route):
            allowed = case.account_allows and not case.disabled
            column = replace(
                case, account_allows=allowed or case.forced, disabled=False, operator_given=False, obstacle=case.met
            )
            assert rule(case) == rule(column)


def test_the_page_counts_right() -> None:
    count = sum(1 for sms_route in (True, False) for _ in combinations(sms_route))
    assert f"{count} messages" in (DOCS / "explanation" / "mms-or-sms.md").read_text()
