"""Search over three hundred reviews: a rare word, against reading every one of them."""

import shutil
import tempfile
import time
from pathlib import Path

from app.demo import sample_folder
from app.store.search import search
from app.store.shelf import shelf

REVIEWS = 300
RARE = "zeppelin"


def run() -> None:
    """Print what a search takes, and its ratio to reading all reviews."""
    root = Path(tempfile.mkdtemp(prefix="blamefree-bench-"))
    try:
        text = (sample_folder() / "session.toml").read_text()
        for number in range(REVIEWS):
            (root / f"r{number:03}").mkdir()
            title = f'title = "API Service Degradation {RARE if number % 100 == 7 else number}"'
            own = text.replace('title = "API Service Degradation"', title, 1)
            (root / f"r{number:03}" / "session.toml").write_text(own)
        began = time.perf_counter()
        read = sum(1 for _ in shelf(root))
        whole = time.perf_counter() - began
        began = time.perf_counter()
        found = sum(1 for _ in search(root, RARE))
        rare = time.perf_counter() - began
    finally:
        shutil.rmtree(root)
    print(f"search over {read} reviews")
    print(f"  reading all of them    {whole * 1e3:8.0f} ms")
    print(f"  a word in {found} of them     {rare * 1e3:8.0f} ms   {rare / whole:.2f} of that")
