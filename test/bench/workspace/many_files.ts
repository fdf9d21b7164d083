// A large workspace of made-up TypeScript: classes and functions that call each other, with comments.
import { Random } from '../../support/random.ts';

const words =
  'item queue cache user order price path line node tree page token state event file route field index block store'.split(
    ' ',
  );

/** So many files of about `bytes` in all. */
export function* manyFiles(count: number, bytes: number): Generator<{ path: string; text: string }> {
  const random = new Random(5);
  const word = () => words[random.int(words.length)] as string;
  const name = (a: number, b: number) => `update${capital(word())}${a}x${b}`;
  for (let i = 0; i < count; i++) {
    let text = `import { ${name(i + 1, 0)} } from './file${(i + 1) % count}';\n\n`;
    for (let j = 0; text.length < bytes / count; j++) {
      const [a, b] = [word(), word()];
      text += `/** Brings the ${a} of a ${b} up to date and tells the ${word()}. */\nexport function update${capital(a)}${i}x${j}(${a}: ${capital(a)}, ${b}Count = ${random.int(1_000)}): number {\n`;
      for (let k = 0; k < 8; k++)
        text += `  if (${a}.${word()}${k} > ${b}Count) this.${word()}.push(${name(random.int(count), k)}(${a}, ${k}));\n`;
      text += `  return ${b}Count;\n}\n\n`;
    }
    yield { path: `src/${word()}/file${i}.ts`, text };
  }
}

function capital(text: string): string {
  return text[0]?.toUpperCase() + text.slice(1);
}
