"""How big a proof is, and what it found: small in CI, in full by `make torture`.

    MAILS, KILLS = scale(ci=1_000, full=10_000), scale(ci=5, full=50)

    @pytest.mark.promise("G5")
    def test_…(figures):
        …
        figures.say("G5", mails=MAILS, kills=KILLS, lost=0, twice=0, uncertain=3)

    @pytest.mark.promise("G5")
    def test_the_control_without_claims…(figures):
        figures.say("G5", "two workers without claims", twice=17)

The figures stand on the page of promises at the end of a run (`pytest --promises`, mentoring/tests/promises.py). A test with
the marker `promise` runs in `make torture`, whatever else it is marked with.
"""

import os

FULL = os.environ.get("TORTURE", "") == "full"


def scale(ci: int, full: int) -> int:
    """How many: `ci` in every run, `full` in `make torture`."""
    return full if FULL else ci


class Figures:
    """What a test measured, for the page of promises; it travels with the test's report, also between processes."""

    def __init__(self, properties: list):
        self.properties = properties

    def say(self, promise: str, what: str = "", **numbers: int | float | str) -> None:
        """Put figures on the page under a promise; `what` says under which circumstances, or which guard a control took away."""
        self.properties.append(("figures", [promise, what, numbers]))
