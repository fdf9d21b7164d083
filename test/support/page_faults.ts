// What must never be in the page, whatever a model wrote: runs in the page itself, and tells each fault as "kind: what".

export type FaultKind = 'script' | 'policy' | 'element' | 'attribute' | 'link' | 'page';

/** Faults of the page as it is now. */
export function faultsOfPage(): string[] {
  const faults: string[] = [];
  const fault = (kind: FaultKind, what: string): number => faults.push(`${kind}: ${what}`);
  const known = new Set(
    [
      'a article blockquote br code del details div em h2 h3 h4 h5 h6 hr input label li ol p pre progress s span strong summary',
      'table tbody td th thead tr ul svg path vscode-button vscode-progress-ring vscode-text-area vscode-link',
      'math menclose mfrac mi mn mo mover mpadded mphantom mroot mrow mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr',
      'munder munderover semantics',
    ]
      .join(' ')
      .split(' '),
  );
  const list = document.querySelector('.turns');
  if (!list) return ['page: the conversation is gone'];
  for (const node of list.querySelectorAll('*')) {
    const name = node.localName;
    const isOwn = node.closest('vscode-button, vscode-link, svg.icon, .text-form') !== null;
    if (!known.has(name) || (name === 'svg' && !node.matches('.icon'))) fault('element', name);
    const isBox = node.matches('.task > input[type=checkbox][disabled]');
    if (name === 'input' && !isBox) fault('element', 'a field');
    const isText = node.closest('.answer, .typed') !== null && node.closest('.code-block') === null;
    if (name.startsWith('vscode-') && isText) fault('element', `${name} in a text`);
    for (const { name: attribute, value } of node.attributes) {
      if (/^on/i.test(attribute)) fault('attribute', `${attribute} of ${name}`);
      if (isOwn) continue;
      if (
        /^(?:src|srcset|srcdoc|action|formaction|background|poster|data|xlink:href|ping|target|id|name)$/i.test(
          attribute,
        )
      )
        fault('attribute', `${attribute} of ${name}`);
      if (attribute === 'style' && /url|position|:\s*-|fixed|expression/i.test(value))
        fault('attribute', `style ${value}`);
    }
    // The page's own links of this kind lead nowhere by themselves.
    const href = name === 'vscode-link' ? null : node.getAttribute('href');
    if (href !== null && !/^https?:\/\//i.test(href)) fault('link', href);
    if (name === 'a' && href !== null) {
      const host = URL.canParse(href) ? new URL(href).host : '';
      const isTrue = host !== '' && (node.getAttribute('title') ?? '').startsWith(host);
      if (!isTrue) fault('link', `no true host at ${href}`);
    }
  }
  if (document.title !== 'Hearth') fault('page', `title ${document.title}`);
  if (
    document.querySelectorAll('head > :not(meta, link[rel=stylesheet], link[rel=icon], title, style)')
      .length > 0
  )
    fault('page', 'its head has grown');
  if (document.querySelectorAll('base, meta[http-equiv=refresh i]').length > 0)
    fault('page', 'it leads elsewhere');
  if ('polluted' in {}) fault('page', 'every object has been changed');
  const app = document.getElementById('app');
  if (!(app instanceof HTMLDivElement) || app.hidden || app.getClientRects().length === 0)
    fault('page', 'it is gone');
  if (document.documentElement.scrollWidth > window.innerWidth) fault('page', 'it is wider than the panel');
  for (const violation of window.record.violations.splice(0)) fault('policy', violation);
  for (const hit of window.hits.splice(0)) fault('script', hit);
  return faults;
}
