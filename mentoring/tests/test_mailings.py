"""A letter to a list of people: looked at and sent by one code, held, stopped; who is left out is told why."""

from datetime import UTC, date, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress

from evaluations.models import Receipt
from evaluations.tests.make import AFTER, do_what_is_due, make_evaluated_kla
from mail import delivery, leaving
from mail.mailings import Letter
from mail.models import Mailing, Message, Suppression
from matching.models import Match
from members import clock
from members.journal import NotAllowed
from members.models import Entry
from mentoring import mailings
from mentorships.models import Mentorship
from mentorships.tests.make import make_pair
from programs.models import Application, Listing, Role, Seat
from programs.tests.make import make_application, make_cycle, make_person, make_program, make_seat

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 10, 20, 18, tzinfo=UTC)
LETTER = Letter.of("The library is closed, {name}", "Dear {name},\r\n\r\nthe room of **{program}** is another one.")
State = Application.State


@pytest.fixture(autouse=True)
def _now():
    with clock.at(NOW):
        yield


@pytest.fixture
def cycle():
    return make_cycle(make_program(name="KLA Mentoring"))


@pytest.fixture
def chi(cycle):
    chi = make_person("chi@kla.example.org", "Chi", "Harper")
    make_seat(cycle.program, chi, Seat.Role.CHAIR)
    return chi


def apply(cycle, name, role=Role.MENTEE, state=State.ADMITTED, **fields):
    email = f"{name.lower()}@x.example.org"
    person = fields.pop("user", None) or make_person(email, name, "Sample")
    return make_application(cycle, person, role, state, **fields)


def look(cycle, chi, name="applications", letter=LETTER, **asked):
    return mailings.look(name, cycle, asked, letter, by=chi)


def write(cycle, chi, name="applications", letter=LETTER, seen=None, **asked):
    return mailings.write(name, cycle, asked, letter, by=chi, seen=seen)


def first_names(people):
    return [user.first_name for user in people]


def reasons(found):
    return {left.user.first_name: left.why for left in found}


# -------------------------------------------------------------------------------------------------- looking and sending


def test_what_is_looked_at_is_what_leaves_fifteen_minutes_later(cycle, chi):
    for name in ("Bea", "Cal"):
        apply(cycle, name)
    seen = look(cycle, chi)
    assert (first_names(seen.gets), seen.already, seen.left_out, seen.twice) == (["Bea", "Cal"], (), (), ())
    assert not Message.objects.exists()
    mailing = write(cycle, chi, seen=seen.who)
    assert (mailing.scope, mailing.count, mailing.by, mailing.by_name, mailing.to_whom) == (
        "program:kla", 2, chi.pk, "Chi Harper", "Applications of 2025–26",
    )  # fmt: skip
    bea, cal = Message.objects.order_by("to_email")
    assert (cal.key, cal.about, cal.kind, cal.state, cal.reply_to, cal.leaves_at) == (
        f"mailing:{mailing.pk}:{seen.gets[1].pk}", f"mailing:{mailing.pk}", "announcement", "queued",
        "mentoring@kla.example.org", NOW + timedelta(minutes=15),
    )  # fmt: skip
    assert (bea.subject, bea.text, bea.html) == mailings.as_read(LETTER, seen.gets[0], seen.audience, cycle.program)
    assert bea.subject == "The library is closed, Bea"
    assert "Dear Bea,\n\nthe room of KLA Mentoring is another one." in bea.text
    assert "You get this because you have applied to KLA Mentoring." in bea.text
    assert "[[link:leave-mail:0]]" in bea.text
    assert "the room of <strong>KLA Mentoring</strong> is another one." in bea.html
    assert Entry.objects.filter(verb="wrote_letter").values_list("about", "scope", "reason", "role").get() == (
        f"mailing:{mailing.pk}", "program:kla", "announcement", "chair",
    )  # fmt: skip


def test_who_is_left_out_is_named_with_the_reason(cycle, chi):
    gus = apply(cycle, "Gus").user
    for name, state in (("Wes", State.WITHDRAWN), ("Una", State.REFUSED), ("Eve", State.EXPIRED)):
        apply(cycle, name, state=state)
    for name, why in (("Bob", "bounced"), ("Kim", "complained")):
        Suppression.objects.create(email=apply(cycle, name).user.email, why=why, since=NOW)
    EmailAddress.objects.filter(user=apply(cycle, "Nan").user).update(verified=False)
    off = apply(cycle, "Off").user
    off.is_active = False
    off.save()
    leaving.leave(apply(cycle, "Lou").user.email, "program:kla", "announcement", NOW)
    leaving.leave(gus.email, "program:kla", "topic", NOW)
    leaving.leave(gus.email, "program:other", "announcement", NOW)
    seen = look(cycle, chi)
    assert first_names(seen.gets) == ["Gus"]
    assert reasons(seen.left_out) == {
        "Bob": "the address fails: mail to it came back",
        "Eve": "did not become a member in time",
        "Kim": "the address fails: mail to it was reported as unwanted",
        "Lou": "wants no more announcements of this program",
        "Nan": "has not confirmed the address yet",
        "Off": "may not sign in any more",
        "Una": "was told: not this time",
        "Wes": "has withdrawn",
    }
    mailing = write(cycle, chi, seen=seen.who)
    assert [message.to_email for message in Message.objects.all()] == [gus.email]
    assert mailing.count == 1


def test_one_mail_for_who_stands_on_the_list_twice_and_who_has_gone_in_one_role_is_there_in_the_other(cycle, chi):
    mo = apply(cycle, "Mo", Role.MENTOR).user
    apply(cycle, "Mo", Role.MENTEE, user=mo)
    ann = apply(cycle, "Ann", Role.MENTOR, State.WITHDRAWN).user
    apply(cycle, "Ann", Role.MENTEE, user=ann)
    seen = look(cycle, chi)
    assert (first_names(seen.gets), first_names(seen.twice), seen.left_out) == (["Ann", "Mo"], ["Ann", "Mo"], ())
    write(cycle, chi, seen=seen.who)
    assert Message.objects.count() == 2


def test_who_is_refused_is_written_to_when_just_these_are_asked_for_and_who_has_withdrawn_never(cycle, chi):
    apply(cycle, "Una", state=State.REFUSED)
    apply(cycle, "Wes", state=State.WITHDRAWN)
    assert first_names(look(cycle, chi, state__exact="refused").gets) == ["Una"]
    assert look(cycle, chi, state__exact="withdrawn").gets == ()


def test_the_same_letter_again_reaches_only_who_is_new_on_the_list(cycle, chi):
    bea, cal, eve = (apply(cycle, name).user for name in ("Bea", "Cal", "Eve"))
    write(cycle, chi)
    Message.objects.filter(to_email=bea.email).update(state="sent")
    Message.objects.filter(to_email=eve.email).update(state="parked")
    apply(cycle, "Dov")
    seen = look(cycle, chi)
    assert first_names(seen.gets) == ["Dov"]
    assert reasons(seen.already) == {
        "Bea": "already got it",
        "Cal": "is written to already; that mail has not left yet",
        "Eve": "was written to before; that mail could not be delivered and can be sent again",
    }
    other = Letter.of(LETTER.subject, f"{LETTER.text} And the door, too.")
    assert first_names(look(cycle, chi, letter=other).gets) == ["Bea", "Cal", "Dov", "Eve"]
    write(cycle, chi, seen=seen.who)
    assert [Message.objects.filter(to_email=user.email).count() for user in (bea, cal, eve)] == [1, 1, 1]


def test_a_second_click_is_the_letter_of_the_first(cycle, chi):
    apply(cycle, "Bea")
    seen = look(cycle, chi)
    assert write(cycle, chi, seen=seen.who) == write(cycle, chi, seen=seen.who)
    assert (Mailing.objects.count(), Message.objects.count(), Entry.objects.filter(verb="wrote_letter").count()) == (
        1, 1, 1,
    )  # fmt: skip
    with clock.at(NOW + timedelta(hours=1)), pytest.raises(NotAllowed, match="has got this letter already"):
        write(cycle, chi)


def test_a_list_that_has_changed_since_is_not_written_to(cycle, chi):
    bea = apply(cycle, "Bea")
    apply(cycle, "Cal")
    seen = look(cycle, chi).who
    bea.state = State.WITHDRAWN
    bea.save()
    dov = apply(cycle, "Dov").user
    with pytest.raises(mailings.Changed) as changed:
        write(cycle, chi, seen=seen)
    assert (changed.value.come, changed.value.gone) == ({dov.pk}, {bea.user.pk})
    assert mailings.names(changed.value.come) == ["Dov Sample"]
    assert not Mailing.objects.exists()


def test_a_letter_that_cannot_be_filled_in_or_says_nothing_is_refused(cycle, chi):
    apply(cycle, "Bea")
    for subject, text, said in (
        ("For {nmae}", "Hello.", "There is no placeholder {nmae} in this mail."),
        ("Hello", "The {salary}", "There is no placeholder {salary} in this mail."),
        ("Hello", "{% now 'Y' %}", "There is no placeholder {% now 'Y' %} in this mail."),
        ("Hello", " \r\n ", "A letter needs a subject and a text."),
        ("\n", "Hello.", "A letter needs a subject and a text."),
        ("x" * 151, "Hello.", "A subject of more than 150 characters is cut off by mail programs."),
    ):
        with pytest.raises(NotAllowed) as refused:
            write(cycle, chi, letter=Letter.of(subject, text))
        assert said in str(refused.value)
    assert not Message.objects.exists()


def test_a_list_of_nobody_is_not_written_to(cycle, chi):
    apply(cycle, "Wes", state=State.WITHDRAWN)
    with pytest.raises(NotAllowed, match="Nobody on this list can be written to"):
        write(cycle, chi)
    assert not Mailing.objects.exists()


def test_a_name_is_never_markdown_nor_template_code_nor_a_placeholder(cycle, chi):
    bea = apply(cycle, "Bea").user
    bea.first_name = "{program} <b>*x*"
    bea.save()
    write(cycle, chi, letter=Letter.of("{name}\r\nBcc: x", "Dear {name}, [[link:evaluation:1]]"))
    message = Message.objects.get()
    assert message.subject == "{program} <b>*x* Bcc: x"
    assert "Dear {program} <b>*x*, " in message.text
    assert "<b>*x*" not in message.html
    assert "Dear {program} &lt;b&gt;*x*," in message.html


def test_what_a_place_depends_on_reaches_who_wants_no_announcements_and_has_no_way_out(cycle, chi):
    bea = apply(cycle, "Bea").user
    leaving.leave(bea.email, "program:kla", "announcement", NOW)
    essential = Letter.of("The workshop moves", "To Monday.", essential=True)
    assert first_names(look(cycle, chi, letter=essential).gets) == ["Bea"]
    write(cycle, chi, letter=essential)
    message = Message.objects.get()
    assert (message.kind, "leave-mail" in message.text + message.html) == ("essential", False)
    with pytest.raises(NotAllowed, match="it goes as an announcement"):
        write(cycle, chi, "us", letter=essential)


def test_from_the_same_letter_nobody_learns_on_which_list_their_own_partner_stood(cycle, chi):
    mim = make_person("mim@kla.example.org", "Mim", "Rowe")
    make_seat(cycle.program, mim, Seat.Role.COMMITTEE)
    make_pair(cycle.program, mim, make_person("mia@x.example.org", "Mia", "Voss"))
    make_pair(cycle.program)
    write(cycle, chi, "pairs", only="green", side="mentee")
    everybody = look(cycle, mim, "pairs", side="mentee")
    assert (first_names(everybody.gets), list(reasons(everybody.already))) == (["Mia"], ["Bea"])
    write(cycle, mim, "pairs", side="mentee")
    again = look(cycle, mim, "pairs", side="mentee")
    assert (first_names(again.gets), sorted(reasons(again.already))) == ([], ["Bea", "Mia"])


# ---------------------------------------------------------------------------------------------------------------- stopping


def test_stop_takes_everything_back_once_and_it_can_be_written_again(cycle, chi):
    for name in ("Bea", "Cal"):
        apply(cycle, name)
    mailing = write(cycle, chi)
    with clock.at(NOW + timedelta(minutes=14)):
        assert delivery.deliver(clock.now()) == []
        assert [mailings.stop(mailing, by=chi), mailings.stop(mailing, by=chi)] == [2, 0]
        mailing.refresh_from_db()
        assert mailing.stopped_at == clock.now()
        assert set(Message.objects.values_list("state", flat=True)) == {"cancelled"}
        assert Entry.objects.filter(verb="stopped_letter").count() == 1
        again = write(cycle, chi)
    assert (again.pk != mailing.pk, again.count) == (True, 2)


def test_what_has_left_is_not_stopped_and_said_so(cycle, chi):
    apply(cycle, "Bea")
    mailing = write(cycle, chi)
    with clock.at(NOW + timedelta(minutes=16)):
        delivery.deliver(clock.now())
        with pytest.raises(NotAllowed, match="It has left already"):
            mailings.stop(mailing, by=chi)
    mailing.refresh_from_db()
    assert (mailing.stopped_at, Message.objects.get().state) == (None, "sent")


def test_what_still_waits_after_its_hour_can_be_taken_back(cycle, chi):
    for name in ("Bea", "Cal"):
        apply(cycle, name)
    mailing = write(cycle, chi)
    with clock.at(NOW + timedelta(minutes=16)):
        delivery.deliver(clock.now(), limit=1)
        assert mailings.stop(mailing, by=chi) == 1
    assert sorted(Message.objects.values_list("state", flat=True)) == ["cancelled", "sent"]


# --------------------------------------------------------------------------------------------------------------- who may


@pytest.mark.parametrize("role", [*Seat.Role.values, "site_admin"])
def test_only_the_team_writes_and_stops(cycle, chi, role):
    apply(cycle, "Bea")
    mailing = write(cycle, chi)
    person = make_person("p@kla.example.org", "Pat", "Reed", is_superuser=role == "site_admin")
    if role != "site_admin":
        make_seat(cycle.program, person, role)
    may = role in ("committee", "chair", "deputy")
    for act in (
        lambda: look(cycle, person),
        lambda: look(cycle, person, "us"),
        lambda: write(cycle, person, letter=Letter.of("Other", "words")),
        lambda: mailings.stop(mailing, by=person),
    ):
        if may:
            act()
        else:
            with pytest.raises(NotAllowed):
                act()
    assert list(Mailing.objects.visible_to(person)) == (list(Mailing.objects.all()) if may else [])


def test_the_other_programs_committee_reaches_nobody_here(cycle, chi):
    apply(cycle, "Bea")
    other = make_cycle(make_program("other"))
    apply(other, "Xan")
    mailing = write(cycle, chi)
    xia = make_person("xia@other.example.org", "Xia", "Other")
    make_seat(other.program, xia, Seat.Role.CHAIR)
    for name in mailings.LISTS:
        with pytest.raises(NotAllowed):
            look(cycle, xia, name, moment="end")
    with pytest.raises(NotAllowed):
        mailings.stop(mailing, by=xia)
    forged = {"cycle__id__exact": str(cycle.pk), "cycle": str(cycle.pk), "program": "kla"}
    seen = mailings.look("applications", other, forged, LETTER, by=xia)
    assert first_names(seen.gets) == ["Xan"]


# -------------------------------------------------------------------------------------------------------------- the lists


def test_the_list_of_applications_keeps_its_filters(cycle, chi):
    apply(cycle, "Mo", Role.MENTOR)
    apply(cycle, "Bea", employer="Larkin Library")
    apply(cycle, "Cal", state=State.WAITLISTED, waiting_since=date(2025, 9, 5))
    apply(cycle, "Dov", state=State.DRAFT)
    for asked, names, words in (
        ({"role__exact": "mentor"}, ["Mo"], "Applications of 2025–26 · mentors"),
        ({"only": "waiting"}, ["Cal"], "Applications of 2025–26 · On the waiting list"),
        ({"only": "drafts"}, ["Dov"], "Applications of 2025–26 · Not sent yet"),
        ({"q": "larkin"}, ["Bea"], "Applications of 2025–26 · “larkin”"),
        ({"only": "alone", "role__exact": "mentee"}, ["Bea"], "Applications of 2025–26 · mentees · Without a partner"),
        ({"only": "forged", "role__exact": "x' OR 1"}, ["Bea", "Cal", "Dov", "Mo"], "Applications of 2025–26"),
    ):
        seen = look(cycle, chi, **asked)
        assert (first_names(seen.gets), seen.audience.words) == (names, words)


def test_who_has_a_partner_is_not_without_one_and_nobody_learns_it_of_themselves(cycle, chi):
    pair = make_pair(cycle.program)
    apply(cycle, "Cal")
    apply(cycle, "Chi", user=chi)
    assert first_names(look(cycle, chi, only="alone").gets) == ["Cal"]
    assert {pair.mentor, pair.mentee} <= set(look(cycle, chi).gets)


def test_pairs_are_written_to_whole_or_by_side_and_by_contact(cycle, chi):
    lee = make_person("lee@kla.example.org", "Lee", "Brandt")
    make_seat(cycle.program, lee, Seat.Role.LIAISON)
    make_pair(cycle.program, liaison=lee)
    ann, cal = make_person("ann@x.example.org", "Ann", "Z"), make_person("cal@x.example.org", "Cal", "Z")
    over = make_pair(cycle.program, ann, cal)
    Mentorship.objects.filter(pk=over.pk).update(state="ended")
    assert first_names(look(cycle, chi, "pairs").gets) == ["Mo", "Bea"]
    assert reasons(look(cycle, chi, "pairs").left_out) == {
        "Ann": "their pair has ended", "Cal": "their pair has ended",
    }  # fmt: skip
    assert first_names(look(cycle, chi, "pairs", side="mentor").gets) == ["Mo"]
    assert first_names(look(cycle, chi, "pairs", only="over", side="mentee").gets) == ["Cal"]
    by_contact = look(cycle, chi, "pairs", contact=str(lee.pk), side="mentor")
    assert (first_names(by_contact.gets), by_contact.audience.words) == (
        ["Mo"], "Pairs of 2025–26 · mentors · looked after by Lee Brandt",
    )  # fmt: skip


def test_a_pair_of_ones_own_is_on_the_list_of_everybody_and_on_none_that_says_how_it_goes(cycle, chi):
    mia = make_person("mia@x.example.org", "Mia", "Z")
    make_pair(cycle.program)
    make_pair(cycle.program, chi, mia)
    everybody = look(cycle, chi, "pairs")
    assert sorted(first_names(everybody.gets)) == ["Bea", "Chi", "Mia", "Mo"]
    assert everybody.audience.note == "Your own pair is on this list, too: the letter goes to everybody."
    assert first_names(look(cycle, chi, "pairs", only="green").gets) == ["Mo", "Bea"]
    assert look(cycle, chi, "pairs", only="green").audience.note == ""


def test_offers_without_an_answer_are_a_list_but_ones_own(cycle, chi):
    mentors = [apply(cycle, name, Role.MENTOR) for name in ("Ann", "Mo", "Kay")]
    mentees = [apply(cycle, "Bea"), apply(cycle, "Cal"), apply(cycle, "Chi", user=chi)]
    for mentor, mentee in zip(mentors, mentees, strict=True):
        Match.objects.create(
            cycle=cycle, mentor_application=mentor, mentee_application=mentee, state="offered", made_at=NOW,
            offered_at=NOW, answer_by=NOW + timedelta(days=7),
            stopped_at=NOW if mentor.user.first_name == "Mo" else None,
        )  # fmt: skip
    seen = look(cycle, chi, "offers")
    assert first_names(seen.gets) == ["Ann"]
    assert reasons(seen.left_out) == {"Mo": "has asked a question, and waits for your answer"}


def test_who_has_not_answered_is_a_list_only_where_answers_are_confidential_and_never_of_ones_own_pair():
    program = make_evaluated_kla(evaluation_days=21)
    chi = make_person("chi@kla.example.org", "Chi", "Harper")
    make_seat(program, chi, Seat.Role.CHAIR)
    pair = make_pair(program)
    make_pair(program, chi, make_person("mia@x.example.org", "Mia", "Z"))
    do_what_is_due(AFTER)
    Receipt.objects.filter(user=pair.mentor).update(answered=True)
    with clock.at(datetime(2026, 10, 16, 18, tzinfo=UTC)):
        assert first_names(look(pair.cycle, chi, "not-answered", moment="end").gets) == ["Bea"]
        for forged in ({}, {"moment": "application"}):
            with pytest.raises(LookupError):
                look(pair.cycle, chi, "not-answered", **forged)
        pair.cycle.evaluation_mode = "anonymous"
        with pytest.raises(LookupError):
            look(pair.cycle, chi, "not-answered", moment="end")


def test_the_waiting_list_the_listed_mentors_and_us(cycle, chi):
    apply(cycle, "Wes", state=State.WAITLISTED, waiting_since=date(2025, 9, 5))
    for name, fields in (("Ann", {}), ("Pia", {"paused_until": date(2026, 1, 1)}), ("Gil", {"available": False})):
        person = make_person(f"{name.lower()}@x.example.org", name, "Sample")
        Listing.objects.create(program=cycle.program, user=person, since=date(2025, 1, 1), **fields)
    gone = make_person("old@x.example.org", "Old", "Chair")
    make_seat(cycle.program, gone, Seat.Role.CHAIR, last_day=date(2024, 6, 30))
    assert first_names(look(cycle, chi, "waiting").gets) == ["Wes"]
    listed = look(cycle, chi, "listed")
    assert first_names(listed.gets) == ["Ann"]
    assert reasons(listed.left_out) == {
        "Gil": "has left the list",
        "Pia": "wants to be left in peace until Thursday, 1\xa0January 2026",
    }
    assert first_names(look(cycle, chi, "us").gets) == ["Chi"]


@pytest.mark.parametrize("count", [1, 3])
def test_looking_asks_the_same_questions_for_one_and_for_three(cycle, chi, count, django_assert_num_queries):
    for number in range(count):
        apply(cycle, f"Bea{number}")
    write(cycle, chi)
    with django_assert_num_queries(7):
        look(cycle, chi)
