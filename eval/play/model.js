// A decoder of a few million weights: token ids in, logits out, one token at a time.

// --- weights: bf16 is the upper half of a 32-bit float; int8 has a scale for each row

// what Python's zlib packed, unpacked by the browser itself
async function bytesOf(base64) {
  const packed = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(unpacked).arrayBuffer());
}

function matrixOf(bytes, { kind, shape, at, scales }) {
  const count = shape.reduce((a, b) => a * b, 1);
  const floats = (from, size) => new Float32Array(bytes.buffer.slice(from, from + 4 * size));
  const made = { rows: shape[0], columns: count / shape[0], values: null, scales: null };
  if (kind === "int8") {
    made.values = new Int8Array(bytes.buffer, at, count);
    made.scales = floats(scales, shape[0]);
  } else if (kind === "bf16") {
    const halves = new Uint16Array(bytes.buffer, at, count);
    const bits = new Uint32Array(count);
    for (let i = 0; i < count; i++) bits[i] = halves[i] << 16;
    made.values = new Float32Array(bits.buffer);
  } else {
    made.values = floats(at, count);
  }
  return made;
}

// out = matrix x, four rows at a time
function multiply(matrix, x, out) {
  const { rows, columns, values, scales } = matrix;
  let row = 0;
  for (; row + 3 < rows; row += 4) {
    let a = row * columns, b = a + columns, c = b + columns, d = c + columns;
    let p = 0, q = 0, r = 0, s = 0;
    for (let i = 0; i < columns; i++) {
      const xi = x[i];
      p += values[a++] * xi;
      q += values[b++] * xi;
      r += values[c++] * xi;
      s += values[d++] * xi;
    }
    out[row] = p;
    out[row + 1] = q;
    out[row + 2] = r;
    out[row + 3] = s;
  }
  for (; row < rows; row++) {
    let p = 0, a = row * columns;
    for (let i = 0; i < columns; i++) p += values[a++] * x[i];
    out[row] = p;
  }
  if (scales) for (row = 0; row < rows; row++) out[row] *= scales[row];
  return out;
}

// of `size` numbers from `from` on
function normalise(x, weight, eps, out, from = 0, size = x.length) {
  let squares = 0;
  for (let i = 0; i < size; i++) squares += x[from + i] * x[from + i];
  const scale = 1 / Math.sqrt(squares / size + eps);
  for (let i = 0; i < size; i++) out[from + i] = x[from + i] * scale * weight.values[i];
}

class Decoder {
  // packed: what eval/play/packing.py wrote: {config, layers, embed, norm, head}, and the bytes that it points into
  constructor(packed, bytes) {
    const read = (tensors) => Object.fromEntries(Object.entries(tensors).map(
      ([name, told]) => [name, told && told.shape ? matrixOf(bytes, told) : told]));
    this.config = packed.config;
    this.layers = packed.layers.map(read);
    Object.assign(this, read({ embed: packed.embed, norm: packed.norm, head: packed.head }));
    this.head = this.head || this.embed;
    const { headSize, ropeTheta, context } = this.config;
    const half = headSize / 2;
    this.cos = new Float32Array(context * half);
    this.sin = new Float32Array(context * half);
    for (let place = 0; place < context; place++) {
      for (let i = 0; i < half; i++) {
        const angle = Math.fround(place * Math.fround(ropeTheta ** (-2 * i / headSize)));
        this.cos[place * half + i] = Math.cos(angle);
        this.sin[place * half + i] = Math.sin(angle);
      }
    }
    const { hidden, heads, kvHeads, inner } = this.config;
    const room = (size) => new Float32Array(size);
    this.rooms = {
      x: room(hidden), normed: room(hidden), mixed: room(Math.max(hidden, heads * headSize)), added: room(hidden),
      q: room(heads * headSize), k: room(kvHeads * headSize), v: room(kvHeads * headSize), three: room(3 * hidden),
      gate: room(inner), up: room(inner), scores: room(context), logits: room(this.head.rows),
    };
  }

  // What the model remembers of a text: for each layer and token its key and value, or the input of a convolution.
  // To go back to an earlier token, set `length`.
  newState() {
    const { context, hidden, kvHeads, headSize } = this.config;
    const size = (layer) => (layer.kind === "conv" ? hidden : 2 * kvHeads * headSize);
    return { length: 0, ids: [], layers: this.layers.map((layer) => new Float32Array(context * size(layer))) };
  }

  // Reads one more token. The logits of the next one if they are wanted; they hold until the next call.
  step(state, id, wanted = true) {
    const { hidden, eps } = this.config;
    const { x, normed, added } = this.rooms;
    const place = state.length;
    const scale = this.embed.scales ? this.embed.scales[id] : 1;
    for (let i = 0; i < hidden; i++) x[i] = this.embed.values[id * hidden + i] * scale;
    this.layers.forEach((layer, number) => {
      normalise(x, layer.norm, eps, normed);
      if (layer.kind === "conv") this.convolve(layer, state.layers[number], place);
      else this.attend(layer, state.layers[number], place);
      for (let i = 0; i < hidden; i++) x[i] += added[i];
      normalise(x, layer.mlpNorm, eps, normed);
      this.transform(layer);
      for (let i = 0; i < hidden; i++) x[i] += added[i];
    });
    state.ids[place] = id;
    state.ids.length = state.length = place + 1;
    if (!wanted) return null;
    normalise(x, this.norm, eps, normed);
    return multiply(this.head, normed, this.rooms.logits);
  }

  // A gated short convolution: each channel mixes a token with the few before it.
  convolve(layer, inputs, place) {
    const { hidden } = this.config;
    const { normed, three, mixed, added } = this.rooms;
    const { values: kernel, columns: size } = layer.kernel;
    multiply(layer.in, normed, three);
    for (let i = 0; i < hidden; i++) {
      inputs[place * hidden + i] = three[i] * three[2 * hidden + i];
      let sum = 0;
      for (let back = 0; back < size && back <= place; back++) {
        sum += kernel[i * size + size - 1 - back] * inputs[(place - back) * hidden + i];
      }
      mixed[i] = three[hidden + i] * sum;
    }
    multiply(layer.out, mixed, added);
  }

  attend(layer, remembered, place) {
    const { heads, kvHeads, headSize } = this.config;
    const { normed, q, k, v, mixed, scores, added } = this.rooms;
    multiply(layer.q, normed, q);
    multiply(layer.k, normed, k);
    multiply(layer.v, normed, v);
    this.turn(q, heads, place, layer.qNorm);
    this.turn(k, kvHeads, place, layer.kNorm);
    const width = kvHeads * headSize;
    remembered.set(k, place * 2 * width);
    remembered.set(v, place * 2 * width + width);
    for (let head = 0; head < heads; head++) {
      const from = head * headSize, shared = Math.floor(head * kvHeads / heads) * headSize;
      let largest = -Infinity;
      for (let then = 0; then <= place; then++) {
        let score = 0;
        for (let i = 0, at = then * 2 * width + shared; i < headSize; i++) score += q[from + i] * remembered[at + i];
        scores[then] = score / Math.sqrt(headSize);
        largest = Math.max(largest, scores[then]);
      }
      let total = 0;
      for (let then = 0; then <= place; then++) total += scores[then] = Math.exp(scores[then] - largest);
      mixed.fill(0, from, from + headSize);
      for (let then = 0; then <= place; then++) {
        const share = scores[then] / total;
        for (let i = 0, at = then * 2 * width + width + shared; i < headSize; i++) mixed[from + i] += share * remembered[at + i];
      }
    }
    multiply(layer.o, mixed, added);
  }

  // Rotary positions: the two halves of a head are turned against each other.
  turn(x, heads, place, norm) {
    const { headSize, eps } = this.config;
    const half = headSize / 2;
    for (let head = 0; head < heads; head++) {
      const from = head * headSize;
      if (norm) normalise(x, norm, eps, x, from, headSize);
      for (let i = 0; i < half; i++) {
        const cos = this.cos[place * half + i], sin = this.sin[place * half + i];
        const a = x[from + i], b = x[from + half + i];
        x[from + i] = a * cos - b * sin;
        x[from + half + i] = b * cos + a * sin;
      }
    }
  }

  transform(layer) {
    const { normed, gate, up, added } = this.rooms;
    multiply(layer.gate, normed, gate);
    multiply(layer.up, normed, up);
    for (let i = 0; i < gate.length; i++) gate[i] *= up[i] / (1 + Math.exp(-gate[i]));
    multiply(layer.down, gate, added);
  }
}
