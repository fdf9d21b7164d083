// Decides whether the bytes of a file are text that the model may read. Pure.

const binaryExtensions = new Set(
  (
    'png jpg jpeg gif bmp ico webp avif tif tiff psd heic mp3 mp4 m4a mov avi mkv webm wav flac ogg ttf otf woff woff2 eot ' +
    'zip gz tgz bz2 xz 7z rar zst jar war class pyc pyo o a so dylib dll exe pdb bin dat db sqlite sqlite3 wasm node ' +
    'pdf doc docx xls xlsx ppt pptx gguf safetensors onnx pt pth npy npz parquet vsix iso dmg'
  ).split(' '),
);

/** True when the name alone says that the file is not text. */
export function isBinaryName(path: string): boolean {
  const dot = path.lastIndexOf('.');
  return dot > path.lastIndexOf('/') && binaryExtensions.has(path.slice(dot + 1).toLowerCase());
}

/** The text of the file with \n line ends and without a byte order mark; undefined when it is not UTF-8 text. */
export function decodeText(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r\n?/g, '\n');
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
