import { execFile, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Makes a bare repository that takes pushes over HTTP; `protected-branches` in it lists refs that refuse them. */
export async function initBareRepository(path: string): Promise<void> {
  await run('git', ['init', '--quiet', '--bare', '--initial-branch=main', path]);
  await run('git', ['-C', path, 'config', 'http.receivepack', 'true']);
  await run('git', ['-C', path, 'config', 'uploadpack.allowReachableSHA1InWant', 'true']);
  await writeFile(`${path}/protected-branches`, '');
  await writeFile(
    `${path}/hooks/pre-receive`,
    `#!/bin/sh
while read old new ref; do
  if grep -qxF "$ref" protected-branches; then
    echo "error: GH006: Protected branch update failed for $ref." >&2
    exit 1
  fi
done
`,
    { mode: 0o755 },
  );
}

/** Answers one request of git's smart HTTP protocol with git's own CGI program. */
export async function serveGit(
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
  options: { repositoryPath: string; pathInRepository: string; query: string; user: string },
): Promise<void> {
  const execPath = (await run('git', ['--exec-path'])).stdout.trim();
  const child = spawn(`${execPath}/git-http-backend`, [], {
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: dirname(options.repositoryPath),
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: `/${options.repositoryPath.split('/').at(-1)}${options.pathInRepository}`,
      QUERY_STRING: options.query,
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      CONTENT_LENGTH: String(body.length),
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REMOTE_USER: options.user,
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.on('error', () => {});
  child.stdin.end(body);
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
  const output = Buffer.concat(chunks);
  const end = output.indexOf('\r\n\r\n');
  let status = 200;
  for (const line of output.toString('latin1', 0, end).split('\r\n')) {
    const [name = '', value = ''] = line.split(/:\s*/, 2);
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.writeHead(status).end(output.subarray(end + 4));
}
