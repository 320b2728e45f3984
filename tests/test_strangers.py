"""Any model through one door: other tokenizers and architectures, with and without start-of-text and template."""

import json

import pytest
import strangers
import torch
from conftest import tiny_model
from strangers import lent, make_llama, opened

from data.chats import encode_prompt
from eval.general.model import NO_SYSTEM, PLAIN
from eval.general.pair import fitted, share_numbers
from eval.general.prompts import pages
from eval.general.scoring import after, branch_nats, in_chat, plain, tokens_of, with_places

gpt2, llama, bloom, doors = strangers.gpt2, strangers.llama, strangers.bloom, strangers.doors

# --- scoring


def by_hand(door, ids: list[int]) -> list[float]:
    with torch.no_grad():
        logp = door.model(torch.tensor([ids])).logits[0, :-1].double().log_softmax(-1)
    return (-logp.gather(1, torch.tensor(ids[1:])[:, None])[:, 0]).tolist()


@pytest.mark.parametrize("which", ["gpt2", "llama", "bloom"])
def test_closed_set_scores_are_those_of_whole_texts(which, request):
    door = opened("base", request.getfixturevalue(which))
    assert door.one_pass == (which != "bloom")
    before_it, candidates = "Q: What is the capital of France?\nA:", [" Paris\n", " London\n", " a small town\n"]
    context, branches = after(door, before_it, candidates)
    (found,) = branch_nats(door, [[(context, branches)]])
    for nats, said in zip(found, candidates, strict=True):
        whole = door.start + door.tokenizer(before_it + said, add_special_tokens=False)["input_ids"]
        assert nats == pytest.approx(sum(by_hand(door, whole)[len(context) - 1 :]), rel=1e-4)


def test_an_answer_in_chat_is_what_the_template_writes(doors):
    for door in doors:
        turns = [{"role": "user", "content": "What is the capital of France?"}]
        context, branches = in_chat(door, turns, ["Paris.", "A small town."])
        for said, branch in zip(["Paris.", "A small town."], branches, strict=True):
            whole = [*turns, {"role": "assistant", "content": said}]
            written = door.tokenizer.apply_chat_template(whole, tokenize=True, return_dict=True)["input_ids"]
            assert context + branch.tokens == written


def test_places_are_found_by_characters(doors):
    for door in doors:
        text = "Flim: hot\nGrot: cold\n\nFlim: in\nGrot: out\n\n"
        ids, places = with_places(door, text)
        start, stop = tokens_of(places, text.index("cold"), text.index("cold") + 4)
        assert "cold" in door.tokenizer.decode(ids[start:stop])
        assert len(door.tokenizer.decode(ids[start:stop]).strip()) <= 6


def test_texts_are_cut_to_what_both_read_whole(doors):
    long = ("page", "word " * 2000)
    ((_, text),) = fitted([long], list(doors))
    assert 100 < len(text) < 2000
    for door in doors:
        assert len(door.before + with_places(door, text)[0]) <= door.context + len(door.start)
    short = ("page", "A few words.")
    assert fitted([short], list(doors)) == (short,)


# --- doors


def test_a_template_is_borrowed_with_its_stop_tokens(doors, gpt2, bloom):
    base, tuned = doors
    assert (base.template, tuned.template) == ("borrowed", "own")
    assert base.extra_forms == (PLAIN,)
    assert tuned.extra_forms == (NO_SYSTEM,)
    assert base.lent_stops == ()  # it has no token of that name
    assert "kind and helpful" in tuned.tokenizer.decode(tuned.encode("Hm?", "chat"))
    assert "kind and helpful" not in tuned.tokenizer.decode(tuned.encode("Hm?", NO_SYSTEM))
    assert base.tokenizer.decode(base.encode("Hm?", PLAIN)) == "User: Hm?\nAssistant:"
    assert [door.template for door in lent(gpt2, bloom)] == ["plain", "plain"]


def test_a_borrowed_stop_token_ends_an_answer(llama, tmp_path):
    """The same tokenizer without a template: what ends a turn is known by name."""
    doors = lent(make_llama(tmp_path, template="", end="</s>"), llama)
    assert doors[0].lent_stops == (4,)
    assert set(doors[0].stop_ids) == {2, 4}
    assert share_numbers(*doors, [text for _, text in pages()])


def test_texts_begin_as_the_tokenizer_begins_them(doors):
    base, tuned = doors
    assert base.start == []
    assert base.before == [0]
    assert tuned.start == tuned.before == [1]
    for form in ("raw", "few", "chat"):
        assert tuned.encode("hello", form).count(1) <= 1


def test_no_sampling_settings_of_its_own_are_used(gpt2, tmp_path):
    import shutil

    folder = shutil.copytree(gpt2, tmp_path / "own")
    settings = json.loads((folder / "generation_config.json").read_text())
    settings |= {"repetition_penalty": 1.3, "do_sample": True, "temperature": 0.6}
    (folder / "generation_config.json").write_text(json.dumps(settings))
    door = opened("base", folder)
    assert "repetition_penalty 1.3" in door.own_decoding
    assert getattr(door.model.generation_config, "repetition_penalty", None) in (None, 1.0)
    assert door.complete(["hello"], "raw", 8) == opened("base", gpt2).complete(["hello"], "raw", 8)


def test_a_model_of_ours_is_asked_in_its_own_form(tokenizer, tmp_path):
    """Its template marks what is learnt; asked here it is the same prompt."""
    tiny_model(tokenizer).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    door, _ = lent(tmp_path, tmp_path)
    assert door.template == "own"
    turns = [{"role": "user", "content": "hello"}]
    assert door.encode("hello", "chat") == encode_prompt(tokenizer, turns)
    assert plain(door, [[2, 5, 6]])[0][0] == pytest.approx(by_hand(door, [2, 5, 6]), rel=1e-4)
