import type { Changes } from '../policy/approval-rules.ts';
import type { EnvironmentScriptName, ReleaseType } from '../settings.ts';

/** What every fact is about. */
interface Of {
  releaseId: string;
}

/** Something that was done, as the role that did it signs it. Digests are `sha256:<hex>` unless said otherwise. */
export type LedgerFact =
  /** `by`: the person who asked. `kind`: what the API calls the flow, or `incident`. `nonce`: of the try, or the report. */
  | (Of & { fact: 'started'; kind: string; by: string; via: string; nonce?: string })
  /** The run that Temporal began for it. */
  | (Of & { fact: 'begun'; runId: string })
  /** `binds`: digest of all that the release commit is made from. */
  | (Of & {
      fact: 'planned';
      binds: string;
      planHash: string;
      type: ReleaseType;
      version: string;
      tag: string;
      branch: string;
      base: string;
      notes: string;
      /** What it changes of what approval rules ask about. */
      changes?: Changes;
      authors: string[];
    })
  | (Of & { fact: 'committed'; binds: string; planHash: string; commit: string; version: string })
  /** `files`: everything that may be published of it. */
  | (Of & {
      fact: 'built';
      commit: string;
      version: string;
      artifact?: string;
      image?: string;
      /** What it is made of (CycloneDX). */
      sbom?: string;
      files: string[];
    })
  | (Of & { fact: 'gate_ended'; gate: string; result: string; commit: string; artifact?: string })
  | (Of & { fact: 'branch_pushed'; branch: string; commit: string })
  /** `digest`: in the registry's own form. */
  | (Of & { fact: 'published'; version: string; registry: string; package: string; digest: string })
  | (Of & {
      fact: 'environment_changed';
      script: EnvironmentScriptName;
      environment: string;
      version: string;
      commit: string;
      artifact?: string;
      image?: string;
      generation: number;
      backup?: string;
    })
  /** What an environment said of itself before Windlass had brought it there. */
  | (Of & { fact: 'found_running'; environment: string; version: string })
  | (Of & { fact: 'verified'; environment: string; version: string; script: EnvironmentScriptName })
  | (Of & { fact: 'merged'; commit: string; version: string })
  | (Of & { fact: 'tagged'; tag: string; commit: string; version: string })
  /** `record`: digest of the archived record. `nonce`: of the start that came to nothing (`not_started`). */
  | (Of & { fact: 'ended'; outcome: string; version?: string; record?: string; nonce?: string });

export type FactOf<Name extends LedgerFact['fact']> = Extract<LedgerFact, { fact: Name }>;
