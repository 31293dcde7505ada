"""The reference is complete: whatever can be set, answered or seen has its heading, and no heading is left over."""

import dataclasses
import json
import re
from collections.abc import Iterator
from enum import Enum
from typing import get_args, get_origin

import msgspec
import pytest
from tests.docs.pages import DOCS, headings, sections

from slidewire.api.admin.operations import OPERATIONS, ROOT
from slidewire.carriers.mm7.profiles import PROFILES, Profile
from slidewire.carriers.mm7.status import CODES, GROUPS, HTTP, HTTP_GROUPS, RECEIPTS
from slidewire.carriers.smpp import options as smpp_options
from slidewire.carriers.smpp import receipts as smpp_receipts
from slidewire.carriers.smpp import status as smpp_status
from slidewire.domain.account import AccountSettings, write_settings
from slidewire.domain.events import Event, Reason
from slidewire.domain.faults import Fault
from slidewire.domain.figures import COUNTED, LOOKED_AT, Figure
from slidewire.domain.postback import PostbackCode
from slidewire.domain.status import Status
from slidewire.domain.turns import Waits
from slidewire.settings import Settings

REFERENCE = DOCS / "reference"


def settings(kind: type[msgspec.Struct] = Settings, section: str = "") -> Iterator[tuple[str, object]]:
    """Every setting with its default; NODEFAULT where one must be given."""
    for field in msgspec.structs.fields(kind):
        inner = _struct_in(field.type)
        if inner is not None:
            yield from settings(inner, f"{section}{field.name}.")
        elif field.default_factory is not msgspec.NODEFAULT:
            yield f"{section}{field.name}", field.default_factory()
        else:
            yield f"{section}{field.name}", field.default


def _struct_in(kind: object) -> type[msgspec.Struct] | None:
    if isinstance(kind, type) and get_origin(kind) is None and issubclass(kind, msgspec.Struct):
        return kind
    return next((found for each in get_args(kind) if (found := _struct_in(each))), None)


def _as_written(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def test_every_setting_has_its_heading() -> None:
    told = [title for title in headings(REFERENCE / "settings.md")[1:] if " " not in title and "[" not in title]
    assert sorted(told) == sorted(name for name, _ in settings())


@pytest.mark.parametrize(("name", "default"), [pytest.param(*each, id=each[0]) for each in settings()])
def test_the_default_of_a_setting_is_told(name: str, default: object) -> None:
    text = sections(REFERENCE / "settings.md")[name]
    if default is msgspec.NODEFAULT:
        assert text.startswith("Required")
        return
    found = re.match(r"Default: `(.*)`$", text, re.MULTILINE)
    assert found is not None, text
    assert json.loads(found[1]) == _as_written(default)


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(AccountSettings)])
def test_every_account_setting_has_its_heading_and_default(field: str) -> None:
    text = sections(REFERENCE / "account-settings.md")[field]
    words = write_settings(AccountSettings())[field]
    assert text.splitlines()[0] == (f"Default: `{words}`" if words else "Default: empty")


def test_no_account_setting_is_told_that_does_not_exist() -> None:
    known = {field.name for field in dataclasses.fields(AccountSettings)}
    assert set(headings(REFERENCE / "account-settings.md")[1:]) == known


def test_every_fault_has_its_heading() -> None:
    told = {title.split()[0].rstrip(":") for title in headings(REFERENCE / "faults.md")}
    assert {fault.code for fault in Fault} - told == set()


def test_every_postback_code_has_its_heading() -> None:
    told = {title for title in headings(REFERENCE / "postbacks.md") if title[1:].isdigit()}
    assert told == {code.code for code in PostbackCode}


def test_every_postback_status_is_told() -> None:
    text = (REFERENCE / "postbacks.md").read_text()
    assert [code.status for code in PostbackCode if f"`{code.status}`" not in text] == []


def _chapter(title: str, following: str | None) -> list[str]:
    """The headings of status-and-events.md between two chapters."""
    all_of_them = headings(REFERENCE / "status-and-events.md")
    end = all_of_them.index(following) if following else len(all_of_them)
    return all_of_them[all_of_them.index(title) + 1 : end]


@pytest.mark.parametrize(
    ("words", "title", "following"),
    [
        pytest.param(Status, "Status", "What a message waits for", id="status"),
        pytest.param(Waits, "What a message waits for", "Events", id="waits"),
        pytest.param(Event, "Events", "Reasons", id="events"),
        pytest.param(Reason, "Reasons", None, id="reasons"),
    ],
)
def test_every_word_of_a_message_has_its_heading(words: type[Enum], title: str, following: str | None) -> None:
    assert _chapter(title, following) == [word.value for word in words if word.value]


def test_every_mm7_profile_and_option_has_its_heading() -> None:
    told = headings(REFERENCE / "mm7.md")
    options = [field.name for field in dataclasses.fields(Profile)]
    assert [name for name in (*PROFILES, *options) if name not in told] == []


def test_every_mm7_code_is_told_with_its_verdict() -> None:
    told = dict(re.findall(r"^\| (\S.*?) \| (.+?) \|", (REFERENCE / "mm7.md").read_text(), re.MULTILINE))
    verdicts = {str(code): judgement.verdict.value for code, judgement in {**CODES, **HTTP}.items()}
    verdicts |= {f"other {group}xxx": judgement.verdict.value for group, judgement in GROUPS.items()}
    verdicts |= {f"other {group}xx": judgement.verdict.value for group, judgement in HTTP_GROUPS.items()}
    assert {code: told.get(code) for code in verdicts} == verdicts


def test_every_word_of_a_receipt_is_told() -> None:
    text = sections(REFERENCE / "mm7.md")["Receipts"].lower()
    assert [word for word in RECEIPTS if word not in text] == []


def test_every_smpp_option_has_its_heading() -> None:
    told = headings(REFERENCE / "smpp.md")
    assert [field.name for field in dataclasses.fields(smpp_options.Options) if field.name not in told] == []


def test_every_command_status_is_told_with_its_verdict() -> None:
    told = dict(re.findall(r"^\| (0x\S+) \| (.+?) \|", sections(REFERENCE / "smpp.md")["Answers"], re.MULTILINE))
    assert told == {f"0x{code:02X}": meaning.verdict.value for code, meaning in smpp_status.CODES.items()}


def test_every_stat_of_a_receipt_is_told() -> None:
    text = sections(REFERENCE / "smpp.md")["Receipts"]
    assert [word for word in smpp_receipts.STATS if word not in text] == []


def test_every_operation_of_the_admin_api_is_told() -> None:
    text = (REFERENCE / "admin-api.md").read_text()
    told = re.findall(r"^\| `([A-Z]+ /admin/v1\S*)` \| (.+) \|$", text, re.MULTILINE)
    assert told == [(f"{each.method} {ROOT}{each.path}", each.words) for each in OPERATIONS]


@pytest.mark.parametrize(
    ("figures", "heading"),
    [
        pytest.param(COUNTED, "What is counted", id="counted"),
        pytest.param(LOOKED_AT, "How it stands", id="looked at"),
    ],
)
def test_every_figure_has_its_row(figures: tuple[Figure, ...], heading: str) -> None:
    text = sections(DOCS / "how-to" / "metrics.md")[heading]
    told = re.findall(r"^\| `(slidewire_\w+)` \| (.*?) ?\| (.+) \|$", text, re.MULTILINE)
    assert told == [(each.name, ", ".join(each.labels), each.words) for each in figures]
