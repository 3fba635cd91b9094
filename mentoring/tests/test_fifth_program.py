"""A fifth association starts like one of the four: nothing of theirs stands in a row, on a page, in a form or in a mail.

Each starting point is loaded for an association that does not exist; a few people live through a whole time of it by
verbs and the calendar. Then every text of every table is read, whatever table that is, and every page that they opened.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import models
from django.db.models import Max
from django.urls import reverse

from evaluations import letters, responses
from evaluations.models import Receipt
from mail.models import Message
from matching import offers, proposals, runs
from matching.models import Match
from members import clock, member_list
from members.models import User
from mentoring import planner, presets
from mentoring.tests.walk import Browser
from mentorships import check_ins, requests, terms
from mentorships.models import CheckIn, Mentorship, Request
from programs import applications, contact, questions, sections, training
from programs.models import Application, Cycle, Program, Question, Role, Seat, Training
from programs.tests.make import make_answers, make_member_rows, make_person, make_seat

pytestmark = pytest.mark.django_db
SIGN_IN = "members.backends.SignInBackend"
NAMES = ("NELA", "NMRT", "NASIG", "KLA", "ALA")
PHRASES = (
    "New England",
    "Kentucky",
    "American Library",
    "North American Serials",
    "New Members Round Table",
    "Bluegrass",
    "Louisville",
)
WORD, PHRASE = "|".join(NAMES), "|".join(PHRASES).replace(" ", r"\s+")
NAMED = re.compile(rf"(?<![A-Za-z0-9])(?:{WORD})(?![A-Za-z0-9])|{PHRASE}", re.IGNORECASE)
ZONE = re.compile(r'<option value="America/[^"]+"[^>]*>[^<]*</option>')  # one of them is called after Louisville
LEFT_OPEN = re.compile(r"\{[a-z_]+\}")  # a placeholder that nobody has filled
TEXTS = (models.CharField, models.TextField, models.JSONField)


def named(text: str) -> list[str]:
    """The names of the four that stand in a text, whole words alone."""
    return [" ".join(found.split()) for found in NAMED.findall(text)]


def kept_texts() -> Iterator[tuple[str, str]]:
    """Every text of every row there is, with its table, its row and its column. Packages' own tables are none of ours."""
    for model in apps.get_models():
        if model.__module__.startswith(("django.", "allauth.")):
            continue
        columns = [column.name for column in model._meta.concrete_fields if isinstance(column, TEXTS)]
        for pk, *values in model._base_manager.values_list("pk", *columns):
            for column, value in zip(columns, values, strict=True):
                text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                yield f"{model._meta.label} {pk} {column}", text


def names_kept() -> dict[str, list[str]]:
    return {where: found for where, text in kept_texts() if (found := named(text))}


@dataclass
class Fifth:
    """The new association's program, its people, and every page that was opened."""

    program: Program
    people: dict[str, User] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)

    @property
    def cycle(self) -> Cycle:
        return self.program.cycles.earliest("opens_on")

    def person(self, name: str) -> User:
        if name not in self.people:
            self.people[name] = make_person(f"{name}@people.example.net", name.title(), "Sample")
        return self.people[name]

    def open(self, *urls: str, who: str = "", says: tuple[int, ...] = (200,)) -> None:
        """Somebody, or a visitor, opens these pages; what they show is kept."""
        client = Browser()
        if who:
            client.force_login(self.person(who), backend=SIGN_IN)
        for url in urls:
            response = client.get(url)
            assert response.status_code in says, url
            place = f"{url} as {who or 'a visitor'}, {clock.now():%-d %B %Y}"
            self.seen[place] = ZONE.sub("", response.content.decode())

    def on(self, day: date, hour: int = 12):
        return clock.at(datetime.combine(day, time(hour), ZoneInfo(self.program.time_zone)))

    def evening(self, day: date) -> None:
        at = clock.end_of(day, self.program.time_zone)
        with clock.at(at):
            for _ in planner.due(at):
                pass

    # What people do

    def apply(self, name: str, role: str, *, send: bool = True) -> Application:
        """Fill in the form, agree, send it."""
        user, cycle = self.person(name), self.cycle
        application = applications.start(cycle, user, role)
        years = {"years": 9 if role == Role.MENTOR else 2}
        asked = questions.of(self.program, Question.Moment.APPLICATION, role)
        known = {question.code for question in asked}
        given = make_answers(self.program, role, **{code: n for code, n in years.items() if code in known})
        applications.save(application, given, by=user)
        if not send:
            return application
        applications.agree(application, by=user)
        return applications.submit(application, by=user)

    def look_at_form(self, name: str, role: str) -> None:
        """Open the form page by page, and what one looks over before sending it."""
        cycle = self.cycle
        self.apply(name, role, send=False)
        asked = questions.of(self.program, Question.Moment.APPLICATION, role)
        pages = [str(number) for number in range(1, len(sections.split(asked)) + 1)]
        where = [self.program.slug, cycle.slug, role]
        self.open(cycle.apply_url(role), who="nobody")
        self.open(*(reverse("apply_section", args=[*where, page]) for page in [*pages, "review"]), who=name)

    def found(self) -> None:
        """The committee takes its seats, the member list comes in."""
        with self.on(self.cycle.opens_on - timedelta(days=20)):
            make_seat(self.program, self.person("chi"), Seat.Role.CHAIR)
            make_seat(self.program, self.person("dee"), Seat.Role.DEPUTY)
            make_seat(self.program, self.person("lee"), Seat.Role.LIAISON)
            make_seat(self.program, self.person("max"), Seat.Role.MEMBERSHIP_OFFICE)
            names = ("mo", "ann", "bea", "ivy", "una", "wes", "tad", "kit")
            rows = make_member_rows(*(f"{name}@people.example.net" for name in names))
            rows[1:] = [[*row[:3], row[3].split("-")[1], *row[4:]] for row in rows[1:]]
            member_list.apply(
                self.program.association,
                member_list.read(self.program.association, rows),
                seen_on=clock.today(self.program.time_zone),
                by=self.person("chi"),
            )
            self.open(self.program.get_absolute_url())

    def applications_come_in(self) -> None:
        cycle, chair = self.cycle, self.person("chi")
        with self.on(cycle.opens_on + timedelta(days=1)):
            self.open(self.program.get_absolute_url())
            contact.write(self.program, email="visitor@people.example.net", text="May I come?")
            for name, role in (("mo", Role.MENTOR), ("ann", Role.MENTOR), ("bea", Role.MENTEE), ("ivy", Role.MENTEE)):
                self.apply(name, role)
            self.apply("cal", Role.MENTEE)  # on no member list
            applications.withdraw(self.apply("una", Role.MENTEE), by=self.person("una"))
            applications.wait_list(self.apply("wes", Role.MENTEE), by=chair)
            self.look_at_form("kit", Role.MENTOR)
            self.look_at_form("joe", Role.MENTEE)
            for name in ("bea", "cal", "una", "wes"):
                self.open(Application.objects.get(user=self.person(name)).get_absolute_url(), who=name)
        for days in (4, 7, 10):
            self.evening(cycle.opens_on + timedelta(days=days))
        self.evening(cycle.closes_on - timedelta(days=1))
        with self.on(cycle.closes_on + timedelta(days=1)):
            self.open(self.program.get_absolute_url())
            self.apply("tad", Role.MENTEE)

    def matched(self) -> None:
        cycle, chair = self.cycle, self.person("chi")
        with self.on(max(cycle.announced_on - timedelta(days=7), cycle.closes_on + timedelta(days=2))):
            runs.suggest(cycle, by=chair)
            self.open(reverse("admin:matching_desk", args=[cycle.pk]), who="chi", says=(200, 302))
            proposals.announce(cycle, by=chair)
        self.evening(cycle.announced_on)
        self.agree_to_offers(cycle.announced_on + timedelta(days=1))
        for workshop in Training.objects.filter(cycle=cycle):
            with self.on(clock.day_of(workshop.starts_at, self.program.time_zone), hour=20):
                for name in ("mo", "ann", "bea", "ivy"):
                    training.mark(workshop, self.person(name), by=chair)
            self.evening(clock.day_of(workshop.starts_at, self.program.time_zone) + timedelta(days=1))

    def agree_to_offers(self, day: date) -> None:
        """Where mentors are asked, they say yes."""
        with self.on(day):
            for match in Match.objects.filter(state=Match.State.OFFERED):
                offers.answer(match, Match.Answer.YES, by=match.mentor_application.user)
        self.evening(day)

    def the_year_goes_by(self) -> None:
        """Every ten days the calendar; in between people answer whatever they are asked, and ask something themselves."""
        first, second = Mentorship.objects.order_by("pk")
        day = first.introduced_on()
        self._begin(first, day + timedelta(days=8))
        with self.on(day + timedelta(days=60)):
            terms.end_early(second, reason=Mentorship.EndReason.TIME, by=self.person("chi"))
        last = day
        while last and day < last + timedelta(days=30):
            day += timedelta(days=10)
            self.evening(day)
            self._answer(day + timedelta(days=1))
            last = first.terms.aggregate(last=Max("ends_on"))["last"]
        with self.on(day):
            self.open(self.program.get_absolute_url())
            self._thank(first)
            self._committee_looks()

    def _begin(self, pair: Mentorship, day: date) -> None:
        self.evening(day - timedelta(days=1))
        with self.on(day):
            names = ("mentorship", "mentorship_plan", "mentorship_dates")
            pages = [reverse("my"), *(reverse(name, args=[pair.pk]) for name in names)]
            for user in (pair.mentee, pair.mentor):
                self.open(*pages, who=user.first_name.lower())
            for asked in CheckIn.objects.filter(mentorship=pair, user=pair.mentee):
                check_ins.answer(asked, CheckIn.Word.WROTE, by=pair.mentee)
            asked = requests.ask(pair, Request.Kind.HELP, by=pair.mentor, note="No answer yet.")
            requests.settle(asked, Request.State.DONE, by=self.person("chi"), answer="We have asked.")

    def _answer(self, day: date) -> None:
        with self.on(day):
            for receipt in Receipt.objects.filter(answered=False, user__first_name="Bea"):
                name = receipt.user.first_name.lower()
                self.open(reverse("evaluation", args=[receipt.pk]), who=name)
                given = make_answers(self.program, receipt.role, receipt.moment)
                responses.answer(receipt, given, by=receipt.user)

    def _thank(self, pair: Mentorship) -> None:
        """Where the program writes letters: asked for, signed, checked by anybody."""
        if not self.program.service_letters:
            return
        self.open(reverse("letter_ask", args=[pair.pk]), who=pair.mentor.first_name.lower())
        letter = letters.sign(letters.ask(pair, by=pair.mentor), by=self.person("chi"))
        self.open(reverse("letter"), reverse("letter_check", args=[letter.code]))

    def _committee_looks(self) -> None:
        self.open(reverse("admin:index"), who="chi")
        for model in admin.site._registry:
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
            self.open(reverse(name), who="chi", says=(200, 302, 403))


@pytest.fixture
def fifth(request):
    return Fifth(presets.load(request.param, association="fifth", name_="Fifth Library Circle").program)


every_preset = pytest.mark.parametrize("fifth", presets.names(), indirect=True)


@every_preset
def test_no_row_of_a_fifth_program_names_one_of_the_four(fifth):
    told = dict(kept_texts())
    assert "Fifth Library Circle" in told.values()
    assert names_kept() == {}
    assert {where: text for where, text in told.items() if LEFT_OPEN.search(text)} == {}


@every_preset
def test_no_page_form_or_mail_of_a_fifth_program_names_one_of_the_four(fifth):
    fifth.found()
    fifth.applications_come_in()
    fifth.matched()
    fifth.the_year_goes_by()
    assert sorted(usual(fifth.program) - {mail.name for mail in Message.objects.all()}) == []
    assert names_kept() == {}  # mails and the copies in them among all the rest
    assert len(fifth.seen) > 40
    assert {where: named(html) for where, html in fifth.seen.items() if named(html)} == {}


def usual(program: Program) -> set[str]:
    """The mails that such a time cannot go by without."""
    always = """application_received application_withdrawn waiting_list late_application draft_waiting visitor_question
        introduction first_contact partner_wrote plan message_received request_for_committee request_answered
        ended_early closing evaluation"""
    found = set(always.split())
    found |= {"topic"} if program.topic_recipients != Program.TopicRecipients.NONE else set()
    found |= {"offer"} if program.mentor_confirms else set()
    found |= {"midway"} if program.midway_after_months else set()
    found |= {"extend"} if program.max_extensions else set()
    found |= {"letter_ready"} if program.service_letters else set()
    return found


# The control: what is planted is found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Alabama, Nelaton, skalar, a la carte; America/New_York; our own circle.", []),
        ("Ask NELA's office.", ["NELA"]),
        ("mentoring@nasig.example.org, /kla/2025-26, nmrt_1, (ALA)", ["nasig", "kla", "nmrt", "ALA"]),
        ("all over New\n  England and in KENTUCKY", ["New England", "KENTUCKY"]),
    ],
)
def test_whole_words_are_found_however_they_are_written(text, found):
    assert named(text) == found


def test_a_name_that_is_planted_is_found_in_a_row_a_page_a_form_and_a_mail():
    fifth = Fifth(presets.load("kla", association="fifth", name_="Fifth Library Circle").program)
    page, area = fifth.program.pages.get(slug="about"), fifth.program.questions.get(code="areas", role="mentor")
    asked = fifth.program.questions.get(moment="application", code="job_title")
    fifth.program.contact_name = "The NMRT committee"
    page.body, asked.label = "As in New England.", "What do you do at NELA?"
    area.options[0]["label"] = "NASIG things"
    for row in (fifth.program, page, asked, area):
        row.save()
    with fifth.on(fifth.cycle.opens_on):
        contact.write(fifth.program, email="visitor@people.example.net", text="May I come?")
        first = fifth.cycle.apply_url("mentor")
        fifth.open(fifth.program.get_absolute_url(), first, who="mo")
    mail = Message.objects.get()
    kept = names_kept()
    assert {place.rsplit(" ", 1)[1] for place in kept if place.startswith(f"mail.Message {mail.pk} ")} >= {
        "text",
        "html",
    }
    assert {place: found for place, found in kept.items() if not place.startswith("mail.")} == {
        f"programs.Program {fifth.program.pk} contact_name": ["NMRT"],
        f"programs.Page {page.pk} body": ["New England"],
        f"programs.Question {asked.pk} label": ["NELA"],
        f"programs.Question {area.pk} options": ["NASIG"],
    }
    assert [named(html) for html in fifth.seen.values()] == [["New England"], ["NELA"]]
