"""What lists filter by, copied out of an application's answers when they are sent."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

TEXTS = ("region", "library_type", "employer", "time_zone")
_SAME = {
    "univ": "university",
    "dept": "department",
    "st": "saint",
    "co": "county",
    "pub": "public",
    "lib": "library",
    "libraries": "library",
}
_NOISE = {"the", "of", "at", "and", "inc", "llc"}


def columns(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of an application, from its answers."""
    texts = {name: str(answers.get(name) or "") for name in TEXTS}
    return {
        **texts,
        "years": answers.get("years"),
        "employer_group": employer_group(texts["employer"]),
        "mentees_wanted": answers.get("mentees_wanted") or 1,
    }


def employer_group(name: str) -> str:
    """One spelling for an employer: "The Univ. of Svensson" and "University of Svensson" are the same house."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter)).replace("&", " and ")
    words = [_SAME.get(word, word) for word in re.findall(r"\w+", plain.replace("'", "").replace("’", ""))]
    return " ".join(word for word in words if word not in _NOISE)[:200]
