/** Every workflow that a worker registers; the bundle starts here. */
export { calendar } from './calendar.ts';
export { checkGates } from './check-gates.ts';
export { deployVersion } from './deploy-version.ts';
export { deployment } from './deployment.ts';
export { environment } from './environment.ts';
export { hotfix } from './hotfix.ts';
export { incident } from './incident.ts';
export { monitorProduct } from './monitor-product.ts';
export { monitoring } from './monitoring.ts';
export { postMortem } from './post-mortem.ts';
export { release } from './release.ts';
export { rollBackProduct } from './roll-back-product.ts';
export { rollback } from './rollback.ts';
