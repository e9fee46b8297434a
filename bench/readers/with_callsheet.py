"""Read calls as Callsheet does: its client, its reader, its columns."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from bench.readers.ours import read_rows

_PER_MEGABYTE = 1024 if sys.platform != "darwin" else 1024 * 1024
_NOTE_AT = 100_000


def main() -> None:
    """Read the job's calls into rows that are dropped at once."""
    records, peaks = 0, {}
    for _row in read_rows(json.loads(sys.argv[1])):
        records += 1
        if records % _NOTE_AT == 0:
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            peaks[records] = round(peak / _PER_MEGABYTE)
    print(json.dumps({"records": records, "peaks": peaks}))


if __name__ == "__main__":
    main()
