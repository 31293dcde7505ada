"""Budgets put together from settings: whose word holds, and how a mistake is told."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.builders import a_message

from slidewire.domain.message import Message
from slidewire.runtime.budgets import Budgets
from slidewire.runtime.configure import operators_of, routes_of
from slidewire.runtime.rehearsal import rehearse
from slidewire.settings import Settings, SettingsError

HEAD = "operator,networks,country,name,sender,bytes,width,height,vcard,source\n"
ROUTE: dict[str, Any] = {"name": "mmsc-a", "kind": "mm7", "url": "http://127.0.0.1:9/mm7"}
OPERATORS = [
    {"id": "able", "networks": ["310420"], "country": "US"},
    {
        "id": "baker",
        "name": "Baker",
        "mms_bytes": {"any": 700_000, "short-code": 200_000},
        "max_width": 640,
        "max_height": 480,
    },
    {"id": "charlie", "mms_bytes": 123_456, "vcard_type": "text/x-vcard"},
]


def settings(**tree: Any) -> Settings:
    return msgspec.convert({"routes": [ROUTE], "operators": OPERATORS} | tree, Settings, strict=False)


def found(message: Message, **tree: Any) -> tuple[int, int, int, str, str]:
    given = settings(**tree)
    [route] = routes_of(given)
    budget = Budgets(given, operators_of(given)).find(route, message)
    return budget.bytes, budget.width, budget.height, budget.vcard, budget.said_by


@pytest.mark.parametrize(
    ("message", "budget"),
    [
        pytest.param(
            a_message(operator="able"),
            (1_048_576, 2592, 1944, "text/vcard", "operator Cincinnati Bell"),
            id="by one of its networks",
        ),
        pytest.param(
            a_message(operator="baker"),
            (200_000, 640, 480, "text/vcard", "operator Baker, short code"),
            id="the settings, for a short code",
        ),
        pytest.param(
            a_message(operator="baker", sender="12025550100"),
            (700_000, 640, 480, "text/vcard", "operator Baker"),
            id="the settings, for any other",
        ),
        pytest.param(
            a_message(operator="charlie"),
            (123_456, 2592, 1944, "text/x-vcard", "operator charlie"),
            id="the settings, one number",
        ),
        pytest.param(
            a_message(operator="", spid="0001670"),
            (614_400, 2592, 1944, "text/vcard", "operator Cricket Wireless"),
            id="an OPERATORID that only the table knows",
        ),
        pytest.param(
            a_message(sender="18005550100"),
            (600_000, 2592, 1944, "text/vcard", "country US, toll-free"),
            id="no operator, a toll-free sender",
        ),
        pytest.param(
            a_message(country="GB"), (300_000, 2592, 1944, "text/vcard", "default"), id="a country without a row"
        ),
    ],
)
def test_a_message_finds_its_budget(message: Message, budget: tuple[int, int, int, str, str]) -> None:
    assert found(message) == budget


def test_a_mask_counts_where_the_route_shows_it() -> None:
    message = a_message(mask="Shop", country="GB")
    sizes = {"alphanumeric": 50_000, "short-code": 90_000}
    masked, plain = (found(message, routes=[ROUTE | {"mms_bytes": sizes, "mask": mask}])[0] for mask in (True, False))
    assert (masked, plain) == (50_000, 90_000)


def test_the_default_and_the_admins_table_are_settings(tmp_path: Path) -> None:
    table = tmp_path / "ours.csv"
    table.write_text(f"{HEAD},,GB,,,450000,,,,us\n")
    told = {"file": str(table), "mms_bytes": 111_000, "max_width": 800, "max_height": 600}
    assert found(a_message(country="GB"), budgets=told) == (450_000, 800, 600, "text/vcard", "country GB")
    assert found(a_message(country="CH"), budgets=told) == (111_000, 800, 600, "text/vcard", "default")


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        pytest.param(
            {"operators": [{"id": "able", "mms_bytes": {"fax": 1}}]},
            "operators.able.mms_bytes = 'fax' is not one of: any, short-code, long-code, toll-free, alphanumeric",
            id="a sender kind that there is not",
        ),
        pytest.param(
            {"routes": [ROUTE | {"mms_bytes": {"": 1}}]},
            "routes.mmsc-a.mms_bytes = '' is not one of: any, short-code, long-code, toll-free, alphanumeric",
            id="of a route",
        ),
        pytest.param(
            {"routes": [ROUTE | {"objects": "maybe"}]},
            "routes.mmsc-a.objects = 'maybe' is not one of: attach, link, both",
            id="what becomes of objects",
        ),
        pytest.param(
            {"routes": [ROUTE | {"fold_subject": ["any"]}]},
            "routes.mmsc-a.fold_subject = 'any' is not one of: short-code, long-code, toll-free, alphanumeric",
            id="whose subject is folded",
        ),
        pytest.param(
            {"operators": [{"id": "able", "max_width": 640}]},
            "operators.able: width and height are told together or not at all",
            id="half a box",
        ),
        pytest.param(
            {"operators": [{"id": "able", "vcard_type": "text/plain"}]},
            "operators.able: vcard 'text/plain' is not one of: text/vcard, text/x-vcard",
            id="a type",
        ),
        pytest.param(
            {"operators": [{"id": "able", "image_formats": ["webp"]}]},
            "operators.able.image_formats: image format 'webp' is not one of: jpeg, gif, png",
            id="a format of an operator that never leaves",
        ),
        pytest.param(
            {"routes": [ROUTE | {"image_formats": ["gif"]}]},
            "routes.mmsc-a.image_formats: image formats without jpeg: "
            "every picture must be able to become one that is taken",
            id="a route without JPEG",
        ),
        pytest.param(
            {"budgets": {"image_formats": ["tiff"]}},
            "budgets.image_formats: image format 'tiff' is not one of: jpeg, gif, png",
            id="a default that there is not",
        ),
    ],
)
def test_a_mistake_in_the_settings_names_its_key(tree: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError) as refused:
        rehearse(settings(**tree))
    assert str(refused.value) == words


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(None, "No such file or directory", id="there is none"),
        pytest.param(b"\xff\xfe", "invalid start byte", id="not UTF-8"),
        pytest.param(HEAD.encode() + b"1,,,,,x,,,,\n", "line 2: 'x' is no number", id="a bad line"),
    ],
)
def test_a_mistake_in_the_table_names_the_file(tmp_path: Path, content: bytes | None, words: str) -> None:
    table = tmp_path / "ours.csv"
    if content is not None:
        table.write_bytes(content)
    with pytest.raises(SettingsError) as refused:
        rehearse(settings(budgets={"file": str(table)}))
    assert str(refused.value).startswith(f"budgets.file: {table}: ")
    assert words in str(refused.value)
