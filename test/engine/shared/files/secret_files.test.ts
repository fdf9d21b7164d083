import { describe, expect, test } from 'vitest';
import { isSecretPath } from '../../../../engine/shared/files/secret_files.ts';

describe('secret files', () => {
  test.each([
    '.env',
    'a/.env.local',
    '.envrc',
    'id_rsa',
    'a/id_ed25519',
    'server.pem',
    'tls.KEY',
    'a.p12',
    '.npmrc',
    '.netrc',
    'credentials.json',
    'secrets.yaml',
    'service-account-prod.json',
    'terraform.tfstate',
    'home/.aws/credentials',
    'me/.ssh/config',
    '.git-credentials',
  ])('%s is one', path => {
    expect(isSecretPath(path)).toBe(true);
  });

  test.each([
    '.env.example',
    'a/.env.sample',
    'environment.ts',
    'id_rsa.md',
    'key.ts',
    'secrets.ts',
    'src/credentials.py',
    'pem.go',
    'a.keys.ts',
  ])('%s is none', path => {
    expect(isSecretPath(path)).toBe(false);
  });
});
