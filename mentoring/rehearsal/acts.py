"""What participants do in a year, each act by the form and the verb that a page of the site would use."""

from collections.abc import Iterable, Mapping
from random import Random
from typing import Any

from allauth.account.models import EmailAddress
from django.utils.datastructures import MultiValueDict

from evaluations import letters, responses
from evaluations.models import Receipt
from matching import offers
from matching.models import Match
from members.models import User
from mentoring.rehearsal.people import Person
from mentorships import check_ins, extension, next_steps, requests
from mentorships.models import CheckIn, CheckInPlan, Extension, Mentorship, NextStep, Request
from programs import applications, decisions, listings, places, questions, waiting, waivers
from programs.models import Application, Cycle, Gate, Listing, Question, Role

FIT, PAST_EACH_OTHER = Mentorship.EndReason.FIT, "We talk past each other."
WHY_ME = "I have done this work for years without the title, and I know what it takes."
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
    """Fill in the form, agree to what is asked, ask for an exception where one is needed, send it."""
    user = person(who.email, who.first_name, who.last_name)
    application = applications.start(cycle, user, who.role)
    asked = questions.of(cycle.program, Question.Moment.APPLICATION, who.role)
    applications.save(application, filled_in(asked, who.answers), by=user)
    _send(application)


def send_again(application: Application) -> None:
    """Send a draft that the site has filled in with last time's answers."""
    application = _again(Application, application, "cycle__program__association", "user")
    if application.state == Application.State.DRAFT:
        _send(application)


def _send(application: Application) -> None:
    applications.agree(application, by=application.user)
    exceptions = application.program.gates.filter(consequence=Gate.Consequence.EXCEPTION)
    asked = {gate.code: gate for gate in exceptions.order_by("pk")}
    for finding in decisions.in_the_way(application, application.cycle.today()) if asked else ():
        if finding.code in asked:
            waivers.ask(application, asked[finding.code], by=application.user, why=WHY_ME)
    applications.submit(application, by=application.user)


def claim(cycle: Cycle, who: Person) -> None:
    """Whoever is kept for their membership says under which number they are a member."""
    user = User.objects.filter(email=who.email).first()
    for application in Application.objects.filter(cycle=cycle, user=user, state=Application.State.HELD):
        applications.claim(application, number=who.number, by=user)


def take_place(application: Application) -> None:
    """A place is free for somebody who waits, and they take it unless something else stands in the way."""
    application = _again(Application, application, "cycle__program__association", "user")
    if waiting.TAKE in waiting.choices(application) and not decisions.in_the_way(
        application, application.cycle.today()
    ):
        waiting.answer(application, waiting.TAKE, by=application.user)


def wish_for_next(cycle: Cycle, states: Iterable[str]) -> None:
    """Mentees without a partner ask to be kept for the next cycle; mentors stay on the list where there is one."""
    rows = Application.objects.filter(cycle=cycle, state__in=list(states)).select_related("user").order_by("pk")
    for application in rows:
        application.cycle = cycle
        if places.held_for(application):
            continue
        if application.role == Role.MENTEE:
            _keep(application)
        elif cycle.program.mentor_listing and listings.may_join(cycle.program, application.user):
            listings.join(cycle.program, application.user, by=application.user)


def _keep(application: Application) -> None:
    if waiting.next_cycle(application.cycle) and waiting.NEXT in waiting.choices(application):
        waiting.answer(application, waiting.NEXT, by=application.user)


def offer_again(listing: Listing, cycle: Cycle) -> None:
    """A listed mentor is available once more: yes, agree, send."""
    application = listings.answer(listing, cycle, Listing.Answer.YES, by=listing.user)
    if application:
        send_again(application)


def answer_offer(match: Match, answer: str) -> None:
    """A mentor says whether they would like to be this mentee's."""
    match = _again(Match, match, "cycle__program__association", "mentor_application__user", "mentee_application__user")
    if match.state == Match.State.OFFERED:
        offers.answer(match, answer, by=match.mentor_application.user)


def answer_check_in(check_in: CheckIn, dice: Random) -> None:
    """Tap an answer under the question how it goes, as long as the pair is together."""
    check_in = _again(CheckIn, check_in, "mentorship__cycle__program", "user")
    if check_in.answered_at or check_in.mentorship.state not in Mentorship.RUNNING:
        return
    program = check_in.mentorship.program
    words = list(CheckIn.WORDS[CheckInPlan.Moment(check_in.moment)])
    word = dice.choices(words, [WORDS[word] for word in words])[0]
    asked = questions.of(program, check_in.moment, check_in.role)
    check_ins.answer(check_in, word, by=check_in.user, answers=filled_in(asked, made_up(asked, dice)))


def ask_for_another(mentorship: Mentorship) -> None:
    """A mentee tells the committee, and nobody else, that another mentor would be better."""
    mentorship = _again(Mentorship, mentorship)
    if mentorship.state in Mentorship.RUNNING:
        requests.ask(mentorship, Request.Kind.REMATCH, by=mentorship.mentee, note=PAST_EACH_OTHER, reason=FIT)


def say_what_next(step: NextStep) -> None:
    """After an early end: another partner now, while there is time for one."""
    step = _again(NextStep, step, "mentorship__cycle__program", "user")
    today = step.mentorship.cycle.today()
    if next_steps.may_be_answered(step) and NextStep.Word.NEW in next_steps.words_for(step, today):
        next_steps.answer(step, NextStep.Word.NEW, by=step.user)


def answer_extension(asked: Extension, word: str) -> None:
    """Another year together? Each answers alone."""
    asked = _again(Extension, asked, "term__mentorship__cycle__program", "user")
    if extension.may_be_answered(asked):
        extension.answer(asked, word, by=asked.user)


def evaluate(receipt: Receipt, dice: Random) -> None:
    """Give the four minutes that are asked for."""
    receipt = _again(Receipt, receipt, "term__mentorship__cycle__program", "user")
    if receipt.answered:
        return
    asked = questions.of(receipt.cycle.program, receipt.moment, receipt.role)
    responses.answer(receipt, filled_in(asked, made_up(asked, dice)), by=receipt.user)


def ask_for_letter(mentorship: Mentorship) -> None:
    """A mentor asks for the letter about the time they gave, if it was long enough for one."""
    mentorship = _again(Mentorship, mentorship, "cycle__program", "mentor")
    day = letters.may_ask_from(mentorship)
    if day and day <= mentorship.cycle.today():
        letters.ask(mentorship, by=mentorship.mentor)


def _again(model, row, *related: str):
    """The row as it is by now: days have passed since somebody made up their mind."""
    return model._default_manager.select_related(*related).get(pk=row.pk)
