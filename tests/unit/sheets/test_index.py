"""Which row each key stands in, while rows come and go."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from callsheet.sheets.index import KeyIndex


def index_of(keys: list[str]) -> KeyIndex:
    """The keys from row 2 on; an empty one is a row without a record."""
    index = KeyIndex([])
    for row, key in enumerate(keys, 2):
        if key:
            index.put(key, row)
    return index


FATES = st.sampled_from(["stays", "deleted", "emptied", "nobody's"])


@given(st.lists(FATES, max_size=9))
def test_after_a_removal_it_is_as_if_read_anew(fates: list[str]) -> None:
    keys = ["" if fate == "nobody's" else str(n) for n, fate in enumerate(fates)]
    of = {key: fate for key, fate in zip(keys, fates, strict=True) if key}
    index = index_of(keys)

    gone = [key for key, fate in of.items() if fate != "stays"]
    deleted = [index.rows[key] for key in gone if of[key] == "deleted"]
    index.drop(gone, sorted(deleted))

    left = [key if of.get(key) == "stays" else "" for key in keys if of.get(key) != "deleted"]
    assert index == index_of(left)


def test_of_equal_keys_the_upper_counts() -> None:
    index = index_of(["a", "b", "a"])
    assert (index.rows, index.doubles, index.last, index.last_key) == ({"a": 2, "b": 3}, 1, 4, "a")
