"""/metrics after messages went their way, read as Prometheus reads it."""

import re

from prometheus_client.parser import text_string_to_metric_families
from tests.content import makers
from tests.fakes.origin import Page
from tests.story.house import House, Plan, house, request, until
from tests.story.test_inbound import say
from tests.story.test_texts import sent, text

from slidewire.domain.figures import COUNTED, LOOKED_AT, Kind

PHONE = "15557650020"


async def scraped(home: House) -> str:
    async with home.http.get(f"{home.admin}/metrics") as answer:
        assert answer.status == 200
        assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        return await answer.text()


def samples(page: str) -> dict[tuple[str, ...], float]:
    """(name, values of its labels) -> value, of the whole page."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def counts(page: str) -> dict[tuple[str, ...], float]:
    """What was counted: of times only how many."""
    names = {each.name for each in COUNTED} | {f"{each.name}_count" for each in COUNTED if each.kind is Kind.HISTOGRAM}
    return {key: value for key, value in samples(page).items() if key[0] in names and value}


async def counted(home: House, expected: dict[tuple[str, ...], float], beginning: str = "") -> None:
    """Wait until what was counted, of figures that begin so, is just that."""
    last: dict[tuple[str, ...], float] = {}

    async def there() -> bool:
        last.clear()
        last.update({key: n for key, n in counts(await scraped(home)).items() if key[0].startswith(beginning)})
        return last == expected

    try:
        await until(there, 10, "everything to be counted")
    except AssertionError:
        assert last == expected
        raise


async def test_what_happens_is_counted_and_names_nobody(plan: Plan) -> None:
    plan.sms = {}
    async with house(plan) as home:
        picture = home.origin.page("/cat.jpg", Page(makers.saved(makers.photo(40, 30)), content_type="image/jpeg"))
        lost = home.origin.url("/nothing.jpg")
        mms = await home.send(f"<SLIDE><IMAGE><URL>{picture}</URL></IMAGE></SLIDE>")
        words = await sent(home, "Hello", CLIENT_REFERENCE="ref-77-of-ours")
        await home.until_status(mms, "delivered")
        await home.until_status(words, "delivered")
        await home.post(request(f"<SLIDE><IMAGE><URL>{lost}</URL></IMAGE></SLIDE>"))
        await home.post(request(API_KEY="wrong"))
        await home.post(text("", TO="12"))
        await say(home, "STOP")
        expected = {
            ("slidewire_requests_total", "none", "w13", "E104"): 1,
            ("slidewire_requests_total", "sendmms", "w13", "E351"): 1,
            ("slidewire_requests_total", "sendmms", "w13", "Success"): 1,
            ("slidewire_requests_total", "sendsms", "w13", "E110"): 1,
            ("slidewire_requests_total", "sendsms", "w13", "Success"): 1,
            ("slidewire_request_duration_seconds_count", "none"): 1,
            ("slidewire_request_duration_seconds_count", "sendmms"): 2,
            ("slidewire_request_duration_seconds_count", "sendsms"): 2,
            ("slidewire_media_fetches_total", "fetched"): 1,
            ("slidewire_media_fetches_total", "status"): 1,
            ("slidewire_submissions_total", "mmsc-a", "MMS", "accepted"): 1,
            ("slidewire_submissions_total", "sms-a", "SMS", "accepted"): 2,  # STOP is answered
            ("slidewire_submission_duration_seconds_count", "mmsc-a"): 1,
            ("slidewire_submission_duration_seconds_count", "sms-a"): 2,
            ("slidewire_sms_segments_total", "sms-a", "accepted"): 2,
            ("slidewire_receipts_total", "mmsc-a", "delivered"): 1,
            ("slidewire_receipts_total", "sms-a", "delivered"): 2,
            ("slidewire_inbound_messages_total", "sms-a", "SMS"): 1,
            ("slidewire_postbacks_total", "received"): 5,
            ("slidewire_postback_duration_seconds_count",): 5,
        }
        await counted(home, expected)
        page = await scraped(home)
    for secret in (mms, words, PHONE, home.account_id, "ref-77", "24680", "/cat.jpg", "127.0.0.1", "story"):
        assert secret not in page
    labels = {value for key in samples(page) for value in key[1:] if not key[0].endswith("_bucket")}
    assert [value for value in labels if re.search(r"\d{4}", value)] == []


async def test_postbacks_that_nobody_receives_are_counted_apart(plan: Plan) -> None:
    plan.account = {"postback_url": "http://127.0.0.1:1/nobody"}
    plan.settings = {"postbacks": {"published": [0.05]}}
    async with house(plan) as home:
        await home.send()
        failed = {("slidewire_postbacks_total", outcome): 2 for outcome in ("failed", "given up")}
        await counted(home, failed, "slidewire_postbacks_total")


async def test_what_waits_is_told_with_its_age(plan: Plan) -> None:
    plan.route = {"rate": "1/h"}
    async with house(plan) as home:
        for _ in range(4):
            await home.send()

        async def waits() -> bool:
            told = samples(await scraped(home))
            age = told["slidewire_queue_age_seconds", "deliver", "mmsc-a"]
            return told["slidewire_tasks", "deliver", "mmsc-a", "waiting"] == 4 and age > 0

        await until(waits, 10, "four that wait, and their age")
        told = samples(await scraped(home))
    assert told["slidewire_route_up", "mmsc-a"] == told["slidewire_route_lanes_held", "mmsc-a"] == 1
    assert told["slidewire_tasks", "deliver", "mmsc-a", "parked"] == 0


async def test_every_figure_is_on_the_page_with_its_kind_and_words(plan: Plan) -> None:
    async with house(plan) as home:
        page = await scraped(home)
    families = {family.name: family for family in text_string_to_metric_families(page)}
    told = {name: (family.type, family.documentation) for name, family in families.items()}
    assert told == {each.name.removesuffix("_total"): (each.kind.value, each.words) for each in (*COUNTED, *LOOKED_AT)}
    assert counts(page) == {}


async def test_the_page_is_only_to_be_read_and_only_on_admin_listen(plan: Plan) -> None:
    async with house(plan) as home:
        async with home.http.head(f"{home.admin}/metrics") as answer:
            told = answer.status, answer.headers["content-type"], await answer.read()
            assert told == (200, "text/plain; version=0.0.4; charset=utf-8", b"")
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            async with home.http.request(method, f"{home.admin}/metrics", data=b"x") as answer:
                assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
        async with home.http.get(f"{home.api}/metrics") as answer:
            assert answer.status == 404
        async with home.http.get(f"{home.admin}/metrics/") as answer:
            assert answer.status == 404
