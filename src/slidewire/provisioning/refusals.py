"""Why something that an admin asked for is not done, in words for whoever asked."""

from enum import Enum, unique


@unique
class Why(Enum):
    """What kind of refusal it is; each door has its own sign for it: an exit code, an HTTP status."""

    WRONG = "wrong"  #: asked in a way that cannot be understood
    MISSING = "missing"  #: there is no such thing
    TAKEN = "taken"  #: somebody else's already
    CONFLICT = "conflict"  #: as things stand it cannot be done


class RefusedError(Exception):
    """Nothing was changed. ``advice`` is for the command line: it names commands."""

    def __init__(self, problem: str, advice: str = "", why: Why = Why.CONFLICT) -> None:
        super().__init__(problem)
        self.problem = problem
        self.advice = advice
        self.why = why


def wrong(problem: str, advice: str = "") -> RefusedError:
    """What was said cannot be understood."""
    return RefusedError(problem, advice, Why.WRONG)


def missing(problem: str, advice: str = "") -> RefusedError:
    """There is no such thing."""
    return RefusedError(problem, advice, Why.MISSING)
