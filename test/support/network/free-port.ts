/** A TCP port of the loopback interface that was free a moment ago. */
export { findFreePort } from '../../../src/temporal/free-port.ts';
