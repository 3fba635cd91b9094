"""SPF, DKIM and DMARC in words: every kind of answer that the internet's directory gives."""

from types import SimpleNamespace

import pytest
from dns import resolver

from mail.providers import PROVIDERS
from mail.sender_check import SELECTORS, SILENCES, Finding, Line, State, checkable, look_up, mechanism

DOMAIN = "mentoring.kla.example"
SPF = ["v=spf1 include:sendgrid.net -all"]
DKIM = ["v=DKIM1; k=rsa; p=MIIB"]
DMARC = ["v=DMARC1; p=reject"]
GOOD = {DOMAIN: SPF, f"s1._domainkey.{DOMAIN}": DKIM, f"_dmarc.{DOMAIN}": DMARC}
SILENT = "This could not be looked up just now: nobody answered. Try again in a while."


class Fake:
    """A directory: TXT lines by name, or what is raised; a name that is not in it does not exist."""

    def __init__(self, answers):
        self.answers, self.asked = answers, []

    def resolve(self, name, kind, *, lifetime):
        self.asked.append((name, kind, lifetime))
        found = self.answers.get(name, resolver.NXDOMAIN())
        if isinstance(found, Exception):
            raise found
        # A long line comes in pieces.
        return [SimpleNamespace(strings=(text[:7].encode(), text[7:].encode())) for text in found]


def of(answers, server="smtp.sendgrid.net", domain=DOMAIN, **more):
    return {finding.what: finding for finding in look_up(domain, server=server, asked=Fake(answers), **more)}


def spf(*records, server="smtp.sendgrid.net"):
    found = of(GOOD | {DOMAIN: list(records)}, server)["SPF"]
    return found.state, found.line and found.line.value


def test_all_is_well():
    fake = Fake(GOOD)
    assert look_up(DOMAIN, server="smtp.sendgrid.net", asked=fake) == [
        Finding("SPF", State.OK, "The line is there and names the server that our mail leaves through."),
        Finding("DKIM", State.OK, "A key is there, under the name “s1”. Whether mail is signed with it, the test mail shows."),
        Finding("DMARC", State.OK, f"The line is there, at {DOMAIN}."),
    ]  # fmt: skip
    assert {(kind, lifetime) for _name, kind, lifetime in fake.asked} == {("TXT", 3.0)}


def test_nothing_is_there():
    found = of({DOMAIN: ["google-site-verification=1", "v=spf10 -all"]})
    assert {what: (finding.state, finding.line) for what, finding in found.items()} == {
        "SPF": (State.MISSING, Line(DOMAIN, "TXT", "v=spf1 include:sendgrid.net ~all")),
        "DKIM": (
            State.MISSING,
            Line(f"mail._domainkey.{DOMAIN}", "TXT", "v=DKIM1; k=rsa; p=THE-KEY-OF-YOUR-MAIL-SERVER"),
        ),
        "DMARC": (State.MISSING, Line(f"_dmarc.{DOMAIN}", "TXT", "v=DMARC1; p=none")),
    }


def test_a_name_without_text_and_a_domain_that_does_not_exist_are_told_apart():
    no_answer = resolver.NoAnswer(response=SimpleNamespace(question="?"))
    assert of({DOMAIN: no_answer})["SPF"].words.startswith("No line says which servers may send mail for")
    words = f"There is no domain {DOMAIN} in the internet’s directory. Is the address written as it should be?"
    fake = Fake({"example.": no_answer})
    assert look_up(DOMAIN, server="", asked=fake) == [Finding("The domain", State.MISSING, words)]
    assert [name for name, _kind, _lifetime in fake.asked] == [DOMAIN, "example."]


def test_a_machine_that_finds_no_name_at_all_knows_nothing_of_the_domain():
    words = (
        "This machine cannot see the internet’s directory: it does not even find “.example”. "
        "Nothing is known of the domain."
    )
    fake = Fake({})
    assert look_up(DOMAIN, server="", asked=fake) == [
        Finding(what, State.UNKNOWN, words) for what in ("SPF", "DKIM", "DMARC")
    ]
    assert [name for name, _kind, _lifetime in fake.asked] == [DOMAIN, "example."]
    silent = {"example.": resolver.LifetimeTimeout(timeout=3, errors=[])}
    assert [(one.state, one.words) for one in look_up(DOMAIN, server="", asked=Fake(silent))] == [
        (State.UNKNOWN, SILENT)
    ] * 3


@pytest.mark.parametrize(
    ("record", "state", "value"),
    [
        ("v=spf1 include:sendgrid.net ~all", State.OK, None),
        ("V=SPF1 INCLUDE:sendgrid.net -ALL", State.OK, None),
        ("v=spf1 redirect=_spf.example.org", State.OK, None),
        ("v=spf1 include:sendgrid.net +all", State.WRONG, "v=spf1 include:sendgrid.net ~all"),
        ("v=spf1 include:sendgrid.net all", State.WRONG, "v=spf1 include:sendgrid.net ~all"),
        ("v=spf1 include:sendgrid.net ?all", State.WRONG, "v=spf1 include:sendgrid.net ~all"),
        ("v=spf1 include:sendgrid.net", State.WRONG, "v=spf1 include:sendgrid.net ~all"),
        ("v=spf1 mx -all", State.UNKNOWN, "v=spf1 mx include:sendgrid.net -all"),
    ],
)
def test_one_line_of_spf(record, state, value):
    assert spf(record) == (state, value)


def test_nothing_is_added_by_guess_to_a_line_that_names_its_servers():
    assert spf("v=spf1 include:x.example +all", server="") == (State.WRONG, "v=spf1 include:x.example ~all")


def test_two_lines_of_spf_become_one():
    assert spf("v=spf1 mx a:x.example -all", "v=spf1 mx include:y.example ~all") == (
        State.WRONG,
        "v=spf1 mx a:x.example include:y.example -all",
    )


def test_a_server_of_ones_own_may_stand_there_by_number():
    assert spf("v=spf1 ip4:192.0.2.1 -all", server="mail.kla.example") == (State.OK, None)


@pytest.mark.parametrize(
    ("server", "named"),
    [
        ("smtp.sendgrid.net", "include:sendgrid.net"),
        ("smtp.eu.mailgun.org", "include:mailgun.org"),
        ("postmark", "include:spf.mtasv.net"),
        ("email-smtp.us-east-1.amazonaws.com", "include:amazonses.com"),
        ("smtp-relay.gmail.com", "include:_spf.google.com"),
        ("smtp.office365.com", "include:spf.protection.outlook.com"),
        ("smtp-relay.brevo.com", "include:spf.brevo.com"),
        ("smtp.sparkpostmail.com", "include:sparkpostmail.com"),
        ("sparkpost", "include:sparkpostmail.com"),
        ("in-v3.mailjet.com", "include:spf.mailjet.com"),
        ("notsendgrid.net", "a:notsendgrid.net"),
        ("mail.kla.example", "a:mail.kla.example"),
        ("192.0.2.7", "ip4:192.0.2.7"),
        ("2001:db8::1", "ip6:2001:db8::1"),
        ("localhost", "mx"),
        ("", "mx"),
    ],
)
def test_what_spf_must_name(server, named):
    assert mechanism(server) == named


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("k=rsa; p=MIIB", State.OK),
        ("v=DKIM1; p=", State.WRONG),
        ("v=spf1 -all", State.MISSING),
        ("v=DKIM2; p=x", State.MISSING),
    ],
)
def test_a_key(text, state):
    found = of(GOOD | {f"s1._domainkey.{DOMAIN}": [text]})["DKIM"]
    assert found.state == state
    assert (found.line and found.line.host) == {
        State.WRONG: f"s1._domainkey.{DOMAIN}", State.MISSING: f"mail._domainkey.{DOMAIN}",
    }.get(state)  # fmt: skip


def test_a_key_is_looked_for_under_the_names_that_were_set():
    answers = {DOMAIN: SPF, f"ours._domainkey.{DOMAIN}": DKIM}
    assert of(answers)["DKIM"].state == State.MISSING
    assert of(answers, selectors=["ours"])["DKIM"].state == State.OK


@pytest.mark.parametrize(
    ("records", "state"),
    [
        (["v=DMARC1; p=none; rua=mailto:x@y.example"], State.OK),
        (["v=DMARC1;p=Quarantine"], State.OK),
        (["v=DMARC1"], State.WRONG),
        (["v=DMARC1; p=maybe"], State.WRONG),
        (["v=DMARC1; p=none", "v=DMARC1; p=reject"], State.WRONG),
        (["v=spf1 -all"], State.MISSING),
    ],
)
def test_a_line_of_dmarc(records, state):
    assert of(GOOD | {f"_dmarc.{DOMAIN}": records})["DMARC"].state == state


def test_dmarc_that_only_watches_is_accepted_with_a_word():
    assert "only watches (p=none)" in of(GOOD | {f"_dmarc.{DOMAIN}": ["v=DMARC1; p=none"]})["DMARC"].words
    assert "only watches" not in of(GOOD)["DMARC"].words


def test_dmarc_of_the_domain_above_holds_with_its_rule_for_those_below():
    above = {DOMAIN: SPF, "_dmarc.kla.example": ["v=DMARC1; p=reject; sp=none"]}
    found = of(above)["DMARC"]
    assert found.state == State.OK
    assert found.words.startswith("The line is there, at kla.example. It only watches")


def test_a_top_level_domain_is_not_asked():
    fake = Fake({DOMAIN: SPF})
    look_up(DOMAIN, server="", asked=fake)
    assert [name for name, *_rest in fake.asked if name.startswith("_dmarc")] == [
        f"_dmarc.{DOMAIN}",
        "_dmarc.kla.example",
    ]


@pytest.mark.parametrize(
    "trouble", [resolver.LifetimeTimeout(timeout=3, errors=[]), resolver.NoNameservers(), OSError()]
)
def test_silence_is_not_absence_and_ends_the_asking(trouble):
    names = [DOMAIN, *(f"{name}._domainkey.{DOMAIN}" for name in SELECTORS), f"_dmarc.{DOMAIN}"]
    fake = Fake(dict.fromkeys(names, trouble))
    found = look_up(DOMAIN, server="", asked=fake)
    assert found == [Finding(what, State.UNKNOWN, SILENT) for what in ("SPF", "DKIM", "DMARC")]
    assert len(fake.asked) == SILENCES


def test_one_silence_hides_no_key_that_was_found():
    slow = resolver.LifetimeTimeout(timeout=3, errors=[])
    found = of(GOOD | {f"google._domainkey.{DOMAIN}": slow})
    assert [finding.state for finding in found.values()] == [State.OK] * 3


@pytest.mark.parametrize("domain", ["localhost", "", "kla", "127.0.0.1", "mentoring.localhost", "host.local"])
def test_what_only_this_machine_knows_is_not_looked_up(domain):
    fake = Fake({})
    assert (checkable(domain), look_up(domain, server="", asked=fake), fake.asked) == (False, [], [])


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_provider_that_the_settings_know_is_named_and_not_guessed(name):
    assert mechanism(name).startswith("include:")
