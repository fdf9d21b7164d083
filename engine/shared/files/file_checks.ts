// Decides whether the bytes of a file are text that the model may read, and makes it that text. Pure.
import { phrase, type Phrase } from '../../protocol/phrase.ts';

const binaryExtensions = new Set(
  (
    'png jpg jpeg gif bmp ico webp avif tif tiff psd heic mp3 mp4 m4a mov avi mkv webm wav flac ogg ttf otf woff woff2 eot ' +
    'zip gz tgz bz2 xz 7z rar zst jar war class pyc pyo o a so dylib dll exe pdb bin dat db sqlite sqlite3 wasm node ' +
    'pdf doc docx xls xlsx ppt pptx gguf safetensors onnx pt pth npy npz parquet vsix iso dmg'
  ).split(' '),
);
/** A line longer than this was not written by a person. */
const writtenLineMax = 5_000;

/** True when the name alone says that the file is not text. */
export function isBinaryName(path: string): boolean {
  const dot = path.lastIndexOf('.');
  return dot > path.lastIndexOf('/') && binaryExtensions.has(path.slice(dot + 1).toLowerCase());
}

/**
 * The text of a file that is UTF-8, or UTF-16 with a byte order mark: with \n line ends and without the mark. Undefined when it is
 * neither.
 */
export function decodeText(bytes: Uint8Array): string | undefined {
  const encoding = utf16Of(bytes) ?? 'utf-8';
  if (encoding === 'utf-8' && bytes.includes(0)) return undefined;
  try {
    return plainLines(new TextDecoder(encoding, { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Why decodeText() has no text for the bytes. */
export function whyNotText(bytes: Uint8Array): Phrase {
  return bytes.includes(0) ? phrase`not text` : phrase`not UTF-8; set "files.encoding" for it`;
}

/** True when the bytes may be text in another encoding, which an editor that knows it can decode. */
export function mayBeText(bytes: Uint8Array): boolean {
  return !bytes.includes(0);
}

/** Text with \n line ends and without a byte order mark. */
export function plainLines(text: string): string {
  return text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
}

/** True when most of the text stands in lines that no person wrote: minified code, data, pictures in text form. */
export function isMinified(text: string): boolean {
  if (text.length <= writtenLineMax) return false;
  let long = 0;
  for (const line of text.split('\n')) if (line.length > writtenLineMax) long += line.length;
  return long > text.length / 2;
}

function utf16Of(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const [first, second, third, fourth] = bytes;
  // UTF-32 begins as UTF-16 does.
  if (first === 0xff && second === 0xfe) return third === 0 && fourth === 0 ? undefined : 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
}
