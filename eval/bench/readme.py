"""Copies the tables of `make bench` into the README, between their marks.

python -m eval.bench.readme     (make readme)
"""

from configs import ROOT
from configs.errors import UserError, exit_cleanly
from configs.schema import BenchSettings
from configs.settings import read_settings
from configs.stage import read_json
from eval.bench.table import page

BEGIN, END = "<!-- bench: make readme -->", "<!-- end of bench -->"


def main() -> None:
    settings, _ = read_settings([BenchSettings])
    if not settings.results.is_file():
        print(f"README.md: speed left as it is (no {settings.results}; `make bench` writes it)")
        return
    readme = ROOT / "README.md"
    readme.write_text(replaced(readme.read_text(encoding="utf-8"), page(read_json(settings.results))), encoding="utf-8")
    print("README.md: speed")


def replaced(readme: str, block: str) -> str:
    """The README with the text between the marks replaced. Raises UserError if a mark is missing."""
    if readme.count(BEGIN) != 1 or readme.count(END) != 1:
        raise UserError(f"README.md: the marks {BEGIN} and {END} must stand there once each")
    before, rest = readme.split(BEGIN)
    return f"{before}{BEGIN}\n{block}\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    exit_cleanly(main)
