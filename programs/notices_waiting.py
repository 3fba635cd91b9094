"""The mails to people who wait: a place is free, where it stands, the next cycle opens."""

from mail import links
from mail.models import Message
from members.journal import about
from members.models import Entry
from programs.models import Application, Cycle
from programs.notices import to_applicant


def place_free(application: Application, offered: Entry, *, missing: list[str]) -> None:
    """A place is kept until a day: one tap takes it. `missing` has to be put right before."""
    key = f"{about(application)}:place_free:{offered.pk}"
    to_applicant(key, application, "place_free", missing=missing, **_answers(application, "take", "not_now"))


def place_taken(application: Application, taken: Entry) -> None:
    """You're in: as when the committee says yes."""
    to_applicant(f"{about(application)}:accepted:{taken.pk}", application, "accepted")


def still_waiting(application: Application, *, over: bool, before: int | None, following: Cycle | None) -> None:
    """Where it stands, honestly. `over`: the matches are made; `before`: so many come first; `following`: the cycle
    for which it is or can be kept."""
    today = application.cycle.today()
    first = over and not is_told_over(application)
    since = application.waiting_since or today
    to_applicant(
        over_key(application) if first else f"{about(application)}:still_waiting:{today.isoformat()}",
        application,
        "still_waiting",
        over=over,
        before=before,
        following=following,
        days=(today - since).days,
        **_answers(application, "stay", "next", "leave"),
    )


def next_cycle_opens(application: Application) -> None:
    """Applications are open again: the draft is ready, and one tap sends it."""
    link = links.placeholder("agree", application.pk)
    to_applicant(f"{about(application)}:next_cycle_opens", application, "next_cycle_opens", link=link)


def over_key(application: Application) -> str:
    """Under which key somebody who waits is told that the matches are made."""
    return f"{about(application)}:still_waiting:over"


def is_told_over(application: Application) -> bool:
    return Message.objects.filter(key=over_key(application)).exists()


def _answers(application: Application, *words: str) -> dict[str, str]:
    """A link for each answer, that opens the page with it chosen."""
    return {f"{word}_link": links.placeholder("waiting", application.pk, f"answer={word}") for word in words}
