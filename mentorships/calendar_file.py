"""A pair's dates as a calendar file."""

from datetime import timedelta

from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from mail.links import absolute
from members import clock
from mentorships.mine import dates_of, year_of
from mentorships.models import Mentorship


def of(mentorship: Mentorship) -> bytes:
    """The days of a mentoring year each for the whole day, without anybody's name."""
    calendar = Calendar()
    calendar.add("prodid", f"-//{mentorship.program.name}//Mentoring//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", mentorship.program.name)
    for number, (day, words) in enumerate(dates_of(mentorship, year_of(mentorship.program)), start=1):
        event = Event()
        event.add("uid", f"mentorship-{mentorship.pk}-{number}-{day:%Y%m%d}")
        event.add("dtstamp", clock.now())
        event.add("dtstart", day)
        event.add("dtend", day + timedelta(days=1))
        event.add("summary", words)
        event.add("description", _("Your page: %s") % absolute(mentorship.get_absolute_url()))
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return calendar.to_ical()
