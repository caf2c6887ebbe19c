// What is answered with: native elements, one kind of field for each kind of question. Types: ../types.d.ts

import { shuffled } from "./order.js";
import { literal } from "./python.js";

let count = 0;
const fresh = () => `handin-${++count}`;
const fold = (text) => text.trim().toLowerCase();
const isText = (value) => value === null || typeof value === "string";
export const isBlank = (value) => value === null || ["", "..."].includes(value.trim?.());
const isNumber = (value) => typeof value?.number === "string";

/** @param {string} tag @param {object} properties  or attributes @param {...(Node | string)} children */
export function element(tag, properties, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

export const button = (text, onclick, more) => element("button", { type: "button", onclick, ...more }, text);
const labelled = (text, node) => element("label", { dir: "auto" }, element("span", {}, text), node);

function select(choices, onchange, more) {
  const all = [["", "–"], ...choices];
  return element("select", { onchange, ...more }, ...all.map(([value, text]) => element("option", { value }, text)));
}

/** Ids as a cell holds them, one or several. @returns {string[] | null} */
function ids(value) {
  const listed = [value].flat();
  return listed.every(isText) ? listed.filter((item) => !isBlank(item)) : null;
}

/** Those that are meant, and those that are unknown. Capitals make no difference. */
function known(given, entries) {
  const names = new Map(entries.map(({ id }) => [fold(id), id]));
  return [given.flatMap((id) => names.get(fold(id)) ?? []), given.filter((id) => !names.has(fold(id)))];
}

/** @returns {Field} */
function picks(about, tools, type) {
  const options = shuffled(about.options, about.order);
  const name = fresh();
  const boxes = options.map(({ id }) => element("input", { type, name, value: id, onchange: () => tools.changed() }));
  const picked = () => boxes.filter((box) => box.checked).map((box) => box.value);
  return {
    nodes: options.map(({ text }, i) =>
      element("label", { className: "handin-option", dir: "auto" }, boxes[i], tools.text(text)),
    ),
    value: () => (type === "radio" ? picked().join() : picked()),
    show(value) {
      const given = ids(value);
      if (!given || (type === "radio" && given.length > 1)) return null;
      const [meant, unknown] = known(given, options);
      for (const box of boxes) box.checked = meant.includes(box.value);
      return unknown;
    },
  };
}

/** @returns {Field} */
function order(about, tools) {
  const options = shuffled(about.options, about.order);
  const list = element("ol", { className: "handin-order", role: "list" });
  const said = element("span", { className: "handin-hidden", role: "status" });
  const { say } = tools;
  const done = button(say("asShown"), () => tools.changed());
  const rows = new Map(options.map(({ id, text }) => [id, row(id, tools.text(text))]));
  let shown = [];

  function row(id, words) {
    words.id = fresh();
    const mover = (sign, name, step) =>
      button(sign, () => move(id, step), { "aria-label": say(name), "aria-describedby": words.id, title: say(name) });
    return element("li", { dir: "auto" }, mover("↑", "up", -1), mover("↓", "down", 1), words);
  }

  function arrange(wanted) {
    if (String(wanted) === String(shown)) return;
    const focused = list.contains(document.activeElement) && document.activeElement;
    list.append(...wanted.map((id) => rows.get(id)));
    if (focused) focused.focus(); // what is moved loses it
    shown = wanted;
  }

  function move(id, step) {
    const from = shown.indexOf(id);
    const to = from + step;
    if (to < 0 || to >= shown.length) return;
    const wanted = shown.toSpliced(from, 1).toSpliced(to, 0, id);
    arrange(wanted);
    said.textContent = say("moved", to + 1, shown.length);
    tools.changed();
  }

  return {
    nodes: [list, done, said],
    value: () => shown,
    key(event) {
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      const id = shown.find((one) => rows.get(one).contains(event.target));
      if (!step || !id) return;
      event.preventDefault();
      move(id, step);
    },
    show(value) {
      const given = ids(value);
      if (!given) return null;
      const [meant, unknown] = known(given, options);
      arrange([...new Set([...meant, ...rows.keys()])]);
      done.hidden = new Set(meant).size === options.length;
      return unknown;
    },
  };
}

/** @returns {Field} */
function match(about, tools) {
  const targets = shuffled(about.targets, about.order);
  // A list to choose from holds plain words only: where targets are more than that, they stand above, by letters.
  const rich = targets.some(({ text }) => /[$<]|!\[/.test(text));
  const plain = (text) => text.replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[`*]/g, "");
  const letter = (i) => (rich ? `${String.fromCharCode(65 + i)}: ` : "");
  const choices = targets.map(({ id, text }, i) => [id, letter(i) + plain(text)]);
  let held = new Map(); // what the cell has for each item: how it writes its id, and what is not filled in

  const rows = shuffled(about.options, about.order).map(({ id, text }) => {
    const label = tools.text(text);
    label.id = fresh();
    const box = select(choices, () => tools.changed(), { "aria-labelledby": label.id });
    return { id, box, node: element("div", { className: "handin-pair", dir: "auto" }, label, box) };
  });
  const nodes = rows.map(({ node }) => node);
  const shown = rich ? targets.map(({ text }) => element("li", { dir: "auto" }, tools.text(text))) : [];
  if (rich) nodes.unshift(element("ol", { type: "A" }, ...shown));

  return {
    nodes,
    value() {
      const pair = ([key, target], chosen) => [key, chosen || (isBlank(target) ? target : "")];
      return new Map(rows.map(({ id, box }) => pair(held.get(fold(id)) ?? [id, ""], box.value)));
    },
    show(value) {
      const given = value instanceof Map ? value : new Map();
      if ((value !== given && ids(value)?.length !== 0) || ![...given.values()].every(isText)) return null;
      const [, unknown] = known([...given.keys()], about.options);
      held = new Map([...given].map(([key, target]) => [fold(key), [key, target]]));
      for (const { id, box } of rows) {
        const [meant, others] = known(ids(held.get(fold(id))?.[1] ?? null), targets);
        box.value = meant[0] ?? "";
        unknown.push(...others);
      }
      return unknown;
    },
  };
}

/** A number where Python reads it as one; else text, which check() reads as people write it. */
const numeral = (text) => (/^-?(0|[1-9]\d*)(\.\d*)?$/.test(text) ? { number: text } : text);

/** One number, with a unit where there are some, or a row of numbers. @returns {Field} */
function number({ entries, units = [] }, tools) {
  const names = entries ?? [tools.say("answer")];
  const oninput = () => tools.changed(true);
  const boxes = names.map(() => element("input", { type: "text", inputMode: "decimal", autocomplete: "off", oninput }));
  const unit = select(units.map((name) => [name, name]), () => tools.changed());
  const nodes = names.map((name, i) => labelled(name, boxes[i]));
  if (units.length) nodes.push(labelled(tools.say("unit"), unit));
  const value = () => {
    const texts = boxes.map((box) => box.value.trim());
    if (!texts.join("")) return null;
    const read = texts.map((text) => (text === "" ? null : unit.value ? `${text} ${unit.value}` : numeral(text)));
    return entries ? read : read[0];
  };
  return {
    nodes: [element("div", { className: "handin-row" }, ...nodes)],
    value,
    show(given) {
      const listed = isBlank(given) ? [] : entries ? given : [given];
      if (!Array.isArray(listed) || listed.length > boxes.length) return null;
      if (!listed.every((item) => isText(item) || isNumber(item))) return null;
      if (literal(given) === literal(value())) return []; // else the cursor would jump
      const texts = boxes.map((_, i) => listed[i]?.number ?? listed[i]?.trim() ?? "");
      const ends = (name) => texts[0].endsWith(name) && /[\d\s]$/.test(texts[0].slice(0, -name.length));
      unit.value = units.find(ends) ?? "";
      boxes.forEach((box, i) => (box.value = texts[i].slice(0, texts[i].length - unit.value.length).trim()));
      return [];
    },
  };
}

/** @returns {Field} */
function text(about, tools) {
  const box = element("textarea", { rows: 3, dir: "auto", oninput: () => tools.changed(true) });
  return {
    nodes: [labelled(tools.say("answer"), box)],
    value: () => box.value,
    show(given) {
      if (!isText(given)) return null;
      if (given !== box.value) box.value = given ?? "";
      return [];
    },
  };
}

export const FIELDS = {
  choice: (about, tools) => picks(about, tools, "radio"),
  choices: (about, tools) => picks(about, tools, "checkbox"),
  order,
  match,
  number,
  value: number,
  text,
};
