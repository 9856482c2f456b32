import type { Authorization } from '../../../contracts/activities.ts';
import type { SignedCommand } from '../../../contracts/commands.ts';
import type { AuthorizationReview } from '../../../contracts/release-answers.ts';
import { lapsedDecision, missingRoles } from '../../../release/approvals.ts';
import { explainGoLive, listGoLive } from '../../../release/policy/approval-rules.ts';
import { describeApprovers } from '../../../release/policy/approvers.ts';
import type { EnvironmentSettings } from '../../../release/settings.ts';
import { subjectParts } from '../../../release/subject.ts';
import type { StagedRelease } from '../../../release/values.ts';
import { nameRole } from '../../../release/views/words.ts';
import { awaitThaw, type FrozenChange } from '../../environment/freeze.ts';
import { type ApprovalSpec, awaitApproval } from '../../shared/approval-gate.ts';
import { describeFailure } from '../../shared/describe-failure.ts';
import type { ReleaseRun } from '../../shared/release-run.ts';
import type { StepDecision } from '../../shared/run-step.ts';

interface GoLiveSpec extends ApprovalSpec {
  /** The production environments that it is about, where these are not all. */
  environments?: string[];
}

/** The decision on exactly this plan, this commit and these bytes, as it stands now. */
export class GoLive implements StepDecision {
  /** The decisions for the next protected step. */
  authorization: Authorization;
  readonly #run: ReleaseRun;
  readonly #spec: GoLiveSpec;

  constructor(run: ReleaseRun, spec: GoLiveSpec, about: Omit<Authorization, 'decisions'>) {
    this.#run = run;
    this.#spec = spec;
    this.authorization = { ...about, decisions: [] };
  }

  /** Waits until whoever is required has approved. */
  async ask(again?: ApprovalSpec['again'], required = this.#spec.required): Promise<void> {
    await awaitApproval(this.#run, {
      ...this.#spec,
      required,
      ...(again === undefined ? {} : { again }),
    });
    const given = (this.#gate()?.decisions ?? []).filter((d) => d.decision === 'approve');
    this.authorization = { ...this.authorization, decisions: given.map((d) => d.signed) };
  }

  /** Asks anew where an approval has expired: a release may be held, or fail, for longer than one counts. */
  async renew(): Promise<void> {
    const run = this.#run;
    await run.safePoint();
    const gate = this.#gate();
    if (!gate || !lapsedDecision(gate, Date.now())) return;
    run.apply({ event: 'approval_expired_unused' });
    run.apply({ event: 'phase_entered', phase: 'go_live' });
    await this.ask();
  }

  /** Asks anew what policy refused: from whoever holds the role now, by what the configuration requires now. */
  async askAgain(): Promise<boolean> {
    const run = this.#run;
    const { product, releaseId } = run.record;
    const { environments } = this.#spec;
    let review: AuthorizationReview;
    try {
      review = await run.activities.release('whose approvals count now?').reviewAuthorization({
        product,
        releaseId,
        authorization: this.authorization,
        ...(environments === undefined ? {} : { environments }),
      });
    } catch (error) {
      run.apply({ event: 'approvals_not_looked_at', why: describeFailure(error).what });
      return false;
    }
    const { required, counts, refused } = review;
    const kept = (this.#gate()?.decisions ?? []).filter(({ nonce }) => counts.includes(nonce));
    const missing = missingRoles({ required, decisions: kept });
    if (missing.length === 0) return false;
    const why = refused[0] ?? `policy asks for ${describeApprovers(required).join(', ')} now`;
    run.apply({ event: 'approvals_asked_again', why });
    run.clear('choice');
    run.apply({ event: 'phase_entered', phase: 'go_live' });
    await this.ask({ why, kept }, required);
    return true;
  }

  /** Whether one person may decide alone. */
  get isSolo(): boolean {
    return this.#spec.approvals.solo === true;
  }

  #gate() {
    return this.#run.record.approvals.find(({ key }) => key === this.#spec.key);
  }
}

/** The decision where a freeze may hold what was decided: with the overrides of those that hold now. */
export class ThawedGoLive implements StepDecision {
  readonly #run: ReleaseRun;
  readonly #goLive: GoLive;
  readonly #environments: EnvironmentSettings[];
  readonly #change: FrozenChange;
  #overrides: SignedCommand[] = [];

  constructor(run: ReleaseRun, goLive: GoLive, environments: EnvironmentSettings[], change: FrozenChange) {
    this.#run = run;
    this.#goLive = goLive;
    this.#environments = environments;
    this.#change = goLive.isSolo ? { ...change, solo: true } : change;
  }

  /** The decisions for the next protected step. */
  get authorization(): Authorization {
    const freezeOverrides = this.#overrides;
    return { ...this.#goLive.authorization, ...(freezeOverrides.length === 0 ? {} : { freezeOverrides }) };
  }

  /** Waits until no freeze holds any of the environments, or somebody lets it through. */
  async thaw(): Promise<void> {
    const overrides: SignedCommand[] = [];
    for (const environment of this.#environments)
      overrides.push(...(await awaitThaw(this.#run, environment, this.#change)));
    this.#overrides = overrides;
  }

  /** A freeze may have been declared, or lifted, since; and one may last longer than an approval counts. */
  async renew(): Promise<void> {
    await this.thaw();
    await this.#goLive.renew();
  }

  async askAgain(): Promise<boolean> {
    return await this.#goLive.askAgain();
  }
}

/** "Staged and verified. Ready for production?" */
export async function askGoLive(run: ReleaseRun, staged: StagedRelease): Promise<GoLive> {
  run.apply({ event: 'phase_entered', phase: 'go_live' });
  const key = staged.type === 'hotfix' ? 'hotfix' : 'go_live';
  const authors = [...(staged.authors ?? []), ...(staged.request.askedThrough ?? [])];
  const about = { type: staged.type, changes: staged.changes };
  const goLive = new GoLive(
    run,
    {
      key,
      step: 'go_live.approval',
      phase: 'go_live',
      authors,
      title:
        key === 'hotfix'
          ? `Hotfix ${staged.version} of ${staged.settings.title}: straight to production?`
          : `${staged.settings.title} ${staged.version}: ready for production?`,
      required: listGoLive(staged.settings, about),
      asks: explainGoLive(staged.settings, about, nameRole),
      subject: staged.subject,
      approvals: staged.settings.approvals,
    },
    { parts: subjectParts(staged), requestedBy: staged.request.requestedBy, authors },
  );
  await goLive.ask();
  return goLive;
}
