"""Every link between our pages resolves, and every page can be found from the index."""

import re
from pathlib import Path

import pytest
from tests.docs.pages import DOCS, ROOT, all_pages, anchors, links

#: A page of ours that the code names.
_NAMED = re.compile(r"\bdocs/[A-Za-z0-9_/-]+(?:\.md)?")


@pytest.mark.parametrize("page", all_pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    dead = []
    for target in links(page):
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (anchor and anchor not in anchors(there)):
            dead.append(target)
    assert dead == []


def test_every_page_is_found_from_the_index() -> None:
    found = {DOCS / "index.md"}
    waiting = list(found)
    while waiting:
        page = waiting.pop()
        for target in links(page):
            there = (page.parent / target.partition("#")[0]).resolve()
            if there.suffix == ".md" and there.is_relative_to(DOCS) and there.exists() and there not in found:
                found.add(there)
                waiting.append(there)
    assert sorted(set(DOCS.rglob("*.md")) - found) == []


def test_every_decision_is_listed() -> None:
    listed = {target for target in links(DOCS / "adr" / "README.md") if target[:4].isdigit()}
    there = {path.name for path in (DOCS / "adr").glob("[0-9]*.md")}
    assert listed == there


def test_no_two_decisions_share_a_number() -> None:
    numbers = [path.name[:4] for path in (DOCS / "adr").glob("[0-9]*.md")]
    assert len(numbers) == len(set(numbers))


def test_pages_that_the_code_names_exist() -> None:
    named = {
        (str(path.relative_to(ROOT)), name)
        for folder in ("src", "tests", "bench")
        for path in (ROOT / folder).rglob("*.py")
        for name in _NAMED.findall(path.read_text())
    }
    missing = {(path, name) for path, name in named if not any(ROOT.glob(f"{name}*"))}
    assert missing == set()
