// What passes between the scripts of the quiz form. For editors and readers: nothing here is shipped.

/** A Python value: null for `...` and None, an array for a list or tuple, a Map for a dict; a number as it is written. */
type Value = string | null | Value[] | Map<string, Value> | { number: string };

type Span = { start: number; end: number };

/** One plain assignment: where the literal stands, the comments within it, and for a dict where each value stands. */
type Assignment = Span & { value: Value; comments: string[]; entries: Map<string, Span> };

type Entry = { id: string; text: string };

/** The cell's metadata, as autograder/forms.py writes it. */
interface About {
  kind: string;
  exercise: string;
  title: string;
  answer: string; // the variable
  order?: string; // what the order of options is drawn from, with the user's name behind it
  options?: Entry[];
  targets?: Entry[];
  units?: string[];
  entries?: string[];
}

interface Tools {
  text(markdown: string): HTMLElement;
  /** A person has put something in. What is typed in one go is undone in one go. */
  changed(typing?: boolean): void;
}

interface Field {
  nodes: HTMLElement[];
  /** What a person has put in. */
  value(): Value;
  /** Returns ids that it does not know; null where it cannot show this. */
  show(value: Value): string[] | null;
  key?(event: KeyboardEvent): void;
}
