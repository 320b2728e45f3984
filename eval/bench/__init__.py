"""How fast is it on this processor? One measurement after the other on an idle machine, each in a process of its own.

    python -m eval.bench --run tiny                                (make bench)
    python -m eval.bench --only matmul,training --sizes tiny --seconds 3

| measurement | what                                                                             | file        |
| ----------- | -------------------------------------------------------------------------------- | ----------- |
| matmul      | plain matrix products: what the processor can do                                 | matmul.py   |
| training    | pretraining of each size, and its share of what the processor can do             | training.py |
| run         | a pretraining of fixed length: its seconds and its loss                          | commands.py |
| sft         | instruction tuning against plain TRL: seconds to the same held-out loss          | tuning.py   |
| generation  | greedy answers in batches                                                        | asking.py   |
| scoring     | log-likelihoods in batches                                                       | asking.py   |
| comparison  | the whole of `make compare`                                                      | commands.py |
| stages      | what each stage of the run took, from its record                                 | commands.py |

In: a finished run, for all but the first two. Out: eval/results/bench.json, which keeps the measurements that were not
made again, and a table (table.py); `make readme` copies it into the README.
"""
