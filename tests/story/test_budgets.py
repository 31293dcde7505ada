"""A message is made for its receiver's network, and what cannot be says whose limit it was."""

import re
from typing import Any

import pytest
from tests.content import makers
from tests.fakes.origin import Page
from tests.story.house import Plan, house
from tests.story.phones import arrived

from slidewire.store.messages import message_events

LARGE = makers.large_vcard(25_000)
PHOTO = makers.saved(makers.photo(1600, 1200), quality=95)
MOVING = makers.animated(makers.animation(6))
DRAWING = makers.saved(makers.screenshot(600, 400), "PNG")
CRICKET = "0001670"  #: 614 400 bytes in the shipped table


def slide(kind: str, address: str) -> str:
    """A slide with one file."""
    return f"<SLIDE><TEXT>Hello</TEXT><{kind}><URL>{address}</URL></{kind}></SLIDE>"


@pytest.mark.parametrize(
    ("operators", "most", "encoding"),
    [
        pytest.param([{"id": "31007", "mms_bytes": 80_000}], 80_000, "base64", id="the settings speak of it"),
        pytest.param([{"id": "31007", "aliases": [CRICKET]}], 614_400, "binary", id="the shipped table does"),
    ],
)
async def test_a_picture_is_fitted_to_its_receivers_network(
    plan: Plan, operators: list[dict[str, Any]], most: int, encoding: str
) -> None:
    plan.settings, plan.route = {"operators": operators}, {"max_bytes": 2_000_000, "encoding": encoding}
    plan.simulator = {"max_bytes": 2_000_000}
    async with house(plan) as home:
        address = home.origin.page("/photo.jpg", Page(PHOTO))
        tracking = await home.send(slide("IMAGE", address), OPERATORID="31007")
        await home.until_told(tracking, "N101", "N102")
        parts = (await arrived(home))["parts"]
        bare = sum(part["size"] for part in parts)
        assert bare < most
        assert bare > min(len(PHOTO), most) * 0.75


@pytest.mark.parametrize(
    ("settings", "route", "types"),
    [
        pytest.param({}, {}, ["image/gif", "image/png"], id="nobody says anything"),
        pytest.param({}, {"image_formats": ["jpeg"]}, ["image/jpeg"] * 2, id="the route takes JPEG alone"),
        pytest.param(
            {"operators": [{"id": "31007", "image_formats": ["png", "jpeg"]}]},
            {},
            ["image/jpeg", "image/png"],
            id="the operator takes no GIF",
        ),
    ],
)
async def test_a_picture_leaves_in_a_format_that_its_network_takes(
    plan: Plan, settings: dict[str, Any], route: dict[str, Any], types: list[str]
) -> None:
    plan.settings, plan.route = {"operators": [{"id": "31007"}]} | settings, route
    async with house(plan) as home:
        moving = home.origin.page("/moving.gif", Page(MOVING, content_type="image/gif"))
        drawing = home.origin.page("/drawing.png", Page(DRAWING, content_type="image/png"))
        slides = slide("IMAGE", moving) + slide("IMAGE", drawing)
        tracking = await home.send(slides, OPERATORID="31007")
        await home.until_told(tracking, "N101", "N102")
        parts = (await arrived(home))["parts"]
    assert [part["type"] for part in parts if part["type"].startswith("image/")] == types


@pytest.mark.parametrize(
    ("route", "fields", "details"),
    [
        pytest.param(
            {},
            {"OPERATORID": "31007"},
            r"operator 31007, limit 20000 bytes \(operator Tiny\), size (\d+) bytes at best",
            id="the operator's limit",
        ),
        pytest.param(
            {"max_bytes": 20_000},
            {"TO": "447700900123"},
            r"operator unknown, limit 20000 bytes \(route mmsc-a, all that is posted\), size (\d+) bytes at best",
            id="the route's limit",
        ),
        pytest.param(
            {"mms_bytes": {"short-code": 20_000}},
            {"OPERATORID": "31007"},
            r"operator 31007, limit 20000 bytes \(route\), size (\d+) bytes at best",
            id="the route's limit for this kind of sender",
        ),
    ],
)
async def test_what_cannot_fit_is_told_with_operator_limit_and_size(
    plan: Plan, route: dict[str, Any], fields: dict[str, str], details: str
) -> None:
    plan.settings = {"operators": [{"id": "31007", "name": "Tiny", "mms_bytes": 20_000}]}
    plan.route = route
    async with house(plan) as home:
        address = home.origin.page("/card.vcf", Page(LARGE, content_type="text/vcard"))
        tracking = await home.send(slide("VCARD", address), DISABLEFALLBACKSMS="yes", **fields)
        [told] = await home.until_told(tracking, "E101")
        found = re.fullmatch(f"too big for the operator: {details}", told["STATUSDETAILS"])
        assert found, told
        assert len(LARGE) < int(found[1]) < len(LARGE) + 5_000
        [event] = await home.database.read(lambda c: message_events(c, tracking))
        assert (event["event"], event["reason"]) == ("failed", "TOO_BIG")
        assert f"too big for the operator: {event['detail']}" == told["STATUSDETAILS"]


async def test_what_the_carrier_finds_too_big_goes_as_sms_with_both_figures(plan: Plan) -> None:
    plan.sms = {}
    async with house(plan) as home:
        address = home.origin.page("/photo.jpg", Page(PHOTO))
        tracking = await home.send(slide("IMAGE", address), TO="15557650008", OPERATORID=CRICKET)
        sent, _ = await home.until_told(tracking, "N101", "N202")
        found = re.fullmatch(
            r"too big for the operator: operator 0001670, limit (\d+) bytes \(the carrier refused more\), "
            r"size (\d+) bytes: 2004 .*",
            sent["STATUSDETAILS"],
        )
        assert found, sent
        assert int(found[2]) <= int(found[1]) < 300_000, "made smaller twice"
