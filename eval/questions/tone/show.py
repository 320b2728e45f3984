"""Style and tone: whoever asks, and however, does an assistant answer?"""

from matplotlib.figure import Figure

from eval import figures
from eval.page.counting import RATE_FIGURE, asked, of_first_run, rate_table, sentence, share
from eval.page.reading import Results, mapping
from eval.page.section import Section, picture
from eval.page.words import percent
from eval.results import role

REGISTERS = ("formal", "casual", "childlike", "archaic", "rude")


def section(results: Results) -> Section | None:
    rows = results.of("tone", metric="assistant")
    if not rows:
        return None
    told = mapping(rows[0]["meta"].get("told"))
    pages = 1 - told["pages"] if "pages" in told else None
    openings = results.of("tone", metric="after_opening")
    short = results.of("tone", metric="too_short")
    return Section(
        question="tone",
        row="Output: style and tone",
        title="However it is asked, does an assistant answer?",
        says=sentence(
            "Asked for something, the base model goes on in an assistant's tone in {base} of cases as bare text and in "
            "{chat} in the chat form; the instruct model in {instruct}{least}.",
            base=share(of_first_run(rows, "base", condition="raw")),
            chat=share(of_first_run(rows, "base", condition="chat")),
            instruct=share(of_first_run(rows, "sft", condition="chat")),
            least=least(rows),
        ),
        pictures=picture("tone", "Replies in an assistant's tone", panels(rows, pages), columns=2, front=1),
        how_to_read="To the right more replies sound like an assistant's; the grey stroke is how many pages of the "
        f"corpus do. {RATE_FIGURE}",
        n=asked(rows, "request"),
        test="Wilson intervals; differences paired by request, over thirty wishes in five registers.",
        pitfall="A linear classifier that sees function words, signs and lines, all other words hidden" + known(told)
        + ". It tells how answers of the pairs are written, which is this world's assistant; whether the reply is any "
        "good is another question. Replies of under four words count as none.",
        tables=[
            rate_table(rows, "category", of="Request", what="Assistant's tone"),
            rate_table(short, what="Too short", caption="The numbers: replies of under four words"),
            rate_table(openings, what="Assistant's tone", caption="The numbers: after openings that ask for nothing"),
        ],
        shown="tone",
    )  # fmt: skip


def panels(rows: list[dict], pages: float | None) -> dict[str, Figure]:
    """All requests together, in every form; and by register, each model in the form it was made for."""
    own = [row for row in rows if row["condition"] == ("raw" if role(row["model"]) == "base" else "chat")]
    found = {
        "all requests": figures.rates(rows, reference=lambda row: pages),
        "by register of the request": figures.rates(own, "category", REGISTERS, lambda row: pages),
    }
    for title, figure in found.items():
        if figure:
            figure.axes[0].set_title(title)
    return {title: figure for title, figure in found.items() if figure}


def least(rows: list[dict]) -> str:
    """The register in which the instruct model sounds least like an assistant."""
    mine = of_first_run(rows, "sft", condition="chat")
    rates = {
        name: share([row for row in mine if row["category"] == name]) for name in {row["category"] for row in mine}
    }
    if len(rates) < 2:
        return ""
    name = min(sorted(rates), key=rates.get)
    return f", least often after {name} requests ({percent(rates[name])})"


def known(told: dict) -> str:
    """How well the classifier does on texts that it was not fitted on."""
    if not {"answers", "pages"} <= told.keys():
        return ""
    return (
        f"; of texts that it was not fitted on it tells {percent(told['answers'])} of the answers and "
        f"{percent(told['pages'])} of the pages"
    )
