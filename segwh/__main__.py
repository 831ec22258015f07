"""`python -m segwh`: the same as the console script."""

from segwh.cli import main

main()
