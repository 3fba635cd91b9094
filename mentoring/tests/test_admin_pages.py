"""The committee's pages of mail, people, memberships and history: what each seat reads there, and what nobody does."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from mail.models import Message
from mail.tests.make import NOW, make_message
from members import journal
from members.models import Entry, Membership
from members.tests.make import HEAD, bring_in, make_association, make_row
from programs.models import Cycle, Program, Role, Seat
from programs.tests.make import make_person, make_seat

pytestmark = pytest.mark.django_db
SIGN_IN = "members.backends.SignInBackend"


def make_program(slug):
    association = make_association(slug, name=f"{slug.upper()} Association")
    return Program.objects.create(
        association=association, slug=slug, name=f"{slug.upper()} Mentoring", reply_to=f"mentoring@{slug}.example.org"
    )


@pytest.fixture
def kla():
    return make_program("kla")


@pytest.fixture
def nela():
    return make_program("nela")


@pytest.fixture
def sit(kla, client):
    """Sign somebody in who holds this seat in KLA's program."""

    def sit(role, program=kla):
        person = make_person(f"{role}@kla.example.org", "Chi", "Harper", is_superuser=role == "site_admin")
        if role in Seat.Role.values:
            make_seat(program, person, role)
        client.force_login(person, backend=SIGN_IN)
        return person

    return sit


def page_of(message):
    return reverse("admin:mail_message_change", args=[message.pk])


def test_a_chair_reads_the_mail_of_her_program_with_the_doors_taken_out(sit, client):
    sit("chair")
    message = make_message(text="Dear Bea,\n[[link:check-in:5?answer=fine]]\n<b>Yours</b>", html="")
    text = client.get(page_of(message)).content.decode()
    assert "Dear Bea," in text
    assert "(personal link)" in text
    assert "link:check-in" not in text
    assert "&lt;b&gt;Yours&lt;/b&gt;" in text
    assert "Wednesday, 15\u00a0October 2025, 08:00" in text


def test_a_code_is_read_by_nobody(sit, client):
    sit("chair")
    assert (
        "482 913"
        not in client.get(page_of(make_message(secret=True, text="482 913", subject="Your code"))).content.decode()
    )


def test_a_site_administrator_sees_which_mails_there_are_but_no_text(sit, client):
    sit("site_admin")
    message = make_message()
    assert message.subject in client.get(reverse("admin:mail_message_changelist")).content.decode()
    assert "Good morning" not in client.get(page_of(message)).content.decode()


def test_nobody_reads_mail_about_what_is_their_own_affair(sit, client, kla):
    from programs.models import Application

    chi = sit("chair")
    cycle = make_cycle(kla)
    own = Application.objects.create(cycle=cycle, user=chi, role=Role.MENTOR, started_at=NOW)
    message = make_message(about=journal.about(own))
    text = client.get(page_of(message)).content.decode()
    assert "your colleagues read it" in text
    assert "Good morning" not in text


def make_cycle(program):
    days = {
        "opens_on": date(2025, 9, 1),
        "closes_on": date(2025, 9, 30),
        "announced_on": date(2025, 10, 15),
        "hear_by": date(2025, 10, 17),
        "begins_on": date(2025, 10, 15),
        "ends_on": date(2026, 10, 14),
    }
    return Cycle.objects.create(program=program, slug="2025-26", name="2025–26", **days)


@pytest.mark.parametrize("role", ["liaison", "membership_office"])
def test_who_looks_after_no_mail_is_told_so(sit, client, role):
    sit(role)
    assert client.get(reverse("admin:mail_message_changelist")).status_code == 403


def test_another_programs_mail_is_not_there(sit, client, nela):
    sit("chair")
    message = make_message(scope="program:nela", subject="Canary of NELA")
    assert "Canary" not in client.get(reverse("admin:mail_message_changelist")).content.decode()
    assert client.get(page_of(message)).status_code == 404


@pytest.mark.parametrize("name", ["mail_message", "members_membership", "members_entry"])
def test_nothing_here_is_typed_into(sit, client, kla, name):
    sit("chair")
    bring_in(kla.association, date(2025, 9, 1), make_row("bea@larkin.example.net"))
    journal.record(kla, "changed")
    make_message()
    rows = {"mail_message": Message, "members_membership": Membership, "members_entry": Entry}[name].objects
    before = list(rows.values())
    pk = before[0]["id"]
    assert client.get(reverse(f"admin:{name}_change", args=[pk])).status_code == 200
    assert client.get(reverse(f"admin:{name}_add")).status_code == 403
    assert client.post(reverse(f"admin:{name}_change", args=[pk]), {"subject": "x", "status": "x"}).status_code == 403
    assert client.post(reverse(f"admin:{name}_delete", args=[pk]), {"post": "yes"}).status_code == 403
    assert list(rows.values()) == before


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("name", ["mail_message", "members_membership", "members_entry"])
def test_every_list_asks_the_same_number_of_questions(sit, client, kla, count, name, django_assert_max_num_queries):
    sit("chair")
    for number in range(count):
        bring_in(kla.association, date(2025, 9, 1), make_row(f"person{number}@x.example.org"))
        make_message(number)
        journal.record(kla, "changed", by=make_person(f"p{number}@x.example.org", "P", str(number)))
    with django_assert_max_num_queries(24):
        response = client.get(reverse(f"admin:{name}_changelist"))
    assert response.context["cl"].result_count >= count


def test_the_history_is_told_with_names(sit, client, kla):
    chi = sit("chair")
    journal.record(kla, "set_up", by=chi)
    journal.move(make_message(), Message.State.HELD)
    text = client.get(reverse("admin:members_entry_changelist")).content.decode()
    assert "Chi Harper (chair)" in text
    assert ">set up the program<" in text
    assert "leaving → held" in text
    assert "by itself" in text
    assert "KLA Mentoring" in text


def test_accounts_are_the_site_administrators_business(sit, client):
    sit("chair")
    assert client.get(reverse("admin:members_user_changelist")).status_code == 403


def test_the_site_administrator_looks_at_an_account(sit, client):
    admin = sit("site_admin")
    assert client.get(reverse("admin:members_user_changelist")).status_code == 200
    assert admin.email in client.get(reverse("admin:members_user_change", args=[admin.pk])).content.decode()


def test_the_office_edits_its_association_and_the_history_says_so(sit, client, kla):
    sit("office")
    url = reverse("admin:members_association_change", args=[kla.association.pk])
    form = client.get(url).context["adminform"].form
    data = {name: form.get_initial_for_field(field, name) or "" for name, field in form.fields.items()}
    data |= {"good_statuses": "Active\nGrace\n\nActive\nPaid ", "pending_statuses": "PendingNew", "other_statuses": ""}
    assert client.post(url, data).status_code == 302
    kla.association.refresh_from_db()
    assert kla.association.good_statuses == ["Active", "Grace", "Paid"]
    assert kla.association.other_statuses == []
    entry = Entry.objects.get()
    assert (entry.verb, entry.about, entry.role) == ("changed", journal.about(kla.association), "office")


def test_who_only_looks_reads_the_statuses_as_words(sit, client, kla):
    sit("chair")
    text = client.get(reverse("admin:members_association_change", args=[kla.association.pk])).content.decode()
    assert "PendingNew, PendingRenewal" in text


def test_mails_are_filtered_by_their_names_in_words(sit, client):
    sit("chair")
    make_message(1, name="application_received", subject="We have it")
    make_message(2, name="check_in", subject="How is it going?")
    response = client.get(reverse("admin:mail_message_changelist"), {"name": "check_in"})
    assert [message.subject for message in response.context["cl"].result_list] == ["How is it going?"]
    assert ">Application received</a>" in response.content.decode().replace("\n", "")


# The member list


def upload(client, kla, *rows):
    data = "\n".join(",".join(row) for row in [HEAD, *rows]).encode()
    url = reverse("admin:members_bring_in")
    return client.post(url, {"association": kla.association.pk, "file": SimpleUploadedFile("list.csv", data)})


def test_a_list_is_looked_at_first_and_written_with_a_yes(sit, client, kla):
    chi = sit("chair")
    looked_at = upload(client, kla, make_row("bea@larkin.example.net"))
    assert looked_at.context["would"].new == 1
    assert (Membership.objects.count(), Entry.objects.count()) == (0, 0)
    assert client.post(reverse("admin:members_bring_in"), {"yes": "1"}).status_code == 302
    assert Membership.objects.get().email == "bea@larkin.example.net"
    assert list(Entry.objects.values_list("verb", "actor")) == [("member list imported", chi.pk)]


def test_every_mistake_of_a_list_is_on_the_page_and_no_yes_is_offered(sit, client, kla):
    sit("chair")
    response = upload(client, kla, make_row("no"), make_row("bea@larkin.example.net", status="<b>Gone</b>"))
    text = response.content.decode()
    assert "“no” is not an e-mail address" in text
    assert "&lt;b&gt;Gone&lt;/b&gt;" in text
    assert 'name="yes"' not in text
    client.post(reverse("admin:members_bring_in"), {"yes": "1"})
    assert Membership.objects.count() == 0


def test_another_associations_list_cannot_be_brought_in(sit, client, nela):
    sit("chair")
    response = upload(client, nela, make_row("bea@larkin.example.net"))
    assert "association" in response.context["form"].errors
    assert Membership.objects.count() == 0


@pytest.mark.parametrize(("role", "status"), [("chair", 200), ("deputy", 200), ("membership_office", 200), ("site_admin", 200),
                                              ("committee", 403), ("office", 403), ("liaison", 403)])  # fmt: skip
def test_who_may_bring_a_list_in(sit, client, role, status):
    sit(role)
    assert client.get(reverse("admin:members_bring_in")).status_code == status


def test_looking_writes_nothing(sit, client, kla, django_assert_num_queries):
    sit("chair")
    make_message()
    before = (Message.objects.count(), Entry.objects.count(), Membership.objects.count())
    for name in (
        "mail_message_changelist",
        "members_entry_changelist",
        "members_membership_changelist",
        "members_bring_in",
    ):
        assert client.get(reverse(f"admin:{name}")).status_code == 200
    assert (Message.objects.count(), Entry.objects.count(), Membership.objects.count()) == before
