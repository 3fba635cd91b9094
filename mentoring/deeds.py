"""What was done, in plain words: one phrase for every verb that the history knows, to be read after a name."""

from django.utils.translation import gettext_lazy as _

from mentoring import mail_titles

WORDS = {
    # rows that are set up
    "added": _("added it"),
    "changed": _("changed it"),
    "deleted": _("deleted it"),
    "set_up": _("set up the program"),
    "demo_loaded": _("loaded the demo"),
    "cycle_copied": _("set up the next cycle"),
    "member list imported": _("brought in the member list"),
    "membership confirmed": _("confirmed the membership"),
    # applications
    "started": _("began an application"),
    "draft": _("took it back into writing"),
    "reopened": _("opened it again"),
    "submitted": _("sent an application"),
    "held": _("kept it until something is clear"),
    "admitted": _("accepted"),
    "waitlisted": _("put on the waiting list"),
    "refused": _("answered: not this time"),
    "withdrawn": _("withdrew"),
    "expired": _("closed: no answer in time"),
    "carried": _("took it along into the next cycle"),
    "claimed": _("says: a member under another address or number"),
    "membership not found": _("did not find the membership"),
    "agreed": _("agreed to the rules"),
    "brought in": _("brought the application in"),
    "keep for next": _("would like to be kept for the next cycle"),
    "not for next": _("would not like to be kept for the next cycle"),
    "stays": _("stays on the waiting list"),
    "place offered": _("kept a place"),
    "place taken": _("took the place that was kept"),
    "place let go": _("let a place go to the next"),
    "exception asked for": _("asked for an exception"),
    "exception open": _("left the exception open"),
    "exception granted": _("granted the exception"),
    "exception refused": _("refused the exception"),
    "cap changed": _("changed how many are taken"),
    "closed by hand": _("closed applications by hand"),
    "opened again": _("opened applications again"),
    "places counted again": _("counted the places again"),
    # workshops and the list between rounds
    "attended": _("noted that somebody was there"),
    "caught up": _("noted that somebody caught up on a workshop"),
    "attendance taken back": _("took back a mark of attendance"),
    "attendance noted": _("noted who came"),
    "listed": _("stays on the list between rounds"),
    "not listed": _("left the list"),
    "paused": _("paused"),
    "pause ended": _("ended the pause"),
    # matching
    "suggested": _("asked for a suggestion"),
    "replaced": _("put another suggestion in its place"),
    "marked": _("set a mark"),
    "confirmed": _("confirmed"),
    "undone": _("undid the last step"),
    "keep": _("kept together"),
    "let_go": _("let go"),
    "forbid": _("said: not these two"),
    "assign": _("proposed"),
    "drop": _("took apart"),
    "swap": _("exchanged"),
    "dropped": _("took the proposal away"),
    "announced": _("announced the match"),
    "stopped": _("stopped the announcement"),
    "offered": _("asked the mentor"),
    "accepted": _("said yes"),
    "declined": _("said no"),
    "taken_back": _("took it back"),
    "introduced": _("introduced them to each other"),
    "introduction_undone": _("undid an introduction"),
    "cancelled": _("called it off"),
    "question_asked": _("has a question first"),
    "question_answered": _("answered a question"),
    "still_in": _("is still in"),
    # the year
    "begun": _("began the mentorship"),
    "open": _("went on"),
    "completed": _("completed the mentoring year"),
    "ended": _("ended it early"),
    "extended": _("went on for another year"),
    "asked": _("asked for something"),
    "answered": _("answered"),
    "told": _("noted how it goes"),
    "done": _("settled a request"),
    "plan_changed": _("changed the plan"),
    "contact_changed": _("gave another contact"),
    "topics_planned": _("planned the topics"),
    # evaluations
    "second_page": _("answered the second page of the evaluation"),
    "second_page_changed": _("changed the second page of the evaluation"),
    "answers_mixed": _("mixed the anonymous answers"),
    "signed": _("signed the letter"),
    "revoked": _("took the signed letter back"),
    # mail
    "stopped_mail": _("stopped all mail"),
    "started_mail": _("started mail again"),
    "held_mail": _("held all mail of the site"),
    "released_mail": _("let the site’s mail go again"),
    "sent_again": _("sent a mail again"),
    "left_as_it_is": _("left a mail as it is"),
    "came_back": _("noted that a mail came back"),
    "works_again": _("noted that an address works again"),
    "wrote_letter": _("wrote to many"),
    "stopped_letter": _("stopped a letter"),
    "worded_mail": _("put a mail into the program’s own words"),
    "worded_mail_back": _("took a mail’s original wording again"),
    "sent_year_mails": _("sent themselves a year’s mails"),
    "sent_test_mail": _("sent themselves a test mail"),
    "left_topics": _("wants no more topics by mail"),
    "left_announcements": _("wants no more announcements"),
    "topics_again": _("wants topics by mail again"),
    "announcements_again": _("wants announcements again"),
}


ABOUT_A_MAIL = ("worded_mail", "worded_mail_back")  # noted with the mail's name


def reason(verb: str, noted: str) -> str:
    """The short code that stands beside a verb, as people read it."""
    return mail_titles.title(noted) if verb in ABOUT_A_MAIL else noted.replace("_", " ").replace(",", ", ")


def words(verb: str) -> str:
    """A verb of the history as people read it."""
    return str(WORDS.get(verb) or verb.replace("_", " "))
