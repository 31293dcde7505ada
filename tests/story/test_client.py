"""Both Python clients against the whole gateway, and against one whose answers are lost."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from tests.fakes.raw_server import Peer, RawServer, http_answer
from tests.story.house import KEY, SHORT_CODE, House, Plan, house, until

from slidewire import client
from slidewire.api.actions import ACTIONS, Repeats
from slidewire.api.openapi.calls import request_schema
from slidewire.client import (
    AsyncClient,
    Call,
    Changes,
    Client,
    Content,
    Joining,
    MessageEvent,
    MmsOptions,
    NotAllowedError,
    Options,
    Page,
    Patience,
    PostbackReader,
    ReceiverError,
    RefusedError,
    Search,
    Slide,
    UnreachableError,
    cancel_message,
    create_mms_campaign,
    delete_mms_id,
    get_batch,
    get_message,
    get_mms_campaigns,
    get_mms_ids,
    get_mms_templates,
    get_sending_statistics,
    list_messages,
    login_user,
    remove_mms_inbox_message,
    save_mms,
    send_batch,
    send_message_by_subscriber_ref,
    send_mms,
    send_saved_mms,
    send_saved_mms_campaign,
    send_saved_mms_to_many,
    send_sms,
    subscribe,
    unsubscribe,
    validate_mms,
)
from slidewire.demo.loopback import free_port
from slidewire.store import messages
from slidewire.store.database import Connection

T = TypeVar("T")
#: How a call is done: by one client or the other.
Do = Callable[[Call[Any]], Any]
PHONE = "15557650020"
HELLO = Content("greeting", (Slide("Hello {$name|friend}"),), subject="Hello")
QUICK = Patience(first_wait=0.05)


@pytest.fixture
async def home(plan: Plan) -> AsyncIterator[House]:
    plan.sms = {}
    plan.account["postback_format"] = "xml"
    async with house(plan) as home:
        yield home


@pytest.fixture(params=["plain", "asyncio"])
async def do(home: House, request: pytest.FixtureRequest) -> AsyncIterator[Do]:
    """Does calls by one client or the other; every one of them, by the end of a test."""
    done: set[str] = set()
    async with AsyncClient(home.api, KEY, QUICK) as client:
        with Client(home.api, KEY, QUICK) as plain:

            async def by_either(call: Call[T]) -> T:
                done.add(call.action)
                if request.param == "asyncio":
                    return await client.do(call)
                return await asyncio.to_thread(plain.do, call)

            yield by_either
    assert done == {action.right for action in ACTIONS.values()}


async def test_every_call_is_done(home: House, do: Do) -> None:
    assert await do(login_user()) is None
    options = MmsOptions(client_reference="order-1", fallback_text="See:", disable_fallback=True)
    sent = await do(send_mms(PHONE, SHORT_CODE, HELLO, options))
    assert (sent.to, bool(sent.mms_id), sent.warnings) == (PHONE, True, ())
    await home.until_told(sent.tracking_id, "N101", "N102")
    events = [PostbackReader().read(post.headers, post.body) for post in home.customer.posts]
    assert [(event.code, event.tracking_id, event.client_reference) for event in _messages(events)] == [
        ("N101", sent.tracking_id, "order-1"),
        ("N102", sent.tracking_id, "order-1"),
    ]
    assert (await do(get_message(client_reference="order-1"))).status == "delivered"
    at = datetime.now(UTC) + timedelta(days=1)
    text = await do(send_sms(PHONE, SHORT_CODE, "Hello", Options(send_at=at)))
    page = await do(list_messages(Search(to=PHONE, size=1)))
    assert [(each.tracking_id, each.status) for each in page.messages] == [(text.tracking_id, "scheduled")]
    rest = await do(list_messages(Search(to=PHONE, cursor=page.cursor)))
    assert [each.tracking_id for each in rest.messages] == [sent.tracking_id]
    await do(cancel_message(tracking_id=text.tracking_id))
    assert (await do(get_message(tracking_id=text.tracking_id))).status == "cancelled"
    batch = await do(send_batch((PHONE, "12"), SHORT_CODE, HELLO))

    async def expanded() -> bool:
        return bool((await do(get_batch(batch.batch_id))).state == "expanded")

    await until(expanded, 20, "the batch to be expanded")
    progress = await do(get_batch(batch.batch_id))
    assert (progress.total, progress.waiting, progress.refused, sum(progress.counts.values())) == (2, 0, 1, 1)
    assert {to: why.code for to, why in progress.refusals.items()} == {"12": "E110"}
    saved = await do(save_mms(HELLO))
    one = await do(send_saved_mms(saved.mms_id, PHONE, SHORT_CODE, Changes(values={"name": "Ann"})))
    assert (one.mms_id, one.sender) == (saved.mms_id, SHORT_CODE)
    assert (await home.message(one.tracking_id)).slides[0].text == "Hello Ann"
    many = await do(send_saved_mms_to_many(saved.mms_id, (PHONE, "12"), SHORT_CODE, Changes(texts={1: "Hi"})))
    assert ([each.to for each in many.sent], {to: why.code for to, why in many.refused.items()}) == (
        [PHONE],
        {"12": "E110"},
    )
    assert await do(get_mms_ids()) == (saved.mms_id,)
    templates = await do(get_mms_templates(Page(1, 5)))
    assert (templates.total, [(each.mms_id, each.name, each.slides) for each in templates.templates]) == (
        1,
        [(saved.mms_id, "greeting", 1)],
    )
    campaign = await do(create_mms_campaign("Spring", "Acme", "spring"))
    assert (campaign.name, campaign.brand, campaign.ref) == ("Spring", "Acme", "spring")
    assert [each.id for each in await do(get_mms_campaigns())] == [campaign.id]
    await do(subscribe(PHONE, Joining("spring", subscriber_ref="ann")))
    [welcome] = (await do(send_message_by_subscriber_ref("ann", "spring", text="It is spring."))).sent
    assert welcome.to == PHONE
    campaigned = await do(send_saved_mms_campaign(saved.mms_id, "spring"))

    async def sent_to_all() -> bool:
        return bool((await do(get_batch(campaigned.batch_id))).total == 1)

    await until(sent_to_all, 20, "the campaign to be sent to")
    await do(unsubscribe(PHONE, Joining("spring")))
    assert await do(delete_mms_id(saved.mms_id)) is None
    with pytest.raises(RefusedError, match="E641"):
        await do(remove_mms_inbox_message("MMS_MO_1"))
    with pytest.raises(RefusedError, match="E241"):
        await do(delete_mms_id(saved.mms_id))
    report = await do(get_sending_statistics("2031-01-07 12:00:00", "2031-01-08 12:00:00"))
    assert report.startswith("http")
    sound = await do(validate_mms(PHONE, SHORT_CODE, HELLO))
    assert (sound.to, bool(sound.networks)) == (PHONE, True)
    with pytest.raises(RefusedError) as unsound:
        await do(validate_mms("12", SHORT_CODE, Content("", (Slide(),))))
    assert [each.code for each in unsound.value.refusal.every] == ["E110", "E311", "E622", "E313"]
    with pytest.raises(ReceiverError, match="E110"):
        await do(send_mms("12", SHORT_CODE, HELLO))


def _messages(events: list[Any]) -> list[MessageEvent]:
    return [event for event in events if isinstance(event, MessageEvent)]


async def test_a_wrong_key_is_told(home: House) -> None:
    async with AsyncClient(home.api, "wrong", QUICK) as client:
        with pytest.raises(NotAllowedError, match="E104"):
            await client.do(login_user())


@pytest.mark.parametrize("kind", ["plain", "asyncio"])
async def test_an_answer_that_is_lost_makes_no_second_message(home: House, kind: str) -> None:
    left = 2

    async def losing(peer: Peer) -> None:
        """Between the client and the gateway: the first answers are lost on their way back."""
        nonlocal left
        while (request := await peer.request()) is not None:
            headers = {name: value for name, value in request.headers.items() if name not in {"host", "connection"}}
            async with home.http.post(home.api + request.target, data=request.body, headers=headers) as answer:
                body = await answer.read()
            left -= 1
            if left >= 0:
                peer.reset()
                return
            await peer.send(http_answer(body))

    async with RawServer(losing) as between:
        address = between.url("").rstrip("/")
        call = send_mms(PHONE, SHORT_CODE, HELLO)
        if kind == "plain":
            with Client(address, KEY, QUICK) as plain:
                sent = await asyncio.to_thread(plain.do, call)
        else:
            async with AsyncClient(address, KEY, QUICK) as client:
                sent = await client.do(call)
        keys = {request.headers["idempotency-key"] for request in between.requests}
        assert (len(between.requests), len(keys)) == (3, 1)
    assert await home.database.read(_tracking_ids) == [sent.tracking_id]


def _tracking_ids(connection: Connection) -> list[str]:
    return [message.id for message in messages.list_messages(connection)]


async def test_a_gateway_that_is_away_is_told_after_some_tries() -> None:
    patience, address = Patience(tries=2, first_wait=0.01), f"http://127.0.0.1:{free_port()}"
    with Client(address, KEY, patience) as plain, pytest.raises(UnreachableError, match="2 tries"):
        await asyncio.to_thread(plain.do, login_user())
    async with AsyncClient(address, KEY, patience) as client:
        with pytest.raises(UnreachableError, match="2 tries"):
            await client.do(login_user())


async def test_a_connection_that_rested_too_long_is_made_anew(home: House) -> None:
    async def answers_once(peer: Peer) -> None:
        if await peer.request() is not None:
            await peer.send(http_answer(b'{"status":"Success","session-id":"x"}'))

    async with RawServer(answers_once) as server:
        with Client(server.url(""), KEY, Patience(tries=1)) as client:
            for _ in range(3):
                await asyncio.to_thread(client.do, login_user())
                await asyncio.to_thread(client.do, login_user())


def test_an_address_that_is_none_is_told() -> None:
    for url in ("mms.example.net", "ftp://a", "http://", "https://a/?b"):
        with pytest.raises(ValueError, match="is no address"):
            Client(url, KEY)
        with pytest.raises(ValueError, match="is no address"):
            AsyncClient(url, KEY)


#: Every function that makes a call, with a call that it made.
MADE = {
    send_mms: send_mms("", "", HELLO),
    send_sms: send_sms("", "", ""),
    save_mms: save_mms(HELLO),
    send_saved_mms: send_saved_mms("", "", ""),
    send_saved_mms_to_many: send_saved_mms_to_many("", (), ""),
    get_mms_ids: get_mms_ids(),
    get_mms_templates: get_mms_templates(Page()),
    delete_mms_id: delete_mms_id(""),
    create_mms_campaign: create_mms_campaign("", ""),
    get_mms_campaigns: get_mms_campaigns(Page()),
    subscribe: subscribe("", Joining()),
    unsubscribe: unsubscribe("", Joining()),
    send_message_by_subscriber_ref: send_message_by_subscriber_ref("", ""),
    remove_mms_inbox_message: remove_mms_inbox_message(""),
    get_message: get_message(),
    get_sending_statistics: get_sending_statistics("", ""),
    validate_mms: validate_mms("", "", HELLO),
    send_saved_mms_campaign: send_saved_mms_campaign("", ""),
    send_batch: send_batch((), "", HELLO),
    get_batch: get_batch(""),
    list_messages: list_messages(),
    cancel_message: cancel_message(),
    login_user: login_user(),
}
#: What no call of the client says: old names of the same, and what is accepted and ignored.
NOT_SAID = {"spid", "ddm-force", "ddm-message-subject", "ddm-message-text", "ddm-timeout"}


def test_every_action_has_a_function_and_every_function_is_here() -> None:
    public = {name for name in client.__all__ if name not in {"AsyncClient", "any_call"}}
    functions = {name for name in public if inspect.isfunction(getattr(client, name))}
    assert {function.__name__ for function in MADE} == functions
    assert {call.action for call in MADE.values()} == {action.right for action in ACTIONS.values()}


def test_calls_that_only_read_go_without_a_key() -> None:
    made = {call.action: call.reads_only for call in MADE.values()}
    assert made == {name: ACTIONS[name].repeats is Repeats.READS for name in made}


def test_every_field_of_a_call_can_be_said() -> None:
    unsaid = {}
    for call in MADE.values():
        fields = set(request_schema(call.action)["properties"]) - {"action", *NOT_SAID} - set(call.fields)
        unsaid |= {call.action: fields} if fields else {}
    # a template has no receiver, and a campaign is named in one way
    assert unsaid == {"savemms": {"to", "from"}, "sendsavedmmscampaign": {"campaign-id"}}
