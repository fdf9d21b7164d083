// Entry of the page: joins host, store and view, and draws at most once a frame.
import { announcements } from './announcements.ts';
import { connectHost } from './host.ts';
import { readTexts } from './l10n.ts';
import type { ToPanel } from './protocol.ts';
import { emptyState, reduce } from './store.ts';
import { chatView } from './view/chat.ts';
import { keepChordsUntyped } from './view/chords.ts';
import { composerView } from './view/composer.ts';
import { registerControls } from './view/controls.ts';
import { element } from './view/element.ts';
import { handleEscape } from './view/escape.ts';
import { focusHints } from './view/focus_hint.ts';
import { headerView } from './view/header.ts';
import { showPlaces } from './view/mention_suggestions.ts';
import { modelsPage } from './view/models/page.ts';
import { pageFault } from './view/page_fault.ts';
import { pathLinks } from './view/path_links.ts';
import { onSliceFault } from './view/slices.ts';

/** A drawing that took long is followed by a pause this many times as long, so that typing stays smooth. */
const pauseFactor = 3;

const root = document.getElementById('app') ?? document.body;
readTexts(document);
registerControls(root);
const host = connectHost();
const header = headerView(host.post);
const composer = composerView(host);
const chat = chatView({
  post: message => {
    host.post(message);
    // Its form is gone, and what comes after it is waited for or asked like any other.
    if (message.type === 'edit' || message.type === 'editAnswer') composer.focus();
  },
  onExample: composer.fill,
});
const models = modelsPage(action => host.post({ type: 'models', action }));
const live = element('div', { class: 'spoken', attributes: { role: 'status', 'aria-live': 'polite' } });
const fault = pageFault();
const links = pathLinks(chat.element, host.post);
// Outside the root, which is hidden until there is something to show.
root.before(fault.element);
root.append(header.element, chat.element, composer.element, models.element, live);
focusHints(root);

let state = emptyState;
/** Nothing is shown before the first snapshot: a restored panel would show an empty conversation for a moment. */
let hasSnapshot = false;
root.hidden = true;
let restUntilMs = 0;
/** What had the focus last. */
let lastFocused: Element | null = null;

function draw(): void {
  const startMs = performance.now();
  if (startMs < restUntilMs) {
    requestAnimationFrame(draw);
    return;
  }
  delete root.dataset['due'];
  orShowFault('draw the page', update);
  const endMs = performance.now();
  restUntilMs = endMs + (endMs - startMs) * pauseFactor;
}

function update(): void {
  const focused = document.activeElement ?? document.body;
  root.hidden = !hasSnapshot;
  root.toggleAttribute('data-diagrams', state.canPreviewDiagrams === true);
  header.update(state);
  chat.update(state);
  composer.update(state);
  const open = state.models !== undefined;
  const turned = models.element.hidden === open;
  chat.element.hidden = open;
  composer.element.hidden = open;
  models.update(state.models, state.engine);
  if (turned && open) models.focus();
  else if (turned) composer.focus();
  else if (focused !== document.body && !isThere(focused) && !isThere(document.activeElement)) {
    // A page that is not in use takes the focus from nobody.
    if (document.hasFocus()) focusMain();
  }
}

function isThere(focused: Element | null): boolean {
  return focused !== null && focused !== document.body && focused.isConnected && focused.checkVisibility();
}

/** The focus comes back from a dialog, which takes it from the page without giving it back. */
function focusBack(): void {
  if (isThere(document.activeElement)) return;
  if (lastFocused instanceof HTMLElement && isThere(lastFocused)) lastFocused.focus();
  else focusMain();
}

function focusMain(): void {
  if (state.models) models.focus();
  else composer.focus();
}

onSliceFault(error => {
  fault.show('draw the page', error);
  reportError(error);
});

/** Runs something. A failure is shown on the page for the user, and reported as an uncaught error to the developer tools. */
function orShowFault(what: string, run: () => void): void {
  try {
    run();
  } catch (error) {
    fault.show(what, error);
    reportError(error);
  }
}

/** Draws in the next frame; until then the root is marked, so that a test can wait for it. */
function schedule(): void {
  if (root.dataset['due'] !== undefined) return;
  root.dataset['due'] = '';
  requestAnimationFrame(draw);
}

function receive(message: ToPanel): void {
  const before = state;
  state = reduce(state, message);
  if (message.type === 'snapshot' && !hasSnapshot) {
    hasSnapshot = true;
    // At once: what follows may want the focus, which nothing that is hidden can have.
    return update();
  }
  if (message.type !== 'snapshot') {
    const said = announcements(before, state);
    if (said.length > 0) live.textContent = said.join(' ');
  }
  if (message.type === 'setInput') composer.fill(message);
  if (message.type === 'summary') composer.showSummary(message.text);
  if (message.type === 'insertText') composer.insert(message.text);
  if (message.type === 'insertMention') composer.insertMention(message.text);
  if (message.type === 'places') showPlaces(message);
  if (message.type === 'paths') links.show(message.found);
  if (message.type === 'symbols') links.showSymbols(message.turnId, message.found);
  if (message.type === 'pathsChanged') links.checkAgain();
  if (message.type === 'focusInput') composer.focus();
  if (message.type === 'focusBack') focusBack();
  schedule();
}

window.addEventListener('blur', () => host.post({ type: 'focused', focused: false }));
window.addEventListener('focus', () => host.post({ type: 'focused', focused: true }));
root.addEventListener('focusin', event => {
  lastFocused = event.target instanceof Element ? event.target : null;
});
keepChordsUntyped(root);
handleEscape(document.body, {
  stopsIn: [chat.element, composer.element],
  isRunning: () => state.busy,
  stop: composer.stop,
});
host.onMessage(message =>
  orShowFault(`process a message of type "${message?.type}"`, () => receive(message)),
);
host.start();
