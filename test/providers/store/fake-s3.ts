import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A stateful S3 with one bucket, that checks signatures (version 4) and digests of what it is sent, as the real one does. */
export interface FakeS3 {
  endpoint: string;
  bucket: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  objects: Map<string, Buffer>;
  /** How many of the next requests are answered with 503. */
  failures: number;
  /** What the next body looks like when it arrives. */
  damage: ((body: Buffer) => Buffer) | undefined;
  close(): Promise<void>;
}

const PAGE = 2;

export async function startFakeS3(): Promise<FakeS3> {
  const fake: FakeS3 = {
    endpoint: '',
    bucket: 'windlass-test',
    region: 'eu-central-1',
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
    objects: new Map(),
    failures: 0,
    damage: undefined,
    close: async () => {},
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    let body: Buffer = Buffer.concat(chunks);
    const refuse = (status: number, code: string): void => {
      response.writeHead(status).end(`<Error><Code>${code}</Code></Error>`);
    };
    if (fake.failures > 0) {
      fake.failures -= 1;
      return refuse(503, 'SlowDown');
    }
    if (!isSigned(request, fake)) return refuse(403, 'SignatureDoesNotMatch');
    const url = new URL(request.url ?? '', fake.endpoint);
    const [, bucket, ...rest] = decodeURIComponent(url.pathname).split('/');
    const key = rest.join('/');
    if (bucket !== fake.bucket) return refuse(404, 'NoSuchBucket');
    if (request.method === 'PUT') {
      if (fake.damage) body = fake.damage(body);
      fake.damage = undefined;
      const digest = createHash('sha256').update(body).digest('hex');
      if (request.headers['x-amz-content-sha256'] !== digest) return refuse(400, 'XAmzContentSHA256Mismatch');
      // As S3 does since August 2024: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
      if (request.headers['if-none-match'] === '*' && fake.objects.has(key)) {
        return refuse(412, 'PreconditionFailed');
      }
      fake.objects.set(key, body);
      return void response.writeHead(200).end();
    }
    if (request.method === 'DELETE') {
      // As S3 does: what is not there is deleted as well.
      fake.objects.delete(key);
      return void response.writeHead(204).end();
    }
    if (key === '') return void response.writeHead(200).end(listPage(fake, url.searchParams));
    const found = fake.objects.get(key);
    if (!found) return refuse(404, 'NoSuchKey');
    response
      .writeHead(200, { 'content-length': found.length })
      .end(request.method === 'HEAD' ? undefined : found);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  fake.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  fake.close = () =>
    new Promise((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
  return fake;
}

function listPage(fake: FakeS3, query: URLSearchParams): string {
  const after = query.get('continuation-token') ?? '';
  const keys = [...fake.objects.keys()]
    .filter((key) => key.startsWith(query.get('prefix') ?? '') && key > after)
    .sort();
  const page = keys.slice(0, PAGE);
  const more = keys.length > PAGE;
  return `<?xml version="1.0"?><ListBucketResult><IsTruncated>${more}</IsTruncated>${page
    .map((key) => `<Contents><Key>${key}</Key></Contents>`)
    .join(
      '',
    )}${more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''}</ListBucketResult>`;
}

/** Signature version 4 after Amazon's description, from the side of the server. */
function isSigned(request: IncomingMessage, fake: FakeS3): boolean {
  const given =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      request.headers.authorization ?? '',
    );
  if (!given) return false;
  const [, accessKeyId, day, region, signedHeaders, signature] = given as unknown as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const url = new URL(request.url ?? '', fake.endpoint);
  const encode = (text: string): string =>
    encodeURIComponent(text).replace(
      /[!'()*]/g,
      (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
    );
  const query = [...url.searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const headers = signedHeaders.split(';').map((name) => `${name}:${String(request.headers[name]).trim()}\n`);
  const path = decodeURIComponent(url.pathname).split('/').map(encode).join('/');
  const canonical = [
    request.method,
    path,
    query,
    headers.join(''),
    signedHeaders,
    request.headers['x-amz-content-sha256'],
  ].join('\n');
  const hash = createHash('sha256').update(canonical).digest('hex');
  const text = [
    'AWS4-HMAC-SHA256',
    request.headers['x-amz-date'],
    `${day}/${region}/s3/aws4_request`,
    hash,
  ].join('\n');
  const sign = (key: string | Buffer, value: string): Buffer =>
    createHmac('sha256', key).update(value).digest();
  const key = sign(sign(sign(sign(`AWS4${fake.secretAccessKey}`, day), region), 's3'), 'aws4_request');
  return (
    accessKeyId === fake.accessKeyId &&
    region === fake.region &&
    sign(key, text).toString('hex') === signature
  );
}
