// What `npm start` says when VS Code runs. Pure.

/**
 * @param {object} server
 * @param {string} server.address the address to open
 * @param {number} server.port
 * @param {string} server.log path of the log, from where the person is
 * @param {string} server.model what runs, in words
 */
export function serverText({ address, port, log, model }) {
  return [
    '',
    `Hearth runs in VS Code at ${address}`,
    '',
    '  Open it:   in a browser on this machine. From another machine forward the port first, then open the same',
    `             address there: ssh -L ${port}:127.0.0.1:${port} THIS_MACHINE`,
    '  Hearth:    its panel is open; a click on the flame at the left opens it again.',
    `  Model:     ${model}`,
    `  End:       Ctrl+C. Log: ${log}`,
    '',
  ].join('\n');
}

/**
 * Which model runs, in words. `settings`: the texts of the settings files that may choose one; the last that does so counts.
 * @param {string[]} settings
 */
export function modelText(settings) {
  const chosen = settings.map(chosenModel).findLast(model => model !== undefined);
  return chosen
    ? `${chosen}, as chosen in Hearth.`
    : 'the embedded model hearth-tiny: it shows how everything works and is often wrong. Hearth has others.';
}

/** The value of hearth.model.path; a settings file may hold comments, so the one line is looked for. */
function chosenModel(text) {
  const value = /^[^/\n]*"hearth\.model\.path"\s*:\s*("(?:[^"\\\n]|\\.)*")/m.exec(text)?.[1];
  return value === undefined ? undefined : JSON.parse(value);
}
