"""What every mail keeps to: three files, every colour inline, nothing that runs, plain text that is plain."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template

from mail.outbox import Recipient, Sender, render

MAILS = Path(settings.BASE_DIR) / "templates" / "mail"
NAMES = sorted(path.name.removesuffix(".subject.txt") for path in MAILS.glob("*.subject.txt"))
SENDER = Sender(
    "KLA Mentoring", "mentoring@kla.example.org", "program:kla", "12 Sample Street, Frankfort", "Wren O'Hara"
)
CODE = {
    "code": "482 913",
    "link": "https://m.example/x/",
    "minutes": 20,
    "to": Recipient("o'hara@x.example"),
    "sender": SENDER,
}


@pytest.mark.parametrize("name", NAMES)
def test_a_mail_has_its_three_files_in_the_common_frame(name):
    html, text = (MAILS / f"{name}.html").read_text(), (MAILS / f"{name}.txt").read_text()
    assert html.lstrip().startswith('{% extends "mail/base.html" %}')
    assert text.lstrip().startswith('{% extends "mail/base.txt" %}')
    assert not re.search(r"<(?:img|script|style|link)\b", html)


def test_plain_text_is_not_escaped_and_html_is():
    subject, text, html = render("sign_in_code", CODE)
    assert subject == "482 913 is your sign-in code"
    assert "sign in with o'hara@x.example" in text.replace("\n", " ")
    assert "Anything else: Wren O'Hara, mentoring@kla.example.org." in text.replace("\n", " ")
    assert "&#x27;" not in text
    assert "o&#x27;hara@x.example" in html
    assert max(len(line) for line in text.splitlines()) <= 70


def test_a_mail_begins_with_the_mail():
    html = render("sign_in_code", CODE)[2]
    assert html.startswith("<!doctype html>")
    assert "{%" not in html
    assert "{#" not in html


def test_every_part_has_its_colour_inline_and_escapes_what_it_is_given():
    html = Template(
        "{% load parts %}{% p %}{{ x }}{% endp %}{% h2 %}{{ x }}{% endh2 %}{% button x %}{{ x }}{% endbutton %}"
        "{% answer x %}{{ x }}{% endanswer %}{% item x %}{{ x }}{% enditem %}{% fact x %}{{ x }}{% endfact %}"
        "{% quoted %}{{ x }}{% endquoted %}{% big %}{{ x }}{% endbig %}{% halves %}{% half x %}{{ x }}{% endhalf %}{% endhalves %}"
        "{% p %}{% link x %}{{ x }}{% endlink %}{% endp %}"
    ).render(Context({"x": '"><script>'}))
    assert "<script" not in html
    assert html.count("<tr>") == html.count("</tr>")
    assert html.count("<td") == html.count("</td>")
    for start in re.findall(r"<(?:a|h2|p|span)\b[^>]*>", html):
        assert re.search(r"(?<!-)color:#[0-9a-f]{6}", start), start
