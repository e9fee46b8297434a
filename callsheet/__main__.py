"""`python -m callsheet`: the same as the console script."""

from callsheet.cli import main

main()
