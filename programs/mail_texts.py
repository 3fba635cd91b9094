"""Which mails about an application a program may word itself, with their placeholders."""

from django.utils.translation import gettext_lazy as _

from mail.texts import Mail, Value

VALUES = {
    "word": Value(_("the program’s word for what they applied as"), "{{ word }}"),
    "cycle": Value(_("the cycle’s name"), "{{ cycle.name }}"),
    "closes": Value(_("the last minute to apply"), "{{ cycle.closes_on|until:program }}"),
    "closes_day": Value(_("the last day to apply"), "{{ cycle.closes_on|when }}"),
    "hear_by": Value(_("the day by which everybody hears"), "{{ cycle.hear_by|when }}"),
    "association": Value(_("the association’s short name"), "{{ association.short_name }}"),
    "contact": Value(_("who reads a reply"), "{{ sender.contact }}"),
}
WORKSHOP = {
    "word": VALUES["word"],
    "cycle": VALUES["cycle"],
    "partner_word": Value(_("the program’s word for their partner"), "{{ partner_word }}"),
}
NOW_NEXT = _("now, next, and what to do if they hear nothing")
LINK = _("the link to where the application stands")
ANSWERS = _("a copy of what they told you")
TO_TAP = _("the answers to tap")
TO_JOIN = _("where to join, where the association has a page for it")
AGREE = _("the button to read, agree and send")

MAILS = (
    Mail("listing_asked", _("Listed mentors: are you available?"), VALUES, {"answers": TO_TAP}, needed=("answers",)),
    Mail(
        "agreement_needed",
        _("Brought in by the committee: it needs your yes"),
        VALUES,
        {
            "what_to_do": _("what to do"),
            "closes": _("until when, while there is time"),
            "link": AGREE,
            "answers": ANSWERS,
        },
        needed=("what_to_do", "link"),
    ),
    Mail(
        "draft_waiting",
        _("Not sent yet"),
        VALUES,
        {
            "not_sent": _("what they have not done yet"),
            "closes": _("until when; on the day before the close it says so"),
            "link": _("the button to go on"),
        },
        needed=("not_sent", "link"),
    ),
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
    Mail(
        "checking_membership",
        _("We are checking your membership"),
        VALUES,
        {
            "now_next": _("until when it is kept, and what happens next"),
            "to_join": TO_JOIN,
            "hear_nothing": _("what to do if they hear nothing"),
            "link": LINK,
            "answers": ANSWERS,
        },
        needed=("now_next", "to_join", "link"),
    ),
    Mail(
        "membership_reminder",
        _("Reminder: your membership"),
        VALUES,
        {"what_is_missing": _("what is missing and until when it is kept"), "to_join": TO_JOIN, "link": LINK},
        needed=("what_is_missing", "to_join", "link"),
    ),
    Mail("membership_found", _("Membership found"), VALUES, {"now_next": NOW_NEXT, "link": LINK}, ("now_next", "link")),
    Mail(
        "who_has_joined",
        _("To the membership office: who has joined?"),
        {"count": Value(_("how many wait"), "{{ people|length }}")},
        {"people": _("those who wait, and until when they are kept"), "link": _("the button to answer")},
        needed=("people", "link"),
    ),
    Mail(
        "late_application",
        _("Came after the close"),
        VALUES,
        {"now_next": NOW_NEXT, "link": LINK, "answers": ANSWERS},
        needed=("now_next", "link"),
    ),
    Mail("application_changed", _("Application changed"), VALUES, {"link": LINK, "answers": ANSWERS}, ("link",)),
    Mail(
        "application_withdrawn",
        _("Application withdrawn"),
        VALUES,
        {"come_back": _("how to come back"), "link": _("the link to the program’s page")},
        needed=("come_back",),
    ),
    Mail(
        "exception_answered",
        _("Request for an exception, answered"),
        VALUES,
        {"answer": _("the answer, yes or no"), "reason": _("the reason, as the committee wrote it"), "link": LINK},
        needed=("answer", "reason", "link"),
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
    Mail(
        "place_free",
        _("A place is free"),
        {**VALUES, "until": Value(_("the last day on which it is kept"), "{{ application.place_until|when }}")},
        {"missing": _("what has to be put right before, where something has"), "answers": TO_TAP},
        needed=("missing", "answers"),
    ),
    Mail(
        "still_waiting",
        _("Still waiting"),
        VALUES,
        {"where_it_stands": _("where it stands: since when, how many come first, what is next"), "answers": TO_TAP},
        needed=("where_it_stands", "answers"),
    ),
    Mail(
        "next_cycle_opens",
        _("Kept for this cycle: it is open"),
        VALUES,
        {"your_turn": _("since when their waiting counts"), "link": AGREE},
        needed=("link",),
    ),
    Mail(
        "workshop_invitation",
        _("Invitation to the workshop"),
        {
            **WORKSHOP,
            "when_it_is": Value(_("when it is, or that it can be watched"), '{% include "mail/_workshop_when.txt" %}'),
        },
        {
            "why_come": _("what it is, and whether everybody has to come"),
            "dates": _("the dates with their links, the recording, the calendar"),
            "link": LINK,
        },
        needed=("why_come", "dates"),
    ),
    Mail(
        "workshop_reminder",
        _("Reminder of the workshop"),
        {
            **WORKSHOP,
            "when_it_is": Value(_("when it is"), "{{ session.starts_at|when:program }}"),
            "how_soon": Value(_("how soon, at the beginning: “Tomorrow”"), '{% include "mail/_workshop_soon.txt" %}'),
            "so_soon": Value(
                _("how soon, within a sentence: “tomorrow”"), '{% include "mail/_workshop_soon.txt" with within=True %}'
            ),
        },
        {
            "session": _("title, time and link"),
            "other_date": _("what to do if it does not suit"),
            "calendar": _("the link for the calendar"),
        },
        needed=("session", "other_date"),
    ),
    Mail(
        "workshop_missed",
        _("Missed the workshop"),
        {
            **WORKSHOP,
            "workshop": Value(_("the workshop’s title"), "{{ session.title }}"),
            "day": Value(_("the day on which it was"), "{{ session.starts_at|when_short:program }}"),
            "by": Value(_("the day by which to catch up"), "{{ by|when }}"),
        },
        {"catch_up": _("the ways to catch up"), "link": LINK},
        needed=("catch_up",),
    ),
)
FIXED = {
    "address_fails": _(
        "When mail to somebody’s address comes back: it goes to another one, with the two ways to mend it."
    ),
    "visitor_question": _("Questions from the program’s page: they are a visitor’s own words."),
}
