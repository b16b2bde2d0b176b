"""Every text reads and every meaningful part shows against every ground it may stand on."""

import pytest

from agentdesk.desk.theme import NAMES, load_tokens

GROUNDS = ("window", "surface", "raised", "sunken", "hover", "selected")
KINDS = ("success", "warning", "danger", "info", "secure", "neutral")
PART, TEXT, TEXT_HIGH = 3.0, 4.5, 7.0


def _channel(value: int) -> float:
    part = value / 255
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _luminance(color: str) -> float:
    red, green, blue = (_channel(int(color[i : i + 2], 16)) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the WCAG 2 contrast of two colours."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _text_pairs() -> list[tuple[str, str]]:
    pairs = [(text, ground) for text in ("text", "text_2", "text_3") for ground in GROUNDS]
    pairs += [("accent_text", ground) for ground in (*GROUNDS, "accent_tint")]
    for kind in KINDS:
        tint = f"{kind}_tint"
        pairs += [(kind, ground) for ground in ("surface", "window", "sunken", "hover", "selected", tint)]
        pairs += [("text", tint), ("text_2", tint), ("on_solid", f"{kind}_solid")]
    return pairs + [("on_solid", fill) for fill in ("accent", "accent_hover", "accent_press")]


def _part_pairs() -> list[tuple[str, str]]:
    pairs = [("focus", ground) for ground in GROUNDS]
    pairs += [("control_line", ground) for ground in ("surface", "window", "sunken", "raised")]
    pairs += [("text_disabled", ground) for ground in ("surface", "sunken", "window")]
    pairs += [("accent", ground) for ground in ("surface", "window", "selected", "accent_tint")]
    return pairs + [(f"{kind}_solid", "surface") for kind in KINDS]


def _too_faint(name: str, pairs: list[tuple[str, str]], least: float) -> dict[tuple[str, str], float]:
    colors = load_tokens()[name]
    measured = {pair: contrast(colors[pair[0]], colors[pair[1]]) for pair in pairs}
    return {pair: round(value, 2) for pair, value in measured.items() if value < least}


def test_the_measure_knows_black_white_and_equal() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)
    assert contrast("#123456", "#123456") == 1


@pytest.mark.parametrize("name", NAMES)
def test_every_text_pair_reads(name: str) -> None:
    assert _too_faint(name, _text_pairs(), TEXT_HIGH if name == "high_contrast" else TEXT) == {}


@pytest.mark.parametrize("name", NAMES)
def test_every_part_shows(name: str) -> None:
    assert _too_faint(name, _part_pairs(), PART) == {}


def test_all_themes_answer_the_same_roles() -> None:
    tokens = load_tokens()
    assert set(tokens["light"]) == set(tokens["dark"]) == set(tokens["high_contrast"])
