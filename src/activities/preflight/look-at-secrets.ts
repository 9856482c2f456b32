import { isSecretUnavailable, readSecret } from '../../config/secrets.ts';
import type { PreflightFinding } from '../../contracts/preflight.ts';
import { judgeExpiry, readExpiry } from './expiry.ts';
import type { Look, LookedAt } from './look.ts';

/**
 * Is every secret there that this role may read? A role may read what it needs (the check of the configuration holds it
 * to that), so one that is missing is missed later. A token or certificate that says itself when it ends is held to it.
 */
export const lookAtSecrets: Look = async (at) => {
  const { secrets } = at.deps.installation;
  const names = Object.entries(secrets).flatMap(([name, { readers }]) =>
    readers.includes(at.deps.role) ? [name] : [],
  );
  return names.map((name) => lookAtSecret(at, name));
};

function lookAtSecret({ deps, product, now }: LookedAt, name: string): PreflightFinding {
  const subject = `secret ${name}`;
  try {
    const value = readSecret(deps.installation, name, deps.role);
    const ends = readExpiry(value);
    const late = ends && judgeExpiry(subject, ends, product, now);
    return late ?? { subject, state: 'ok', found: 'there' };
  } catch (error) {
    if (!isSecretUnavailable(error)) throw error;
    return {
      subject,
      state: isNeeded(product, name) ? 'problem' : 'warning',
      found: error.message.replace(/\.$/, ''),
      advice: `give the worker of the role ${deps.role} that secret`,
    };
  }
}

/** Whether the product itself names it; other products' secrets, and channels', keep no release from its end. */
function isNeeded(product: unknown, name: string): boolean {
  if (typeof product === 'string') return product === name;
  if (product === null || typeof product !== 'object') return false;
  return Object.values(product).some((value) => isNeeded(value, name));
}
