import { describe, expect, test } from 'vitest';
import { changeText } from '../../../extension/prompts/change_text.ts';

const diffOf = (path: string, added: string[]): string =>
  `diff --git a/${path} b/${path}\nindex 1..2 100644\n--- a/${path}\n+++ b/${path}\n@@ -1 +1,${added.length + 1} @@\n first\n${added.map(line => `+${line}\n`).join('')}`;

describe('changeText', () => {
  test('names every file with what became of it, and shows the lines', () => {
    const diff = `${diffOf('src/a b.ts', ['second'])}diff --git a/old.ts b/new.ts
similarity index 100%
rename from old.ts
rename to new.ts
diff --git a/x.png b/x.png
new file mode 100644
index 000..111
Binary files /dev/null and b/x.png differ
diff --git "a/\\303\\244.txt" "b/\\303\\244.txt"
deleted file mode 100644
--- "a/\\303\\244.txt"
+++ /dev/null
@@ -1 +0,0 @@
-x
\\ No newline at end of file
diff --git a/run.sh b/run.sh
old mode 100644
new mode 100755
`;
    const { text, cut, secret } = changeText(diff, [
      { path: 'fresh.md', text: 'one\ntwo\n' },
      { path: 'big.bin' },
    ]);
    expect(text).toBe(`src/a b.ts (changed)
@@ line 1 @@
 first
+second

new.ts (renamed from old.ts)

x.png (new, binary)

ä.txt (deleted)
@@ line 1 @@
-x
\\ No newline at end of file

run.sh (mode changed)

fresh.md (new)
+one
+two

big.bin (new, not text or too large)`);
    expect({ cut, secret }).toEqual({ cut: [], secret: [] });
  });

  test('no changes are no text', () => {
    expect(changeText('')).toEqual({ text: '', cut: [], secret: [] });
  });

  test('files that may hold secrets are not shown', () => {
    const diff = diffOf('.env', ['TOKEN=abc']) + diffOf('src/a.ts', ['ok']);
    const { text, secret } = changeText(diff, [{ path: 'keys/id_rsa', text: 'abc' }]);
    expect(text).not.toContain('abc');
    expect(text).not.toContain('.env');
    expect(text).toContain('+ok');
    expect(secret).toEqual(['.env', 'keys/id_rsa']);
  });

  test('nor those in whose changes a secret stands, whatever they are called', () => {
    const diff =
      diffOf('src/a.ts', ['ok']) +
      diffOf('src/b.ts', ['a', `token = "ghp_${'a'.repeat(36)}"`]) +
      diffOf('notes.txt', ['-----BEGIN PRIVATE KEY-----', 'MIIE']);
    const { text, secret } = changeText(diff, [{ path: 'c.txt', text: `npm_${'a'.repeat(36)}` }]);
    expect(text).toContain('+ok');
    expect(text).not.toMatch(/ghp_|MIIE|npm_/);
    expect(secret).toEqual(['src/b.ts', 'notes.txt', 'c.txt']);
  });

  test('a secret that was given another name is not shown either', () => {
    const diff = `diff --git a/.env b/env.txt
similarity index 50%
rename from .env
rename to env.txt
--- a/.env
+++ b/env.txt
@@ -1 +1 @@
-TOKEN=abc
+TOKEN=abd
`;
    expect(changeText(diff)).toEqual({ text: '', cut: [], secret: ['env.txt'] });
  });

  test('the largest pieces are cut first, at a line, and told', () => {
    const large = diffOf('large.ts', Array(500).fill('a long line of a generated file'));
    const { text, cut } = changeText(large + diffOf('small.ts', ['kept']), [], 1_000);
    expect(text).toContain('+kept');
    expect(text).toMatch(/\+a long line of a generated file\n\(\d+ more lines are left out\)/);
    expect(cut).toEqual(['large.ts']);
    expect(text.length).toBeLessThan(1_100);
    const shown = text.match(/a long line/g)!.length;
    const missing = Number(/(\d+) more lines/.exec(text)![1]);
    expect(shown + missing).toBe(500);
  });

  test('a single line without an end is cut too', () => {
    const { text, cut } = changeText('', [{ path: 'min.js', text: 'x'.repeat(5_000) }], 300);
    expect(text.length).toBeLessThan(400);
    expect(text).toContain('(the rest is left out)');
    expect(cut).toEqual(['min.js']);
  });

  test('of very many files the first are named and the others counted', () => {
    const diff = Array.from({ length: 250 }, (_, index) => diffOf(`f${index}.ts`, ['x'])).join('');
    const { text, cut } = changeText(diff);
    expect(text).toContain('f199.ts (changed)');
    expect(text).not.toContain('f200.ts');
    expect(text).toContain('(and 50 more files)');
    expect(cut).toHaveLength(50);
  });

  test('of very many pieces the first are shown and the others counted', () => {
    const hunks = (count: number): string => Array(count).fill('@@ -1 +1,2 @@\n one\n+two\n').join('');
    const fileOf = (name: string, count: number): string =>
      `diff --git a/${name} b/${name}\n--- a/${name}\n+++ b/${name}\n${hunks(count)}`;
    const { text, cut } = changeText(fileOf('a.ts', 150) + fileOf('b.ts', 150));
    expect(text.match(/\+two/g)).toHaveLength(200);
    expect(text.endsWith('(100 more pieces are left out)')).toBe(true);
    expect(cut).toEqual(['b.ts']);
  });

  test('files in conflict are named, whatever form Git gives them', () => {
    const combined = `diff --cc src/b.ts
index 1,2..0
--- a/src/b.ts
+++ b/src/b.ts
@@@ -1,1 -1,1 +1,5 @@@
++<<<<<<< HEAD
 +ours
`;
    const { text } = changeText(`* Unmerged path src/a.ts\n${combined}${diffOf('c.ts', ['x'])}`);
    expect(text).toContain('src/a.ts (in conflict)');
    expect(text).toContain('src/b.ts (in conflict)');
    expect(text).toContain('+x');
  });

  test('the letters that a setting of Git puts before names do not matter', () => {
    expect(
      changeText(diffOf('a.ts', ['x']).replaceAll('a/a.ts', 'i/a.ts').replaceAll('b/a.ts', 'w/a.ts')).text,
    ).toContain('a.ts (changed)');
  });
});
