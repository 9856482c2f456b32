/** The Helm chart: helm's own lint, Kubernetes's own schemas, and Windlass's own check of the configuration in it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Installation, isConfigMistakes } from '../../src/config/installation.ts';
import { loadInstallation } from '../../src/config/load.ts';
import { describeMistakes } from '../../src/config/mistakes/mistake.ts';
import { WORKER_ROLES } from '../../src/contracts/task-queues.ts';
import {
  chartCanBeChecked,
  type KubernetesObject,
  lintChart,
  renderChart,
  validateManifests,
} from '../support/helm.ts';

if (!chartCanBeChecked)
  console.warn('SKIPPED: helm and kubernetes-validate are not here (.ci/run gets them)');

const PARTS = ['workflow', ...WORKER_ROLES, 'api'];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'windlass-chart-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function deployment(objects: KubernetesObject[], part: string): KubernetesObject {
  const found = objects.find(
    ({ kind, metadata }) => kind === 'Deployment' && metadata.name === `acme-windlass-${part}`,
  );
  if (!found) throw new Error(`there is no deployment of ${part}`);
  return found;
}

interface Declared {
  file: string;
  roles: string[];
}

function configOf(objects: KubernetesObject[]): string {
  return objects.find(({ kind }) => kind === 'ConfigMap')?.data?.['windlass.yaml'] ?? '';
}

/** As Windlass reads it. @throws with its mistakes */
async function readConfig(objects: KubernetesObject[]): Promise<Installation> {
  const file = join(folder, 'windlass.yaml');
  await writeFile(file, configOf(objects));
  const loaded = loadInstallation({ file, environment: {} });
  if (isConfigMistakes(loaded)) throw new Error(describeMistakes(loaded));
  return loaded;
}

/** The files that a pod finds as its secrets. */
function secretsOf(pod: KubernetesObject): string[] {
  const { volumes } = pod.spec.template.spec;
  const { sources } = volumes.find(({ name }: { name: string }) => name === 'secrets').projected;
  return (sources ?? []).flatMap((source: { secret: { items: { path: string }[] } }) =>
    source.secret.items.map(({ path }) => path),
  );
}

describe.skipIf(!chartCanBeChecked).each(['self-hosted-values.yaml', 'cloud-values.yaml'])('%s', (values) => {
  test('passes helm lint, and Kubernetes takes it, old and new', async () => {
    expect(lintChart(values)).toMatchObject({ code: 0 });
    const { text, objects } = renderChart(values);
    const file = join(folder, 'manifests.yaml');
    await writeFile(file, text);
    for (const version of ['1.25', '1.37']) expect(validateManifests(file, version), version).toBe('');
    expect(objects.filter(({ kind }) => kind === 'Deployment')).toHaveLength(PARTS.length);
  });

  test('its windlass.yaml is one that Windlass takes, and each part finds just what it may read', async () => {
    const { objects } = renderChart(values);
    await readConfig(objects);
    const { secrets } = parse(configOf(objects)) as { secrets: Record<string, Declared> };
    for (const part of PARTS) {
      const mayRead = Object.entries(secrets).flatMap(([name, { file, roles }]) => {
        expect(file).toBe(`/run/windlass/secrets/${name}`);
        return roles.includes(part) ? [name] : [];
      });
      expect(secretsOf(deployment(objects, part)).sort(), part).toEqual(mayRead.sort());
    }
  });

  test('gives nobody more rights than needed, says how it is doing, and survives a drain', () => {
    const { objects } = renderChart(values);
    const named = (kind: string, part: string) =>
      objects.find((object) => object.kind === kind && object.metadata.name === `acme-windlass-${part}`);
    for (const part of PARTS) {
      const { spec } = deployment(objects, part).spec.template;
      expect(spec.securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(spec.serviceAccountName).toBe(`acme-windlass-${part}`);
      expect(named('ServiceAccount', part), part).toBeDefined();
      expect(named('PodDisruptionBudget', part), part).toBeDefined();
      expect(named('NetworkPolicy', part), part).toBeDefined();
      const [container] = spec.containers;
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(container.resources.requests).toBeDefined();
      expect(container.livenessProbe, part).toBeDefined();
      if (part !== 'api') {
        expect(container.args).toEqual(['worker', '--role', part]);
        expect(container.livenessProbe.exec.command).toEqual(['windlass', 'health', part]);
        expect(named('NetworkPolicy', part)?.spec.ingress).toEqual([]);
      }
    }
    // Who decides reaches nothing but Temporal and the names' server.
    expect(named('NetworkPolicy', 'workflow')?.spec.egress).toHaveLength(2);
  });
});

describe.skipIf(!chartCanBeChecked)('the keys of the ledger', () => {
  test('are in windlass.yaml, and each private one is found by its own role alone', async () => {
    const { objects } = renderChart('cloud-values.yaml');
    const { ledger, secrets } = await readConfig(objects);
    expect(ledger.keep).toBe(true);
    for (const role of WORKER_ROLES) {
      const signing = ledger.keys.find((key) => key.role === role);
      expect(secrets[signing?.privateKey ?? ''], role).toMatchObject({ readers: [role] });
    }
    const [, old] = ledger.keys;
    expect(old).toMatchObject({ keyId: 'release-1', notAfter: expect.any(String) });
    expect(old).not.toHaveProperty('privateKey');
    const holders = PARTS.filter((part) => secretsOf(deployment(objects, part)).includes('ledger_qa_1'));
    expect(holders).toEqual(['qa']);
  });

  test('may be left out, and then nothing is kept', async () => {
    const { ledger } = await readConfig(renderChart('self-hosted-values.yaml').objects);
    expect(ledger.keys).toEqual([]);
  });
});

describe.skipIf(!chartCanBeChecked)('values that cannot be', () => {
  const refused = (...more: string[]) => {
    try {
      renderChart('self-hosted-values.yaml', ...more);
      return '';
    } catch (error) {
      return String((error as { stderr?: unknown }).stderr);
    }
  };

  test('an address that is none, and a store that only one pod has, are refused with a sentence', () => {
    expect(refused('--set', 'temporal.address=temporal')).toMatch(/temporal.*address|address.*pattern/is);
    expect(refused('--set', 'store.existingClaim=')).toContain('say where artifacts and records are kept');
    expect(refused('--set', 'api.url=')).toContain('say api.url');
    expect(refused('--set', 'config.temporal.address=x:1')).not.toBe('');
    expect(refused('--set', 'workers.cleaner.replicas=1')).toContain('cleaner');
  });

  test('the keys of the ledger are said once, each with the secret in which it lies', () => {
    const key = `{"keyId":"qa-1","role":"qa","publicKey":"${'A'.repeat(44)}","secret":"windlass-qa"}`;
    expect(refused('--set-json', `ledger.keys=[${key}]`)).toContain('in which the private key qa-1 lies');
    expect(refused('--set-json', `ledger.keys=[{"keyId":"x","role":"api"}]`)).toMatch(/role|publicKey/);
    const whole = key.replace('}', ',"key":"ledger-key"}');
    const twice = ['--set-json', `ledger.keys=[${whole}]`, '--set-json', 'config.ledger={"keep":true}'];
    expect(refused(...twice)).toContain("say the ledger's keys once");
  });

  test('a role of its own image, service account and cluster rights has them alone', () => {
    const { objects } = renderChart('cloud-values.yaml');
    const pod = (part: string) => deployment(objects, part).spec.template.spec;
    expect(pod('devops').containers[0].image).toBe('registry.example.test/team/windlass-devops:1.4.0');
    expect(pod('devops').automountServiceAccountToken).toBe(true);
    expect(pod('release').containers[0].image).toMatch(/^windlass@sha256:0{64}$/);
    expect(pod('release').automountServiceAccountToken).toBe(false);
    const ingress = objects.find(({ kind }) => kind === 'Ingress');
    expect(ingress?.spec.tls).toEqual([{ hosts: ['windlass.example.test'], secretName: 'windlass-tls' }]);
  });
});
