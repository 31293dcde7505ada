"""What an account does not want kept: its page ends with its content."""

from tests.story.house import Plan, house

from slidewire.store.retention import redact_now

DAY = 86_400_000


async def test_a_page_ends_with_the_content_of_its_message(plan: Plan) -> None:
    plan.account = {"retention_days": "content=7"}
    async with house(plan) as home:
        message = await home.message(await home.send())
        assert message.link_expires_at == message.accepted_at + 7 * DAY


async def test_the_page_of_a_redacted_message_has_ended(plan: Plan) -> None:
    plan.sms = {}
    async with house(plan) as home:
        tracking_id = await home.send(FORCE_SEND_AS_SMS="true")
        message = await home.until_status(tracking_id, "delivered")
        await home.until_told(tracking_id, "N101", "N202")
        async with home.http.get(f"{home.simulator.http_url}/api/sms") as answer:
            found = await answer.json()
        text = (found["sms"] if isinstance(found, dict) else found)[0]["text"]
        page = home.api + "/m/" + text.rpartition("/m/")[2]
        async with home.http.get(page) as answer:
            assert answer.status == 200
        await home.until_nothing_left(tracking_id)
        receipt = await home.database.write(lambda c: redact_now(c, [message], message.accepted_at))
        assert receipt.messages == [tracking_id]
        async with home.http.get(page) as answer:
            assert answer.status == 410
