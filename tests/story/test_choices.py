"""Every combination of what MMS or SMS depends on, sent through the whole house, held against typed rules."""

import asyncio
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.carriers.replies import ok, rs_error, submit_rsp
from tests.fakes.raw_server import Peer, RawServer
from tests.story.choices import Combination, Obstacle, Told, combinations, events, rule
from tests.story.house import KEY, House, Plan, house, request, until

from slidewire.runtime.offline import digest
from slidewire.store.accounts import NewAccount, add_account

KEY_WITHOUT = "k3yOfAnAccountWithoutFallback001"
#: Obstacle -> operator of the receiver, and the end of its number, which tells the MMSC what to answer.
RECEIVERS = {
    Obstacle.NONE: ("31003", "01"),
    Obstacle.NOT_CAPABLE: ("31005", "01"),
    Obstacle.LANDLINE: ("", "01"),
    Obstacle.NO_MMS_ROUTE: ("31062", "01"),
    Obstacle.LOOKUP_FAILED: ("", "01"),
    Obstacle.TOO_BIG: ("31002", "01"),
    Obstacle.STILL_TOO_BIG: ("31003", "02"),
    Obstacle.ADDRESS_NOT_FOUND: ("31003", "03"),
    Obstacle.REJECTED: ("31003", "04"),
    Obstacle.DENIED: ("31003", "05"),
    Obstacle.RESTRICTED: ("31003", "06"),
    Obstacle.RAN_OUT: ("31003", "07"),
    Obstacle.RAN_OUT_ON_A_ROUTE_THAT_LETS: ("31004", "07"),
}
ANSWERS = {"02": "2004", "03": "2003", "04": "3002", "05": "4007", "06": "2001", "07": "4000"}
#: What the dialect calls them.
ALIASES = {"31002": "0001470", "31003": "0001890", "31004": "0001570", "31005": "0001650", "31062": "0001770"}
#: Prefix of the numbers of each operator; landlines have a prefix of their own, and one is in no file.
PREFIXES = {"31002": "1555710", "31003": "1555711", "31004": "1555712", "31005": "1555713", "31062": "1555714"}
LANDLINES, NOWHERE = "1555715", "1555716"
SLIDE = f"<SLIDE><TEXT>{'x' * 4_000}</TEXT></SLIDE>"


def mmsc() -> RawServer:
    """Answers as the number's end says."""
    numbers: Counter[str] = Counter()

    async def script(peer: Peer) -> None:
        while (asked := await peer.request()) is not None:
            number = re.search(rb"<(?:\w+:)?Number>([0-9]+)<", asked.body)
            assert number is not None, asked.body
            receiver = number[1].decode()
            numbers[receiver] += 1
            code = ANSWERS.get(receiver[-2:])
            done = submit_rsp(message_id=f"{receiver}-{numbers[receiver]}-{peer.number}")
            await peer.send(ok(rs_error(code, "Word")) if code else ok(done))

    return RawServer(script)


def number_of(case: Combination) -> str:
    operator, end = RECEIVERS[case.obstacle]
    nobody = LANDLINES if case.obstacle is Obstacle.LANDLINE else NOWHERE
    return f"{PREFIXES.get(operator, nobody)}00{end}"


def fields_of(case: Combination) -> dict[str, str]:
    operator = RECEIVERS[case.obstacle][0] or "31003"
    return {
        "API_KEY": KEY if case.account_allows else KEY_WITHOUT,
        "TO": number_of(case),
        "OPERATORID": operator if case.operator_given else "",
        "FORCE_SEND_AS_SMS": "true" if case.forced else "false",
        "DISABLEFALLBACKSMS": "yes" if case.disabled else "no",
        "CLIENT_REFERENCE": "order-778",
    }


def spid_of(case: Combination) -> str:
    """As it was given, else what the dialect calls the operator that was found (settled 29); empty: not known."""
    operator = RECEIVERS[case.obstacle][0]
    if case.operator_given:
        return operator or "31003"
    doubted = case.obstacle in (Obstacle.ADDRESS_NOT_FOUND, Obstacle.DENIED)  # and found by nobody else
    return "" if case.forced or doubted else ALIASES.get(operator, "")


def letters(case: Combination, tracking: str, mms_id: str) -> list[dict[str, str]]:
    """The exact fields of every postback; STATUSDETAILS as far as it is ours."""
    common = {"ORIGIN": "MMS_MT", "FROM": "24680", "TO": number_of(case), "TRACKINGID": tracking}
    common |= {"CLIENT_REFERENCE": "order-778"} | ({"SPID": spid} if (spid := spid_of(case)) else {})
    found = []
    for code, sent_as, status, details in rule(case).postbacks:
        one = common | {"CODE": code, "STATUS": status}
        one |= {"SENTAS": sent_as} if sent_as else {}
        one |= {"MMSID": mms_id} if code != "N202" else {}
        one |= {"STATUSDETAILS": details} if details else {}
        found.append(one)
    return found


async def told(home: House, case: Combination) -> Told:
    """What the customer hears in the end."""
    answer = await home.post(request(SLIDE, **fields_of(case)))
    if code := re.search("<ERRORCODE>([^<]+)<", answer):
        return Told(code[1])
    tracking = re.search("<TRACKINGID>([^<]+)<", answer)
    assert tracking is not None, answer
    wanted = len(rule(case).postbacks)

    async def heard() -> bool:
        return len(home.customer.received(tracking[1])) >= wanted

    await until(heard, 90, f"{wanted} postbacks of {case}")
    fields = [each.fields for each in home.customer.received(tracking[1])]
    mms_id = re.search("<MMSID>([0-9]+)<", answer)
    assert mms_id is not None
    assert (case, shortened(fields, case)) == (case, letters(case, tracking[1], mms_id[1]))
    happened = tuple(event for event in await home.events(tracking[1]) if event != "receipt")
    assert (case, happened) == (case, events(case))
    names = ("CODE", "SENTAS", "STATUS", "STATUSDETAILS")
    return Told("Success", tuple(tuple(each.get(name, "") for name in names) for each in fields))  # type: ignore[misc]


def shortened(fields: list[dict[str, str]], case: Combination) -> list[dict[str, str]]:
    """Without the times, which must be there, and with STATUSDETAILS as long as the rule's."""
    short = []
    for each, (code, _, _, details) in zip(fields, rule(case).postbacks, strict=True):
        assert ("TIMESTAMP" in each) is (code != "E101")
        one = {name: text for name, text in each.items() if name != "TIMESTAMP"}
        short.append(one | ({"STATUSDETAILS": one["STATUSDETAILS"][: len(details)]} if details else {}))
    return short


def like(heard: Told, case: Combination) -> Told:
    """``heard`` with its STATUSDETAILS as short as the rule's: what stands behind is the carrier's own."""
    ruled = rule(case)
    if len(heard.postbacks) != len(ruled.postbacks):
        return heard
    pairs = zip(heard.postbacks, ruled.postbacks, strict=True)
    short = tuple((*mine[:3], mine[3][: len(its[3])] if its[3] else mine[3]) for mine, its in pairs)
    return replace(heard, postbacks=short)


def arranged(plan: Plan, server: RawServer, prefixes: Path, sms_route: bool) -> Plan:
    rows = [f"{prefix},{operator}," for operator, prefix in PREFIXES.items()]
    prefixes.write_text("\n".join(["prefix,operator,line_type", *rows, f"{LANDLINES},,landline", ""]))
    mm7: dict[str, Any] = {"kind": "mm7", "url": server.url("/mm7"), "rate": "2000/s"}
    plan.route = mm7 | {"operators": ["31003"]}
    plan.routes = (
        mm7 | {"name": "lets", "operators": ["31004"], "fallback_on_outage": True},
        mm7 | {"name": "small", "operators": ["31002"], "max_bytes": 3_000},
    )
    plan.sms = {"rate": "2000/s", "window": 50} if sms_route else None
    plan.settings = {
        "operators": [{"id": "31005", "mms": False}],
        "lookup": {"prefixes": str(prefixes)},
        "delivery": {"retry": [0.01]},
    }
    return plan


async def an_account_without_fallback(home: House) -> None:
    settings = {"postback_url": home.customer.url, "fallback": "off"}
    new = NewAccount("acct-2", "without", settings, ["24680"], digest(home.settings, KEY_WITHOUT), False, 0)
    await home.database.write(lambda c: add_account(c, new))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("sms_route", [True, False], ids=["with an SMS route", "without one"])
async def test_every_combination_is_answered_and_told_by_the_rules(plan: Plan, tmp_path: Path, sms_route: bool) -> None:
    cases = list(combinations(sms_route))
    async with mmsc() as server, house(arranged(plan, server, tmp_path / "prefixes.csv", sms_route)) as home:
        await an_account_without_fallback(home)
        heard = await asyncio.gather(*(told(home, case) for case in cases))
        calm = sum(len(rule(case).postbacks) for case in cases)
        assert len(home.customer.received()) == calm  # and nothing more
    wrong = {
        case: (each, rule(case)) for case, each in zip(cases, heard, strict=True) if like(each, case) != rule(case)
    }
    assert wrong == {}
    assert len(cases) == 13 * 2**4


def test_both_ways_of_forbidding_an_sms_are_one() -> None:
    for case in combinations(True):
        off, on = replace(case, account_allows=False, disabled=False), replace(case, account_allows=True, disabled=True)
        assert rule(off) == rule(on)
