// Runs the page's own scripts in Node: node play_harness.js SCRIPT INPUT; prints a JSON answer for each kind of question.
"use strict";
const fs = require("fs");
const [script, input] = process.argv.slice(2).map((path) => fs.readFileSync(path, "utf8"));
const scope = new Function("requestAnimationFrame", "onFrame", `${script}; return { Decoder, Tokenizer, Forms, bytesOf, write, read };`);
const { Decoder, Tokenizer, Forms, bytesOf, write, read } = scope(() => {}, () => {});
const { model, weights, tokenizer, few, texts, chats, open, prompts, limit, trees } = JSON.parse(input);
const words = new Tokenizer(tokenizer);
const answer = { ids: (texts || []).map((text) => words.encode(text)), texts: [] };
answer.texts = answer.ids.map((ids) => words.decode(ids));
answer.pieces = answer.ids.map((ids) => words.pieces(ids).join(""));
async function compute() {
  const decoder = new Decoder(model, await bytesOf(weights));
  const forms = new Forms({ chat: model.chat, few, start: model.start }, words);
  answer.open = (open || []).map(({ form, prompt }) => words.decode(forms.upTo(form, prompt, [{ user: "a", assistant: "b" }])));
  answer.chats = (chats || []).map(({ history, user }) => forms.written("chat", user, history));
  answer.logits = [];
  answer.greedy = [];
  for (const ids of prompts || []) {
    const state = decoder.newState(), told = { ids: [...ids], from: ids.length, opinions: [], stopped: false };
    let logits = null;
    for (const id of ids) logits = decoder.step(state, id);
    answer.logits.push([...logits]);
    for (const _ of write(decoder, decoder.newState(), told, { limit, temperature: 0, random: null }));
    answer.greedy.push({ ids: told.ids.slice(ids.length), stopped: told.stopped, probabilities: told.opinions.slice(1).map((one) => one.probability) });
  }
  answer.branches = [];
  for (const { first, second } of trees || []) { // a state that went one way, then another, is as good as a new one
    const state = decoder.newState();
    for (const _ of read(decoder, state, first));
    let logits;
    const reading = read(decoder, state, second);
    for (let one = reading.next(); ; one = reading.next()) if (one.done) { logits = [...one.value]; break; }
    answer.branches.push(logits);
  }
}
Promise.resolve(model && compute()).then(() => process.stdout.write(JSON.stringify(answer)));
