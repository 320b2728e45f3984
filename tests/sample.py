"""Results small enough to read, and a reader of the page that is made from them."""

from html.parser import HTMLParser

from eval.results import Row


def measured(
    model: str, condition: str, question: str, metric: str, values: dict, seed: int = 0, **columns
) -> list[Row]:
    """A row for each item of `values`."""
    common = dict(
        run_id="t", model=model, stage=model, seed=seed, condition=condition, question=question, metric=metric
    )
    return [Row(**common, item_id=item, value=float(value), **columns) for item, value in values.items()]


def answers(model: str, condition: str, count: int, total: int = 40, seed: int = 0) -> list[Row]:
    """`total` questions, of which a model answered the first `count`."""
    values = {f"q{i}": i < count for i in range(total)}
    return measured(model, condition, "response_types", "answers", values, seed, category="question")


def loss(model: str, category: str, nats: float, condition: str = "raw", texts: int = 20) -> list[Row]:
    """Texts of ever more tokens, each token `nats` expensive."""
    return [
        row
        for i in range(texts)
        for row in measured(model, condition, "loss_matrix", "nll", {f"{category}{i}": nats * (90 + i)},
                             category=category,
                            n_tokens=90 + i, meta='{"bytes": 400}')
    ]  # fmt: skip


class Page(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, html: str):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attributes]

    def handle_data(self, data):
        self.text += data
