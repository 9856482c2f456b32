import type { ReleaseActivities } from '../../contracts/activities.ts';
import { verifySigned } from '../../integrations/signing/signing.ts';
import type { ActivityDeps } from '../deps.ts';

/** Checks the API's signature over a command with this worker's own keys, and that it is for this release. */
export function verifyCommand(deps: ActivityDeps): ReleaseActivities['verifyCommand'] {
  return async ({ signed, product, releaseId }) => {
    const checked = verifySigned(signed, deps.installation.api.verifyKeys, new Date());
    if (!('nonce' in checked)) {
      return { refused: checked.refused, fault: checked.expired ? 'expired' : 'forged' };
    }
    if (checked.product !== product || checked.releaseId !== releaseId) {
      return {
        refused: `it is signed for ${checked.product} ${checked.releaseId}`,
        fault: 'other_release',
      };
    }
    return { command: checked };
  };
}
