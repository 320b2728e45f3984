// The forms in which a prompt is put to a model: what stands before it and after it, exactly.

const SPACES = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"; // Python's str.strip
const STRIP = new RegExp(`^[${SPACES}]+|[${SPACES}]+$`, "g"), STRIP_LEFT = new RegExp(`^[${SPACES}]+`);

class Forms {
  // chat: {start, answer, next, end, strips, indented}; few: {before, frame: [before, after]}; start: a control token
  constructor({ chat, few, start }, tokenizer) {
    Object.assign(this, { chat, few, start, tokenizer });
  }

  // A turn as the chat template writes it: a line that looks like somebody's turn is indented. isOpen: more follows.
  turn(text, isOpen = false) {
    const said = this.tokenizer.harmless(text);
    const lines = (this.chat.strips ? said.replace(isOpen ? STRIP_LEFT : STRIP, "") : said).split("\n");
    const seems = (line) => this.chat.indented.some((name) => line.startsWith(name));
    return lines.map((line, place) => (place && seems(line) ? ` ${line}` : line)).join("\n");
  }

  // history: [{user, assistant}, ...], the turns before
  writtenChat(history, user) {
    return this.before(history) + this.turn(user) + this.chat.end;
  }

  before(history) {
    const { start, answer, next } = this.chat;
    return start + history.map((one) => this.turn(one.user) + answer + this.turn(one.assistant) + next).join("");
  }

  // {text: the exact string, ids: its tokens} of a prompt in a form: raw, few or chat
  written(form, prompt, history = []) {
    if (form === "chat") {
      const text = this.writtenChat(history, prompt);
      return { text, ids: this.tokenizer.encodeForm(text) };
    }
    const text = form === "few" ? this.few.before + this.few.frame[0] + prompt + this.few.frame[1] : prompt;
    return { text: this.start + text, ids: this.encode(text) };
  }

  // The tokens up to a place inside the prompt, of which more may follow.
  upTo(form, prompt, history) {
    if (form === "chat") return this.tokenizer.encodeForm(this.before(history) + this.turn(prompt, true));
    return this.encode(form === "few" ? this.few.before + this.few.frame[0] + prompt : prompt);
  }

  encode(text) {
    const first = this.start ? [this.tokenizer.ids.get(this.start)] : [];
    return [...first, ...this.tokenizer.encode(text)];
  }

  // Where a text begins to be the user's again: [from, to) of each such part. Example: " Oslo.\nUser: And" -> [[7, 16]]
  usersTurns(text) {
    const label = (piece) => this.tokenizer.special.reduce((said, token) => said.replaceAll(token, ""), piece).trim();
    const user = label(this.chat.next), assistant = label(this.chat.answer);
    const found = [];
    for (let from = 0; user && (from = text.indexOf(`\n${user}`, from)) >= 0;) {
      const end = assistant ? text.indexOf(`\n${assistant}`, from + 1) : -1;
      found.push([from + 1, end < 0 ? text.length : end + 1]);
      from = end < 0 ? text.length : end;
    }
    return found;
  }

  // What of an answer belongs to the assistant.
  ownPart(text) {
    const [first] = this.usersTurns(text);
    return (first ? text.slice(0, first[0]) : text).trim();
  }
}
