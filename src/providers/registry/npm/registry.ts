/** Everything that is asked of an npm registry, behind one import. Each call is one read or one write. */
export { NpmFailure } from './failure.ts';
export { publishTarball } from './publish.ts';
export { checkLogin, fetchTarball, readPackage, readPublished } from './read.ts';
export { deprecate, removeDistTag, setDistTag } from './tags.ts';
