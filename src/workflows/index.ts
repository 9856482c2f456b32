/** Every workflow that a worker registers; the bundle starts here. */
export { calendar } from './calendar.ts';
export { deployment } from './deployment.ts';
export { environment } from './environment.ts';
export { monitoring } from './monitoring.ts';
export { release } from './release.ts';
export { rollback } from './rollback.ts';
