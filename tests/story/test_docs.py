"""/docs: what it says works. Every example is posted, and every answer is within its schema."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonschema_rs
import pytest
from tests.content.makers import photo, saved
from tests.fakes.origin import Page
from tests.story.house import KEY, House, Plan, house

from slidewire.api.actions import ACTIONS
from slidewire.api.admin.operations import OPERATIONS, Operation
from slidewire.api.openapi.about import ABOUT
from slidewire.api.openapi.document import DOCUMENT, ROOT
from slidewire.api.openapi.page import POLICY
from slidewire.api.openapi.provisioning import PATH_WORDS, operation_id
from slidewire.api.openapi.samples import SAMPLES
from slidewire.api.openapi.words import FIELD_WORDS
from slidewire.api.wire import FIELDS
from slidewire.domain.inbound import Inbound, KeptInbound, Word
from slidewire.domain.usage import Channel
from slidewire.store.inbound import keep_inbound

TOKEN = "an-admin-token-that-nobody-guesses-01"
#: What cannot be done in an empty house, and how that is told.
NOT_HERE = {
    "post_accounts_postbacks_replay": 404,  # nothing was given up
    "post_operators_lookup": 409,  # there is no [lookup]
    "get_handsets_one": 404,  # nothing is known of the phone
    "post_messages_release": 409,  # nothing is held
    "post_messages_drop": 409,
}


#: Calls whose examples take away what others need.
LAST = {"unsubscribe", "deletemmsid"}


@pytest.fixture
async def home(plan: Plan) -> AsyncIterator[House]:
    plan.settings["admin_token"] = TOKEN
    plan.sms = {}
    async with house(plan) as home:
        yield home


async def post(home: House, request: Mapping[str, Any]) -> dict[str, Any]:
    async with home.http.post(f"{home.api}/ep/v2/", json=request, headers={"x-api-key": KEY}) as answer:
        told: dict[str, Any] = await answer.json()
        return told


def a_month_on() -> str:
    return (datetime.now(UTC) + timedelta(days=30)).isoformat()


async def document_of(home: House) -> dict[str, Any]:
    async with home.http.get(home.admin + DOCUMENT) as answer:
        assert (answer.status, answer.content_type) == (200, "application/json")
        found: dict[str, Any] = await answer.json()
        return found


def check(document: Mapping[str, Any], schema: Mapping[str, Any], value: Any) -> None:
    """``value`` is within ``schema``."""
    jsonschema_rs.Draft202012Validator({**schema, "components": document["components"]}).validate(value)


def placed(value: Any, places: Mapping[str, str]) -> Any:
    """An example with what is made up in it replaced by what there is here."""
    text = json.dumps(value)
    for made_up, there in places.items():
        text = text.replace(made_up, there)
    return json.loads(text)


async def test_every_example_of_a_message_runs(home: House) -> None:
    document = await document_of(home)
    operation = document["paths"]["/ep/v2/"]["post"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    media = operation["requestBody"]["content"]["application/json"]
    home.origin.page("/lighthouse.jpg", Page(saved(photo(64, 48))))
    places = {"https://cdn.example.net": home.origin.url("").rstrip("/")}
    inbox_id = ABOUT["removemmsinboxmessage"].answer["mms-inbox-id"]
    received = Inbound("mmsc-a", "12025550143", "24680", "Hi", 1, channel=Channel.MMS)
    kept = KeptInbound(inbox_id, home.account_id, Word.NONE, received)
    await home.database.write(lambda c: keep_inbound(c, [kept]))
    assert set(media["examples"]) == set(ABOUT) & set(ACTIONS)
    later = {"send-at": a_month_on(), "client-reference": "order-779"}
    await post(home, {**media["examples"]["sendsms"]["value"], **later})
    for name, example in sorted(media["examples"].items(), key=lambda each: each[0] in LAST):
        request = placed(example["value"], places)
        check(document, media["schema"], request)
        check(document, {"$ref": "#/components/schemas/Success"}, example["x-answer"])
        told = await post(home, request)
        assert told["status"] == "Success", (name, told)
        assert set(told) - set(example["x-answer"]) == set(), (name, told)
        check(document, schema, told)
        for made in {"savemms": ("mms-id",), "sendbatch": ("batch-id",)}.get(name, ()):
            places[example["x-answer"][made]] = told[made]


async def test_every_example_of_provisioning_runs(home: House) -> None:
    document = await document_of(home)
    tracking_id = await home.send()
    await home.until_told(tracking_id, "N101", "N102")
    await home.until_nothing_left(tracking_id)  # a postback can be sent again once it is noted
    places = {PATH_WORDS["tracking_id"][1]: tracking_id}
    headers = {"Authorization": f"Bearer {TOKEN}"}
    for each in sorted(OPERATIONS, key=_order):
        name, told = operation_id(each), document["paths"][f"/admin/v1{each.path}"][each.method.lower()]
        path = f"/admin/v1{each.path}"
        for parameter in told["parameters"]:
            path = path.replace("{" + parameter["name"] + "}", str(parameter.get("example", "")))
        body = SAMPLES.get(name)
        assert (body is not None) is (each.body is not None)
        if body is not None:
            check(document, told["requestBody"]["content"]["application/json"]["schema"], body)
        url = home.admin + placed(path, places)
        async with home.http.request(each.method, url, json=body, headers=headers) as answer:
            value = await answer.json(content_type=None)
        status = NOT_HERE.get(name, each.status.value)
        assert answer.status == status, (name, value)
        response = told["responses"].get(str(status), told["responses"]["default"])
        check(document, response["content"][answer.content_type]["schema"], value)


def _order(operation: Operation) -> int:
    """What takes away comes last."""
    return 2 if operation.path.endswith(("/close", "/redact")) else int(operation.method == "DELETE")


async def test_the_page_needs_nothing_from_outside(home: House) -> None:
    for path in ("/docs", "/docs/"):
        async with home.http.get(home.admin + path) as answer:
            assert (answer.status, answer.content_type) == (200, "text/html")
            assert answer.headers["Content-Security-Policy"] == POLICY
            text = await answer.text()
    assert [word for word in ("<script", "src=", "@import", "url(", " style=", "<link") if word in text] == []
    assert [name for name in ACTIONS if f">{name}<" not in text] == []
    async with home.http.post(home.admin + "/docs") as answer:
        assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")
    async with home.http.get(f"{home.admin}{ROOT}/other") as answer:
        assert answer.status == 404


async def test_a_field_of_the_table_is_in_the_document_without_another_line(home: House) -> None:
    document = await document_of(home)
    properties = {
        name
        for schema in document["components"]["schemas"].values()
        for name in (*schema.get("properties", {}), *_slide_members(schema))
    }
    assert {each.j2[0] for each in FIELDS if each.j2} - properties - {"response", "url", "value"} == set()


def _slide_members(schema: Mapping[str, Any]) -> set[str]:
    return set(schema.get("properties", {}).get("slide", {}).get("items", {}).get("properties", {}))


def test_every_action_and_every_field_of_a_call_has_its_words() -> None:
    served = {action.right for action in ACTIONS.values()}
    assert served - set(ABOUT) == set()
    given = {each.name for each in FIELDS if each.j2 and each.place.value in {"call", "slide"} and "." not in each.name}
    media = {"image", "audio", "video", "vcard", "ical", "pdf", "passbook"}
    assert given - set(FIELD_WORDS) - media == set()
