// What the models do a little at a time, so that the page stays alive: as many tokens as fit into 12 ms, then a frame.

const SLICE = 12; // ms
const SHOWN = 8; // tokens of a list of alternatives
const jobs = new Map(); // name -> generator; a new one of the same name takes the place of the old
let ticking = false;

function start(name, job, after = () => {}) {
  jobs.set(name, { job, after });
  if (!ticking) {
    ticking = true;
    requestAnimationFrame(tick);
  }
}

function stop(name) {
  for (const known of [...jobs.keys()]) if (known.startsWith(name)) jobs.delete(known);
}

function tick() {
  const end = performance.now() + SLICE;
  while (jobs.size && performance.now() < end) {
    for (const [name, { job, after }] of [...jobs]) {
      if (jobs.get(name)?.job !== job) continue;
      try {
        if (!job.next().done) continue;
        jobs.delete(name);
        after();
      } catch (error) { // one job that cannot go on stops no other
        jobs.delete(name);
        onFailure(error);
      }
    }
  }
  onFrame();
  ticking = jobs.size > 0;
  if (ticking) requestAnimationFrame(tick);
}

// The same numbers between 0 and 1 for the same seed (mulberry32).
function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// {logTotal, top: [[id, probability], ...]} of logits.
function lookAt(logits) {
  let largest = -Infinity;
  for (let id = 0; id < logits.length; id++) if (logits[id] > largest) largest = logits[id];
  let total = 0;
  const top = [];
  let least = -Infinity;
  for (let id = 0; id < logits.length; id++) {
    total += Math.exp(logits[id] - largest);
    if (logits[id] <= least) continue;
    let place = top.length;
    while (place && logits[top[place - 1]] < logits[id]) place--;
    top.splice(place, 0, id);
    if (top.length > SHOWN) top.pop();
    if (top.length === SHOWN) least = logits[top[SHOWN - 1]];
  }
  const logTotal = largest + Math.log(total);
  return { logTotal, top: top.map((id) => [id, Math.exp(logits[id] - logTotal)]) };
}

// What the model thought of a token: its probability, how many are likelier, and the likeliest.
function opinionOf(logits, id) {
  const { logTotal, top } = lookAt(logits);
  let rank = 1;
  for (let other = 0; other < logits.length; other++) if (logits[other] > logits[id]) rank++;
  return { probability: Math.exp(logits[id] - logTotal), rank, top };
}

function choose(logits, temperature, random) {
  if (!temperature) return lookAt(logits).top[0][0];
  const { logTotal } = lookAt(logits.map((one) => one / temperature));
  let left = random();
  for (let id = 0; id < logits.length; id++) {
    left -= Math.exp(logits[id] / temperature - logTotal);
    if (left < 0) return id;
  }
  return lookAt(logits).top[0][0];
}

// Bring a state to these tokens, going on from what it has read of them already; the logits of the next token.
function* read(model, state, ids, opinions = null) {
  let same = 0;
  while (same < state.length && same < ids.length - 1 && state.ids[same] === ids[same]) same++;
  if (opinions) while (same && !opinions[same]) same--;
  state.length = state.ids.length = same;
  let logits = null;
  for (let place = same; place < ids.length; place++) {
    const isLast = place === ids.length - 1;
    logits = model.step(state, ids[place], isLast || opinions !== null);
    if (opinions && !isLast) opinions[place + 1] = opinionOf(logits, ids[place + 1]);
    if (!isLast) yield;
  }
  return logits;
}

// Read a prompt, write after it. `told` is filled: ids, opinions (of all but the first token), stopped.
function* write(model, state, told, { limit, temperature, random }) {
  let logits = yield* read(model, state, told.ids, told.opinions);
  while (told.ids.length - told.from < limit && told.ids.length < model.config.context) {
    const id = choose(logits, temperature, random);
    told.opinions[told.ids.length] = opinionOf(logits, id);
    if (model.config.stops.includes(id)) {
      Object.assign(told, { stopped: true, stop: id });
      return;
    }
    told.ids.push(id);
    yield;
    logits = model.step(state, id);
  }
}
