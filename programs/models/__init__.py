"""A program and its seats, its cycles, its questions and requirements, and the applications to it."""

from programs.models.applications import Application, Listing, Place
from programs.models.cycles import Attendance, Cycle, Training
from programs.models.programs import Page, Program, Role, Seat, Testimonial
from programs.models.questions import Acceptance, FormVersion, Gate, Question, Waiver

__all__ = [
    "Acceptance",
    "Application",
    "Attendance",
    "Cycle",
    "FormVersion",
    "Gate",
    "Listing",
    "Page",
    "Place",
    "Program",
    "Question",
    "Role",
    "Seat",
    "Testimonial",
    "Training",
    "Waiver",
]
