import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Deployment } from 'kubernetes-types/apps/v1.d.ts';
import type { Job } from 'kubernetes-types/batch/v1.d.ts';
import type { ConfigMap, Container, PersistentVolumeClaim, PodSpec } from 'kubernetes-types/core/v1.d.ts';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.d.ts';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { temporaryFolder } from '../e2e/program.ts';

const root = new URL('../..', import.meta.url).pathname;
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** What the files hold, by the module of its type in kubernetes-types. */
const modules = {
  ConfigMap: 'core/v1',
  PersistentVolumeClaim: 'core/v1',
  Deployment: 'apps/v1',
  Job: 'batch/v1',
  PodDisruptionBudget: 'policy/v1',
} as const;

/** What of the Prometheus Operator's kind is used here (its API reference, "PodMonitorSpec"). */
interface PodMonitor {
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly jobLabel: string;
    readonly podMetricsEndpoints: readonly { readonly port: string }[];
  };
}

interface Kinds {
  readonly ConfigMap: ConfigMap;
  readonly PersistentVolumeClaim: PersistentVolumeClaim;
  readonly Deployment: Deployment;
  readonly Job: Job;
  readonly PodDisruptionBudget: PodDisruptionBudget;
}

type Manifest = { readonly kind: keyof Kinds };

function manifestsOf(file: string): Manifest[] {
  const documents = parseAllDocuments(read(`config/kubernetes/${file}`));
  return documents.map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Manifest;
  });
}

function ofKind<Kind extends keyof Kinds>(
  manifests: readonly Manifest[],
  kind: Kind,
): Manifest & Kinds[Kind] {
  const found = manifests.filter((manifest) => manifest.kind === kind);
  expect(found).toHaveLength(1);
  return found[0] as Manifest & Kinds[Kind];
}

/**
 * Returns what the compiler has to say of manifests written down as values of their types, which were made from the
 * API's published description: unknown keys, missing ones and wrong types.
 */
function problemsOf(manifests: readonly Manifest[]): string {
  const folder = temporaryFolder();
  const lines = manifests.map(
    (manifest, index) =>
      `export const m${index}: import('kubernetes-types/${modules[manifest.kind]}').${manifest.kind} = ${JSON.stringify(manifest, undefined, 2)};`,
  );
  writeFileSync(join(folder, 'manifests.ts'), lines.join('\n'));
  const compilerOptions = {
    strict: true,
    noEmit: true,
    types: [],
    module: 'nodenext',
    paths: { 'kubernetes-types/*': [join(root, 'node_modules/kubernetes-types/*.d.ts')] },
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['manifests.ts'] }));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  return spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' }).stdout;
}

it('a manifest with a value of another type, or with an unknown key, is found out', () => {
  const deployment = ofKind(manifestsOf('deployment.yaml'), 'Deployment');
  const changed = [{ replicas: '1' }, { replica: 1 }].map((change) => ({
    ...deployment,
    spec: { ...deployment.spec, ...change },
  }));
  const problems = problemsOf(changed);
  expect(problems).toContain("Type 'string' is not assignable to type 'number'");
  expect(problems).toContain("'\"replica\"' does not exist in type 'DeploymentSpec'");
});

it('the manifests hold what the types of the Kubernetes API allow, and nothing else', () => {
  const files = ['deployment.yaml', 'sidecar.yaml', 'standby.yaml', '../recipes/kubernetes-job.yaml'];
  expect(problemsOf(files.flatMap(manifestsOf))).toBe('');
});

describe.each([
  { file: 'deployment.yaml', place: 'containers' },
  { file: 'standby.yaml', place: 'containers' },
  { file: 'sidecar.yaml', place: 'initContainers' },
] as const)('config/kubernetes/$file', ({ file, place }) => {
  const manifests = manifestsOf(file);
  const configMap = ofKind(manifests, 'ConfigMap');
  const { spec } = ofKind(manifests, 'Deployment');
  const pod = spec?.template.spec as PodSpec;
  const watcher = pod[place]?.find(({ name }) => name === 'cutover-watch') as Container;
  const mountOf = (path: string) =>
    watcher.volumeMounts?.find(({ mountPath }) => path.startsWith(`${mountPath}/`));
  const volumeAt = (path: string) => pod.volumes?.find(({ name }) => name === mountOf(path)?.name);

  it('has a configuration that loads, under the name and in the folder where the image looks for it', async () => {
    const [name, text] = Object.entries(configMap.data ?? {})[0] ?? [];
    const path = `/etc/cutover-watch/${name}`;
    expect(read('Dockerfile')).toContain(`CUTOVER_WATCH_CONFIG=${path}`);
    expect(volumeAt(path)?.configMap?.name).toBe(configMap.metadata?.name);
    const env = { STATE_DIRECTORY: '/var/lib/cutover-watch' };
    const loaded = await loadConfig({ file: path, env, readFile: async () => text ?? '' });
    expect(loaded).toMatchObject({
      ok: true,
      config: { http: { listen: `0.0.0.0:${watcher.ports?.[0]?.containerPort}` } },
    });
  });

  it('takes an image that was loaded into the node, whatever its tag', () => {
    expect(watcher.imagePullPolicy).toBe('IfNotPresent');
  });

  it.skipIf(file === 'standby.yaml')(
    'keeps the state in a volume that may be written, where the image keeps it',
    () => {
      const path = '/var/lib/cutover-watch/state.db';
      expect(read('Dockerfile')).toContain('STATE_DIRECTORY=/var/lib/cutover-watch');
      expect(mountOf(path)?.readOnly ?? false).toBe(false);
      expect(volumeAt(path)?.persistentVolumeClaim ?? volumeAt(path)?.emptyDir).toBeDefined();
    },
  );

  it('takes both parts of the key from the Secret that its first lines make', () => {
    const [, secret, publicKey, privateKey] =
      /create secret generic (\S+) \\\n# +--from-literal=(\S+)=\S+ --from-file=(\S+)=/.exec(
        read(`config/kubernetes/${file}`),
      ) ?? [];
    expect(watcher.env).toEqual([
      { name: 'MONGODB_ATLAS_PUBLIC_API_KEY_FILE', value: `/run/secrets/cutover-watch/${publicKey}` },
      { name: 'MONGODB_ATLAS_PRIVATE_API_KEY_FILE', value: `/run/secrets/cutover-watch/${privateKey}` },
    ]);
    for (const { value = '' } of watcher.env ?? [])
      expect(volumeAt(value)?.secret).toEqual({ secretName: secret, optional: false, defaultMode: 0o440 });
  });

  it('shows receivers whose addresses are in the optional Secret that it mounts', async () => {
    const [text = ''] = Object.values(configMap.data ?? {});
    const uncommented = text.replaceAll(/^#(?: {3}kubectl.*| To get.*)$/gm, '').replaceAll(/^# ?/gm, '');
    const { notify, ping } = parse(uncommented) as {
      notify: { urlFile: string }[];
      ping: { urlFile: string };
    };
    for (const { urlFile } of [...notify, ping]) {
      expect(volumeAt(urlFile)?.secret).toEqual({
        secretName: 'cutover-watch-notify',
        optional: true,
        defaultMode: 0o440,
      });
      expect(text).toContain(`--from-file=${urlFile.split('/').at(-1)}`);
    }
    const loaded = await loadConfig({
      file: 'cutover-watch.yaml',
      env: { STATE_DIRECTORY: '/var/lib/cutover-watch' },
      readFile: async () => uncommented,
    });
    expect(loaded).toMatchObject({ ok: true });
  });

  it('mounts folders, as a file mounted by subPath never changes', () => {
    expect(watcher.volumeMounts?.filter(({ subPath }) => subPath !== undefined)).toEqual([]);
  });

  it('has pods which its own selector finds, and one at a time where the state is a file', () => {
    const strategy =
      file === 'standby.yaml'
        ? { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } }
        : { type: 'Recreate' };
    expect(spec).toMatchObject({ replicas: file === 'standby.yaml' ? 2 : 1, strategy });
    expect(spec?.template.metadata?.labels).toMatchObject(spec?.selector.matchLabels ?? { none: '' });
  });

  it('is scraped by config/kubernetes/pod-monitor.yaml as the job that the alerts look for', () => {
    const monitor = parse(read('config/kubernetes/pod-monitor.yaml')) as PodMonitor;
    expect(monitor).toMatchObject({ apiVersion: 'monitoring.coreos.com/v1', kind: 'PodMonitor' });
    const { selector, jobLabel, podMetricsEndpoints } = monitor.spec;
    const labels = spec?.template.metadata?.labels ?? {};
    expect(labels).toMatchObject(selector.matchLabels);
    expect(podMetricsEndpoints.map(({ port }) => port)).toEqual(watcher.ports?.map(({ name }) => name));
    expect(read('config/prometheus/alerts.yaml')).toContain(`up{job="${labels[jobLabel]}"} == 0`);
    const scrape = read('config/prometheus/prometheus.yaml');
    expect(scrape).toContain(`job_name: ${labels[jobLabel]}\n`);
    // The job of a Prometheus without the operator.
    expect(jobLabel).toBe('metrics-job');
    expect(scrape).toContain(
      '[__meta_kubernetes_pod_label_metrics_job, __meta_kubernetes_pod_container_port_name]',
    );
    expect(scrape).toContain(`regex: ${labels[jobLabel]};${watcher.ports?.[0]?.name}\n`);
  });

  it('asks the HTTP server how the watcher is', () => {
    const probes = [watcher.startupProbe, watcher.livenessProbe, watcher.readinessProbe];
    expect(probes.map((probe) => probe?.httpGet)).toEqual([
      { path: '/livez', port: 'http' },
      { path: '/livez', port: 'http' },
      { path: '/readyz', port: 'http' },
    ]);
    expect(watcher.ports?.map(({ name }) => name)).toEqual(['http']);
  });

  it('gives the pod no right that it does not need', () => {
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(read('Dockerfile')).toContain(
      `\nUSER ${pod.securityContext?.runAsUser}:${pod.securityContext?.fsGroup}\n`,
    );
    for (const { securityContext, resources } of [...pod.containers, ...(pod.initContainers ?? [])]) {
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(resources?.limits).toHaveProperty('memory');
    }
  });
});

it('two pods have the address of their database from the Secret that the first lines make, and no volume of their own', () => {
  const text = read('config/kubernetes/standby.yaml');
  const manifests = manifestsOf('standby.yaml');
  const { state } = parse(Object.values(ofKind(manifests, 'ConfigMap').data ?? {})[0] ?? '');
  expect(state).toEqual({ urlFile: '/run/secrets/state/url' });
  expect(text).toContain('create secret generic cutover-watch-state-url --from-file=url --from-file=ca.crt');
  expect(text).toContain('sslmode=verify-full&sslrootcert=/run/secrets/state/ca.crt');
  const pod = ofKind(manifests, 'Deployment').spec?.template.spec;
  const [mount] =
    pod?.containers[0]?.volumeMounts?.filter(({ mountPath }) => mountPath === '/run/secrets/state') ?? [];
  expect(pod?.volumes?.find(({ name }) => name === mount?.name)?.secret).toEqual({
    secretName: 'cutover-watch-state-url',
    optional: false,
    defaultMode: 0o440,
  });
  expect(pod?.volumes?.filter(({ configMap, secret }) => (configMap ?? secret) === undefined)).toEqual([]);
});

it('a drain leaves one of two pods, and both are on two nodes where that is possible', () => {
  const manifests = manifestsOf('standby.yaml');
  const { spec } = ofKind(manifests, 'Deployment');
  const { matchLabels } = spec?.selector ?? {};
  expect(ofKind(manifests, 'PodDisruptionBudget').spec).toEqual({
    minAvailable: 1,
    selector: { matchLabels },
  });
  const { podAntiAffinity } = spec?.template.spec?.affinity ?? {};
  expect(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution).toMatchObject([
    { podAffinityTerm: { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels } } },
  ]);
});

it('the sidecar is one: an init container that is restarted, of which the program waits for the start', () => {
  const deployment = ofKind(manifestsOf('sidecar.yaml'), 'Deployment');
  const [sidecar] = deployment.spec?.template.spec?.initContainers ?? [];
  expect(sidecar).toMatchObject({ restartPolicy: 'Always', startupProbe: { httpGet: { path: '/livez' } } });
});
