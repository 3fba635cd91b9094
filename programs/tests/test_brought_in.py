"""Applications from a file: all or nothing, every bad row named, the same file twice changes nothing."""

from datetime import UTC, date, datetime

import pytest
from django.core.management import CommandError, call_command

from mail.models import Message
from members import clock
from members.models import Entry, User
from programs import applications
from programs.models import Acceptance, Application, Gate, Role, Seat, Waiver
from programs.tests.make import (
    make_cycle,
    make_form,
    make_gate,
    make_member,
    make_person,
    make_program,
    make_question,
    make_seat,
)

pytestmark = pytest.mark.django_db
State = Application.State

HEAD = "email,first_name,last_name,member_number,employer,library_type,areas,goal,avoid"
BEA = "bea@larkin.example.net,Bea,Lindqvist,KLA-7,Larkin,A public library,Outreach; grants,Breathe.,"
CAL = "Cal@Larkin.example.net,Cal,Okafor,,,school,Grants,\"Lead, some day.\",Sam"  # fmt: skip


@pytest.fixture(autouse=True)
def september():
    with clock.at(datetime(2025, 9, 12, 16, tzinfo=UTC)):
        yield


@pytest.fixture
def cycle():
    program = make_program()
    make_form(program)
    make_gate(program)
    make_gate(program, Gate.Kind.AGREEMENT, code="confidential")
    return make_cycle(program)


@pytest.fixture
def chi(cycle):
    person = make_person("chi@kla.example.org", "Chi", "Harper")
    make_seat(cycle.program, person, Seat.Role.CHAIR)
    return person


@pytest.fixture
def bring(tmp_path, capsys):
    """Run the command on these lines: its exit code, what it said, what it complained of."""

    def run(*lines, cycle="kla/2025-26", role="mentee", options=(), file=None):
        path = file or tmp_path / "mentees.csv"
        if file is None:
            path.write_bytes("\n".join(lines).encode("utf-8", "surrogateescape"))
        try:
            call_command("import_applications", cycle, str(path), f"--role={role}", *options)
        except CommandError as stopped:
            code, line = stopped.returncode, str(stopped)
            return code, line, capsys.readouterr().err.splitlines()
        return 0, capsys.readouterr().out.strip(), []

    return run


def test_each_person_gets_a_draft_and_one_mail_with_a_link_of_their_own(cycle, bring):
    assert bring(HEAD, BEA, CAL) == (0, "new: 2, of these and earlier drafts sent: 0, here already: 0", [])
    bea, cal = Application.objects.order_by("pk")
    assert (bea.state, bea.role, bea.answers) == (
        State.DRAFT,
        Role.MENTEE,
        {"employer": "Larkin", "library_type": "public", "areas": ["outreach", "grants"], "goal": "Breathe."},
    )
    assert (bea.claimed_email, bea.claimed_number, bea.claim_vouched) == ("bea@larkin.example.net", "KLA-7", True)
    assert cal.answers == {"library_type": "school", "areas": ["grants"], "goal": "Lead, some day.", "avoid": "Sam"}
    assert (cal.user.email, cal.user.get_full_name()) == ("cal@larkin.example.net", "Cal Okafor")
    assert cal.user.own_addresses() == []  # nobody has proved it yet
    mails = Message.objects.filter(name="agreement_needed").order_by("pk")
    assert list(mails.values_list("to_email", flat=True)) == ["bea@larkin.example.net", "cal@larkin.example.net"]
    assert f"[[link:agree:{bea.pk}]]" in mails[0].text
    assert "A public library" in mails[0].text
    assert set(Entry.objects.values_list("verb", "role")) == {("brought in", "system")}


def test_the_same_file_twice_changes_nothing(cycle, bring):
    bring(HEAD, BEA, CAL)
    lines = Entry.objects.count()
    assert bring(HEAD, BEA, CAL) == (0, "new: 0, of these and earlier drafts sent: 0, here already: 2", [])
    assert (Application.objects.count(), User.objects.count(), Message.objects.count(), Entry.objects.count()) == (
        2,
        2,
        2,
        lines,
    )


def test_a_file_never_overwrites_a_persons_own_words(cycle, bring):
    bea = make_person("bea@larkin.example.net", "Beatrice", "Lindqvist")
    mine = applications.start(cycle, bea, Role.MENTEE)
    applications.save(mine, {"goal": "My own goal."}, by=bea)
    assert bring(HEAD, BEA)[1] == "new: 0, of these and earlier drafts sent: 0, here already: 1"
    mine.refresh_from_db()
    bea.refresh_from_db()
    assert (mine.answers, bea.first_name, Message.objects.count()) == ({"goal": "My own goal."}, "Beatrice", 0)


def test_a_dry_run_says_the_same_and_writes_nothing(cycle, bring):
    assert bring(HEAD, BEA, CAL, options=["--dry-run"]) == (
        0,
        "new: 2, of these and earlier drafts sent: 0, here already: 0 (nothing was written)",
        [],
    )
    assert (Application.objects.count(), User.objects.count(), Message.objects.count()) == (0, 0, 0)


def test_signed_on_paper_they_are_sent_and_looked_up_under_the_address_that_the_committee_brought(cycle, chi, bring):
    make_member(cycle.program.association, "bea@larkin.example.net")
    bring(HEAD, CAL)  # first without the paper
    paper = ["--accepted-on", "2025-09-02", "--by", "chi@kla.example.org"]
    assert bring(HEAD, BEA, CAL, options=paper) == (
        0,
        "new: 1, of these and earlier drafts sent: 2, here already: 1",
        [],
    )
    states = dict(Application.objects.values_list("user__first_name", "state"))
    assert states == {"Bea": State.ADMITTED, "Cal": State.HELD}
    assert set(Acceptance.objects.values_list("on_paper", "accepted_on")) == {(True, date(2025, 9, 2))}
    bea = Application.objects.get(user__first_name="Bea")
    assert (clock.day_of(bea.sent_at, cycle.zone), bea.library_type) == (date(2025, 9, 2), "public")
    history = Entry.objects.filter(about=f"application:{bea.pk}").order_by("pk").values_list("verb", "role")
    assert list(history) == [
        ("brought in", "chair"),
        ("agreed", "chair"),
        ("submitted", "chair"),
        ("admitted", "system"),
    ]
    assert bring(HEAD, BEA, CAL, options=paper)[1] == "new: 0, of these and earlier drafts sent: 0, here already: 2"


def test_papers_handed_in_before_the_close_are_not_late_when_they_are_typed_in_after_it(cycle, chi, bring):
    make_member(cycle.program.association, "bea@larkin.example.net", "cal@larkin.example.net")
    with clock.at(datetime(2025, 10, 2, 16, tzinfo=UTC)):
        bring(HEAD, BEA, options=["--accepted-on", "2025-09-30", "--by", chi.email])
        bring(HEAD, CAL, options=["--accepted-on", "2025-10-01", "--by", chi.email])
    assert list(Application.objects.order_by("pk").values_list("late", "state")) == [
        (False, State.ADMITTED),
        (True, State.SUBMITTED),
    ]


def test_what_a_person_types_themselves_takes_the_voucher_away(cycle, chi, bring):
    make_member(cycle.program.association, "cal@larkin.example.net", valid_from=date(2025, 9, 13))
    bring(HEAD, CAL, options=["--accepted-on", "2025-09-02", "--by", chi.email])
    mine = Application.objects.get()
    applications.claim(mine, email="chi@kla.example.org", by=mine.user)
    make_member(cycle.program.association, "chi@kla.example.org")
    with clock.at(datetime(2025, 9, 14, 16, tzinfo=UTC)), pytest.raises(applications.NotAllowed):
        applications.release(mine)


def test_too_few_years_on_paper_become_a_request_for_an_exception(cycle, chi, bring):
    make_question(cycle.program, "years", "number")
    make_gate(cycle.program, Gate.Kind.EXPERIENCE, years=5, consequence=Gate.Consequence.EXCEPTION)
    make_member(cycle.program.association, "bea@larkin.example.net")
    bring(f"{HEAD},years", f"{BEA},3", options=["--accepted-on", "2025-09-02", "--by", chi.email])
    assert Application.objects.get().state == State.SUBMITTED
    assert Waiver.objects.get().answer == Waiver.Answer.OPEN


def test_every_bad_row_is_named_and_nothing_is_changed(cycle, bring):
    code, line, complaints = bring(
        HEAD,
        BEA,
        "nobody,Cal,Okafor,,,school,Grants,Lead.,",
        "mo@farrow.example.org,Mo,Castellanos,,,A castle,Outreach; Dragons,,",
        "bea@larkin.example.net,Bea,Again,,,school,Grants,Lead.,",
        "dee@kla.example.org,Dee",
    )
    assert (code, line) == (1, "Nothing was changed. Mistakes found: 6")
    assert complaints == [
        "line 3, email: “nobody” is not an address",
        "line 4, areas: Select a valid choice. Dragons is not one of the available choices.",
        "line 4, goal: This needs an answer.",
        "line 4, library_type: Select a valid choice. A castle is not one of the available choices.",
        "line 5, email: this address is on line 2 already",
        "line 6: this row has 2 cells, the heading 9; is a comma or a quotation mark missing?",
    ]
    assert (Application.objects.count(), User.objects.count(), Message.objects.count()) == (0, 0, 0)


def test_a_column_that_the_form_does_not_know_is_not_dropped_in_silence(cycle, bring):
    code, _line, complaints = bring("email,shoe_size,library_type", "bea@larkin.example.net,38,school")
    assert code == 1
    assert complaints == [
        "line 1, areas: this column is missing; the form needs an answer to it",
        "line 1, goal: this column is missing; the form needs an answer to it",
        "line 1, shoe_size: this form has no question with this code",
    ]
    assert bring("first_name", "Bea")[2][0] == "line 1, areas: this column is missing; the form needs an answer to it"
    assert "line 1, email: this column is missing" in bring("first_name", "Bea")[2]
    assert bring(HEAD)[2] == ["line 1: there is no row under the heading"]
    assert bring("")[2] == ["line 1: the file is empty"]


@pytest.mark.parametrize(
    "broken",
    [
        "bea@larkin.example.net,B\x00ea,L,,,school,Grants,Lead.,",
        "bea@larkin.example.net,Bea\udcff,L,,,school,Grants,Lead.,",
        f"bea@larkin.example.net,Bea,L,,,school,Grants,{'x' * 30_000},",
        f"bea@larkin.example.net,{'B' * 80},L,,,school,Grants,Lead.,",
        'bea@larkin.example.net,"Bea,L,,,school,Grants,Lead.,',
        "bea@larkin.example.net\u202e,Bea,L,,,school,Grants,Lead.,",
    ],
)
def test_what_cannot_be_read_is_named(cycle, bring, broken):
    code, line, complaints = bring(HEAD, CAL, broken)
    assert (code, Application.objects.count()) == (1, 0)
    assert complaints
    assert all(complaint.startswith(("line 3", "line 2")) for complaint in complaints)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"cycle": "kla/1999"}, "There is no cycle “kla/1999”. These are known: kla/2025-26."),
        ({"cycle": "nowhere/2025-26"}, "There is no program “nowhere” with a cycle here."),
        ({"cycle": "kla"}, "There is no cycle “kla”. These are known: kla/2025-26."),
        ({"file": "/nowhere/at-all.csv"}, "The file /nowhere/at-all.csv cannot be read: No such file or directory"),
        ({"options": ["--accepted-on", "2025-09-02"]}, "Say with --by who has the signed papers."),
        ({"options": ["--accepted-on", ""]}, "Say with --by who has the signed papers."),
        (
            {"options": ["--accepted-on", "", "--by", "chi@kla.example.org"]},
            "“” is not a date like 2025-09-12.",
        ),
        ({"options": ["--by", "sam@elsewhere.org"]}, "sam@elsewhere.org is not on this program's committee."),
        (
            {"options": ["--accepted-on", "last week", "--by", "chi@kla.example.org"]},
            "“last week” is not a date like 2025-09-12.",
        ),
        (
            {"options": ["--accepted-on", "2025-09-13", "--by", "chi@kla.example.org"]},
            "Nobody can have signed on 2025-09-13: that day has not come.",
        ),
    ],
)
def test_what_is_not_there_is_said_in_one_line(cycle, chi, bring, given, words):
    assert bring(HEAD, BEA, **given) == (2, words, [])
    assert Application.objects.count() == 0


def test_a_role_that_does_not_exist_is_refused(cycle, bring):
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("import_applications", "kla/2025-26", "x.csv", "--role=friend")
