// In which order this student sees options: that of handin/questions.py, so that ask() shows the same one.

/** @param {Entry[]} entries @param {string} order  what it is drawn from; "" leaves it as it is @returns {Entry[]} */
export function shuffled(entries, order) {
  if (!order) return entries;
  const places = new Map(entries.map(({ id }) => [id, sha256(json([order, id]))]));
  return entries.toSorted((a, b) => (places.get(a.id) < places.get(b.id) ? -1 : 1));
}

/** As Python's json.dumps writes it. @param {string[]} parts */
function json(parts) {
  const escaped = (c) => "\\u" + c.charCodeAt().toString(16).padStart(4, "0");
  return `[${parts.map((part) => JSON.stringify(part).replace(/[\x7f-\uffff]/g, escaped)).join(", ")}]`;
}

// Not crypto.subtle: browsers withhold it from pages that come by plain http.
const PRIMES = [];
for (let n = 2; PRIMES.length < 64; n++) if (PRIMES.every((p) => n % p)) PRIMES.push(n);
const fraction = (x) => ((x % 1) * 2 ** 32) | 0;
const ROUNDS = PRIMES.map((p) => fraction(Math.cbrt(p)));

/** In hexadecimal digits. @param {string} text  ASCII */
export function sha256(text) {
  const words = new Uint32Array((((text.length + 8) >> 6) + 1) * 16);
  [...text, "\x80"].forEach((c, i) => (words[i >> 2] |= c.charCodeAt() << (24 - 8 * (i & 3))));
  words[words.length - 1] = text.length * 8;
  const hash = PRIMES.slice(0, 8).map((p) => fraction(Math.sqrt(p)));
  const turned = (x, ...by) => by.reduce((all, n) => all ^ ((x >>> n) | (x << (32 - n))), 0);
  for (let block = 0; block < words.length; block += 16) {
    const w = [...words.slice(block, block + 16)];
    let state = [...hash];
    for (let i = 0; i < 64; i++) {
      const [a, b, c, d, e, f, g, h] = state;
      const [x, y] = [w[i + 1], w[i + 14]];
      w.push((w[i] + (turned(x, 7, 18) ^ (x >>> 3)) + w[i + 9] + (turned(y, 17, 19) ^ (y >>> 10))) | 0);
      const one = h + turned(e, 6, 11, 25) + ((e & f) ^ (~e & g)) + ROUNDS[i] + w[i];
      const two = turned(a, 2, 13, 22) + ((a & b) ^ (a & c) ^ (b & c));
      state = [(one + two) | 0, a, b, c, (d + one) | 0, e, f, g];
    }
    state.forEach((x, i) => (hash[i] = (hash[i] + x) | 0));
  }
  return hash.map((x) => (x >>> 0).toString(16).padStart(8, "0")).join("");
}
