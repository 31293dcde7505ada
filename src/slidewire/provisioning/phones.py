"""Networks, and the phone behind a number: what is known, and what each link of the look-up says."""

from typing import TypedDict

from slidewire.carriers.handsets import HandsetTable
from slidewire.carriers.lookup import Lookup, Said
from slidewire.carriers.operators import Catalogue
from slidewire.domain.handset import Handset
from slidewire.domain.moments import written
from slidewire.provisioning.refusals import RefusedError, missing
from slidewire.provisioning.words import read_receiver
from slidewire.store.database import Connection
from slidewire.store.handsets import find_handsets

_DAY = 86_400_000


class OperatorFacts(TypedDict):
    """One mobile network."""

    id: str
    aliases: list[str]
    name: str
    country: str
    mms: bool
    networks: list[str]


class LookupAnswer(TypedDict):
    """What one link of the operator look-up says by itself."""

    link: str
    operator: str
    network: str
    name: str
    line_type: str
    says: str


class HandsetFacts(TypedDict):
    """What receipts told of a phone, and what a table knows of such phones; None: nothing."""

    number: str
    profile: str
    user_agent: str
    seen_at: str
    days_ago: int
    known_as: str | None
    bytes: int | None
    width: int | None
    height: int | None
    shows: list[str] | None


def list_operators(catalogue: Catalogue, country: str = "") -> list[OperatorFacts]:
    """The operators that are known, those of the settings before those that come with us; of one country or all."""
    return [
        {
            "id": each.id,
            "aliases": list(each.aliases),
            "name": each.name,
            "country": each.country,
            "mms": each.mms,
            "networks": list(each.networks),
        }
        for each in catalogue
        if country.upper() in {"", each.country}
    ]


async def look_up(lookup: Lookup | None, number: str) -> list[LookupAnswer]:
    """Ask every link about a number; the provider is really asked, and nothing is kept. Raises RefusedError."""
    receiver = read_receiver(number)
    if lookup is None:
        raise RefusedError(
            "there is no [lookup] in the settings: an operator that a request does not name is unknown",
            "docs/how-to/find-the-operator.md tells how to set it up.",
        )
    return [_answer(lookup, said) for said in await lookup.chain(receiver)]


def show_handset(connection: Connection, number: str, table: HandsetTable, now: int) -> HandsetFacts:
    """What is known of the phone behind a number. Raises RefusedError when nothing is."""
    digits = read_receiver(number)
    found = find_handsets(connection, [digits]).get(digits)
    if found is None:
        raise missing(
            f"nothing is known of the phone behind {digits}",
            "Its network tells of it in receipts, or does not; what it told is kept for [handsets] keep.",
        )
    return _handset(digits, found, table, now)


def _handset(digits: str, handset: Handset, table: HandsetTable, now: int) -> HandsetFacts:
    known = table.find(handset)
    shows = None if known is None or known.shows is None else sorted(kind.value for kind in known.shows)
    return {
        "number": digits,
        "profile": handset.profile,
        "user_agent": handset.agent,
        "seen_at": written(handset.seen_at),
        "days_ago": max(now - handset.seen_at, 0) // _DAY,
        "known_as": known.name if known else None,
        "bytes": known.bytes or None if known else None,
        "width": known.width or None if known else None,
        "height": known.height or None if known else None,
        "shows": shows,
    }


def _answer(lookup: Lookup, said: Said) -> LookupAnswer:
    finding = said.finding
    if finding is None:
        nothing = {"operator": "", "network": "", "name": "", "line_type": ""}
        return {"link": said.source.value, "says": said.words, **nothing}  # type: ignore[typeddict-item]  # all names
    operator = lookup.operator_of(finding)
    tells = finding.names_a_network or finding.line_type
    return {
        "link": said.source.value,
        "operator": operator.id if operator else "",
        "network": finding.network,
        "name": operator.name if operator else finding.name,
        "line_type": finding.line_type,
        "says": "" if tells else "knows nothing of the number",
    }
