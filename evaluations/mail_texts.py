"""Which mails that ask for feedback, or bring a letter, a program may word itself, with their placeholders."""

from django.utils.translation import gettext_lazy as _

from mail.texts import Mail, Value

VALUES = {
    "partner": Value(_("the partner’s first name"), "{{ partner.get_short_name }}"),
    "open_until": Value(_("the last minute to answer"), "{{ receipt.closes_on|until:program }}"),
}
MIDWAY = {**VALUES, "count": Value(_("how many questions there are"), "{{ count }}")}
PARTS = {"button": _("the button that opens the questions"), "who_reads": _("who reads the answers")}
NEEDED = ("button", "who_reads")
LETTER = {
    "served_from": Value(_("the first day that the letter names"), '{{ letter.begins_on|date:"j F Y" }}'),
    "served_until": Value(_("the last day that the letter names"), '{{ letter.ends_on|date:"j F Y" }}'),
}

MAILS = (
    Mail("midway", _("Halfway: a few questions"), MIDWAY, PARTS, NEEDED),
    Mail("midway_reminder", _("Reminder: halfway"), MIDWAY, PARTS, NEEDED),
    Mail("evaluation", _("How was it?"), VALUES, PARTS, NEEDED),
    Mail("evaluation_reminder", _("Reminder: how was it?"), VALUES, PARTS, NEEDED),
    Mail(
        "letters_to_sign",
        _("To those who sign: letters wait"),
        {"count": Value(_("how many wait"), "{{ count }}")},
        {"link": _("the link to them")},
        needed=("link",),
    ),
    Mail(
        "letter_ready",
        _("Your letter is signed"),
        LETTER,
        {"pdf": _("the link to the letter"), "check": _("its code, and what others see who check it")},
        needed=("pdf", "check"),
    ),
    Mail(
        "letter_not",
        _("About your letter"),
        {"contact": Value(_("who reads a reply"), "{{ sender.contact }}")},
        {"reason": _("whether it was not written or taken back, and the committee’s reason")},
        needed=("reason",),
    ),
)
