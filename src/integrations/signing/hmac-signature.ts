import { verify } from '@octokit/webhooks-methods';

/**
 * Whether `sha256=HEX` is the HMAC of a body under a secret, as GitHub and many others sign what they send. Total, and
 * takes the same time whatever was sent.
 */
export async function verifyHmac(secret: string, body: Buffer, signature: string): Promise<boolean> {
  if (secret === '' || body.length === 0 || signature === '') return false;
  return await verify(secret, body.toString('utf8'), signature);
}
