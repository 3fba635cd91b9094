"""The member list: all or nothing, every bad row named, the past never rewritten, the same list again changes nothing."""

import random
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members import csv_rows, member_list
from members.csv_rows import RowError
from members.journal import NotAllowed
from members.member_list import Applied
from members.models import Entry, Membership
from members.tests.make import HEAD, bring_in, make_association, make_row

pytestmark = pytest.mark.django_db
BEA = "bea@larkin.example.net"
DAY = date(2025, 9, 1)


@pytest.fixture
def kla():
    return make_association()


def periods():
    """What the list says of Bea, day by day."""
    return list(
        Membership.objects.filter(email=BEA).order_by("valid_from").values_list("status", "valid_from", "valid_until")
    )


def errors_of(association, *rows, head=HEAD):
    return member_list.read(association, [head, *rows]).errors


def test_a_list_comes_in_and_the_same_list_again_changes_nothing(kla):
    rows = [make_row(BEA), make_row("mo@farrow.example.org", valid_until=""), make_row("cal@x.example.org", "Lapsed")]
    assert bring_in(kla, DAY, *rows) == Applied(new=3)
    before = list(Membership.objects.values())
    assert bring_in(kla, DAY, *rows) == Applied(same=3)
    assert list(Membership.objects.values()) == before
    assert Entry.objects.count() == 1


def test_a_later_list_that_says_the_same_was_seen_later_and_no_more(kla):
    bring_in(kla, DAY, make_row(BEA))
    assert bring_in(kla, date(2025, 10, 1), make_row(BEA)) == Applied(same=1)
    assert Membership.objects.get().seen_on == date(2025, 10, 1)


def test_a_change_closes_the_old_row_the_day_before_and_opens_another(kla):
    bring_in(kla, DAY, make_row(BEA))
    changed = make_row(BEA, "Lapsed")
    assert bring_in(kla, date(2025, 10, 5), changed) == Applied(changed=1)
    assert periods() == [
        ("Active", date(2020, 1, 1), date(2025, 10, 4)),
        ("Lapsed", date(2025, 10, 5), date(2025, 12, 31)),
    ]
    assert bring_in(kla, date(2025, 10, 6), changed) == Applied(same=1)


def test_a_renewal_brought_in_late_leaves_no_gap(kla):
    bring_in(kla, DAY, make_row(BEA, valid_until="2025-09-30"))
    bring_in(kla, date(2025, 11, 1), make_row(BEA, valid_until="2026-09-30"))
    assert periods() == [
        ("Active", date(2020, 1, 1), date(2025, 9, 30)),
        ("Active", date(2025, 10, 1), date(2026, 9, 30)),
    ]


def test_who_joined_again_counts_from_the_day_of_joining_not_of_the_list(kla):
    bring_in(kla, DAY, make_row(BEA, "Lapsed", "2015-05-01", "2024-06-30"))
    bring_in(kla, date(2025, 9, 20), make_row(BEA, "Active", "2025-09-10", "2026-09-09"))
    assert periods()[1] == ("Active", date(2025, 9, 10), date(2026, 9, 9))


def test_a_change_on_the_very_day_is_corrected_where_it_stands(kla):
    bring_in(kla, DAY, make_row(BEA, valid_from="2025-09-01", valid_until="2026-08-31"))
    bring_in(kla, DAY, make_row(BEA, "Grace", valid_from="2025-09-01", valid_until="2026-08-31"))
    assert periods() == [("Grace", date(2025, 9, 1), date(2026, 8, 31))]


@pytest.mark.parametrize("status", ["Active", "Lapsed"])
def test_a_list_that_says_it_is_long_over_ends_it_yesterday_and_settles(kla, status):
    bring_in(kla, DAY, make_row(BEA))
    over = make_row(BEA, status, valid_until="2025-06-30")
    assert bring_in(kla, date(2025, 10, 5), over) == Applied(changed=1)
    assert periods() == [("Active", date(2020, 1, 1), date(2025, 10, 4))]
    assert bring_in(kla, date(2025, 10, 5), over) == Applied(same=1)


@pytest.mark.parametrize(
    "second", [("Active", "2026-01-01", ""), ("Active", "2025-09-15", "2026-09-14"), ("Lapsed", "2019-01-01", "")]
)
def test_whatever_changes_the_same_list_again_is_as_before_and_no_day_is_told_twice(kla, second):
    bring_in(kla, DAY, make_row(BEA))
    status, begins, ends = second
    for day in (date(2025, 9, 20), date(2025, 9, 21), date(2026, 2, 1)):
        bring_in(kla, day, make_row(BEA, status, begins, ends))
        assert bring_in(kla, day, make_row(BEA, status, begins, ends)) == Applied(same=1)
    told = periods()
    assert all(before[2] < after[1] for before, after in zip(told, told[1:], strict=False))


def test_who_is_missing_from_a_list_stays_until_the_last_day(kla):
    bring_in(kla, DAY, make_row(BEA))
    bring_in(kla, date(2025, 10, 1), make_row("mo@farrow.example.org"))
    assert periods() == [("Active", date(2020, 1, 1), date(2025, 12, 31))]


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (make_row("not an address"), "email", "“not an address” is not an e-mail address"),
        (make_row(""), "email", "an address is needed"),
        (["=cmd@x.example.org", *make_row(BEA)[1:]], "email", "this address cannot be used"),
        (make_row(BEA, status="Platinum"), "status", "“Platinum” is not known; this list's statuses are"),
        (make_row(BEA, status=""), "status", "a status is needed"),
        (make_row(BEA, valid_from=""), "valid_from", "a first day is needed"),
        (make_row(BEA, valid_from="09/01/2025"), "valid_from", "“09/01/2025” is not a day written like 2025-09-01"),
        (make_row(BEA, valid_from="2025-02-30"), "valid_from", "“2025-02-30” is not a day"),
        (make_row(BEA, valid_from="20250901"), "valid_from", "“20250901” is not a day"),
        (make_row(BEA, valid_from="٢٠٢٥-09-01"), "valid_from", "is not a day"),
        (make_row(BEA, valid_until="9999-12-31"), "valid_until", "9999-12-31 is not a likely day"),
        (make_row(BEA, valid_until="2019-12-31"), "valid_until", "the last day (2019-12-31) is before the first (2020-01-01)"),
        (make_row(BEA, number="=1+1"), "member_number", "“=1+1” begins like a formula"),
        (make_row(BEA, number="\uff1d1+1"), "member_number", "begins like a formula"),
        (make_row(BEA, number="@SUM(A1)"), "member_number", "begins like a formula"),
        (make_row(BEA, number="KLA\x001"), "member_number", "this holds a character that cannot be seen"),
        (make_row(BEA, number="KLA\u202e1"), "member_number", "this holds a character that cannot be seen"),
        (make_row(BEA, number="KLA\ud8001"), "member_number", "this holds letters that are not saved as UTF-8"),
        (make_row(BEA, number="K" * 41), "member_number", "this is too long (41 characters, 40 fit)"),
        (make_row(BEA, number="K" * 2**20), "member_number", "this is too long (1048576 characters); is a quotation mark left open?"),
    ],
)  # fmt: skip
def test_a_bad_cell_is_named_with_line_column_and_reason(kla, row, column, words):
    [error] = errors_of(kla, make_row("mo@farrow.example.org"), row)
    assert (error.line, error.column) == (3, column)
    assert words in error.reason


def test_every_bad_cell_of_every_row_is_named(kla):
    errors = errors_of(kla, make_row("no", status="Gone"), make_row(BEA), make_row(BEA.upper()))
    assert [(error.line, error.column) for error in errors] == [(2, "email"), (2, "status"), (4, "email")]
    assert errors[-1].reason == "bea@larkin.example.net is on this list already, in line 3"


def test_missing_columns_an_empty_file_and_a_bare_heading_are_named(kla):
    assert errors_of(kla, ["x"], head=["email"]) == [
        RowError(1, "status", "this column is missing"),
        RowError(1, "valid_from", "this column is missing"),
    ]
    assert member_list.read(kla, []).errors == [RowError(1, "", "the file is empty")]
    assert errors_of(kla) == [RowError(1, "", "there is no row under the heading")]


def test_a_list_with_mistakes_cannot_be_written(kla):
    found = member_list.read(kla, [HEAD, make_row(BEA), make_row("no")])
    with pytest.raises(NotAllowed):
        member_list.apply(kla, found, seen_on=DAY)
    assert Membership.objects.count() == 0


def test_headings_may_be_written_as_people_write_them(kla):
    head = ["E-mail", "Status", "Valid From", "Remarks"]
    found = member_list.read(kla, [["Email", *head[1:]], [BEA, "Active", "2020-01-01", "likes tea"]])
    assert found.errors == []
    assert found.rows[0].email == BEA


def test_a_long_list_asks_the_database_few_questions(kla):
    rows = [make_row(f"person{number}@x.example.org", number=f"KLA-{number}") for number in range(1000)]
    with CaptureQueriesContext(connection) as first:
        bring_in(kla, DAY, *rows)
    with CaptureQueriesContext(connection) as again:
        bring_in(kla, date(2025, 10, 1), *rows)
    assert len(first) < 25  # SQLite takes 1,000 rows in a dozen strokes
    assert len(again) < 12


# the command


@pytest.fixture
def write(tmp_path):
    def write(*rows, encoding="utf-8"):
        path = tmp_path / "list.csv"
        path.write_bytes("\r\n".join(",".join(row) for row in [HEAD, *rows]).encode(encoding))
        return str(path)

    return write


def test_the_command_brings_a_list_in_and_a_dry_run_only_looks(kla, write, capsys):
    path = write(make_row(BEA), make_row("mo@farrow.example.org"))
    call_command("import_members", "kla", path, "--dry-run")
    assert Membership.objects.count() == 0
    assert capsys.readouterr().out == "Rows that can be brought in: 2. Nothing was written.\n"
    call_command("import_members", "kla", path)
    call_command("import_members", "kla", path)
    assert capsys.readouterr().out == "new: 2, changed: 0, as before: 0\nnew: 0, changed: 0, as before: 2\n"


def test_the_command_names_every_bad_row_and_changes_nothing(kla, write, capsys):
    path = write(make_row(BEA), make_row("no"), make_row("mo@farrow.example.org", status="Gone"))
    with pytest.raises(CommandError) as refused:
        call_command("import_members", "kla", path)
    assert (refused.value.returncode, str(refused.value)) == (1, "Nothing was changed. Mistakes found: 2")
    assert capsys.readouterr().err.splitlines() == [
        "line 3, email: “no” is not an e-mail address",
        "line 4, status: “Gone” is not known; this list's statuses are "
        "Active, Grace, PendingNew, PendingRenewal, Lapsed, Expired, Resigned",
    ]
    assert Membership.objects.count() == 0


@pytest.mark.parametrize(
    ("association", "file"), [("nowhere", "list.csv"), ("kla", "no-such-file.csv"), ("kla", "/"), ("kla", "a\x00b")]
)
def test_an_unknown_association_or_file_is_one_line_and_exit_2(kla, association, file, capsys):
    with pytest.raises(CommandError) as refused:
        call_command("import_members", association, file)
    assert refused.value.returncode == 2
    assert "\n" not in str(refused.value)


def test_a_list_saved_as_latin_1_is_named_line_by_line(kla, write, capsys):
    path = write(
        make_row(BEA),
        make_row("jose@x.example.org")[:1] + ["José", *make_row("jose@x.example.org")[2:]],
        encoding="latin-1",
    )
    with pytest.raises(CommandError):
        call_command("import_members", "kla", path)
    assert "line 3, first_name: this holds letters that are not saved as UTF-8" in capsys.readouterr().err


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_list_with_a_byte_order_mark_is_read(kla, write, encoding):
    call_command("import_members", "kla", write(make_row(BEA), encoding=encoding))
    assert Membership.objects.count() == 1


def test_rows_are_counted_as_the_file_counts_its_lines():
    rows, errors = csv_rows.read_rows(b'a,b\n"two\nlines",x\n\nonly one\n1,2,,\n')
    assert [(row, row.line) for row in rows] == [(["a", "b"], 1), (["two\nlines", "x"], 2), (["1", "2"], 6)]
    words = "this row has 1 cells, the heading 2; is a comma or a quotation mark missing?"
    assert errors == [RowError(5, "", words)]


def test_semicolons_and_tabs_are_read_too():
    assert [csv_rows.read_rows(data)[0][1] for data in (b"a;b\n1;2", b"a\tb\n1\t2", b"a,b\n1,2")] == [["1", "2"]] * 3


def test_doubled_headings_an_open_quotation_mark_and_rubbish_are_named():
    assert csv_rows.read_rows(b"email,Email\n1,2")[1] == [RowError(1, "email", "this column is there twice")]
    assert csv_rows.read_rows(b"")[1] == [RowError(1, "", "the file is empty")]
    assert csv_rows.read_rows(b"\n\n  \n")[1] == [RowError(1, "", "the file is empty")]
    [error] = csv_rows.read_rows(b'a,b\n1,2\n3,"' + b"x\n" * 20_000)[1]
    assert (error.line, error.column) == (3, "b")
    rows, errors = csv_rows.read_rows(bytes(range(256)) * 50)
    assert errors


# ways in which a list goes wrong: what happens to the line as it stands in the file
SPOILT = {
    "bytes that are no UTF-8": lambda line: line.replace(b"Sample", b"S\xe9mple"),
    "NUL": lambda line: line.replace(b"Sample", b"Sam\x00ple"),
    "a cell of 100,000 letters": lambda line: line.replace(b"Sample", b"S" * 100_000),
    "a formula": lambda line: line.replace(b"Sample", b"=1+1"),
    "text turned round": lambda line: line.replace(b"Sample", "Sam\u202eple".encode()),
    "a comma too many": lambda line: line.replace(b"Sample", b"Sam,ple"),
    "a comma too few": lambda line: line.replace(b"Sample,", b""),
    "no address": lambda line: line.replace(b"@", b"(at)"),
    "another way to write a day": lambda line: line.replace(b"2020-01-01", b"1/1/20"),
    "a day that is none": lambda line: line.replace(b"2020-01-01", b"2020-13-01"),
    "an unknown status": lambda line: line.replace(b"Active", b"Aktiv"),
    "ends before it begins": lambda line: line.replace(b"2020-01-01", b"2030-01-01"),
    "a line break": lambda line: line.replace(b"Sample", b'"Sam\tple"'),
}


def test_of_a_thousand_spoilt_rows_every_one_is_named_and_no_good_one(kla, tmp_path):
    dice = random.Random(12)
    lines, spoilt = [",".join(HEAD).encode()], {}
    for number in range(2, 2002):
        line = ",".join(make_row(f"person{number}@x.example.org", number=f"KLA-{number}")).encode()
        if dice.random() < 0.5:
            spoilt[number] = dice.choice(list(SPOILT))
            line = SPOILT[spoilt[number]](line)
        lines.append(line)
    path = tmp_path / "list.csv"
    path.write_bytes(b"\r\n".join(lines))
    found = member_list.read_file(kla, path)
    assert {error.line for error in found.errors} == set(spoilt)
    assert set(spoilt.values()) == set(SPOILT)
    assert len(found.rows) == 2000 - len(spoilt)


def test_no_bytes_make_the_reader_fall_over(kla):
    dice = random.Random(13)
    good = "\n".join(",".join(row) for row in [HEAD, *(make_row(f"p{n}@x.example.org") for n in range(5))]).encode()
    for _ in range(1000):
        data = bytearray(good)
        for _ in range(dice.randint(1, 8)):
            data[dice.randrange(len(data))] = dice.choice([0, 10, 13, 34, 44, 127, 0xC3, 0xFF, dice.randrange(256)])
        found = member_list.read_file(kla, bytes(data))
        assert found.errors or found.rows
        assert all("\x00" not in str(error) and str(error).encode() for error in found.errors)
