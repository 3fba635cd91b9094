"""Which mails about an application a program may word itself, with their placeholders."""

from django.utils.translation import gettext_lazy as _

from mail.texts import Mail, Value

VALUES = {
    "word": Value(_("the program’s word for what they applied as"), "{{ word }}"),
    "cycle": Value(_("the cycle’s name"), "{{ cycle.name }}"),
    "closes": Value(_("the last minute to apply"), "{{ cycle.closes_on|until:program }}"),
    "hear_by": Value(_("the day by which everybody hears"), "{{ cycle.hear_by|when }}"),
}
NOW_NEXT = _("now, next, and what to do if they hear nothing")
LINK = _("the link to where the application stands")
ANSWERS = _("a copy of what they told you")

MAILS = (
    Mail(
        "application_received",
        _("Application received"),
        VALUES,
        {
            "now_next": NOW_NEXT,
            "to_join": _("what to join first, where it is missing"),
            "link": LINK,
            "answers": ANSWERS,
        },
        needed=("now_next", "to_join", "link"),
    ),
    Mail("accepted", _("Accepted"), VALUES, {"now_next": NOW_NEXT, "link": LINK}, needed=("now_next", "link")),
    Mail(
        "waiting_list",
        _("On the waiting list"),
        VALUES,
        {"why_waiting": _("why they wait"), "now_next": NOW_NEXT, "link": LINK, "answers": ANSWERS},
        needed=("why_waiting", "now_next", "link"),
    ),
    Mail(
        "not_this_time",
        _("Can’t take part this time"),
        VALUES,
        {"reason": _("the reason, as the committee wrote it"), "what_next": _("what is possible now"), "link": LINK},
        needed=("reason", "what_next", "link"),
    ),
)
