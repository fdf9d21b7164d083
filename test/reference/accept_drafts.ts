// Reference of accept_drafts: how many drafts are what was chosen, and the ring of ids with the next token in it.

/** ring: ids by place; the drafts begin at place `first`, counted round; picks: one more than there are drafts. */
export function acceptDrafts(
  ring: readonly number[],
  first: number,
  picks: readonly number[],
): { accepted: number; drafts: number[]; ring: number[] } {
  const drafts = picks.slice(1).map((_, k) => ring[(first + k) % ring.length] as number);
  const wrong = drafts.findIndex((id, k) => id !== picks[k]);
  const accepted = wrong < 0 ? drafts.length : wrong;
  const after = [...ring];
  after[(first + accepted) % ring.length] = picks[accepted] as number;
  return { accepted, drafts, ring: after };
}
