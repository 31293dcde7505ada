"""The server key is changed while the gateway runs: nobody notices (security 17)."""

import asyncio
import os
import re

from standardwebhooks.webhooks import Webhook
from tests.cli.command import Ran, slidewire
from tests.content import makers
from tests.fakes.origin import Page
from tests.story.house import KEY, House, Plan, house, request, until
from tests.story.test_fallback import texts

from slidewire.domain.account import secret_place
from slidewire.domain.audit import By
from slidewire.domain.secret import write_signing_secret
from slidewire.runtime.offline import known_keys, sealer
from slidewire.store.accounts import change_settings, key_digests
from slidewire.store.database import open_database
from slidewire.store.directory import WATCH
from slidewire.store.keys import key_owner
from slidewire.store.media_secrets import NewHeader, set_header

PHOTO = makers.saved(makers.photo(320, 240))
BEARER = ("Authorization", "Bearer s3cret-t0ken")


async def command(plan: Plan, home: House, *words: str) -> Ran:
    environment = {"SLIDEWIRE_DATABASE": home.settings.database, "SLIDEWIRE_CONTENT": home.settings.content}
    return await asyncio.to_thread(slidewire, plan.folder, *words, **environment)


async def give_secrets(home: House, signing: bytes) -> str:
    """A signing secret and a protected picture; its address."""
    seal = sealer(home.settings)
    words = {"postback_secret": seal.seal(signing, secret_place(home.account_id))}
    await home.database.write(lambda c: change_settings(c, home.account_id, words, By("root", 1, "audit-1")))
    origin = home.origin.url("").rstrip("/")
    header = NewHeader(home.account_id, origin, BEARER)
    await home.database.write(lambda c: set_header(c, header, seal, By("root", 1, "audit-2")))
    address = home.origin.page("/photo.jpg", Page(PHOTO, wants=(BEARER,)))

    async def known() -> bool:
        return "Success" in await home.post(request(f"<SLIDE><IMAGE><URL>{address}</URL></IMAGE></SLIDE>"))

    await until(known, 20, "the gateway to know of the secrets")
    return address


async def works(home: House, address: str, signing: bytes) -> None:
    """A call with the old API key, a protected picture, a signed postback."""
    tracking = await home.send(f"<SLIDE><IMAGE><URL>{address}</URL></IMAGE></SLIDE>")
    await home.until_told(tracking, "N101", "N102")
    verifier = Webhook(write_signing_secret(signing))
    for post in home.customer.received(tracking):
        verifier.verify(post.body, post.headers, json_parse=False)


async def test_a_running_gateway_goes_on_under_a_new_key(plan: Plan) -> None:
    plan.sms, signing = {}, os.urandom(32)
    async with house(plan) as home:
        address = await give_secrets(home, signing)
        await works(home, address, signing)
        await home.until_told(await home.send(FORCE_SEND_AS_SMS="true"), "N101", "N202")
        [text] = await texts(home)
        found = re.search(r"http\S+/m/\S+", str(text))
        assert found, text
        page = f"{home.api}/m/{found[0].rpartition('/')[2][:11]}"

        done = (await command(plan, home, "secrets", "rotate", "--json")).json
        assert (done["made"], done["secrets"], done["unopened"]) == (True, 2, [])
        await works(home, address, signing)
        async with home.http.get(page) as answer:
            assert answer.status == 200, "links of the former key open"
        made = (await command(plan, home, "account", "add", "later", "--sender", "24681")).json
        later = request(API_KEY=made["key"], FROM="24681")
        assert "Success" in await home.post(later), "a key that was made under the new one"

        rows = (await command(plan, home, "secrets", "show", "--json")).json
        former = rows[1]["key"]
        assert (rows[0]["secrets"], rows[1]["secrets"], rows[1]["page_links"]) == (2, 0, 1)
        refused = await command(plan, home, "secrets", "forget", former)
        assert (refused.code, "is still needed" in refused.err) == (1, True)
        await asyncio.sleep(2 * WATCH)  # so long a key may be believed without another look at what is stored of it
        await works(home, address, signing)

    # a gateway that stops has kept what was used under the present key
    database = open_database(plan.database)
    present = known_keys(home.settings).present
    owner = await database.read(lambda c: key_owner(c, *key_digests(KEY, [present])[:1]))
    await database.close()
    assert owner == home.account_id
