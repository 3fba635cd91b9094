"""A letter to a list of people: looked at and sent by one code, held, stopped; who is left out is told why."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress

from mail import delivery, leaving
from mail.mailings import Letter
from mail.models import Mailing, Message, Suppression
from members import clock
from members.journal import NotAllowed
from members.models import Entry
from mentoring import mailings
from mentoring.tests.letters import LETTER, NOW, State, apply, first_names, look, reasons, write
from mentorships.tests.make import make_pair
from programs.models import Role, Seat
from programs.tests.make import make_cycle, make_person, make_program, make_seat

pytestmark = pytest.mark.django_db


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
