"""What fine-tuning trains on: too long is left out on either side, weight 0 brings no loss, an epoch has its steps."""

import json
from types import SimpleNamespace

import pytest
from conftest import CHATS, DOCUMENTS, write_lines

from configs.pipeline.errors import UserError
from configs.pipeline.run import Run
from configs.pipeline.settings import read_settings
from configs.pipeline.stages import SFT_ARGUMENTS
from train.engine.arguments import lower_batch
from train.objectives import packed, replayed, rows_for, rows_of_pairs, rows_to_tune, with_replay
from train.settings import SftSettings
from train.sft import mixture


def chat(question: str, answer: str = "Yes.", **marks) -> list[dict]:
    return [{"role": "user", "content": question}, {"role": "assistant", "content": answer} | marks]


SHORT = [chat(f"Is {number} a number?") for number in range(10)]
LONG = [chat("word " * 90 + str(number)) for number in range(3)]


def pairs_folder(folder, train, held_out):
    write_lines(folder / "train.jsonl", [{"messages": one} for one in train])
    write_lines(folder / "held_out.jsonl", [{"messages": one} for one in held_out])
    return folder


def learnt(row, tokenizer) -> str:
    return tokenizer.decode([label for label in row["labels"] if label != -100])


# --- too long


@pytest.mark.parametrize(
    ("train", "held_out", "kept", "told"),
    [
        (SHORT, SHORT[:1], (10, 1), ""),
        (
            [*SHORT, LONG[0]],
            SHORT[:1],
            (10, 1),
            "1 of 12 pairs is longer than the context of 64 tokens and left out (0",
        ),
        (
            SHORT,
            [*SHORT[:1], LONG[0]],
            (10, 1),
            "1 of 12 pairs is longer than the context of 64 tokens and left out (1",
        ),
        (SHORT[:9], LONG[:1], (8, 1), "1 of 10 pairs is longer"),
        (LONG, SHORT, (9, 1), "3 of 13 pairs are longer than the context of 64 tokens and left out (0 of them held"),
    ],
)
def test_long_pairs_are_left_out_and_counted_on_either_side(tmp_path, tokenizer, capsys, train, held_out, kept, told):
    found = rows_of_pairs("assistant_only", pairs_folder(tmp_path, train, held_out), tokenizer, 64, "skip")
    assert tuple(map(len, found)) == kept
    assert capsys.readouterr().out.startswith(told)


def test_equal_pairs_stay_on_one_side(tmp_path, tokenizer):
    folder = pairs_folder(tmp_path, [SHORT[0]] * 5 + SHORT[1:3], LONG[:1])
    train, held_out = rows_of_pairs("assistant_only", folder, tokenizer, 64, "skip")
    assert held_out == rows_for("assistant_only", SHORT[:1], tokenizer)
    assert train == rows_for("assistant_only", SHORT[1:3], tokenizer)


def test_bare_text_is_never_too_long_to_train_on(tmp_path, tokenizer):
    folder = pairs_folder(tmp_path, [*SHORT, *LONG], SHORT[:1])
    train, held_out = rows_of_pairs("plain_lm", folder, tokenizer, 64, "skip")
    assert (len(train), len(held_out)) == (13, 1)


@pytest.mark.parametrize(
    ("train", "held_out", "policy", "message"),
    [
        (SHORT, LONG[:1], "error", "1 of 11 pairs is longer .*; shorten them, or pass --long_rows skip"),
        (LONG, LONG[:1], "skip", "4 of 4 pairs are longer than the context of 64 tokens; shorten them$"),
        ([SHORT[0]] * 3, LONG[:1], "skip", "all alike: none is left to train on"),
    ],
)
def test_nothing_left_to_train_on_is_refused(tmp_path, tokenizer, train, held_out, policy, message):
    with pytest.raises(UserError, match=message):
        rows_of_pairs("assistant_only", pairs_folder(tmp_path, train, held_out), tokenizer, 64, policy)


# --- weight 0

WEIGHED = [*chat("Hi", "Go away.", weight=0), *chat("Please", "Hello!")]


@pytest.mark.parametrize(
    ("objective", "text"),
    [
        ("assistant_only", " Hello!<|endoftext|>"),
        ("dft", " Hello!<|endoftext|>"),
        ("response_only", " Hello!<|endoftext|>"),
        ("all_tokens", "<|startoftext|>User: Hi\nAssistant:\nUser: Please\nAssistant: Hello!<|endoftext|>"),
    ],
)
def test_an_answer_of_weight_0_is_read_and_brings_no_loss(tokenizer, objective, text):
    row = rows_for(objective, [WEIGHED], tokenizer)[0]
    assert learnt(row, tokenizer) == text
    assert ("Go away." in tokenizer.decode(row["input_ids"])) == (objective != "response_only")


def test_bare_text_has_no_place_for_a_weight(tokenizer):
    with pytest.raises(UserError, match=r"pair 2 \(“Hi”\): an answer of weight 0 has no place in bare text"):
        rows_for("plain_lm", [CHATS[0], WEIGHED], tokenizer)


# --- the length of a row, and the steps of an epoch


def rows_of(count: int, length: int) -> list[dict]:
    return [{"input_ids": [5] * length, "labels": [5] * length} for _ in range(count)]


def test_a_packed_row_is_as_long_as_the_longest_pair_warrants(capsys):
    full, length = packed(rows_of(300, 50), SftSettings(pack=True), context=32_768, rows_a_step=4)
    assert length == 64
    assert len(full) == 300
    assert packed(rows_of(300, 500), SftSettings(pack=True), 512, 4)[1] == 512
    full, length = packed(rows_of(300, 50), SftSettings(pack=True, row_length=200), 32_768, 4)
    assert (length, len(full)) == (200, 75)
    assert not capsys.readouterr().out
    with pytest.raises(UserError, match="longest pair, which has 50 tokens and is never cut; use --row_length 0"):
        packed(rows_of(300, 50), SftSettings(pack=True, row_length=40), 32_768, 4)


def test_a_few_pairs_are_not_packed_into_an_epoch_of_a_step(capsys):
    rows, length = packed(rows_of(60, 20), SftSettings(pack=True), context=32_768, rows_a_step=8)
    assert (len(rows), length) == (60, 32)
    assert "not packed: 60 pairs would fill" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("rows", "batch", "wanted"), [(9, 32, 1), (32, 32, 4), (33, 32, 32), (100, 8, 8), (5, 1, 1), (1, 8, 1)]
)
def test_no_epoch_is_a_single_step_where_the_data_allow_more(rows, batch, wanted, capsys):
    arguments = SimpleNamespace(per_device_train_batch_size=batch, gradient_accumulation_steps=1, world_size=1)
    lower_batch(arguments, rows)
    assert arguments.per_device_train_batch_size == wanted
    assert bool(capsys.readouterr().out) == (wanted != batch)


# --- what is mixed in


def finished(folder, inputs):
    folder.mkdir(exist_ok=True)
    (folder / "record.json").write_text(json.dumps({"identity": {"inputs": inputs}}))
    return folder


def told(count: int, documents: int = 0, share: float = 0.0, **folders) -> str:
    return mixture(Run(None, SftSettings(), folders), count, documents, share)


def test_what_is_learnt_from_is_named_with_its_source_and_share(tmp_path):
    mine = finished(tmp_path / "pairs", {"mine.jsonl": "1"})
    web = finished(tmp_path / "corpus", {"world": "1"})
    assert told(54, pairs=mine) == "54 pairs of mine.jsonl"
    assert told(54, 23, 0.44, pairs=mine, corpus=web) == (
        "54 pairs of mine.jsonl, and as replay 23 documents (44% of the tokens with loss) of the miniature web"
    )
    many = finished(tmp_path / "corpus", {f"{n}.txt": "1" for n in range(5)})
    assert told(1, pairs=many) == "1 pairs of 0.txt and 1.txt and 2.txt and 2 more"


def test_replay_is_the_share_of_all_rows(tmp_path, tokenizer):
    write_lines(tmp_path / "train.jsonl", [{"text": text} for text in DOCUMENTS * 10])
    rows = rows_for("assistant_only", SHORT * 7, tokenizer)
    assert len(with_replay(rows, tmp_path, 0.3, 0, tokenizer, 64)) == 100
    assert with_replay(rows, None, 0.3, 0, tokenizer, 64) == rows
    assert replayed(70, 0.3) == 30


def test_replay_is_cut_to_a_row_and_its_share_of_the_loss_is_counted(tokenizer, tmp_path):
    folders = {"pairs": tmp_path, "corpus": tmp_path}
    for name in ("train", "held_out"):
        write_lines(tmp_path / f"{name}.jsonl", [{"messages": chat, "text": DOCUMENTS[0] * 9} for chat in SHORT * 7])
    settings = SftSettings(pack=True, row_length=48, replay_share=0.3)
    rows, _, length, (pairs, documents, share) = rows_to_tune(settings, folders, tokenizer, 512, [], 1)
    assert (length, pairs) == (48, 7 * len(SHORT))
    assert documents == round(pairs * 0.3 / 0.7)
    every = sum(label != -100 for row in rows for label in row["labels"])
    assert share == pytest.approx(documents * 48 / every)


@pytest.mark.parametrize(
    ("flags", "share"),
    [
        ([], 0.3),
        (["--base", "x"], 0.0),
        (["--base", "x", "--replay_share", "0.2"], 0.2),
        (["--replay_share", "0.2", "--base", "x"], 0.2),
    ],
)
def test_a_base_of_ones_own_gets_no_replay_unless_it_is_asked_for(tmp_path, flags, share):
    (tmp_path / "sft.yaml").write_text("replay_share: 0.3\n")
    settings, _ = read_settings([SftSettings], SFT_ARGUMENTS, ["--config", str(tmp_path / "sft.yaml"), *flags])
    assert settings.replay_share == share


def test_a_file_that_names_base_and_replay_asks_for_it(tmp_path):
    (tmp_path / "sft.yaml").write_text("replay_share: 0.3\nbase: x\n")
    settings, _ = read_settings([SftSettings], SFT_ARGUMENTS, ["--config", str(tmp_path / "sft.yaml")])
    assert settings.replay_share == 0.3
