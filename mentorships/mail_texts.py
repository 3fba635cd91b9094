"""Which mails of a mentoring year a program may word itself, with their placeholders."""

from django.utils.translation import gettext_lazy as _

from mail.texts import Mail, Value

PARTNER = Value(_("the partner’s first name"), "{{ partner.get_short_name }}")
PARTNER_NAME = Value(_("the partner’s whole name"), "{{ partner.get_full_name }}")
PARTNER_ADDRESS = Value(_("the partner’s address"), "{{ partner.email }}")
UNTIL = Value(_("the last day of their year"), "{{ term.ends_on|when }}")
CONTACT = Value(_("who reads a reply"), "{{ sender.contact }}")
ANSWER_BY = Value(_("the day to answer by"), "{{ check_in.answer_by|when }}")
PAGE = _("the link to their own page")
ANSWERS = _("the answers to tap")
TO_ANSWER = {"answers": ANSWERS, "who_reads": _("who reads the answer")}
NEEDED = ("answers", "who_reads")
ASKED = {"partner": PARTNER, "until": UNTIL, "answer_by": ANSWER_BY, "contact": CONTACT}
ANOTHER_YEAR = {
    "partner": PARTNER,
    "until": UNTIL,
    "would_end": Value(_("the last day of another year"), "{{ would_end|when }}"),
    "answer_by": Value(_("the day to answer by"), "{{ extension.answer_by|when }}"),
}

MAILS = (
    Mail(
        "introduction",
        _("Introduction, to both"),
        {
            "name": Value(_("the mentee’s first name"), "{{ mentorship.mentee.get_short_name }}"),
            "mentor": Value(_("the mentor’s first name"), "{{ mentorship.mentor.get_short_name }}"),
            "until": UNTIL,
            "hello_by": Value(_("the day to say hello by"), "{{ hello_by|when }}"),
        },
        {
            "contacts": _("both people with their addresses"),
            "why_you_two": _("why these two, where the committee or the matching said it"),
            "openers": _("three ways to begin"),
            "page": PAGE,
        },
        needed=("contacts", "page"),
    ),
    Mail("first_contact", _("Have you two been in touch?"), ASKED, TO_ANSWER, NEEDED),
    Mail(
        "partner_wrote",
        _("Your partner wrote to you"),
        {"partner": PARTNER, "partner_address": PARTNER_ADDRESS, "until": UNTIL},
        {"page": PAGE},
        needed=("page",),
    ),
    Mail(
        "write_first",
        _("No word yet? Write first"),
        {"partner": PARTNER, "partner_name": PARTNER_NAME, "partner_address": PARTNER_ADDRESS, "until": UNTIL},
        {"may_write": _("whether the first word is theirs to write")},
    ),
    Mail(
        "plan",
        _("Ten minutes: how and how often"),
        {
            "partner": PARTNER,
            "until": UNTIL,
            "mentee_begins": Value(
                _("“Bea goes first”, with the mentee’s name"), '{% include "mail/_goes_first.txt" %}'
            ),
        },
        {"page": PAGE},
    ),
    Mail(
        "contact_changed",
        _("Who looks after you now"),
        {
            "partner": PARTNER,
            "until": UNTIL,
            "liaison": Value(_("the first name of who looks after them now"), "{{ liaison.get_short_name }}"),
            "liaison_name": Value(_("their whole name"), "{{ liaison.get_full_name }}"),
            "liaison_word": Value(_("what your program calls them"), "{{ program.contact_word }}"),
        },
        {"contact_person": _("name and address of who looks after them now")},
        needed=("contact_person",),
    ),
    Mail(
        "topic",
        _("Topic of the month"),
        {
            "partners": Value(_("the partner’s first name, or all of them"), "{{ partners }}"),
            "month": Value(_("the month"), '{{ month|date:"F" }}'),
            "topic": Value(_("the topic’s title"), "{{ topic.title }}"),
        },
        {"opening": _("who begins, and when"), "text": _("the topic itself"), "page": PAGE},
        needed=("text",),
    ),
    Mail("check_in", _("How is it going?"), ASKED, TO_ANSWER, NEEDED),
    Mail("check_in_reminder", _("Reminder: how is it going?"), ASKED, TO_ANSWER, NEEDED),
    Mail(
        "message_received",
        _("We have your message"),
        {"partner": PARTNER, "hear_by": Value(_("the day by which they hear"), "{{ hear_by|when }}")},
        {"page": PAGE},
        needed=("page",),
    ),
    Mail(
        "request_for_committee",
        _("To the committee: somebody asks for something"),
        {"answer_by": Value(_("the day to answer by"), "{{ answer_by|when }}")},
        {"link": _("the link to it")},
        needed=("link",),
    ),
    Mail(
        "request_answered",
        _("An answer to your message"),
        {"partner": PARTNER, "until": UNTIL},
        {"answer": _("whether it was possible, and what the committee answered"), "page": PAGE},
        needed=("answer",),
    ),
    Mail(
        "ended_early",
        _("Ended early"),
        {"partner": PARTNER},
        {
            "note": _("what the committee wrote, to this one and to both"),
            "your_side": _("what it means for a mentor, or when too little time is left"),
            "answers": _("what they would like now, with the answers to tap"),
        },
        needed=("note", "answers"),
    ),
    Mail("extend", _("One more year together?"), ANOTHER_YEAR, TO_ANSWER, NEEDED),
    Mail("extend_reminder", _("Reminder: one more year together?"), ANOTHER_YEAR, TO_ANSWER, NEEDED),
    Mail(
        "extension_result",
        _("Another year, or not"),
        {
            "partner": PARTNER,
            "result": Value(_("the result in a sentence, with its day"), '{% include "mail/_extension_result.txt" %}'),
            "outcome": Value(
                _("the result for the two of them"), '{% include "mail/_extension_result.txt" with of_two=True %}'
            ),
        },
        {"what_follows": _("the result, in the same words for both"), "page": PAGE},
        needed=("what_follows",),
    ),
    Mail("closing", _("Two weeks to go"), {"partner": PARTNER, "until": UNTIL}, {"page": PAGE}),
)
