"""What became of each request of the case `chaos`, and what of it is wrong. Pure: facts in, counts out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: Events that say: it may arrive twice.
MARKS = frozenset({"uncertain", "resent"})
#: Wrong messages that are told one by one.
_TOLD = 20


@dataclass(frozen=True)
class Found:
    """What each side has seen of one run."""

    seen: Mapping[str, Any]  #: by the customer (bench/customer.py)
    taken: Sequence[Mapping[str, Any]]  #: by the simulator, as its JSON has it
    status: Mapping[str, str]  #: tracking id -> where the message is
    history: Mapping[str, Sequence[tuple[str, str, str]]]  #: tracking id -> its events: name, reason, detail


@dataclass(frozen=True)
class _One:
    """One request that was answered with Success."""

    tracking: str
    status: str
    copies: int  #: at the simulator
    reports: tuple[str, ...]  #: of them, that the simulator had done with: empty words: taken, else why not
    events: tuple[str, ...]
    codes: tuple[str, ...]  #: of the postbacks, each once, in the order in which they came
    reason: str  #: of its last event that names one


def judged(found: Found) -> dict[str, Any]:
    """Counts of every fate, and the messages that none of them allows."""
    by_number: dict[int, list[Mapping[str, Any]]] = {}
    for message in found.taken:
        by_number.setdefault(int(message["subject"].rpartition(" ")[2]), []).append(message)
    codes = _codes(found.seen["told"])
    fates: Counter[str] = Counter()
    wrong: list[str] = []
    doubles = Counter({"messages": 0, "copies": 0, "unmarked": 0})
    for number, tracking in found.seen["answers"].items():
        copies = by_number.get(int(number), [])
        history = found.history.get(tracking, ())
        one = _One(
            tracking,
            found.status.get(tracking, "unknown"),
            len(copies),
            tuple(report["detail"] for each in copies for report in each["reports"]),
            tuple(event for event, _, _ in history),
            tuple(codes.get(tracking, ())),
            next((reason for _, reason, _ in reversed(history) if reason), ""),
        )
        fate = _fate(one)
        fates[fate] += 1
        is_marked = not MARKS.isdisjoint(one.events)
        if one.copies > 1:
            doubles.update(messages=1, copies=one.copies - 1, unmarked=not is_marked)
        if fate.startswith("wrong") or (one.copies > 1 and not is_marked):
            wrong.append(f"{number} {fate}: {one}, {history[-1] if history else ()}")
    strangers = set(found.status) - set(found.seen["answers"].values())
    return {
        "asked": found.seen["asked"],
        "tries": found.seen["tries"],
        "success": len(found.seen["answers"]),
        "refused": found.seen["refused"],
        "fates": dict(sorted(fates.items())),
        "lost": sum(count for fate, count in fates.items() if fate.startswith("wrong: lost")),
        "wrong": len(wrong),
        "doubles": doubles["messages"],
        "copies_too_many": doubles["copies"],
        "doubles_unmarked": doubles["unmarked"],
        "made_twice": len(strangers),
        "postbacks": len(found.seen["told"]),
        "postbacks_repeated": len(found.seen["told"]) - sum(len(each) for each in codes.values()),
        "wrong_ones": wrong[:_TOLD],
    }


def _codes(told: Sequence[Sequence[str]]) -> dict[str, list[str]]:
    """Tracking id -> codes of its postbacks as they came; what came again under its id is left out."""
    codes: dict[str, list[str]] = {}
    known = set()
    for tracking, code, webhook in told:
        if webhook not in known:
            known.add(webhook)
            codes.setdefault(tracking, []).append(code)
    return codes


#: status -> (what the customer must have been told, and what that fate is called).
_ENDS = {
    "delivered": (("N101", "N102"), "delivered"),
    "submitted": (("N101",), "taken, and its report was lost by chance"),
    "failed": (("E101",), "failed for the simulator's reason"),
    "expired": (("N101", "E102"), "reported expired"),
    "rejected": (("N101", "E102"), "reported rejected"),
}
#: Why a message may fail: for what the simulator answered.
_REASONS = frozenset({"REFUSED", "TOO_BIG", "RETRIES"})


def _fate(one: _One) -> str:
    if one.status not in _ENDS:
        return f"wrong: lost ({one.status})"
    codes, name = _ENDS[one.status]
    if one.status != "failed" and not one.copies:
        return f"wrong: lost ({one.status}, never arrived)"
    if one.status == "submitted" and "" in one.reports:
        lost = one.copies == 1 or MARKS.isdisjoint(one.events)
        return "wrong: lost the report" if lost else "taken twice, and only the uncertain one's report came"
    if one.status == "submitted" and one.reports:
        return f"wrong: did not take the report ({one.reports[0]})"
    if one.status == "failed" and one.reason not in _REASONS:
        return f"wrong: failed for {one.reason}"
    if one.status == "failed" and one.copies and MARKS.isdisjoint(one.events):
        return "wrong: failed though it was taken"
    if one.codes != codes:
        return f"wrong: told {' '.join(one.codes) or 'nothing'} of {one.status}"
    if one.status == "failed" and one.copies:
        return "failed at a later try, after an uncertain one that had arrived"
    return name
