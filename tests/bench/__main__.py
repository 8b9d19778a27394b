"""``make bench``: what the program costs, each beside a named reference measured in the same run."""

import sys

from tests.bench import grid, language, start, store

PARTS = {"start": start.run, "store": store.run, "grid": grid.run, "language": language.run}


def main() -> None:
    """Run all parts, or those that are named."""
    wanted = sys.argv[1:] or list(PARTS)
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        sys.exit(f"There is no bench {unknown[0]}: name {', '.join(PARTS)}.")
    for name in wanted:
        PARTS[name]()
        print()


if __name__ == "__main__":
    main()
