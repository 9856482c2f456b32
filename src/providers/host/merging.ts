/**
 * Merging by pull requests, for branches that take nothing else. A request is found by where it comes from and where it
 * goes: every host has at most one open request for the two.
 */

import type { EffectSpec } from '../effect.ts';
import { makeMarker } from './marker.ts';

export interface HostMerging {
  /**
   * Why a push of ours to the branch would be refused that a pull request would get through, as the end of a sentence
   * such as `it demands a pull request`. Undefined where pushes are taken, and where the host does not say.
   */
  findDemand(branch: string): Promise<string | undefined>;
  /** The open pull request from one branch into the other; one that people opened counts as well. */
  findOpen(way: RequestWay): Promise<RequestFacts | undefined>;
  create(request: NewRequest): Promise<void>;
  look(number: number): Promise<RequestStanding>;
  /**
   * Merges it by a merge commit, if its tip still is `head`. Whether it was done, git tells.
   * @throws HostFailure; with status 405 where something is missing that may yet come
   */
  merge(wanted: { number: number; head: string; title: string; message: string }): Promise<void>;
}

/** Two branches of the same repository. */
export interface RequestWay {
  from: string;
  into: string;
}

export interface NewRequest extends RequestWay {
  /** Of the effect; a hidden marker in the body carries it. */
  key: string;
  title: string;
  /** Markdown. */
  body: string;
}

export interface RequestFacts {
  number: number;
  url: string;
}

/** What the host says of a pull request now. */
export interface RequestStanding extends RequestFacts, RequestWay {
  state: 'open' | 'merged' | 'closed';
  /** The commit at the tip of the branch that it comes from, as the host has it. */
  head: string;
  /** `behind`: the host wants the other branch's tip in it first. */
  merging: 'ready' | 'waits' | 'behind' | 'conflict';
  /** What it waits for, in words. */
  why?: string;
}

/** Whether it can be merged now, and what it waits for. */
export type MergeState = Pick<RequestStanding, 'merging' | 'why'>;

/** The pull request as an effect: opened once, since hosts take no second one for the same two branches. */
export function describeRequest(
  merging: HostMerging,
  request: NewRequest,
): EffectSpec<RequestFacts, 'pull-request'> {
  makeMarker(request.key);
  return {
    name: 'pull-request',
    key: request.key,
    target: `pull request of ${request.from} into ${request.into}`,
    read: async () => {
      const found = await merging.findOpen(request);
      return found === undefined ? { is: 'absent' } : { is: 'ours', value: found, proof: found.url };
    },
    write: () => merging.create(request),
  };
}
