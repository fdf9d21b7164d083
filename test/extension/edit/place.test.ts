// Where suggested code goes: whole files, functions, pieces, shortened code, diffs, and the same code twice.
import { describe, expect, test } from 'vitest';
import { editLines, linesOf } from '../../../extension/edit/lines.ts';
import { placeCode } from '../../../extension/edit/place.ts';

const style = { insertSpaces: true, tabSize: 2 };

/** The text after each way to apply the code. */
function results(original: string, code: string, language = 'ts'): string[] {
  const lines = linesOf(original);
  return placeCode({ suggestion: { code, language }, original: lines, style }).map(edits =>
    editLines(lines, edits).join('\n'),
  );
}

/** The text after the code is applied, where there is one way only. */
function applied(original: string, code: string, language = 'ts'): string {
  const all = results(original, code, language);
  expect(all).toHaveLength(1);
  return all[0] ?? '';
}

const cart = `// The cart.
import { price } from './price.ts';
import { tax } from './tax.ts';

/** What all items cost. */
export function total(items: Item[]): number {
  let sum = 0;
  for (const item of items) sum += price(item);
  return sum;
}

export function count(items: Item[]): number {
  return items.length;
}

export class Cart {
  #items: Item[] = [];

  add(item: Item): void {
    this.#items.push(item);
  }

  clear(): void {
    this.#items = [];
  }
}
`;

describe('a whole file', () => {
  test('an empty file takes the code as it is', () => {
    expect(applied('', 'a();\n\nb();')).toBe('a();\n\nb();\n');
    expect(applied('\n\n', 'a();')).toBe('a();\n');
  });

  test('code that begins and ends like the file replaces it, and the end of the file stays', () => {
    const code = cart.replace('items.length', 'items.filter(isReal).length').replace('let sum', 'let amount');
    expect(applied(cart, code.trimEnd())).toBe(code);
  });

  test('imports at the beginning may have changed, and a comment above them stays', () => {
    const changed = cart.replace(/import .*\n.*\n/, "import { net } from '@shop/net';\n");
    expect(applied(cart, changed.replace('// The cart.\n', '').trimEnd())).toBe(changed);
  });
});

describe('a definition', () => {
  test('takes the place of the one of its name, whose comment stays', () => {
    const code = `export function total(items: Item[]): number {
  return items.reduce((sum, item) => sum + price(item), 0);
}`;
    expect(applied(cart, code)).toBe(cart.replace(/export function total[\s\S]*?\n}/, code));
  });

  test('brings its own comment', () => {
    const code = `/** What everything costs, with tax. */
export function total(items: Item[]): number {
  return tax(items);
}`;
    expect(applied(cart, code)).toBe(cart.replace(/\/\*\* What all[\s\S]*?\n}/, code));
  });

  test('is indented as the one it replaces: a method that was shown without its class', () => {
    const code = `clear(): void {
    this.#items = [];
    this.changed();
}`;
    expect(applied(cart, code)).toContain(
      '  clear(): void {\n    this.#items = [];\n    this.changed();\n  }\n}\n',
    );
  });

  test('of tabs is indented by tabs', () => {
    const tabs = 'class A {\n\tfoo() {\n\t\treturn 1;\n\t}\n\n\tbar() {\n\t\treturn 2;\n\t}\n}\n';
    expect(applied(tabs, '    bar() {\n        if (x) {\n            return 3;\n        }\n    }')).toBe(
      tabs.replace('\t\treturn 2;\n', '\t\tif (x) {\n\t\t\treturn 3;\n\t\t}\n'),
    );
  });

  test('several at once, a new one beside them, and a new import', () => {
    const code = `import { money } from './money.ts';

export function total(items: Item[]): number {
  return money(0);
}

export function isEmpty(items: Item[]): boolean {
  return items.length === 0;
}

export function count(items: Item[]): number {
  return items.length + 1;
}`;
    const text = applied(cart, code);
    expect(text).toContain("from './tax.ts';\nimport { money } from './money.ts';\n");
    expect(text).toContain(
      '/** What all items cost. */\nexport function total(items: Item[]): number {\n  return money(0);\n}\n\nexport function isEmpty',
    );
    expect(text).toContain(
      '=== 0;\n}\n\nexport function count(items: Item[]): number {\n  return items.length + 1;\n}\n\nexport class Cart {',
    );
    expect(text.match(/function count/g)).toHaveLength(1);
  });

  test('an import that brings in more takes the place of the one it extends', () => {
    const code =
      "import { price, netPrice } from './price.ts';\n\nexport function count(): number {\n  return netPrice;\n}";
    expect(applied(cart, code)).toContain(
      "// The cart.\nimport { price, netPrice } from './price.ts';\nimport { tax }",
    );
  });

  test('that is there twice gives two places', () => {
    const twice = 'class A {\n  run() {\n    a();\n  }\n}\n\nclass B {\n  run() {\n    b();\n  }\n}\n';
    expect(results(twice, 'run() {\n  c();\n}')).toEqual([
      twice.replace('a();', 'c();'),
      twice.replace('b();', 'c();'),
    ]);
  });

  test('of Python ends where its indentation does', () => {
    const original =
      'import os\n\ndef a():\n    return 1\n\n@cached\ndef b(x):\n    if x:\n        return 2\n    return 3\n\n\nprint(a())\n';
    expect(applied(original, 'def b(x):\n  return 4', 'python')).toBe(
      'import os\n\ndef a():\n    return 1\n\n@cached\ndef b(x):\n    return 4\n\n\nprint(a())\n',
    );
  });

  test('of which a language server knows more than the text shows', () => {
    const lines = ['cell = compute', '  one', 'other'];
    const places = placeCode({
      suggestion: { code: 'function cell() {\n  two\n}', language: 'x' },
      original: lines,
      style,
      symbols: [{ name: 'cell', start: 0, end: 2 }],
    });
    expect(places.map(edits => editLines(lines, edits))).toEqual([
      ['function cell() {', '  two', '}', 'other'],
    ]);
  });

  test('a class that shows only what changes keeps its other members', () => {
    const original = cart.replace(
      '  clear()',
      '  first(): Item {\n    return this.#items[0];\n  }\n\n  clear()',
    );
    const code = `export class Cart {
  add(item: Item): void {
    this.#items.unshift(item);
  }
}`;
    expect(applied(original, code)).toBe(original.replace('push', 'unshift'));
  });
});

describe('a piece of code', () => {
  test('takes the place of the lines it is like, with lines that are new and lines that are gone', () => {
    const code =
      'let sum = 0;\nfor (const item of items) sum += price(item) * item.count;\nreturn Math.round(sum);';
    expect(applied(cart, code)).toBe(
      cart
        .replace('price(item);', 'price(item) * item.count;')
        .replace('return sum;', 'return Math.round(sum);'),
    );
  });

  test('is found where the file has moved on', () => {
    const moved = cart
      .replace(
        'export function count',
        'export function newer(): void {\n  now();\n}\n\nexport function count',
      )
      .replace('let sum = 0;', 'let sum = 0; // in cents');
    expect(
      applied(moved, 'let sum = 0;\nfor (const item of items) sum += netPrice(item);\nreturn sum;'),
    ).toContain(
      '{\n  let sum = 0;\n  for (const item of items) sum += netPrice(item);\n  return sum;\n}\n\nexport function newer',
    );
  });

  test('that fits in several places gives them all', () => {
    const original =
      'function a() {\n  open();\n  work(1);\n  close();\n}\n\nfunction b() {\n  open();\n  work(1);\n  close();\n}\n';
    const texts = results(original, 'open();\nwork(2);\nclose();');
    expect(texts).toHaveLength(2);
    expect(new Set(texts.map(text => text.indexOf('work(2)'))).size).toBe(2);
  });

  test('that is like nothing has no place', () => {
    expect(results(cart, 'SELECT name FROM users WHERE id = 7;', 'sql')).toEqual([]);
    expect(results(cart, '}\n}\n', 'ts')).toEqual([]);
    expect(results(cart, '  \n', 'ts')).toEqual([]);
  });

  test('a line that names the file is no part of the code', () => {
    expect(
      applied(cart, '// src/cart.ts\nexport function count(items: Item[]): number {\n  return 0;\n}'),
    ).toBe(cart.replace('return items.length;', 'return 0;'));
  });
});

describe('code that leaves out what stays', () => {
  test('between parts that are shown', () => {
    const code = `import { price } from './price.ts';
// ... existing imports ...

export function total(items: Item[]): number {
  return 1;
}

// ... existing code ...

export class Cart {
  // ... existing code ...
  clear(): void {
    this.#items.length = 0;
  }
}`;
    expect(applied(cart, code)).toBe(
      cart
        .replace(/ {2}let sum[\s\S]*?return sum;/, '  return 1;')
        .replace('this.#items = [];\n  }', 'this.#items.length = 0;\n  }'),
    );
  });

  test('a new member goes to the end of its class, a new function to the end of the file', () => {
    const member = `export class Cart {
  // ... existing code ...

  size(): number {
    return this.#items.length;
  }
}`;
    expect(applied(cart, member)).toBe(
      cart.replace(
        '= [];\n  }\n}',
        '= [];\n  }\n\n  size(): number {\n    return this.#items.length;\n  }\n}',
      ),
    );
    expect(applied(cart, '// ... existing code ...\n\nexport function last(): void {\n  end();\n}')).toBe(
      `${cart}\nexport function last(): void {\n  end();\n}\n`,
    );
  });

  test('a new line at the beginning', () => {
    expect(applied(cart, "import { money } from './money.ts';\n// ... rest of the code")).toBe(
      cart.replace('// The cart.\n', "// The cart.\nimport { money } from './money.ts';\n"),
    );
  });

  test('inside a function, with a new line before what stays', () => {
    const code =
      'export function total(items: Item[]): number {\n  check(items);\n  // ...\n  return sum;\n}';
    expect(applied(cart, code)).toBe(cart.replace('  let sum', '  check(items);\n  let sum'));
  });

  test('in other languages', () => {
    const python = 'def a():\n    x = 1\n    y = 2\n    return x + y\n\ndef b():\n    return 5\n';
    expect(
      applied(python, 'def a():\n    x = 7\n    # rest unchanged\n\n# ... existing code ...', 'python'),
    ).toBe(python.replace('x = 1', 'x = 7'));
    const html = '<ul>\n  <li>one</li>\n  <li>two</li>\n</ul>\n';
    expect(applied(html, '<ul>\n  <!-- ... existing items ... -->\n  <li>three</li>\n</ul>', 'html')).toBe(
      html.replace('</ul>', '  <li>three</li>\n</ul>'),
    );
  });

  test('three dots of the language are no omission', () => {
    const original = 'const a = [\n  ...first,\n  ...second,\n];\n';
    expect(applied(original, 'const a = [\n  ...first,\n  ...third,\n  ...second,\n];')).toBe(
      original.replace('  ...second', '  ...third,\n  ...second'),
    );
  });
});

describe('a diff', () => {
  const patch = `--- a/src/cart.ts
+++ b/src/cart.ts
@@ -1,99 +1,3 @@
 export function count(items: Item[]): number {
-  return items.length;
+  return items.length + 1;
 }
@@ nonsense @@
   clear(): void {
-    this.#items = [];
+    this.#items.length = 0;
   }`;

  test('is applied by its text, whatever its numbers say', () => {
    expect(applied(cart, patch, 'diff')).toBe(
      cart
        .replace('items.length;', 'items.length + 1;')
        .replace('this.#items = [];\n  }\n}', 'this.#items.length = 0;\n  }\n}'),
    );
  });

  test('is applied where the file has moved on', () => {
    const moved = cart.replace('count(items: Item[]): number {', 'count(items: readonly Item[]): number {');
    expect(applied(moved, patch, 'diff')).toContain('return items.length + 1;');
  });

  test('has no place when a piece of it is not there', () => {
    expect(results(cart, '@@ -1 +1 @@\n-nothing(like, it);\n+something(else);', 'diff')).toEqual([]);
  });
});
