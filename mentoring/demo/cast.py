"""The people whom a visitor of the demo can sign in as."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Member:
    """One of the cast: how they are found, who they are, and where signing in leads."""

    key: str
    name: str
    email: str
    what: str
    starts_at: str


def members() -> list[Member]:
    """Everybody, in the order of the demo's page."""
    return [
        Member(
            "applicant",
            "Carmen Delgado",
            "carmen.delgado@kla.example.org",
            "applicant: has begun to apply as a mentee",
            "/my/",
        ),
        Member(
            "mentee", "Bea Lindqvist", "bea.lindqvist@kla.example.org", "mentee: in a mentoring year with Mo", "/my/"
        ),
        Member(
            "mentor", "Mo Castellanos", "mo.castellanos@kla.example.org", "mentor: in a mentoring year with Bea", "/my/"
        ),
        Member(
            "committee",
            "Wren Halloran",
            "wren.halloran@kla.example.org",
            "committee: reads applications, looks after pairs",
            "/admin/",
        ),
        Member(
            "chair", "Lee Abara", "lee.abara@kla.example.org", "chair: matches, announces, reads the report", "/admin/"
        ),
        Member(
            "deputy",
            "Joaquin Petrov",
            "joaquin.petrov@kla.example.org",
            "deputy: decides where the chair may not",
            "/admin/",
        ),
    ]


def find(key: str) -> Member | None:
    return next((member for member in members() if member.key == key), None)
