import { type FailureFacts, OutsideFailure } from '../../integrations/failure.ts';

/**
 * A message that could not be sent, in words for a person. Addresses of webhooks and passwords are secrets and
 * never appear in it; only the receiver's host does.
 */
export class NotifyFailure extends OutsideFailure {
  override readonly name = 'NotifyFailure';

  constructor(facts: FailureFacts) {
    super(facts, { unchanged: 'Nothing was sent.', unknown: 'Whether it arrived is unknown.' });
  }
}

/** A text of the outside world, fit for a message: one line, short, the given secrets masked. */
export function quoteOutside(text: string, secrets: readonly (string | undefined)[] = []): string {
  let masked = text;
  for (const secret of secrets) if (secret) masked = masked.replaceAll(secret, '***');
  return masked.replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, 200);
}
