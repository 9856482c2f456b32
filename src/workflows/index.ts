/** Every workflow that a worker registers; the bundle starts here. */

export { deployment } from './deployment/deployment.ts';
export { calendarWatch } from './environment/calendar-watch.ts';
export { environment } from './environment/environment.ts';
export { incident } from './incident/incident.ts';
export { postMortem } from './incident/post-mortem.ts';
export { monitoring } from './monitoring/monitoring.ts';
export { calendar } from './operations/calendar.ts';
export { checkGates } from './operations/check-gates.ts';
export { deployVersion } from './operations/deploy-version.ts';
export { hotfix } from './operations/hotfix.ts';
export { monitorProduct } from './operations/monitor-product.ts';
export { preflight } from './operations/preflight.ts';
export { rollBackProduct } from './operations/roll-back-product.ts';
export { release } from './release/release.ts';
export { rollback } from './rollback/rollback.ts';
