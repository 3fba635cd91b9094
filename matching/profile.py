"""What a mentor who is asked reads of the mentee: name, work and shared answers; no way to reach them yet."""

from dataclasses import dataclass
from functools import cached_property

from matching import words
from matching.models import Criterion, Match
from members.models import User
from programs import questions
from programs.models import Question, Role
from programs.questions import Answered

PLACE = ("job_title", "employer", "region")
"""Said in the first line, and not again below."""


@dataclass(frozen=True)
class Profile:
    """One mentee, before anybody is introduced to anybody."""

    match: Match

    @property
    def user(self) -> User:
        return self.match.mentee_application.user

    @cached_property
    def _told(self) -> list[Answered]:
        application = self.match.mentee_application
        asked = questions.of(application.program, Question.Moment.APPLICATION, Role.MENTEE)
        wording = application.form_version or asked
        return questions.labelled(wording, application.answers, audience=Question.Audience.PARTNER)

    @cached_property
    def _texts(self) -> set[str]:
        application = self.match.mentee_application
        rows = application.program.questions.filter(kind=Question.Kind.TEXT, moment=Question.Moment.APPLICATION)
        return set(rows.values_list("code", flat=True))

    @property
    def line(self) -> str:
        """What they do, where they work and live: "Cataloger, Larkin College Library, Bluegrass"."""
        said = {answer.code: answer.text for answer in self._told}
        return ", ".join(said[code] for code in PLACE if said.get(code))

    @property
    def quotes(self) -> list[str]:
        """What they wrote in their own words for a mentor to read."""
        return [answer.text for answer in self._told if answer.code in self._texts]

    @property
    def told(self) -> list[Answered]:
        """The rest of what they shared, question by question."""
        return [answer for answer in self._told if answer.code not in PLACE and answer.code not in self._texts]

    @cached_property
    def _wording(self) -> words.Wording:
        program = self.match.program
        asked = program.questions.filter(moment=Question.Moment.APPLICATION)
        return words.Wording(Criterion.objects.filter(program=program), asked)

    @cached_property
    def why(self) -> list[tuple[str, str]]:
        """Why these two, from answers that each may see of the other: what is looked at, and what was said."""
        return self._wording.shared_lines(self.match.reasons)

    @property
    def not_shared(self) -> str:
        """What the mentee hopes for and the mentor did not name."""
        return self._wording.not_shared(self.match.reasons)

    @property
    def fit(self) -> str:
        """ "a very good fit"."""
        return words.a_fit(self.match.score)
