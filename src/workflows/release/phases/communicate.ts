import type { FinalRelease } from '../../../release/values.ts';
import { renderBlogTask, renderDocumentationTask, type Task } from '../../../release/views/announcement.ts';
import type { Occasion } from '../../../release/views/notification.ts';
import type { ReleaseDesk } from '../../shared/desk.ts';
import { recordReceipts } from '../../shared/receipts.ts';
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

const TASKS: Partial<Record<Kind, { title: string; render(record: ReleaseDesk['record']): Task }>> = {
  blog: { title: 'Draft the blog post', render: renderBlogTask },
  documentation: { title: 'Ask for an update of the documentation', render: renderDocumentationTask },
};

/**
 * Whom the release type tells besides the CEO: messages go out by themselves, what people must write is opened as an
 * issue with a draft and the notes. `notes` are the release page's, which exists by now.
 */
export async function communicate(desk: ReleaseDesk, final: FinalRelease): Promise<void> {
  for (const kind of final.policy.communication) {
    const message = MESSAGES[kind];
    if (message) await send(desk, kind, message);
    const task = TASKS[kind];
    if (task) await open(desk, final, kind, task);
  }
}

async function send(
  desk: ReleaseDesk,
  kind: Kind,
  message: { channel: string; title: string; occasion: Occasion },
): Promise<void> {
  const spec = { id: `announce.${kind}`, title: message.title, phase: 'announce' as const };
  const told = await runStep(
    desk,
    { ...spec, role: 'support', describe: (ways: number) => (ways === 0 ? undefined : message.channel) },
    () => desk.notify(message.channel, message.occasion),
  );
  if (told === 0) noteNotConfigured(desk, spec, `no channel "${message.channel}" is configured`);
}

async function open(
  desk: ReleaseDesk,
  final: FinalRelease,
  kind: Kind,
  task: { title: string; render(record: ReleaseDesk['record']): Task },
): Promise<void> {
  const { product, releaseId } = final.request;
  const opened = await runStep(
    desk,
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
      const effect = await desk.crew.release(`${kind} of ${final.version}`).openIssue({
        product,
        releaseId,
        key: `${releaseId}/issue/${kind}`,
        ...task.render(desk.record),
        appendix: final.notes,
      });
      recordReceipts(desk, effect.receipts);
      return effect.value;
    },
  );
  if (opened) desk.apply({ event: 'linked', name: kind, url: opened.url });
}
