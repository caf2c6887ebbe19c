// Puts the forms above the cells of open notebooks that carry one.

import { FIELDS } from "./fields.js";
import { Form } from "./form.js";

const METADATA = "handin"; // as autograder/forms.py writes it
const ME = /^me[ \t]*=[ \t]*(["'])(.*?)\1/m;

/** @param {(name: string) => Promise<any>} from  packages of JupyterLab @param {string} href  of the style sheet */
export async function plugin(from, href) {
  const { INotebookTracker } = await from("@jupyterlab/notebook");
  const { PageConfig } = await from("@jupyterlab/coreutils");
  const { MimeModel } = await from("@jupyterlab/rendermime");
  const { Widget } = await from("@lumino/widgets");
  return {
    id: "handin:form",
    autoStart: true,
    requires: [INotebookTracker],
    activate(app, tracker) {
      document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
      window.addEventListener("keydown", keys, true);
      const lab = { MimeModel, Widget, user: PageConfig.getOption("hubUser").trim() };
      tracker.forEach(({ content }) => new Watcher(content, lab));
      tracker.widgetAdded.connect((_, { content }) => new Watcher(content, lab));
    },
  };
}

/** A form that fails is missing; the notebook goes on. */
function guarded(work) {
  return () => {
    try {
      work();
    } catch (problem) {
      console.warn("handin: a quiz form was not drawn.", problem);
    }
  };
}

const forms = new WeakMap(); // by element

/**
 * Keys in a form belong to the form, not to the notebook's command mode, where "d" "d" deletes the cell. Those that are
 * held with Ctrl go through, such as Ctrl+S; but undo is this cell's own. JupyterLab listens at the document, before a
 * form would hear of them: hence the window.
 */
function keys(event) {
  // nbgrader's "(view feedback)" has no address: no key reaches it.
  if (event.key === "Tab") for (const a of document.querySelectorAll(".item_name a:not([href])")) a.href = "#";
  const form = forms.get(event.target.closest?.(".handin-form"));
  const held = event.ctrlKey || event.metaKey;
  const key = event.key?.toLowerCase();
  const undo = held && !event.altKey && "zy".includes(key);
  if (!form || (!undo && (held || event.altKey || (event.shiftKey && key === "enter")))) return;
  event.stopImmediatePropagation();
  if (undo) event.preventDefault();
  guarded(() => (undo ? form.undo(key === "y" || event.shiftKey) : form.field.key?.(event)))();
}

/** Keeps the forms of one notebook. */
class Watcher {
  constructor(notebook, lab) {
    Object.assign(this, { notebook, lab, forms: new Map(), due: 0 });
    const scan = guarded(() => this.scan());
    this.soon = () => {
      this.due ||= requestAnimationFrame(() => {
        this.due = 0;
        if (!notebook.isDisposed) scan();
      });
    };
    const follow = () => {
      notebook.model?.cells.changed.connect(this.soon);
      this.soon();
    };
    notebook.modelChanged.connect(follow);
    follow();
  }

  scan() {
    this.find();
    for (const cell of this.notebook.widgets) {
      const about = cell.model.type === "code" && cell.model.getMetadata(METADATA);
      if (!(about?.kind in FIELDS) || this.forms.has(cell)) continue; // not ours, or of a newer course
      this.forms.set(cell, null);
      cell.ready.then(guarded(() => this.put(cell, about))); // once it has been in view
    }
    for (const form of this.forms.values()) if (form) guarded(() => form.draw(this.user))();
  }

  put(cell, about) {
    if (cell.isDisposed) return;
    const spoken = this.notebook.model.getMetadata(METADATA);
    const form = new Form(cell, { ...spoken, ...about }, (markdown) => this.render(markdown));
    form.draw(this.user);
    const widget = new this.lab.Widget({ node: form.node });
    cell.layout.insertWidget(1, widget); // below the cell's header, above its input
    // JupyterLab takes the focus to the active cell when its tab becomes active; the form may have it already.
    const { focus } = cell.node;
    cell.node.focus = (how) => form.node.contains(document.activeElement) || focus.call(cell.node, how);
    this.forms.set(cell, form);
    forms.set(form.node, form);
    const follow = guarded(() => form.follow());
    const signals = [cell.model.contentChanged, cell.model.metadataChanged];
    for (const signal of signals) signal.connect(follow);
    widget.disposed.connect(() => {
      for (const signal of signals) signal.disconnect(follow);
      form.clear();
      this.forms.delete(cell);
    });
  }

  render(markdown) {
    const { rendermime } = this.notebook;
    const made = rendermime.createRenderer("text/markdown");
    const model = new this.lab.MimeModel({ data: { "text/markdown": markdown }, trusted: false });
    made.renderModel(model).then(() => rendermime.latexTypesetter?.typeset(made.node));
    return made;
  }

  /** Who this is: `me` of the first cell, else the name that JupyterHub gives; as handin/questions.py has it. */
  find() {
    const source = ({ model }) => (model?.type === "code" ? model.sharedModel.getSource() : "");
    const start = this.notebook.widgets.find((cell) => ME.test(source(cell)))?.model;
    if (start !== this.start) {
      this.start?.contentChanged.disconnect(this.soon);
      start?.contentChanged.connect(this.soon);
      this.start = start;
    }
    this.user = (start && ME.exec(start.sharedModel.getSource())[2].trim()) || this.lab.user;
  }
}
