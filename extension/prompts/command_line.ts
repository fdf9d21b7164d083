// What the user typed, read as a command: a name after a slash, and the rest. Pure.

export interface CommandLine {
  /** Without the slash, as it was typed. */
  name: string;
  rest: string;
}

/** The command that a message begins with; undefined for other messages, among them those that begin with a path. */
export function readCommandLine(text: string): CommandLine | undefined {
  const match = /^\/([\p{L}\p{N}_][\p{L}\p{N}_.:-]*)(?:\s+([\s\S]*))?$/u.exec(text.trim());
  return match?.[1] === undefined ? undefined : { name: match[1], rest: match[2] ?? '' };
}

/** The form of a name that can be typed after a slash. */
export function commandName(name: string): string {
  return name
    .trim()
    .replace(/[^\p{L}\p{N}_.:-]+/gu, '-')
    .replace(/^[-.:]+|-+$/g, '');
}
