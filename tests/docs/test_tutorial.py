"""The tutorial's code runs as it stands, against a gateway."""

import asyncio
import base64
import time
from pathlib import Path
from typing import Any

import pytest
from tests.docs.pages import DOCS
from tests.story.house import KEY, Plan, house

from slidewire.postbacks.sign import ID_HEADER, signature_headers

PAGE = DOCS / "tutorial" / "python-client.md"
SECRET = bytes(range(32))


def code() -> str:
    """All of the page's Python, one piece behind the other."""
    return "\n".join(block.split("```")[0] for block in PAGE.read_text().split("```python\n")[1:])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_code_of_the_client_s_page_runs(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with house(Plan(database_url, tmp_path)) as home:
        monkeypatch.setenv("SLIDEWIRE_URL", home.api)
        monkeypatch.setenv("SLIDEWIRE_ACCOUNT_KEY", KEY)
        monkeypatch.setenv("SLIDEWIRE_POSTBACK_SECRET", "whsec_" + base64.b64encode(SECRET).decode())
        names: dict[str, Any] = {}
        await asyncio.to_thread(exec, compile(code(), str(PAGE), "exec"), names)
        await home.until_status(names["sent"].tracking_id, "delivered")
        told = [
            line for line in capsys.readouterr().out.splitlines() if "[info" not in line
        ]  # less the simulator's log
        assert told == [
            names["sent"].tracking_id,
            "nothing can be sent there: E110",
            "2 on their way",
        ]
        body = b'{"code": "N102", "tracking-id": "t", "client-reference": "order-778"}'
        signed = {ID_HEADER: "pb-1", **dict(signature_headers(SECRET, "pb-1", int(time.time()), body))}
        assert [names["receive"](signed, body), names["receive"]({}, body)] == [204, 400]
        assert capsys.readouterr().out == "order-778 has arrived\n"
