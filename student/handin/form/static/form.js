// One form above one cell. The cell is the only store: the form shows it, and writes it when a person acts.

import { button, element, FIELDS, isBlank } from "./fields.js";
import { read, written } from "./python.js";
import { speaker, TEXTS } from "./texts.js";

const SOLUTION = "### BEGIN SOLUTION"; // staff's own notebook

export class Form {
  /** @param {object} cell  JupyterLab's CodeCell @param {About} about @param render  {node, dispose()} of Markdown */
  constructor(cell, about, render) {
    this.shared = cell.model.sharedModel;
    this.readOnly = () => cell.readOnly || cell.model.getMetadata("editable") === false;
    Object.assign(this, { about, render, rendered: [] });
    this.node = element("div", { className: "handin-form" });
    this.note = element("p", { role: "status" });
    if (about.lang) this.node.lang = about.lang;
    this.say = speaker(about.texts);
    this.instead = button(this.say("instead"), () => this.answerInstead());
  }

  /** Draw it, with the options as this student sees them. @param {string} user  "" where nobody knows yet */
  draw(user) {
    if (this.user === user) return;
    this.user = user;
    this.clear();
    const { kind, title, order } = this.about;
    const text = (markdown) => {
      const made = this.render(markdown);
      this.rendered.push(made);
      return element("div", { className: "handin-text" }, made.node);
    };
    const tools = { text, say: this.say, changed: (typing) => this.write(typing) };
    this.field = FIELDS[kind]({ ...this.about, order: user && order ? `${order}/${user}` : "" }, tools);
    const hint = kind in TEXTS ? [element("p", {}, this.say(kind))] : [];
    this.body = element("div", {}, ...hint, ...this.field.nodes);
    const legend = element("legend", { dir: "auto" }, title);
    this.fieldset = element("fieldset", {}, legend, this.body, this.note, this.instead);
    this.node.replaceChildren(this.fieldset);
    this.follow();
  }

  /** Show what the cell says now. */
  follow() {
    const { say } = this;
    const source = this.shared.getSource();
    this.node.hidden = source.includes(SOLUTION);
    const found = read(source, this.about.answer);
    const unknown = found && this.field.show(found.value);
    this.fieldset.disabled = this.readOnly();
    this.body.hidden = !unknown;
    this.instead.hidden = !!unknown;
    const strange = unknown?.length && say("unknown", unknown.join(", "));
    const words = !unknown ? say("own") : strange || (isEmpty(found.value) ? say("notYet") : "");
    if (this.note.textContent !== words) this.note.textContent = words; // screen readers read it out
  }

  write(typing = false) {
    const { kind, answer } = this.about;
    this.replace((source) => written(source, answer, this.field.value(), kind === "value"), typing);
  }

  /** What the cell holds stays, as a comment. */
  answerInstead() {
    this.replace((source) => `${source.replace(/^(?=.*\S)/gm, "# ")}\n${this.about.answer} = ...`);
    this.body.querySelector("input, select, textarea, button")?.focus();
  }

  replace(change, typing = false) {
    const before = this.shared.getSource();
    const after = change(before);
    if (before === after) return;
    if (!typing) this.shared.undoManager?.stopCapturing();
    // Only what differs: whoever has the cursor in this cell keeps it.
    const most = Math.min(before.length, after.length);
    let start = 0;
    let end = 0;
    while (start < most && before[start] === after[start]) start++;
    while (end < most - start && before.at(-1 - end) === after.at(-1 - end)) end++;
    this.shared.updateSource(start, before.length - end, after.slice(start, after.length - end));
  }

  undo(again) {
    this.shared[again ? "redo" : "undo"]();
  }

  clear() {
    for (const made of this.rendered.splice(0)) made.dispose();
  }
}

function isEmpty(value) {
  if (value instanceof Map) return isEmpty([...value.values()]);
  return Array.isArray(value) ? value.every(isEmpty) : isBlank(value);
}
