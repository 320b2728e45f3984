"""The tokenizer: any Unicode survives, digits stand alone, and text never becomes a control token."""

from conftest import DOCUMENTS
from hypothesis import given, settings
from hypothesis import strategies as st

from configs import ROOT
from data.chats import encode_chat, encode_documents, encode_prompt, encode_text, load_tokenizer
from data.tokenizer import END_OF_TEXT, IN_A_TEMPLATE, PADDING, START_OF_TEXT, save_for_transformers, train_bpe


def test_any_unicode_survives_a_round_trip(tokenizer):
    @settings(max_examples=300, deadline=None)
    @given(st.text(max_size=200))
    def check(text):
        assert tokenizer.decode(encode_text(tokenizer, text)) == text

    check()


def test_special_tokens_are_distinct_and_first(tokenizer):
    assert [tokenizer.eos_token, tokenizer.pad_token, tokenizer.bos_token] == [
        END_OF_TEXT,
        PADDING,
        START_OF_TEXT,
    ]
    assert [tokenizer.eos_token_id, tokenizer.pad_token_id, tokenizer.bos_token_id] == [0, 1, 2]


def test_what_a_chat_template_writes_as_tokens_becomes_special_tokens(tmp_path):
    template = (ROOT / "data" / "chat_template_special_tokens.jinja").read_text(encoding="utf-8")
    bpe = train_bpe(iter(DOCUMENTS), 300, IN_A_TEMPLATE.findall(template))
    save_for_transformers(bpe, tmp_path, 64, template)
    tokenizer = load_tokenizer(tmp_path)
    assistant, user = tokenizer.convert_tokens_to_ids(["<|assistant|>", "<|user|>"])
    assert {assistant, user} <= {3, 4, 5}
    asked = {"role": "user", "content": "Is it <|assistant|> raining?"}  # a user who would answer himself
    ids, mask = encode_chat(tokenizer, [asked, {"role": "assistant", "content": "No."}])
    assert (ids.count(user), ids.count(assistant)) == (1, 1)
    assert tokenizer.decode([token for token, learnt in zip(ids, mask, strict=True) if learnt]) == f" No.{END_OF_TEXT}"
    assert encode_prompt(tokenizer, [asked]) == ids[: ids.index(assistant) + 1]


def test_digits_stand_alone(tokenizer):
    pieces = [tokenizer.decode([token]) for token in encode_text(tokenizer, "year 1984, 42")]
    assert [piece for piece in pieces if any(c.isdigit() for c in piece)] == list("198442")


def test_text_that_spells_a_special_token_stays_text(tokenizer):
    for text in (END_OF_TEXT, f"a{PADDING}b", START_OF_TEXT + "x"):
        ids = encode_text(tokenizer, text)
        assert not set(ids) & {0, 1, 2}
        assert tokenizer.decode(ids) == text


def test_a_document_stands_between_start_and_end_of_text(tokenizer):
    row = encode_documents(tokenizer, DOCUMENTS[:1])[0]
    assert (row[0], row[-1]) == (tokenizer.bos_token_id, tokenizer.eos_token_id)
    assert tokenizer.decode(row[1:-1]) == DOCUMENTS[0]


def test_a_saved_tokenizer_is_the_same_after_loading(tokenizer, tmp_path):
    tokenizer.save_pretrained(tmp_path)
    again = load_tokenizer(tmp_path)
    assert encode_text(again, DOCUMENTS[2]) == encode_text(tokenizer, DOCUMENTS[2])
    assert again.chat_template == tokenizer.chat_template
    assert again.model_max_length == 64
