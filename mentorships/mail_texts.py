"""Which mails of a mentoring year a program may word itself, with their placeholders."""

from django.utils.translation import gettext_lazy as _

from mail.texts import Mail, Value

PARTNER = Value(_("the partner’s first name"), "{{ partner.get_short_name }}")
UNTIL = Value(_("the last day of their year"), "{{ term.ends_on|when }}")
ANSWER_BY = Value(_("the day to answer by"), "{{ check_in.answer_by|when }}")
CONTACT = Value(_("who reads a reply"), "{{ sender.contact }}")
PAGE = _("the link to their own page")
TO_ANSWER = {"answers": _("the answers to tap"), "who_reads": _("who reads the answer")}
ASKED = {"partner": PARTNER, "until": UNTIL, "answer_by": ANSWER_BY, "contact": CONTACT}

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
    Mail("first_contact", _("Have you two been in touch?"), ASKED, TO_ANSWER, needed=("answers", "who_reads")),
    Mail("plan", _("Ten minutes: how and how often"), {"partner": PARTNER, "until": UNTIL}, {"page": PAGE}),
    Mail("check_in", _("How is it going?"), ASKED, TO_ANSWER, needed=("answers", "who_reads")),
    Mail("closing", _("Two weeks to go"), {"partner": PARTNER, "until": UNTIL}, {"page": PAGE}),
)
