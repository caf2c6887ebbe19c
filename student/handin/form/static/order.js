// In which order this student sees options: the order of handin/questions.py, so that ask() shows the same one.

/** @typedef {{id: string, text: string}} Entry */

/**
 * @param {Entry[]} entries
 * @param {string} order  what the order is drawn from; "" leaves it as it is
 * @returns {Entry[]}
 */
export function shuffled(entries, order) {
  if (!order) return entries;
  const places = new Map(entries.map(({ id }) => [id, sha256(json([order, id]))]));
  return [...entries].sort((a, b) => (places.get(a.id) < places.get(b.id) ? -1 : 1));
}

/** As Python's json.dumps writes a list of strings. @param {string[]} parts */
function json(parts) {
  const escaped = (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0");
  return `[${parts.map((part) => JSON.stringify(part).replace(/[\x7f-\uffff]/g, escaped)).join(", ")}]`;
}

// Not crypto.subtle: browsers withhold it from pages that come by plain http.
const PRIMES = [];
for (let n = 2; PRIMES.length < 64; n++) if (PRIMES.every((p) => n % p)) PRIMES.push(n);
const fraction = (x) => ((x - Math.floor(x)) * 2 ** 32) | 0;
const START = PRIMES.slice(0, 8).map((p) => fraction(Math.sqrt(p)));
const ROUND = PRIMES.map((p) => fraction(Math.cbrt(p)));

/** In hexadecimal digits. @param {string} text  ASCII */
export function sha256(text) {
  const length = text.length;
  const words = new Uint32Array((((length + 8) >> 6) + 1) * 16);
  for (let i = 0; i < length; i++) words[i >> 2] |= text.charCodeAt(i) << (24 - 8 * (i & 3));
  words[length >> 2] |= 0x80 << (24 - 8 * (length & 3));
  words[words.length - 1] = length * 8;
  const hash = [...START];
  const w = new Int32Array(64);
  const turn = (x, n) => (x >>> n) | (x << (32 - n));
  for (let block = 0; block < words.length; block += 16) {
    let [a, b, c, d, e, f, g, h] = hash;
    for (let i = 0; i < 64; i++) {
      if (i < 16) w[i] = words[block + i];
      else {
        const [x, y] = [w[i - 15], w[i - 2]];
        const small = turn(x, 7) ^ turn(x, 18) ^ (x >>> 3);
        w[i] = w[i - 16] + small + w[i - 7] + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10));
      }
      const one = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + ROUND[i] + w[i];
      const two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((x, i) => (hash[i] = (hash[i] + x) | 0));
  }
  return hash.map((x) => (x >>> 0).toString(16).padStart(8, "0")).join("");
}
