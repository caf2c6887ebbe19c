// The one kind of cell that a form reads and writes: a plain assignment, `name = literal`, with comments around it.

const STRING =
  /"""(?:[^\\]|\\[^])*?"""|'''(?:[^\\]|\\[^])*?'''|"(?:[^"\\\n]|\\[^])*"(?!")|'(?:[^'\\\n]|\\[^])*'(?!')/y;
const NUMBER = /-?(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][-+]?\d+)?(?![\w.])/y;
const NOTHING = /(?:\.\.\.|None)(?!\w)/y;
const GAP = /(?:[ \t\f\n]|\\\n|#[^\n]*)*/y;
const SPACE = /[ \t\f]*/y;
const END_OF_LINE = /(?=#|\n|$)/y;
const OTHER = new Error("this cell is no plain assignment");

/**
 * Read a cell. An empty one counts as an assignment that is still to be written.
 * @param {string} source
 * @param {string} name  the variable that is asked for
 * @returns {Assignment | null}  null where the cell is anything else
 */
export function read(source, name) {
  try {
    return new Reader(source).assignment(name);
  } catch (problem) {
    if (problem !== OTHER) throw problem;
    return null;
  }
}

class Reader {
  constructor(source) {
    Object.assign(this, { source, at: 0, comments: [], entries: new Map(), comma: null });
  }

  assignment(name) {
    const { source, comments, entries } = this;
    const here = { start: source.length, end: source.length, value: null, comments: [], entries };
    this.take(GAP);
    if (this.at === source.length) return here;
    this.take(new RegExp(`${name}[ \\t]*=[ \\t]*`, "y"));
    const start = this.at;
    const items = this.items(END_OF_LINE, SPACE);
    if (!items.length) throw OTHER;
    const value = this.one(items);
    const end = start + source.slice(start, this.at).trimEnd().length;
    this.take(GAP);
    if (this.at < source.length) throw OTHER;
    return { start, end, value, comments, entries };
  }

  value() {
    const text = this.has(STRING);
    if (text) return unquoted(text);
    const number = this.has(NUMBER);
    if (number) return { number };
    if (this.has(NOTHING)) return null;
    if (this.has(/\[/y)) return this.items(/\]/y);
    if (this.has(/\{/y)) return new Map(this.items(/\}/y, GAP, () => this.entry()));
    this.take(/\(/y);
    return this.one(this.items(/\)/y));
  }

  /** What stands between commas, up to what closes it. */
  items(close, gap = GAP, item = () => this.value()) {
    const found = [];
    for (;;) {
      this.space(gap);
      if (this.has(close) !== null) return found;
      found.push(item());
      this.space(gap);
      this.comma = this.has(/,/y);
      if (!this.comma) return this.take(close), found;
    }
  }

  entry() {
    const key = unquoted(this.take(STRING));
    this.space();
    this.take(/:/y);
    this.space();
    const start = this.at;
    const value = this.value();
    this.entries.set(key, { start, end: this.at });
    return [key, value];
  }

  /** It is a comma that makes a tuple. */
  one(items) {
    return items.length === 1 && !this.comma ? items[0] : items;
  }

  space(gap = GAP) {
    this.comments.push(...(this.take(gap).match(/#[^\n]*/g) ?? []));
  }

  has(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.source)?.[0] ?? null;
    if (found !== null) this.at += found.length;
    return found;
  }

  take(pattern) {
    const found = this.has(pattern);
    if (found === null) throw OTHER;
    return found;
  }
}

const ESCAPED = { "'": "'", "\n": "" };

function unquoted(literal) {
  const width = /^("""|''')/.test(literal) ? 3 : 1;
  return literal.slice(width, -width).replace(/\\(u[\da-f]{4}|[^])/gi, (it, letter) => {
    if (letter in ESCAPED) return ESCAPED[letter];
    if (!/^([nrtbf\\"]|u.)/.test(letter)) throw OTHER;
    return JSON.parse(`"${it}"`);
  });
}

/** The value as Python writes it. @param {Value} value @param {boolean} tuple  a row is a tuple */
export function literal(value, tuple = false) {
  if (value === null) return "...";
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) {
    const items = value.map((item) => literal(item)).join(", ");
    return tuple ? `(${items}${value.length === 1 ? "," : ""})` : `[${items}]`;
  }
  if (!(value instanceof Map)) return value.number;
  return `{\n${[...value].map(([key, item]) => `    ${literal(key)}: ${literal(item)},\n`).join("")}}`;
}

/**
 * The cell with another value in it. Its name and all comments stay; of a dict only values change.
 * @param {string} source
 * @param {string} name
 * @param {Value} value
 * @param {boolean} tuple
 */
export function written(source, name, value, tuple = false) {
  const found = read(source, name);
  if (!found) return source;
  const { start, end, comments, entries } = found;
  if (start === end) return `${source.trimEnd()}\n${name} = ${literal(value, tuple)}`.trimStart();
  if (value instanceof Map && [...value.keys()].every((key) => entries.has(key))) {
    const changes = [...value].filter(([key, item]) => item !== found.value.get(key));
    changes.sort(([one], [other]) => entries.get(other).start - entries.get(one).start); // from behind
    const put = (text, [key, item]) =>
      text.slice(0, entries.get(key).start) + literal(item) + text.slice(entries.get(key).end);
    return changes.reduce(put, source);
  }
  const behind = comments.map((comment) => `  ${comment}`).join("");
  return source.slice(0, start) + literal(value, tuple) + behind + source.slice(end);
}
