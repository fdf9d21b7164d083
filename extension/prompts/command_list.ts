// The list of commands that the page offers after a slash. Pure.
import type { CommandsView, CommandView } from '../../webview/protocol.ts';
import { say, t } from '../l10n.ts';
import type { FoundPrompt } from './prompt_sources.ts';
import { slashCommands } from './slash_commands.ts';

/** Commands of Hearth's own, then the user's by name; a prompt file takes the place of a command of the same name. */
export function commandList(prompts: readonly FoundPrompt[], folderTrusted: boolean): CommandsView {
  const seen = new Set<string>();
  const found = prompts.filter(
    ({ name }) => name !== '' && !seen.has(name.toLowerCase()) && seen.add(name.toLowerCase()),
  );
  const own = slashCommands.filter(({ name }) => !seen.has(name));
  const commands: CommandView[] = [
    ...own.map(({ name, description, hint }) => ({
      name,
      description: say(description),
      hint: hint && say(hint),
      source: 'own' as const,
    })),
    ...found
      .toSorted((one, other) => one.name.localeCompare(other.name))
      .map(prompt => ({
        name: prompt.name,
        description: prompt.description ?? prompt.path,
        hint: prompt.argumentHint,
        source: 'promptFile' as const,
      })),
  ];
  if (folderTrusted) return { commands };
  return { commands, note: t('This folder is not trusted: its prompt files and rules are not read.') };
}
