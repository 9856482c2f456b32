import type { FinalRelease } from '../../../release/values.ts';
import { renderBlogTask, renderDocumentationTask, type Task } from '../../../release/views/announcement.ts';
import type { Occasion } from '../../../release/views/notification.ts';
import { recordReceipts } from '../../shared/receipts.ts';
import type { ReleaseRun } from '../../shared/release-run.ts';
import { noteNotConfigured, runStep } from '../../shared/run-step.ts';

type Kind = FinalRelease['policy']['communication'][number];

const MESSAGES: Partial<Record<Kind, { channel: string; title: string; occasion: Occasion }>> = {
  team: { channel: 'team', title: 'Announce it to the team', occasion: { occasion: 'complete' } },
  customers: { channel: 'customers', title: 'Tell the customers', occasion: { occasion: 'available' } },
  incident: {
    channel: 'team',
    title: 'Give notice that the incident is resolved',
    occasion: { occasion: 'resolved' },
  },
};

const TASKS: Partial<Record<Kind, { title: string; render(record: ReleaseRun['record']): Task }>> = {
  blog: { title: 'Draft the blog post', render: renderBlogTask },
  documentation: { title: 'Ask for an update of the documentation', render: renderDocumentationTask },
};

/**
 * Whom the release type tells besides the CEO: messages go out by themselves, what people must write is opened as an
 * issue with a draft and the notes. `notes` are the release page's, which exists by now.
 */
export async function communicate(run: ReleaseRun, final: FinalRelease): Promise<void> {
  for (const kind of final.policy.communication) {
    const message = MESSAGES[kind];
    if (message) await send(run, kind, message);
    const task = TASKS[kind];
    if (task) await open(run, final, kind, task);
  }
}

async function send(
  run: ReleaseRun,
  kind: Kind,
  message: { channel: string; title: string; occasion: Occasion },
): Promise<void> {
  const spec = { id: `announce.${kind}`, title: message.title, phase: 'announce' as const };
  const told = await runStep(
    run,
    { ...spec, role: 'support', describe: (ways?: number) => (ways ? message.channel : undefined) },
    () => run.notify(message.channel, message.occasion),
  );
  if (told === 0) noteNotConfigured(run, spec, `no channel "${message.channel}" is configured`);
}

async function open(
  run: ReleaseRun,
  final: FinalRelease,
  kind: Kind,
  task: { title: string; render(record: ReleaseRun['record']): Task },
): Promise<void> {
  const { product, releaseId } = final.request;
  const opened = await runStep(
    run,
    {
      id: `announce.${kind}`,
      title: task.title,
      phase: 'announce',
      role: 'release',
      // Production runs and the tag stands: a host that refuses issues must not keep a release open for ever.
      skipped: (): { url: string } | undefined => undefined,
      describe: (issue) => issue?.url,
    },
    async () => {
      const effect = await run.activities.release(`${kind} of ${final.version}`).openIssue({
        product,
        releaseId,
        key: `${releaseId}/issue/${kind}`,
        ...task.render(run.record),
        appendix: final.notes,
      });
      recordReceipts(run, effect.receipts);
      return effect.value;
    },
  );
  if (opened) run.apply({ event: 'linked', name: kind, url: opened.url });
}
