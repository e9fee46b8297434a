"""Say whether the plain httpx loop builds the same rows as Callsheet, on the job's first part."""

from __future__ import annotations

import json
import sys
from itertools import islice, zip_longest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from bench.readers import ours, with_httpx

ROWS = 1_000


def main() -> None:
    """Compare the first rows, value by value."""
    job = json.loads(sys.argv[1])
    pairs = zip_longest(
        islice(ours.read_rows(job), ROWS), islice(with_httpx.read_rows(job), ROWS), fillvalue=[]
    )
    different = sum(1 for mine, theirs in pairs if mine != theirs)
    print(json.dumps({"rows": ROWS, "different": different}))


if __name__ == "__main__":
    main()
