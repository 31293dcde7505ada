"""The SMIL reader and the checks of media: what makes a slide, and what no phone would show alike."""

import pytest
from tests.simulator.builder import IMG, TXT, jpeg, multipart, named, part, smil

from slidewire.simulator.contents import open_content, text_of
from slidewire.simulator.multipart import Part, read_entity
from slidewire.simulator.presentation import Piece, PieceKind, Slide
from slidewire.simulator.status import RefusedError

INNER = 'multipart/related; type="application/smil"; start="<smil.smil>"; boundary=inner'
UTF8 = "text/plain; charset=utf-8"
PNG = b"\x89PNG\r\n\x1a\nrest"
MEDIA = (named("image/jpeg", "one.jpg", jpeg()), named(UTF8, "one.txt", "Grüße".encode()))
VIDEO = named("video/mp4", "film.mp4", b"mp4")
AUDIO = named("audio/mpeg", "song.mp3", b"mp3")
CARD = named("text/x-vcard", "card.vcf", b"BEGIN:VCARD")
TWO = named("image/png", "two.png", PNG)
ROOT = '<root-layout width="320" height="480"/>'
REGIONS = '<region id="Image"/><region id="Text"/>'


def entity(show: bytes = smil(IMG + TXT), *media: bytes, show_type: str = "application/smil") -> Part:
    parts = [named(show_type, "smil.smil", show), *(media or MEDIA)]
    return read_entity(INNER, multipart(parts, "inner"))


def mixed(*parts: bytes) -> Part:
    return read_entity("multipart/mixed; boundary=inner", multipart(list(parts), "inner"))


def refusal(content: Part, *, require_smil: bool = False) -> tuple[int, str]:
    with pytest.raises(RefusedError) as refused:
        open_content(content, require_smil=require_smil)
    return refused.value.code.number, refused.value.sentence


def test_reads_slides_in_their_order() -> None:
    show = smil(
        IMG + TXT, '<video src="cid:film.mp4" region="Image"/>', '<audio src="song.mp3"/>', '<ref src="card.vcf"/>'
    )
    assert open_content(entity(show, *MEDIA, VIDEO, AUDIO, CARD), require_smil=True).slides == (
        Slide((Piece(PieceKind.IMAGE, 1), Piece(PieceKind.TEXT, 2)), 5.0),
        Slide((Piece(PieceKind.VIDEO, 3),), 5.0),
        Slide((Piece(PieceKind.AUDIO, 4),), 5.0),
        Slide((Piece(PieceKind.OBJECT, 5),), 5.0),
    )


def test_shows_parts_that_the_smil_forgets_as_attachments() -> None:
    slides = open_content(entity(smil(IMG + TXT), *MEDIA, CARD), require_smil=False).slides
    assert slides[1:] == (Slide((Piece(PieceKind.OBJECT, 3),)),)


def test_takes_an_image_that_is_shown_twice() -> None:
    assert len(open_content(entity(smil(IMG + TXT, IMG)), require_smil=False).slides) == 2


def test_takes_a_mixed_content_without_smil_unless_one_is_required() -> None:
    content = mixed(*MEDIA)
    assert [slide.pieces for slide in open_content(content, require_smil=False).slides] == [
        (Piece(PieceKind.IMAGE, 0),),
        (Piece(PieceKind.TEXT, 1),),
    ]
    assert refusal(content, require_smil=True) == (2004, "There is no SMIL part.")


def test_reads_text_whatever_its_line_ends() -> None:
    content = open_content(mixed(named(UTF8, "a.txt", "\ufeffa\r\nb\rc\nd".encode())), require_smil=False)
    assert text_of(content.parts[0]) == "a\nb\nc\nd"


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [("5s", 5.0), ("1500ms", 1.5), ("2.5s", 2.5)],
)
def test_reads_durations(duration: str, seconds: float) -> None:
    show = smil(IMG).replace(b"5s", duration.encode())
    assert open_content(entity(show), require_smil=False).slides[0].seconds == seconds


def layout(inside: str) -> bytes:
    return smil(IMG + TXT, layout=inside)


@pytest.mark.parametrize(
    ("show", "says"),
    [
        pytest.param(b"<smil", "not well-formed", id="broken XML"),
        pytest.param(b"<!DOCTYPE smil>" + smil(IMG), "DTD", id="a DTD"),
        pytest.param(smil(IMG).replace(b"smil>", b"SMIL>"), "root", id="a root in capitals"),
        pytest.param(smil(IMG).replace(b"<smil>", b'<smil xmlns="http://x">'), "root", id="an unknown language"),
        pytest.param(smil(IMG).replace(b"<body>", b'<body xmlns="http://x">'), "namespace", id="a foreign body"),
        pytest.param(smil(IMG).replace(b"<body>", b"<body>hi"), "holds text", id="text in the body"),
        pytest.param(b"<smil><body/><head/></smil>", "head and body", id="body first"),
        pytest.param(b"<smil><body/></smil>", "head and body", id="no head"),
        pytest.param(smil(), "0 slides", id="no slide"),
        pytest.param(smil(*[IMG] * 31), "31 slides", id="too many slides"),
        pytest.param(smil(""), "is empty", id="an empty slide"),
        pytest.param(smil(IMG).replace(b"<par ", b"<seq ").replace(b"</par>", b"</seq>"), "par belongs", id="a seq"),
        pytest.param(layout(REGIONS), "exactly one root-layout", id="no root-layout"),
        pytest.param(layout(ROOT * 2 + REGIONS), "exactly one root-layout", id="two root-layouts"),
        pytest.param(layout('<root-layout width="320"/>' + REGIONS), "width and height", id="no height"),
        pytest.param(layout(ROOT + REGIONS + '<region id="Video"/>'), "no value", id="a third region"),
        pytest.param(layout(ROOT + REGIONS + '<region id="Text"/>'), "id of its own", id="a region twice"),
        pytest.param(layout(ROOT + '<region id="image"/><region id="Text"/>'), "no value", id="a region in lower case"),
        pytest.param(layout(ROOT + "<region/>" + REGIONS), "id of its own", id="a region without id"),
        pytest.param(layout(ROOT + '<region id="Image"/>'), "layout lacks", id="text for a region that is not there"),
        pytest.param(layout(ROOT.replace("320", "wide") + REGIONS), "no value", id="a width in words"),
        pytest.param(layout(ROOT + REGIONS.replace("<region", '<region fit="crop"', 1)), "no value", id="fit=crop"),
        pytest.param(layout(ROOT + "<region id='Image'><x/></region>" + REGIONS[20:]), "be empty", id="in a region"),
        pytest.param(smil(IMG).replace(b"<layout>", b"<transition/><layout>"), "nothing else", id="a transition"),
        pytest.param(smil(IMG).replace(b"5s", b"5"), "no value", id="a duration without unit"),
        pytest.param(smil(IMG).replace(b"5s", b"indefinite"), "no value", id="a duration without end"),
        pytest.param(smil(IMG + '<img src="two.png" region="Image"/>'), "more than one", id="two images in a slide"),
        pytest.param(smil(IMG + '<video src="film.mp4" region="Image"/>'), "more than one", id="image and video"),
        pytest.param(smil(TXT + TXT), "more than one", id="two texts in a slide"),
        pytest.param(smil('<audio src="song.mp3"/>' * 2), "more than one", id="two sounds in a slide"),
        pytest.param(
            smil('<video src="film.mp4" region="Image"/><audio src="song.mp3"/>'), "more than one", id="sound and video"
        ),
        pytest.param(smil('<ref src="card.vcf"/>' * 2), "more than one", id="two objects in a slide"),
        pytest.param(smil('<img src="no.jpg" region="Image"/>'), "no part", id="a src without its part"),
        pytest.param(smil('<img src="cid:no.jpg" region="Image"/>'), "no part", id="a cid without its part"),
        pytest.param(smil('<img src="smil.smil" region="Image"/>'), "no part", id="the SMIL shows itself"),
        pytest.param(smil('<img src="http://x/a.jpg" region="Image"/>'), "no part", id="an image from elsewhere"),
        pytest.param(smil('<img region="Image"/>'), "no src", id="no src"),
        pytest.param(smil('<img src="one.jpg"/>'), "layout lacks", id="an image without region"),
        pytest.param(smil('<text src="one.jpg" region="Text"/>'), "which is image/jpeg", id="an image called text"),
        pytest.param(smil('<ref src="one.jpg"/>'), "which is image/jpeg", id="an image called ref"),
        pytest.param(smil('<img src="one.jpg" region="Image" href="x"/>'), "unknown attribute", id="a link"),
        pytest.param(smil('<a src="one.jpg"/>'), "holds a", id="an element that phones do not know"),
        pytest.param(smil('<img src="one.jpg" region="Image"><x/></img>'), "be empty", id="something in an image"),
        pytest.param(
            smil('<img src="two.png" region="Image"/>', IMG), "order of the slides", id="parts against the slides"
        ),
    ],
)
def test_refuses_a_presentation(show: bytes, says: str) -> None:
    code, sentence = refusal(entity(show, *MEDIA, TWO, VIDEO, AUDIO, CARD))
    assert says in sentence
    assert code == 2004


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        pytest.param(
            entity(smil(IMG), *MEDIA, named("application/smil", "b.smil", smil(IMG))), 2004, "two SMIL", id="two SMILs"
        ),
        pytest.param(
            mixed(named("application/smil", "smil.smil", smil(IMG + TXT)), *MEDIA),
            2004,
            "first part",
            id="SMIL in mixed",
        ),
        pytest.param(
            read_entity(
                'multipart/related; type="image/jpeg"; start="<one.jpg>"; boundary=inner', multipart([*MEDIA], "inner")
            ),
            2004,
            "no SMIL",
            id="related without SMIL",
        ),
        pytest.param(
            mixed(named("text/plain; charset=us-ascii", "a.txt", "é".encode())), 2004, "not in us-ascii", id="not ASCII"
        ),
        pytest.param(mixed(named(UTF8, "a.txt", "é".encode("latin-1"))), 2004, "not in utf-8", id="Latin-1 as UTF-8"),
        pytest.param(mixed(named(UTF8, "a.txt", "é".encode("utf-16"))), 2004, "not in utf-8", id="UTF-16 as UTF-8"),
        pytest.param(mixed(named("text/plain", "a.txt", "é".encode())), 2004, "not in us-ascii", id="UTF-8 not told"),
        pytest.param(
            mixed(named("text/plain; charset=utf-16", "a.txt", "é".encode("utf-16"))),
            2004,
            "utf-16",
            id="honest UTF-16",
        ),
        pytest.param(mixed(named(UTF8, "a.txt", b"a\0b")), 2004, "NUL", id="a NUL in a text"),
        pytest.param(
            entity(smil(IMG), show_type="application/smil; charset=utf-16"), 2004, "utf-16", id="a SMIL in UTF-16"
        ),
        pytest.param(mixed(named("image/webp", "a.webp", b"RIFF")), 2004, "not carried", id="WebP"),
        pytest.param(mixed(named("image/jpeg", "a.jpg", PNG)), 2004, "its bytes are not", id="a PNG called JPEG"),
        pytest.param(mixed(named("image/jpeg", "a.jpg", b"")), 2004, "its bytes are not", id="an empty image"),
        pytest.param(mixed(named("audio/mpeg", "a.mp3", b"")), 2004, "is empty", id="an empty sound"),
        pytest.param(mixed(named("application/zip", "a.zip", b"PK")), 2004, "not carried", id="a ZIP"),
        pytest.param(mixed(named("text/html", "a.html", b"<p>")), 2004, "not carried", id="HTML"),
        pytest.param(
            mixed(part("multipart/mixed; boundary=b", multipart([MEDIA[0]], "b"))),
            2007,
            "inside",
            id="a multipart inside",
        ),
    ],
)
def test_refuses_a_content(content: Part, code: int, says: str) -> None:
    found, sentence = refusal(content)
    assert says in sentence
    assert found == code
