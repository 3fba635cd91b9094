"""What leaves by itself, in the committee's words: one for each name that the planner uses."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    # applications
    "listing_asked": _("Listed mentors are asked whether they are available"),
    "address_fails": _("Asked at another address whether the one that fails is still good"),
    "draft_waiting": _("Reminder of an application that is not sent"),
    "membership_reminder": _("Reminder of the membership"),
    "membership_found": _("In, because the membership was found"),
    "not_this_time": _("Kept no longer: told what is possible"),
    "who_has_joined": _("The membership office is asked who has joined, each day while somebody waits"),
    "place_free": _("A free place is offered"),
    "still_waiting": _("A word to those who wait"),
    "next_cycle_opens": _("Kept for this cycle: may send again"),
    "places_miscounted": _("The places do not add up"),
    "workshop_invitation": _("Invitation to the workshop"),
    "workshop_reminder": _("Reminder of the workshop"),
    "workshop_missed": _("How to catch up on the workshop"),
    # matching
    "offer": _("Mentors are asked about a mentee"),
    "offer_reminder": _("Reminder of the question to a mentor"),
    "offer_closed": _("A question to a mentor closes"),
    "offer_answered": _("The committee reads what mentors answered"),
    "introduction": _("Introduced to each other"),
    "not_matched": _("Told that there is no match yet"),
    "reserve": _("Mentors thanked and kept in reserve"),
    # mentorships
    "first_contact": _("“Have you two been in touch?”"),
    "write_first": _("Encouraged to write first"),
    "plan": _("Invited to make a plan"),
    "check_in": _("“How is it going?”"),
    "check_in_reminder": _("Reminder of “How is it going?”"),
    "topic": _("Topic of the month"),
    "next_step": _("Asked what they would like now"),
    "extend": _("“One more year together?”"),
    "extend_reminder": _("Reminder of “One more year together?”"),
    "extension_result": _("Told when their year ends"),
    "closing": _("Two weeks to go"),
    "completed": _("The mentoring year is completed"),
    # evaluations
    "midway": _("Halfway: a few questions"),
    "midway_reminder": _("Reminder of the questions halfway"),
    "evaluation": _("The evaluation is asked for"),
    "evaluation_reminder": _("Reminder of the evaluation"),
    "answers_mixed": _("Anonymous answers are mixed"),
    "letters_to_sign": _("Chair and deputy are told that letters wait, each Monday"),
}


def words(what: str) -> str:
    """The planner's name for a thing as people read it."""
    return str(WORDS.get(what) or what.replace("_", " ").capitalize())
