"""`python -m matching INPUT.json`: solve a run's exported input again, anywhere, and print the result as one line of
JSON.

Exit codes: 0 solved; 2 the input breaks a rule (printed as {"status": "infeasible", "reasons": […]}); 3 malformed input
(what and where, on stderr).
"""

import json
import sys
from pathlib import Path

from matching.encode import BreaksARule, TooLarge
from matching.files import Malformed, answer, read
from matching.solve import solve

SOLVED, INFEASIBLE, MALFORMED = 0, 2, 3


def main(arguments: list[str]) -> int:
    """Run the command; returns the exit code."""
    if "--prices" in arguments:
        return _malformed("--prices is not supported")
    if len(arguments) != 1:
        return _malformed("usage: python -m matching INPUT.json")
    try:
        text = Path(arguments[0]).read_bytes().decode("utf-8-sig")
    except (OSError, ValueError) as error:
        return _malformed(f"{arguments[0]!r} cannot be read: {getattr(error, 'strerror', None) or error}")
    try:
        print(json.dumps(answer(solve(read(text)))))
    except BreaksARule as broken:
        print(json.dumps({"status": "infeasible", "reasons": [refusal.sentence() for refusal in broken.refusals]}))
        return INFEASIBLE
    except (Malformed, TooLarge) as error:
        return _malformed(f"{arguments[0]!r}: {error}")
    return SOLVED


def _malformed(what: str) -> int:
    print(what, file=sys.stderr)
    return MALFORMED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
