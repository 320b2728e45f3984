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

const percent = (share) => (share === 0 || share === 1 ? `${100 * share} %` : share >= 0.995 ? "99+ %" : share < 0.005 ? "<1 %" : `${Math.round(100 * share)} %`);
const seen = (text) => text.replace(/\n/g, "⏎").replace(/ /g, "␣") || "∅";

// --- the models: made ready when they are first needed

const tokenizers = data.tokenizers.map((packed) => new Tokenizer(packed));

function ready(number) {
  const model = data.models[number];
  if (!model.decoder) {
    model.decoder = new Decoder(model, model.bytes);
    delete model.bytes;
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
    this.chooser = made("select", { "aria-label": `Model ${place + 1}` }, ...data.models.map(
      (model, which) => made("option", { value: which, text: model.label })));
    this.chooser.value = number;
    this.chooser.addEventListener("change", () => {
      askAnew();
      this.take(Number(this.chooser.value));
      showNext();
    });
    this.told = made("span", { classes: "form" });
    this.before = made("div", { classes: "turns" });
    this.text = made("pre", { classes: "tokens", tabIndex: 0, role: "group" });
    this.end = made("span", { classes: "stop" });
    this.speed = made("span", { classes: "soft speed" });
    this.others = made("div", { classes: "others", "aria-live": "polite" });
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
    this.box.className = `pane card ${this.model.stage}`;
    this.told.textContent = `· ${this.model.made}`;
    this.text.setAttribute("aria-label", `What ${this.model.label} read and wrote, token by token; arrow keys choose a token`);
    this.clear();
  }

  clear() {
    stop(`write:${this.place}`);
    stop(`shift:${this.place}`);
    this.now = null;
    this.history = [];
    for (const part of [this.before, this.text, this.others, this.sent, this.end, this.speed]) part.textContent = "";
  }

  // The conversation before, and what is sent of it: {text, ids, left: turns that no longer fit}.
  written(prompt, { form, limit }) {
    const history = form === "chat" ? this.turns() : [];
    const { context } = this.model.decoder.config;
    const room = Math.max(context - limit, context / 2);
    for (let left = 0; ; left++) {
      const sent = this.model.forms.written(form, prompt, history.slice(left));
      if (sent.ids.length <= room || left >= history.length) return { ...sent, left, history };
    }
  }

  // Why a prompt cannot be put to the model; nothing where it can.
  refuses({ ids }) {
    const { context } = this.model.decoder.config;
    if (!ids.length) return `${this.model.label} has no token to begin a text with: type something first.`;
    if (ids.length < context) return "";
    return `This prompt has ${ids.length} tokens, and ${this.model.label} reads ${context}: shorten it.`;
  }

  ask(prompt, settings, { text, ids, left, history }) {
    Object.assign(this, { left, history });
    this.now = { prompt, form: settings.form, ids, from: ids.length, opinions: [], stopped: false };
    this.sent.textContent = text;
    this.drawTurns();
    this.go(settings);
  }

  go(settings) {
    stop(`shift:${this.place}`);
    for (const part of [this.others, this.end, this.speed]) part.textContent = "";
    this.pointed = null;
    this.settings = settings;
    Object.assign(this.now, { stopped: false, done: false, halted: false, ranks: null });
    this.drawn = 0;
    this.text.textContent = "";
    const began = performance.now(), had = this.now.ids.length;
    start(`write:${this.place}`, write(this.model.decoder, this.state, this.now, settings), () => {
      this.now.done = true;
      const count = this.now.ids.length - had;
      const rate = Math.round(count / (performance.now() - began) * 1000);
      this.speed.textContent = count > 4 ? ` · ${count} tokens, ${rate} a second` : "";
      this.colour();
      finished();
    });
  }

  // The conversation so far; of the last answer without what the model wrote for the user.
  turns() {
    if (this.now?.form !== "chat") return [];
    return [...this.history, { user: this.now.prompt, assistant: this.model.forms.ownPart(this.answer()) || "…" }];
  }

  drawTurns() {
    this.before.replaceChildren(...this.history.flatMap((turn, place) => [
      made("p", { classes: "asked", text: `You: ${turn.user}` }),
      made("p", { classes: `said${place < this.left ? " forgotten" : ""}`, text: turn.assistant }),
    ]));
    if (this.left) this.before.append(made("p", { classes: "soft", text: `The first ${this.left} turns no longer fit into what it reads.` }));
    if (this.now.form === "chat") this.before.append(made("p", { classes: "asked", text: `You: ${this.now.prompt}` }));
  }

  answer() {
    return this.model.words.decode(this.now.ids.slice(this.now.from));
  }

  // Where the drawn text begins: of a chat only the answer is drawn token by token, unless colours are wanted.
  first() {
    return this.now.form === "chat" && by("colour").value === "none" ? this.now.from : 0;
  }

  // What it read and wrote, the stop token included that it ended with.
  tokens() {
    const { ids, done, stopped, ended, stop: last } = this.now;
    return done && stopped && !ended ? [...ids, last] : ids;
  }

  draw() {
    if (!this.now || this.drawn === true) return;
    const { from, done } = this.now, ids = this.tokens(), first = this.first();
    if (this.drawn >= ids.length && !done) return;
    if (!this.drawn) this.text.textContent = "";
    const { words, forms } = this.model;
    const users = forms.usersTurns(this.answer());
    let at = 0;
    words.pieces(ids).forEach((piece, place) => {
      const begins = at;
      if (place >= from) at += piece.length;
      if (place < first) return;
      const isControl = words.isSpecial.has(ids[place]);
      const span = this.text.children[place - first] ?? this.text.appendChild(made("span"));
      const text = isControl ? words.tokens[ids[place]] : piece; // a character of several tokens comes with the last
      if (span.textContent !== text) span.textContent = text;
      const isUsers = place >= from && users.some(([a, b]) => begins >= a && begins < b);
      span.className = ["t", place < from ? "prompt" : "output", isControl && "control", isUsers && "users", this.shade(place),
        place === this.pointed && "pointed"].filter(Boolean).join(" ");
      span.dataset.at = place;
    });
    this.drawn = done || ids.length;
    this.end.className = `stop${this.now.stopped ? " yes" : ""}`;
    this.end.textContent = done ? this.why() + (users.length ? " · coloured: it writes the user's turn" : "") : "";
  }

  why() {
    const { stopped, halted, ended, ids } = this.now;
    if (ended) return "■ ended by you";
    if (halted) return "… stopped by you";
    if (stopped) return "■ it stopped by itself";
    return ids.length >= this.model.decoder.config.context ? "… what it can read is full" : "… cut at the longest answer";
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
      const why = place ? "It has not read so far." : "The first token has nothing before it.";
      this.others.replaceChildren(made("p", { classes: "told", text: why }));
      return;
    }
    const bits = -Math.log2(opinion.probability);
    const mine = this.tokens()[place];
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

  // Write on with another token at this place.
  branch(place, id) {
    stop(`write:${this.place}`);
    this.text.focus();
    const { ids, opinions } = this.now, opinion = opinions[place];
    ids.length = place;
    opinions.length = place;
    this.now.branched = true;
    if (this.model.decoder.config.stops.includes(id)) {
      Object.assign(this.now, { stopped: true, ended: true, done: true, ranks: null });
      this.others.textContent = this.speed.textContent = "";
      this.colour();
      finished();
      return;
    }
    ids.push(id);
    opinions[place] = { ...opinion, ...this.chance(opinion, id) };
    this.now.ended = false;
    this.go({ ...this.settings, random: randomNumbers(this.settings.seed) });
    busy(true);
  }

  chance(opinion, id) {
    const rank = opinion.top.findIndex(([other]) => other === id);
    return rank < 0 ? {} : { probability: opinion.top[rank][1], rank: rank + 1 };
  }

  move(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || !this.now || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const last = this.tokens().length - 1;
    this.point(Math.min(last, Math.max(this.first(), (this.pointed ?? this.now.from - 1) + step)));
  }

  // --- colours

  colour() {
    if (!this.now) return;
    this.redraw();
    stop(`shift:${this.place}`);
    const other = panes[1 - this.place].model;
    if (by("colour").value !== "shift" || !this.now.done) return;
    if (other.tokenizer !== this.model.tokenizer) {
      this.others.textContent = "These two cut text into other tokens, so one cannot be held against the other.";
    } else if (this.tokens().length > other.decoder.config.context) {
      this.others.textContent = `${other.label} cannot read as much as this.`;
    } else {
      const opinions = [];
      start(`shift:${this.place}`, read(other.decoder, other.decoder.newState(), this.tokens(), opinions), () => {
        this.now.ranks = opinions.map((one) => one?.rank);
        this.redraw();
      });
    }
  }

  redraw() {
    this.drawn = 0;
    this.draw();
  }

  // Shifted is what this model thought likeliest and the other did not: neither a prompt nor what was drawn by chance.
  shade(place) {
    const { from, opinions, ranks } = this.now, how = by("colour").value, opinion = opinions[place];
    const bits = -Math.log2(opinion?.probability ?? 1);
    const rank = place >= from && opinion?.rank === 1 ? ranks?.[place] ?? 1 : 1;
    if (how === "surprise" && bits >= 1) return bits < 3 ? "w1" : bits < 6 ? "w2" : "w3";
    return how === "shift" && rank > 1 ? (rank < 4 ? "r2" : "r4") : "";
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

// At temperature 0 nothing is drawn, so that no seed would change anything.
function allowSeed() {
  by("seed").disabled = Number(by("temperature").value) === 0;
}

function busy(is) {
  by("stop").disabled = !is;
  by("write").disabled = is;
}

function finished() {
  if ([...jobs.keys()].some((name) => name.startsWith("write:"))) return;
  busy(false);
  showNext();
  by("status").textContent = panes.filter((pane) => pane.now).map((pane) => `${pane.model.label}: ${pane.why().slice(2)}`).join("; ");
}

function onFailure(error) {
  trouble(`The page could not go on: ${error.message}`);
  busy(false);
}

// look: what an example says of its prompt; nothing of another
function ask(look = []) {
  const told = settings(), prompt = by("prompt").value;
  const refusal = refuses(prompt, told.form);
  if (refusal) return trouble(refusal);
  const sent = panes.map((pane) => pane.written(prompt, told));
  const refusals = panes.map((pane, place) => pane.refuses(sent[place])).filter(Boolean);
  if (refusals.length) return trouble(refusals[0]);
  trouble("");
  by("look").replaceChildren(...look);
  busy(true);
  panes.forEach((pane, place) => pane.ask(prompt, { ...told, random: randomNumbers(told.seed) }, sent[place]));
  by("fresh").hidden = told.form !== "chat";
  if (told.form === "chat") by("prompt").value = "";
  showNext();
  return undefined;
}

function refuses(prompt, form) {
  if (prompt.length > LONGEST_PROMPT) return `This prompt has ${prompt.length.toLocaleString("en")} characters; these models read a few hundred words.`;
  if (form !== "raw" && !prompt.trim()) return "Type something first; as raw text a model may also begin with nothing.";
  return "";
}

function halt() {
  for (const pane of panes) {
    if (!pane.now || pane.now.done) continue;
    stop(`write:${pane.place}`);
    pane.now.done = pane.now.halted = true;
    pane.colour();
  }
  finished();
}

function freshConversation() {
  panes.forEach((pane) => pane.clear());
  busy(false);
  by("fresh").hidden = true;
  by("look").textContent = "";
}

// In another form, or of another model: what was asked stands ready to be asked again.
function askAnew() {
  const prompt = by("prompt").value || panes[0].now?.prompt || "";
  freshConversation();
  by("prompt").value = prompt;
}

function chooseForm(form) {
  document.querySelector(`input[name=form][value=${form}]`).checked = true;
  by("write").textContent = form === "chat" ? "Send" : "Write";
}

function showExample(example) {
  freshConversation();
  chooseForm(example.form);
  by("prompt").value = example.prompt;
  const here = (stage) => data.models.some((one) => one.stage === stage);
  const rates = example.rates.filter(({ model }) => here(model)).map(({ model, value, low, high, n }) =>
    `${data.labels[model]} ${percent(value)} (${percent(low)} to ${percent(high)}; ${n} prompts)`);
  const look = [made("p", { text: example.look })];
  if (rates.length) {
    const trainings = example.rates[0].seeds > 1 ? `${example.rates[0].seeds} trainings` : "one training";
    look.push(made("p", { text: `Measured, over ${trainings}: ${example.measured}, ${rates.join("; ")}.` }));
  }
  ask(look);
}

// --- what comes next at the cursor

const nextStates = [];

function showNext() {
  if (!by("next").open) return;
  const area = by("prompt"), told = settings();
  const upTo = area.value.slice(0, area.selectionStart ?? area.value.length);
  const isAtEnd = upTo.length === area.value.length, isAnswer = isAtEnd && told.form !== "raw";
  by("before").textContent = upTo.length > 40 ? `…${upTo.slice(-40)}` : upTo;
  by("answers").hidden = !isAnswer;
  panes.forEach((pane, place) => {
    const { forms, decoder, label, words } = pane.model, box = by("bars").children[place];
    stop(`next:${place}`);
    if (refuses(upTo, "raw")) return box.replaceChildren(made("p", { text: "too long" }));
    const sent = pane.written(upTo, told);
    const ids = isAnswer ? sent.ids : forms.upTo(told.form, upTo, sent.history.slice(sent.left));
    if (pane.refuses({ ids })) return box.replaceChildren(made("p", { text: pane.refuses({ ids }) }));
    if (nextStates[place]?.decoder !== decoder) nextStates[place] = { decoder, state: decoder.newState() };
    const seek = function* seek() {
      const { top } = lookAt(yield* read(decoder, nextStates[place].state, ids));
      const press = isAnswer ? null : (id) => insert(words, id);
      box.replaceChildren(made("span", { classes: "name", text: label }), bars(top, (id) => pane.piece(id), press, null));
    };
    return start(`next:${place}`, seek());
  });
}

function insert(words, id) {
  const area = by("prompt"), at = area.selectionStart, text = words.decode([id]);
  if (text && !text.includes("\ufffd")) area.setRangeText(text, at, at, "end"); // no control token, no part of a character
  area.focus();
  showNext();
}

// --- to take away

function asMarkdown() {
  const quote = (text) => text.split("\n").map((line) => `> ${line}`).join("\n");
  const fence = (text) => {
    const marks = "`".repeat(Math.max(3, ...(text.match(/`+/g) || []).map((one) => one.length + 1)));
    return `${marks}text\n${text}\n${marks}`;
  };
  const parts = panes.filter((pane) => pane.now).map((pane) => {
    const { form, temperature, seed } = pane.settings;
    const how = `Form ${form}, temperature ${temperature}, seed ${seed}${pane.now.branched ? ", other tokens chosen by hand" : ""}; ${pane.why().slice(2)}.`;
    return [`### ${pane.model.label}`, how, ...pane.history.flatMap((turn) => [quote(turn.user), fence(turn.assistant)]),
      quote(pane.now.prompt), fence(pane.answer())].join("\n\n");
  });
  return `Run ${data.run}\n\n${parts.join("\n\n")}\n`;
}

async function copy(text, button) {
  const name = button.dataset.name ??= button.textContent;
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

// Prompt, settings and models of a link to this page.
function restore() {
  if (!location.hash.startsWith("#play=")) return;
  let told = null;
  try {
    told = JSON.parse(decodeURIComponent(location.hash.slice("#play=".length)));
  } catch { /* told below */ }
  if (!told || typeof told !== "object" || !Array.isArray(told.models)) return void trouble("The link to this page is damaged, so nothing was restored.");
  freshConversation();
  openTab("play");
  trouble("");
  if (["raw", "few", "chat"].includes(told.form)) chooseForm(told.form);
  by("prompt").value = String(told.prompt ?? "").slice(0, LONGEST_PROMPT);
  for (const [id, key] of [["length", "limit"], ["temperature", "temperature"], ["seed", "seed"]]) {
    if (Number.isFinite(told[key])) by(id).value = told[key];
  }
  told.models.slice(0, panes.length).forEach((stage, place) => {
    const number = data.models.findIndex((model) => model.stage === stage);
    if (number < 0) trouble(`The link names a model that this page has not: ${stage}.`);
    else if (data.models[number] !== panes[place].model) {
      panes[place].chooser.value = number;
      panes[place].take(number);
    }
  });
  settings();
  allowSeed();
  showNext();
}

// --- the beginning

const KEYS = {
  none: [],
  surprise: [["w1", "1 to 3 bits"], ["w2", "3 to 6"], ["w3", "more than 6 bits: the model did not expect it"]],
  shift: [["r2", "what it thought likeliest is at place 2 or 3 for the other model"], ["r4", "lower: here the two part"]],
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

async function unpack() {
  for (const [number, model] of data.models.entries()) {
    const weights = by(`weights-${number}`);
    model.bytes = await bytesOf(weights.textContent.trim());
    weights.remove();
  }
}

async function begin() {
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
  await unpack();
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
  by("temperature").addEventListener("input", allowSeed);
  by("stop").addEventListener("click", halt);
  by("fresh").addEventListener("click", () => {
    freshConversation();
    showNext();
    by("prompt").focus();
  });
  by("copy").addEventListener("click", (event) => copy(asMarkdown(), event.currentTarget));
  by("link").addEventListener("click", (event) => {
    history.replaceState(null, "", linkOf()); // the page itself stays as it is
    copy(location.href, event.currentTarget);
  });
  by("colour").addEventListener("change", () => { showKey(); panes.forEach((pane) => pane.colour()); });
  document.querySelectorAll("input[name=form]").forEach((one) => one.addEventListener("change", () => { askAnew(); chooseForm(one.value); showNext(); }));
  by("prompt").addEventListener("keydown", (event) => {
    const sends = document.querySelector("input[name=form]:checked").value === "chat" ? !event.shiftKey : event.ctrlKey || event.metaKey;
    if (event.key === "Enter" && sends && !event.isComposing) {
      event.preventDefault();
      if (!by("write").disabled) ask();
    }
  });
  for (const what of ["input", "keyup", "click"]) by("prompt").addEventListener(what, showNext);
  by("next").addEventListener("toggle", showNext);
  by("link").hidden = window !== parent; // inside a report the page has no address of its own
  addEventListener("hashchange", restore);
  restore();
  allowSeed(); // some browsers keep what a field held
  busy(false);
  const bits = data.weights === "int8" ? 8 : 16;
  by("status").textContent = `Ready: ${data.models.map((model) => model.label).join(", ")}. Weights rounded to ${bits} bits; ${data.fidelity} greedy texts are the same as without rounding.`;
  beginLabelling();
  by("broken").remove();
}
