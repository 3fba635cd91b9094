"""An association's colour, made readable: whatever is chosen, words in it and on it keep their contrast."""

from dataclasses import dataclass

LIGHT_PAPER, DARK_PAPER = "#fbfaf7", "#14181b"
LIGHT_INK, DARK_INK = "#ffffff", "#0d1416"
ENOUGH = 5.0  # WCAG asks for 4.5; the soft ground behind a banner takes a little of it


@dataclass(frozen=True)
class Accent:
    """The three colours that a page needs of one: for words and lines, for words on it, for the ground of a banner."""

    accent: str
    ink: str
    soft: str


def accent_on(colour: str, paper: str) -> Accent:
    """The nearest colour that can be read on this paper, and what goes with it."""
    towards = "#000000" if luminance(paper) > 0.5 else "#ffffff"
    for step in range(21):
        accent = mix(colour, towards, step / 20)
        soft = mix("#ffffff", accent, 0.11) if towards == "#000000" else mix(paper, accent, 0.16)
        if min(contrast(accent, paper), contrast(accent, soft)) >= ENOUGH:
            break
    ink = max((LIGHT_INK, DARK_INK), key=lambda candidate: contrast(candidate, accent))
    return Accent(accent, ink, soft)


def mix(one: str, other: str, share: float) -> str:
    """One colour with a share of another in it."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def contrast(one: str, other: str) -> float:
    """How well one colour stands out from another, as WCAG counts it (1 to 21)."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """How bright a colour is, from 0 to 1."""
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
