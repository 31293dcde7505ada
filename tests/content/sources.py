"""Images to be fitted to many budgets: what the tests and the benchmark judge the search by."""

from functools import cache

from tests.content import makers

#: Budgets as shares of a source's bytes.
SHARES = (0.03, 0.06, 0.12, 0.25, 0.45, 0.7, 0.95, 1.2)


@cache
def sources() -> dict[str, tuple[str, bytes]]:
    """Name -> MIME type and bytes."""
    jpegs = {
        "a photograph": makers.saved(makers.photo(1600, 1200, 1), quality=92),
        "one of low quality": makers.saved(makers.photo(1200, 1600, 2), quality=60),
        "one of full quality": makers.saved(makers.photo(1000, 1000, 3), quality=98, subsampling=0),
        "a progressive one": makers.saved(makers.photo(1200, 900, 4), quality=85, progressive=True),
        "a grey one": makers.saved(makers.photo(1200, 900, 5).convert("L"), quality=88),
        "one in CMYK": makers.saved(makers.photo(1000, 800, 8).convert("CMYK"), quality=88),
        "a drawing": makers.saved(makers.screenshot(1200, 900), quality=90),
        "a smooth one": makers.saved(makers.photo(60, 60, 6).resize((1500, 1500)), quality=95),
        "a turned one": makers.saved(makers.photo(1200, 900, 7), quality=90, exif=makers.exif(6)),
    }
    seen_through = makers.photo(700, 500, 10)
    seen_through.putalpha(128)
    others = {
        "a PNG": ("image/png", makers.saved(makers.photo(800, 600, 9), "PNG")),
        "a PNG with alpha": ("image/png", makers.saved(seen_through, "PNG")),
        "a WebP": ("image/webp", makers.saved(makers.photo(1200, 900, 11), "WEBP", quality=85)),
    }
    return {name: ("image/jpeg", data) for name, data in jpegs.items()} | others
