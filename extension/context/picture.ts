// Which files are pictures. Pure.

const pictureName = /\.(png|jpe?g|gif|bmp|webp|avif|tiff?|heic|ico)$/i;

/** By the name, or by what the system says of it. A drawing in SVG is text. */
export function isPicture(name: string, mimeType = ''): boolean {
  return pictureName.test(name) || (mimeType.startsWith('image/') && mimeType !== 'image/svg+xml');
}
