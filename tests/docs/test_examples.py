"""What examples/ holds works as it stands."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.docs.pages import ROOT, all_pages

from slidewire.api.dialects import ADDRESSES
from slidewire.api.envelope import Envelope, WireLimits
from slidewire.api.sending import read_request
from slidewire.api.wire import Call
from slidewire.domain.account import Account, AccountSettings
from slidewire.domain.checks import Rules, check_request
from slidewire.domain.message import Dialect
from slidewire.domain.request import Addressee, SendRequest, SendSavedRequest
from slidewire.domain.saving import check_saved_send, check_template
from slidewire.runtime.gateway import Gateway
from slidewire.settings import load

EXAMPLES = ROOT / "examples"
SECRETS = {
    "SLIDEWIRE_KEY": "a secret of sixteen signs",
    "MMSC_A_PASSWORD": "out",
    "SMSC_PASSWORD": "also out",
    "MMSC_A_REPORT_PASSWORD": "back",
    "LOOKUP_ID": "who",
    "LOOKUP_SECRET": "we are",
    "S3_ACCESS_KEY": "who",
    "S3_SECRET_KEY": "we are",
}


def test_the_settings_to_begin_from_can_be_read() -> None:
    settings = load(str(EXAMPLES / "slidewire.toml"), SECRETS)
    Gateway(settings)
    assert (settings.server_key, settings.routes[0].password) == (SECRETS["SLIDEWIRE_KEY"], "out")


@pytest.mark.parametrize("page", all_pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_settings_in_pages_can_be_read(page: Path, tmp_path: Path) -> None:
    for block in page.read_text().split("```toml\n")[1:]:
        text = block.split("```")[0]
        if "# ..." in text:  # a part of a file that stands whole elsewhere
            continue
        file = tmp_path / "slidewire.toml"
        file.write_text(text)
        Gateway(load(str(file), SECRETS))


ACCOUNT = Account("a", "example", AccountSettings(), frozenset({"24680"}))


def read_example(path: Path) -> Call:
    dialect = Dialect.J2 if path.suffix == ".json" else Dialect.M1 if path.stem.endswith("-m1") else Dialect.W13
    call = ADDRESSES[dialect].reader(WireLimits())(Envelope(path.read_bytes()))
    assert call.unknown == []
    return call


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("send-mms*")), ids=lambda path: path.name)
def test_the_requests_pass_every_check(path: Path) -> None:
    checked = check_request(read_request(read_example(path), SendRequest), ACCOUNT, 0, Rules())
    assert (checked.sender, checked.warnings) == ("24680", ())


def test_the_first_example_is_the_same_message_in_each_dialect() -> None:
    first, *others = (
        read_request(read_example(EXAMPLES / f"send-mms{end}"), SendRequest) for end in (".xml", "-m1.xml", ".json")
    )
    assert [replace(each, dialect=first.dialect) for each in others] == [first, first]


def test_the_message_that_is_saved_passes_every_check() -> None:
    checked = check_template(read_request(read_example(EXAMPLES / "save-mms.xml"), SendRequest), ACCOUNT, Rules())
    assert (len(checked.slides), checked.warnings) == (1, ())


def test_the_sending_of_a_saved_message_passes_every_check() -> None:
    checked = check_saved_send(
        read_request(read_example(EXAMPLES / "send-saved-mms.xml"), SendSavedRequest), ACCOUNT, 0, Rules()
    )
    assert ([type(to) for to in checked.to], checked.warnings) == ([Addressee] * 2, ())
