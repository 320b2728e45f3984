"""Any two models: what is said before the comparison, the whole of it, and errors that people can read."""

import json
import shutil
from pathlib import Path

import huggingface_hub
import pytest
import strangers
import torch
from conftest import run_module
from safetensors.torch import load_file, save_file
from strangers import CHATML, byte_level, lent, opened, saved
from transformers import BertConfig, BertForMaskedLM, GPT2Config, GPT2LMHeadModel

from configs.pipeline.errors import UserError
from configs.pipeline.stage import content_hash
from data.synthetic.facts import load_world
from eval.compare import compare_models, tell_equal
from eval.entries import Entry, find_model, find_pair, shown
from eval.general.findings import Finding, contamination, findings
from eval.general.model import NO_SYSTEM, PLAIN
from eval.general.pair import judge_pair, open_pair
from eval.questions import parts
from eval.questions.token_shift.ask import ask_external_beside as shift
from eval.results import Row, read_rows
from eval.runner import functions
from eval.settings import CompareSettings

gpt2, llama, bloom, doors = strangers.gpt2, strangers.llama, strangers.bloom, strangers.doors

# --- preflight


def found_of(base: Path, tuned: Path) -> dict[str, Finding]:
    """Name -> finding, in their order."""
    return {one.name: one for one in findings(*lent(base, tuned))}


def test_unrelated_models_get_warnings(gpt2, llama):
    found = found_of(gpt2, llama)
    assert found["Vocabulary"].level == "warning"
    assert found["Lineage"].level == "warning"
    assert "somebody/llama, not this base" in found["Lineage"].found
    assert found["Chat template of base"].level == "note"
    assert "kind and helpful" in found["Default system prompt"].found
    assert found["Start of text"].level == "good"


def test_a_parent_and_its_child_are_recognised(llama, tmp_path):
    found = found_of(shutil.copytree(llama, tmp_path / "llama"), llama)
    assert found["Vocabulary"].level == found["Lineage"].level == "good"
    assert "alike to 1.00" in found["Lineage"].found


def test_start_of_text_written_twice_is_seen(llama, tmp_path):
    folder = shutil.copytree(llama, tmp_path / "twice")
    (folder / "chat_template.jinja").write_text("<s><s>" + CHATML)
    assert found_of(llama, folder)["Start of text"].level == "warning"


def test_untrained_template_tokens_are_seen(llama, tmp_path):
    folder = shutil.copytree(llama, tmp_path / "plain")
    (folder / "chat_template.jinja").unlink()
    models = lent(folder, llama)
    with torch.no_grad():
        models[0].model.get_input_embeddings().weight[3] = 50.0
    found = {one.name: one.found for one in findings(*models)}
    assert "<|im_start|> look untrained" in found["Tokens of the borrowed template"]


def test_one_model_twice_is_the_first_thing_said(llama, tmp_path):
    """Whatever the cards say and wherever it lies: the weights are compared. One changed bit is another model."""
    other = shutil.copytree(llama, tmp_path / "tuned")
    (other / "README.md").write_text("---\nbase_model: somebody/else\n---\n")
    first, *_ = found_of(llama, other).values()
    assert (first.name, first.level) == ("The pair", "warning")
    assert "one model twice" in first.found
    weights = load_file(other / "model.safetensors")
    weights["model.norm.weight"][0] += 1e-3
    save_file(weights, other / "model.safetensors", {"format": "pt"})
    assert "The pair" not in found_of(llama, other)


def test_a_swapped_pair_is_the_first_thing_said(gpt2, llama, tmp_path):
    swapped, *_ = found_of(llama, gpt2).values()
    assert "the base alone has a chat template of its own" in swapped.found
    child = shutil.copytree(gpt2, tmp_path / "child")
    (child / "README.md").write_text("---\nbase_model: somebody/llama-chat\n---\n")
    by_card, *_ = found_of(child, llama).values()
    (child / "README.md").unlink()
    (child / "record.json").write_text(json.dumps({"identity": {"inputs": {"base": content_hash(llama)}}}))
    by_record, *_ = found_of(child, llama).values()
    for one in (by_card, by_record):
        assert "record or card names the tuned model as its parent" in one.found
    assert {swapped.level, by_card.level, by_record.level} == {"warning"}
    assert "The pair" not in found_of(gpt2, llama)


def test_a_template_that_takes_no_system_turn_is_noted_and_asked_without(gpt2, llama, tmp_path):
    folder = shutil.copytree(llama, tmp_path / "refusing")
    refusing = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}"
    (folder / "chat_template.jinja").write_text(refusing + CHATML)
    found = found_of(gpt2, folder)["Default system prompt"]
    assert (found.level, "takes no system turn: asked without one" in found.found) == ("note", True)
    _, tuned = lent(gpt2, folder)
    assert tuned.extra_forms == ()
    assert tuned.complete(["hello"], "chat", 4)


def test_a_template_that_cannot_be_written_is_told_of_its_owner(gpt2, llama, tmp_path):
    folder = shutil.copytree(llama, tmp_path / "broken")
    (folder / "chat_template.jinja").write_text("{{ raise_exception('give tools') }}")
    with pytest.raises(UserError, match=f"^{folder}: its chat template cannot write .*give tools"):
        lent(gpt2, folder)


def test_equal_models_of_two_runs_are_told(capsys):
    entries = [
        Entry(f"{run}/sft", run, "sft", seed, Path(), content)
        for run, seed, content in [("a", 0, "x"), ("b", 0, "x"), ("c", 0, "y"), ("a", 1, "z")]
    ]
    tell_equal(entries)
    assert capsys.readouterr().out == (
        "warning: a/sft and b/sft are the same model, file by file: they will differ in nothing\n"
    )


def answer_rows(values: list[float]) -> list[Row]:
    common = dict(
        run_id="t", model="base", stage="base", seed=0, condition="raw", question="response_types", metric="answers"
    )
    return [Row(**common, item_id=f"q{i}", category="question", value=value) for i, value in enumerate(values)]


def test_a_base_that_answers_is_called_contaminated():
    assert contamination(answer_rows([1, 1, 1, 0]))[0].level == "warning"
    assert contamination(answer_rows([1, 0, 0, 0]))[0].level == "good"
    assert contamination([]) == []


# --- the whole of it


def settings_for(workspace: Path, base: Path | str, instruct: Path | str, **more) -> CompareSettings:
    return CompareSettings(
        run="pair", workspace=str(workspace), base=str(base), instruct=str(instruct), items=2, **more
    )


def pair_of(workspace: Path, base: Path, instruct: Path) -> tuple:
    settings = settings_for(workspace, base, instruct)
    return *open_pair(settings, find_pair(settings)), settings


def questions_asked(lm, settings: CompareSettings) -> set[str]:
    (asked,) = functions(parts("ask").values(), "ask_external")
    return {row.question for question in asked for row in question(lm, load_world(), settings).rows}


def test_two_external_models_are_compared_and_reported(gpt2, llama, tmp_path, capsys):
    own = tmp_path / "own.txt"
    own.write_text("\n\n".join(["A page of my own. " * 30, "Another <b>page</b> of my own. " * 30]))
    compare_models(settings_for(tmp_path, gpt2, llama, corpus=str(own)))
    said = capsys.readouterr().out
    assert "before the comparison" in said
    assert "! Vocabulary" in said
    folder = tmp_path / "eval" / "results" / "pair"
    rows = read_rows(folder / "results.csv")
    assert {row["model"] for row in rows} == {"base", "sft"}
    assert not {"token_shift", "divergence"} & {row["question"] for row in rows}
    assert {row["category"] for row in rows if row["question"] == "bits_per_byte"} == {"own text", "instruct answer"}
    conditions = {(row["model"], row["condition"]) for row in rows if row["question"] == "response_types"}
    assert {("base", PLAIN), ("base", "urial"), ("sft", NO_SYSTEM), ("sft", "chat")} <= conditions
    of_base, of_tuned = (
        {(row["question"], row["metric"], row["condition"], row["category"], row["item_id"]) for row in rows
         if row["model"] == model and row["condition"] in ("raw", "chat")}
        for model in ("base", "sft")
    )  # fmt: skip
    shared = of_base & of_tuned
    for question in {row["question"] for row in rows}:  # what one was asked in fewer items is among what the other was
        assert min(len([key for key in some if key[0] == question]) for some in (of_base, of_tuned)) == len(
            [key for key in shared if key[0] == question]
        ), question
    verdicts = json.loads((folder / "verdicts.json").read_text())
    assert all("world" not in verdict["truth"] for verdict in verdicts)
    assert {"loss_matrix", "response_types", "refusal", "role_leakage", "wrong_answers"} <= {
        verdict["question"] for verdict in verdicts
    }
    report = (folder / "report.html").read_text()
    assert "Before the comparison" in report
    assert "gpt2 as the base" in report
    assert "read text in different tokens" in report
    assert str(tmp_path) not in report
    assert "Before the comparison" in (folder / "report.md").read_text()
    compare_models(settings_for(tmp_path, gpt2, llama, corpus=str(own)))
    assert "up to date" in capsys.readouterr().out


def test_with_the_same_tokens_they_are_compared_token_by_token(llama, bloom, tmp_path):
    base, tuned, settings = pair_of(tmp_path, llama, llama)
    assert base.same_tokens
    found = shift(tuned, base, load_world(), settings)
    assert {row.question for row in found.rows} == {"token_shift", "divergence"}
    assert all(row.value == 0 for row in found.rows if row.metric in ("shifted", "kl"))
    assert {line["tokens"][0]["rank"] for line in found.transcripts} == {1}
    base, tuned, settings = pair_of(tmp_path, llama, bloom)
    assert not base.same_tokens
    assert shift(tuned, base, load_world(), settings).rows == []


EVERYTHING = {"bits_per_byte", "facts", "consistency", "response_types", "stopping", "role_leakage", "wrong_answers",
              "task_patterns", "refusal"}  # fmt: skip


def test_an_architecture_that_keeps_no_branches_apart_is_asked_everything(bloom, tmp_path):
    base, _, settings = pair_of(tmp_path, bloom, bloom)
    assert questions_asked(base, settings) == EVERYTHING | {"loss_matrix"}


def of_context(folder: Path, context: int, tokenizer) -> Path:
    """A model with a row for each place it may read, and none beyond: a longer text is an error, not a guess."""
    return saved(
        folder / f"of-{context}", GPT2LMHeadModel,
        lambda t: GPT2Config(vocab_size=len(t), n_positions=context, n_embd=32, n_layer=1, n_head=2),
        tokenizer, bos_token="<|end|>", eos_token="<|end|>",
    )  # fmt: skip


def test_a_short_context_is_kept_to_or_told(tmp_path):
    trained = byte_level()
    tiny, short, long = (of_context(tmp_path, context, trained) for context in (16, 96, 256))
    one, other, settings = pair_of(tmp_path, short, long)
    assert questions_asked(one, settings) >= EVERYTHING - {"task_patterns"}
    assert shift(other, one, load_world(), settings).rows
    assert shift(one, other, load_world(), settings).rows
    with pytest.raises(UserError, match=r"of-16 reads 16 tokens at once; the bundled answers take up to \d+"):
        pair_of(tmp_path, tiny, long)


def test_losses_of_whole_texts_compare_where_tokens_do_not():
    """3 bits a byte against 2 on every text: half as much again, whatever the tokens were."""
    common = dict(
        run_id="t", seed=0, condition="raw", question="bits_per_byte", metric="bits", category="page", n_tokens=7
    )
    rows = [
        common | {"model": model, "stage": model, "item_id": f"p{i}", "cluster_id": "", "level": "", "value": value,
                  "meta": {"bytes": 100 + i}}
        for model, value in (("base", 2.0), ("sft", 3.0)) for i in range(12)
    ]  # fmt: skip
    (verdict,) = judge_pair(rows)
    assert verdict["verdict"] == "CONFIRMED"
    assert verdict["estimate"] == pytest.approx(0.5)
    assert "any two tokenizers" in verdict["truth"]


# --- errors are for people


def test_errors_name_what_is_wrong(tmp_path, gpt2, monkeypatch):
    monkeypatch.delenv("ONLINE", raising=False)
    with pytest.raises(UserError, match="go together"):
        compare_models(settings_for(tmp_path, gpt2, ""))
    with pytest.raises(UserError, match="no folder /nowhere/at/all"):
        find_model("/nowhere/at/all", "base")
    with pytest.raises(UserError, match="say ONLINE=1"):
        find_model("some/model", "base")
    (tmp_path / "file").write_text("x")
    with pytest.raises(UserError, match="is a file"):
        find_model(str(tmp_path / "file"), "base")


def test_a_hub_name_is_fetched_online_only(tmp_path, monkeypatch):
    asked_for = []

    def fetched(name, allow_patterns):
        asked_for.append((name, allow_patterns))
        return str(tmp_path)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fetched)
    monkeypatch.setenv("ONLINE", "1")
    assert find_model("some/model", "base") == tmp_path
    assert asked_for[0][0] == "some/model"
    assert not any("bin" in pattern for pattern in asked_for[0][1])

    def refused(name, allow_patterns):
        raise OSError("gated repo")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", refused)
    with pytest.raises(UserError, match="cannot be fetched .gated repo"):
        find_model("some/model", "base")


def test_what_is_no_causal_model_with_a_tokenizer_is_refused(tmp_path, gpt2, tokenizer):
    with pytest.raises(UserError, match="is an empty folder"):
        opened("base", tmp_path)
    bare = tmp_path / "bare"
    shutil.copytree(gpt2, bare, ignore=shutil.ignore_patterns("tokenizer*", "special*"))
    with pytest.raises(UserError, match="no tokenizer"):
        opened("base", bare)
    masked = tmp_path / "bert"
    config = BertConfig(
        vocab_size=400, hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=1
    )
    BertForMaskedLM(config).save_pretrained(masked)
    tokenizer.save_pretrained(masked)
    with pytest.raises(UserError, match="BertForMaskedLM is a masked model, which reads text both ways, not a causal"):
        opened("base", masked)
    # saved under the name of a causal class, it still reads what comes after
    settings = json.loads((masked / "config.json").read_text()) | {"architectures": ["BertLMHeadModel"]}
    (masked / "config.json").write_text(json.dumps(settings))
    with pytest.raises(UserError, match="no causal language model"):
        opened("base", masked)
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    (adapter / "adapter_config.json").write_text('{"base_model_name_or_path": "far/away"}')
    torch.save({}, adapter / "adapter_model.bin")
    with pytest.raises(UserError, match="pickled weights, which may hold code and are never opened"):
        opened("base", adapter)
    save_file({"a": torch.zeros(1)}, adapter / "adapter_model.safetensors")
    with pytest.raises(UserError, match="merge it first"):
        opened("base", adapter)
    pickled = tmp_path / "pickled"
    shutil.copytree(gpt2, pickled, ignore=shutil.ignore_patterns("*.safetensors"))
    with pytest.raises(UserError, match="no .safetensors file"):
        opened("base", pickled)


def test_the_command_says_it_in_one_line():
    done = run_module("eval.compare", "--base", "nowhere/one", "--instruct", "nowhere/two", code=2)
    assert done.stderr.strip() == (
        "error: base: no folder nowhere/one; if it is the name of a model on the Hub, say ONLINE=1"
    )


def test_names_in_the_report_tell_no_more_than_the_end_of_a_path():
    assert shown("/home/somebody/models/base") == "models/base"
    assert shown("models/base") == "models/base"
    assert shown("org/name") == "org/name"
