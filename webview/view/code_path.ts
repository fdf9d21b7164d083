// The path of a file in the info string of a fence: "ts src/a.ts", "ts title=\"src/a.ts\"", "ts:src/a.ts", "src/a.ts". Pure.

const named = /\b(?:title|file|filename|file_name|name|path)\s*[=:]\s*(?:"([^"]+)"|'([^']+)'|([^\s"'{}]+))/i;
/** A name with an ending, or a known one without, after any folders. */
const path =
  /^(?:[A-Za-z]:)?(?:[^\s:"'<>|?*{}=]*[/\\])?(?:[^\s:"'<>|?*{}=/\\]+\.[A-Za-z][\w+-]*|\.[A-Za-z][\w.-]+|Dockerfile|Makefile)$/;

/** Undefined when it names none. */
export function pathOfInfo(info: string): string | undefined {
  const attribute = named.exec(info);
  const value = attribute && (attribute[1] ?? attribute[2] ?? attribute[3])?.trim();
  if (value && path.test(value.replaceAll(' ', '_'))) return value;
  for (const word of info.trim().split(/\s+/)) {
    // "ts:src/a.ts", "12:30:src/a.ts", "src/a.ts:12" and "(src/a.ts)" name a file too.
    const bare = word
      .replace(/^\((.*)\)$/, '$1')
      .replace(/^(?:\d+:\d+:|[\w+#-]{2,}:(?![/\\]{2}))/, '')
      .replace(/:\d+(?:-\d+)?$/, '');
    if (path.test(bare)) return bare;
  }
  return undefined;
}
