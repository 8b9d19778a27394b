"""The language check on eight published reports: what it finds, how often it is right, and what it costs.

``python -m tests.bench.language`` prints all of it; the first table stands in ``docs/language.md``.
"""

import csv
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from app.review.language import Finding, Rule, findings, rules
from app.review.language_document import check_document
from app.review.language_text import layout, read

REPORTS = Path(__file__).parents[1] / "data" / "incidents"
VERDICTS = REPORTS / "verdicts.tsv"
MARK = "raw text follows, unchanged ----\n"
SIZE = 100_000
ROUNDS = 5

Hit = tuple[str, str, str, str]
"""Report, line of its file, rule, words."""


def reports() -> Iterator[tuple[str, str, int]]:
    """The name, the text, and the lines that stand before the text of each report."""
    for path in sorted(REPORTS.glob("*.txt")):
        head, mark, text = path.read_text("utf-8").partition(MARK)
        yield path.stem, text, (head + mark).count("\n")


def words() -> int:
    """The words of the reports' own prose: what a rule can speak to."""
    return sum(
        len(re.findall(r"\w+", read(text, *span).text))
        for _, text, _ in reports()
        for span in layout(text, document=True).spans
    )


def hits() -> Iterator[tuple[Hit, Finding]]:
    """Everything that is found in the reports."""
    for name, text, before in reports():
        for found in check_document(text).findings:
            line = before + text.count("\n", 0, found.start) + 1
            yield (name, str(line), found.rule.id, " ".join(found.words.split())), found


def verdicts() -> dict[Hit, str]:
    """What a reader decided about each: ``right`` or ``false``."""
    with VERDICTS.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return {(row["report"], row["line"], row["rule"], row["words"]): row["verdict"] for row in rows}


def table() -> str:
    """Hits per rule, per 1,000 words, and how many a reader found right: as Markdown."""
    count = words()
    decided = verdicts()
    found = [hit for hit, _ in hits()]
    total = Counter(hit[2] for hit in found)
    right = Counter(hit[2] for hit in found if decided.get(hit) == "right")
    lines = ["| rule | level | hits | per 1,000 words | right | false |", "|---|---|--:|--:|--:|--:|"]
    for rule in rules():
        if total[rule.id]:
            lines.append(_row(f"{rule.id} | {rule.level}", total[rule.id], right[rule.id], count))
    silent = ", ".join(rule.id for rule in rules() if not total[rule.id])
    lines.append(_row("**all 21** | ", total.total(), right.total(), count))
    return "\n".join([*lines, "", f"{count:,} words in eight reports. Nothing was found by {silent}."])


def _row(name: str, total: int, right: int, count: int) -> str:
    return f"| {name} | {total} | {1000 * total / count:.2f} | {right} | {total - right} |"


def _best(work: Callable[[], object]) -> float:
    """Seconds of processor time, the best of some rounds."""
    times = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return min(times)


def _speed() -> None:
    text = "\n".join(text for _, text, _ in reports()) * 12
    size = len(text.encode()) / 1e6
    ours = size / _best(lambda: check_document(text))
    plain = size / _best(lambda: sum(1 for _ in re.finditer(r"\w+", text)))
    print(
        f"Markdown file of {size:.2f} MB: {ours:.1f} MB/s; reference, a plain scan for words: {plain:.1f} MB/s"
    )


def _worst() -> None:
    slowest = {}
    for rule in rules():
        pieces = [
            piece for hit in rule.hit for piece in (f"{hit} ", f"{hit[:-1]} ", f"{hit.rpartition(' ')[0]} ")
        ]
        pieces += [f"{need} " for need in rule.needs] + ["we ", "@a", "the on-call engineer "]
        texts = [(piece * SIZE)[:SIZE] for piece in pieces]
        texts += [(piece + tail * SIZE)[:SIZE] for piece in pieces for tail in ("l", "ly ")]
        slowest[rule.id] = max(_cost(rule, text) for text in texts)
    print(f"Worst of the hostile texts of {SIZE // 1000} kB, in ms of processor time, reading included:")
    print("  " + "   ".join(f"{name} {1000 * cost:.0f}" for name, cost in slowest.items()))


def _cost(rule: Rule, text: str) -> float:
    return min(_timed(rule, text) for _ in range(2))


def _timed(rule: Rule, text: str) -> float:
    begun = time.process_time()
    findings(text, layout(text).spans, [rule])
    return time.process_time() - begun


def run() -> None:
    """Print what is found in the reports, and what it costs."""
    print("Blameless language on eight published reports")
    print(table())
    _speed()
    _worst()


if __name__ == "__main__":
    run()
