"""The catalogue of faults is what was published (api.md 5, settled 24)."""

import re
from pathlib import Path

import pytest

from slidewire.domain.faults import Fault, FaultError

#: The codes that the founding page lists for sendMMS, with its words: typed from the page.
PUBLISHED = {
    "E100": "Invalid request. Make a valid request via GET/POST/XML with all the required variables.",
    "E104": "User Authentication Failed.",
    "E105": "This account has no API rights.",
    "E106": "You can call API every X seconds.",
    "E107": "This account has no rights to use this action.",
    "E108": "XML Parse error: $error.",
    "E109": "API not activated.",
    "E112": "IP was not whitelisted. API call rejected.",
    "E113": "Set throughput exceeded for this API action. API call rejected.",
    "E114": "Phone number is blacklisted. API call rejected.",
    "E120": "Account has reached the API request limit.",
    "E503": "Internal error.",
    "E110": "Invalid receiver number.",
    "E111": "Invalid Sender.",
    "E223": "More than one object is not allowed in the same slide.",
    "E224": "MMS audio/video/image are not allowed with object in the same slide.",
    "E225": "Too many Slides.",
    "E226": "Audio and Video not allowed in same slide.",
    "E227": "Video and Image not allowed in same slide.",
    "E228": "Text more than X characters.",
    "E229": "Content not allowed.",
    "E230": "Bad X slide duration.",
    "E241": "This content does not exist.",
    "E311": "The 'name' is required.",
    "E312": "No slides.",
    "E313": "Slide X is empty.",
    "E331": "Image in slide X is too big.",
    "E332": "Audio in slide X is too big.",
    "E333": "Video in slide X is too big.",
    "E334": "Text in slide X is too long.",
    "E335": "vCard in slide X is too big.",
    "E336": "iCal in slide X is too big.",
    "E337": "PDF in slide X is too big.",
    "E341": "Image file in slide X is corrupted.",
    "E351": "Could not copy Image in slide X.",
    "E352": "Could not copy Audio in slide X.",
    "E353": "Could not copy Video in slide X.",
    "E355": "Could not copy vCard in slide X.",
    "E356": "Could not copy iCal in slide X.",
    "E357": "Could not copy PDF in slide X.",
    "E617": "mmslink_expiration_date is invalid.",
    "E618": "Carrier lookup failed. Please retry.",
    "E619": "Carrier not provisioned.",
    "E622": "The 'fallbacksmstext' is required.",
    "E627": "Invalid serviceid / serviceid is required",
    "E628": "Operator Not supported.",
    "E629": "Unrecognized content type.",
    "E650": "The 'operator id' is required.",
    "E655": "FORCE_SEND_AS_SMS node accepts only true/false values.",
    "E715": "Number is not subscribed in this campaign",
    "E718": "The 'campaignref' is required",
    "E721": "Invalid campaignref",
}


@pytest.mark.parametrize(("code", "words"), PUBLISHED.items())
def test_says_what_was_published(code: str, words: str) -> None:
    ours = next(fault for fault in Fault if fault.code == code)
    blanks = re.compile(r"\{\w+\}|\$error|\bX\b")
    assert blanks.sub("_", ours.words) == blanks.sub("_", words)


def test_only_the_sender_of_a_country_shares_a_code() -> None:
    codes = [fault.code for fault in Fault]
    assert {code for code in codes if codes.count(code) > 1} == {"E111"}
    assert Fault.BAD_SENDER_FOR_COUNTRY.error(country="Germany").words == "Invalid Sender to Germany."


def test_blanks_are_filled_and_details_stand_in_brackets() -> None:
    error = Fault.IMAGE_TOO_BIG.error("4200000 bytes, at most 3000000", slide=2)
    assert error.words == "Image in slide 2 is too big. (4200000 bytes, at most 3000000)"
    assert str(error) == error.words
    assert Fault.UNREADABLE.error(error="{not} a blank").words == "XML Parse error: {not} a blank."


def test_a_fault_about_a_field_names_it_for_the_api_to_spell() -> None:
    error = Fault.INVALID_REQUEST.about("client_reference", "is too long")
    assert isinstance(error, FaultError)
    assert (error.fault, error.field, error.problem) == (Fault.INVALID_REQUEST, "client_reference", "is too long")
    assert str(error).endswith("(client_reference is too long)")


PAGE = Path(__file__).parents[2] / "docs" / "reference" / "faults.md"


def test_every_fault_has_a_heading_and_every_heading_a_fault() -> None:
    headings = re.findall(r"^### (E\d+)", PAGE.read_text(), re.MULTILINE)
    assert headings == sorted({fault.code for fault in Fault})


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault.unreachable], ids=lambda fault: fault.code)
def test_what_no_request_provokes_is_said_to_be_so(fault: Fault) -> None:
    section = PAGE.read_text().split(f"### {fault.code}", 1)[1].split("###", 1)[0]
    assert "No request" in section
