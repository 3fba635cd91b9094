"""Played years for tests: people of files and others made of them, a play with a rule taken away, figures by plain SQL."""

import csv
import json
import sqlite3
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from random import Random

from mentoring import presets, rehearsal

FILES = (("members", "roster"), ("mentors", "mentors"), ("mentees", "mentees"))  # argument, file
GOOD = {"Active", "New", "Current", "PendingRenewal", "Grace"}
# When each program looks at the member list, from its first day to its last: in any of these spans, on every day.
LOOKED_AT = {
    "kla": [("2025-09-01", "2025-09-30")],
    "nasig": [("2025-09-01", "2025-09-01")],
    "nela": [("2025-09-01", "2025-10-20"), ("2026-03-01", "2026-04-20")],
    "nmrt": [],
}
YEARS_OF_A_MENTOR = {"nmrt": 5}
MENTEES_AT_MOST = {"nela": 2 * 18}
PLACES_OF_A_MENTOR = 1  # in all four


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def files(name):
    """The sample people of a program: {"roster": rows, "mentors": rows, "mentees": rows}."""
    return {kind: rows(path) for kind, path in presets.people(name).items()}


def write(path, people):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, people[0])
        writer.writeheader()
        writer.writerows(people)
    return str(path)


def written(folder, people):
    """These people as files: what an order names."""
    folder.mkdir(exist_ok=True)
    return {kind: write(folder / f"{kind}.csv", people[kind]) for _name, kind in FILES}


def good_addresses(roster, name):
    """Addresses in good standing wherever the program looks; None where it does not look."""
    if not LOOKED_AT[name]:
        return None
    return {
        row["email"].lower()
        for row in roster
        for first, last in LOOKED_AT[name]
        if row["status"] in GOOD
        and row["valid_from"] <= first
        and (not row["valid_until"] or row["valid_until"] >= last)
    }


def possible(name, people):
    """How many pairs these files allow, cap and all: the smaller of eligible mentors' places and eligible mentees."""
    good = good_addresses(people["roster"], name)
    years = YEARS_OF_A_MENTOR.get(name, 0)
    places = sum(
        min(int(row["mentees_wanted"] or 1), PLACES_OF_A_MENTOR)
        for row in people["mentors"]
        if (good is None or row["email"].lower() in good) and int(row["years"] or 0) >= years
    )
    mentees = sum(good is None or row["email"].lower() in good for row in people["mentees"])
    return min(places, mentees, MENTEES_AT_MOST.get(name, mentees))


def others(people, seed):
    """The same number of other people: new names and addresses everywhere, everybody's answers somebody else's."""
    dice = Random(seed)
    addresses = sorted({row["email"].lower() for kind in people for row in people[kind]})
    number = {email: place for place, email in enumerate(dice.sample(addresses, len(addresses)))}
    names = sorted({(row["first_name"], row["last_name"]) for kind in people for row in people[kind]})
    called = dict(zip(names, ((f"Ola{n}", f"Quist{n}") for n in range(len(names))), strict=True))
    found = {}
    for kind, theirs in people.items():
        answers = dice.sample(theirs, len(theirs)) if kind != "roster" else theirs
        found[kind] = [
            {
                **answered,
                "email": f"p{number[row['email'].lower()]}@held.example.org",
                "first_name": called[row["first_name"], row["last_name"]][0],
                "last_name": called[row["first_name"], row["last_name"]][1],
                "member_number": row["member_number"],
            }
            for row, answered in zip(theirs, answers, strict=True)
        ]
        dice.shuffle(found[kind])
    return found


def play_without(folder, name, people, rule, *, until):
    """A play of a few people up to so many days after the first matches, in which `rule` (Python) was taken away.

    `rule` runs before the tables are made (`early`) or with the program there (`late`). Gives what the play told.
    """
    early, late = (rule.get(when, "pass") for when in ("early", "late"))
    script = f"""
from datetime import timedelta
import django.db.models.signals as signals
def early(sender, **more):
    {early}
signals.class_prepared.connect(early)
from mentoring.rehearsal import __main__ as play
house = play._make_house
def make_house(port):
    house(port)
    from mentoring.rehearsal.year import Year
    made = Year.set_up.__func__
    def set_up(cls, *args):
        year = made(cls, *args)
        program = year.program
        {late}
        return year
    Year.set_up = classmethod(set_up)
    Year.last_day = property(lambda year: year.rounds[0].cycle.announced_on + timedelta(days={until}))
play._make_house = make_house
play.main()
"""
    folder.mkdir()
    order = rehearsal.Order([name], {name: written(folder / "people", people)})
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=order.to_json(),
        stdout=subprocess.PIPE,
        text=True,
        cwd=rehearsal.ROOT,
        env=rehearsal.surroundings(folder),
        check=True,
    )
    return json.loads(done.stdout)["programs"][name]


class Database:
    """A played year's tables, read by plain SQL and by nothing of ours."""

    def __init__(self, folder):
        self.connection = sqlite3.connect(f"file:{folder / 'year.sqlite3'}?mode=ro", uri=True)

    def all(self, sql, *args):
        return self.connection.execute(sql, args).fetchall()

    def one(self, sql, *args):
        return self.all(sql, *args)[0][0]

    def ever(self, *states, role="%"):
        """How many people, once a role, had an application that was in each of these states at some time."""
        was = " AND ".join(
            "EXISTS (SELECT 1 FROM members_entry e WHERE e.about = 'application:' || a.id AND e.\"to\" = ?)"
            for _ in states
        )
        sql = f"SELECT count(*) FROM (SELECT DISTINCT user_id, role FROM programs_application a WHERE role LIKE ? AND {was})"
        return self.one(sql, role, *states)

    def months(self):
        """Whole months of every mentoring year that was not followed by another; both days count."""
        terms = self.all(
            "SELECT begins_on, ends_on FROM mentorships_term t WHERE number = 1 AND NOT EXISTS "
            "(SELECT 1 FROM mentorships_term o WHERE o.mentorship_id = t.mentorship_id AND o.number = 2)"
        )
        return [whole_months(date.fromisoformat(begins), date.fromisoformat(ends)) for begins, ends in terms]

    def together_twice(self):
        """G3: mentors who have two mentees at one moment, by the days of their pairs."""
        spans = self.all(
            "SELECT m.mentor_id, min(t.begins_on), coalesce(m.ended_on, max(t.ends_on)) FROM mentorships_mentorship m "
            "JOIN mentorships_term t ON t.mentorship_id = m.id GROUP BY m.id ORDER BY m.mentor_id, 2"
        )
        return [
            (mentor, begins, other)
            for number, (mentor, begins, ends) in enumerate(spans)
            for who, other, _ in spans[number + 1 :]
            if who == mentor and other < ends
        ]

    def introduced_untrained(self):
        """Pairs of whom one had not been noted at a workshop of the cycle when they were introduced."""
        return self.one(
            "SELECT count(*) FROM mentorships_mentorship m, (SELECT 'mentor' side UNION SELECT 'mentee') s WHERE NOT EXISTS ("
            "SELECT 1 FROM programs_attendance a JOIN programs_training t ON t.id = a.training_id "
            "WHERE t.cycle_id = m.cycle_id AND a.attended_on <= date(m.introduced_at) AND a.user_id = "
            "CASE s.side WHEN 'mentor' THEN m.mentor_id ELSE m.mentee_id END)"
        )

    def nudges_a_week(self):
        """For each reminder that left: how many left to the same person within the seven days that it begins."""
        sql = (
            "SELECT (SELECT count(*) FROM mail_message o WHERE o.kind = 'nudge' AND o.state = 'sent' AND "
            "o.to_email = m.to_email AND julianday(o.settled_at) >= julianday(m.settled_at) AND "
            "julianday(o.settled_at) < julianday(m.settled_at) + 7 - 1e-6) FROM mail_message m WHERE m.kind = 'nudge' AND m.state = 'sent'"
        )
        return [count for (count,) in self.all(sql)]


def whole_months(begins, ends):
    after = ends + timedelta(days=1)
    months = (after.year - begins.year) * 12 + after.month - begins.month
    return months - (after.day < begins.day)


def figures(db):
    """What a year comes to, each figure by a query of its own."""
    of_role = dict(
        db.all("SELECT role, count(DISTINCT user_id) FROM programs_application WHERE sent_at IS NOT NULL GROUP BY role")
    )
    undone = "SELECT mentorship_id FROM matching_match WHERE state = 'cancelled' AND mentorship_id IS NOT NULL"
    return {
        "cycles": db.one("SELECT count(*) FROM programs_cycle"),
        "term_months": max(db.months()),
        "applied": {"mentor": of_role.get("mentor", 0), "mentee": of_role.get("mentee", 0)},
        "refused": db.one("SELECT count(*) FROM programs_application WHERE state IN ('refused', 'expired')"),
        "awaiting_membership": db.ever("held"),
        "joined_later": db.ever("held", "admitted"),
        "wait_listed": db.ever("waitlisted"),
        "offers": db.one("SELECT count(*) FROM matching_match WHERE offered_at IS NOT NULL"),
        "declined": db.one("SELECT count(*) FROM matching_match WHERE state = 'declined'"),
        "introduced": db.one("SELECT count(*) FROM mentorships_mentorship"),
        "topics": db.one("SELECT count(*) FROM mail_message WHERE name = 'topic' AND state = 'sent'"),
        "check_ins": {
            "asked": db.one("SELECT count(*) FROM mentorships_checkin"),
            "answered": db.one("SELECT count(*) FROM mentorships_checkin WHERE word <> ''"),
        },
        "nudges": db.one("SELECT count(*) FROM mail_message WHERE kind = 'nudge' AND state = 'sent'"),
        "most_nudges_a_week": max(db.nudges_a_week(), default=0),
        "ended_early": db.one(
            f"SELECT count(*) FROM mentorships_mentorship WHERE state = 'ended' AND id NOT IN ({undone})"
        ),
        "rematched": db.one(
            "SELECT count(DISTINCT n.id) FROM mentorships_request r JOIN mentorships_mentorship m ON m.id = r.mentorship_id "
            "JOIN mentorships_mentorship n ON n.cycle_id = m.cycle_id AND n.introduced_at > r.made_at AND "
            "((r.user_id = m.mentee_id AND n.mentee_id = r.user_id) OR (r.user_id = m.mentor_id AND n.mentor_id = r.user_id)) "
            "WHERE r.kind = 'rematch' AND r.state = 'done'"
        ),
        "extended": db.one("SELECT count(DISTINCT mentorship_id) FROM mentorships_term WHERE number > 1"),
        "evaluations": {
            "asked": db.one("SELECT count(*) FROM evaluations_receipt"),
            "answered": db.one("SELECT count(*) FROM evaluations_receipt WHERE answered"),
        },
        "letters": db.one("SELECT count(*) FROM evaluations_serviceletter WHERE code IS NOT NULL"),
        "unmatched": db.one(
            "SELECT count(DISTINCT user_id) FROM programs_application a JOIN members_entry e "
            "ON e.about = 'application:' || a.id AND e.\"to\" = 'admitted' WHERE a.role = 'mentee' "
            "AND a.user_id NOT IN (SELECT mentee_id FROM mentorships_mentorship)"
        ),
        "committee_acts": db.one("SELECT count(*) FROM members_entry WHERE actor IS NOT NULL AND role <> ''"),
        "mails": {
            "queued": db.one("SELECT count(*) FROM mail_message"),
            "sent": db.one("SELECT count(*) FROM mail_message WHERE state = 'sent'"),
            "twice": 0,
            "lost": db.one("SELECT count(*) FROM mail_message WHERE state NOT IN ('sent', 'parked', 'cancelled')"),
        },
    }


def by_day(timeline, program):
    """{what: {day: count}} of one program."""
    found = {}
    for line in timeline:
        if line["program"] == program:
            found.setdefault(line["what"], Counter())[line["on"]] += line["count"]
    return found
