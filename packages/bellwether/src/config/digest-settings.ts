import {
  DIGEST_ALGORITHMS,
  DIGEST_DEFAULT,
  digestId,
  type DigestAlgorithm,
  type DigestConfig,
} from '../server/digest-scheme.ts';
import type { Findings, Place } from './findings.ts';
import type { ZooSettings } from './zoo-settings.ts';

const ALGORITHM_KEY = 'DigestAuthenticationProvider.digestAlg';
const SUPER_KEY = 'DigestAuthenticationProvider.superDigest';

/** Both keys as ZooKeeper has them. */
export function readZooDigest(settings: ZooSettings, findings: Findings): DigestConfig {
  const written = settings.text(ALGORITHM_KEY);
  const algorithm = written === undefined ? DIGEST_DEFAULT.algorithm : algorithmOf(written.value);
  if (written !== undefined && algorithm === undefined) {
    const advice = `it must be one of ${DIGEST_ALGORITHMS.join(', ')}`;
    findings.error(written.place, `${ALGORITHM_KEY} is "${written.value}"`, advice);
  }
  const superUser = settings.text(SUPER_KEY);
  const digest = {
    algorithm: algorithm ?? DIGEST_DEFAULT.algorithm,
    superUser: superUser?.value,
  };
  if (superUser !== undefined) checkSuperUser(digest, superUser.place, findings);
  return digest;
}

/** What stands there must be what a password can become, or nobody is the super user. */
export function checkSuperUser(
  { superUser, algorithm }: DigestConfig,
  place: Place,
  findings: Findings,
): void {
  if (superUser === undefined) return;
  const length = hashLength(digestId('', algorithm));
  if (superUser.indexOf(':') >= 0 && hashLength(superUser) === length) return;
  const advice = `it must be user:hash, with the ${length} characters of ${algorithm} in base64`;
  findings.error(place, 'no password makes this the super user', advice);
}

function hashLength(id: string): number {
  return id.length - id.indexOf(':') - 1;
}

/** Java takes SHA-1 and SHA256 too, in either case. */
function algorithmOf(text: string): DigestAlgorithm | undefined {
  const wanted = plain(text) === 'SHA' ? 'SHA1' : plain(text);
  return DIGEST_ALGORITHMS.find((name) => plain(name) === wanted);
}

function plain(name: string): string {
  return name.toUpperCase().replaceAll('-', '');
}
