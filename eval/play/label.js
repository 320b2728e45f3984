// The second tab: the person at the page is the human of human feedback.

const VERDICTS = ["left", "right", "tie", "both bad"];
const AGAIN = 10; // one pair in ten is shown a second time
const APART = 5; // so many others at least stand between the two

// The order in which pairs are shown, and which answer stands on the left: by chance, the same for the same seed.
function planOf(count, seed) {
  const random = randomNumbers(seed + 1);
  const plan = Array.from({ length: count }, (_, pair) => ({ pair, left: random() < 0.5 ? 0 : 1, again: false }));
  for (let pair = AGAIN - APART; pair + APART < count; pair += AGAIN) {
    const first = plan.findIndex((one) => one.pair === pair);
    const at = Math.min(plan.length, first + APART + 1 + Math.floor(random() * APART));
    plan.splice(at, 0, { pair, left: random() < 0.5 ? 0 : 1, again: true });
  }
  return plan;
}

// Choices are kept where the browser allows it, else until the page is closed.
class Choices {
  constructor(key) {
    this.key = key;
    this.isKept = true;
    this.isShared = false; // another tab labels the same pairs, and each would write over the other's
    addEventListener("storage", (event) => { if (event.key === key) this.isShared = true; });
    try {
      this.all = JSON.parse(localStorage.getItem(key) || "[]");
      if (!Array.isArray(this.all)) this.all = [];
      this.keep();
    } catch {
      this.all = this.all || [];
      this.isKept = false;
    }
  }

  keep() {
    if (this.isShared) return;
    try {
      localStorage.setItem(this.key, JSON.stringify(this.all));
      this.isKept = true;
    } catch {
      this.isKept = false;
    }
  }

  add(choice) {
    this.all.push(choice);
    this.keep();
  }

  undo() {
    this.all.pop();
    this.keep();
  }
}

// A row of preferences.jsonl: `make dpo PREFERENCES=file` reads it; what chooses nothing it counts and leaves out.
function rowOf({ pairs, seed }, { pair, left, again, verdict, time }) {
  const { prompt, kind, answers } = pairs[pair];
  const shown = [answers[left], answers[1 - left]];
  const [chosen, rejected] = verdict === "right" ? [shown[1], shown[0]] : shown;
  const said = (one) => [{ role: "assistant", content: one.text }];
  return {
    prompt, chosen: said(chosen), rejected: said(rejected), kind, verdict: again ? "asked again" : verdict,
    stopped: [chosen.stopped, rejected.stopped], models: [chosen.model, rejected.model],
    ...(chosen.utility === null ? {} : { utility: [chosen.utility, rejected.utility] }),
    ...(again ? { second_verdict: verdict } : {}), left: answers[left].model, seed, time,
  };
}

// The Wilson interval of a rate, 95 %.
function wilsonOf(hits, n) {
  const z = 1.959964, share = hits / n, middle = share + z * z / (2 * n);
  const half = z * Math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)), all = 1 + z * z / n;
  return [(middle - half) / all, (middle + half) / all];
}

// What can be told of the choices made: {votes, ties, bad, skipped, first, known, self}; the last three are [hits, of].
function summaryOf({ pairs, stages }, choices) {
  const [stage] = Object.keys(stages);
  const chosenOf = ({ pair, left, verdict }) => pairs[pair].answers[verdict === "left" ? left : 1 - left];
  const decided = (one) => one.verdict === "left" || one.verdict === "right";
  const once = choices.filter((one) => !one.again), votes = once.filter(decided);
  const apart = votes.filter(({ pair }) => pairs[pair].answers[0].utility !== pairs[pair].answers[1].utility);
  const best = ({ pair }) => Math.max(...pairs[pair].answers.map((one) => one.utility));
  const twice = choices.filter((one) => one.again).map((one) => [one, once.find((other) => other.pair === one.pair)])
    .filter(([one, other]) => other && decided(one) && decided(other));
  const count = (verdict) => once.filter((one) => one.verdict === verdict).length;
  return {
    votes: votes.length, ties: count("tie"), bad: count("both bad"), skipped: count("skip"),
    first: [votes.filter((one) => chosenOf(one).model === stage).length, votes.length],
    known: [apart.filter((one) => chosenOf(one).utility === best(one)).length, apart.length],
    self: [twice.filter(([one, other]) => chosenOf(one) === chosenOf(other)).length, twice.length],
  };
}

function tellRate([hits, n]) {
  if (!n) return "nothing to count";
  const [low, high] = wilsonOf(hits, n);
  return `${hits} of ${n}, ${percent(hits / n)} (95 % interval ${percent(low)} to ${percent(high)})`;
}

// Whether the votes say which model is liked better.
function tellVotes([hits, n]) {
  const [low, high] = n ? wilsonOf(hits, n) : [0, 1];
  return `Your ${n} votes ${low > 0.5 || high < 0.5 ? "tell" : "do not settle"} which of the two you like better.`;
}

async function save(rows, told) {
  const text = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  if (window.showSaveFilePicker) {
    try {
      const file = await window.showSaveFilePicker({ suggestedName: "preferences.jsonl" });
      const stream = await file.createWritable();
      await stream.write(text);
      await stream.close();
      told.textContent = `${rows.length} rows saved.`;
      return;
    } catch (error) {
      if (error.name === "AbortError") return;
    }
  }
  const url = URL.createObjectURL(new Blob([text], { type: "application/jsonl" }));
  const link = made("a", { href: url, download: "preferences.jsonl" });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
  told.textContent = `${rows.length} rows went to your downloads as preferences.jsonl.`;
}

function beginLabelling() {
  const room = by("label"), told = data.label;
  if (!told) {
    room.replaceChildren(
      made("h2", { classes: "first", text: "You are the human" }),
      made("p", { text: "This page was written without pairs to choose between. make label writes it with them: two answers of your own models to each prompt." }));
    return;
  }
  const plan = planOf(told.pairs.length, told.seed);
  const choices = new Choices(`label-${told.hash}`);
  const progress = made("progress", { max: plan.length, "aria-label": "Pairs seen" });
  const place = made("span", { classes: "soft" }), kept = made("p", { classes: "soft", role: "status" });
  const asked = made("div", { classes: "asked-of", "aria-live": "polite" }), sides = made("div", { classes: "panes", "aria-live": "polite" });
  const button = (text, press, key) => {
    const one = made("button", { type: "button", text });
    one.setAttribute("aria-keyshortcuts", key);
    one.addEventListener("click", press);
    return one;
  };
  const decide = (verdict) => {
    const next = plan[choices.all.length];
    if (!next || isOver) return;
    choices.add({ ...next, verdict, time: new Date().toISOString() });
    show();
  };
  const verdicts = VERDICTS.map((verdict, number) => button(`${number + 1} ${["Left is better", "Right is better", "Tie", "Both bad"][number]}`, () => decide(verdict), String(number + 1)));
  const undo = button("u Undo", () => { if (isOver) isOver = false; else choices.undo(); show(); }, "u");
  const skip = button("s Skip", () => decide("skip"), "s");
  const enough = button("That is enough", () => { isOver = true; show(); }, "");
  const saved = made("span", { classes: "soft", role: "status" });
  const store = button("Save preferences.jsonl", () => save(choices.all.filter((one) => one.verdict !== "skip").map((one) => rowOf(told, one)), saved), "");
  const end = made("div", { id: "reveal", "aria-live": "polite" });

  let isOver = false;

  function show() {
    const done = choices.all.length, next = isOver ? undefined : plan[done];
    progress.value = done;
    place.textContent = ` ${done} of ${plan.length}`;
    const why = choices.isShared ? "Another tab labels the same pairs, so nothing more is kept here"
      : "This browser keeps nothing for this page (storage is full or forbidden)";
    kept.textContent = choices.isKept && !choices.isShared ? "" : `${why}: save before you close it.`;
    undo.disabled = enough.disabled = !done;
    [...verdicts, skip].forEach((one) => { one.disabled = !next; });
    asked.hidden = sides.hidden = !next;
    end.hidden = Boolean(next);
    if (next) {
      const { prompt, answers } = told.pairs[next.pair];
      asked.replaceChildren(...prompt.map((turn) => made("p", { classes: turn.role === "user" ? "asked" : "said", text: `${turn.role === "user" ? "Asked: " : ""}${turn.content}` })));
      sides.replaceChildren(...[next.left, 1 - next.left].map((which, side) => made("div", { classes: "pane card" },
        made("span", { classes: "name", text: side ? "Right" : "Left" }), made("pre", { text: answers[which].text }),
        made("span", { classes: `stop${answers[which].stopped ? " yes" : ""}`, text: answers[which].stopped ? "■ it stopped by itself" : "… cut" }))));
    } else reveal();
  }

  function reveal() {
    const sum = summaryOf(told, choices.all), [first, second] = Object.values(told.stages);
    const line = (name, value) => [made("dt", { text: name }), made("dd", { text: value })];
    const knows = told.pairs.every((pair) => pair.answers.every((one) => one.utility !== null));
    end.replaceChildren(
      made("h3", { text: "What your choices say" }),
      made("dl", { classes: "facts" },
        ...line(`You preferred ${first} to ${second}`, tellRate(sum.first)),
        ...(knows ? line("You agree with the program that checks answers", tellRate(sum.known)) : []),
        ...line("You agree with yourself, asked again", tellRate(sum.self)),
        ...line("Ties, both bad, skipped", `${sum.ties}, ${sum.bad}, ${sum.skipped}`)),
      made("p", { text: `Save the file, move it into the project's folder and train on it: make dpo RUN=mine PREFERENCES=preferences.jsonl. ${tellVotes(sum.first)} A reward model needs thousands of votes.` }));
    const rows = choices.all.filter((one) => !one.again).map(({ pair, left, verdict }, number) => {
      const names = [told.pairs[pair].answers[left], told.pairs[pair].answers[1 - left]].map((one) => told.stages[one.model]);
      return made("li", { text: `${number + 1}. left ${names[0]}, right ${names[1]}: you said ${verdict}` });
    });
    end.append(made("details", {}, made("summary", { text: "Which was which" }), made("ul", { classes: "plain-list" }, ...rows)));
  }

  room.replaceChildren(
    made("h2", { classes: "first", text: "Which answer is better?" }),
    made("p", { classes: "soft", text: "Two of your models answered the same prompt; which is which is told at the end, or when you have enough. Better means: true, does what was asked, refuses harm and nothing else, ends where it is done. Keys: 1 left, 2 right, 3 tie, 4 both bad, u undo, s skip." }),
    made("p", {}, progress, place), kept, asked, sides,
    made("p", { classes: "buttons" }, ...verdicts, skip, undo, enough), made("p", { classes: "buttons" }, store, " ", saved), end);
  document.addEventListener("keydown", (event) => {
    if (room.hidden || event.repeat || event.ctrlKey || event.metaKey || event.altKey || ["INPUT", "TEXTAREA", "SELECT"].includes(event.target.tagName)) return;
    const verdict = VERDICTS[Number(event.key) - 1];
    if (verdict) decide(verdict);
    else if (event.key === "u" && choices.all.length) undo.click();
    else if (event.key === "s") decide("skip");
    else return;
    event.preventDefault();
  });
  show();
}

setTimeout(begin); // the page is drawn before the weights are read
