"""Results small enough to read, and a reader of the page that is made from them."""

from html.parser import HTMLParser

from eval.results import Row


def answers(model: str, condition: str, count: int, total: int = 40, seed: int = 0) -> list[Row]:
    """`total` questions, of which a model answered the first `count`."""
    common = dict(run_id="t", model=model, stage=model, seed=seed, condition=condition, probe="census")
    return [
        Row(**common, metric="answers", item_id=f"q{i}", arm="question", value=float(i < count)) for i in range(total)
    ]


def loss(model: str, arm: str, nats: float, condition: str = "raw", texts: int = 20) -> list[Row]:
    return [
        Row(
            run_id="t",
            model=model,
            stage=model,
            seed=0,
            condition=condition,
            probe="loss_matrix",
            metric="nll",
            item_id=f"{arm}{i}",
            arm=arm,
            value=nats * (90 + i),
            n_tokens=90 + i,
            meta='{"bytes": 400}',
        )
        for i in range(texts)
    ]


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
