// Every word that the form itself says, in one place, to be translated. What is asked comes from the course.

export const TEXTS = {
  choice: "Pick one.",
  choices: "More than one can be right.",
  order: "Put them in order, with the buttons or the arrow keys.",
  match: "Choose one for each. One can serve several times, or not at all.",
  answer: "Your answer",
  unit: "Unit",
  none: "–",
  up: "Move up",
  down: "Move down",
  moved: "Now number {0} of {1}.",
  asShown: "This is my order",
  notYet: "Not answered yet.",
  unknown: "The cell below says “{0}”, which is not among these.",
  own: "The cell below holds something of your own. It counts as it is, and the form leaves it alone.",
  instead: "Answer here instead (what stands there stays, as a comment)",
};

/** The text, its {0} and {1} filled. @param {keyof TEXTS} name @param {...(string | number)} parts */
export const say = (name, ...parts) => TEXTS[name].replace(/\{(\d)\}/g, (_, number) => String(parts[number]));
