"""What the command line tells of phones' messages."""

from pathlib import Path

from tests.builders import an_id
from tests.cli.command import slidewire

from slidewire.domain.inbound import Inbound, KeptInbound, Word
from slidewire.runtime.offline import open_store
from slidewire.settings import Settings
from slidewire.store.inbound import keep_inbound

ANN = "12025550143"


async def kept(folder: Path, text: str) -> str:
    settings = Settings(database=f"sqlite:///{folder}/slidewire.db", content=f"file:{folder}/content")
    message = KeptInbound(an_id(), "", Word.NONE, Inbound("sms-a", ANN, "24680", text, 1_925_555_249_000))
    async with open_store(settings) as database:
        await database.write(lambda c: keep_inbound(c, [message]))
    return message.id


async def test_a_message_is_listed_and_shown_with_nothing_that_a_terminal_obeys(tmp_path: Path) -> None:
    inbound_id = await kept(tmp_path, "red \x1b[31m\n" + "x" * 100)
    facts = {
        "id": inbound_id,
        "received_at": "2031-01-07T12:27:29.000Z",
        "account": "",
        "route": "sms-a",
        "channel": "SMS",
        "from": ANN,
        "to": "24680",
        "copy_to": [],
        "operator": "",
        "word": "",
        "subject": "",
        "text": "red \x1b[31m\n" + "x" * 100,
        "files": [],
    }
    assert slidewire(tmp_path, "inbound", "list", "--phone", f"+{ANN}", "--json").json == [facts]
    assert slidewire(tmp_path, "inbound", "show", inbound_id, "--json").json == facts
    shown = slidewire(tmp_path, "inbound", "show", inbound_id)
    table = slidewire(tmp_path, "inbound", "list")
    assert ("\x1b" in shown.out + table.out, "x" * 100 in shown.out, "x" * 100 in table.out) == (False, True, False)


async def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    await kept(tmp_path, "Hello")
    missing = slidewire(tmp_path, "inbound", "show", "nothing")
    assert (missing.code, "there is no inbound message nothing" in missing.err) == (1, True)
    assert slidewire(tmp_path, "inbound", "list", "--phone", "12025550199").out == "no phone has sent anything\n"
    redacted = slidewire(tmp_path, "redact", "--number", ANN)
    assert (redacted.code, "1 inbound messages deleted" in redacted.out) == (0, True)
    assert slidewire(tmp_path, "inbound", "list").out == "no phone has sent anything\n"
