// Byte-level BPE, as the library's tokenizer of the same folder does it.

const BLANK = "\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"; // Unicode's White_Space
const LETTERS = "\\p{L}", NUMBERS = "\\p{N}";
const WORDS = new RegExp(
  `'s|'t|'re|'ve|'m|'ll|'d| ?${LETTERS}+| ?${NUMBERS}+| ?[^${BLANK}${LETTERS}${NUMBERS}]+|[${BLANK}]+(?![^${BLANK}])|[${BLANK}]+`, "gu");
const DIGITS = new RegExp(`(${NUMBERS})`, "u");

// A character that can be seen for each byte, in which the vocabulary is written.
function byteCharacters() {
  const made = [];
  let further = 256;
  for (let byte = 0; byte < 256; byte++) {
    const seen = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    made.push(String.fromCharCode(seen ? byte : further++));
  }
  return made;
}

class Tokenizer {
  // packed: {tokens: a string for each id, merges: ["a b", ...] in their order, special: [ids], splitsDigits}
  constructor({ tokens, merges, special, splitsDigits }) {
    Object.assign(this, { tokens, splitsDigits });
    this.ids = new Map(tokens.map((token, id) => [token, id]));
    this.ranks = new Map(merges.map((pair, rank) => [pair, rank]));
    this.special = special.map((id) => tokens[id]).sort((a, b) => b.length - a.length || (a < b ? 1 : -1));
    this.isSpecial = new Set(special);
    this.characters = byteCharacters();
    this.bytes = new Map(this.characters.map((character, byte) => [character, byte]));
    this.known = new Map();
  }

  // Token ids of plain text; what looks like a control token in it stays text.
  encode(text) {
    const pieces = this.splitsDigits ? text.split(DIGITS) : [text];
    return pieces.flatMap((piece) => (piece.match(WORDS) || []).flatMap((word) => this.encodeWord(word)));
  }

  // The same of a text in which control tokens count: the chat form, whose turns have been through `harmless`.
  encodeForm(text) {
    if (!text) return [];
    const first = this.special.map((token) => [text.indexOf(token), token]).filter(([at]) => at >= 0)
      .sort((a, b) => a[0] - b[0] || b[1].length - a[1].length)[0];
    if (!first) return this.encode(text);
    const [at, token] = first;
    return [...this.encode(text.slice(0, at)), this.ids.get(token), ...this.encodeForm(text.slice(at + token.length))];
  }

  encodeWord(word) {
    const found = this.known.get(word);
    if (found) return found;
    let parts = [...new TextEncoder().encode(word)].map((byte) => this.characters[byte]);
    for (;;) {
      let best = Infinity;
      for (let i = 0; i + 1 < parts.length; i++) {
        const rank = this.ranks.get(`${parts[i]} ${parts[i + 1]}`);
        if (rank < best) best = rank;
      }
      if (best === Infinity) break;
      const merged = [];
      for (let i = 0; i < parts.length; i++) {
        if (i + 1 < parts.length && this.ranks.get(`${parts[i]} ${parts[i + 1]}`) === best) merged.push(parts[i] + parts[++i]);
        else merged.push(parts[i]);
      }
      parts = merged;
    }
    const ids = parts.map((part) => this.ids.get(part));
    if (this.known.size < 50000) this.known.set(word, ids);
    return ids;
  }

  bytesOf(id) {
    return this.isSpecial.has(id) ? [] : [...(this.tokens[id] ?? "")].map((character) => this.bytes.get(character));
  }

  decode(ids) {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(new Uint8Array(ids.flatMap((id) => this.bytesOf(id))));
  }

  // The text that each token adds. A character of several tokens stands with the last of them.
  pieces(ids) {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    return ids.map((id, place) => decoder.decode(new Uint8Array(this.bytesOf(id)), { stream: place + 1 < ids.length }));
  }

  // The same text with every control token broken up by a space.
  harmless(text) {
    return this.special.reduce((said, token) => said.replaceAll(token, `${token[0]} ${token.slice(1)}`), text);
  }
}
