"""The letter as a page of paper. Values in, bytes out: it says the same whenever it is printed."""

from dataclasses import dataclass
from datetime import date

from django.utils import formats
from django.utils.translation import gettext as _
from fpdf import FPDF
from ttf_opensans import OPENSANS_REGULAR, OPENSANS_SEMIBOLD

MARGIN, LINE = 28, 6.2  # millimetres
FONT = "Open Sans"


@dataclass(frozen=True)
class Letter:
    """What stands in it. Days count both; `check` is the address at which anybody can look the code up."""

    name: str
    program: str
    association: str
    postal: str
    mentor_word: str
    begins_on: date
    ends_on: date
    signed_on: date
    signature: str
    code: str
    check: str


def draw(letter: Letter) -> bytes:
    """One page of US letter paper, with every script that Open Sans knows."""
    pdf = FPDF(format="letter")
    pdf.set_margins(MARGIN, MARGIN)
    pdf.set_auto_page_break(False)
    pdf.set_title(_("Letter of thanks for %s") % letter.name)
    pdf.set_lang("en")
    pdf.add_font(FONT, "", str(OPENSANS_REGULAR.path))
    pdf.add_font(FONT, "B", str(OPENSANS_SEMIBOLD.path))
    pdf.add_page()
    _write(pdf, letter.association, 15, bold=True)
    _write(pdf, letter.postal, 9)
    pdf.ln(16)
    _write(pdf, _day(letter.signed_on), 11)
    pdf.ln(10)
    for paragraph in _paragraphs(letter):
        _write(pdf, paragraph, 11)
        pdf.ln(4)
    pdf.ln(12)
    _write(pdf, letter.signature, 11, bold=True)
    pdf.set_y(-MARGIN - 16)
    words = _("Code %(code)s. Anybody can check this letter at %(address)s")
    _write(pdf, words % {"code": letter.code, "address": letter.check}, 8.5)
    return bytes(pdf.output())


def _paragraphs(letter: Letter) -> list[str]:
    """Three sentences that a personnel file can use."""
    facts = {
        "name": letter.name,
        "word": letter.mentor_word,
        "program": letter.program,
        "association": letter.association,
        "begins": _day(letter.begins_on),
        "ends": _day(letter.ends_on),
    }
    return [
        _("To whom it may concern"),
        _("%(name)s served as a %(word)s in %(program)s, a program of %(association)s, from %(begins)s to %(ends)s.")
        % facts,
        _(
            "Our mentors give their time freely. They meet with somebody newer to the profession through the year, "
            "share what they know, and help a colleague find the next step."
        ),
        _("We thank %(name)s for this service to the profession.") % facts,
    ]


def _write(pdf: FPDF, text: str, size: float, *, bold: bool = False) -> None:
    pdf.set_font(FONT, "B" if bold else "", size)
    pdf.multi_cell(0, LINE * size / 11, text, new_x="LMARGIN", new_y="NEXT")


def _day(day: date) -> str:
    return formats.date_format(day, "j F Y")
