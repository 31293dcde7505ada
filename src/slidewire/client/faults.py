"""What can go wrong, as exceptions: refused by the gateway, or never answered."""

from dataclasses import dataclass


class SlidewireError(Exception):
    """Everything that a call can end with besides its result."""


class UnreachableError(SlidewireError):
    """No answer came, whatever was tried. Asked under an idempotency key, so it is safe to ask again with the same."""


class BadAnswerError(SlidewireError):
    """What answered is no Slidewire: a proxy, perhaps, or another address."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a call was refused."""

    code: str  #: as published: E111
    words: str
    retry_after: float | None = None  #: seconds until the same call may be made, where that is told
    every: tuple["Refusal", ...] = ()  #: of validate_mms: all that is wrong, this one first


class RefusedError(SlidewireError):
    """The gateway refused the call, and did nothing of it."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"{refusal.code}: {refusal.words}")
        self.refusal = refusal

    @property
    def code(self) -> str:
        """The published code."""
        return self.refusal.code


class NotAllowedError(RefusedError):
    """The key is wrong, the account is off, or it may not do this."""


class LimitError(RefusedError):
    """Too many calls in too little time: ``refusal.retry_after`` says when there may be another."""


class ReceiverError(RefusedError):
    """Nothing can be sent to this phone: no such number, blocked, not subscribed, no way there."""


class MediaError(RefusedError):
    """A file cannot be fetched, is too big, or is not what its slide says."""


class BusyError(RefusedError):
    """The gateway takes nothing more just now, or broke."""


#: Published code -> what is raised; all others are RefusedError.
_KINDS: dict[type[RefusedError], tuple[str, ...]] = {
    NotAllowedError: ("E102", "E103", "E104", "E105", "E107", "E109", "E112"),
    LimitError: ("E106", "E113", "E120"),
    ReceiverError: ("E110", "E114", "E618", "E619", "E628", "E715"),
    MediaError: ("E229", "E629", *(f"E{n}" for n in (331, 332, 333, 335, 336, 337, 341, 342, 343, *range(351, 358)))),
    BusyError: ("E503",),
}
_BY_CODE = {code: kind for kind, codes in _KINDS.items() for code in codes}


def refused(refusal: Refusal) -> RefusedError:
    """The exception for a refusal."""
    return _BY_CODE.get(refusal.code, RefusedError)(refusal)
