"""The stage that stays up: fixed ports, an account whose key is in the examples, pictures to send, postbacks told.

Loopback only: the key is no secret. What was sent before a restart is still there after it.
"""

import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from slidewire.demo.customer import text_of
from slidewire.demo.example import read_example
from slidewire.demo.loopback import File
from slidewire.demo.scene import lighthouse
from slidewire.demo.stage import PICTURE_PATH, POSTBACK_PATH, Plan, Ports, Stage
from slidewire.domain.audit import OURSELVES, By
from slidewire.domain.ids import IdMaker
from slidewire.runtime.clock import now
from slidewire.runtime.offline import digests
from slidewire.store.accounts import change_settings
from slidewire.store.keys import key_owner

POSTCARD_PATH = "/postcard.png"
#: The ports of examples/*.xml and of the settings that come with Slidewire.
PORTS = Ports(api=8080, admin=8081, mm7=11982, handset=11980, origin=11979, smpp=2775)
_POSTCARD = (960, 720)


@dataclass(frozen=True, slots=True)
class Playground:
    """Where everything is."""

    stage: Stage
    account: str
    key: str
    sender: str


@asynccontextmanager
async def open_playground(
    folder: Path, ports: Ports, told: Callable[[str, str, str], None]
) -> AsyncIterator[Playground]:
    """Start everything; ``told`` gets code, status and tracking id (of a template its MMSID) of each postback."""

    def on_post(body: bytes) -> None:
        told(text_of(body, "CODE"), text_of(body, "STATUS"), text_of(body, "TRACKINGID") or text_of(body, "MMSID"))

    example = read_example()
    async with Stage(Plan("playground", folder, ports, on_post)) as stage:
        picture = lighthouse()
        stage.origin.files[PICTURE_PATH] = File("image/jpeg", picture)
        stage.origin.files[POSTCARD_PATH] = File("image/png", _postcard(picture))
        account = await _account(stage, example.key, example.sender)
        yield Playground(stage, account, example.key, example.sender)


async def _account(stage: Stage, key: str, sender: str) -> str:
    """The account of earlier runs, told at today's address, or a new one."""
    stored = digests(stage.settings, key)
    owner = await stage.database.read(lambda connection: key_owner(connection, *stored))
    if owner is None:
        return await stage.add_account("playground", key, sender)
    postbacks = {"postback_url": stage.origin.url + POSTBACK_PATH}
    by = By(OURSELVES, now(), IdMaker(now)())
    await stage.database.write(lambda connection: change_settings(connection, owner, postbacks, by))
    return owner


def _postcard(picture: bytes) -> bytes:
    """The same scene as a small PNG."""
    with Image.open(io.BytesIO(picture)) as whole:
        whole.draft("RGB", _POSTCARD)
        small = whole.resize(_POSTCARD, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.quantize(128).save(out, "PNG")
    return out.getvalue()
