"""Who looks at a page, as far as can be told: a person, or a program that makes previews (counted apart)."""

import re
from collections.abc import Mapping

#: Words in the user agents of crawlers, of what messengers use for previews, and of libraries.
_BOTS = re.compile(
    rb"(?<!cu)bot\b|(?<!cu)bot[/_-]|crawl|spider|slurp|preview|prefetch|headless|lighthouse|monitor"
    rb"|facebookexternalhit|facebookcatalog|whatsapp|embedly|mastodon|vkshare|googleimageproxy|google-pagerenderer"
    rb"|feedfetcher|^curl/|^wget|httpie|python|aiohttp|httpx|okhttp|go-http|java/|libwww|axios|node-fetch|ruby/",
    re.IGNORECASE,
)  # not "Cubot", who makes phones


def is_bot(headers: Mapping[bytes, bytes]) -> bool:
    """Whether a program asks on nobody's behalf. ``headers``: names in lower case."""
    agent = headers.get(b"user-agent", b"")
    purpose = headers.get(b"sec-purpose", headers.get(b"purpose", b"")).lower()
    return not agent.strip() or b"prefetch" in purpose or b"preview" in purpose or _BOTS.search(agent) is not None
