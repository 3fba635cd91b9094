"""What people do in a year, each act by the form and the verb that a page of the site would use."""

from collections.abc import Iterable, Mapping
from random import Random
from typing import Any

from allauth.account.models import EmailAddress
from django.utils.datastructures import MultiValueDict

from evaluations import responses
from evaluations.models import Receipt
from matching import pool, proposals, runs
from members import clock, standing
from members.models import Association, Membership, User
from mentoring.rehearsal.people import Person
from mentorships import check_ins, requests
from mentorships.models import CheckIn, CheckInPlan, Mentorship, Request
from programs import applications, questions
from programs.models import Application, Cycle, Program, Question, Seat

FIT, PAST_EACH_OTHER = Mentorship.EndReason.FIT, "We talk past each other."
# How an asked side answers, and out of twelve how often.
WORDS = {
    CheckIn.Word.YES: 10,
    CheckIn.Word.WROTE: 1,
    CheckIn.Word.NOT_YET: 1,
    CheckIn.Word.FINE: 9,
    CheckIn.Word.SLOW: 2,
    CheckIn.Word.STUCK: 1,
}


def person(email: str, first_name: str, last_name: str) -> User:
    """Somebody who has signed in with a mailed code, so that their address is proved."""
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        user = User.objects.create_user(email, first_name=first_name, last_name=last_name)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def sit(program: Program, who: str, first_name: str, last_name: str, role: str) -> User:
    """Somebody takes a seat in the program, or in its association's office."""
    user = person(f"{who}@{program.slug}.committee.example", first_name, last_name)
    where = {"association": program.association} if role in Seat.OF_ASSOCIATION else {"program": program}
    Seat.objects.create(user=user, role=role, first_day=clock.today(program.time_zone), **where)
    return user


def filled_in(asked: Iterable[Question], answers: Mapping[str, Any]) -> dict[str, Any]:
    """These answers as the site's own form takes and gives them back."""
    posted = {code: value if isinstance(value, list) else [_typed(value)] for code, value in answers.items()}
    form = questions.AnswersForm(asked, data=MultiValueDict(posted))
    if not form.is_valid():
        raise ValueError(f"The form refuses what the file allows: {form.errors.as_json()}")
    return form.answers()


def _typed(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def made_up(asked: Iterable[Question], dice: Random) -> dict[str, Any]:
    """Answers as a content person gives them."""
    found = {question.code: _made_up(question, dice) for question in asked if not question.shown_when}
    return {code: value for code, value in found.items() if value is not None}


def _made_up(question: Question, dice: Random) -> Any:
    codes = [option["code"] for option in question.options]
    if question.kind == Question.Kind.SCALE:
        return dice.choices(codes, range(len(codes), 0, -1))[0]
    if question.kind == Question.Kind.ONE:
        return dice.choice(codes)
    if question.kind == Question.Kind.SEVERAL:
        return [dice.choice(codes)]
    if question.kind == Question.Kind.NUMBER:
        return dice.randint(question.at_least or 0, 10 if question.at_most is None else question.at_most)
    if question.kind == Question.Kind.YES:
        return dice.choice([True, False])
    return "An hour a month was right for us." if question.required or dice.random() < 0.5 else None


def apply(cycle: Cycle, who: Person) -> None:
    """Fill in the form, agree to what is asked, send it."""
    user = person(who.email, who.first_name, who.last_name)
    application = applications.start(cycle, user, who.role)
    asked = questions.of(cycle.program, Question.Moment.APPLICATION, who.role)
    applications.save(application, filled_in(asked, who.answers), by=user)
    applications.agree(application, by=user)
    applications.submit(application, by=user)


def claim(cycle: Cycle, who: Person) -> None:
    """Whoever is kept for their membership says under which number they are a member."""
    user = User.objects.get(email=who.email)
    held = Application.objects.filter(cycle=cycle, user=user, state=Application.State.HELD)
    for application in held:
        applications.claim(application, number=who.number, by=user)


def say_yes(association: Association, who: Person, office: User, like: Membership | None = None) -> None:
    """The membership office has found this member under another address, or has taken a new one in."""
    standing.confirm(association, who.email, by=office, like=like, number=who.number if like else "")


def match(cycle: Cycle, chair: User) -> None:
    """The matching evening: the best set of pairs, announced for the day of the introductions."""
    runs.suggest(cycle, by=chair)
    if proposals.announcement(cycle, by=chair).pairs:
        proposals.announce(cycle, by=chair)


def answer_check_in(check_in: CheckIn, dice: Random) -> None:
    """Tap an answer under the question how it goes, as long as the pair is together."""
    check_in = CheckIn.objects.select_related("mentorship__cycle__program", "user").get(pk=check_in.pk)
    if check_in.answered_at or check_in.mentorship.state not in Mentorship.RUNNING:
        return
    program = check_in.mentorship.program
    words = list(CheckIn.WORDS[CheckInPlan.Moment(check_in.moment)])
    word = dice.choices(words, [WORDS[word] for word in words])[0]
    asked = questions.of(program, check_in.moment, check_in.role)
    check_ins.answer(check_in, word, by=check_in.user, answers=filled_in(asked, made_up(asked, dice)))


def ask_for_another(mentorship: Mentorship) -> None:
    """A mentee tells the committee, and nobody else, that another mentor would be better."""
    mentorship = Mentorship.objects.get(pk=mentorship.pk)
    if mentorship.state in Mentorship.RUNNING:
        requests.ask(mentorship, Request.Kind.REMATCH, by=mentorship.mentee, note=PAST_EACH_OTHER, reason=FIT)


def find_another(mentorship: Mentorship, chair: User) -> None:
    """The chair ends the pair without blame and, where a mentor is free, puts the mentee with the best of them."""
    mentorship = Mentorship.objects.select_related("cycle__program", "mentee_application").get(pk=mentorship.pk)
    asking = Request.objects.filter(mentorship=mentorship, kind=Request.Kind.REMATCH, state=Request.State.OPEN).first()
    if asking is None:
        return
    cycle, mentee = mentorship.cycle, mentorship.mentee_application
    found = pool.read(cycle, cycle.today())
    free = {name for name in found.mentors if found.people[name].user_id not in mentorship.people()}
    if not free:
        requests.settle(asking, Request.State.REFUSED, by=chair, answer="No other mentor has a place just now.")
        return
    requests.settle(asking, Request.State.DONE, by=chair, answer="We have found somebody else for you.")
    found = pool.read(cycle, cycle.today())
    best = max(sorted(free), key=lambda name: found.pair(name, str(mentee.pk)).score)
    proposals.assign(cycle, mentee, found.people[best], by=chair)
    proposals.announce(cycle, by=chair)


def evaluate(receipt: Receipt, dice: Random) -> None:
    """Give the four minutes that are asked for."""
    receipt = Receipt.objects.select_related("term__mentorship__cycle__program", "user").get(pk=receipt.pk)
    if receipt.answered:
        return
    asked = questions.of(receipt.cycle.program, receipt.moment, receipt.role)
    responses.answer(receipt, filled_in(asked, made_up(asked, dice)), by=receipt.user)
