"""Shows values as a reader sees them, by number format patterns."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from sandbox.sheets.errors import Json
from sandbox.sheets.grid import Cell, Formula
from sandbox.sheets.parse import EPOCH

DEFAULT_PATTERNS = {
    "NUMBER": "#,##0.00",
    "PERCENT": "0.00%",
    "CURRENCY": '"$"#,##0.00',
    "DATE": "M/d/yyyy",
    "TIME": "h:mm:ss am/pm",
    "DATE_TIME": "M/d/yyyy h:mm:ss",
    "SCIENTIFIC": "0.00E+00",
}
MOMENTS = {"DATE", "TIME", "DATE_TIME"}
_TOKEN = re.compile(
    r"\[[hH]+\]|\[[mM]+\]|\[[sS]+\]|[yY]+|[mM]+|[dD]+|[hH]+|[sS]+|\.0+|[aA]/[pP]|[aA][mM]/[pP][mM]"
    r'|"[^"]*"|\\.|.'
)
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def plain_number(value: float) -> str:
    """Return a number without a format, as the automatic format shows it."""
    if isinstance(value, int) and abs(value) < 10**15:
        return str(value)
    if value == 0:
        return "0"
    magnitude = abs(value)
    if magnitude >= 1e15 or magnitude < 1e-9:
        return re.sub(r"\.?0*E", "E", f"{value:.5E}")
    whole = len(str(int(magnitude))) if magnitude >= 1 else 0
    text = f"{value:.{max(10 - whole, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@lru_cache(maxsize=256)
def _is_moment(pattern: str) -> bool:
    bare = re.sub(r'"[^"]*"|\\.', "", pattern)
    return bool(re.search(r"[yYmMdDhHsS]", bare)) and not re.search(
        r"[#0?](?!\d*\])", _no_millis(bare)
    )


def _no_millis(text: str) -> str:
    return re.sub(r"([sS])\.0+", r"\1", text)


def formatted(value: Cell, number_format: Json | None) -> str:
    """Return the text shown for a value."""
    if isinstance(value, Formula):
        return value.text if value.value is None else formatted(value.value, number_format)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return value
    if number_format is None or number_format.get("type") == "TEXT":
        return plain_number(value)
    kind = number_format.get("type", "")
    pattern = number_format.get("pattern") or DEFAULT_PATTERNS.get(kind, "")
    if not pattern or pattern in {"General", "@"}:
        return plain_number(value)
    return _moment(value, pattern) if _is_moment(pattern) else _number(value, pattern)


@lru_cache(maxsize=256)
def _tokens(pattern: str) -> tuple[str, ...]:
    """Return the pattern's parts, minutes told from months by their neighbours."""
    found: list[str] = _TOKEN.findall(pattern.split(";", maxsplit=1)[0])
    letters = [at for at, token in enumerate(found) if token.strip("[]")[:1].lower() in "ymdhs"]
    for place, at in enumerate(letters):
        if found[at][0] not in "mM" or len(found[at]) > 2:
            continue
        before = found[letters[place - 1]] if place else ""
        after = found[letters[place + 1]] if place + 1 < len(letters) else ""
        if before.strip("[]")[:1].lower() == "h" or after[:1].lower() == "s":
            found[at] = "n" * len(found[at])
    return tuple(found)


def _moment(value: float, pattern: str) -> str:
    tokens = _tokens(pattern)
    fraction = next((len(t) - 1 for t in tokens if re.fullmatch(r"\.0+", t)), 0)
    # Whole numbers of the smallest unit shown: a serial has too few digits to be cut elsewhere.
    seconds, rest = divmod(math.floor(value * 86400 * 10**fraction + 0.5), 10**fraction)
    twelve = any(token.lower() in {"am/pm", "a/p"} for token in tokens)
    return "".join(_moment_part(token, seconds, rest, twelve=twelve) for token in tokens)


def _moment_part(token: str, seconds: int, rest: int, *, twelve: bool) -> str:
    if token[0] in '"\\':
        return token.strip('"') if token[0] == '"' else token[1]
    if token[0] == "[" and len(token) > 2:
        divisor = {"h": 3600, "m": 60, "s": 1}[token[1].lower()]
        return str(seconds // divisor).zfill(len(token) - 2)
    if token[0] == "." and len(token) > 1:
        return "." + str(rest).zfill(len(token) - 1)
    letter = token[0].lower()
    if letter in "ymd":
        return _date_part(letter, len(token), seconds // 86400)
    of_day = seconds % 86400
    hour = of_day // 3600
    if token.lower() in {"am/pm", "a/p"}:
        text = "PM" if hour >= 12 else "AM"
        return text if token.lower() == "am/pm" else text[0]
    if letter == "h":
        return str((hour % 12 or 12) if twelve else hour).zfill(min(len(token), 2))
    if letter == "n":
        return str(of_day // 60 % 60).zfill(len(token))
    return str(of_day % 60).zfill(min(len(token), 2)) if letter == "s" else token


def _date_part(letter: str, width: int, days: int) -> str:
    try:
        day = EPOCH + timedelta(days=days)
    except OverflowError:
        return ""
    if letter == "y":
        return f"{day.year:04d}" if width > 2 else f"{day.year % 100:02d}"
    if letter == "m":
        name = _MONTHS[day.month - 1]
        return name if width == 4 else name[:3] if width == 3 else str(day.month).zfill(width)
    name = _DAYS[day.weekday()]
    return name if width >= 4 else name[:3] if width == 3 else str(day.day).zfill(width)


def _number(value: float, pattern: str) -> str:
    sections = pattern.split(";")
    if value < 0 and len(sections) > 1:
        return _section(-value, sections[1])
    if value == 0 and len(sections) > 2:
        return _section(value, sections[2])
    text = _section(abs(value), sections[0])
    return "-" + text if value < 0 and re.search(r"[1-9]", text) else text


def _section(value: float, pattern: str) -> str:
    pieces = re.findall(r'"[^"]*"|\\.|\[[^\]]*\]|[#0?,.]+(?:[eE][+-]?0+)?|.', pattern)
    places = [
        at for at, piece in enumerate(pieces) if piece[0] in "#0?" or piece[:2] in {".0", ".#"}
    ]
    if not places:
        return "".join(_literal(piece) for piece in pieces)
    scaled = value * 100 if "%" in pieces else value
    return "".join(
        _digits(scaled, piece) if at == places[0] else _literal(piece)
        for at, piece in enumerate(pieces)
    )


def _literal(piece: str) -> str:
    if piece[0] == "[":
        return piece[2:-1].split("-")[0] if piece.startswith("[$") else ""
    return piece.strip('"') if piece[0] == '"' else piece[1:] if piece[0] == "\\" else piece


def _digits(value: float, mask: str) -> str:
    if exponent := re.search(r"[eE]([+-]?)(0+)$", mask):
        decimals = mask[: exponent.start()].partition(".")[2]
        mantissa, _, power = f"{value:.{len(decimals)}E}".partition("E")
        sign = "-" if int(power) < 0 else exponent.group(1).replace("-", "")
        return f"{mantissa}E{sign}{str(abs(int(power))).zfill(len(exponent.group(2)))}"
    whole_mask, _, decimal_mask = mask.partition(".")
    rounded = Decimal(repr(value)).quantize(Decimal(1).scaleb(-len(decimal_mask)), ROUND_HALF_UP)
    whole, _, decimals = f"{rounded:f}".partition(".")
    least = len(decimal_mask.rstrip("#"))
    while len(decimals) > least and decimals.endswith("0"):
        decimals = decimals[:-1]
    whole = whole.lstrip("0").zfill(whole_mask.count("0"))
    if "," in whole_mask:
        whole = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ",", whole)
    return whole + ("." + decimals if decimals else "")
