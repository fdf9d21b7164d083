// Runs one process to its end and keeps what it printed.
import { spawn } from 'node:child_process';

/** Resolves to `{ end, stdout, stderr, timedOut }`; `end` is the exit code, the signal, or why it did not start. Never rejects. */
export async function runToEnd(program, args, { cwd, env, limitMs }) {
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr']) {
    child[stream].setEncoding('utf8');
    child[stream].on('data', chunk => (text[stream] += chunk));
  }
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill('SIGKILL');
  }, limitMs);
  const end = await new Promise(resolve => {
    child.once('error', error => resolve(error.message));
    child.once('close', (code, signal) => resolve(signal ?? code));
  });
  clearTimeout(timer);
  return { ...text, end, timedOut };
}

/** What a program says it died of; Node.js writes its stack and version below. */
export function errorLine(text) {
  return linesOf(text).findLast(line => /^(\w*Error|Aborted)\b/.test(line));
}

/** The last line that says something. */
export function lastLine(text) {
  return linesOf(text).at(-1);
}

function linesOf(text) {
  return text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '');
}
