"""Workshops as a calendar file."""

from collections.abc import Iterable
from datetime import timedelta

from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from mail.links import absolute
from members import clock
from programs.models import Application, Training


def of(application: Application, sessions: Iterable[Training]) -> bytes:
    """Each session with its hour and its link. A session that is moved is the same entry with a new hour."""
    program = application.program
    calendar = Calendar()
    calendar.add("prodid", f"-//{program.name}//Mentoring//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", program.name)
    for session in sessions:
        event = Event()
        event.add("uid", f"training-{session.pk}@{program.slug}")
        event.add("dtstamp", clock.now())
        event.add("dtstart", session.starts_at)
        event.add("dtend", session.starts_at + timedelta(minutes=session.minutes))
        event.add("summary", f"{session.title}, {program.name}")
        event.add("description", _("Your page: %s") % absolute(application.get_absolute_url()))
        if session.join_url:
            event.add("location", session.join_url)
        calendar.add_component(event)
    return calendar.to_ical()
