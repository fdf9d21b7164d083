// Files that hold secrets, by their names and by what stands in them. They are neither read into the workspace nor completed in. Pure.

const secretNames: readonly RegExp[] = [
  /^\.env(\..+)?$/,
  /^\.envrc$/,
  /^id_(rsa|dsa|ecdsa|ed25519)(_sk)?$/,
  /\.(pem|key|p12|pfx|p8|jks|keystore|kdbx|ppk|gpg|ovpn)$/,
  /^\.(npmrc|netrc|pgpass|pypirc|htpasswd|git-credentials|dockercfg)$/,
  /^_netrc$/,
  /^(secrets?|credentials?)\.(json|ya?ml|toml|ini|txt|xml|properties)$/,
  /^service[-_]?account.*\.json$/,
  /\.tfstate(\.backup)?$/,
  /\.tfvars$/,
];
const harmlessNames = /^\.env\.(example|sample|template|dist|defaults?)$/;
const secretPlaces = /(^|\/)(\.aws|\.ssh|\.gnupg|\.kube|\.docker)\//;

/**
 * Texts that are keys or passwords and nothing else: blocks of keys and of encrypted mail, and tokens whose form their makers have
 * published so that they can be found.
 */
const secretTexts: readonly RegExp[] = [
  /^-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----\s*$/m,
  /^-----BEGIN PGP (?:MESSAGE|SIGNATURE|PUBLIC KEY BLOCK)-----\s*$/m,
  /^PuTTY-User-Key-File-\d: /m,
  /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b(?<!EXAMPLE)/,
  /\bgh[pousr]_[0-9A-Za-z]{36}\b/,
  /\bgithub_pat_[0-9A-Za-z]{22}_[0-9A-Za-z]{59}\b/,
  /\bglpat-[0-9A-Za-z_-]{20}\b/,
  /\bxox[abprs]-\d{10,}-[0-9A-Za-z-]{20,}/,
  /\bAIza[0-9A-Za-z_-]{35}\b/,
  /\bnpm_[0-9A-Za-z]{36}\b/,
  /\b[rs]k_live_[0-9A-Za-z]{24,}\b/,
  /\bsk-(?:proj|ant|svcacct)-[0-9A-Za-z_-]{40,}/,
  /\bSG\.[0-9A-Za-z_-]{22}\.[0-9A-Za-z_-]{43}\b/,
];

/** True when a file of this path (forward slashes) is taken to hold secrets. */
export function isSecretPath(path: string): boolean {
  const lower = path.toLowerCase();
  const name = lower.slice(lower.lastIndexOf('/') + 1);
  if (harmlessNames.test(name)) return false;
  return secretPlaces.test(lower) || secretNames.some(pattern => pattern.test(name));
}

/** True when a text holds what is a secret by its form, whatever the file is called. */
export function holdsSecret(text: string): boolean {
  return secretTexts.some(pattern => pattern.test(text));
}
