// What can be done with a block of code beside copying it: insert, apply, make a file of it, run it. While the answer goes on, these
// are hidden by style (answer.css).
import { t } from '../l10n.ts';
import type { CodeFromAnswer } from '../protocol.ts';
import { button } from './controls.ts';
import type { IconName } from './icons.ts';

export interface CodeUses {
  insert: (code: CodeFromAnswer) => void;
  apply: (code: CodeFromAnswer) => void;
  newFile: (code: CodeFromAnswer) => void;
  run: (code: CodeFromAnswer) => void;
}

/** The same languages as the extension takes for those of a shell (extension/edit/shell_text.ts), which has the last word. */
const shells = new Set(
  'bash sh zsh shell console terminal shellscript shell-session sh-session shellsession bat cmd batch powershell pwsh ps1 fish'.split(
    ' ',
  ),
);
/** Of the paragraph before a block, its end says what the block is. */
const beforeCharsMax = 2_000;

/** How many buttons there will be. */
export function countUses(language: string): number {
  return shells.has(language) ? 4 : 3;
}

/** The buttons; `code` is asked for when one is pressed. */
export function codeButtons(language: string, code: () => CodeFromAnswer, uses: CodeUses): HTMLElement[] {
  const use = (
    name: string,
    label: string,
    icon: IconName,
    run: (code: CodeFromAnswer) => void,
  ): HTMLElement => {
    const made = button({ label, appearance: 'icon', icon, onClick: () => run(code()) });
    made.classList.add('use-code', `${name}-code`);
    return made;
  };
  return [
    use('insert', t('Insert code at cursor'), 'insert', uses.insert),
    use('apply', t('Apply to file'), 'apply', uses.apply),
    use('file', t('New file'), 'file', uses.newFile),
    ...(shells.has(language) ? [use('run', t('Run in terminal'), 'terminal', uses.run)] : []),
  ];
}

/** The text that stands before a block, the end of it if it is long; undefined when there is none. */
export function textBefore(block: Element): string | undefined {
  const previous =
    block.previousElementSibling ?? block.closest('.part')?.previousElementSibling?.lastElementChild;
  const text = previous?.matches('.code-block') ? undefined : previous && codeMarked(previous).trim();
  return text ? text.slice(-beforeCharsMax) : undefined;
}

/** The text of an element with the marks around code in it, which tell names from words. */
function codeMarked(element: Element): string {
  return [...element.childNodes]
    .map(node => {
      if (!(node instanceof Element)) return node.textContent ?? '';
      return node.matches('code') ? `\`${node.textContent ?? ''}\`` : codeMarked(node);
    })
    .join('');
}
