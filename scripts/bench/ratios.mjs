// How many times faster than each peer that was measured.

/** Keys decode_vs_NAME and prefill_vs_NAME. */
export function ratios(engine, peers) {
  return Object.fromEntries(
    Object.entries(peers)
      .filter(([, peer]) => peer.failed === undefined)
      .flatMap(([name, peer]) =>
        ['prefill', 'decode'].map(phase => [
          `${phase}_vs_${name}`,
          engine[`${phase}_tps`] / peer[`${phase}_tps`],
        ]),
      ),
  );
}
