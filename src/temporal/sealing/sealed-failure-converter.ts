/** Puts message and stack of a failure into a payload, so that they are sealed like everything else. Loaded by path. */
import { DefaultFailureConverter } from '@temporalio/common';

export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
