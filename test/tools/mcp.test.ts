// The tools as an MCP client sees them: listed by role, wrong calls answered with what to do next, replaced agents refused.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createHandler } from '../../functions/api/mcp.handler.ts';
import type { ApiHandler } from '../../functions/api/serve.ts';
import { tools } from '../../functions/contracts/tools.schema.ts';
import { signAgentToken } from '../../functions/operations/desired.ts';
import { jsonSchemaOf } from '../../functions/tools/tool-input.ts';
import { callTool, isToolName, toolsFor } from '../../functions/tools/tool-set.ts';
import { aLease, aMessage, aRequest, agentIn, anAgent, anIssue, beadIn, identity, rigId, sha, townId, townWith } from './town.ts';

const eventFor = (method: string, token: string, body: string | null): APIGatewayProxyEvent => ({
  httpMethod: method,
  resource: '/mcp',
  path: '/mcp',
  body,
  isBase64Encoded: false,
  headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  multiValueHeaders: {},
  pathParameters: null,
  queryStringParameters: null,
  multiValueQueryStringParameters: null,
  stageVariables: null,
  requestContext: {
    accountId: '1',
    apiId: 'a',
    authorizer: null,
    protocol: 'HTTP/1.1',
    httpMethod: method,
    path: '/mcp',
    stage: 'x',
    requestId: 'r',
    requestTimeEpoch: 0,
    resourceId: 'x',
    resourcePath: '/mcp',
    identity: {
      accessKey: null,
      accountId: null,
      apiKey: null,
      apiKeyId: null,
      caller: null,
      clientCert: null,
      cognitoAuthenticationProvider: null,
      cognitoAuthenticationType: null,
      cognitoIdentityId: null,
      cognitoIdentityPoolId: null,
      principalOrgId: null,
      sourceIp: '127.0.0.1',
      user: null,
      userAgent: null,
      userArn: null,
    },
  },
});

/** A real MCP client whose requests go straight into the handler. */
const clientOf = async (handler: ApiHandler, token: string): Promise<Client> => {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(
    new StreamableHTTPClientTransport(new URL('http://town.test/mcp'), {
      fetch: async (_url, init) => {
        const result = await handler(eventFor(init?.method ?? 'GET', token, typeof init?.body === 'string' ? init.body : null));
        return new Response(result.statusCode === 202 ? null : result.body, {
          status: result.statusCode,
          headers: new Headers(Object.entries(result.headers ?? {}).map(([name, value]): [string, string] => [name, String(value)])),
        });
      },
    }),
  );
  return client;
};
const textOf = (result: unknown): string =>
  z
    .object({ content: z.array(z.object({ text: z.string() })) })
    .parse(result)
    .content.map((part) => part.text)
    .join('');

describe('the MCP endpoint', () => {
  it('lists the tools of the role with their argument schemas and calls them', async () => {
    const ports = await townWith({ agents: [anAgent()], beads: [anIssue()] });
    const client = await clientOf(createHandler(ports), await signAgentToken(ports, anAgent(), aLease()));
    const { tools: listed } = await client.listTools();
    expect(listed.map((tool) => tool.name).toSorted()).toEqual([
      'gt_bead_close',
      'gt_bead_create',
      'gt_bead_status',
      'gt_checkpoint',
      'gt_done',
      'gt_escalate',
      'gt_mail_check',
      'gt_mail_send',
      'gt_mol_advance',
      'gt_mol_current',
      'gt_note',
      'gt_nudge',
      'gt_prime',
      'gt_search',
    ]);
    expect(listed.find((tool) => tool.name === 'gt_done')?.inputSchema).toMatchObject({
      type: 'object',
      required: ['branch', 'summary'],
      additionalProperties: false,
    });
    const primed = await client.callTool({ name: 'gt_prime', arguments: {} });
    expect(textOf(primed)).toContain('"id":"lib-work"');
    await client.close();
  });
  it('needs an agent token, and answers GET with 405', async () => {
    const ports = await townWith({ agents: [anAgent()], beads: [anIssue()] });
    const handler = createHandler(ports);
    const ping = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
    expect((await handler(eventFor('POST', 'not-a-token-at-all', ping))).statusCode).toBe(401);
    expect((await handler(eventFor('POST', 'person-ada', ping))).statusCode).toBe(401);
    expect((await handler(eventFor('GET', 'not-a-token-at-all', null))).statusCode).toBe(405);
    const token = await signAgentToken(ports, anAgent(), aLease());
    expect(
      (await handler(eventFor('POST', token, JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })))).statusCode,
    ).toBe(202);
    expect((await handler(eventFor('POST', token, JSON.stringify({ nonsense: true })))).statusCode).toBe(400);
    ports.clock.advance(ports.deployment.timings.agentTokenMs + 1);
    expect((await handler(eventFor('POST', token, ping))).statusCode).toBe(401);
  });
  it('shows schemas without patterns and references, which some providers refuse', () => {
    for (const name of Object.keys(tools).filter(isToolName))
      expect(JSON.stringify(jsonSchemaOf(name))).not.toMatch(/"(\$ref|pattern|\$defs|propertyNames)"/);
    expect(jsonSchemaOf('gt_sling_batch').properties['tasks']).toMatchObject({
      type: 'array',
      items: { type: 'object', required: ['title', 'body'] },
    });
  });
});

describe('a tool call', () => {
  it('with wrong arguments says what to repair', async () => {
    const ports = await townWith({ agents: [anAgent()], beads: [anIssue()] });
    const answer = await callTool(ports, identity(), 'gt_done', { branch: 'gt/toast/lib-work', pr: 'x' });
    expect(answer.isError).toBe(true);
    expect(answer.text).toContain('summary');
    expect(answer.text).toContain('leave out pr');
    expect(answer.text).toContain('{branch, commit?, pr_url?, summary}');
  });
  it('of another role is refused and names the own tools', async () => {
    const ports = await townWith({ agents: [anAgent()], beads: [anIssue()] });
    const answer = await callTool(ports, identity(), 'gt_sling', { rig_id: rigId, title: 'x', body: '' });
    expect(answer).toMatchObject({ isError: true });
    expect(answer.text).toContain('not a tool of the polecat');
  });
  it('of a replaced agent reads and changes nothing, whatever the tool', async () => {
    const ports = await townWith({ agents: [anAgent({ epoch: 7 })], beads: [anIssue()] });
    const argsOf: Readonly<Record<string, object>> = {
      gt_bead_status: { bead_id: 'lib-work' },
      gt_bead_close: { bead_id: 'lib-work' },
      gt_bead_create: { title: 't', body: 'b' },
      gt_done: { branch: 'gt/toast/lib-work', summary: 's' },
      gt_escalate: { severity: 'low', category: 'help', title: 't', message: 'm' },
      gt_mail_send: { to: 'mayor', subject: 's', body: 'b' },
      gt_nudge: { agent: 'maple', message: 'm' },
      gt_checkpoint: { note: 'n' },
      gt_mol_advance: { step: 'design' },
      gt_note: { paths: ['a.ts'], text: 'n' },
    };
    for (const name of toolsFor('polecat')) {
      const answer = await callTool(ports, identity(), name, argsOf[name] ?? {});
      expect(answer).toMatchObject({ isError: true, text: expect.stringContaining('replaced') });
    }
  });
  it('of the Mayor slings for the person whose message is being worked on, once', async () => {
    const { hookBeadId: _hook, slot: _slot, ...mayor } = anAgent({ agentId: 'mayor', name: 'Mayor', role: 'mayor', epoch: 1 });
    const ports = await townWith({ agents: [mayor], messages: [aMessage({ userId: 'bob', state: 'working' })] });
    const call = () =>
      callTool(ports, identity({ agentId: 'mayor', role: 'mayor', epoch: 1 }), 'gt_sling', {
        rig_id: rigId,
        title: 'Add clamp',
        body: 'Please.',
        metadata: '{"a":1}',
      });
    const first = await call();
    expect(first.isError).toBe(false);
    expect((await call()).text).toBe(first.text);
    const { items } = await ports.store.beadsBy({ townId, type: 'issue', status: 'open' }, { limit: 10 });
    expect(items).toMatchObject([{ requestedBy: 'bob', createdBy: 'agent:mayor', metadata: { a: 1 } }]);
  });
  it('carries mail to the Mayor and a reply back, each delivered once', async () => {
    const { hookBeadId: _hook, slot: _slot, ...mayor } = anAgent({ agentId: 'mayor', name: 'Mayor', role: 'mayor', epoch: 1 });
    const ports = await townWith({ agents: [anAgent(), mayor], beads: [anIssue()] });
    await callTool(ports, identity(), 'gt_mail_send', { to: 'role:mayor', subject: 'Question', body: 'Which?' });
    const chief = identity({ agentId: 'mayor', role: 'mayor', epoch: 1 });
    expect((await callTool(ports, chief, 'gt_mail_check', {})).text).toContain('Which?');
    expect((await callTool(ports, chief, 'gt_mail_check', {})).text).toContain('No new mail');
    await callTool(ports, chief, 'gt_mail_send', { to: 'toast', subject: 'Re', body: 'The first.' });
    expect((await callTool(ports, identity(), 'gt_prime', {})).text).toContain('The first.');
    expect((await callTool(ports, identity(), 'gt_mail_check', {})).text).toContain('No new mail');
    expect((await callTool(ports, identity(), 'gt_mail_send', { to: 'nobody', subject: 's', body: 'b' })).text).toContain(
      'nobody called nobody',
    );
    await callTool(ports, identity(), 'gt_mail_send', { to: 'user:ada', subject: 'Hello', body: 'For you.' });
    expect((await ports.store.mayorMessages(townId, 'ada', { limit: 5 })).items).toMatchObject([
      { role: 'system', text: expect.stringContaining('For you.') },
    ]);
  });
  it('with any nonsense is answered, never fails and never writes half', async () => {
    const ports = await townWith({ agents: [anAgent()], beads: [anIssue()] });
    const before = await beadIn(ports, 'lib-work');
    const nonsense = fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          branch: fc.jsonValue(),
          summary: fc.jsonValue(),
          bead_id: fc.jsonValue(),
          note: fc.integer(),
          to: fc.jsonValue(),
          title: fc.jsonValue(),
          severity: fc.string(),
        },
        { requiredKeys: [] },
      ),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.constantFrom(...toolsFor('polecat').filter((name) => name !== 'gt_prime' && name !== 'gt_mail_check')), fc.string()),
        nonsense,
        async (name, args) => {
          expect((await callTool(ports, identity(), name, args)).text.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 200 },
    );
    expect(await beadIn(ports, 'lib-work')).toEqual(before);
    const handler = createHandler(ports);
    const token = await signAgentToken(ports, anAgent(), aLease());
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.json(),
          fc.string(),
          nonsense.map((params) => JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params })),
        ),
        async (body) => {
          expect((await handler(eventFor('POST', token, body))).statusCode).toBeLessThan(500);
        },
      ),
      { numRuns: 100 },
    );
  });
  it('escalates about the bead on the hook and keeps a checkpoint on it', async () => {
    const ports = await townWith({ agents: [anAgent()], beads: [anIssue()] });
    await callTool(ports, identity(), 'gt_escalate', { severity: 'high', category: 'blocked', title: 'No network', message: 'npm fails' });
    const { items } = await ports.store.beadsBy({ townId, type: 'escalation', status: 'open' }, { limit: 5 });
    expect(items).toMatchObject([
      {
        title: 'No network',
        body: 'npm fails',
        requestedBy: 'ada',
        details: { severity: 'high', aboutBeadId: 'lib-work', source: 'agent:toast' },
      },
    ]);
    await callTool(ports, identity(), 'gt_checkpoint', { note: 'half done' });
    expect((await callTool(ports, identity(), 'gt_prime', {})).text).toContain('half done');
    expect((await callTool(ports, identity(), 'gt_bead_status', { bead_id: 'lib-work' })).text).toContain('in_progress');
    expect((await callTool(ports, identity(), 'gt_bead_status', { bead_id: 'lib-none' })).text).toContain('There is no bead lib-none');
  });
});

describe('a verdict', () => {
  const refinery = anAgent({ agentId: 'refinery-r-rig1', name: 'Refinery', role: 'refinery', hookBeadId: 'lib-mr1' });
  const judge = identity({ agentId: refinery.agentId, role: 'refinery' });
  const review = { token: 'task-token', tip: sha('c'), refineryId: refinery.agentId, tokenTaken: false };
  it('is stored on the request, frees the refinery and reaches the execution', async () => {
    const ports = await townWith({
      agents: [refinery],
      beads: [anIssue({}, { status: 'in_review' }), aRequest({ review }, { status: 'in_progress' })],
    });
    expect((await callTool(ports, judge, 'gt_request_changes', { feedback: 'Name it better.', files: ['src/sum.js'] })).isError).toBe(
      false,
    );
    expect((await beadIn(ports, 'lib-mr1')).details).toMatchObject({
      review: {
        tokenTaken: false,
        verdict: { outcome: 'changes', summary: 'Name it better.', files: ['src/sum.js'], tip: sha('c'), by: 'agent:refinery-r-rig1' },
      },
    });
    expect((await agentIn(ports, refinery.agentId)).state).toBe('idle');
    expect(ports.workflow.settled).toMatchObject([{ token: 'task-token', output: { outcome: 'changes' } }]);
    expect((await callTool(ports, judge, 'gt_approve', { summary: 'again' })).isError).toBe(true);
    expect(ports.workflow.settled).toHaveLength(1);
  });
  it('is one event, the review that was submitted; that the request has left its review is another', async () => {
    const ports = await townWith({
      agents: [refinery],
      beads: [anIssue({}, { status: 'in_review' }), aRequest({ review }, { status: 'in_progress' })],
    });
    await callTool(ports, judge, 'gt_request_changes', { feedback: 'Name it better.', files: [] });
    const { items } = await ports.store.eventsOf(townId, {}, { limit: 50 });
    expect(items.filter((event) => event.type.startsWith('review_'))).toMatchObject([
      { type: 'review_submitted', beadId: 'lib-work', agentId: refinery.agentId, new: 'changes', data: { summary: 'Name it better.' } },
    ]);
  });
  it('stays stored when the execution cannot be told', async () => {
    const ports = await townWith({
      agents: [refinery],
      beads: [anIssue({}, { status: 'in_review' }), aRequest({ review }, { status: 'in_progress' })],
    });
    ports.workflow.succeed = () => Promise.reject(new Error('down'));
    expect((await callTool(ports, judge, 'gt_approve', { summary: 'Good.', score: 8 })).isError).toBe(false);
    expect((await beadIn(ports, 'lib-mr1')).details).toMatchObject({
      review: { tokenTaken: false, verdict: { outcome: 'approved', score: 8 } },
    });
  });
});
