/** `windlass/client`: a client of the HTTP API that repeats what broke on the way under the same key. */
export type { ApiAccess, ApiClient } from '../cli/api-client.ts';
export { ApiAway, ApiProblem, openApi } from '../cli/api-client.ts';
export type * from '../cli/remote/answers.ts';
