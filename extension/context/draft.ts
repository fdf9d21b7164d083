// What will come with the next question: what the user has attached, and the file in the editor. Holds what is meant; places in the
// workspace are read when they are attached, to be shown, and again when the message is sent.
import { randomUUID } from 'node:crypto';
import { Emitter, type Event } from 'vscode-jsonrpc/node';
import * as z from 'zod';
import type { Attach, AttachmentView, DraftView } from '../../webview/protocol.ts';
import { decodeText, isBinaryName } from '../../engine/shared/files/file_checks.ts';
import { limits } from '../../engine/protocol/limits.ts';
import type { Disposable } from '../dispose.ts';
import { t } from '../l10n.ts';
import type { StoredValue } from '../stored_value.ts';
import { attachmentSchema, isSameThing, type Attachment, type ReadAttachment } from './attachment.ts';
import type { EditorChip } from './editor_chip.ts';
import { attachmentView } from './attachment_view.ts';
import { contextErrors } from './errors.ts';
import { isPicture } from './picture.ts';
import {
  readContent,
  readLive,
  readPaste,
  readSelection,
  readSymbol,
  readTerminal,
  type LivePlace,
} from './read.ts';
import type { ContextSources } from './sources.ts';
import type { TokenCounts } from './token_counts.ts';

export interface DraftDeps {
  sources: ContextSources;
  editor: EditorChip;
  counts: TokenCounts;
  /** What the model in force does with pictures. */
  vision(): 'unusedVision' | 'noVision' | 'unknown';
  /** Kept for the next window. */
  stored: StoredValue;
  warn(message: string): void;
}

/** What goes with a message, by the id it has in the draft. */
export interface SentAttachment extends ReadAttachment {
  id: string;
}

interface Item {
  id: string;
  /** Read again when the message is sent. */
  live?: LivePlace;
  content: ReadAttachment | { picture: string };
}

/** Texts that are kept for the next window; longer ones would make every start slow. */
const keptCharsMax = 500_000;
const keptSchema = z.array(
  z.union([
    z.object({ picture: z.string() }),
    z.object({
      live: z
        .union([
          z.object({ kind: z.enum(['file', 'folder']), uri: z.string() }),
          z.object({ kind: z.enum(['problems', 'changes']) }),
        ])
        .optional(),
      attachment: attachmentSchema.extend({ text: z.string(), byUser: z.literal(true) }),
      notes: z.array(z.string()),
    }),
  ]),
);

export class Draft implements Disposable {
  readonly #changed = new Emitter<DraftView>();
  #items: Item[];
  /** What is being read. */
  #pending: Promise<unknown> = Promise.resolve();

  constructor(private readonly deps: DraftDeps) {
    this.#items = readKept(deps.stored.get());
    const tell = (): void => this.#changed.fire(this.view);
    deps.editor.onDidChange(tell);
    deps.counts.onDidChange(tell);
  }

  get onDidChangeView(): Event<DraftView> {
    return this.#changed.event;
  }

  get view(): DraftView {
    const attached = this.#items.flatMap(({ content }) =>
      'attachment' in content ? content.attachment : [],
    );
    const { editor, counts } = this.deps;
    const uri = editor.read()?.attachment.uri;
    const shown = attached.some(one => one.uri === uri) ? undefined : editor.view(counts);
    return { attachments: this.#items.map(item => viewOf(item, counts)), ...(shown && { editor: shown }) };
  }

  /** Attaches something; one that is there already is read anew. Throws when it cannot be attached. */
  async attach(what: Attach): Promise<void> {
    const reading = this.#read(what);
    // A message that is sent meanwhile waits for it; whoever attaches hears of a failure.
    const before = this.#pending;
    this.#pending = Promise.allSettled([before, reading]);
    const items = await reading;
    for (const item of items) this.#put(item);
    this.#tell();
  }

  /** What is to be attached to another question than the next one; `failure` is why some of it cannot be. */
  async read(things: readonly Attach[]): Promise<{ read: ReadAttachment[]; failure?: unknown }> {
    const results = await Promise.allSettled(
      things.map(async what => (await this.#read(what)).map(({ content }) => this.#seen(content))),
    );
    const failed = results.find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined;
    return {
      read: results.flatMap(result => (result.status === 'fulfilled' ? result.value : [])),
      ...(failed && { failure: failed.reason as unknown }),
    };
  }

  /** Brings back what came with a question that was not sent. */
  restore(attachments: readonly Attachment[]): void {
    for (const attachment of attachments) this.#put(fixedItem(attachment));
    this.#tell();
  }

  /** Removes one; that of the editor stays away until another editor is used. */
  remove(id: string): void {
    if (id === this.deps.editor.id) return this.deps.editor.drop();
    this.#items = this.#items.filter(item => item.id !== id);
    this.#tell();
  }

  /** What is attached under an id, or of the file in the editor. */
  find(id: string): Attachment | undefined {
    if (id === this.deps.editor.id) return this.deps.editor.read()?.attachment;
    const content = this.#items.find(item => item.id === id)?.content;
    return content && 'attachment' in content ? content.attachment : undefined;
  }

  /** Everything as it is now. Throws for what cannot be sent, and nothing is lost. */
  async collect(): Promise<SentAttachment[]> {
    await this.#pending;
    const read: SentAttachment[] = [];
    for (const { id, live, content } of this.#items) {
      const seen = this.#seen(content);
      read.push({ id, ...(live ? await readLive(live, this.deps.sources) : seen) });
    }
    return read;
  }

  /** These were sent; what has been attached meanwhile stays. */
  clear(ids: readonly string[]): void {
    if (ids.length === 0) return;
    this.#items = this.#items.filter(({ id }) => !ids.includes(id));
    this.#tell();
  }

  dispose(): void {
    this.#changed.dispose();
  }

  async #read(what: Attach): Promise<Item[]> {
    const { sources } = this.deps;
    switch (what.kind) {
      case 'file':
      case 'folder':
        return [await this.#readPlace(what.uri)];
      case 'problems':
      case 'changes':
        return [await this.#live({ kind: what.kind })];
      case 'places':
        return Promise.all(what.uris.map(uri => this.#readPlace(uri)));
      case 'selection':
        return [newItem(readSelection(sources.activeFile()))];
      case 'symbol':
        return [newItem(await readSymbol(what, sources))];
      case 'terminal':
        return [newItem(readTerminal(sources))];
      case 'paste':
        return [newItem(readPaste(what.text))];
      case 'content':
        return [newItem(contentOf(what))];
      default:
        return what satisfies never;
    }
  }

  /** Throws for what no model sees. */
  #seen(content: Item['content']): ReadAttachment {
    if ('picture' in content) throw contextErrors.unseenPicture(content.picture, this.deps.vision());
    return content;
  }

  async #readPlace(uri: string): Promise<Item> {
    const kind = await this.deps.sources.placeKind(uri);
    if (kind !== 'picture') return this.#live({ kind, uri });
    return newItem({ picture: decodeURIComponent(uri.slice(uri.lastIndexOf('/') + 1)) });
  }

  async #live(live: LivePlace): Promise<Item> {
    return { ...newItem(await readLive(live, this.deps.sources)), live };
  }

  #put(item: Item): void {
    const index = this.#items.findIndex(other => isSame(other, item));
    if (index < 0) this.#items.push(item);
    else this.#items[index] = item;
  }

  #tell(): void {
    this.#changed.fire(this.view);
    this.#keep().catch((error: unknown) => this.deps.warn(`Attachments are not kept: ${String(error)}`));
  }

  async #keep(): Promise<void> {
    let room = keptCharsMax;
    const kept = this.#items.flatMap(({ live, content }): object[] => {
      if ('picture' in content) return [content];
      room -= content.attachment.text.length;
      return room < 0 ? [] : [{ live, ...content }];
    });
    await this.deps.stored.set(kept.length === 0 ? undefined : kept);
  }
}

function readKept(value: unknown): Item[] {
  const kept = keptSchema.safeParse(value);
  if (!kept.success) return [];
  return kept.data.map(one => {
    if ('picture' in one) return newItem(one);
    const { live, ...content } = one;
    return { ...newItem(content), live };
  });
}

function newItem(content: Item['content']): Item {
  return { id: randomUUID(), content };
}

/** As it was when it was sent: the message that it came with is to be sent again. */
function fixedItem(attachment: Attachment): Item {
  const text = attachment.text ?? '';
  return newItem({ attachment: { ...attachment, text, byUser: true }, notes: [] });
}

function isSame(one: Item, other: Item): boolean {
  const [left, right] = [one.content, other.content];
  if ('picture' in left || 'picture' in right)
    return 'picture' in left && 'picture' in right && left.picture === right.picture;
  return isSameThing(left.attachment, right.attachment);
}

function viewOf({ id, content }: Item, counts: TokenCounts): AttachmentView {
  if ('picture' in content)
    return { id, kind: 'picture', label: content.picture, note: t('Pictures cannot be sent yet.') };
  return attachmentView(id, content, counts);
}

/** A file from outside: a picture, or text. */
function contentOf({ name, mimeType, bytes, data }: Extract<Attach, { kind: 'content' }>): Item['content'] {
  if (isPicture(name, mimeType)) return { picture: name };
  if (bytes > limits.fileBytesMax) throw contextErrors.tooLarge(name, limits.fileBytesMax / 1024);
  if (data === undefined) throw contextErrors.unreadable(name);
  const text = isBinaryName(name) ? undefined : decodeText(Buffer.from(data, 'base64'));
  if (text === undefined) throw contextErrors.notText(name);
  return readContent(name, text);
}
