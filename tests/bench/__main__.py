"""``make bench``: what the program costs, each beside a named reference measured in the same run."""

import os
import sys

from tests.bench import (
    across,
    cancel,
    engines,
    evidence,
    evidence_pane,
    grid,
    kube_logs,
    language,
    redaction,
    start,
    store,
    timeline,
    whys,
)

PARTS = {
    "start": start.run,
    "store": store.run,
    "grid": grid.run,
    "timeline": timeline.run,
    "language": language.run,
    "whys": whys.run,
    "evidence": evidence.run,
    "pane": evidence_pane.run,
    "kube": kube_logs.run,
    "cancel": cancel.run,
    "secrets": redaction.run,
    "search": across.run,
}
ON_DEMAND = {"large": evidence.run_large, "engines": engines.run}
"""What takes long, or needs what is not installed with the program."""


def main() -> None:
    """Run all parts, or those that are named."""
    wanted = sys.argv[1:] or list(PARTS)
    unknown = [name for name in wanted if name not in PARTS | ON_DEMAND]
    if unknown:
        sys.exit(f"There is no bench {unknown[0]}: name {', '.join(PARTS | ON_DEMAND)}.")
    # What is measured starts from byte code, as at a desk; the first round, which writes it, is not counted.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for name in wanted:
        (PARTS | ON_DEMAND)[name]()
        print()


if __name__ == "__main__":
    main()
