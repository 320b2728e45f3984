// The first tab: one prompt, two models, everything that can be seen of how they write.

const LONGEST_PROMPT = 20000; // characters
const data = JSON.parse(document.getElementById("data").textContent);
const by = (id) => document.getElementById(id);

function made(tag, { text, classes, ...rest } = {}, ...children) {
  const one = document.createElement(tag);
  if (text !== undefined) one.textContent = text;
  if (classes) one.className = classes;
  for (const [name, value] of Object.entries(rest)) {
    if (name in one) one[name] = value;
    else one.setAttribute(name, value);
  }
  one.append(...children);
  return one;
}

const percent = (share) => (share >= 0.995 ? "99+ %" : share < 0.005 ? "<1 %" : `${Math.round(100 * share)} %`);
const seen = (text) => text.replace(/\n/g, "⏎").replace(/ /g, "␣") || "∅";

// --- the models: made ready when they are first needed

const tokenizers = data.tokenizers.map((packed) => new Tokenizer(packed));

function ready(number) {
  const model = data.models[number];
  if (!model.decoder) {
    const weights = by(`weights-${number}`);
    model.decoder = new Decoder(model, bytesOf(weights.textContent.trim()));
    weights.remove();
    model.words = tokenizers[model.tokenizer];
    model.forms = new Forms({ chat: model.chat, few: data.few, start: model.start }, model.words);
  }
  return model;
}

// --- one pane for each of two models

class Pane {
  constructor(place, number) {
    this.place = place;
    this.history = [];
    this.chooser = made("select", { ariaLabel: `Model ${place + 1}` }, ...data.models.map(
      (model, which) => made("option", { value: which, text: model.label })));
    this.chooser.value = number;
    this.chooser.addEventListener("change", () => { panes.forEach((pane) => pane.clear()); this.take(Number(this.chooser.value)); });
    this.told = made("span", { classes: "form" });
    this.before = made("div", { classes: "turns" });
    this.text = made("pre", { classes: "tokens", tabIndex: 0, role: "group", ariaLabel: "What it read and wrote, token by token; arrow keys choose a token" });
    this.end = made("span", { classes: "stop" });
    this.speed = made("span", { classes: "soft speed" });
    this.others = made("div", { classes: "others" });
    this.sent = made("pre");
    const exact = made("details", {}, made("summary", { text: "The exact text that was sent" }), this.sent);
    this.box = made("div", { classes: "pane card" }, made("div", {}, this.chooser, " ", this.told), this.before, this.text, this.end, this.speed, this.others, exact);
    this.text.addEventListener("click", (event) => { if (event.target.dataset.at) this.point(Number(event.target.dataset.at)); });
    this.text.addEventListener("keydown", (event) => this.move(event));
    this.take(number);
  }

  take(number) {
    this.model = ready(number);
    this.state = this.model.decoder.newState();
    this.other = null; // of the other model, which reads the same text
    this.box.className = `pane card ${this.model.stage}`;
    this.told.textContent = `· ${this.model.made}`;
    this.clear();
  }

  clear() {
    stop(`write:${this.place}`);
    stop(`shift:${this.place}`);
    this.now = null;
    this.history = [];
    for (const part of [this.before, this.text, this.others, this.sent, this.end, this.speed]) part.textContent = "";
  }

  // Put a prompt to the model; false where it does not fit.
  ask(prompt, settings) {
    if (settings.form === "chat" && this.now) this.keepTurn();
    if (settings.form !== "chat") this.history = [];
    const { context } = this.model.decoder.config;
    const room = Math.max(context - settings.limit, context / 2);
    let written = this.model.forms.written(settings.form, prompt, this.history), left = 0;
    while (written.ids.length > room && this.history.length > left) {
      written = this.model.forms.written(settings.form, prompt, this.history.slice(++left));
    }
    if (written.ids.length >= context) {
      trouble(`This prompt has ${written.ids.length} tokens, and ${this.model.label} reads ${context}: shorten it.`);
      return false;
    }
    this.left = left;
    this.now = { prompt, form: settings.form, ids: written.ids, from: written.ids.length, opinions: [], stopped: false };
    this.sent.textContent = written.text;
    this.drawTurns();
    this.go(settings);
    return true;
  }

  go(settings) {
    stop(`shift:${this.place}`);
    this.others.textContent = "";
    this.pointed = null;
    this.settings = settings;
    this.now.stopped = this.now.done = false;
    this.drawn = 0;
    this.text.textContent = "";
    const began = performance.now(), had = this.now.ids.length;
    start(`write:${this.place}`, write(this.model.decoder, this.state, this.now, settings), () => {
      this.now.done = true;
      const count = this.now.ids.length - had;
      const rate = Math.round(count / (performance.now() - began) * 1000);
      this.speed.textContent = count > 4 ? ` · ${count} tokens, ${rate} a second` : "";
      this.speed.dataset.rate = rate;
      this.colour();
      finished();
    });
  }

  // The answer so far becomes a turn of the conversation, without what the model wrote for the user.
  keepTurn() {
    if (this.now.form === "chat") {
      this.history.push({ user: this.now.prompt, assistant: this.model.forms.ownPart(this.written()) || "…" });
    }
    this.now = null;
  }

  drawTurns() {
    this.before.replaceChildren(...this.history.flatMap((turn, place) => [
      made("p", { classes: "asked", text: `You: ${turn.user}` }),
      made("p", { classes: `said${place < this.left ? " forgotten" : ""}`, text: turn.assistant }),
    ]));
    if (this.left) this.before.append(made("p", { classes: "soft", text: `The first ${this.left} turns no longer fit into what it reads.` }));
    if (this.now.form === "chat") this.before.append(made("p", { classes: "asked", text: `You: ${this.now.prompt}` }));
  }

  written() {
    return this.model.words.decode(this.now.ids.slice(this.now.from));
  }

  // Where the drawn text begins: of a chat only the answer is drawn token by token, unless colours are wanted.
  first() {
    return this.now.form === "chat" && by("colour").value === "none" ? this.now.from : 0;
  }

  draw() {
    if (!this.now) return;
    const { ids, from, opinions, stopped, done } = this.now, first = this.first();
    if (this.drawn && this.drawn >= ids.length && !done) return;
    const pieces = this.model.words.pieces(ids);
    if (!this.drawn) this.text.textContent = "";
    const users = this.model.forms.usersTurns(this.written());
    let at = 0;
    ids.forEach((id, place) => {
      const begins = at;
      if (place >= from) at += pieces[place].length;
      if (place < first) return;
      let span = this.text.querySelector(`[data-at="${place}"]`);
      if (!span) {
        const isControl = this.model.words.isSpecial.has(id);
        span = made("span", { classes: "t", text: isControl ? this.model.words.tokens[id] : pieces[place] });
        span.dataset.at = place;
        this.text.append(span);
        if (isControl) span.classList.add("control");
      }
      const isUsers = place >= from && users.some(([a, b]) => begins >= a && begins < b);
      span.classList.toggle("prompt", place < from);
      span.classList.toggle("output", place >= from);
      span.classList.toggle("users", isUsers);
    });
    this.drawn = ids.length;
    this.end.className = `stop${stopped ? " yes" : ""}`;
    this.end.textContent = !done ? "" : (stopped ? "■ it stopped by itself" : "… cut at the longest answer")
      + (users.length ? " · coloured: it writes the user's turn" : "");
  }

  // --- one token: what else might have stood there

  point(place) {
    const opinion = this.now?.opinions[place];
    this.text.querySelectorAll(".pointed").forEach((one) => one.classList.remove("pointed"));
    const span = this.text.querySelector(`[data-at="${place}"]`);
    if (!span) return;
    this.pointed = place;
    span.classList.add("pointed");
    if (!opinion) {
      this.others.replaceChildren(made("p", { classes: "told", text: "The first token has nothing before it." }));
      return;
    }
    const bits = -Math.log2(opinion.probability);
    const mine = this.now.ids[place];
    const words = `“${seen(this.piece(mine))}” had ${percent(opinion.probability)} (${bits.toFixed(1)} bits of surprise), place ${opinion.rank}. `;
    const rank = this.now.ranks?.[place];
    const base = rank ? `The other model puts it at place ${rank}. ` : "";
    const can = place >= this.now.from;
    this.others.replaceChildren(
      made("p", { classes: "told", text: words + base + (can ? "Write on with another:" : "Instead it expected:") }),
      bars(opinion.top, (id) => this.piece(id), can ? (id) => this.branch(place, id) : null, mine));
  }

  piece(id) {
    return this.model.words.isSpecial.has(id) ? this.model.words.tokens[id] : this.model.words.decode([id]);
  }

  branch(place, id) {
    if (this.model.decoder.config.stops.includes(id)) {
      this.now.ids.length = place;
      this.now.stopped = this.now.done = true;
      this.drawn = 0;
      this.draw();
      return;
    }
    this.now.ids.length = place;
    this.now.ids.push(id);
    const [kept] = [this.now.opinions[place]];
    this.now.opinions.length = place;
    this.now.opinions[place] = kept && { ...kept, ...this.chance(kept, id) };
    this.now.ranks = null;
    this.go(this.settings);
    busy(true);
  }

  chance(opinion, id) {
    const rank = opinion.top.findIndex(([other]) => other === id);
    return rank < 0 ? {} : { probability: opinion.top[rank][1], rank: rank + 1 };
  }

  move(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || !this.now) return;
    event.preventDefault();
    const last = this.now.ids.length - 1;
    this.point(Math.min(last, Math.max(this.first(), (this.pointed ?? this.now.from - 1) + step)));
  }

  // --- colours

  colour() {
    if (!this.now) return;
    const how = by("colour").value;
    if (this.text.querySelector(".t")?.dataset.at !== String(this.first())) this.drawn = 0;
    this.draw();
    stop(`shift:${this.place}`);
    if (how === "shift" && this.now.done) {
      const other = panes[1 - this.place].model;
      if (other.tokenizer !== this.model.tokenizer) {
        this.others.textContent = "These two cut text into other tokens, so one cannot be held against the other.";
        return;
      }
      if (!this.other || this.other.model !== other) this.other = { model: other, state: other.decoder.newState() };
      const opinions = [];
      const all = [...this.now.ids, this.now.ids[0]];
      start(`shift:${this.place}`, read(other.decoder, Object.assign(this.other.state, { length: 0, ids: [] }), all.slice(0, -1), opinions), () => {
        this.now.ranks = opinions.map((one) => one?.rank);
        this.paint(how);
      });
      return;
    }
    this.paint(how);
  }

  paint(how) {
    for (const span of this.text.querySelectorAll(".t")) {
      const place = Number(span.dataset.at);
      span.classList.remove("r2", "r4", "w1", "w2", "w3");
      const bits = -Math.log2(this.now.opinions[place]?.probability ?? 1);
      const rank = this.now.ranks?.[place] ?? 1;
      if (how === "surprise" && bits >= 1) span.classList.add(bits < 3 ? "w1" : bits < 6 ? "w2" : "w3");
      if (how === "shift" && rank > 1) span.classList.add(rank < 4 ? "r2" : "r4");
    }
  }
}

// Tokens as buttons, each with a bar of its probability.
function bars(top, piece, press, mine) {
  return made("ol", { classes: "bars-of" }, ...top.map(([id, share]) => {
    const name = made("span", { classes: "name", text: seen(piece(id)) });
    const bar = made("span", { classes: "bar" });
    bar.style.width = `${Math.max(1, 100 * share)}%`;
    const inside = [name, made("span", { classes: "track" }, bar), made("span", { classes: "num", text: percent(share) })];
    const one = press ? made("button", { type: "button" }, ...inside) : made("span", { classes: "row" }, ...inside);
    if (press) one.addEventListener("click", () => press(id));
    if (id === mine) one.classList.add("mine");
    return made("li", {}, one);
  }));
}

// --- the page

const panes = [];
let settled = () => {};

function trouble(words) {
  by("trouble").textContent = words;
}

function settings() {
  const number = (id, low, high) => {
    const value = Number(by(id).value);
    by(id).value = Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : low;
    return Number(by(id).value);
  };
  const seed = number("seed", 0, 999999);
  return {
    form: document.querySelector("input[name=form]:checked").value, limit: Math.round(number("length", 1, 400)),
    temperature: number("temperature", 0, 2), seed, random: null,
  };
}

function busy(is) {
  by("stop").disabled = !is;
  by("write").disabled = is;
}

function finished() {
  if ([...jobs.keys()].some((name) => name.startsWith("write:"))) return;
  busy(false);
  by("status").textContent = panes.map((pane) => `${pane.model.label} ${pane.now?.stopped ? "stopped by itself" : "was cut"}`).join(", ");
  settled();
}

function ask() {
  const told = settings(), prompt = by("prompt").value;
  trouble("");
  if (prompt.length > LONGEST_PROMPT) return trouble(`This prompt has ${prompt.length.toLocaleString("en")} characters; these models read a few hundred words.`);
  if (told.form !== "raw" && !prompt.trim()) return trouble("Type something first; as raw text a model may also begin with nothing.");
  if (!panes.every((pane) => pane.ask(prompt, { ...told, random: randomNumbers(told.seed) }))) {
    panes.forEach((pane) => pane.clear());
    return undefined;
  }
  busy(true);
  by("fresh").hidden = told.form !== "chat";
  if (told.form === "chat") {
    by("prompt").value = "";
    by("prompt").focus();
  }
  return undefined;
}

function halt() {
  for (const pane of panes) {
    if (!pane.now || pane.now.done) continue;
    stop(`write:${pane.place}`);
    pane.now.done = true;
    pane.drawn = 0;
    pane.draw();
    pane.end.textContent = "… stopped by you";
  }
  busy(false);
}

function freshConversation() {
  panes.forEach((pane) => pane.clear());
  busy(false);
  by("fresh").hidden = true;
  by("prompt").focus();
}

function chooseForm(form) {
  document.querySelector(`input[name=form][value=${form}]`).checked = true;
  by("write").textContent = form === "chat" ? "Send" : "Write";
}

function showExample(example) {
  freshConversation();
  chooseForm(example.form);
  by("prompt").value = example.prompt;
  const rates = example.rates.map(({ model, value, low, high, n, seeds }) =>
    `${data.labels[model] || model} ${percent(value)} (${percent(low)} to ${percent(high)})`);
  const [{ n, seeds } = {}] = example.rates;
  by("look").replaceChildren(made("p", { text: example.look }));
  if (rates.length) by("look").append(made("p", { text: `Measured with ${n} prompts and ${seeds} ${seeds > 1 ? "trainings" : "training"} each: ${example.measured}, ${rates.join("; ")}.` }));
  showNext();
  ask();
}

// --- what comes next at the cursor

const nextStates = [];

function showNext() {
  if (!by("next").open) return;
  const area = by("prompt");
  const told = settings(), upTo = area.value.slice(0, area.selectionStart ?? area.value.length);
  if (upTo.length > LONGEST_PROMPT) return;
  const isAtEnd = upTo.length === area.value.length;
  by("before").textContent = upTo.length > 40 ? `…${upTo.slice(-40)}` : upTo;
  panes.forEach((pane, place) => {
    const { forms, decoder } = pane.model;
    let { ids } = forms.written(told.form, upTo, pane.now && told.form === "chat" ? [...pane.history, { user: pane.now.prompt, assistant: forms.ownPart(pane.written()) || "…" }] : []);
    const after = told.form === "chat" ? pane.model.words.encodeForm(forms.chat.end) : told.form === "few" ? pane.model.words.encode(data.few.frame[1]) : [];
    if (!isAtEnd && after.length) ids = ids.slice(0, -after.length);
    const box = by("bars").children[place];
    if (ids.length >= decoder.config.context) return box.replaceChildren(made("p", { text: "too long" }));
    if (nextStates[place]?.decoder !== decoder) nextStates[place] = { decoder, state: decoder.newState() };
    const seek = function* seek() {
      const logits = yield* read(decoder, nextStates[place].state, ids);
      const { top } = lookAt(logits);
      box.replaceChildren(made("span", { classes: "name", text: pane.model.label }), bars(top, (id) => pane.piece(id), (id) => insert(pane, id), null));
    };
    return start(`next:${place}`, seek());
  });
}

function insert(pane, id) {
  if (pane.model.words.isSpecial.has(id)) return;
  const area = by("prompt"), at = area.selectionStart;
  area.setRangeText(pane.model.words.decode([id]), at, at, "end");
  showNext();
}

// --- to take away

function asMarkdown() {
  const told = settings();
  const quote = (text) => text.split("\n").map((line) => `> ${line}`).join("\n");
  const fence = (text) => { const marks = "`".repeat(Math.max(3, ...(text.match(/`+/g) || []).map((one) => one.length + 1))); return `${marks}text\n${text}\n${marks}`; };
  const parts = panes.filter((pane) => pane.now).map((pane) => [
    `### ${pane.model.label}`, ...pane.history.flatMap((turn) => [quote(turn.user), fence(turn.assistant)]),
    quote(pane.now.prompt), fence(pane.written() + (pane.now.stopped ? "" : " …"))].join("\n\n"));
  return `Run ${data.run}, form ${told.form}, temperature ${told.temperature}, seed ${told.seed}\n\n${parts.join("\n\n")}\n`;
}

async function copy(text, button) {
  const name = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    const area = made("textarea", { value: text, classes: "away" });
    document.body.append(area);
    area.select();
    button.textContent = document.execCommand("copy") ? "Copied" : "Not allowed here";
    area.remove();
  }
  setTimeout(() => { button.textContent = name; }, 1500);
}

function linkOf() {
  const { form, limit, temperature, seed } = settings();
  const now = panes[0].now;
  const told = { prompt: by("prompt").value || now?.prompt || "", form, limit, temperature, seed, models: panes.map((pane) => pane.model.stage) };
  return `#play=${encodeURIComponent(JSON.stringify(told))}`;
}

function restore(fragment) {
  let told;
  try {
    told = JSON.parse(decodeURIComponent(fragment.slice("#play=".length)));
  } catch {
    return trouble("The link to this page is damaged, so nothing was restored.");
  }
  if (["raw", "few", "chat"].includes(told.form)) chooseForm(told.form);
  by("prompt").value = String(told.prompt ?? "").slice(0, LONGEST_PROMPT);
  for (const [id, key] of [["length", "limit"], ["temperature", "temperature"], ["seed", "seed"]]) {
    if (Number.isFinite(told[key])) by(id).value = told[key];
  }
  (told.models || []).slice(0, panes.length).forEach((stage, place) => {
    const number = data.models.findIndex((model) => model.stage === stage);
    if (number >= 0 && data.models[number] !== panes[place].model) {
      panes[place].chooser.value = number;
      panes[place].take(number);
    }
  });
  settings();
  return undefined;
}

// --- the beginning

const KEYS = {
  none: [],
  surprise: [["w1", "1 to 3 bits"], ["w2", "3 to 6"], ["w3", "more than 6 bits: the model did not expect it"]],
  shift: [["r2", "the other model has it at place 2 or 3"], ["r4", "lower: here the two part"]],
};

function showKey() {
  by("key").replaceChildren(...KEYS[by("colour").value].map(([shade, meaning]) =>
    made("li", {}, made("span", { classes: `t ${shade}`, text: "token" }), ` ${meaning}`)));
}

function onFrame() {
  panes.forEach((pane) => pane.draw());
}

function openTab(name) {
  for (const tab of document.querySelectorAll("[role=tab]")) {
    const isIt = tab.id === `tab-${name}`;
    tab.setAttribute("aria-selected", String(isIt));
    tab.tabIndex = isIt ? 0 : -1;
    by(tab.getAttribute("aria-controls")).hidden = !isIt;
  }
}

function begin() {
  by("broken").remove();
  openTab(location.hash === "#label" ? "label" : "play");
  for (const tab of document.querySelectorAll("[role=tab]")) {
    const name = tab.id.slice("tab-".length);
    tab.addEventListener("click", () => openTab(name));
    tab.addEventListener("keydown", (event) => {
      if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
      const other = name === "play" ? "label" : "play";
      openTab(other);
      by(`tab-${other}`).focus();
    });
  }
  by("examples").replaceChildren(...data.examples.map((example) => {
    const button = made("button", { type: "button", text: example.name });
    button.addEventListener("click", () => showExample(example));
    return button;
  }));
  const [first, second] = [0, data.models.length > 1 ? 1 : 0];
  panes.push(new Pane(0, first), new Pane(1, second));
  by("panes").replaceChildren(...panes.map((pane) => pane.box));
  by("bars").replaceChildren(...panes.map(() => made("div", { classes: "pane card" })));
  by("ask").addEventListener("submit", (event) => { event.preventDefault(); ask(); });
  by("stop").addEventListener("click", halt);
  by("fresh").addEventListener("click", freshConversation);
  by("copy").addEventListener("click", (event) => copy(asMarkdown(), event.currentTarget));
  by("link").addEventListener("click", (event) => {
    location.hash = linkOf();
    copy(location.href, event.currentTarget);
  });
  by("colour").addEventListener("change", () => { showKey(); panes.forEach((pane) => { pane.drawn = 0; pane.colour(); }); });
  document.querySelectorAll("input[name=form]").forEach((one) => one.addEventListener("change", () => { freshConversation(); chooseForm(one.value); showNext(); }));
  by("prompt").addEventListener("keydown", (event) => {
    const sends = document.querySelector("input[name=form]:checked").value === "chat" ? !event.shiftKey : event.ctrlKey || event.metaKey;
    if (event.key === "Enter" && sends) {
      event.preventDefault();
      if (!by("write").disabled) ask();
    }
  });
  for (const what of ["input", "keyup", "click"]) by("prompt").addEventListener(what, showNext);
  by("next").addEventListener("toggle", showNext);
  if (location.hash.startsWith("#play=")) restore(location.hash);
  busy(false);
  const bits = data.weights === "int8" ? 8 : 16;
  by("status").textContent = `Ready: ${data.models.map((model) => model.label).join(", ")}. Weights rounded to ${bits} bits; ${data.fidelity} greedy texts are the same as without rounding.`;
  beginLabelling();
}
