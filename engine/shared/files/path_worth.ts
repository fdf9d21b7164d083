// What a path alone says about the worth of a file to somebody who asks about its project. Pure.

/** What a path is, as far as its worth goes. */
export type PathKind = 'start' | 'source' | 'test' | 'generated';

/** Where a project says what it is and what it is made of. */
const startNames =
  /^(readme(\..+)?|package\.json|pyproject\.toml|setup\.(py|cfg)|cargo\.toml|go\.mod|pom\.xml|build\.gradle(\.kts)?|composer\.json|gemfile|cmakelists\.txt|makefile|.+\.csproj|agents\.md|contributing\.md|architecture\.md)$/;

/** What a tool wrote, or others did: it is found again where it came from. */
const generatedNames =
  /^(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lock|cargo\.lock|poetry\.lock|uv\.lock|pdm\.lock|pipfile\.lock|gemfile\.lock|composer\.lock|go\.sum|flake\.lock|deno\.lock|.+\.min\.(js|css)|.+\.map|.+\.snap|.+\.pb\.go|.+_pb2(_grpc)?\.pyi?|.+\.(designer|g|generated)\.cs|.+\.g\.dart|.+\.freezed\.dart|.+\.gen\.(go|ts|rs)|.+\.generated\..+)$/;
const generatedFolders =
  /(^|\/)(node_modules|bower_components|vendor|vendored|third[_-]party|thirdparty|external|extern|deps|dist|out|build|generated|__generated__|__snapshots__)\//;
const testPaths =
  /(^|\/)(tests?|specs?|__tests__|__mocks__|testdata|fixtures?|e2e|benchmarks?|examples?)\/|(^|[._-])(test|spec)s?\.[^/]+$|(^|\/)test_[^/]+\.py$|_test\.go$/;

export function pathKind(path: string): PathKind {
  const lower = path.toLowerCase();
  const name = lower.slice(lower.lastIndexOf('/') + 1);
  if (generatedNames.test(name) || generatedFolders.test(lower)) return 'generated';
  if (startNames.test(name)) return 'start';
  return testPaths.test(lower) ? 'test' : 'source';
}

/** Folders above the file. */
export function depthOf(path: string): number {
  return path.split('/').length - 1;
}

/** A number that is larger for paths of more worth: where the project says what it is, then sources, tests, and what was generated. */
export function pathWorth(path: string): number {
  const depth = Math.min(depthOf(path), 9);
  return { start: 40 - 10 * depth, source: 0, test: -15, generated: -1_000 }[pathKind(path)] - depth;
}
