"""The live page: the models of a run inside one HTML file that needs no server, no network and no installation.

packing.py        a model folder as weights, tokenizer and chat form that the page understands
asking.py         the examples on its buttons, each with the rate that the comparison measured
choosing.py       pairs of answers between which a person chooses (make label)
page.html.jinja   the page; model.js, tokenizer.js, forms.js compute, play.js and label.js are what one sees
"""
