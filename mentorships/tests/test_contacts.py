"""Who on the committee looks after a pair: from its first day, evenly shared, changed with a word to both."""

from collections import Counter
from datetime import date

import pytest

from mail.models import Message
from members.journal import NotAllowed, Stale
from members.models import Entry
from mentorships import contacts, today
from mentorships.models import Mentorship
from mentorships.tests.make import do_what_is_due, make_kla, make_pair, make_pairs, on
from programs.models import Seat
from programs.tests.make import make_cycle, make_person, make_seat

pytestmark = pytest.mark.django_db
DAY = date(2025, 10, 20)


def seat(program, name, role=Seat.Role.LIAISON, **fields):
    user = make_person(f"{name}@kla.example.org", name.title(), "Harper")
    make_seat(program, user, role, **fields)
    return user


@pytest.fixture
def program():
    program = make_kla(liaisons=True, contact_word="liaison", contact_name="The committee")
    make_cycle(program)
    return program


@pytest.fixture
def lee(program):
    return seat(program, "lee")


@pytest.fixture
def chi(program):
    return seat(program, "chi", Seat.Role.CHAIR)


def loads():
    return Counter(Mentorship.objects.values_list("liaison__first_name", flat=True))


def mails():
    return list(
        Message.objects.filter(name="contact_changed").exclude(state="cancelled").values_list("to_email", flat=True)
    )


@pytest.mark.requirement("R-NMRT-13", "R-NMRT-17")
def test_a_pair_has_a_contact_from_its_introduction_which_names_them(program, lee):
    pair = make_pair(program)
    assert pair.liaison == lee
    mail = Message.objects.get(name="introduction")
    text = " ".join(mail.text.split())
    assert "For anything that should not go to your partner: Lee Harper, lee@kla.example.org." in text
    assert mails() == []


@pytest.mark.requirement("R-NMRT-13")
def test_each_new_pair_goes_to_whom_has_fewest(program, lee):
    seat(program, "mim")
    make_pairs(program, 5)
    assert loads() == {"Lee": 3, "Mim": 2}


def test_nobody_looks_after_a_pair_of_their_own(program, lee):
    pair = make_pair(program, mentor=lee)
    assert pair.liaison is None
    dee = seat(program, "dee")
    assert contacts.for_new(program, lee, pair.mentee, DAY) == dee


def test_only_seats_of_that_day_count_and_only_where_every_pair_has_a_contact(program):
    seat(program, "old", last_day=date(2025, 10, 14))
    seat(program, "new", first_day=date(2025, 10, 16))
    assert contacts.least_busy(program, date(2025, 10, 15)) is None
    assert contacts.least_busy(program, date(2025, 10, 16)).first_name == "New"
    program.liaisons = False
    mo, bea = make_person("mo@m.example.org", "Mo", "Ro"), make_person("bea@b.example.org", "Bea", "Li")
    assert contacts.for_new(program, mo, bea, date(2025, 10, 16)) is None


@pytest.mark.requirement("R-NMRT-13")
def test_another_contact_is_told_to_both_and_stands_in_the_history(program, lee, chi):
    pair = make_pair(program)
    mim = seat(program, "mim")
    with on(2025, 10, 20):
        contacts.assign(pair, mim, by=chi)
        contacts.assign(pair, mim, by=chi)
    pair.refresh_from_db()
    assert pair.liaison == mim
    assert sorted(mails()) == [pair.mentee.email, pair.mentor.email]
    mail = Message.objects.get(name="contact_changed", to_email=pair.mentee.email)
    text = " ".join(mail.text.split())
    assert (mail.subject, mail.reply_to) == (
        "Mim looks after you now",
        "mim@kla.example.org, mentoring@kla.example.org",
    )
    assert "From today Mim Harper is the liaison for you and Mo." in text
    assert "What you write goes to Mim, not to Mo." in text
    about = Entry.objects.filter(about=f"mentorship:{pair.pk}", verb="contact_changed")
    assert list(about.values_list("actor", flat=True)) == [chi.pk]


def test_changed_twice_before_the_mail_left_only_the_last_word_leaves(program, lee, chi):
    pair = make_pair(program)
    mim = seat(program, "mim")
    with on(2025, 10, 20):
        contacts.assign(pair, mim, by=chi)
        contacts.assign(pair, lee, by=chi)
        contacts.assign(pair, mim, by=chi)
    assert len(mails()) == 2
    assert Message.objects.filter(name="contact_changed", state="cancelled").count() == 4


def test_check_ins_come_from_and_go_to_the_contact(program, lee):
    pair = make_pair(program)
    do_what_is_due(date(2025, 10, 22))
    asked = Message.objects.filter(name="first_contact")
    assert {mail.reply_to for mail in asked} == {"lee@kla.example.org, mentoring@kla.example.org"}
    assert {mail.to_email for mail in asked} == {pair.mentor.email, pair.mentee.email}


def test_answers_go_to_the_committee_once_the_contact_has_no_role_any_more(program, client):
    seat(program, "old", last_day=date(2025, 10, 21))
    pair = make_pair(program)
    do_what_is_due(date(2025, 10, 22))
    assert {mail.reply_to for mail in Message.objects.filter(name="first_contact")} == {"mentoring@kla.example.org"}
    client.force_login(pair.mentee)
    for day, address in ((20, "old@kla.example.org"), (23, "mentoring@kla.example.org")):
        with on(2025, 10, day):
            page = client.get(pair.get_absolute_url()).content.decode()
        contact = page[page.index('id="contact"') : page.index('id="wrong"')]
        assert f"mailto:{address}" in contact


def test_who_may_not_and_what_is_not_possible(program, lee, chi):
    pair = make_pair(program)
    mim = seat(program, "mim")
    stranger = make_person("sam@example.org", "Sam", "Stranger")
    with on(2025, 10, 20):
        for by in (lee, stranger, pair.mentor):
            with pytest.raises(NotAllowed, match="The committee says who looks after a pair"):
                contacts.assign(pair, mim, by=by)
        with pytest.raises(NotAllowed, match="is one of the two"):
            contacts.assign(pair, pair.mentor, by=chi)
        with pytest.raises(NotAllowed, match="no committee role in this program today"):
            contacts.assign(pair, stranger, by=chi)
        Mentorship.objects.filter(pk=pair.pk).update(liaison=chi)  # somebody else, a moment ago
        with pytest.raises(Stale):
            contacts.assign(pair, mim, by=chi)
        pair.state = Mentorship.State.COMPLETED
        with pytest.raises(NotAllowed, match="is over"):
            contacts.assign(pair, mim, by=chi)
    assert mails() == []


def test_the_chair_names_nobody_for_a_pair_of_their_own(program, lee, chi):
    pair = make_pair(program, mentor=chi)
    mim = seat(program, "mim")
    with on(2025, 10, 20), pytest.raises(NotAllowed, match="nobody for a pair of their own"):
        contacts.assign(pair, mim, by=chi)


def test_balancing_moves_as_few_as_can_be_and_tells_only_those(program, lee, chi):
    make_pairs(program, 7)
    seat(program, "mim")
    seat(program, "ora")
    with on(2025, 10, 20):
        moved = contacts.balance(program.cycles.get(), by=chi)
        again = contacts.balance(program.cycles.get(), by=chi)
    assert (len(moved), again) == (4, [])
    assert loads() == {"Lee": 3, "Mim": 2, "Ora": 2}
    assert len(mails()) == 8


def test_balancing_gives_a_contact_to_pairs_whose_contact_has_gone(program, chi):
    old = seat(program, "old", last_day=date(2025, 10, 16))
    make_pairs(program, 3)
    assert loads() == {"Old": 3}
    seat(program, "mim")
    seat(program, "ora")
    with on(2025, 10, 20):
        assert len(contacts.without(program, Mentorship.objects.all(), DAY)) == 3
        contacts.balance(program.cycles.get(), by=chi)
        assert contacts.without(program, Mentorship.objects.all(), DAY) == []
    assert old.first_name not in loads()
    assert sorted(loads().values()) == [1, 2]


def test_balancing_leaves_ones_own_pair_and_never_gives_a_contact_their_own(program, chi):
    own = make_pair(program, mentor=chi)
    mim = seat(program, "mim")
    theirs = make_pair(program, make_person("ann@a.example.org", "Ann", "Ro"), mim)
    with on(2025, 10, 20):
        contacts.balance(program.cycles.get(), by=chi)
    own.refresh_from_db()
    theirs.refresh_from_db()
    assert (own.liaison, theirs.liaison) == (None, None)


def test_balancing_needs_the_right_and_somebody_to_give_to(program, chi):
    make_pairs(program, 2)
    cycle = program.cycles.get()
    with on(2025, 10, 20):
        with pytest.raises(NotAllowed, match="Nobody has this role today"):
            contacts.balance(cycle, by=chi)
        lee = seat(program, "lee")
        with pytest.raises(NotAllowed, match="The committee says"):
            contacts.balance(cycle, by=lee)


@pytest.mark.requirement("R-NMRT-13")
def test_pairs_that_nobody_looks_after_are_a_task_until_somebody_does(program, chi):
    make_pairs(program, 2)
    cycle = program.cycles.get()
    with on(2025, 10, 20):
        heads = [task.head for task in today.tasks(chi, cycle, DAY)]
        assert "Nobody looks after 2 pairs." in heads
        seat(program, "lee")
        contacts.balance(cycle, by=chi)
        assert "Nobody looks after 2 pairs." not in [task.head for task in today.tasks(chi, cycle, DAY)]
