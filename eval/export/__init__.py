"""An independent check: our closed-set accuracies and bits per byte as tasks of EleutherAI's lm-evaluation-harness.

    python -m eval.export --run tiny --to tasks                  # writes tasks/*.yaml and *.jsonl
    python -m eval.export --run tiny --to tasks --check base     # and runs both, item by item (pip install lm-eval)

items.py   what is asked: sentences about facts to complete, pairs of sentences, held-out text
tasks.py   the same as YAML and JSON Lines that lm-eval reads
ours.py    how this project scores them
theirs.py  how lm-eval scores them
"""
