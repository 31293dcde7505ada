"""Every way in which a medium can be refused, in the published words and with its slide (settled 17, 18, 24)."""

from dataclasses import replace

import pytest
from tests.content import makers
from tests.content.conftest import MakeHouse
from tests.fakes.origin import Origin, Page

from slidewire.content.fetch import ContentSettings, FetchPolicy
from slidewire.content.inspection import SourceLimits
from slidewire.domain.faults import FaultError
from slidewire.domain.message import Kind
from slidewire.domain.request import CheckedSlide, Medium
from slidewire.outbound.fetch import FetchLimits

POLICY = FetchPolicy("acct-1")
JPEG = makers.saved(makers.photo(64, 48))
GIF = makers.animated(makers.animation(3))
CAPS = SourceLimits(image=60_000, gif=50_000, audio=40_000, video=90_000, object=20_000)
IMG, A, M, V, C, P = Kind.IMAGE, Kind.AUDIO, Kind.VIDEO, Kind.VCARD, Kind.ICAL, Kind.PDF
#: As the founding page has them.
WORDS = {
    "E229": "Content not allowed.",
    "E331": "Image in slide 2 is too big.",
    "E332": "Audio in slide 2 is too big.",
    "E333": "Video in slide 2 is too big.",
    "E335": "vCard in slide 2 is too big.",
    "E336": "iCal in slide 2 is too big.",
    "E337": "PDF in slide 2 is too big.",
    "E341": "Image file in slide 2 is corrupted.",
    "E351": "Could not copy Image in slide 2.",
    "E352": "Could not copy Audio in slide 2.",
    "E353": "Could not copy Video in slide 2.",
    "E355": "Could not copy vCard in slide 2.",
    "E356": "Could not copy iCal in slide 2.",
    "E357": "Could not copy PDF in slide 2.",
    "E629": "Unrecognized content type.",
}
NO_XREF = makers.pdf().replace(b"xref\n0", b"none\n0")


def a_slide(kind: Kind, url: str) -> CheckedSlide:
    return CheckedSlide((Medium(kind, url),), "", 10)


def gone(status: str) -> Page:
    return Page(b"x", status=status)


@pytest.mark.parametrize(
    ("kind", "page", "code", "detail"),
    [
        pytest.param(IMG, gone("404 Not Found"), "E351", "the answer was HTTP 404", id="no such picture"),
        pytest.param(IMG, Page(JPEG, cut_after=99), "E351", "the answer ended before its end", id="cut off"),
        pytest.param(A, Page(b""), "E352", "the answer was empty", id="an empty sound"),
        pytest.param(M, Page(bytes(50), cut_after=9), "E353", "the answer ended before its end", id="a film cut off"),
        pytest.param(V, Page.redirect("//10.0.0.1/"), "E355", "the host is not on the public Internet", id="led"),
        pytest.param(C, gone("500 Oops"), "E356", "the answer was HTTP 500", id="a broken origin"),
        pytest.param(P, Page(b"x", delay=9), "E357", "it took too long", id="a silent origin"),
        pytest.param(IMG, Page(bytes(70_000)), "E331", "70 000 bytes, at most 60 000", id="a picture"),
        pytest.param(IMG, Page(GIF.ljust(50_001)), "E331", "50 001 bytes, at most 50 000", id="a GIF"),
        pytest.param(A, Page(bytes(40_001)), "E332", "40 001 bytes, at most 40 000", id="a sound over the cap"),
        pytest.param(M, Page(bytes(90_001)), "E333", "90 001 bytes, at most 90 000", id="a film over the cap"),
        pytest.param(V, Page(bytes(20_001)), "E335", "20 001 bytes, at most 20 000", id="a vCard over the cap"),
        pytest.param(C, Page(bytes(20_001)), "E336", "20 001 bytes, at most 20 000", id="a calendar"),
        pytest.param(P, Page(bytes(20_001)), "E337", "20 001 bytes, at most 20 000", id="a PDF over the cap"),
        pytest.param(IMG, Page(makers.png(9000, 9000)), "E331", "81 000 000 pixels, at most 50 000 000", id="pixels"),
        pytest.param(IMG, Page(JPEG[:-200]), "E341", "the JPEG is cut off inside its pixels", id="a picture cut off"),
        pytest.param(IMG, Page(makers.png(0, 0)), "E341", "an image without pixels", id="a picture of nothing"),
        pytest.param(IMG, Page(b"GIF89a/*" + makers.HTML), "E341", "the GIF is cut off or damaged", id="a page as GIF"),
        pytest.param(IMG, Page(makers.SVG), "E629", "image in slide 2: image/svg+xml is not taken", id="an SVG"),
        pytest.param(IMG, Page(makers.BMP), "E629", "image in slide 2: image/bmp is not taken", id="a BMP"),
        pytest.param(IMG, Page(makers.HTML), "E629", "image in slide 2: text/html is not taken", id="a web page"),
        pytest.param(IMG, Page(bytes(50)), "E629", "image in slide 2: its bytes are of no type that we know", id="nil"),
        pytest.param(A, Page(makers.WAV), "E629", "audio in slide 2: audio/wav is not taken", id="a WAV"),
        pytest.param(IMG, Page(makers.pdf()), "E229", "image in slide 2: it is application/pdf", id="a PDF for IMAGE"),
        pytest.param(IMG, Page(makers.mp4()), "E229", "image in slide 2: it is video/mp4", id="a film for IMAGE"),
        pytest.param(A, Page(JPEG), "E229", "audio in slide 2: it is image/jpeg", id="a picture behind AUDIO"),
        pytest.param(V, Page(makers.ICAL), "E229", "vcard in slide 2: it is text/calendar", id="a calendar for a card"),
        pytest.param(V, Page(makers.VCARD[:-12]), "E629", "vcard in slide 2: an END is missing", id="half a vCard"),
        pytest.param(C, Page(makers.ICAL[:-4]), "E629", "ical in slide 2: an END without its BEGIN", id="half a plan"),
        pytest.param(
            P, Page(NO_XREF), "E629",
            "pdf in slide 2: a PDF whose cross-reference table is not where startxref says", id="a PDF without xref",
        ),
    ],
)  # fmt: skip
async def test_refuses_in_the_published_words(house: MakeHouse, kind: Kind, page: Page, code: str, detail: str) -> None:
    async with Origin() as origin, house(ContentSettings(limits=CAPS), FetchLimits(total=1.0)) as home:
        slides = [CheckedSlide((), "words", 10), a_slide(kind, origin.page("/x", replace(page, content_type="")))]
        with pytest.raises(FaultError) as refused:
            await home.fetcher.fetch_slides(slides, POLICY)
        assert f"{refused.value.fault.code} {refused.value.words}" == f"{code} {WORDS[code]} ({detail})"
        assert home.store._synced == set(), "what is refused is not kept"


@pytest.mark.parametrize(
    "url", ["x.jpg", "ftp://127.0.0.1/x", "http://u:p@127.0.0.1/x", "http://10.0.0.1/x", "http://a.test/x"]
)
async def test_an_address_that_cannot_be_fetched_is_e351(house: MakeHouse, url: str) -> None:
    async with house() as home:
        with pytest.raises(FaultError) as refused:
            await home.fetcher.fetch_slides([a_slide(Kind.IMAGE, url)], POLICY)
        assert refused.value.fault.code == "E351"
