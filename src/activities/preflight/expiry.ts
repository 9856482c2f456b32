import { X509Certificate } from 'node:crypto';
import type { PreflightFinding } from '../../contracts/preflight.ts';
import { planWaves } from '../../release/policy/waves.ts';
import { type ProductSettings, RELEASE_TYPES } from '../../release/settings.ts';

/** When a secret ends, where it says so itself: a JSON Web Token (RFC 7519, 4.1.4), or certificates in PEM. */
export function readExpiry(value: string): Date | undefined {
  const [, payload] = /^[\w-]+\.([\w-]+)\.[\w-]*$/.exec(value) ?? [];
  if (payload !== undefined) return readTokenExpiry(payload);
  const certificates = value.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const ends = certificates.flatMap((pem) => {
    try {
      return [new X509Certificate(pem).validToDate.getTime()];
    } catch {
      return [];
    }
  });
  return ends.length === 0 ? undefined : new Date(Math.min(...ends));
}

function readTokenExpiry(payload: string): Date | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    const expiry = (claims as { exp?: unknown } | null)?.exp;
    return typeof expiry === 'number' && expiry > 0 ? new Date(expiry * 1_000) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * What ends before a release could: a problem where even the shortest release of the product lasts longer, a warning
 * where a longer one does. Undefined for what lasts.
 */
export function judgeExpiry(
  subject: string,
  ends: Date,
  product: ProductSettings,
  now: Date,
): PreflightFinding | undefined {
  const left = ends.getTime() - now.getTime();
  const windows = RELEASE_TYPES.map((type) => ({ type, lasts: lengthOfMonitoring(product, type) }));
  const shortest = Math.min(...windows.map(({ lasts }) => lasts));
  const cut = windows.filter(({ lasts }) => left < lasts).map(({ type }) => type);
  if (cut.length === 0) return undefined;
  const when = ends.toISOString().replace(/\.\d+Z$/, 'Z');
  return {
    subject,
    state: left < shortest ? 'problem' : 'warning',
    found:
      left <= 0
        ? `expired at ${when}`
        : `expires at ${when}, before the monitoring window of a release ends (${cut.join(', ')})`,
    advice: 'renew it before the release begins',
  };
}

/** How long production is watched at least, one wave after the other; in milliseconds. */
function lengthOfMonitoring(product: ProductSettings, type: keyof ProductSettings['policy']): number {
  return product.policy[type].monitoring.windowMs * Math.max(1, planWaves(product.environments).length);
}
