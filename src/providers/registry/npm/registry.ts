/** Everything that is asked of an npm registry, behind one import. Each call is one read or one write. */
export type { NpmConnection } from './connection.ts';
export { NpmFailure } from './failure.ts';
export { type PublishRequest, publishTarball, sameBytes } from './publish.ts';
export {
  checkLogin,
  type FetchedTarball,
  fetchTarball,
  type PublishedPackage,
  type PublishedVersion,
  readPackage,
  readPublished,
} from './read.ts';
export { deprecate, removeDistTag, setDistTag } from './tags.ts';
