"""Which mails that ask for feedback a program may word itself, with their placeholders."""

from django.utils.translation import gettext_lazy as _

from mail.texts import Mail, Value

VALUES = {
    "partner": Value(_("the partner’s first name"), "{{ partner.get_short_name }}"),
    "open_until": Value(_("the last minute to answer"), "{{ receipt.closes_on|until:program }}"),
}
PARTS = {"button": _("the button that opens the questions"), "who_reads": _("who reads the answers")}
NEEDED = ("button", "who_reads")

MAILS = (
    Mail("midway", _("Halfway: a few questions"), VALUES, PARTS, NEEDED),
    Mail("evaluation", _("How was it?"), VALUES, PARTS, NEEDED),
)
