// A kernel is four files of one name: WGSL, its TypeScript, a plain reference and a test.

const kernel = /^engine\/kernels\/([a-z0-9_]+)\.wgsl$/;

export function kernels(files) {
  const paths = new Set(files.map(({ path }) => path));
  return files.flatMap(({ path }) => {
    const name = kernel.exec(path)?.[1];
    if (!name) return [];
    const partners = [
      `engine/kernels/${name}.ts`,
      `test/reference/${name}.ts`,
      `test/engine/kernels/${name}.test.ts`,
    ];
    return partners.filter(partner => !paths.has(partner)).map(partner => `${path}: has no ${partner}`);
  });
}
