"""Which mails of the matching a program may word itself, with their placeholders."""

from django.utils.translation import gettext_lazy as _

from mail.texts import Mail, Value

CYCLE = Value(_("the cycle’s name"), "{{ cycle.name }}")
ASKED = {
    "mentee": Value(_("the mentee’s first name"), "{{ mentee.get_short_name }}"),
    "answer_by": Value(_("the day to answer by"), "{{ match.answer_by|when_short:program }}"),
}
TOLD = {
    "name": Value(_("the reader’s first name"), "{{ first_name }}"),
    "cycle": CYCLE,
    "hear_by": Value(_("the day by which they hear again"), "{{ hear_by|when }}"),
}
OFFER = {"offer": _("who the mentee is, why these two, until when, and the answers to tap")}
TO_TAP = {"now_next": _("now and next"), "answers": _("the answers to tap")}
TO_COMMITTEE = _("the button to go on")

MAILS = (
    Mail("offer", _("Would you mentor …?"), ASKED, OFFER, ("offer",)),
    Mail("offer_reminder", _("Reminder: would you mentor …?"), ASKED, OFFER, ("offer",)),
    Mail(
        "offer_question",
        _("To the committee: a mentor has a question first"),
        {
            "who": Value(_("who asks, where it may be named"), '{% include "mail/_who_asks.txt" %}'),
            "answer_by": Value(_("the day to answer by"), "{{ answer_by|when }}"),
        },
        {"question": _("the question, where it may be read here"), "link": TO_COMMITTEE},
        needed=("question", "link"),
    ),
    Mail(
        "offer_question_answered",
        _("A mentor’s question, answered"),
        ASKED,
        {"our_answer": _("what the committee answered"), **OFFER},
        needed=("our_answer", "offer"),
    ),
    Mail(
        "offer_answered",
        _("To the committee: what mentors answered"),
        {"headline": Value(_("what was answered, in a line"), "{{ headline }}")},
        {"lines": _("a line for each answer"), "link": TO_COMMITTEE},
        needed=("lines", "link"),
    ),
    Mail(
        "offer_closed",
        _("We have gone on"),
        {"cycle": CYCLE, "what": Value(_("what has happened, in a line"), '{% include "mail/_offer_over.txt" %}')},
        {"what_happened": _("what has happened, and how to stay in where that is possible")},
        needed=("what_happened",),
    ),
    Mail("not_matched", _("No match yet"), TOLD, TO_TAP, ("now_next", "answers")),
    Mail("reserve", _("Thank you, in reserve"), TOLD, TO_TAP, ("now_next", "answers")),
    Mail(
        "nearly_there",
        _("Nearly there"),
        {"cycle": CYCLE},
        {
            "missing": _("what is still missing, and until when"),
            "link": _("the link to where the application stands"),
        },
        needed=("missing", "link"),
    ),
)
