"""A pair's time together: the mentorship, its terms, how it is going, and what the two of them ask for."""

from mentorships.models.asking import CheckIn, CheckInPlan, Extension
from mentorships.models.pairs import Goal, Mentorship, Term
from mentorships.models.topics import CycleTopic, Topic
from mentorships.models.wishes import NextStep, Request

__all__ = [
    "CheckIn",
    "CheckInPlan",
    "CycleTopic",
    "Extension",
    "Goal",
    "Mentorship",
    "NextStep",
    "Request",
    "Term",
    "Topic",
]
