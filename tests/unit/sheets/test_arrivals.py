"""New rows as typed cells: no text becomes a formula, no portion becomes too large."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.sheets import arrivals
from callsheet.sheets.arrivals import portions, put_typed
from callsheet.sheets.cells import Cell, to_json
from callsheet.sheets.plan import Layout

CELLS = st.one_of(st.just(""), st.text(max_size=20), st.integers(-9, 10**12), st.booleans())


@given(
    st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=40),
    st.sampled_from([(0, 1, 2), (2, 0, 5)]),
)
def test_every_portion_fits_into_one_body(rows: list[list[Cell]], places: tuple[int, ...]) -> None:
    segments = Layout(places).segments()
    before, arrivals.MAX_BODY = arrivals.MAX_BODY, arrivals._FRAME + 1_000
    try:
        parts = list(portions(rows, len(segments)))
    finally:
        arrivals.MAX_BODY = before

    assert [row for part in parts for row in rows[part]] == rows
    frame = len(to_json(put_typed(1, 2, [], segments)))
    for part in parts:
        taken = len(to_json(put_typed(1, 2, rows[part], segments))) - frame
        assert taken <= 1_000 or part.stop - part.start == 1


@pytest.mark.parametrize("text", ["=1+1", "+33 1", "-1", "@x", "'x", "TRUE", "0042"])
def test_a_text_is_sent_as_a_text(text: str) -> None:
    found = arrivals.typed(text)

    assert found == {"userEnteredValue": {"stringValue": text}}
