import type { Repository } from '../look-at-repository.ts';
import type { CiFound } from '../looks/ci.ts';
import { BrokenFile } from '../read-data.ts';
import { readChangesets } from './changesets.ts';
import { readGoReleaser } from './goreleaser.ts';
import { readLerna } from './lerna.ts';
import type { PeerFound, ReadPeer } from './peer.ts';
import { readReleaseIt } from './release-it.ts';
import { readReleasePlease } from './release-please.ts';
import { readSemanticRelease } from './semantic-release.ts';
import { readStandardVersion } from './standard-version.ts';

/** The tools that are understood, by the name that people know them by; the first that is found counts. */
const PEERS: Readonly<Record<string, ReadPeer>> = {
  'semantic-release': readSemanticRelease,
  'release-please': readReleasePlease,
  changesets: readChangesets,
  'release-it': readReleaseIt,
  'standard-version': readStandardVersion,
  lerna: readLerna,
  GoReleaser: readGoReleaser,
};

export interface PeersFound {
  /** The tool that the configuration follows. */
  used: { tool: string; found: PeerFound } | null;
  /** Sentences about what was found beside it, or is broken. */
  notTaken: string[];
}

/**
 * Which tool released this repository until now, by its configuration. Files that are broken, and further tools, are
 * told of; only the first is followed.
 * @param releasing what CI runs
 */
export function findPeers(repository: Repository, releasing: CiFound['releasing']): PeersFound {
  const answer: PeersFound = { used: null, notTaken: [] };
  for (const [tool, read] of Object.entries(PEERS)) {
    try {
      const found = read(repository, releasing.find((one) => one.tool === tool)?.file ?? null);
      if (found === null) continue;
      if (answer.used === null) answer.used = { tool, found };
      else
        answer.notTaken.push(`${tool} (${found.file}) stands beside ${answer.used.tool}, which was followed`);
    } catch (error) {
      if (!(error instanceof BrokenFile)) throw error;
      answer.notTaken.push(`${tool}: ${error.message}`);
    }
  }
  return answer;
}
