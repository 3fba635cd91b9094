"""The last acts of a cycle's people as sentences, for the committee's first page."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.committee import with_names
from members.models import Entry
from mentoring import own_affairs
from mentoring.admin_pages import rows_named

# Act and kind of row → what is said, with the name of the one whom it is about.
SAID = {
    ("submitted", "application"): gettext_lazy("%(who)s sent an application"),
    ("held", "application"): gettext_lazy("%(who)s sent an application; membership is still open"),
    ("withdrawn", "application"): gettext_lazy("%(who)s withdrew"),
    ("changed", "application"): gettext_lazy("%(who)s changed their answers"),
    ("claimed", "application"): gettext_lazy("%(who)s says: a member under another address or number"),
    ("admitted", "application"): gettext_lazy("%(who)s accepted %(about)s"),
    ("waitlisted", "application"): gettext_lazy("%(who)s put %(about)s on the waiting list"),
    ("refused", "application"): gettext_lazy("%(who)s told %(about)s: not this time"),
    ("place offered", "application"): gettext_lazy("%(who)s kept a place for %(about)s"),
    ("place taken", "application"): gettext_lazy("%(who)s took the place that was kept"),
    ("place let go", "application"): gettext_lazy("%(who)s let a place go to the next"),
    ("attendance noted", "training"): gettext_lazy("%(who)s noted who came to “%(about)s”"),
    ("caught up", "attendance"): gettext_lazy("%(who)s noted that somebody caught up on a workshop"),
    ("listed", "listing"): gettext_lazy("%(who)s stays on the list between rounds"),
    ("not listed", "listing"): gettext_lazy("%(who)s left the list"),
    ("suggested", "run"): gettext_lazy("%(who)s asked for a suggestion"),
    ("keep", "match"): gettext_lazy("%(who)s kept together %(about)s"),
    ("forbid", "match"): gettext_lazy("%(who)s said of %(about)s: not these two"),
    ("assign", "match"): gettext_lazy("%(who)s proposed %(about)s"),
    ("announced", "match"): gettext_lazy("%(who)s announced the matches"),
    ("stopped", "match"): gettext_lazy("%(who)s stopped the announcement"),
    ("accepted", "match"): gettext_lazy("%(who)s: yes to %(about)s"),
    ("declined", "match"): gettext_lazy("%(who)s: no to %(about)s"),
    ("taken_back", "match"): gettext_lazy("%(who)s took a yes back: %(about)s"),
    ("question_asked", "match"): gettext_lazy("%(who)s has a question about %(about)s"),
    ("question_answered", "match"): gettext_lazy("%(who)s answered a question about %(about)s"),
    ("still_in", "match"): gettext_lazy("%(who)s is still in"),
    ("introduction_undone", "match"): gettext_lazy("%(who)s undid an introduction"),
    ("asked", "request"): gettext_lazy("%(who)s asked the committee for something"),
    ("done", "request"): gettext_lazy("%(who)s settled a request"),
    ("refused", "request"): gettext_lazy("%(who)s answered a request"),
    ("contact_changed", "mentorship"): gettext_lazy("%(who)s gave %(about)s another contact"),
    ("topics_planned", "cycle"): gettext_lazy("%(who)s planned the topics of %(about)s"),
    ("ended", "mentorship"): gettext_lazy("%(who)s ended %(about)s"),
    ("told", "checkin"): gettext_lazy("%(who)s noted how it goes"),
    ("answered", "checkin"): gettext_lazy("%(who)s told how it goes"),
    ("answered", "receipt"): gettext_lazy("%(who)s gave an evaluation"),
    ("stopped_mail", "program"): gettext_lazy("%(who)s stopped all mail"),
    ("started_mail", "program"): gettext_lazy("%(who)s started mail again"),
    ("worded_mail", "program"): gettext_lazy("%(who)s put a mail into the program’s own words"),
    ("worded_mail_back", "program"): gettext_lazy("%(who)s took a mail’s original wording again"),
    ("sent_year_mails", "program"): gettext_lazy("%(who)s sent themselves a year’s mails"),
    ("sent_test_mail", "program"): gettext_lazy("%(who)s sent themselves a test mail"),
    ("wrote_letter", "mailing"): gettext_lazy("%(who)s wrote to many: “%(about)s”"),
    ("stopped_letter", "mailing"): gettext_lazy("%(who)s stopped a letter: “%(about)s”"),
    ("sent_again", "message"): gettext_lazy("%(who)s sent a mail again"),
    ("came_back", "message"): gettext_lazy("%(who)s noted that a mail came back"),
    ("works_again", "message"): gettext_lazy("%(who)s noted that an address works again"),
    ("cycle_copied", "cycle"): gettext_lazy("%(who)s set up %(about)s"),
}

# What somebody did to their own is said otherwise.
OWN = {("waitlisted", "application"): gettext_lazy("%(who)s is on the waiting list")}


@dataclass(frozen=True)
class Act:
    """One sentence and its moment."""

    words: str
    at: datetime


def acts(user, scope: str, most: int) -> list[Act]:
    """The newest acts, those of one person at one moment (an announcement of many) said once.

    Nothing about a pair of the reader's own: what the partner tells the committee is not for them.
    """
    verbs = {verb for verb, _kind in SAID}
    entries = Entry.objects.visible_to(user).filter(scope=scope, actor__isnull=False, verb__in=verbs)
    entries = entries.exclude(about__in=own_affairs.of(user))
    known = [entry for entry in entries[: most * 10] if (entry.verb, entry.about.partition(":")[0]) in SAID]
    rows = rows_named(entry.about for entry in known)
    found: list[Act] = []
    for entry, who in with_names(known):
        about, what = rows.get(entry.about, _("somebody")), (entry.verb, entry.about.partition(":")[0])
        said = OWN.get(what, SAID[what]) if who == about else SAID[what]
        act = Act(said % {"who": who, "about": about}, entry.at)
        if act.words not in [other.words for other in found]:
            found.append(act)
    return found[:most]
