// What the tooltip of a link says: first of all the host that it really leads to, whatever its text claims. Pure.

const addressCharsMax = 300;

/** "example.com: https://example.com/path"; the address alone when it has no host. */
export function linkTitle(address: string): string {
  const shown = address.length > addressCharsMax ? `${address.slice(0, addressCharsMax)}…` : address;
  const host = URL.canParse(address) ? new URL(address).host : '';
  return host ? `${host}: ${shown}` : shown;
}
