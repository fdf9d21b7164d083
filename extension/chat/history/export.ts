// A conversation as a file of its own: Markdown to read, JSON to import again. Pure.
import { randomUUID } from 'node:crypto';
import type { Attachment } from '../../context/attachment.ts';
import { phrase, type Phrase } from '../../../engine/protocol/phrase.ts';
import { t } from '../../l10n.ts';
import { branchTo } from '../branches.ts';
import {
  attachmentsOf,
  textOf,
  thoughtOf,
  titleOf,
  shownText,
  type Conversation,
  type Message,
} from '../conversation.ts';
import { fenced } from '../question_text.ts';
import { entriesOf, replay, toLines } from './log_entry.ts';

/** The shown branch as Markdown. */
export function asMarkdown(conversation: Conversation): string {
  const parts = branchTo(conversation).map(asSection);
  return [`# ${titleOf(conversation)}`, ...parts].join('\n\n') + '\n';
}

/** The whole conversation with all of its branches. */
export function asJson(conversation: Conversation): string {
  return JSON.stringify({ hearthConversation: 2, entries: entriesOf(conversation) }, undefined, 2) + '\n';
}

/** The conversation of an exported JSON file under an id of its own, or why it holds none. */
export function fromJson(text: string): { conversation: Conversation } | { fault: Phrase } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { fault: phrase`it is not JSON.` };
  }
  const entries = (value as { entries?: unknown } | null)?.entries;
  if (!Array.isArray(entries)) return { fault: phrase`it has no list of entries.` };
  const conversation = replay(entries.map(entry => toLines([entry])));
  if (!conversation || conversation.messages.length === 0)
    return { fault: phrase`no message in it can be read.` };
  return { conversation: { ...conversation, id: randomUUID() } };
}

/** A name for a file of this conversation, without an ending. */
export function fileName(conversation: Conversation): string {
  const name = titleOf(conversation)
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/g, '');
  return name.slice(0, 60) || t('conversation');
}

/** The text of what is in no file, and so nowhere else. */
function foldedText({ kind, name, text, languageId }: Attachment): string[] {
  const isElsewhere = kind === 'file' || kind === 'folder' || kind === 'symbol' || kind === 'selection';
  if (text === undefined || isElsewhere) return [];
  const summary = name.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return [`<details><summary>${summary}</summary>\n\n${fenced(text, languageId)}\n\n</details>`];
}

function asSection(message: Message): string {
  switch (message.role) {
    case 'user': {
      const attached = attachmentsOf(message);
      const names = attached.map(({ name }) => `- ${name}`).join('\n');
      return [
        `## ${t('You')}`,
        shownText(message),
        ...(names ? [names] : []),
        ...attached.flatMap(foldedText),
      ].join('\n\n');
    }
    case 'assistant': {
      const thought = thoughtOf(message);
      const folded =
        thought && `<details><summary>${t('Thought')}</summary>\n\n${thought.text}\n\n</details>`;
      return [
        '## Hearth',
        ...(folded === undefined ? [] : [folded]),
        textOf(message),
        ...(message.edited ? [`*${t('Edited by you')}*`] : []),
      ].join('\n\n');
    }
    case 'summary':
      return `## ${t('Summary of what was said before')}\n\n${message.text}`;
    default:
      return message satisfies never;
  }
}
