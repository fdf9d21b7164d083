// Which grammar a file is read with, and which nodes of its trees define something.
import type { DefinitionKind } from './definition.ts';

export interface Language {
  /** Of `@vscode/tree-sitter-wasm`: wasm/tree-sitter-NAME.wasm. */
  grammar: string;
  /** By node type. */
  definitions: ReadonlyMap<string, DefinitionKind>;
  /** Nodes around definitions; what they begin with (`export`, a decorator) belongs to the definition. */
  wrappers: ReadonlySet<string>;
}

type Table = Partial<Record<DefinitionKind | 'wrappers', string>>;

function language(grammar: string, { wrappers = '', ...kinds }: Table): Language {
  const types = (list: string) => list.split(' ').filter(Boolean);
  return {
    grammar,
    definitions: new Map(
      Object.entries(kinds).flatMap(([kind, list]) =>
        types(list).map(type => [type, kind as DefinitionKind] as const),
      ),
    ),
    wrappers: new Set([...types(wrappers), 'ERROR']),
  };
}

const javascript: Table = {
  function: 'function_declaration generator_function_declaration',
  class: 'class_declaration',
  method: 'method_definition',
  variable: 'variable_declarator field_definition',
  wrappers: 'export_statement lexical_declaration variable_declaration class_body',
};
const typescript: Table = {
  ...javascript,
  function: `${javascript.function} function_signature`,
  class: 'class_declaration abstract_class_declaration',
  interface: 'interface_declaration',
  type: 'type_alias_declaration',
  enum: 'enum_declaration',
  module: 'module internal_module',
  method: 'method_definition method_signature abstract_method_signature',
  variable: 'variable_declarator public_field_definition property_signature',
  wrappers: `${javascript.wrappers} ambient_declaration expression_statement statement_block interface_body object_type`,
};
const cpp: Table = {
  function: 'function_definition declaration preproc_function_def',
  class: 'class_specifier struct_specifier union_specifier',
  enum: 'enum_specifier',
  type: 'type_definition alias_declaration concept_definition',
  module: 'namespace_definition',
  method: 'field_declaration',
  variable: 'preproc_def',
  wrappers:
    'template_declaration declaration_list field_declaration_list linkage_specification preproc_ifdef preproc_if preproc_else preproc_elif',
};

/** By the ending of a path, in lower case. */
const tables: Record<string, [grammar: string, table: Table]> = {
  'ts mts cts': ['typescript', typescript],
  tsx: ['tsx', typescript],
  'js mjs cjs jsx': ['javascript', javascript],
  'py pyi pyw': [
    'python',
    {
      function: 'function_definition',
      class: 'class_definition',
      type: 'type_alias_statement',
      variable: 'assignment',
      wrappers: 'decorated_definition expression_statement block',
    },
  ],
  go: [
    'go',
    {
      function: 'function_declaration',
      method: 'method_declaration',
      type: 'type_spec type_alias',
      variable: 'const_spec var_spec',
      wrappers: 'type_declaration const_declaration var_declaration var_spec_list',
    },
  ],
  rs: [
    'rust',
    {
      function: 'function_item function_signature_item macro_definition',
      class: 'struct_item union_item impl_item',
      interface: 'trait_item',
      enum: 'enum_item',
      type: 'type_item associated_type',
      module: 'mod_item',
      variable: 'const_item static_item',
      wrappers: 'declaration_list',
    },
  ],
  java: [
    'java',
    {
      class: 'class_declaration record_declaration',
      interface: 'interface_declaration annotation_type_declaration',
      enum: 'enum_declaration',
      method: 'method_declaration constructor_declaration compact_constructor_declaration',
      variable: 'variable_declarator',
      wrappers:
        'class_body interface_body enum_body enum_body_declarations annotation_type_body field_declaration constant_declaration',
    },
  ],
  'cpp cc cxx c h hpp hh hxx ino cu cuh': ['cpp', cpp],
  cs: [
    'c-sharp',
    {
      class: 'class_declaration struct_declaration record_declaration record_struct_declaration',
      interface: 'interface_declaration',
      enum: 'enum_declaration',
      type: 'delegate_declaration',
      module: 'namespace_declaration',
      method: 'method_declaration constructor_declaration operator_declaration',
      variable: 'property_declaration event_declaration variable_declarator',
      wrappers:
        'declaration_list file_scoped_namespace_declaration field_declaration variable_declaration global_statement',
    },
  ],
  'rb rake gemspec': [
    'ruby',
    {
      function: 'method singleton_method',
      class: 'class singleton_class',
      module: 'module',
      variable: 'assignment',
      wrappers: 'body_statement',
    },
  ],
  php: [
    'php',
    {
      function: 'function_definition',
      class: 'class_declaration trait_declaration',
      interface: 'interface_declaration',
      enum: 'enum_declaration',
      method: 'method_declaration',
      module: 'namespace_definition',
      variable: 'const_element property_element',
      wrappers:
        'declaration_list enum_declaration_list compound_statement const_declaration property_declaration',
    },
  ],
  'sh bash zsh': ['bash', { function: 'function_definition' }],
  'css scss': ['css', { section: 'rule_set', wrappers: 'media_statement supports_statement block' }],
};

const byEnding = new Map(
  Object.entries(tables).flatMap(([endings, [grammar, table]]) => {
    const made = language(grammar, table);
    return endings.split(' ').map(ending => [ending, made] as const);
  }),
);

/** Every grammar that is used: what the package has to bring. */
export const grammarNames: readonly string[] = [
  ...new Set(Object.values(tables).map(([grammar]) => grammar)),
];

/** Undefined for files that no grammar is there for. */
export function languageOf(path: string): Language | undefined {
  return byEnding.get(endingOf(path));
}

/** What follows the last dot, in lower case. */
export function endingOf(path: string): string {
  return /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
}
