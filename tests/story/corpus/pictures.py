"""Whole images of every kind, colour mode and orientation: all are taken, and leave as settled and the issue say."""

from functools import partial

from PIL import Image, ImageCms
from tests.content import makers, odd_makers
from tests.content.odd_makers import Frame, comment, gif_of
from tests.story.corpus.case import EITHER, GIF, JPEG, PNG, Case, taken

W, H = 120, 80
SIZE = (W, H)
PHOTO = makers.photo(W, H)
PLAIN = makers.saved(PHOTO)
HALF_SEEN = PHOTO.copy()
HALF_SEEN.putalpha(Image.linear_gradient("L").resize(SIZE))
FLAT = makers.screenshot(W, H)
SCRIPT = b"<html><script>alert(1)</script></html>"


def profile(space: str) -> bytes:
    """A colour profile that is not sRGB: Lab for what is none of ours, XYZ for a real one."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(space)).tobytes()  # type: ignore[arg-type]  # one of its names


def jpeg(mode: str = "RGB", **how: object) -> bytes:
    return makers.saved(PHOTO.convert(mode), **how)


def png(mode: str = "RGB", **how: object) -> bytes:
    return makers.saved((HALF_SEEN if mode in {"RGBA", "LA"} else PHOTO).convert(mode), "PNG", **how)


def webp(mode: str = "RGB", **how: object) -> bytes:
    return makers.saved((HALF_SEEN if mode == "RGBA" else PHOTO).convert(mode), "WEBP", **how)


def turned(orientation: int, name: str = "JPEG") -> bytes:
    upright = makers.corners(W, H)
    return makers.saved(makers.stored_as(upright, orientation), name, exif=makers.exif(orientation), quality=95)


def moving(count: int, name: str = "GIF", **how: object) -> bytes:
    return makers.animated(makers.animation(count, W, H), name, **how)


def thousand(name: str) -> bytes:
    """A thousand small frames, each another colour than the one before."""
    if name == "GIF":
        return gif_of((16, 16), [Frame(number % 127 + 1) for number in range(1000)])
    frames = [Image.new("RGB", (16, 16), "navy") for _ in range(1000)]
    for number, frame in enumerate(frames):
        frame.putpixel((number % 16, number // 16 % 16), (255, 255, 0))
    return makers.animated(frames, "WEBP", lossless=True, method=0)


JPEGS = [
    *(taken(f"JPEG {mode}", partial(jpeg, mode), JPEG, SIZE) for mode in ("RGB", "L", "CMYK", "YCbCr")),
    *(taken(f"JPEG of quality {q}", partial(jpeg, quality=q), JPEG, SIZE) for q in (1, 50, 100)),
    *(taken(f"JPEG of subsampling {s}", partial(jpeg, subsampling=s), JPEG, SIZE) for s in (0, 1, 2)),
    taken("JPEG stored as RGB", partial(jpeg, keep_rgb=True), JPEG, SIZE),
    taken("JPEG, progressive", partial(jpeg, progressive=True), JPEG, SIZE),
    taken("JPEG, progressive in CMYK", partial(jpeg, "CMYK", progressive=True), JPEG, SIZE),
    taken("JPEG with restart marks", partial(jpeg, restart_marker_rows=1), JPEG, SIZE),
    taken("JPEG, optimised", partial(jpeg, optimize=True), JPEG, SIZE),
    taken("JPEG with a place and a camera", partial(jpeg, exif=makers.exif()), JPEG, SIZE),
    taken("JPEG with a comment", partial(jpeg, comment=SCRIPT), JPEG, SIZE),
    taken("JPEG with XMP", partial(jpeg, xmp=b"<x:xmpmeta>secret</x:xmpmeta>"), JPEG, SIZE),
    taken("JPEG with another profile", lambda: jpeg(icc_profile=profile("LAB")), JPEG, SIZE),
    taken("JPEG with a profile that names sRGB", lambda: jpeg(icc_profile=profile("sRGB")), JPEG, SIZE),
    taken("JPEG with a broken profile", partial(jpeg, icc_profile=b"\x00\x01" * 300), JPEG, SIZE),
    taken("JPEG of one pixel", lambda: makers.saved(PHOTO.crop((0, 0, 1, 1))), JPEG, (1, 1)),
    taken("JPEG, one pixel high", lambda: makers.saved(makers.photo(2000, 1)), JPEG, (2000, 1)),
    taken("JPEG, one pixel wide", lambda: makers.saved(makers.photo(1, 1900)), JPEG, (1, 1900)),
    taken("JPEG of 12 megapixels", lambda: makers.saved(PHOTO.resize((4000, 3000)), quality=60), JPEG, (2592, 1944)),
    taken("JPEG of 48 megapixels", lambda: makers.saved(PHOTO.resize((8000, 6000)), quality=5), JPEG, (2592, 1944)),
    taken("JPEG with an archive behind its end", lambda: PLAIN + b"PK\x03\x04" + bytes(500), JPEG, SIZE),
    taken("JPEG with junk between segments", lambda: PLAIN[:20] + bytes(20) + PLAIN[20:], JPEG, SIZE),
    *(taken(f"JPEG turned {n}", partial(turned, n), JPEG, SIZE, corners=True) for n in range(1, 9)),
    taken("JPEG turned 9, which is no turn", lambda: jpeg(exif=makers.exif(9)), JPEG, SIZE),
    taken("JPEG turned 0", lambda: jpeg(exif=makers.exif(0)), JPEG, SIZE),
    taken("JPEG with broken EXIF", lambda: jpeg(exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff"), JPEG, SIZE),
]
PNGS = [
    *(taken(f"PNG {mode}", partial(png, mode), EITHER, SIZE) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")),
    *(
        taken(f"PNG of 16 bits, colour {colour}", partial(odd_makers.deep_png, HALF_SEEN, colour), EITHER, SIZE)
        for colour in (0, 2, 4, 6)
    ),
    *(
        taken(
            f"PNG with a palette of {bits} bits",
            lambda bits=bits: makers.saved(FLAT.quantize(1 << bits), "PNG", bits=bits),  # type: ignore[misc]
            EITHER,
            SIZE,
        )
        for bits in (1, 2, 4)
    ),
    taken(
        "PNG with a see-through colour of its palette",
        lambda: makers.saved(FLAT.quantize(8), "PNG", transparency=0),
        EITHER,
        SIZE,
    ),
    taken("PNG with a see-through grey", partial(png, "L", transparency=200), EITHER, SIZE),
    taken("PNG with a see-through RGB", partial(png, transparency=(1, 2, 3)), EITHER, SIZE),
    taken("PNG, interlaced", lambda: odd_makers.adam7_png(PHOTO), EITHER, SIZE),
    taken("PNG, a photograph", lambda: makers.saved(makers.photo(400, 300), "PNG"), JPEG, (400, 300)),
    taken("PNG, a drawing", lambda: makers.saved(makers.screenshot(400, 300), "PNG", optimize=True), PNG, (400, 300)),
    taken("PNG with a place", partial(png, exif=makers.exif()), EITHER, SIZE),
    taken("PNG turned 6", partial(turned, 6, "PNG"), EITHER, SIZE, corners=True),
    taken("PNG turned 2", partial(turned, 2, "PNG"), EITHER, SIZE, corners=True),
    taken("PNG with a profile", lambda: png(icc_profile=profile("LAB")), EITHER, SIZE),
    taken("PNG of many pictures", lambda: moving(3, "PNG"), EITHER, SIZE),
    taken("PNG of 25 megapixels in 70 kB", lambda: makers.png_bomb(4999), EITHER, (1944, 1944)),
    taken("PNG with something behind its end", lambda: png() + SCRIPT, EITHER, SIZE),
]
GIFS = [
    taken("GIF of one picture", lambda: makers.saved(PHOTO.quantize(64), "GIF"), GIF, SIZE),
    taken("GIF, grey", lambda: makers.saved(PHOTO.convert("L"), "GIF"), GIF, SIZE),
    taken("GIF of 1987", lambda: gif_of((16, 16), [Frame()], loop=None, version=b"87a"), GIF, (16, 16)),
    taken("GIF, interlaced", lambda: gif_of((16, 16), [Frame(interlaced=True)]), GIF, (16, 16)),
    taken("GIF, see-through", lambda: gif_of((16, 16), [Frame(clear=1)]), GIF, (16, 16)),
    taken("GIF, a small picture on a large screen", lambda: gif_of((99, 77), [Frame(left=40, top=9)]), GIF, (99, 77)),
    taken("GIF with a comment", lambda: gif_of((16, 16), [Frame()], extra=comment(SCRIPT)), GIF, (16, 16)),
    taken(
        "GIF that is a web page too",
        lambda: gif_of((0x2A2F, 16), [Frame()], extra=comment(b"*/=1;" + SCRIPT)),
        JPEG,
        (2592, 4),
    ),
    taken("GIF animated with 2 frames", lambda: moving(2), GIF, SIZE, frames=2),
    taken("GIF animated with 12 frames", lambda: moving(12), GIF, SIZE, frames=12),
    taken("GIF animated with 1 frame", lambda: gif_of((16, 16), [Frame()], loop=0), GIF, (16, 16)),
    taken("GIF animated with 1000 frames", lambda: thousand("GIF"), GIF, (16, 16), frames=1000),
    taken("GIF that plays once", lambda: gif_of((16, 16), [Frame(1), Frame(2)], loop=None), GIF, (16, 16), frames=2),
    *(
        taken(
            f"GIF whose frames go by way {way}",
            lambda way=way: gif_of((32, 32), [Frame(1, disposal=way), Frame(2, 8, 8, disposal=way), Frame(3, 16)]),  # type: ignore[misc]
            GIF,
            (32, 32),
            frames=3,
        )
        for way in (0, 2, 3)
    ),
    taken(
        "GIF without pauses",
        lambda: gif_of((16, 16), [Frame(1, hundredths=0), Frame(2, hundredths=0)]),
        GIF,
        (16, 16),
        frames=2,
    ),
    taken("GIF with something behind its end", lambda: moving(2) + SCRIPT, GIF, SIZE, frames=2),
]
WEBPS = [
    taken("WebP, lossy", webp, JPEG, SIZE),
    taken("WebP, lossless", partial(webp, lossless=True), JPEG, SIZE),
    taken("WebP, see-through", partial(webp, "RGBA"), JPEG, SIZE),
    taken("WebP, lossless and see-through", partial(webp, "RGBA", lossless=True), JPEG, SIZE),
    taken("WebP with a place", partial(webp, exif=makers.exif()), JPEG, SIZE),
    taken("WebP turned 6", partial(turned, 6, "WEBP"), JPEG, SIZE, corners=True),
    taken("WebP with a profile", lambda: webp(icc_profile=profile("LAB")), JPEG, SIZE),
    taken(
        "WebP of 12 megapixels",
        lambda: makers.saved(PHOTO.resize((4000, 3000)), "WEBP", quality=5, method=0),
        JPEG,
        (2592, 1944),
    ),
    taken("WebP animated with 8 frames", lambda: moving(8, "WEBP"), GIF, SIZE, frames=8),
    taken("WebP animated with 1000 frames", lambda: thousand("WEBP"), GIF, (16, 16), frames=1000),
]
#: The same files under names and headers that are not theirs: the bytes decide (settled 18).
MISNAMED = [
    taken("JPEG served as text/html", lambda: PLAIN, JPEG, SIZE, header="text/html", path=".html"),
    taken("JPEG served as video/mp4", lambda: PLAIN, JPEG, SIZE, header="video/mp4", path=".mp4"),
    taken("JPEG without a type", lambda: PLAIN, JPEG, SIZE, header=""),
    taken("JPEG called .png and served so", lambda: PLAIN, JPEG, SIZE, header="image/png", path=".png"),
    taken("PNG called .jpg and served so", png, EITHER, SIZE, header="image/jpeg", path=".jpg"),
    taken("GIF called .jpg and served so", partial(moving, 2), GIF, SIZE, header="image/jpeg", path=".jpg", frames=2),
    taken("WebP called .gif and served so", webp, JPEG, SIZE, header="image/gif", path=".gif"),
    taken("JPEG with a type of nonsense", lambda: PLAIN, JPEG, SIZE, header='a/b; c="d', path=".exe"),
]
PICTURES: list[Case] = [*JPEGS, *PNGS, *GIFS, *WEBPS, *MISNAMED]
