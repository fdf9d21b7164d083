// Names of files that hold secrets. They are neither read into the workspace nor completed in. Pure.

const secretNames: readonly RegExp[] = [
  /^\.env(\..+)?$/,
  /^\.envrc$/,
  /^id_(rsa|dsa|ecdsa|ed25519)(_sk)?$/,
  /\.(pem|key|p12|pfx|p8|jks|keystore|kdbx|ppk|asc|gpg|ovpn)$/,
  /^\.(npmrc|netrc|pgpass|pypirc|htpasswd|git-credentials|dockercfg)$/,
  /^_netrc$/,
  /^(secrets?|credentials?)\.(json|ya?ml|toml|ini|txt|xml|properties)$/,
  /^service[-_]?account.*\.json$/,
  /\.tfstate(\.backup)?$/,
  /\.tfvars$/,
];
const harmlessNames = /^\.env\.(example|sample|template|dist|defaults?)$/;
const secretPlaces = /(^|\/)(\.aws|\.ssh|\.gnupg|\.kube|\.docker)\//;

/** True when a file of this path (forward slashes) is taken to hold secrets. */
export function isSecretPath(path: string): boolean {
  const lower = path.toLowerCase();
  const name = lower.slice(lower.lastIndexOf('/') + 1);
  if (harmlessNames.test(name)) return false;
  return secretPlaces.test(lower) || secretNames.some(pattern => pattern.test(name));
}
