"""What a made-up mentor and mentee are told while people are matched; taken back by `mentoring.made_up`."""

from datetime import timedelta

from django.utils.translation import gettext as _

from matching import notices, notices_offer, offers
from matching.models import Criterion, Match
from matching.words import Wording
from members import clock
from programs.made_up import Two
from programs.models import Question

State = Match.State


def mails(pair: Two) -> None:
    """The announcement's mails to those without a pair; where mentors are asked first, the question and what follows."""
    told = pair.morning(pair.cycle.announced_on)
    with clock.at(told):
        notices.promise(notices.for_announcement(pair.cycle, [pair.mentee], [pair.mentor]), leaves_at=told)
        if pair.program.mentor_confirms:
            _offer(pair)


def why(pair: Two) -> str:
    """Why these two, as both of them read it."""
    asked = pair.program.questions.filter(moment=Question.Moment.APPLICATION)
    wording = Wording(Criterion.objects.filter(program=pair.program), asked)
    return wording.for_both(_reasons(pair), pair.mentor.user.get_short_name())


def _offer(pair: Two) -> None:
    """A mentor is asked, has a question, is reminded, says yes; or nothing is heard."""
    now, zone = clock.now(), pair.cycle.zone
    until = clock.end_of(pair.cycle.today() + timedelta(days=pair.program.offer_days), zone)
    match = Match.objects.create(
        cycle=pair.cycle,
        mentor_application=pair.mentor,
        mentee_application=pair.mentee,
        state=State.OFFERED,
        made_at=now,
        announced_at=now,
        leaves_at=now,
        offered_at=now,
        answer_by=until,
        answer_note=_("(the mentor’s question)"),
        reasons=_reasons(pair),
    )
    notices_offer.offer(match)
    with clock.at(now + timedelta(days=1)):
        notices_offer.question(match)
        notices_offer.question_answered(match, text=_("(the committee’s answer)"))
    with clock.at(now + timedelta(days=3)):
        offers.remind(match, 1)
    with clock.at(now + timedelta(days=4)):
        match.state, match.answer = State.ACCEPTED, Match.Answer.YES
        notices_offer.answered(match)
        notices_offer.nearly_there(match)
    with clock.at(until + timedelta(hours=9)):
        match.state, match.answer = State.EXPIRED, ""
        notices_offer.closed(match)


def _reasons(pair: Two) -> list[dict]:
    """What the two answered alike, as a suggestion keeps it."""
    found = []
    for row in Criterion.objects.filter(program=pair.program, kind__in=[Criterion.Kind.OVERLAP, Criterion.Kind.SAME]):
        wanted, had = _codes(pair.mentee, row.mentee_question), _codes(pair.mentor, row.mentor_question)
        shared = [code for code in wanted if code in had]
        given = {"answered": bool(wanted and had), "shared": shared, "lacks": [], "apart": None}
        found.append({"code": row.code, "points": len(shared), "of": 1, **given})
    return found


def _codes(application, question: str) -> list[str]:
    said = application.answers.get(question) or []
    return [said] if isinstance(said, str) else list(said)
