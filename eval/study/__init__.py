"""A study: several trainings that differ in named ways (its arms), compared in one report.

    python -m eval.study --name controls --size tiny

In: configs/studies/<name>.yaml. Out: a run for each arm, study-<name>-<arm>, and eval/results/study-<name>/.

plan.py      the file, checked; which stages of which arm have to be run, in what order
running.py   those stages, one ordinary command after another; then one comparison of all arms
checks.py    what an arm was expected to show, and what it shows
"""
