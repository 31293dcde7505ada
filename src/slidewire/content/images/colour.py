"""Every colour mode turned to what a phone shows: grey or sRGB in 8 bits, on white where it was transparent."""

from io import BytesIO
from typing import Final

from PIL import Image, ImageCms

from slidewire.content.images.opening import BROKEN

#: Modes whose pixels can be averaged as they are; all others are converted before resizing.
_PLAIN: Final = frozenset({"L", "LA", "RGB", "RGBA", "CMYK"})
_TRANSPARENT: Final = frozenset({"LA", "PA", "RGBA", "La", "RGBa"})
#: Rows at a time.
_STRIP: Final = 256
#: The colour space that a profile must be for to be used with a mode.
_SPACES: Final = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}


def is_transparent(image: Image.Image) -> bool:
    """Whether the image may let its background through."""
    return image.mode in _TRANSPARENT or "transparency" in image.info


def is_srgb(profile: bytes) -> bool:
    """No profile, or one that names sRGB: its pixels mean what phones think they mean."""
    return not profile or b"sRGB" in profile or "sRGB".encode("utf-16-be") in profile


def to_plain(image: Image.Image) -> Image.Image:
    """A mode that can be resized: palettes looked up, 16 bits scaled to 8, bits made grey."""
    if "transparency" in image.info and image.mode in ("1", "L", "RGB", "P"):
        return image.convert("RGBA")
    if image.mode in _PLAIN:
        return image
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda level: level / 256).convert("L")
    if image.mode in _TRANSPARENT:
        return image.convert("RGBA")
    return image.convert("L" if image.mode == "1" else "RGB")


def to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Grey or RGB, the profile applied; a broken one means sRGB (security 8)."""
    if not is_srgb(profile):
        image = _apply(image, profile)
    return image if image.mode in ("L", "RGB") else image.convert("RGB")


def on_white(image: Image.Image) -> Image.Image:
    """The image laid on white paper, strip by strip to save memory; as it is where nothing shows through."""
    if image.mode not in ("LA", "RGBA"):
        return image
    opaque = "L" if image.mode == "LA" else "RGB"
    paper = Image.new(opaque, image.size, "white")
    for top in range(0, image.height, _STRIP):
        strip = image.crop((0, top, image.width, min(top + _STRIP, image.height)))
        paper.paste(strip.convert(opaque), (0, top), strip.getchannel("A"))
    return paper


def _apply(image: Image.Image, profile: bytes) -> Image.Image:
    """Convert by the profile where it fits the mode and can be read; else leave the pixels as they are."""
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if source.profile.xcolor_space.strip() != _SPACES.get(image.mode):
            return image
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (*BROKEN, ImageCms.PyCMSError):
        return image
    return image if converted is None else converted
