// Imports of the common languages, found among the files.
import { expect, test } from 'vitest';
import { importsOf } from '../../../../engine/workspace/packing/imports.ts';

const found = (texts: Record<string, string>, path: string): string[] =>
  [...(importsOf(Object.entries(texts).map(([at, text]) => ({ path: at, text }))).get(path) ?? [])].sort();

test.each([
  [
    'TypeScript',
    'src/a.ts',
    "import x from './b.js';\nimport './c';\nexport * from '../lib';\nconst y = require('react');\nawait import('@/deep/d');",
    { 'src/b.ts': '', 'src/c/index.ts': '', 'lib/index.ts': '', 'src/deep/d.tsx': '', 'react.ts': '' },
    ['lib/index.ts', 'src/b.ts', 'src/c/index.ts', 'src/deep/d.tsx'],
  ],
  [
    'Python',
    'pkg/a.py',
    'import os\nimport pkg.util as u\nfrom . import sibling\nfrom ..top import thing\nfrom pkg.sub import (one,\n  two)\n',
    {
      'pkg/util.py': '',
      'pkg/sibling.py': '',
      'top.py': '',
      'pkg/sub/one.py': '',
      'pkg/sub/__init__.py': '',
    },
    ['pkg/sibling.py', 'pkg/sub/__init__.py', 'pkg/sub/one.py', 'pkg/util.py', 'top.py'],
  ],
  [
    'Rust',
    'src/main.rs',
    'mod net;\npub mod disk;\nuse crate::model::layer::Layer;\nuse std::fs;\n',
    { 'src/net.rs': '', 'src/disk/mod.rs': '', 'src/model/layer.rs': '' },
    ['src/disk/mod.rs', 'src/model/layer.rs', 'src/net.rs'],
  ],
  [
    'C',
    'src/a.c',
    '#include <stdio.h>\n#include "a.h"\n#include "util/list.h"\n',
    { 'src/a.h': '', 'include/util/list.h': '' },
    ['include/util/list.h', 'src/a.h'],
  ],
  [
    'Java',
    'src/main/java/org/app/Main.java',
    'import java.util.List;\nimport org.app.core.Engine;\n',
    { 'src/main/java/org/app/core/Engine.java': '' },
    ['src/main/java/org/app/core/Engine.java'],
  ],
  [
    'Go',
    'main.go',
    'import (\n\t"fmt"\n\tlog "example.com/app/internal/log"\n)\n',
    { 'internal/log/log.go': '', 'internal/log/level.go': '', 'fmt/x.go': '' },
    ['internal/log/level.go', 'internal/log/log.go'],
  ],
  ['Ruby', 'lib/a.rb', "require 'json'\nrequire_relative 'a/b'\n", { 'lib/a/b.rb': '' }, ['lib/a/b.rb']],
])('%s', (_, path, text, others, expected) => {
  expect(found({ [path]: text, ...(others as Record<string, string>) }, path)).toEqual(expected);
});

test('a name that several files have is taken for none of them', () => {
  expect(found({ 'a.py': 'import util\n', 'x/util.py': '', 'y/util.py': '' }, 'a.py')).toEqual([]);
});
