// The form's words, in English. What is asked comes from the course.

export const TEXTS = {
  choice: "Pick one.",
  choices: "More than one can be right.",
  order: "Put them in order, with the buttons or the arrow keys.",
  match: "Choose one for each. One can serve several times, or not at all.",
  answer: "Your answer",
  unit: "Unit",
  up: "Move up",
  down: "Move down",
  moved: "Now number {0} of {1}.",
  asShown: "This is my order",
  notYet: "Not answered yet.",
  unknown: "The cell below says “{0}”, which is not among these.",
  own: "The cell below holds something of your own. It counts as it is, and the form leaves it alone.",
  instead: "Answer here instead (what stands there stays, as a comment)",
};

/** @param {object} [own]  texts in the course's language */
export const speaker = (own) => (name, ...parts) => (own?.[name] ?? TEXTS[name]).replace(/\{(\d)\}/g, (_, n) => parts[n]);
