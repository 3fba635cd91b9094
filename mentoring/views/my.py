"""My mentoring: the next thing on top, then what will be and what has been. Each app gives its part."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

import evaluations.mine
import matching.mine
import mentorships.mine
import programs.mine
import programs.mine_training
from members import clock, people
from members.mine import Door, first
from mentorships.models import Mentorship
from programs import status

SHOWN = 20


@login_required
@require_safe
def my(request):
    """One's own page; nobody else has it."""
    at, user = clock.now(), request.user
    pairs = mentorships.mine.pairs(user)
    running = [pair for pair in pairs if pair.state in Mentorship.RUNNING]
    applications = programs.mine.applications(user)
    program = running[0].program if running else applications[0].program if applications else None
    today = clock.today(program.time_zone if program else "UTC")
    parts = (
        programs.mine.part(user, at, applications),
        matching.mine.part(user, at),
        programs.mine_training.part(user, at, applications),
        mentorships.mine.part(user, at, pairs),
        evaluations.mine.part(user, at, pairs),
    )
    context = {
        "program": program,
        "today": today,
        "running": [_pair(pair, user, today) for pair in running],
        "stands": _stands(applications, running, today),
        "next": first(one for part in parts for one in part.next),
        "ahead": sorted((line for part in parts for line in part.ahead), key=lambda line: line.day)[:SHOWN],
        "past": sorted((line for part in parts for line in part.past), key=lambda line: line.day, reverse=True)[:SHOWN],
        "doors": [*(door for part in parts for door in part.doors), *_mail(applications or pairs)],
        "nothing": not (applications or pairs),
        "unreached": bool(people.unreachable([user])),
        "nav": "my",
    }
    return render(request, "mentoring/my.html", context)


def _mail(takes_part):
    """The way to one's choices, for those whom a program writes to."""
    note = _("Topics, announcements, and at which address")
    return [Door(_("Which mails I get"), note, reverse("my_mail"))] if takes_part else []


def _pair(pair, user, today):
    month, months = mentorships.mine.month_of(pair, today)
    partner = pair.partner_of(user)
    return {
        "pair": pair,
        "partner": partner,
        "word": pair.program.word_for(pair.role_of(partner)),
        "month": month,
        "months": months,
        "ends_on": pair.term().ends_on,
    }


def _stands(applications, running, today):
    """Where those applications stand that have not become a pair."""
    paired = {pair.mentor_application_id for pair in running} | {pair.mentee_application_id for pair in running}
    return [
        (one, one.program.word_for(one.role), status.say(one, today))
        for one in applications
        if one.pk not in paired and one.state in one.OPEN and today <= one.cycle.ends_on
    ]
