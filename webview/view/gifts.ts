// What the user drops onto the page or pastes into the box: files, places of the editor, pictures, and texts that are too long to be
// written into. Dropping from the editor's own lists needs Shift, without which the editor takes what is dropped itself.
import type { TextArea } from '@vscode/webview-ui-toolkit';
import type { Attach } from '../protocol.ts';
import { droppedUris, type DropData } from './dropped_uris.ts';

/** A pasted text that is longer in either way is attached. */
const pasteCharsMax = 3_000;
const pasteLinesMax = 40;
/** The bytes of a larger file, or of a picture, are not handed over; the host says what is to be said of it. */
const fileBytesMax = 4 * 1024 * 1024;

/** Takes what is dropped anywhere, and what is pasted into the box. */
export function acceptGifts(box: TextArea, attach: (what: Attach) => void): void {
  document.addEventListener('dragover', event => {
    if (!event.dataTransfer || !isForUs(event.dataTransfer)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    document.body.classList.add('dropping');
  });
  const over = (): void => document.body.classList.remove('dropping');
  document.addEventListener('dragleave', event => {
    if (event.relatedTarget === null) over();
  });
  document.addEventListener('drop', event => {
    over();
    const data = event.dataTransfer;
    if (!data || !isForUs(data)) return;
    event.preventDefault();
    // What comes from the desktop has files; its addresses are none that the editor would open for us.
    const isFromEditor = data.types.some(type => /^(application\/vnd\.code|resourceurls|code)/i.test(type));
    const uris = data.files.length > 0 && !isFromEditor ? [] : droppedUris(data);
    if (uris.length > 0) attach({ kind: 'places', uris });
    else void attachFiles(data.files, attach);
    box.focus();
  });
  acceptPastes(box, attach);
}

/** Takes what is pasted into a box and is more than some text. */
export function acceptPastes(box: TextArea, attach: (what: Attach) => void): void {
  box.addEventListener('paste', event => {
    const data = event.clipboardData;
    if (!data) return;
    const text = data.getData('text/plain');
    if (text === '' && data.files.length > 0) void attachFiles(data.files, attach);
    else if (isLong(text)) attach({ kind: 'paste', text });
    else return;
    event.preventDefault();
  });
}

/** Anything but a text, which the box takes by itself. */
function isForUs(data: DropData & { types: readonly string[] }): boolean {
  return data.types.includes('Files') || droppedUris.types.some(type => data.types.includes(type));
}

function isLong(text: string): boolean {
  return text.length > pasteCharsMax || text.split('\n', pasteLinesMax + 1).length > pasteLinesMax;
}

async function attachFiles(files: Iterable<File>, attach: (what: Attach) => void): Promise<void> {
  for (const file of files) {
    const { name, type: mimeType, size: bytes } = file;
    const isWanted =
      bytes <= fileBytesMax && (!mimeType.startsWith('image/') || mimeType === 'image/svg+xml');
    const data = isWanted ? await inBase64(file) : undefined;
    attach({ kind: 'content', name, mimeType, bytes, ...(data !== undefined && { data }) });
  }
}

/** Undefined for what has no bytes, as a folder. */
function inBase64(file: File): Promise<string | undefined> {
  return new Promise(resolve => {
    const reader = new FileReader();
    reader.onload = () => {
      const url = typeof reader.result === 'string' ? reader.result : '';
      resolve(url.slice(url.indexOf(',') + 1));
    };
    reader.onerror = () => resolve(undefined);
    reader.readAsDataURL(file);
  });
}
