// Commands out of a block of code: which languages are of a shell, the lines without their prompts, and how they are shown before
// they run. Pure.

const shells = new Set(
  'bash sh zsh shell console terminal shellscript shell-session sh-session shellsession bat cmd batch powershell pwsh ps1 fish'.split(
    ' ',
  ),
);
/** Blocks in which prompts mark the commands and other lines are what these print. */
const prompts = [
  /^\s*(?:\([\w.-]+\)\s*)?(?:[\w.-]+@[\w.-]+[:\w~/. -]*)?[$%❯]\s+/,
  /^\s*PS(?:\s+[A-Za-z]:[^>]*)?>\s+/,
  /^\s*[A-Za-z]:\\[^>]*>\s*/,
];

/** True for a language whose code a terminal can run. */
export function isShell(language: string): boolean {
  return shells.has(language.toLowerCase());
}

/** What is to be typed into a terminal: without prompts, and where there are prompts, without what was printed. */
export function commandOf(code: string): string {
  const lines = code.replace(/\r\n?/g, '\n').split('\n');
  const prompt = prompts.find(one =>
    one.test(lines.find(line => line.trim() !== '' && !line.trim().startsWith('#')) ?? ''),
  );
  return (prompt ? promptedLines(lines, prompt) : lines).join('\n').trim();
}

/** The text with every character made visible that would not show, or would turn the order of those around it. */
export function visibleText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u00a0\u115f\u1160\u3164\uffa0]/gu, character => {
    if (character === '\n' || character === '\t') return character;
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20) return String.fromCodePoint(0x2400 + code);
    return code === 0x7f ? '\u2421' : `\\u{${code.toString(16).toUpperCase()}}`;
  });
}

function promptedLines(lines: readonly string[], prompt: RegExp): string[] {
  const commands: string[] = [];
  let goesOn = false;
  for (const line of lines) {
    if (prompt.test(line)) commands.push(line.replace(prompt, ''));
    else if (goesOn) commands.push(line.replace(/^\s*>\s?/, ''));
    else continue;
    goesOn = /[\\`^]\s*$/.test(line);
  }
  return commands;
}
