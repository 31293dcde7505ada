"""Reads our own Markdown: headings, links and commands, leaving out what stands in fenced blocks where it must."""

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
_LINK = re.compile(r"\[[^\]]*\]\(([^()\s]+)\)")


def all_pages() -> list[Path]:
    """Every page of ours."""
    return sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


@cache
def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return _FENCE.sub("", page.read_text())


def headings(page: Path) -> list[str]:
    """Its headings without backticks, in their order."""
    return [title.replace("`", "") for _, title in _HEADING.findall(prose(page))]


def anchors(page: Path) -> set[str]:
    """What a link may name behind ``#``, as the usual forges make it from headings."""
    found: set[str] = set()
    for title in headings(page):
        words = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        count = sum(1 for name in found if re.fullmatch(rf"{re.escape(words)}(-\d+)?", name))
        found.add(f"{words}-{count}" if count else words)
    return found


def links(page: Path) -> list[str]:
    """Where a page leads, other sites left out."""
    return [target for target in _LINK.findall(prose(page)) if "://" not in target and not target.startswith("mailto:")]


def sections(page: Path) -> dict[str, str]:
    """heading -> what stands below it, up to the next heading."""
    text = prose(page)
    found = list(_HEADING.finditer(text))
    ends = [match.start() for match in found[1:]] + [len(text)]
    return {match[2].replace("`", ""): text[match.end() : end].strip() for match, end in zip(found, ends, strict=True)}
