"""Copies the tables of `make bench` into eval/bench/README.md, between their marks.

python -m eval.bench.readme     (make readme)
"""

from configs import ROOT
from configs.pipeline.errors import exit_cleanly
from configs.pipeline.files import write_whole
from configs.pipeline.settings import read_settings
from configs.pipeline.stage import read_json
from eval.bench.table import page
from eval.readme import replaced
from eval.settings import BenchSettings

BEGIN, END = "<!-- bench: make readme -->", "<!-- end of bench -->"
PAGE = "eval/bench/README.md"


def main() -> None:
    settings, _ = read_settings([BenchSettings])
    if not settings.results.is_file():
        print(f"{PAGE}: speed left as it is (no {settings.results}; `make bench` writes it)")
        return
    text = replaced((ROOT / PAGE).read_text(encoding="utf-8"), BEGIN, END, page(read_json(settings.results)))
    write_whole(ROOT / PAGE, text)
    print(f"{PAGE}: speed")


if __name__ == "__main__":
    exit_cleanly(main)
